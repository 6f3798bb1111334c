"""
The commands that change one thing in a policy and put it back, for people to read and then run. Pure.

A policy is replaced as a whole, so each reads it, changes it with jq and writes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lakeshare.resources.values import Place


def change_trust(role: str, program: str) -> str:
    """Return the command that changes the trust policy of *role* by *program*, which is jq's."""
    return (
        f"`aws iam get-role --role-name {role} --query Role.AssumeRolePolicyDocument --output json | jq '{program}'"
        f" > trust.json && aws iam update-assume-role-policy --role-name {role} --policy-document file://trust.json`"
    )


def let_use(place: Place, key: str, principals: Sequence[str], actions: Sequence[str]) -> str:
    """Return the command that lets *principals* use a KMS key, by one statement more of its own policy."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": list(principals)},
        "Action": list(actions),
        "Resource": "*",
    }
    which = f"--region {place.region} --key-id {key} --policy-name default"
    return (
        f"`aws kms get-key-policy {which} --query Policy --output text | jq '{_added(statement)}' > key-policy.json &&"
        f" aws kms put-key-policy {which} --policy file://key-policy.json`, in account {place.account_id}"
    )


def add_to_catalog_policy(place: Place, policy_hash: str, statement: Mapping[str, Any]) -> str:
    """Return the command that adds *statement* to the resource policy of a Data Catalog."""
    return _catalog_policy(place, policy_hash, _added(statement))


def take_from_catalog_policy(place: Place, policy_hash: str, number: int) -> str:
    """Return the command that takes a statement out of it; the first is number 0."""
    return _catalog_policy(place, policy_hash, f"del(.Statement[{number}])")


def _catalog_policy(place: Place, policy_hash: str, program: str) -> str:
    region = f"--region {place.region}"
    # Only what was looked at is replaced; where others have changed it since, Glue refuses.
    return (
        f"`aws glue get-resource-policy {region} --query PolicyInJson --output text | jq '{program}' > policy.json &&"
        f" aws glue put-resource-policy {region} --enable-hybrid TRUE --policy-hash-condition {policy_hash}"
        " --policy-in-json file://policy.json`"
    )


def _added(statement: Mapping[str, Any]) -> str:
    return f".Statement += [{json.dumps(statement)}]"
