# Reading one table of Connect's lake, as people write it without lakeshare.

variable "lake_account" { type = string }

resource "aws_lakeformation_data_lake_settings" "consumer" {
  provider = aws.consumer
  admins   = ["arn:aws:iam::${var.consumer}:user/administrator"]
}

resource "aws_glue_catalog_database" "links" {
  provider   = aws.consumer
  name       = "terraform_links"
  depends_on = [aws_lakeformation_data_lake_settings.consumer]
}

resource "aws_glue_catalog_table" "link" {
  provider      = aws.consumer
  database_name = aws_glue_catalog_database.links.name
  name          = "contact_record_link"

  target_table {
    catalog_id    = var.lake_account
    database_name = "connect_datalake"
    name          = "contact_record"
  }

  # GetTable answers a link with its target's schema (documented). The provider takes that for drift, and would
  # write its own empty one into the producer's table.
  lifecycle {
    ignore_changes = [description, parameters, partition_keys, storage_descriptor, table_type]
  }
}

resource "aws_iam_role" "reader" {
  provider = aws.consumer
  name     = "terraform-reader"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_lakeformation_permissions" "link" {
  provider    = aws.consumer
  principal   = aws_iam_role.reader.arn
  permissions = ["DESCRIBE"]

  table {
    database_name = aws_glue_catalog_database.links.name
    name          = aws_glue_catalog_table.link.name
  }
}

resource "aws_lakeformation_permissions" "target" {
  provider    = aws.consumer
  principal   = aws_iam_role.reader.arn
  permissions = ["SELECT"]

  table {
    catalog_id    = var.lake_account
    database_name = "connect_datalake"
    name          = "contact_record"
  }
}
