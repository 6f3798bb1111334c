# A lake whose readers are let in by LF-tags: a database, a table and a column that carry them, and grants by them.

resource "aws_lakeformation_data_lake_settings" "tagged" {
  provider = aws.producer
  admins   = ["arn:aws:iam::${var.producer}:user/administrator"]
}

resource "aws_iam_role" "reader" {
  provider = aws.producer
  name     = "tag-reader"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = var.producer }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_glue_catalog_database" "tagged" {
  provider   = aws.producer
  name       = "tagged"
  depends_on = [aws_lakeformation_data_lake_settings.tagged]
}

resource "aws_glue_catalog_table" "calls" {
  provider      = aws.producer
  database_name = aws_glue_catalog_database.tagged.name
  name          = "calls"

  storage_descriptor {
    columns {
      name = "queue"
      type = "string"
    }
    columns {
      name = "agent"
      type = "string"
    }
  }
}

resource "aws_lakeformation_lf_tag" "module" {
  provider   = aws.producer
  key        = "module"
  values     = ["sales", "orders"]
  depends_on = [aws_lakeformation_data_lake_settings.tagged]
}

resource "aws_lakeformation_lf_tag" "level" {
  provider   = aws.producer
  key        = "level"
  values     = ["public", "secret"]
  depends_on = [aws_lakeformation_data_lake_settings.tagged]
}

resource "aws_lakeformation_resource_lf_tags" "database" {
  provider = aws.producer

  database { name = aws_glue_catalog_database.tagged.name }

  lf_tag {
    key   = aws_lakeformation_lf_tag.module.key
    value = "sales"
  }
  lf_tag {
    key   = aws_lakeformation_lf_tag.level.key
    value = "public"
  }
}

resource "aws_lakeformation_resource_lf_tags" "table" {
  provider = aws.producer

  table {
    database_name = aws_glue_catalog_database.tagged.name
    name          = aws_glue_catalog_table.calls.name
  }

  lf_tag {
    key   = aws_lakeformation_lf_tag.module.key
    value = "orders"
  }
}

resource "aws_lakeformation_resource_lf_tag" "column" {
  provider = aws.producer

  table_with_columns {
    database_name = aws_glue_catalog_database.tagged.name
    name          = aws_glue_catalog_table.calls.name
    column_names  = ["agent"]
  }

  lf_tag {
    key   = aws_lakeformation_lf_tag.level.key
    value = "secret"
  }
}

resource "aws_lakeformation_permissions" "on_values" {
  provider                      = aws.producer
  principal                     = aws_iam_role.reader.arn
  permissions                   = ["ASSOCIATE", "DESCRIBE"]
  permissions_with_grant_option = ["DESCRIBE"]

  lf_tag {
    key    = aws_lakeformation_lf_tag.module.key
    values = ["sales", "orders"]
  }
}

resource "aws_lakeformation_permissions" "on_databases" {
  provider    = aws.producer
  principal   = aws_iam_role.reader.arn
  permissions = ["DESCRIBE"]

  lf_tag_policy {
    resource_type = "DATABASE"

    expression {
      key    = aws_lakeformation_lf_tag.module.key
      values = ["sales"]
    }
  }
}

resource "aws_lakeformation_permissions" "on_tables" {
  provider    = aws.producer
  principal   = aws_iam_role.reader.arn
  permissions = ["DESCRIBE", "SELECT"]

  lf_tag_policy {
    resource_type = "TABLE"

    expression {
      key    = aws_lakeformation_lf_tag.module.key
      values = ["sales", "orders"]
    }
    expression {
      key    = aws_lakeformation_lf_tag.level.key
      values = ["public"]
    }
  }
}
