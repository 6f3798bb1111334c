"""A shell script for the AWS CLI."""

from __future__ import annotations

import json
from shlex import quote

from lakeshare.planning.bootstrap import POLICY_NAME, Bootstrap

VARIABLE = "LAKESHARE_EXTERNAL_ID"


def render_awscli(wanted: Bootstrap) -> str:
    """
    Return a script that makes the role, and when it is there gives it its policy.

    The ExternalId comes from the environment, so that it is in no file and in no shell's history; its characters mean
    nothing to JSON or to the shell. The trust of a role that exists may be others' too: it is left for a person to see.
    """
    role, account = quote(wanted.role_name), wanted.account_id
    asks = _ASKS_FOR_ID if wanted.asks_for_id else ""
    trust = json.dumps(wanted.trust(f"${VARIABLE}"), indent=2)
    tags = " ".join(quote(f"Key={key},Value={value}") for key, value in wanted.tags)
    return f"""#!/bin/sh
# The operator role of account {account} ({wanted.alias} in the spec {wanted.spec_name}).
# For an administrator of that account; to be run once, and again when the spec has come to need more.
set -eu
{asks}
here=$(aws sts get-caller-identity --query Account --output text)
if [ "$here" != {account} ]; then
  echo "these are credentials of account $here, not of {account}: nothing was done" >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
cat > "$work/trust.json" <<END_OF_TRUST
{trust}
END_OF_TRUST
cat > "$work/policy.json" <<'END_OF_POLICY'
{json.dumps(wanted.policy, indent=2)}
END_OF_POLICY

if aws iam get-role --role-name {role} > /dev/null 2>&1; then
  echo "the role {wanted.role_name} exists: its trust policy is left as it is" >&2
else
  aws iam create-role --role-name {role} --path {quote(wanted.path)} \\
    --description 'Shares data lakes across accounts; made for lakeshare' \\
    --assume-role-policy-document "file://$work/trust.json" \\
    --tags {tags} > /dev/null
fi
aws iam put-role-policy --role-name {role} --policy-name {POLICY_NAME} \\
  --policy-document "file://$work/policy.json"
echo "account {account} is ready for lakeshare, as {wanted.role_name}"
"""


_ASKS_FOR_ID = f""": "${{{VARIABLE}:?set it to the ExternalId that lakeshare shows when it enters this account}}"
"""
