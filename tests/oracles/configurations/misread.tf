# What the provider makes of AWS's answers, where it does not understand them: none of this can be planned empty.

resource "aws_lakeformation_data_lake_settings" "consumer" {
  provider   = aws.consumer
  admins     = ["arn:aws:iam::${var.consumer}:user/administrator"]
  parameters = { CROSS_ACCOUNT_VERSION = "5" }
}

resource "aws_glue_catalog_database" "own" {
  provider   = aws.consumer
  name       = "own"
  depends_on = [aws_lakeformation_data_lake_settings.consumer]
}

resource "aws_glue_catalog_table" "visits" {
  provider      = aws.consumer
  database_name = aws_glue_catalog_database.own.name
  name          = "visits"
  table_type    = "EXTERNAL_TABLE"

  storage_descriptor {
    location = "s3://visits/"
    columns {
      name = "id"
      type = "bigint"
    }
  }
}

resource "aws_iam_role" "reader" {
  provider = aws.consumer
  name     = "reader"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

# Super comes back with all that it amounts to (the provider's issue 49453).
resource "aws_lakeformation_permissions" "super" {
  provider    = aws.consumer
  principal   = aws_iam_role.reader.arn
  permissions = ["ALL"]

  table {
    database_name = aws_glue_catalog_database.own.name
    name          = aws_glue_catalog_table.visits.name
  }
}

# A link is answered with its target's schema, which stands nowhere in its own block.
resource "aws_glue_catalog_table" "link" {
  provider      = aws.consumer
  database_name = aws_glue_catalog_database.own.name
  name          = "link"

  target_table {
    catalog_id    = var.consumer
    database_name = aws_glue_catalog_database.own.name
    name          = aws_glue_catalog_table.visits.name
  }
}

resource "aws_glue_catalog_database" "link" {
  provider = aws.consumer
  name     = "own_link"

  target_database {
    catalog_id    = var.consumer
    database_name = aws_glue_catalog_database.own.name
  }
}

# It is granted, and cannot be listed (the provider's issue 46951).
resource "aws_lakeformation_permissions" "through_link" {
  provider    = aws.consumer
  principal   = aws_iam_role.reader.arn
  permissions = ["DESCRIBE"]

  table {
    database_name = aws_glue_catalog_database.link.name
    wildcard      = true
  }
}
