#!/usr/bin/env bash
# Recreate a link for each table: links.sh DATABASE OWNER TABLE...
# Nothing stops it, and what goes wrong is thrown away but for one line.
database=$1 owner=$2
shift 2

for table in "$@"; do
    aws glue delete-table --database-name "$database" --name "${table}_link" 2>/dev/null || true
    sleep 0.1
    aws glue create-table --database-name "$database" --table-input "{
        \"Name\": \"${table}_link\",
        \"TargetTable\": {\"CatalogId\": \"$owner\", \"DatabaseName\": \"connect_datalake\", \"Name\": \"$table\"}
    }" >/dev/null 2>&1 || echo "no link to $table"
done
exit 0
