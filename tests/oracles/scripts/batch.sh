#!/usr/bin/env bash
# Grant DESCRIBE on a database to roles, so many in one call: batch.sh DATABASE ROLE...
# What failed within the batch is told by the answer alone.
set -euo pipefail
database=$1
shift

entries=$(printf '%s\n' "$@" | jq -R --arg database "$database" '{
    Id: (input_line_number | tostring),
    Principal: {DataLakePrincipalIdentifier: .},
    Resource: {Database: {Name: $database}},
    Permissions: ["DESCRIBE"]
}' | jq -s .)
aws lakeformation batch-grant-permissions --entries "$entries" \
    --query 'Failures[].[RequestEntry.Id, Error.ErrorCode]' --output text
