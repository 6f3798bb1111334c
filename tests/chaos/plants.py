"""What others have in the accounts before lakeshare comes: beside, among and instead of what it would make."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from tests.functional.accounts import CONSUMER, DATABASE, OPERATOR, PRODUCER, READER, SECOND_CONSUMER, SECRET, Accounts
from tests.functional.own_tables import DATABASE as OWN_DATABASE
from tests.functional.own_tables import table_input

TABLES = ("contact_record", "users", "agent_event")
ANALYST = "analyst"
OTHER = "other"
LINK = "{table}_link"
GLUE_TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def role_arn(name: str, account: str = CONSUMER) -> str:
    """Return the ARN of a role of *account*."""
    return f"arn:aws:iam::{account}:role/{name}"


def settle_in(accounts: Accounts) -> None:
    """Make three accounts with an operator each, a lake, tables of the producer's own, and other administrators."""
    accounts.box.reset()
    for account in (PRODUCER, CONSUMER, SECOND_CONSUMER):
        accounts.make_operator(account)
        _administer(accounts, account, f"arn:aws:iam::{account}:user/administrator")
    accounts.seed(list(TABLES), rows=1)
    _own_tables(accounts)
    _roles(accounts)
    _database_beside(accounts)


def plant(accounts: Accounts, choose: Random) -> list[str]:
    """Plant some of what could be mistaken for ours, as *choose* has it; returns the names of what was planted."""
    planted = [(name, put) for name, put in PLANTS.items() if choose.random() < 0.3]
    for _name, put in planted:
        put(accounts)
    return [name for name, _put in planted]


def _administer(accounts: Accounts, account: str, principal: str) -> None:
    lake = accounts.client("lakeformation", account)
    document = lake.get_data_lake_settings()["DataLakeSettings"]
    rows = [*document["DataLakeAdmins"], {"DataLakePrincipalIdentifier": principal}]
    document |= {"DataLakeAdmins": rows, "TrustedResourceOwners": ["444444444444"]}
    lake.put_data_lake_settings(DataLakeSettings=document)


def _own_tables(accounts: Accounts) -> None:
    s3, glue = accounts.client("s3", PRODUCER), accounts.client("glue", PRODUCER)
    s3.create_bucket(Bucket="producer-bucket", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"})
    glue.create_database(DatabaseInput={"Name": OWN_DATABASE, "CreateTableDefaultPermissions": []})
    for name in ("contacts", "queues"):
        glue.create_table(DatabaseName=OWN_DATABASE, TableInput=table_input(name))
    arn = "arn:aws:s3:::producer-bucket"
    accounts.client("lakeformation", PRODUCER).register_resource(ResourceArn=arn, UseServiceLinkedRole=True)


def _roles(accounts: Accounts) -> None:
    for account in (CONSUMER, SECOND_CONSUMER):
        iam = accounts.client("iam", account)
        for name in (ANALYST, OTHER):
            trust = json.dumps({"Version": "2012-10-17", "Statement": [GLUE_TRUST]})
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        iam.put_role_policy(RoleName=ANALYST, PolicyName="theirs", PolicyDocument=json.dumps(POLICY))
        iam.attach_role_policy(RoleName=ANALYST, PolicyArn="arn:aws:iam::aws:policy/AmazonAthenaFullAccess")


def _database_beside(accounts: Accounts) -> None:
    glue = accounts.client("glue")
    glue.create_database(DatabaseInput={"Name": "theirs", "CreateTableDefaultPermissions": []})
    glue.create_table(DatabaseName="theirs", TableInput=table_input("things"))
    for who in (ANALYST, OTHER):
        _grant(accounts, who, {"Table": {"DatabaseName": "theirs", "Name": "things"}}, "SELECT", "DESCRIBE")


def _grant(accounts: Accounts, who: str, resource: dict[str, Any], *permissions: str) -> None:
    accounts.client("lakeformation").grant_permissions(
        Principal={"DataLakePrincipalIdentifier": role_arn(who)}, Resource=resource, Permissions=list(permissions)
    )


def _equal_database(accounts: Accounts) -> None:
    glue = accounts.client("glue")
    glue.create_database(DatabaseInput={"Name": DATABASE, "CreateTableDefaultPermissions": []})
    glue.create_table(DatabaseName=DATABASE, TableInput=table_input("beside"))
    _grant(accounts, ANALYST, {"Database": {"Name": DATABASE}}, "DESCRIBE")
    _grant(accounts, OTHER, {"Database": {"Name": DATABASE}}, "DESCRIBE", "CREATE_TABLE")


def _equal_link(accounts: Accounts) -> None:
    glue = accounts.client("glue")
    if DATABASE not in [row["Name"] for row in glue.get_databases()["DatabaseList"]]:
        _equal_database(accounts)
    target = {"CatalogId": accounts.lake_account, "DatabaseName": "connect_datalake", "Name": "users"}
    glue.create_table(DatabaseName=DATABASE, TableInput={"Name": "users_link", "TargetTable": target})
    for who in (ANALYST, OTHER):
        _grant(accounts, who, {"Table": {"DatabaseName": DATABASE, "Name": "users_link"}}, "DESCRIBE")


def _equal_administrator(accounts: Accounts) -> None:
    _administer(accounts, CONSUMER, role_arn(OPERATOR))


def _accepted_association(accounts: Accounts) -> None:
    """Somebody shared a table already, accepted it, and let two roles read some of it."""
    connect, ram = accounts.client("connect", PRODUCER), accounts.client("ram")
    made = connect.associate_analytics_data_set(
        InstanceId=accounts.instance, DataSetId="users", TargetAccountId=CONSUMER
    )
    pending = ram.get_resource_share_invitations(resourceShareArns=[made["ResourceShareArn"]])
    for row in pending["resourceShareInvitations"]:
        ram.accept_resource_share_invitation(resourceShareInvitationArn=row["resourceShareInvitationArn"])
    table = {"CatalogId": accounts.lake_account, "DatabaseName": "connect_datalake", "Name": "users"}
    for who in (ANALYST, OTHER):
        _grant(accounts, who, {"TableWithColumns": {**table, "ColumnNames": ["user_id", "first_name"]}}, "SELECT")


def _pending_association(accounts: Accounts) -> None:
    """Somebody shared a table, and nobody accepted it yet: that becomes an acceptance of ours, and stays one."""
    accounts.client("connect", PRODUCER).associate_analytics_data_set(
        InstanceId=accounts.instance, DataSetId="agent_event", TargetAccountId=SECOND_CONSUMER
    )


def _equal_role(accounts: Accounts) -> None:
    """The reader's role exists just as we would make it, and carries a policy of its own."""
    proof = {
        "Effect": "Allow",
        "Principal": {"AWS": role_arn(OPERATOR)},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": SECRET}},
    }
    service = {**GLUE_TRUST, "Principal": {"Service": "lambda.amazonaws.com"}}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [service, proof]})
    iam = accounts.client("iam")
    iam.create_role(RoleName=READER, AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName=READER, PolicyName="theirs", PolicyDocument=json.dumps(POLICY))


def _ruled_default(accounts: Accounts) -> None:
    accounts.client("glue").create_database(DatabaseInput={"Name": "default", "CreateTableDefaultPermissions": []})
    _grant(accounts, OTHER, {"Database": {"Name": "default"}}, "DESCRIBE")


PLANTS = {
    "equal database": _equal_database,
    "equal link": _equal_link,
    "equal administrator": _equal_administrator,
    "accepted association": _accepted_association,
    "pending association": _pending_association,
    "equal role": _equal_role,
    "ruled default": _ruled_default,
}
