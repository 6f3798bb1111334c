"""What may befall a world in which a reader asks for a table. Some of it harms nothing, or only together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from tests.functional.accounts import CONSUMER, PRODUCER, REGION
from tests.functional.explain_reader import document
from tests.functional.explain_stage import Stage
from tests.functional.explain_tag_harms import (
    change_tags,
    pass_on_super_by_tags,
    revoke_rights,
    see_links_by_tags,
    share_by_saved_expression,
    tag_a_column,
    take_tags_off,
)
from tests.functional.explain_worlds import (
    DATABASE,
    EVERYBODY,
    FILES,
    LINK,
    LINKS,
    OPEN,
    READER,
    RESULTS,
    TABLE,
    WORKGROUP,
)


def _take_share(stage: Stage) -> None:
    ram = stage.client("ram", PRODUCER)
    for share in ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]:
        ram.disassociate_resource_share(resourceShareArn=share["resourceShareArn"], principals=[CONSUMER])


def _reject(stage: Stage) -> None:
    ram = stage.client("ram")
    for invitation in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        ram.reject_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])


def _narrow_boundary(stage: Stage) -> None:
    stage.reader.bound(document({"Action": ["athena:*", "glue:*", "s3:*"], "Resource": "*"}))


def _link_to_link(stage: Stage) -> None:
    glue = stage.client("glue")
    first = {"CatalogId": CONSUMER, "DatabaseName": LINKS, "Name": "first"}
    glue.delete_table(DatabaseName=LINKS, Name=LINK)
    glue.create_table(DatabaseName=LINKS, TableInput={"Name": "first", "TargetTable": stage.target})
    glue.create_table(DatabaseName=LINKS, TableInput={"Name": LINK, "TargetTable": first})
    for name in ("first", LINK):
        stage.grant({"Table": {"DatabaseName": LINKS, "Name": name}}, stage.reader.arn, "DESCRIBE")


def _link_into_a_link(stage: Stage) -> None:
    """A link to a table, by way of a database of the own account that is a link itself."""
    glue = stage.client("glue")
    behind = {"Name": "behind", "TargetDatabase": {"CatalogId": stage.owner, "DatabaseName": DATABASE}}
    glue.delete_table(DatabaseName=LINKS, Name=LINK)
    glue.create_database(DatabaseInput=behind)
    target = {"CatalogId": CONSUMER, "DatabaseName": "behind", "Name": TABLE}
    glue.create_table(DatabaseName=LINKS, TableInput={"Name": LINK, "TargetTable": target})
    stage.grant({"Database": {"Name": "behind"}}, stage.reader.arn, "DESCRIBE")
    stage.grant({"Table": {"DatabaseName": LINKS, "Name": LINK}}, stage.reader.arn, "DESCRIBE")


def _database_link_to_a_link(stage: Stage) -> None:
    glue = stage.client("glue")
    behind = {"Name": "behind", "TargetDatabase": {"CatalogId": stage.owner, "DatabaseName": DATABASE}}
    glue.delete_database(Name=LINKS)
    glue.create_database(DatabaseInput=behind)
    second = {"CatalogId": CONSUMER, "DatabaseName": "behind"}
    glue.create_database(DatabaseInput={"Name": LINKS, "TargetDatabase": second})
    for name in ("behind", LINKS):
        stage.grant({"Database": {"Name": name}}, stage.reader.arn, "DESCRIBE")


def _owner_takes_filter(stage: Stage) -> None:
    cells = {"TableCatalogId": stage.owner, "DatabaseName": DATABASE, "TableName": TABLE, "Name": "some"}
    stage.revoke({"DataCellsFilter": cells}, CONSUMER, "SELECT", account=stage.owner)


def _results_of_another(stage: Stage) -> None:
    updates = {"OutputLocation": f"s3://{RESULTS}/out/", "ExpectedBucketOwner": PRODUCER}
    stage.client("athena").update_work_group(
        WorkGroup=WORKGROUP, ConfigurationUpdates={"ResultConfigurationUpdates": updates}
    )


def _partition_elsewhere(stage: Stage) -> None:
    stage.client("s3", stage.owner).put_object(Bucket=FILES, Key="elsewhere/part-0.csv", Body=b"3,30,eve\n")
    glue = stage.client("glue", stage.owner)
    table = glue.get_table(DatabaseName=DATABASE, Name=TABLE)["Table"]["StorageDescriptor"]
    there = {"Values": ["2"], "StorageDescriptor": {**table, "Location": f"s3://{FILES}/elsewhere/"}}
    glue.create_partition(DatabaseName=DATABASE, TableName=TABLE, PartitionInput=there)


def _policy_instead_of_share(stage: Stage, whom: str) -> None:
    """The owner takes its grants back, leaves the table to IAM, and lets somebody in by the catalog's policy."""
    _owner_revokes(stage)
    _open_target(stage)
    resources = [f"arn:aws:glue:{REGION}:{stage.owner}:{path}" for path in ("catalog", "database/*", "table/*/*")]
    statement = {"Principal": {"AWS": whom}, "Action": "glue:*", "Resource": resources}
    stage.client("glue", stage.owner).put_resource_policy(PolicyInJson=document(statement), EnableHybrid="TRUE")


