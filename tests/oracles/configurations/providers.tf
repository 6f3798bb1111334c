# Terraform in two accounts of the sandbox: to it, a 12-digit access key is that account's administrator.

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
variable "producer" { type = string }
variable "consumer" { type = string }

provider "aws" {
  alias                       = "producer"
  region                      = var.region
  access_key                  = var.producer
  secret_key                  = "x"
  max_retries                 = 1
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true

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

provider "aws" {
  alias                       = "consumer"
  region                      = var.region
  access_key                  = var.consumer
  secret_key                  = "x"
  max_retries                 = 1
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true

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
