# A producer's side as platform teams keep it: a lake at a registered place, its catalog, and who may use which part.

locals {
  lake = "terraform-lake-${var.producer}"
  # One principal for each kind of grant: what one role holds on a table would otherwise mix.
  readers = toset(["whole", "some", "others", "wildcard", "filtered"])
  athena  = "arn:aws:iam::aws:policy/AmazonAthenaFullAccess"
}

resource "aws_lakeformation_data_lake_settings" "producer" {
  provider   = aws.producer
  admins     = ["arn:aws:iam::${var.producer}:user/administrator"]
  parameters = { CROSS_ACCOUNT_VERSION = "4" }
}

resource "aws_s3_bucket" "lake" {
  provider      = aws.producer
  bucket        = local.lake
  force_destroy = true
}

resource "aws_iam_role" "registrar" {
  provider = aws.producer
  name     = "lake-registrar"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lakeformation.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "registrar" {
  provider = aws.producer
  name     = "lake"
  role     = aws_iam_role.registrar.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"]
      Resource = [aws_s3_bucket.lake.arn, "${aws_s3_bucket.lake.arn}/*"]
    }]
  })
}

resource "aws_lakeformation_resource" "lake" {
  provider              = aws.producer
  arn                   = "${aws_s3_bucket.lake.arn}/sales"
  role_arn              = aws_iam_role.registrar.arn
  hybrid_access_enabled = false
  depends_on            = [aws_lakeformation_data_lake_settings.producer]
}

resource "aws_lakeformation_resource" "hybrid" {
  provider              = aws.producer
  arn                   = "${aws_s3_bucket.lake.arn}/hybrid"
  role_arn              = aws_iam_role.registrar.arn
  hybrid_access_enabled = true
  depends_on            = [aws_lakeformation_data_lake_settings.producer]
}

resource "aws_glue_catalog_database" "sales" {
  provider     = aws.producer
  name         = "sales"
  description  = "Orders and what became of them"
  location_uri = "s3://${aws_s3_bucket.lake.bucket}/sales/"
  parameters   = { team = "sales" }
  depends_on   = [aws_lakeformation_resource.lake]
}

# The provider's own example: one permission on new tables is IAM's.
resource "aws_glue_catalog_database" "open" {
  provider = aws.producer
  name     = "open"

  create_table_default_permission {
    permissions = ["SELECT"]

    principal { data_lake_principal_identifier = "IAM_ALLOWED_PRINCIPALS" }
  }

  depends_on = [aws_lakeformation_data_lake_settings.producer]
}

resource "aws_glue_catalog_table" "orders" {
  provider      = aws.producer
  database_name = aws_glue_catalog_database.sales.name
  name          = "orders"
  description   = "One row per order"
  table_type    = "EXTERNAL_TABLE"
  owner         = "sales"
  retention     = 0
  parameters    = { EXTERNAL = "TRUE", classification = "parquet" }

  partition_keys {
    name    = "day"
    type    = "string"
    comment = "of the order"
  }

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.lake.bucket}/sales/orders/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      name                  = "parquet"
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }
    columns {
      name = "id"
      type = "bigint"
    }
    columns {
      name    = "customer"
      type    = "string"
      comment = "who ordered"
    }
    columns {
      name = "amount"
      type = "decimal(10,2)"
    }
    columns {
      name = "lines"
      type = "array<struct<sku:string,pieces:int>>"
    }
  }
}

resource "aws_glue_catalog_table" "refunds" {
  provider      = aws.producer
  database_name = aws_glue_catalog_database.sales.name
  name          = "refunds"
  table_type    = "EXTERNAL_TABLE"

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.lake.bucket}/sales/refunds/"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.openx.data.jsonserde.JsonSerDe"
    }
    columns {
      name = "id"
      type = "bigint"
    }
  }
}

resource "aws_s3_object" "refunds" {
  provider = aws.producer
  bucket   = aws_s3_bucket.lake.bucket
  key      = "sales/refunds/1.json"
  content  = "{\"id\": 1}\n{\"id\": 2}\n"
}

resource "aws_iam_role" "reader" {
  for_each    = local.readers
  provider    = aws.producer
  name        = "sales-${each.key}"
  path        = "/sales/"
  description = "Reads the lake"
  tags        = { team = "sales" }
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_policy" "reader" {
  provider = aws.producer
  name     = "sales-reader"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["glue:GetTable", "lakeformation:GetDataAccess"], Resource = "*" }]
  })
}

resource "aws_iam_role_policy_attachment" "reader" {
  for_each   = local.readers
  provider   = aws.producer
  role       = aws_iam_role.reader[each.key].name
  policy_arn = aws_iam_policy.reader.arn
}

resource "aws_iam_role_policy_attachment" "athena" {
  provider   = aws.producer
  role       = aws_iam_role.reader["whole"].name
  policy_arn = local.athena
}

resource "aws_lakeformation_permissions" "catalog" {
  provider         = aws.producer
  principal        = aws_iam_role.reader["whole"].arn
  permissions      = ["CREATE_DATABASE"]
  catalog_resource = true
  depends_on       = [aws_lakeformation_data_lake_settings.producer]
}

resource "aws_lakeformation_permissions" "location" {
  provider    = aws.producer
  principal   = aws_iam_role.reader["whole"].arn
  permissions = ["DATA_LOCATION_ACCESS"]

  data_location { arn = aws_lakeformation_resource.lake.arn }
}

