"""Two accounts seen through the AWS CLI: by their administrators, and by a reader whom the operator lets in."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakeshare.sandbox import Sandbox
from tests.functional.accounts import BASE, CONSUMER, OPERATOR, PRODUCER, Accounts
from tests.oracles.programs import AwsCli, Lakeshare, administrator

TABLES = ["contact_record", "users"]
ADMINISTRATOR = f"arn:aws:iam::{CONSUMER}:user/administrator"
OPERATOR_ROLE = f"arn:aws:iam::{CONSUMER}:role/{OPERATOR}"
LOOKING_AT_ONCE = 4

Grant = tuple[str, str, str]
"""(principal, permission, what on): ``("arn:...:role/r", "DESCRIBE", "222222222222 database.link")``."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The two accounts, the AWS CLI as the user whom their operators trust, and our command line."""

    accounts: Accounts
    base: AwsCli
    lakeshare: Lakeshare

    @property
    def producer(self) -> AwsCli:
        """The AWS CLI as the producer's administrator."""
        return self.base.administrator(PRODUCER)

    @property
    def consumer(self) -> AwsCli:
        """The AWS CLI as the consumer's administrator, whom Lake Formation knows as its own."""
        return self.base.administrator(CONSUMER)

    def reader(self, role: str) -> AwsCli:
        """Return the AWS CLI as a role of the consumer's, assumed through the operator as `verify` assumes it."""
        return self.base.assume(OPERATOR_ROLE).assume(f"arn:aws:iam::{CONSUMER}:role/{role}")

    def associations(self) -> list[tuple[str, str]]:
        """Return (data set, consumer) of every association of the producer's instance."""
        rows = self.producer("connect", "list-analytics-data-associations", instance_id=self.accounts.instance)
        return sorted((row["DataSetId"], row["TargetAccountId"]) for row in rows["Results"])

    def active_shares(self) -> list[str]:
        """Return the owner of every share that the consumer can use."""
        rows = self.consumer("ram", "get-resource-shares", resource_owner="OTHER-ACCOUNTS")["resourceShares"]
        return sorted(row["owningAccountId"] for row in rows if row["status"] == "ACTIVE")

    def shared_tables(self) -> list[str]:
        """Return the name of every table in the shares that the consumer can use."""
        rows = self.consumer("ram", "list-resources", resource_owner="OTHER-ACCOUNTS")["resources"]
        return sorted(row["arn"].rpartition("/")[2] for row in rows if row["type"] == "glue:Table")

    def administrators(self) -> list[str]:
        """Return Lake Formation's administrators in the consumer."""
        settings = self.consumer("lakeformation", "get-data-lake-settings")["DataLakeSettings"]
        return [row["DataLakePrincipalIdentifier"] for row in settings["DataLakeAdmins"]]

    def grants(self, catalog: str = CONSUMER) -> set[Grant]:
        """Return the grants that the consumer's administrator sees in *catalog*, one permission each."""
        rows = self.consumer("lakeformation", "list-permissions", catalog_id=catalog)["PrincipalResourcePermissions"]
        return {
            (row["Principal"]["DataLakePrincipalIdentifier"], permission, named(row["Resource"]))
            for row in rows
            for permission in row["Permissions"]
        }

    def inventory(self) -> dict[str, Any]:
        """Return everything of both accounts that lakeshare could have made, as the AWS CLI finds it."""
        looks: dict[str, Callable[[], Any]] = {
            "associations": self.associations,
            "shares": self.active_shares,
            "tables shared": self.shared_tables,
            "administrators": self.administrators,
            "grants": self.grants,
            "grants on the lake": lambda: self.grants(self.accounts.lake_account),
            "databases": lambda: self._names("glue", "get-databases", "DatabaseList[].Name"),
            "roles": lambda: self._names("iam", "list-roles", "Roles[].RoleName"),
            "workgroups": lambda: self._names("athena", "list-work-groups", "WorkGroups[].Name"),
            "buckets": lambda: self._names("s3api", "list-buckets", "Buckets[].Name"),
        }
        with ThreadPoolExecutor(LOOKING_AT_ONCE) as pool:
            return dict(zip(looks, pool.map(lambda look: look(), looks.values()), strict=True))

    def _names(self, service: str, operation: str, query: str) -> list[str]:
        return sorted(self.consumer(service, operation, "--query", query))


def set_scene(box: Sandbox, folder: Path, executable: str) -> Scene:
    """Set up both accounts; the consumer's administrator is one of Lake Formation's, as after a first console visit."""
    accounts = two_accounts(box, folder)
    base = AwsCli(executable, box.endpoint_url, folder, administrator(BASE))
    made = Scene(accounts, base, Lakeshare(box.endpoint_url, folder))
    add_administrators(made.consumer, ADMINISTRATOR)
    return made


def two_accounts(box: Sandbox, folder: Path) -> Accounts:
    """Empty the sandbox and return a producer with a lake of two tables and a consumer, each with an operator."""
    box.reset()
    accounts = Accounts(box, folder)
    accounts.make_operator(PRODUCER)
    accounts.make_operator(CONSUMER)
    accounts.seed(TABLES)
    return accounts


def add_administrators(aws: AwsCli, *principals: str) -> None:
    """Add Lake Formation administrators as people do: get the settings, add, put them back."""
    settings = aws("lakeformation", "get-data-lake-settings")["DataLakeSettings"]
    settings["DataLakeAdmins"] += [{"DataLakePrincipalIdentifier": principal} for principal in principals]
    aws("lakeformation", "put-data-lake-settings", data_lake_settings=settings)


def named(resource: dict[str, Any]) -> str:
    """Name what a grant is on: its catalog, and the database and table as SQL has them."""
    if "Catalog" in resource:
        return f"{resource['Catalog'].get('Id')} catalog"
    if "Database" in resource:
        return f"{resource['Database']['CatalogId']} {resource['Database']['Name']}"
    table = resource.get("Table") or resource["TableWithColumns"]
    columns = f" {json.dumps(table['ColumnNames'])}" if "ColumnNames" in table else ""
    return f"{table['CatalogId']} {table['DatabaseName']}.{table['Name']}{columns}"
