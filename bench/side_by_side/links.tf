# The job as people write it for Terraform: one resource for each thing, one permission for each grant.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 6.0.0"
    }
  }
}

variable "endpoint" { type = string }
variable "region" { type = string }
variable "consumer" { type = string }
variable "lake_account" { type = string }
variable "source_database" { type = string }
variable "database" { type = string }
variable "policy" { type = string }
variable "trust" { type = string }
variable "rights" { type = string }
variable "tables" { type = set(string) }
variable "readers" { type = set(string) }

# To the sandbox, a 12-digit access key is that account's administrator. Retries are the provider's own.
provider "aws" {
  region                      = var.region
  access_key                  = var.consumer
  secret_key                  = "sandbox"
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  endpoints {
    glue          = var.endpoint
    iam           = var.endpoint
    lakeformation = var.endpoint
    sts           = var.endpoint
  }
}

locals {
  pairs = { for pair in setproduct(var.readers, var.tables) : "${pair[0]}.${pair[1]}" => { reader = pair[0], table = pair[1] } }
}

# Nobody gets new tables by default: that is how the account's settings were left.
resource "aws_glue_catalog_database" "links" {
  name = var.database
}

resource "aws_glue_catalog_table" "link" {
  for_each      = var.tables
  database_name = aws_glue_catalog_database.links.name
  name          = "${each.key}_link"

  target_table {
    catalog_id    = var.lake_account
    database_name = var.source_database
    name          = each.key
  }

  # GetTable answers a link with its target's schema (documented). The provider takes that for drift, and would
  # write its own empty one into the producer's table.
  lifecycle {
    ignore_changes = [description, parameters, partition_keys, storage_descriptor, table_type]
  }
}

resource "aws_iam_role" "reader" {
  for_each           = var.readers
  name               = each.key
  assume_role_policy = var.trust
}

resource "aws_iam_role_policy" "reader" {
  for_each = var.readers
  name     = var.policy
  role     = aws_iam_role.reader[each.key].name
  policy   = var.rights
}

resource "aws_lakeformation_permissions" "database" {
  for_each    = var.readers
  principal   = aws_iam_role.reader[each.key].arn
  permissions = ["DESCRIBE"]

  database { name = aws_glue_catalog_database.links.name }
}

resource "aws_lakeformation_permissions" "link" {
  for_each    = local.pairs
  principal   = aws_iam_role.reader[each.value.reader].arn
  permissions = ["DESCRIBE"]

  table {
    database_name = aws_glue_catalog_database.links.name
    name          = aws_glue_catalog_table.link[each.value.table].name
  }
}

resource "aws_lakeformation_permissions" "target" {
  for_each    = local.pairs
  principal   = aws_iam_role.reader[each.value.reader].arn
  permissions = ["SELECT"]

  table {
    catalog_id    = var.lake_account
    database_name = var.source_database
    name          = each.value.table
  }
}