def _grant_key(stage: Stage) -> None:
    """A catalog under a key whose policies give the reader nothing, and a grant of the key's own that does."""
    key = stage.keys.encrypt_catalog(CONSUMER, "no right")
    stage.client("kms").create_grant(KeyId=key, GranteePrincipal=stage.reader.arn, Operations=["Decrypt"])


def _opt_in(stage: Stage, whom: str, resource: dict[str, Any]) -> None:
    stage.client("lakeformation").create_lake_formation_opt_in(
        Principal={"DataLakePrincipalIdentifier": whom}, Resource=resource
    )


def _opt_in_to_all(stage: Stage) -> None:
    every = {"CatalogId": stage.owner, "DatabaseName": DATABASE, "TableWildcard": {}}
    _opt_in(stage, stage.reader.arn, {"Table": every})


def _deny_session(stage: Stage, session: str) -> None:
    principal = f"arn:aws:sts::{CONSUMER}:assumed-role/{READER}/{session}"
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": principal},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{RESULTS}/*",
    }
    stage.client("s3").put_bucket_policy(Bucket=RESULTS, Policy=document(statement))


def _deny_by_clock(stage: Stage, operator: str, hours: int) -> None:
    end = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    stage.reader.deny(Action="glue:*", Resource="*", Condition={operator: {"aws:CurrentTime": end}})


def _catalog_policy(stage: Stage) -> None:
    resources = [f"arn:aws:glue:{REGION}:{stage.owner}:{path}" for path in ("catalog", "database/*", "table/*/*")]
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": stage.reader.arn},
        "Action": "glue:GetTable",
        "Resource": resources,
    }
    stage.client("glue", stage.owner).put_resource_policy(PolicyInJson=document(statement), EnableHybrid="TRUE")


def _results_policy(stage: Stage) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": stage.reader.arn},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{RESULTS}/*",
    }
    stage.client("s3").put_bucket_policy(Bucket=RESULTS, Policy=document(statement))


