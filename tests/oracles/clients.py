"""Connect's lake, shared by lakeshare, for Python programs that ask Athena: each in a session of some role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from tests.functional.accounts import BASE, CONSUMER, OPERATOR, READER, REGION, SECRET, Accounts, apply_all
from tests.oracles.scene import TABLES

DENIED = "lakeshare-connect-analytics-denied"
WORKGROUP = "lakeshare-connect-analytics"
SCRATCH = "scratch"
BUCKET = "scratch-bucket"


@dataclass(frozen=True, slots=True)
class Lake:
    """Both accounts after lakeshare has shared two tables: a role reads them, a role was granted nothing."""

    accounts: Accounts

    def session(self, role: str | None) -> boto3.Session:
        """Return a session of a role that is assumed through the operator, or of the operator itself."""
        keys = self._assume({"aws_access_key_id": BASE, "aws_secret_access_key": "x"}, OPERATOR)
        return boto3.Session(region_name=REGION, **(self._assume(keys, role) if role else keys))

    @property
    def reader(self) -> boto3.Session:
        """The role that was granted the tables."""
        return self.session(READER)

    @property
    def denied(self) -> boto3.Session:
        """The role that may ask Athena and was granted nothing."""
        return self.session(DENIED)

    def workshop(self) -> boto3.Session:
        """Return the operator, an administrator that may read ``users``, with a database and a bucket to write to."""
        operator = self.session(None)
        arn = f"arn:aws:iam::{CONSUMER}:role/{OPERATOR}"
        client: Any = operator.client
        client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        client("glue").create_database(DatabaseInput={"Name": SCRATCH, "CreateTableDefaultPermissions": []})
        client("lakeformation").grant_permissions(
            Principal={"DataLakePrincipalIdentifier": arn},
            Resource={
                "Table": {"CatalogId": self.accounts.lake_account, "DatabaseName": "connect_datalake", "Name": "users"}
            },
            Permissions=["SELECT", "DESCRIBE"],
        )
        return operator

    def _assume(self, keys: Mapping[str, str], role: str) -> dict[str, str]:
        sts = self.accounts.client("sts", **keys)
        session = sts.assume_role(
            RoleArn=f"arn:aws:iam::{CONSUMER}:role/{role}", RoleSessionName="oracle", ExternalId=SECRET
        )["Credentials"]
        return {
            "aws_access_key_id": session["AccessKeyId"],
            "aws_secret_access_key": session["SecretAccessKey"],
            "aws_session_token": session["SessionToken"],
        }


@contextmanager
def shared_lake(accounts: Accounts) -> Iterator[Lake]:
    """Share the lake, and let every client that is made meanwhile take the sandbox for AWS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", accounts.box.endpoint_url)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_ACCESS_KEY_ID", BASE)
        patch.setenv("AWS_SECRET_ACCESS_KEY", "x")
        apply_all(accounts.write({"s": accounts.share(*TABLES, prove_denial=True)}))
        yield Lake(accounts)
