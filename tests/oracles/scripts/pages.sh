#!/usr/bin/env bash
# Walk through the grants of a catalog page by page, then through its tables: pages.sh DATABASE
set -euo pipefail

token=()
while :; do
    page=$(aws lakeformation list-permissions --max-results 7 "${token[@]}")
    jq -r '"grants \(.PrincipalResourcePermissions | length)"' <<<"$page"
    next=$(jq -r '.NextToken // empty' <<<"$page")
    [ -n "$next" ] || break
    token=(--next-token "$next")
done

page=$(aws glue get-tables --database-name "$1" --max-items 1)
jq -r '.TableList[].Name' <<<"$page"
aws glue get-tables --database-name "$1" --starting-token "$(jq -r .NextToken <<<"$page")" \
    --query 'TableList[].Name' --output text

aws lakeformation list-permissions --max-items 5 2>/dev/null || echo "list-permissions has no pages of the CLI's own: $?"
