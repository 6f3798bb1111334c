"""What somebody may do to things of ours by hand, as calls of boto3 behind our back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.functional.accounts import BASE, CONSUMER, DATABASE, OPERATOR, PRODUCER, READER, SECRET
from tests.functional.command_line import Desk

PLACE = "consumer/ap-southeast-2"
ROLE_ARN = f"arn:aws:iam::{CONSUMER}:role/{READER}"
WORKGROUP = "lakeshare-connect-analytics"


def as_operator(desk: Desk, service: str, account: str = CONSUMER) -> Any:
    """Return a client of the operator role, in somebody else's hands: Lake Formation lets nobody else at our things."""
    sts = desk.accounts.client("sts", BASE)
    arn = f"arn:aws:iam::{account}:role/{OPERATOR}"
    found = sts.assume_role(RoleArn=arn, RoleSessionName="somebody", ExternalId=SECRET)["Credentials"]
    return desk.accounts.client(
        service,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )


@dataclass(frozen=True, slots=True)
class Slip:
    """A change by hand, and what drift must say of it: the address, what happened, and a word of the reason."""

    change: Callable[[Desk], Any]
    address: str
    expect: str
    because: str


def drop_link(desk: Desk) -> None:
    """Drop a link."""
    as_operator(desk, "glue").delete_table(DatabaseName=DATABASE, Name="users_link")


def repoint_link(desk: Desk) -> None:
    """Drop a link, and make one of its name to another table."""
    glue = as_operator(desk, "glue")
    target = glue.get_table(DatabaseName=DATABASE, Name="contact_record_link")["Table"]["TargetTable"]
    glue.delete_table(DatabaseName=DATABASE, Name="users_link")
    glue.create_table(DatabaseName=DATABASE, TableInput={"Name": "users_link", "TargetTable": target})


def revoke_select(desk: Desk) -> None:
    """Take SELECT on the table from the reader."""
    table = {"CatalogId": desk.accounts.lake_account, "DatabaseName": "connect_datalake", "Name": "users"}
    _revoke(desk, {"Table": table}, "SELECT")


def revoke_describe(desk: Desk) -> None:
    """Take DESCRIBE on the link from the reader."""
    _revoke(desk, {"Table": {"CatalogId": CONSUMER, "DatabaseName": DATABASE, "Name": "users_link"}}, "DESCRIBE")


def revoke_columns(desk: Desk) -> None:
    """Take one column from the reader."""
    table = {"CatalogId": desk.accounts.lake_account, "DatabaseName": "connect_datalake", "Name": "contact_record"}
    _revoke(desk, {"TableWithColumns": {**table, "ColumnNames": ["channel"]}}, "SELECT")


def _revoke(desk: Desk, resource: dict[str, Any], permission: str) -> None:
    as_operator(desk, "lakeformation").revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": ROLE_ARN}, Resource=resource, Permissions=[permission]
    )


def dismiss_administrator(desk: Desk) -> None:
    """Take our entry from Lake Formation's administrators."""
    lake = desk.accounts.client("lakeformation")
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": []})


def trust_others(desk: Desk) -> None:
    """Let another account assume the reader's role."""
    iam = desk.accounts.client("iam")
    trust = iam.get_role(RoleName=READER)["Role"]["AssumeRolePolicyDocument"]
    other = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{BASE}:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({**trust, "Statement": [*trust["Statement"], other]})
    iam.update_assume_role_policy(RoleName=READER, PolicyDocument=document)


def lengthen_sessions(desk: Desk) -> None:
    """Let sessions of the reader's role last longer."""
    desk.accounts.client("iam").update_role(RoleName=READER, MaxSessionDuration=7200)


