"""What tests of shares between accounts have in common: a lake of the producer's, grants on it, RAM on both sides."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, REGION

GLUE = f"arn:aws:glue:{REGION}:{PRODUCER}"
TABLE = f"{GLUE}:table/sales/orders"
UNKNOWN = "00000000-0000-0000-0000-000000000000"
ADMINISTRATOR = f"arn:aws:iam::{PRODUCER}:user/administrator"
MANAGER: tuple[dict[str, Any], ...] = (
    {
        "Effect": "Allow",
        "Action": ["ram:CreateResourceShare"],
        "Resource": "*",
        "Condition": {
            "StringLikeIfExists": {"ram:RequestedResourceType": ["glue:Table", "glue:Database", "glue:Catalog"]}
        },
    },
    {
        "Effect": "Allow",
        "Action": [
            "ram:UpdateResourceShare",
            "ram:DeleteResourceShare",
            "ram:AssociateResourceShare",
            "ram:DisassociateResourceShare",
            "ram:GetResourceShares",
        ],
        "Resource": "*",
        "Condition": {"StringLike": {"ram:ResourceShareName": ["LakeFormation*"]}},
    },
    {
        "Effect": "Allow",
        "Action": ["ram:AssociateResourceSharePermission"],
        "Resource": "*",
        "Condition": {"ArnLike": {"ram:PermissionArn": ["arn:aws:ram::aws:permission/AWSRAMLFEnabled*"]}},
    },
    {
        "Effect": "Allow",
        "Action": ["glue:PutResourcePolicy", "glue:DeleteResourcePolicy", "ram:Get*", "ram:List*"],
        "Resource": "*",
    },
)
"""What AWSLakeFormationCrossAccountManager lets a grantor do."""
LENDING: dict[str, Any] = {
    "Effect": "Allow",
    "Action": ["lakeformation:*", "glue:GetTable", "glue:GetDatabase"],
    "Resource": "*",
}


def table(name: str, database: str = "sales") -> dict[str, Any]:
    """Return a table of the producer's as grants name it."""
    return {"Table": {"CatalogId": PRODUCER, "DatabaseName": database, "Name": name}}


def all_tables(database: str = "sales") -> dict[str, Any]:
    """Return every table of a database as grants name it."""
    return {"Table": {"CatalogId": PRODUCER, "DatabaseName": database, "TableWildcard": {}}}


def database(name: str = "sales") -> dict[str, Any]:
    """Return a database of the producer's as grants name it."""
    return {"Database": {"CatalogId": PRODUCER, "Name": name}}


def manager_without(action: str) -> list[dict[str, Any]]:
    """Return the statements of MANAGER but for one action."""
    left = [{**each, "Action": [one for one in each["Action"] if one != action]} for each in MANAGER]
    return [each for each in left if each["Action"]]


