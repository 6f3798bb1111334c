#!/usr/bin/env bash
# Ask Athena and wait for it: query.sh DATABASE OUTPUT SQL, with the answer as text and as a table.
set -euo pipefail

id=$(aws athena start-query-execution --query-string "$3" --query-execution-context "Database=$1" \
    --result-configuration "OutputLocation=$2" --query QueryExecutionId --output text)
while :; do
    state=$(aws athena get-query-execution --query-execution-id "$id" \
        --query QueryExecution.Status.State --output text)
    case $state in QUEUED | RUNNING) sleep 0.2 ;; *) break ;; esac
done
if [ "$state" != SUCCEEDED ]; then
    aws athena get-query-execution --query-execution-id "$id" \
        --query QueryExecution.Status.StateChangeReason --output text >&2
    aws athena get-query-results --query-execution-id "$id"
fi
aws athena get-query-results --query-execution-id "$id" --query 'ResultSet.Rows[*].Data[*].VarCharValue' --output text
aws athena get-query-results --query-execution-id "$id" --query 'ResultSet.Rows[*].Data[*].VarCharValue' --output table
