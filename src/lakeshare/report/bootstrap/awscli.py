"""A shell script for the AWS CLI."""

from __future__ import annotations

import json
from shlex import quote

from lakeshare.planning.bootstrap import Bootstrap

VARIABLE = "LAKESHARE_EXTERNAL_ID"
_REFERENCE = "<external id>"


def render_awscli(wanted: Bootstrap) -> str:
    """
    Return a script that makes the role, and when it is there gives it its policy.

    What the spec says stands between quotes, where the shell reads nothing into it: a role's path may hold every
    visible character. The ExternalId comes from the environment, so that it is in no file and in no shell's history;
    it is checked before it goes into JSON, and no program has it among its arguments, which others could list. The
    trust of a role that exists may be others' too: it is left for a person to see.
    """
    account, tags = wanted.account_id, [{"Key": key, "Value": value} for key, value in wanted.tags]
    return f"""#!/bin/sh
# The operator role of account {account} ({wanted.alias} in the spec {wanted.spec_name}).
# For an administrator of that account; to be run once, and again when the spec has come to need more.
set -eu
role={quote(wanted.role_name)}
path={quote(wanted.path)}
{_ASKS_FOR_ID if wanted.asks_for_id else ""}
here=$(aws sts get-caller-identity --query Account --output text)
if [ "$here" != {account} ]; then
  echo "these are credentials of account $here, not of {account}: nothing was done" >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
{{
{_trust(wanted)}
}} > "$work/trust.json"
{_written(json.dumps(wanted.policy, indent=2), to='> "$work/policy.json"')}
{_written(json.dumps(tags, indent=2), to='> "$work/tags.json"')}

if found=$(aws iam get-role --role-name="$role" --query Role.Path --output text 2> "$work/refused"); then
  if [ "$found" != "$path" ]; then
    printf 'there is a role %s at the path %s, and the spec has it at %s: nothing was done\\n' \\
      "$role" "$found" "$path" >&2
    exit 1
  fi
  printf 'the role %s exists: its trust policy is left as it is\\n' "$role" >&2
elif grep -q NoSuchEntity "$work/refused"; then
  aws iam create-role --role-name="$role" --path="$path" \\
    --description 'Shares data lakes across accounts; made for lakeshare' \\
    --assume-role-policy-document "file://$work/trust.json" \\
    --tags "file://$work/tags.json" > /dev/null
else
  cat "$work/refused" >&2
  exit 1
fi
aws iam put-role-policy --role-name="$role" --policy-name {quote(wanted.policy_name)} \\
  --policy-document "file://$work/policy.json"
printf 'account {account} is ready for lakeshare, as %s\\n' "$role"
"""


def _trust(wanted: Bootstrap) -> str:
    """Return the commands that write the trust policy, the ExternalId in its place."""
    before, mark, after = json.dumps(wanted.trust(_REFERENCE), indent=2).partition(json.dumps(_REFERENCE))
    if not mark:
        return _written(before)
    return f"""{_written(before)}\nprintf '"%s"\\n' "${VARIABLE}"\n{_written(after)}"""


def _written(text: str, to: str = "") -> str:
    """Return the command that writes *text*, which is JSON, as it is: between quoted marks nothing is read into it."""
    return f"cat {to}{' ' if to else ''}<<'END_OF_JSON'\n{text}\nEND_OF_JSON"


_ASKS_FOR_ID = f"""{VARIABLE}=${{{VARIABLE}:?set it to the ExternalId that lakeshare shows when it enters this account}}
case "${VARIABLE}" in
  *[!A-Za-z0-9_+=,.@:/-]*)
    echo "{VARIABLE} has characters that no ExternalId has: nothing was done" >&2
    exit 1
    ;;
esac
"""
