"""Everything in the accounts that lakeshare could have changed, in a form that can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.functional.accounts import CONSUMER, PRODUCER, SECOND_CONSUMER, Accounts

ACCOUNTS = (PRODUCER, CONSUMER, SECOND_CONSUMER)


def inventory(accounts: Accounts) -> dict[str, str]:
    """
    Return what there is, one line of JSON per thing, by a name that says what it is.

    Whoever asks is a Lake Formation administrator of each account, planted before: others see less.
    """
    found: dict[str, str] = {}
    for account in ACCOUNTS:
        for name, thing in (
            *_catalog(accounts, account),
            *_lake(accounts, account),
            *_roles(accounts, account),
            *_buckets(accounts, account),
            *_workgroups(accounts, account),
            *_shares(accounts, account),
        ):
            found[f"{account} {name}"] = json.dumps(thing, sort_keys=True, default=str)
    rows = accounts.client("connect", PRODUCER).list_analytics_data_associations(InstanceId=accounts.instance)
    for row in rows["Results"]:
        name = f"{PRODUCER} association {row['DataSetId']} {row['TargetAccountId']}"
        assert name not in found, f"twice: {name}"
        found[name] = "{}"
    return found


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Name what is there too much, too little, or otherwise than before."""
    lines = [f"left behind: {name} = {after[name]}" for name in after if name not in before]
    lines += [f"gone: {name} = {before[name]}" for name in before if name not in after]
    return lines + [
        f"changed: {name} from {before[name]} to {after[name]}"
        for name in before
        if name in after and before[name] != after[name]
    ]


def _catalog(accounts: Accounts, account: str) -> Iterator[tuple[str, Any]]:
    glue = accounts.client("glue", account)
    for database in glue.get_databases()["DatabaseList"]:
        name = database["Name"]
        yield f"database {name}", {key: value for key, value in database.items() if key != "CreateTime"}
        for table in glue.get_tables(DatabaseName=name)["TableList"]:
            kept = {key: table.get(key) for key in ("Description", "TargetTable", "Parameters", "CreatedBy")}
            yield f"table {name}.{table['Name']}", kept


def _lake(accounts: Accounts, account: str) -> Iterator[tuple[str, Any]]:
    lake = accounts.client("lakeformation", account)
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    administrators = [row["DataLakePrincipalIdentifier"] for row in settings.pop("DataLakeAdmins", ())]
    assert len(administrators) == len(set(administrators)), f"twice: {administrators}"
    for name in administrators:
        yield f"administrator {name}", {}
    yield "settings", settings
    for catalog in dict.fromkeys((account, PRODUCER, accounts.lake_account)):
        yield from _grants(lake, catalog)


def _grants(lake: Any, catalog: str) -> Iterator[tuple[str, Any]]:
    asked: dict[str, Any] = {"CatalogId": catalog}
    while True:
        page = lake.list_permissions(**asked)
        for row in page["PrincipalResourcePermissions"]:
            who = row["Principal"]["DataLakePrincipalIdentifier"]
            ((what, spot),) = row["Resource"].items()
            # One name per column: rows may be put together otherwise than they came.
            columns = spot.pop("ColumnNames", None) or [None]
            with_option = row.get("PermissionsWithGrantOption", ())
            for permission in row["Permissions"]:
                for column in columns:
                    name = f"grant {catalog} {who} {permission} {what} {json.dumps(spot, sort_keys=True)} {column}"
                    yield name, permission in with_option
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]


def _roles(accounts: Accounts, account: str) -> Iterator[tuple[str, Any]]:
    iam = accounts.client("iam", account)
    for row in iam.list_roles()["Roles"]:
        name = row["RoleName"]
        role = iam.get_role(RoleName=name)["Role"]
        kept = {key: role.get(key) for key in ("Path", "AssumeRolePolicyDocument", "MaxSessionDuration", "Tags")}
        kept["attached"] = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        yield f"role {name}", kept
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            yield f"policy {name}/{policy}", iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]


def _buckets(accounts: Accounts, account: str) -> Iterator[tuple[str, Any]]:
    s3 = accounts.client("s3", account)
    for row in s3.list_buckets()["Buckets"]:
        name = row["Name"]
        yield f"bucket {name}", [item["Key"] for item in s3.list_objects_v2(Bucket=name).get("Contents", ())]
        for setting in ("encryption", "lifecycle_configuration", "tagging"):
            try:
                answer = getattr(s3, f"get_bucket_{setting}")(Bucket=name)
            except s3.exceptions.ClientError:
                continue
            yield f"bucket {name} {setting}", {k: v for k, v in answer.items() if k != "ResponseMetadata"}


def _workgroups(accounts: Accounts, account: str) -> Iterator[tuple[str, Any]]:
    athena = accounts.client("athena", account)
    for row in athena.list_work_groups()["WorkGroups"]:
        there = athena.get_work_group(WorkGroup=row["Name"])["WorkGroup"]
        yield f"workgroup {row['Name']}", there.get("Configuration")


def _shares(accounts: Accounts, account: str) -> Iterator[tuple[str, Any]]:
    """What the account shares, and what it is offered: an acceptance cannot be taken back, so it is no difference."""
    ram = accounts.client("ram", account)
    shared, offered = (ram.get_resource_shares(resourceOwner=owner) for owner in ("SELF", "OTHER-ACCOUNTS"))
    for row in shared["resourceShares"]:
        if row["status"] == "ACTIVE":
            yield f"share {row['resourceShareArn']}", row["name"]
    for row in offered["resourceShares"]:
        if row["status"] == "ACTIVE":
            yield f"offer {row['resourceShareArn']}", {}
    for row in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        if row["status"] == "PENDING":
            yield f"offer {row['resourceShareArn']}", {}
