#!/usr/bin/env bash
# Become a role by exported keys, then by profiles: assume.sh OPERATOR ROLE EXTERNAL_ID
set -uo pipefail
operator=$1 role=$2 external_id=$3

cat >"$AWS_CONFIG_FILE" <<CONFIG
[profile base]
aws_access_key_id = $AWS_ACCESS_KEY_ID
aws_secret_access_key = $AWS_SECRET_ACCESS_KEY
[profile operator]
role_arn = $operator
source_profile = base
external_id = $external_id
[profile reader]
role_arn = $role
source_profile = operator
external_id = $external_id
[profile stranger]
role_arn = $operator
source_profile = base
external_id = not-$external_id
CONFIG

credentials='Credentials.[AccessKeyId,SecretAccessKey,SessionToken]'
assumed=$(aws sts assume-role --role-arn "$operator" --role-session-name by-keys \
    --external-id "$external_id" --query "$credentials" --output text) || exit 1
(
    read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<<"$assumed"
    export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
    aws sts get-caller-identity --query Arn --output text
)
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
aws sts get-caller-identity --profile reader --query Arn --output text
aws sts get-caller-identity --profile stranger || echo "stranger failed with $?"
