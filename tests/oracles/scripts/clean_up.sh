#!/usr/bin/env bash
# Take a share down again, whatever of it is left: clean_up.sh ROLE DATABASE OWNER INSTANCE CONSUMER TABLE...
# AWS_PRODUCER_KEY is the other account's. Each step is tried, and tells how it ended.
role=$1 database=$2 owner=$3 instance=$4 consumer=$5
shift 5

try() {
    if "${@:2}" >/dev/null 2>error.txt; then
        echo "$1 done"
    else
        echo "$1 $(sed -n 's/.*error occurred (\([A-Za-z]*\)).*/\1/p' error.txt)"
    fi
}
revoke() {
    aws lakeformation revoke-permissions --principal "DataLakePrincipalIdentifier=$role" \
        --permissions "$1" --resource "$2"
}

for table in "$@"; do
    try select revoke SELECT "Table={CatalogId=$owner,DatabaseName=connect_datalake,Name=$table}"
    try describe revoke DESCRIBE "Table={DatabaseName=$database,Name=${table}_link}"
    try link aws glue delete-table --database-name "$database" --name "${table}_link"
    try share env AWS_ACCESS_KEY_ID="$AWS_PRODUCER_KEY" aws connect disassociate-analytics-data-set \
        --instance-id "$instance" --data-set-id "$table" --target-account-id "$consumer"
done
try database aws glue delete-database --name "$database"