def _bucket_policy(stage: Stage) -> None:
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{FILES}/*"}
    stage.client("s3", stage.owner).put_bucket_policy(Bucket=FILES, Policy=document(denied))


def _make_administrator(stage: Stage) -> None:
    lake = stage.client("lakeformation")
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    admins = [*settings["DataLakeAdmins"], {"DataLakePrincipalIdentifier": stage.reader.arn}]
    lake.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": admins})


def _describe_only(stage: Stage) -> None:
    revoke_rights(stage)
    stage.grant({"Table": stage.target}, stage.reader.arn, "DESCRIBE")


def _owner_revokes(stage: Stage) -> None:
    lake = stage.client("lakeformation", PRODUCER)
    for row in lake.list_permissions(CatalogId=PRODUCER)["PrincipalResourcePermissions"]:
        whom = row["Principal"]["DataLakePrincipalIdentifier"]
        if whom in (CONSUMER, stage.reader.arn):
            stage.revoke(row["Resource"], whom, *row["Permissions"], account=PRODUCER)


def _owner_takes_select(stage: Stage) -> None:
    stage.revoke({"Table": stage.target}, CONSUMER, "SELECT", account=PRODUCER)


def _no_registered_role(stage: Stage) -> None:
    stage.client("iam", stage.owner).delete_role_policy(RoleName="registered", PolicyName="read")


def _no_option(stage: Stage) -> None:
    """Take the account's grant away and give it again without the option to pass it on."""
    stage.revoke({"Table": stage.target}, CONSUMER, "SELECT", account=PRODUCER)
    stage.grant({"Table": stage.target}, CONSUMER, "SELECT", account=PRODUCER)


def _opt_out(stage: Stage) -> None:
    stage.client("lakeformation").delete_lake_formation_opt_in(
        Principal={"DataLakePrincipalIdentifier": stage.reader.arn}, Resource={"Table": stage.target}
    )


def _open_target(stage: Stage) -> None:
    stage.grant({"Table": stage.target}, OPEN, "ALL", account=stage.owner)


def _encrypt_results(stage: Stage) -> None:
    key = stage.client("kms").create_key()["KeyMetadata"]["Arn"]
    encrypted = {"EncryptionOption": "SSE_KMS", "KmsKey": key}
    updates = {"OutputLocation": f"s3://{RESULTS}/out/", "EncryptionConfiguration": encrypted}
    stage.client("athena").update_work_group(
        WorkGroup=WORKGROUP, ConfigurationUpdates={"ResultConfigurationUpdates": updates}
    )


def _encrypt_catalog(stage: Stage) -> None:
    stage.keys.encrypt_catalog(CONSUMER, "no right")


def _encrypt_owners_catalog(stage: Stage) -> None:
    stage.keys.encrypt_catalog(stage.owner, "no right")


def _disable_catalog_key(stage: Stage) -> None:
    stage.keys.disable(stage.keys.encrypt_catalog(CONSUMER, "right"))


def _delete_owners_catalog_key(stage: Stage) -> None:
    stage.keys.delete(stage.keys.encrypt_catalog(stage.owner, "right"))


def _feeble_catalog_role(stage: Stage) -> None:
    stage.keys.encrypt_catalog(CONSUMER, "service role", role_rights="kms:Encrypt")


def _encrypt_files(stage: Stage) -> None:
    stage.keys.encrypt_files(stage.owner, "no right")


def _disable_files_key(stage: Stage) -> None:
    stage.keys.disable(stage.keys.encrypt_files(stage.owner, "right"))


def _distrust(stage: Stage) -> None:
    trust = document({"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    stage.client("iam", stage.owner).update_assume_role_policy(RoleName="registered", PolicyDocument=trust)


def _hide(stage: Stage, resource: dict[str, Any]) -> None:
    stage.revoke(resource, stage.reader.arn, "DESCRIBE")


def _close(stage: Stage, resource: dict[str, Any]) -> None:
    stage.revoke(resource, OPEN, "ALL")


HARMS: dict[str, Callable[[Stage], object]] = {
    # The first three are done in the making: whoever has not accepted cannot have passed anything on.
    "not accepted": lambda _stage: None,
    "rejected": _reject,
    "expired": lambda stage: stage.accounts.control("clock", {"advance_seconds": 13 * 3600}),
    "share taken back": _take_share,
    "owner revokes": _owner_revokes,
    "owner takes select": _owner_takes_select,
    "owner's grant without option": _no_option,
    "rights revoked": revoke_rights,
    "describe only": _describe_only,
    "link not described": lambda stage: _hide(stage, {"Table": {"DatabaseName": LINKS, "Name": LINK}}),
    "database not described": lambda stage: _hide(stage, {"Database": {"Name": stage.database}}),
    "database closed": lambda stage: _close(stage, {"Database": {"Name": stage.database}}),
    "link closed": lambda stage: _close(stage, {"Table": {"DatabaseName": LINKS, "Name": LINK}}),
    "default closed": lambda stage: _close(stage, {"Database": {"Name": "default"}}),
    "default not described": lambda stage: _hide(stage, {"Database": {"Name": "default"}}),
    "link deleted": lambda stage: stage.client("glue").delete_table(DatabaseName=LINKS, Name=LINK),
    "database deleted": lambda stage: stage.client("glue").delete_database(Name=stage.database),
    "link to a link": _link_to_link,
    "link into a link": _link_into_a_link,
    "database link to a link": _database_link_to_a_link,
    "owner takes filter": _owner_takes_filter,
    "denied to a session": lambda stage: _deny_session(stage, "question"),
    "denied to another session": lambda stage: _deny_session(stage, "another"),
    "column tagged apart": tag_a_column,
    "partition elsewhere": _partition_elsewhere,
    "tags taken off": take_tags_off,
    "super passed on by tags": pass_on_super_by_tags,
    "shared by a saved expression": share_by_saved_expression,
    "results are to be another's": _results_of_another,
    "denied without a key of S3's": lambda stage: stage.reader.deny(
        Action="glue:*", Resource="*", Condition={"Null": {"s3:ResourceAccount": "true"}}
    ),
    "policy instead of share": lambda stage: _policy_instead_of_share(stage, stage.reader.arn),
    "policy for the operator alone": lambda stage: _policy_instead_of_share(
        stage, f"arn:aws:iam::{CONSUMER}:role/lakeshare-operator"
    ),
    "links seen by tags": see_links_by_tags,
    "a grant of the key": _grant_key,
    "group opted in": lambda stage: _opt_in(stage, EVERYBODY, {"Table": stage.target}),
    "opted in to all tables": _opt_in_to_all,
    "opted in to the link": lambda stage: _opt_in(
        stage, stage.reader.arn, {"Table": {"CatalogId": CONSUMER, "DatabaseName": LINKS, "Name": LINK}}
    ),
    "denied for a value that is not there": lambda stage: stage.reader.deny(
        Action="athena:*",
        Resource="*",
        Condition={"ForAnyValue:StringNotEquals": {"aws:CalledVia": ["cloudformation.amazonaws.com"]}},
    ),
    "old sessions revoked": lambda stage: stage.reader.deny(
        Action="*", Resource="*", Condition={"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}
    ),
    "denied until long ago": lambda stage: _deny_by_clock(stage, "DateLessThan", -30),
    "denied since long ago": lambda stage: _deny_by_clock(stage, "DateGreaterThan", -30),
    "denied until tomorrow": lambda stage: _deny_by_clock(stage, "DateLessThan", 30),
    "target deleted": lambda stage: stage.client("glue", stage.owner).delete_table(DatabaseName=DATABASE, Name=TABLE),
    "target open": _open_target,
    "no athena": lambda stage: stage.reader.drop_policy("athena"),
    "no results": lambda stage: stage.reader.drop_policy("results"),
    "no glue on link": lambda stage: stage.reader.drop_policy("link"),
    "no glue on target": lambda stage: stage.reader.drop_policy("target"),
    "no credentials": lambda stage: stage.reader.drop_policy("credentials"),
    "no files": lambda stage: stage.reader.drop_policy("files"),
    "denied glue": lambda stage: stage.reader.deny(Action="glue:GetTable", Resource="*"),
    "denied database": lambda stage: stage.reader.deny(
        Action="glue:*", Resource=f"arn:aws:glue:{REGION}:{CONSUMER}:database/default"
    ),
    "denied partitions": lambda stage: stage.reader.deny(Action="glue:GetPartitions", Resource="*"),
    "denied elsewhere": lambda stage: stage.reader.deny(
        Action="glue:*", Resource=f"arn:aws:glue:eu-west-1:{CONSUMER}:*"
    ),
    "denied to others": lambda stage: stage.reader.deny(
        Action="*", Resource="*", Condition={"StringNotEquals": {"aws:PrincipalAccount": CONSUMER}}
    ),
    "denied in this Region": lambda stage: stage.reader.deny(
        Action="lakeformation:*", Resource="*", Condition={"StringEquals": {"aws:RequestedRegion": REGION}}
    ),
    "denied by name": lambda stage: stage.reader.deny(
        Action="glue:Get*", Resource="*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:*/rea*"}}
    ),
    "denied but listed": lambda stage: stage.reader.deny(
        NotAction=["glue:*", "s3:*", "athena:*", "lakeformation:*"], Resource="*"
    ),
    "narrow boundary": _narrow_boundary,
    "catalog policy denies": _catalog_policy,
    "results policy denies": _results_policy,
    "files policy denies": _bucket_policy,
    "no registered role": _no_registered_role,
    "location taken out": lambda stage: stage.client("lakeformation", stage.owner).deregister_resource(
        ResourceArn=f"arn:aws:s3:::{FILES}/orders"
    ),
    "opted out": _opt_out,
    "tags changed": change_tags,
    "administrator": _make_administrator,
    "workgroup disabled": lambda stage: stage.client("athena").update_work_group(WorkGroup=WORKGROUP, State="DISABLED"),
    "results under a key": _encrypt_results,
    "results bucket gone": lambda stage: stage.client("s3").delete_bucket(Bucket=RESULTS),
    "catalog encrypted": _encrypt_catalog,
    "owner's catalog encrypted": _encrypt_owners_catalog,
    "catalog's key disabled": _disable_catalog_key,
    "owner's catalog's key going": _delete_owners_catalog_key,
    "catalog's role without right": _feeble_catalog_role,
    "files encrypted": _encrypt_files,
    "files' key disabled": _disable_files_key,
    "registered role distrusts": _distrust,
    "denied keys": lambda stage: stage.reader.deny(Action="kms:*", Resource="*"),
    "reader deleted": lambda stage: stage.reader.delete(),
}


def befall(stage: Stage) -> None:
    """Let the world's harms come over it; what cannot be done any more, because of an earlier one, is left."""
    for harm in stage.world.harms:
        with suppress(ClientError):
            HARMS[harm](stage)
