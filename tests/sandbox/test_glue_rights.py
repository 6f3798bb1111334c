"""The Data Catalog where Lake Formation rules it, and across accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, PRODUCER, as_role, refused
from tests.sandbox.sales import link_to, rule_in, sales_catalog, table_input


@pytest.fixture
def glue(client: ClientMaker) -> Any:
    """The consumer's catalog."""
    return sales_catalog(client)


@pytest.fixture
def role(client: ClientMaker) -> Callable[[str], Any]:
    """Make Glue clients that act as a role of the consumer."""
    return lambda name: as_role(client, "glue", name)


class TestWithoutLeave:
    """Where Lake Formation rules, Glue refuses what it has not granted."""

    def test_nobody_creates_databases_once_that_is_revoked_from_iam(self, client: ClientMaker) -> None:
        """A fresh account lets any IAM principal create databases; revoked, it takes a grant or an administrator."""
        lake_formation = client("lakeformation", CONSUMER)
        lake_formation.put_data_lake_settings(
            DataLakeSettings={"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}
        )
        lake_formation.revoke_permissions(
            Principal={"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
            Resource={"Catalog": {}},
            Permissions=["CREATE_DATABASE"],
        )
        client("glue", CONSUMER).create_database(DatabaseInput={"Name": "by_admin"})
        lake_formation.put_data_lake_settings(DataLakeSettings={})

        with refused("AccessDeniedException", "Required Create Database on Catalog"):
            client("glue", CONSUMER).create_database(DatabaseInput={"Name": "by_nobody"})

    def test_the_maker_of_a_database_uses_it_and_others_do_not_see_it(self, client: ClientMaker, role: Any) -> None:
        """A database under Lake Formation shows to its maker alone; others' lists leave it out and gets are refused."""
        rule_in(client)
        role("maker").create_database(DatabaseInput={"Name": "ruled"})
        role("maker").create_table(DatabaseName="ruled", TableInput=table_input("t"))
        other = role("other")

        assert [each["Name"] for each in role("maker").get_databases()["DatabaseList"]] == ["ruled"]
        assert other.get_databases()["DatabaseList"] == []
        assert other.get_tables(DatabaseName="ruled")["TableList"] == []
        with refused(
            "AccessDeniedException", r"Insufficient Lake Formation permission\(s\): Required Describe on ruled"
        ):
            other.get_database(Name="ruled")
        with refused("AccessDeniedException", "Required Describe on t"):
            other.get_table(DatabaseName="ruled", Name="t")
        with refused("AccessDeniedException", "Required Create Table on ruled"):
            other.create_table(DatabaseName="ruled", TableInput=table_input("mine"))

    def test_an_administrator_sees_a_link_and_cannot_drop_it_before_granting_itself_drop(
        self, client: ClientMaker, role: Any
    ) -> None:
        """An administrator drops another principal's link only after a grant of DROP to itself."""
        rule_in(client)
        maker = role("maker")
        maker.create_database(DatabaseInput={"Name": "ruled"})
        maker.create_table(DatabaseName="ruled", TableInput={"Name": "l", "TargetTable": link_to("t")})
        lake_formation, glue = client("lakeformation", CONSUMER), client("glue", CONSUMER)
        lake_formation.put_data_lake_settings(
            DataLakeSettings={"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}
        )

        assert glue.get_table(DatabaseName="ruled", Name="l")["Table"]["Name"] == "l"
        with refused("AccessDeniedException", "Required Drop on l"):
            glue.delete_table(DatabaseName="ruled", Name="l")
        lake_formation.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": ADMIN},
            Resource={"Table": {"DatabaseName": "ruled", "Name": "l"}},
            Permissions=["DROP"],
        )
        glue.delete_table(DatabaseName="ruled", Name="l")

    def test_another_accounts_catalog_is_closed(self, glue: Any, client: ClientMaker) -> None:
        """CatalogId of another account works under a share and grants only, and does not tell what is there."""
        producer = client("glue", PRODUCER)

        with refused("AccessDeniedException", "no resource-based policy allows the glue:GetTable action"):
            producer.get_table(CatalogId=CONSUMER, DatabaseName="sales", Name="orders")
        with refused("AccessDeniedException", "Required Describe on sales"):
            producer.get_database(CatalogId=CONSUMER, Name="sales")
        with refused("AccessDeniedException", "Required Describe on nowhere"):
            producer.get_database(CatalogId=CONSUMER, Name="nowhere")
        with refused("AccessDeniedException", "Required Describe on sales"):
            producer.create_table(CatalogId=CONSUMER, DatabaseName="sales", TableInput=table_input("mine"))

    def test_a_reader_of_some_columns_sees_those(self, client: ClientMaker, role: Any) -> None:
        """GetTable shows the columns on which the caller holds SELECT, when it holds nothing else."""
        rule_in(client)
        maker = role("maker")
        maker.create_database(DatabaseInput={"Name": "ruled"})
        maker.create_table(DatabaseName="ruled", TableInput=table_input("t"))
        client("lakeformation", CONSUMER).put_data_lake_settings(
            DataLakeSettings={"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}
        )
        reader = role("reader")
        client("lakeformation", CONSUMER).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/reader"},
            Resource={"TableWithColumns": {"DatabaseName": "ruled", "Name": "t", "ColumnNames": ["id"]}},
            Permissions=["SELECT"],
        )

        table = reader.get_table(DatabaseName="ruled", Name="t")["Table"]

        assert [each["Name"] for each in table["StorageDescriptor"]["Columns"]] == ["id"]

    def test_a_databases_defaults_are_granted_on_its_new_tables(
        self, client: ClientMaker, role: Callable[[str], Any]
    ) -> None:
        """To whom they name, and what they name: a principal's SELECT leaves nothing to IAM."""
        rule_in(client)
        maker, reader, other = role("maker"), role("reader"), role("other")
        principal = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/reader"}
        defaults = [{"Principal": principal, "Permissions": ["SELECT"]}]
        maker.create_database(DatabaseInput={"Name": "ruled", "CreateTableDefaultPermissions": defaults})

        maker.create_table(DatabaseName="ruled", TableInput=table_input("t"))

        assert reader.get_table(DatabaseName="ruled", Name="t")["Table"]["Name"] == "t"
        with refused("AccessDeniedException"):
            other.get_table(DatabaseName="ruled", Name="t")
        with refused("AccessDeniedException"):
            reader.delete_table(DatabaseName="ruled", Name="t")