def widen_policy(desk: Desk) -> None:
    """Allow the reader more than it needs."""
    iam = desk.accounts.client("iam")
    [name] = iam.list_role_policies(RoleName=READER)["PolicyNames"]
    document = iam.get_role_policy(RoleName=READER, PolicyName=name)["PolicyDocument"]
    document["Statement"].append({"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "*"})
    iam.put_role_policy(RoleName=READER, PolicyName=name, PolicyDocument=json.dumps(document))


def delete_policy(desk: Desk) -> None:
    """Take the policy from the reader."""
    iam = desk.accounts.client("iam")
    [name] = iam.list_role_policies(RoleName=READER)["PolicyNames"]
    iam.delete_role_policy(RoleName=READER, PolicyName=name)


def open_database(desk: Desk) -> None:
    """Leave new tables of the database to IAM."""
    everyone = {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}
    document = {"Name": DATABASE, "CreateTableDefaultPermissions": [everyone]}
    as_operator(desk, "glue").update_database(Name=DATABASE, DatabaseInput=document)


def untag_database(desk: Desk) -> None:
    """Take our tag off the database."""
    arn = f"arn:aws:glue:ap-southeast-2:{CONSUMER}:database/{DATABASE}"
    as_operator(desk, "glue").untag_resource(ResourceArn=arn, TagsToRemove=["lakeshare:spec"])


def bucket_of(desk: Desk) -> str:
    """Return the name of the results bucket."""
    [bucket] = desk.accounts.client("s3").list_buckets()["Buckets"]
    name: str = bucket["Name"]
    return name


def bare_bucket(desk: Desk) -> None:
    """Take encryption, the block of public access and expiry off the results bucket."""
    s3, bucket = desk.accounts.client("s3"), bucket_of(desk)
    s3.delete_bucket_encryption(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    s3.delete_bucket_lifecycle(Bucket=bucket)


def delete_bucket(desk: Desk) -> None:
    """Delete the results bucket."""
    desk.accounts.client("s3").delete_bucket(Bucket=bucket_of(desk))


def loosen_workgroup(desk: Desk) -> None:
    """Let queries scan more, and results be written in the clear."""
    changes = {
        "BytesScannedCutoffPerQuery": 10_000_000_000_000,
        "ResultConfigurationUpdates": {"RemoveEncryptionConfiguration": True},
    }
    desk.accounts.client("athena").update_work_group(WorkGroup=WORKGROUP, ConfigurationUpdates=changes)


def disable_workgroup(desk: Desk) -> None:
    """Let no queries run."""
    desk.accounts.client("athena").update_work_group(WorkGroup=WORKGROUP, State="DISABLED")


def delete_workgroup(desk: Desk) -> None:
    """Delete the workgroup."""
    desk.accounts.client("athena").delete_work_group(WorkGroup=WORKGROUP, RecursiveDeleteOption=True)


def disassociate(desk: Desk) -> None:
    """Stop sharing a table in the producer."""
    desk.accounts.client("connect", PRODUCER).disassociate_analytics_data_set(
        InstanceId=desk.accounts.instance, DataSetId="users", TargetAccountId=CONSUMER
    )


GRANT = f"{PLACE}/grant:role/{READER}"
SLIPS = {
    "a link is dropped": Slip(drop_link, f"{PLACE}/link:{DATABASE}.users_link", "missing", "is not there any more"),
    "a link is repointed": Slip(
        repoint_link, f"{PLACE}/link:{DATABASE}.users_link", "changed", "its target is contact_record, not users"
    ),
    "a grant is revoked": Slip(
        revoke_select, f"{GRANT}/SELECT/connect:connect_datalake.users", "missing", "is not there any more"
    ),
    "a grant on a link is revoked": Slip(
        revoke_describe, f"{GRANT}/DESCRIBE/{DATABASE}.users_link", "missing", "is not there any more"
    ),
    "a column is revoked": Slip(
        revoke_columns, f"{GRANT}/SELECT/connect:connect_datalake.contact_record", "changed", "missing: channel"
    ),
    "our administrator entry is removed": Slip(
        dismiss_administrator, f"{PLACE}/settings:administrator/role/{OPERATOR}", "missing", "is not there any more"
    ),
    "a role is trusted to others": Slip(
        trust_others, f"consumer/global/role:{READER}", "changed", "others may assume it too"
    ),
    "a role's sessions last longer": Slip(
        lengthen_sessions, f"consumer/global/role:{READER}", "changed", "its longest session is 7200, not 3600"
    ),
    "a policy allows more": Slip(
        widen_policy, f"consumer/global/policy:{READER}/{WORKGROUP}", "changed", "s3:DeleteObject on *"
    ),
    "a policy is deleted": Slip(
        delete_policy, f"consumer/global/policy:{READER}/{WORKGROUP}", "missing", "is not there any more"
    ),
    "a database leaves new tables to IAM": Slip(
        open_database, f"{PLACE}/database:{DATABASE}", "changed", "new tables are open to IAMAllowedPrincipals"
    ),
    "a database loses its tag": Slip(
        untag_database, f"{PLACE}/database:{DATABASE}", "changed", "its tags differ: lakeshare:spec"
    ),
    "a bucket loses its settings": Slip(
        bare_bucket,
        f"{PLACE}/bucket:*",
        "changed",
        "its encryption is off, not on; its block of public access is off, not on; after how",
    ),
    "a bucket is deleted": Slip(delete_bucket, f"{PLACE}/bucket:*", "missing", "is not there any more"),
    "a workgroup is loosened": Slip(
        loosen_workgroup,
        f"{PLACE}/workgroup:{WORKGROUP}",
        "changed",
        "is 10000000000000, not 1024000000; the encryption of results is off",
    ),
    "a workgroup is disabled": Slip(
        disable_workgroup, f"{PLACE}/workgroup:{WORKGROUP}", "changed", "the workgroup itself is off, not on"
    ),
    "a workgroup is deleted": Slip(
        delete_workgroup, f"{PLACE}/workgroup:{WORKGROUP}", "missing", "is not there any more"
    ),
    "a table is shared no more": Slip(
        disassociate, f"producer/ap-southeast-2/association:*/users/{CONSUMER}", "missing", "is not there any more"
    ),
}
