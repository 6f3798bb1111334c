#!/usr/bin/env bash
# What people try first: SELECT on the links themselves. grant_on_link.sh ROLE DATABASE TABLE...
role=$1 database=$2
shift 2

for table in "$@"; do
    if aws lakeformation grant-permissions \
        --principal "DataLakePrincipalIdentifier=$role" \
        --permissions SELECT \
        --resource "Table={DatabaseName=$database,Name=${table}_link}"; then
        echo "$table granted"
    else
        echo "$table failed with $?"
    fi
done
