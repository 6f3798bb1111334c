# What a platform team keeps in Terraform while lakeshare shares into and out of it: both ends, and none of the share.

variable "operator" { type = string }
variable "reader" { type = string }
variable "database" { type = string }

resource "aws_lakeformation_data_lake_settings" "producer" {
  provider   = aws.producer
  admins     = ["arn:aws:iam::${var.producer}:role/${var.operator}"]
  parameters = { CROSS_ACCOUNT_VERSION = "4" }
}

resource "aws_glue_catalog_database" "own" {
  provider   = aws.producer
  name       = "connect_analytics_producer"
  depends_on = [aws_lakeformation_data_lake_settings.producer]
}

resource "aws_glue_catalog_table" "surveys" {
  provider      = aws.producer
  database_name = aws_glue_catalog_database.own.name
  name          = "surveys"
  table_type    = "EXTERNAL_TABLE"

  storage_descriptor {
    location      = "s3://producer-surveys/surveys/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }
    columns {
      name = "contact_id"
      type = "string"
    }
    columns {
      name = "score"
      type = "int"
    }
  }
}

resource "aws_lakeformation_data_lake_settings" "consumer" {
  provider = aws.consumer
  admins = [
    "arn:aws:iam::${var.consumer}:role/${var.operator}",
    "arn:aws:iam::${var.consumer}:user/administrator",
  ]
}

resource "aws_glue_catalog_database" "links" {
  provider   = aws.consumer
  name       = var.database
  depends_on = [aws_lakeformation_data_lake_settings.consumer]
}

resource "aws_iam_role" "reader" {
  provider = aws.consumer
  name     = var.reader
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
