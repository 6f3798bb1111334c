"""Two AWS accounts in the sandbox, an operator role in each, and a spec: what the functional tests start from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import yaml
from botocore.config import Config

from lakeshare import app
from lakeshare.planning.plan import Plan
from lakeshare.sandbox import Sandbox

REGION = "ap-southeast-2"
PRODUCER, CONSUMER, SECOND_CONSUMER, BASE = "111111111111", "222222222222", "333333333333", "999999999999"
SECRET = "a-secret-external-id"
READER = "connect-analytics-lambda-execution-role"
OPERATOR = "lakeshare-operator"
DATABASE = "connect_analytics_consumer"


@dataclass
class Accounts:
    """The sandbox with two accounts in it, and a folder with a spec."""

    box: Sandbox
    folder: Path
    instance: str = ""
    lake_account: str = ""
    environ: dict[str, str] = field(default_factory=lambda: {"EXTERNAL_ID": SECRET})

    def client(self, service: str, account: str = CONSUMER, **keys: Any) -> Any:
        """Return a boto3 client of *account*'s administrator, or of the session whose *keys* are given."""
        signed = keys or {"aws_access_key_id": account, "aws_secret_access_key": "x"}
        return _client(service, self.box.endpoint_url, tuple(signed.items()))

    def seed(self, tables: list[str] | None = None, rows: int = 20) -> None:
        """Give the producer a Connect instance with a lake."""
        seeded = self.box.seed(instance_account=PRODUCER, region=REGION, tables=tables, rows=rows)
        self.instance, self.lake_account = seeded["instance_id"], seeded["lake_account"]

    def control(self, what: str, value: Any) -> Any:
        """PUT *value* to the sandbox's control interface and return what now holds."""
        request = Request(f"{self.box.endpoint_url}/_sandbox/{what}", json.dumps(value).encode(), method="PUT")  # noqa: S310
        with urlopen(request) as answer:  # noqa: S310 - our own server on loopback
            return json.load(answer)

    def asked(self, what: str) -> Any:
        """GET what holds of *what* at the sandbox's control interface."""
        with urlopen(f"{self.box.endpoint_url}/_sandbox/{what}") as answer:  # noqa: S310 - our own server on loopback
            return json.load(answer)

    def make_operator(self, account: str) -> str:
        """Make the operator role of *account*, as its first administrator would; returns its ARN."""
        iam = self.client("iam", account)
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{BASE}:user/administrator"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": SECRET}},
        }
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        arn: str = iam.create_role(RoleName=OPERATOR, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        iam.attach_role_policy(RoleName=OPERATOR, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        return arn

    def share(self, *tables: str, **changes: Any) -> dict[str, Any]:
        """Return a share of Connect's lake as a user writes it."""
        return {
            "from": {"account": "producer", "connect": {"instance": self.instance, "tables": list(tables)}},
            "to": {"account": "consumer", "database": DATABASE, "links": "{table}_link"},
            "readers": [{"role": READER, "create": {"service": "lambda.amazonaws.com"}}],
            **changes,
        }

    def write(self, shares: Mapping[str, Any], **more: Any) -> app.Settings:
        """Write the spec and return the settings with which to act on it."""

        def account(number: str) -> dict[str, str]:
            return {"id": number, "region": REGION, "role": OPERATOR, "external_id": "${EXTERNAL_ID}"}

        document = {
            "version": 1,
            "name": "connect-analytics",
            "accounts": {"producer": account(PRODUCER), "consumer": account(CONSUMER), **more},
            "shares": dict(shares),
        }
        path = self.folder / "lakeshare.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        return app.Settings(path, endpoint_url=self.box.endpoint_url, environ=self.environ)

    def second_consumer(self) -> dict[str, Any]:
        """Return another consumer as a spec names it."""
        return {"id": SECOND_CONSUMER, "region": REGION, "role": OPERATOR, "external_id": "${EXTERNAL_ID}"}

    def everything(self) -> dict[str, Any]:
        """Return all that lakeshare could have changed, account by account, in a form that can be compared."""
        return {account: self._inventory(account) for account in (PRODUCER, CONSUMER)}

    def _inventory(self, account: str) -> dict[str, Any]:
        glue, lake, iam = (self.client(name, account) for name in ("glue", "lakeformation", "iam"))
        databases = [row["Name"] for row in glue.get_databases()["DatabaseList"]]
        settings = lake.get_data_lake_settings()["DataLakeSettings"]
        return {
            "databases": databases,
            "administrators": settings["DataLakeAdmins"],
            "settings": {key: value for key, value in settings.items() if key != "DataLakeAdmins"},
            "roles": sorted(row["RoleName"] for row in iam.list_roles()["Roles"]),
            "buckets": sorted(row["Name"] for row in self.client("s3", account).list_buckets()["Buckets"]),
            "workgroups": sorted(
                row["Name"] for row in self.client("athena", account).list_work_groups()["WorkGroups"]
            ),
            "associations": self._associations(account),
        }

    def _associations(self, account: str) -> list[tuple[str, str]]:
        if account != PRODUCER or not self.instance:
            return []
        rows = self.client("connect", account).list_analytics_data_associations(InstanceId=self.instance)["Results"]
        return sorted((row["DataSetId"], row["TargetAccountId"]) for row in rows)

    def grants(self, account: str = CONSUMER, catalog: str | None = None) -> set[tuple[str, str, str]]:
        """Return (principal, permission, what) of every grant that an administrator of *account* sees."""
        lake = self.client("lakeformation", account)
        settings = lake.get_data_lake_settings()["DataLakeSettings"]
        me = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:user/administrator"}
        lake.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": [*settings["DataLakeAdmins"], me]})
        rows = []
        token: dict[str, str] = {}
        while True:
            page = lake.list_permissions(CatalogId=catalog or account, **token)
            rows += page["PrincipalResourcePermissions"]
            if not page.get("NextToken"):
                break
            token = {"NextToken": page["NextToken"]}
        lake.put_data_lake_settings(DataLakeSettings=settings)
        return {
            (row["Principal"]["DataLakePrincipalIdentifier"], permission, _thing(row["Resource"]))
            for row in rows
            for permission in row["Permissions"]
        }


@lru_cache(maxsize=200)  # they hold nothing of a test, and making them was a tenth of its time
def _client(service: str, endpoint_url: str, signed: tuple[tuple[str, Any], ...]) -> Any:
    untyped: Any = boto3  # its stubs want each service spelt out
    config = Config(retries={"total_max_attempts": 1})
    return untyped.client(service, region_name=REGION, endpoint_url=endpoint_url, config=config, **dict(signed))


def _thing(resource: Mapping[str, Any]) -> str:
    if "Database" in resource:
        return str(resource["Database"]["Name"])
    table = resource.get("Table") or resource.get("TableWithColumns") or {}
    columns = f"({','.join(table['ColumnNames'])})" if table.get("ColumnNames") else ""
    return f"{table.get('DatabaseName')}.{table.get('Name')}{columns}"


def apply_all(settings: app.Settings, **options: Any) -> app.Applied:
    """Apply, and fail the test with what went wrong when anything did."""
    applied = app.apply(settings, app.Options(**options))
    assert applied.failures == (), [(item.address, str(item.error)) for item in applied.failures]
    assert applied.skipped == ()
    assert applied.trouble is None
    return applied


def destroy_all(settings: app.Settings) -> app.Applied:
    """Destroy, and fail the test with what went wrong when anything did."""
    applied = app.destroy(settings, confirm=lambda _plan: True)
    assert applied.failures == (), [(item.address, str(item.error)) for item in applied.failures]
    assert applied.trouble is None
    return applied


def steps(plan: Plan) -> list[tuple[str, str]]:
    """Return the plan's steps as (action, address)."""
    return [(step.action, step.address) for step in plan.steps]
