#!/usr/bin/env bash
# Associate data sets from an input file, and count what was done: a batch that fails in part still exits with 0.
set -euo pipefail

answer=$(aws connect batch-associate-analytics-data-set --cli-input-json "file://$1")
created=$(jq '.Created | length' <<<"$answer")
errors=$(jq '.Errors | length' <<<"$answer")
echo "created $created, errors $errors"
[ "$errors" -eq 0 ] || { jq -r '.Errors[].ErrorCode' <<<"$answer" >&2; exit 3; }