@dataclass(frozen=True, slots=True)
class Lending:
    """A lake of the producer's with two databases of three tables each, and the two accounts' sides of sharing it."""

    box: Sandbox
    client: ClientMaker

    def open(self, version: int) -> None:
        """Make the lake, at one CROSS_ACCOUNT_VERSION, and the consumer's administrator a data lake administrator."""
        self.settle(version)
        glue = self.client("glue", PRODUCER)
        for name in ("sales", "stock"):
            glue.create_database(DatabaseInput={"Name": name, "CreateTableDefaultPermissions": []})
            for one in ("orders", "returns", "items"):
                columns = [{"Name": "id", "Type": "string"}]
                storage = {"Columns": columns, "Location": f"s3://lake/{name}/{one}/"}
                glue.create_table(DatabaseName=name, TableInput={"Name": one, "StorageDescriptor": storage})
        admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:user/administrator"}
        self.client("lakeformation", CONSUMER).put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": [admin]})

    def settle(self, version: int, *admins: str) -> None:
        """Put the producer's settings: a version, and administrators beside its own."""
        self.client("lakeformation", PRODUCER).put_data_lake_settings(
            DataLakeSettings={
                "DataLakeAdmins": [{"DataLakePrincipalIdentifier": each} for each in (ADMINISTRATOR, *admins)],
                "CreateDatabaseDefaultPermissions": [],
                "CreateTableDefaultPermissions": [],
                "Parameters": {"CROSS_ACCOUNT_VERSION": str(version)},
            }
        )

    def grant(self, what: dict[str, Any], *permissions: str, to: str = CONSUMER, by: Any = None) -> None:
        """Grant with the option to pass it on, as the producer's administrator or as *by*; DESCRIBE by default."""
        given = list(permissions or ["DESCRIBE"])
        (by or self.client("lakeformation", PRODUCER)).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": to},
            Resource=what,
            Permissions=given,
            PermissionsWithGrantOption=given,
        )

    def revoke(self, what: dict[str, Any], *permissions: str, to: str = CONSUMER, by: Any = None) -> None:
        """Take back what ``grant`` gave."""
        given = list(permissions or ["DESCRIBE"])
        (by or self.client("lakeformation", PRODUCER)).revoke_permissions(
            Principal={"DataLakePrincipalIdentifier": to}, Resource=what, Permissions=given
        )

    def grantor(self, *statements: dict[str, Any], version: int = 4, **session: Any) -> Any:
        """Return Lake Formation for a role of the producer's, an administrator of the lake, that may *statements*."""
        arn = f"arn:aws:iam::{PRODUCER}:role/grantor"
        iam, trusted = self.client("iam", PRODUCER), {"AWS": f"arn:aws:iam::{PRODUCER}:root"}
        trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName="grantor", AssumeRolePolicyDocument=policy(trust))
        iam.put_role_policy(RoleName="grantor", PolicyName="p", PolicyDocument=policy(LENDING, *statements))
        self.settle(version, arn)
        answer = self.client("sts", PRODUCER).assume_role(RoleArn=arn, RoleSessionName="test", **session)
        return self.client("lakeformation", answer["Credentials"])

    def living(self) -> list[dict[str, Any]]:
        """Return the producer's shares that are not deleted."""
        answer = self.client("ram", PRODUCER).get_resource_shares(resourceOwner="SELF", resourceShareStatus="ACTIVE")
        found: list[dict[str, Any]] = answer["resourceShares"]
        return found

    def associated(self, kind: str = "RESOURCE", **asked: Any) -> list[tuple[str, str]]:
        """Return what is in the producer's shares, and how far it has come."""
        ram = self.client("ram", PRODUCER)
        answer = ram.get_resource_share_associations(associationType=kind, **asked)["resourceShareAssociations"]
        return [(each["associatedEntity"], each["status"]) for each in answer]

    def received(self) -> list[str]:
        """Return the ARNs that the consumer has by its accepted shares."""
        answer = self.client("ram", CONSUMER).list_resources(resourceOwner="OTHER-ACCOUNTS")
        return [each["arn"] for each in answer["resources"]]

    def invitations(self) -> list[dict[str, Any]]:
        """Return what the consumer was invited to and has not answered."""
        answer = self.client("ram", CONSUMER).get_resource_share_invitations()["resourceShareInvitations"]
        return [each for each in answer if each["status"] == "PENDING"]

    def accept(self) -> None:
        """Accept what the consumer was invited to."""
        for each in self.invitations():
            arn = each["resourceShareInvitationArn"]
            self.client("ram", CONSUMER).accept_resource_share_invitation(resourceShareInvitationArn=arn)

    def tables_seen(self, database: str = "sales") -> list[str]:
        """Return the tables of a database that the consumer's administrator sees."""
        answer = self.client("glue", CONSUMER).get_tables(CatalogId=PRODUCER, DatabaseName=database)
        return sorted(each["Name"] for each in answer["TableList"])


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def invitation_to(consumer: Any) -> str:
    """Return the ARN of the only invitation that a consumer's RAM shows."""
    (invitation,) = consumer.get_resource_share_invitations()["resourceShareInvitations"]
    arn: str = invitation["resourceShareInvitationArn"]
    return arn


def accept_at(consumer: Any) -> None:
    """Accept the only invitation that a consumer's RAM shows."""
    consumer.accept_resource_share_invitation(resourceShareInvitationArn=invitation_to(consumer))


@pytest.fixture
def producer(client: ClientMaker) -> Any:
    """The producer's RAM."""
    return client("ram", PRODUCER)


@pytest.fixture
def consumer(client: ClientMaker) -> Any:
    """The consumer's RAM."""
    return client("ram", CONSUMER)


@pytest.fixture
def share(producer: Any) -> str:
    """A share of a table with the consumer; its ARN."""
    made = producer.create_resource_share(name="sales", resourceArns=[TABLE], principals=[CONSUMER])
    arn: str = made["resourceShare"]["resourceShareArn"]
    return arn
