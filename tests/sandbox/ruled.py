"""A lake under Lake Formation, ``ruled.t``, and short words for the calls that its tests make."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, PRODUCER, as_role

GROUP = "IAM_ALLOWED_PRINCIPALS"
LEFT_TO_IAM = [{"Principal": {"DataLakePrincipalIdentifier": GROUP}, "Permissions": ["ALL"]}]
TABLE = {"Table": {"DatabaseName": "ruled", "Name": "t"}}
DATABASE = {"Database": {"Name": "ruled"}}
COLUMNS = [{"Name": "id", "Type": "string"}, {"Name": "amount", "Type": "bigint"}, {"Name": "note", "Type": "string"}]


def on_columns(*names: str, excluded: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Name some columns of the table, or all but the excluded ones."""
    which = {"ColumnNames": list(names)} if excluded is None else {"ColumnWildcard": {"ExcludedColumnNames": excluded}}
    return {"TableWithColumns": {"DatabaseName": "ruled", "Name": "t", **which}}


class Lake:
    """One account's Lake Formation, with short words for its calls."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def put(self, *admins: str, **settings: Any) -> None:
        """Replace the settings."""
        entries = [{"DataLakePrincipalIdentifier": admin} for admin in admins]
        self.client.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": entries, **settings})

    def grant(self, to: str, resource: dict[str, Any], *permissions: str, options: tuple[str, ...] = ()) -> None:
        """Grant."""
        self.client.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": to},
            Resource=resource,
            Permissions=list(permissions),
            PermissionsWithGrantOption=list(options),
        )

    def revoke(self, of: str, resource: dict[str, Any], *permissions: str, options: tuple[str, ...] = ()) -> None:
        """Revoke."""
        self.client.revoke_permissions(
            Principal={"DataLakePrincipalIdentifier": of},
            Resource=resource,
            Permissions=list(permissions),
            PermissionsWithGrantOption=list(options),
        )

    def rows(self, **filters: Any) -> list[dict[str, Any]]:
        """List everything that the filters let through."""
        found: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            answer = self.client.list_permissions(**filters, **token)
            found += answer["PrincipalResourcePermissions"]
            if "NextToken" not in answer:
                return found
            token = {"NextToken": answer["NextToken"]}

    def held(self, principal: str, **filters: Any) -> list[tuple[dict[str, Any], list[str], list[str]]]:
        """List what one principal holds, chosen on this side: resource, permissions, those with the grant option."""
        return [
            (row["Resource"], row["Permissions"], row["PermissionsWithGrantOption"])
            for row in self.rows(**filters)
            if row["Principal"]["DataLakePrincipalIdentifier"] == principal
        ]


def ruled_lake(client: ClientMaker) -> Lake:
    """Make the consumer's lake: an administrator, a role ``reader``, and ``ruled.t``, which Lake Formation rules."""
    lake = Lake(client("lakeformation", CONSUMER))
    lake.put(ADMIN)
    as_role(client, "glue", "reader")
    glue = as_role(client, "glue", "maker")
    glue.create_database(DatabaseInput={"Name": "ruled", "CreateTableDefaultPermissions": []})
    storage = {"Columns": COLUMNS, "Location": "s3://sales/t/"}
    glue.create_table(DatabaseName="ruled", TableInput={"Name": "t", "StorageDescriptor": storage})
    target = {"CatalogId": PRODUCER, "DatabaseName": "d", "Name": "t"}
    glue.create_table(DatabaseName="ruled", TableInput={"Name": "link", "TargetTable": target})
    glue.create_database(
        DatabaseInput={"Name": "ruled_link", "TargetDatabase": {"CatalogId": CONSUMER, "DatabaseName": "ruled"}}
    )
    return lake
