"""Accounts in the states that doctor looks for, and what it says of them."""

from __future__ import annotations

import json
from typing import Any

from lakeshare import app
from lakeshare.access.doctor import Checked
from tests.functional.accounts import CONSUMER, OPERATOR, PRODUCER, READER, Accounts, apply_all
from tests.functional.own_tables import make_own_tables
from tests.functional.own_tables import share as own_share

ELSEWHERE = "arn:aws:iam::444444444444:root"
"""All of an account that the spec does not name."""

READS_SOMETHING = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:root"},
    "Action": "glue:GetTable",
    "Resource": f"arn:aws:glue:ap-southeast-2:{PRODUCER}:*",
}
"""What a catalog's resource policy may say for a consumer beside RAM."""


def found(settings: app.Settings, check: str, account: str) -> list[Checked]:
    """Return what doctor says of *account* under the id *check*, parts included."""
    return [
        item for item in app.doctor(settings).checks if item.account == account and item.id.partition(".")[0] == check
    ]


def statuses(settings: app.Settings, check: str, account: str) -> list[str]:
    """Return how bad it is, the ok ones left out."""
    return [item.status for item in found(settings, check, account) if item.status != "ok"]


def mend(item: Checked) -> str:
    """Return what mends it."""
    return item.finding.fix or ""


def connect(accounts: Accounts) -> app.Settings:
    """Write a spec that shares Connect's lake."""
    return accounts.write({"contact-centre": accounts.share("contact_record", "users")})


def own(accounts: Accounts, version: str, *, keeps: bool = False) -> app.Settings:
    """Write a spec that shares tables of the producer's own, which shares at *version*; its operator administers."""
    make_own_tables(accounts)
    lake = accounts.client("lakeformation", PRODUCER)
    there = lake.get_data_lake_settings()["DataLakeSettings"]
    arns = [f"arn:aws:iam::{PRODUCER}:{name}" for name in (f"role/{OPERATOR}", "user/administrator")]
    rows = [{"DataLakePrincipalIdentifier": arn} for arn in arns]
    parameters = {**there.get("Parameters", {}), "CROSS_ACCOUNT_VERSION": version}
    lake.put_data_lake_settings(DataLakeSettings={**there, "DataLakeAdmins": rows, "Parameters": parameters})
    share = own_share(accounts)
    if keeps:
        share["from"]["catalog"]["iam_allowed_principals"] = "keep"
    return accounts.write({"own": share})


def administer(accounts: Accounts, account: str, *principals: str, key: str = "DataLakeAdmins") -> None:
    """Make *principals* administrators of Lake Formation in *account*, whoever they are."""
    lake = accounts.client("lakeformation", account)
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    rows = [*settings[key], *({"DataLakePrincipalIdentifier": arn} for arn in principals)]
    lake.put_data_lake_settings(DataLakeSettings={**settings, key: rows})


def make_role(accounts: Accounts, account: str, name: str, **more: Any) -> str:
    """Make a role that Lambda assumes; returns its ARN."""
    more = {"AssumeRolePolicyDocument": trust_in("lambda.amazonaws.com"), **more}
    arn: str = accounts.client("iam", account).create_role(RoleName=name, **more)["Role"]["Arn"]
    return arn


def trust_in(service: str) -> str:
    """Return a trust policy in a service."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(*principals: str, condition: dict[str, Any] | None = None) -> str:
    """Return a trust policy in *principals*."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
    )


def encrypt(accounts: Accounts, account: str, mode: str = "SSE-KMS", **more: Any) -> str:
    """Encrypt the catalog of *account* with a new key; returns the key's ARN."""
    key: str = accounts.client("kms", account).create_key(**more)["KeyMetadata"]["Arn"]
    at_rest = {"CatalogEncryptionMode": mode, "SseAwsKmsKeyId": key}
    if mode != "SSE-KMS":
        at_rest["CatalogEncryptionServiceRole"] = f"arn:aws:iam::{account}:role/catalog"
    accounts.client("glue", account).put_data_catalog_encryption_settings(
        DataCatalogEncryptionSettings={"EncryptionAtRest": at_rest}
    )
    return key


def key_policy(*principals: str, effect: str = "Allow") -> str:
    """Return a key policy for *principals*, beside one for an administrator."""
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:user/administrator"}, "Action": "kms:*"},
        {"Effect": effect, "Principal": {"AWS": list(principals)}, "Action": ["kms:Decrypt", "kms:Encrypt"]},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": [one | {"Resource": "*"} for one in statements]})


def inline(accounts: Accounts, role: str, characters: int) -> None:
    """Give *role* inline policies of so many characters in all, white space not counted."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::" + "x" * 50]}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    bare = len(json.dumps(document, separators=(",", ":")))
    statement["Resource"] = ["arn:aws:s3:::" + "x" * (50 + characters - bare)]
    accounts.client("iam").put_role_policy(RoleName=role, PolicyName="theirs", PolicyDocument=json.dumps(document))


def put_catalog_policy(accounts: Accounts, *statements: dict[str, Any]) -> None:
    """Put a resource policy onto the producer's catalog."""
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    accounts.client("glue", PRODUCER).put_resource_policy(PolicyInJson=document, EnableHybrid="TRUE")


def dead_administrator(accounts: Accounts) -> app.Settings:
    """An administrator of the consumer's whose role was deleted."""
    administer(accounts, CONSUMER, make_role(accounts, CONSUMER, "gone"))
    accounts.client("iam").delete_role(RoleName="gone")
    return connect(accounts)


def bare_root(accounts: Accounts) -> app.Settings:
    """A reader's role that trusts all of another account."""
    make_role(accounts, CONSUMER, "analyst", AssumeRolePolicyDocument=trust(ELSEWHERE))
    return accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})


def policy_without_ram(accounts: Accounts) -> app.Settings:
    """A producer whose catalog has a resource policy of somebody's."""
    settings = own(accounts, "4")
    put_catalog_policy(accounts, READS_SOMETHING)
    return settings


def full_role(accounts: Accounts) -> app.Settings:
    """A reader's role of lakeshare's that others filled while its own policy was away."""
    settings = connect(accounts)
    apply_all(settings)
    accounts.client("iam").delete_role_policy(RoleName=READER, PolicyName="lakeshare-connect-analytics")
    inline(accounts, READER, 10_000)
    return settings
