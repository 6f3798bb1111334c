#!/usr/bin/env bash
# Add an administrator to what is there: read, merge, write. administrator.sh ARN
set -euo pipefail

aws lakeformation get-data-lake-settings --query DataLakeSettings --output json |
    jq --arg arn "$1" '.DataLakeAdmins += [{"DataLakePrincipalIdentifier": $arn}]' >merged.json
aws lakeformation put-data-lake-settings --data-lake-settings file://merged.json
aws lakeformation get-data-lake-settings \
    --query 'DataLakeSettings.DataLakeAdmins[].DataLakePrincipalIdentifier' --output text
