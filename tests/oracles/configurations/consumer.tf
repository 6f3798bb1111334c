# A consumer's side: what was shared is accepted and linked to, by a role that is assumed with an external id, and read.

variable "operator" { type = string }
variable "external_id" { type = string }
variable "shares" {
  type    = list(string)
  default = []
}

locals { shared = length(var.shares) == 0 ? 0 : 1 }

provider "aws" {
  alias                       = "operator"
  region                      = var.region
  access_key                  = "999999999999"
  secret_key                  = "x"
  max_retries                 = 1
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true

  assume_role {
    role_arn     = "arn:aws:iam::${var.consumer}:role/${var.operator}"
    external_id  = var.external_id
    session_name = "terraform"
  }

  endpoints {
    athena        = var.endpoint
    glue          = var.endpoint
    iam           = var.endpoint
    lakeformation = var.endpoint
    ram           = var.endpoint
    s3            = var.endpoint
    sts           = var.endpoint
  }
}

data "aws_caller_identity" "operator" { provider = aws.operator }

resource "aws_lakeformation_data_lake_settings" "consumer" {
  provider = aws.operator
  admins = [
    "arn:aws:iam::${var.consumer}:role/${var.operator}",
    "arn:aws:iam::${var.consumer}:user/administrator",
  ]
}

resource "aws_ram_resource_share_accepter" "sales" {
  for_each  = toset(var.shares)
  provider  = aws.operator
  share_arn = each.key
}

resource "aws_glue_catalog_database" "linked" {
  provider   = aws.operator
  name       = "linked"
  depends_on = [aws_lakeformation_data_lake_settings.consumer]
}

# AWS lets links be made before anything is shared; the provider, which reads the target's partition indexes, does not.
resource "aws_glue_catalog_table" "refunds_link" {
  count         = local.shared
  provider      = aws.operator
  database_name = aws_glue_catalog_database.linked.name
  name          = "refunds"

  target_table {
    catalog_id    = var.producer
    database_name = "sales"
    name          = "refunds"
  }

  # GetTable answers a link with its target's schema (documented). The provider takes that for drift.
  lifecycle {
    ignore_changes = [description, owner, parameters, partition_keys, storage_descriptor, table_type]
  }

  depends_on = [aws_ram_resource_share_accepter.sales]
}

resource "aws_glue_catalog_database" "sales_link" {
  provider = aws.operator
  name     = "sales_link"

  target_database {
    catalog_id    = var.producer
    database_name = "sales"
  }

  # So does GetDatabase.
  lifecycle {
    ignore_changes = [description, location_uri, parameters, create_table_default_permission]
  }

  depends_on = [aws_lakeformation_data_lake_settings.consumer]
}

resource "aws_iam_role" "analyst" {
  provider = aws.operator
  name     = "analyst"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.consumer}:role/${var.operator}" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
    }]
  })
}

resource "aws_iam_role_policy" "analyst" {
  provider = aws.operator
  name     = "athena"
  role     = aws_iam_role.analyst.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["athena:*", "glue:Get*", "lakeformation:GetDataAccess"], Resource = "*" },
      { Effect = "Allow", Action = "s3:*", Resource = ["${aws_s3_bucket.results.arn}", "${aws_s3_bucket.results.arn}/*"] },
    ]
  })
}

resource "aws_s3_bucket" "results" {
  provider      = aws.operator
  bucket        = "terraform-results-${var.consumer}"
  force_destroy = true
}

resource "aws_lakeformation_permissions" "linked" {
  provider    = aws.operator
  principal   = aws_iam_role.analyst.arn
  permissions = ["DESCRIBE"]

  database { name = aws_glue_catalog_database.linked.name }
}

resource "aws_lakeformation_permissions" "link" {
  count       = local.shared
  provider    = aws.operator
  principal   = aws_iam_role.analyst.arn
  permissions = ["DESCRIBE"]

  table {
    database_name = aws_glue_catalog_database.linked.name
    name          = aws_glue_catalog_table.refunds_link[0].name
  }
}

resource "aws_lakeformation_permissions" "database_link" {
  provider    = aws.operator
  principal   = aws_iam_role.analyst.arn
  permissions = ["DESCRIBE"]

  database { name = aws_glue_catalog_database.sales_link.name }
}

# Passed on in the owner's catalog, once the share is there.
resource "aws_lakeformation_permissions" "target" {
  count       = local.shared
  provider    = aws.operator
  principal   = aws_iam_role.analyst.arn
  permissions = ["SELECT", "DESCRIBE"]

  table {
    catalog_id    = var.producer
    database_name = "sales"
    name          = "refunds"
  }

  depends_on = [aws_ram_resource_share_accepter.sales]
}

resource "aws_lakeformation_permissions" "target_database" {
  count       = local.shared
  provider    = aws.operator
  principal   = aws_iam_role.analyst.arn
  permissions = ["DESCRIBE"]

  database {
    catalog_id = var.producer
    name       = "sales"
  }

  depends_on = [aws_ram_resource_share_accepter.sales]
}
