#!/usr/bin/env bash
# The pair that reading through a link takes: DESCRIBE on the link, SELECT on the target in its owner's catalog.
# grant.sh ROLE DATABASE OWNER TABLE...
set -euo pipefail
role=$1 database=$2 owner=$3
shift 3

aws lakeformation grant-permissions --principal "DataLakePrincipalIdentifier=$role" \
    --permissions DESCRIBE --resource "Database={Name=$database}"
for table in "$@"; do
    aws lakeformation grant-permissions --principal "DataLakePrincipalIdentifier=$role" \
        --permissions DESCRIBE \
        --resource "{\"Table\": {\"DatabaseName\": \"$database\", \"Name\": \"${table}_link\"}}"
    aws lakeformation grant-permissions --principal "{\"DataLakePrincipalIdentifier\": \"$role\"}" \
        --permissions SELECT \
        --resource "TableWithColumns={CatalogId=$owner,DatabaseName=connect_datalake,Name=$table,ColumnWildcard={}}"
done
