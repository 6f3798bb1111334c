"""What every tool is asked to make, and the calls that make, check and unmake it one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

REGION = "ap-southeast-2"
PRODUCER, CONSUMER = "111111111111", "222222222222"
ADMINISTRATOR = f"arn:aws:iam::{CONSUMER}:user/administrator"
SOURCE_DATABASE = "connect_datalake"
DATABASE = "side_by_side"
POLICY = "lakeshare-side-by-side"
WORKGROUP, RESULTS_BUCKET = "side-by-side", "side-by-side-results"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
RIGHTS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:StartQueryExecution",
                "glue:GetDatabase",
                "glue:GetPartitions",
                "glue:GetTable",
                "lakeformation:GetDataAccess",
            ],
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject"],
            "Resource": [f"arn:aws:s3:::{RESULTS_BUCKET}", f"arn:aws:s3:::{RESULTS_BUCKET}/*"],
        },
    ],
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: boto3's service and operation names, and its parameters."""

    service: str
    operation: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """
    A database of links in the consumer, one for each of *tables*, and *readers* roles that may read through them.

    ``lake_account`` owns the tables; the share with them has been accepted before.
    """

    readers: tuple[str, ...]
    tables: tuple[str, ...]
    instance: str
    lake_account: str

    @property
    def grants(self) -> int:
        """How many grants there are: for each reader one on the database, and two on each table."""
        return len(self.readers) * (1 + 2 * len(self.tables))

    def calls(self, stage: str) -> list[Call]:
        """Return the calls of *stage*, ``apply``, ``plan`` or ``destroy``, in the order in which they work."""
        match stage:
            case "apply":
                return [*self._apply()]
            case "plan":
                return [*self._plan()]
            case "destroy":
                return [*self._destroy()]
            case other:
                raise ValueError(f"there is no stage {other}")

    def _apply(self) -> Iterator[Call]:
        yield Call(
            "glue", "create_database", {"DatabaseInput": {"Name": DATABASE, "CreateTableDefaultPermissions": []}}
        )
        for table in self.tables:
            target = {"CatalogId": self.lake_account, "DatabaseName": SOURCE_DATABASE, "Name": table}
            link = {"Name": link_of(table), "TargetTable": target}
            yield Call("glue", "create_table", {"DatabaseName": DATABASE, "TableInput": link})
        for role in self.readers:
            yield Call("iam", "create_role", {"RoleName": role, "AssumeRolePolicyDocument": json.dumps(TRUST)})
            document = {"PolicyName": POLICY, "PolicyDocument": json.dumps(RIGHTS)}
            yield Call("iam", "put_role_policy", {"RoleName": role, **document})
        for grant in self._grants():
            yield Call("lakeformation", "grant_permissions", grant)

    def _plan(self) -> Iterator[Call]:
        yield Call("glue", "get_database", {"Name": DATABASE})
        for table in self.tables:
            yield Call("glue", "get_table", {"DatabaseName": DATABASE, "Name": link_of(table)})
        for role in self.readers:
            yield Call("iam", "get_role", {"RoleName": role})
            yield Call("iam", "get_role_policy", {"RoleName": role, "PolicyName": POLICY})
        for grant in self._grants():
            asked = {"CatalogId": catalog_of(grant["Resource"]), "Resource": grant["Resource"]}
            yield Call("lakeformation", "list_permissions", {"Principal": grant["Principal"], **asked})

    def _destroy(self) -> Iterator[Call]:
        for grant in self._grants():
            yield Call("lakeformation", "revoke_permissions", grant)
        for role in self.readers:
            yield Call("iam", "delete_role_policy", {"RoleName": role, "PolicyName": POLICY})
            yield Call("iam", "delete_role", {"RoleName": role})
        for table in self.tables:
            yield Call("glue", "delete_table", {"DatabaseName": DATABASE, "Name": link_of(table)})
        yield Call("glue", "delete_database", {"Name": DATABASE})

    def _grants(self) -> Iterator[dict[str, Any]]:
        """Yield the parameters of each grant: on the database, then on link and target of each table."""
        for role in self.readers:
            yield _grant(role, "DESCRIBE", {"Database": {"CatalogId": CONSUMER, "Name": DATABASE}})
            for table in self.tables:
                link = {"CatalogId": CONSUMER, "DatabaseName": DATABASE, "Name": link_of(table)}
                target = {"CatalogId": self.lake_account, "DatabaseName": SOURCE_DATABASE, "Name": table}
                yield _grant(role, "DESCRIBE", {"Table": link})
                yield _grant(role, "SELECT", {"Table": target})


def link_of(table: str) -> str:
    """Return the name of the link to *table*."""
    return f"{table}_link"


def catalog_of(resource: dict[str, Any]) -> str:
    """Return the catalog that *resource*, a database or a table as Lake Formation has it, is in."""
    [described] = resource.values()
    return str(described["CatalogId"])


def _grant(role: str, permission: str, resource: dict[str, Any]) -> dict[str, Any]:
    principal = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/{role}"}
    return {"Principal": principal, "Permissions": [permission], "Resource": resource}