resource "aws_lakeformation_permissions" "database" {
  provider                      = aws.producer
  principal                     = aws_iam_role.reader["whole"].arn
  permissions                   = ["ALTER", "CREATE_TABLE", "DESCRIBE"]
  permissions_with_grant_option = ["DESCRIBE"]

  database { name = aws_glue_catalog_database.sales.name }
}

resource "aws_lakeformation_permissions" "table" {
  provider                      = aws.producer
  principal                     = aws_iam_role.reader["whole"].arn
  permissions                   = ["SELECT", "DESCRIBE", "INSERT"]
  permissions_with_grant_option = ["SELECT"]

  table {
    database_name = aws_glue_catalog_database.sales.name
    name          = aws_glue_catalog_table.orders.name
  }
}

resource "aws_lakeformation_permissions" "everything" {
  provider    = aws.producer
  principal   = aws_iam_role.reader["whole"].arn
  permissions = ["ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"]

  table {
    database_name = aws_glue_catalog_database.sales.name
    name          = aws_glue_catalog_table.refunds.name
  }
}

resource "aws_lakeformation_permissions" "wildcard" {
  provider    = aws.producer
  principal   = aws_iam_role.reader["wildcard"].arn
  permissions = ["SELECT", "DESCRIBE"]

  table {
    database_name = aws_glue_catalog_database.sales.name
    wildcard      = true
  }
}

resource "aws_lakeformation_permissions" "some_columns" {
  provider    = aws.producer
  principal   = aws_iam_role.reader["some"].arn
  permissions = ["SELECT"]

  table_with_columns {
    database_name = aws_glue_catalog_database.sales.name
    name          = aws_glue_catalog_table.orders.name
    column_names  = ["id", "amount"]
  }
}

resource "aws_lakeformation_permissions" "other_columns" {
  provider    = aws.producer
  principal   = aws_iam_role.reader["others"].arn
  permissions = ["SELECT"]

  table_with_columns {
    database_name         = aws_glue_catalog_database.sales.name
    name                  = aws_glue_catalog_table.orders.name
    wildcard              = true
    excluded_column_names = ["customer"]
  }
}

resource "aws_lakeformation_data_cells_filter" "small" {
  provider = aws.producer

  table_data {
    table_catalog_id = var.producer
    database_name    = aws_glue_catalog_database.sales.name
    table_name       = aws_glue_catalog_table.orders.name
    name             = "small"
    column_names     = ["id", "amount"]

    row_filter { filter_expression = "amount < 10" }
  }

  depends_on = [aws_lakeformation_data_lake_settings.producer]
}

resource "aws_lakeformation_permissions" "filter" {
  provider    = aws.producer
  principal   = aws_iam_role.reader["filtered"].arn
  permissions = ["SELECT"]

  data_cells_filter {
    table_catalog_id = var.producer
    database_name    = aws_glue_catalog_database.sales.name
    table_name       = aws_glue_catalog_table.orders.name
    name             = aws_lakeformation_data_cells_filter.small.table_data[0].name
  }
}

resource "aws_lakeformation_opt_in" "reader" {
  provider = aws.producer

  principal { data_lake_principal_identifier = aws_iam_role.reader["whole"].arn }
  resource_data {
    database {
      catalog_id = var.producer
      name       = aws_glue_catalog_database.sales.name
    }
  }

  depends_on = [aws_lakeformation_data_lake_settings.producer]
}

# What the consumer's administrators can pass on.
resource "aws_lakeformation_permissions" "consumer_database" {
  provider                      = aws.producer
  principal                     = var.consumer
  permissions                   = ["DESCRIBE"]
  permissions_with_grant_option = ["DESCRIBE"]

  database { name = aws_glue_catalog_database.sales.name }

  depends_on = [aws_glue_resource_policy.catalog]
}

resource "aws_lakeformation_permissions" "consumer_table" {
  provider                      = aws.producer
  principal                     = var.consumer
  permissions                   = ["DESCRIBE", "SELECT"]
  permissions_with_grant_option = ["DESCRIBE", "SELECT"]

  table {
    database_name = aws_glue_catalog_database.sales.name
    name          = aws_glue_catalog_table.refunds.name
  }

  depends_on = [aws_glue_resource_policy.catalog]
}

# A catalog that has a policy must let RAM share out of it.
resource "aws_glue_resource_policy" "catalog" {
  provider      = aws.producer
  enable_hybrid = "TRUE"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ram.amazonaws.com" }
      Action    = "glue:ShareResource"
      Resource = [
        "arn:aws:glue:${var.region}:${var.producer}:catalog",
        "arn:aws:glue:${var.region}:${var.producer}:database/*",
        "arn:aws:glue:${var.region}:${var.producer}:table/*/*",
      ]
    }]
  })
}

resource "aws_athena_workgroup" "sales" {
  provider      = aws.producer
  name          = "sales"
  description   = "Queries on the lake"
  force_destroy = true

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = false
    bytes_scanned_cutoff_per_query     = 10485760

    result_configuration {
      output_location = "s3://${aws_s3_bucket.lake.bucket}/results/"

      encryption_configuration { encryption_option = "SSE_S3" }
    }
  }
}

resource "aws_athena_named_query" "orders" {
  provider    = aws.producer
  name        = "orders"
  description = "How many there are"
  workgroup   = aws_athena_workgroup.sales.name
  database    = aws_glue_catalog_database.sales.name
  query       = "SELECT count(*) FROM orders"
}
