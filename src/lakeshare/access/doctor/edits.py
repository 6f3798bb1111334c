"""
The commands that change one thing in a document of AWS's and put it back, for people to read and then run. Pure.

Policies and settings are replaced as a whole, so each reads it, changes it with jq and writes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lakeshare.resources.values import Place


def literal(value: Any) -> str:
    """Return *value* as JSON and jq read it, to stand in single quotes of a shell's, and here in backquotes."""
    return json.dumps(value).replace("'", "\\u0027").replace("`", "\\u0060")


def change_trust(role: str, program: str) -> str:
    """Return the command that changes the trust policy of *role* by *program*, which is jq's."""
    return (
        f"`aws iam get-role --role-name {role} --query Role.AssumeRolePolicyDocument --output json | jq '{program}'"
        f" > trust.json && aws iam update-assume-role-policy --role-name {role} --policy-document file://trust.json`"
    )


def change_key_policy(place: Place, key: str, program: str) -> str:
    """Return the command that changes the policy of a KMS key by *program*."""
    which = f"--region {place.region} --key-id {key} --policy-name default"
    return (
        f"`aws kms get-key-policy {which} --query Policy --output text | jq '{program}' > key-policy.json &&"
        f" aws kms put-key-policy {which} --policy file://key-policy.json`, in account {place.account_id}"
    )


def show_key_policy(place: Place, key: str) -> str:
    """Return the command that shows the policy of a KMS key."""
    return (
        f"look at them: `aws kms get-key-policy --region {place.region} --key-id {key} --policy-name default`,"
        f" in account {place.account_id}"
    )


def change_catalog_policy(place: Place, program: str) -> str:
    """
    Return the command that changes the resource policy of a Data Catalog by *program*.

    The hash that it was read with goes along: where others change it in between, Glue refuses (documented).
    """
    region = f"--region {place.region}"
    return (
        f"`aws glue get-resource-policy {region} --output json > was.json &&"
        f" jq '.PolicyInJson | fromjson | {program}' was.json > policy.json &&"
        f" aws glue put-resource-policy {region} --enable-hybrid TRUE"
        ' --policy-hash-condition "$(jq -r .PolicyHash was.json)" --policy-in-json file://policy.json`'
    )


def change_lake_settings(place: Place, program: str) -> str:
    """Return the command that changes Lake Formation's settings by *program*, which gets the settings alone."""
    region = f"--region {place.region}"
    return (
        f"`aws lakeformation get-data-lake-settings {region} --output json | jq '.DataLakeSettings | {program}'"
        f" > settings.json && aws lakeformation put-data-lake-settings {region}"
        " --data-lake-settings file://settings.json`"
    )


def encrypt_anew(place: Place, policy: Mapping[str, Any] | None = None) -> str:
    """Return the command that makes a KMS key, by default one for its account, and encrypts a Data Catalog with it."""
    region = f"--region {place.region}"
    document = f" --policy '{literal(policy)}'" if policy else ""
    return (
        f"`KEY=$(aws kms create-key {region}{document} --query KeyMetadata.Arn --output text) && export KEY &&"
        f" aws glue get-data-catalog-encryption-settings {region} --output json |"
        " jq '.DataCatalogEncryptionSettings | .EncryptionAtRest.SseAwsKmsKeyId = env.KEY' > encryption.json &&"
        f" aws glue put-data-catalog-encryption-settings {region}"
        f" --data-catalog-encryption-settings file://encryption.json`, in account {place.account_id}"
    )


def make_service_role(place: Place, arn: str, service: str, key: str, actions: Sequence[str]) -> str:
    """Return the command that makes the role *arn* at *place*, which *service* assumes to do *actions* with a key."""
    path, _, name = arn.partition(":role")[2].rpartition("/")
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return (
        f"`aws iam create-role --path {path}/ --role-name {name} --assume-role-policy-document"
        f" '{_policy(statement)}' && {_allowing('role', name, 'catalog-key', key, actions)}`,"
        f" in account {place.account_id}"
    )


def allow_use(place: Place, principal: str, policy_name: str, key: str, actions: Sequence[str]) -> str:
    """Return the command that gives *principal*, a role or user at *place*, IAM's leave to use a KMS key."""
    kind, name = ("user" if ":user/" in principal else "role"), principal.rpartition("/")[2]
    command = _allowing(kind, name, policy_name, key, actions)
    return f"`{command}`, run by an administrator of account {place.account_id}"


def _allowing(kind: str, name: str, policy_name: str, key: str, actions: Sequence[str]) -> str:
    policy = _policy({"Effect": "Allow", "Action": list(actions), "Resource": key})
    return f"aws iam put-{kind}-policy --{kind}-name {name} --policy-name {policy_name} --policy-document '{policy}'"


def _policy(statement: Mapping[str, Any]) -> str:
    return literal({"Version": "2012-10-17", "Statement": [statement]})
