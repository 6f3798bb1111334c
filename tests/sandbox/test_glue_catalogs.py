"""Catalogs within an account's own, and what can be granted on them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, PRODUCER, READER, as_role, refused
from tests.sandbox.ruled import GROUP, Lake

NESTED = {"Catalog": {"Id": f"{CONSUMER}:nested"}}
TAKES = ("ALL", "ALTER", "CREATE_DATABASE", "DESCRIBE", "DROP", "SUPER_USER")


@pytest.fixture
def lake(client: ClientMaker) -> Lake:
    """The consumer's lake with a catalog ``nested`` that its administrator made, and a reader."""
    lake = Lake(client("lakeformation", CONSUMER))
    lake.put(ADMIN)
    lake.revoke(GROUP, {"Catalog": {}}, "CREATE_DATABASE")
    as_role(client, "glue", "reader")
    client("glue", CONSUMER).create_catalog(Name="Nested", CatalogInput={"Description": "one"})
    return lake


@pytest.fixture
def reader(lake: Lake, client: ClientMaker) -> Any:
    """The reader's Glue."""
    return as_role(client, "glue", "reader")


@pytest.mark.parametrize("permission", TAKES)
def test_a_permission_that_fits_is_granted(lake: Lake, permission: str) -> None:
    """A catalog within the account's takes its own row of the matrix, and lists under its own id."""
    lake.grant(READER, NESTED, permission)

    ((resource, permissions, _),) = lake.held(READER)
    assert resource == NESTED
    assert permission in permissions


@pytest.mark.parametrize(
    "permission", ["SELECT", "INSERT", "DELETE", "CREATE_TABLE", "CREATE_CATALOG", "CREATE_LF_TAG"]
)
def test_a_permission_that_does_not_fit_is_refused(lake: Lake, permission: str) -> None:
    """What tables and the account's own catalog take, it does not."""
    with refused("InvalidInputException", "cannot be granted"):
        lake.grant(READER, NESTED, permission)


def test_super_user_is_for_such_catalogs_alone(lake: Lake) -> None:
    """Not on the account's own, and not to another account."""
    with refused("InvalidInputException", "cannot be granted"):
        lake.grant(READER, {"Catalog": {"Id": CONSUMER}}, "SUPER_USER")
    with refused("InvalidInputException", "SUPER_USER"):
        lake.grant(PRODUCER, NESTED, "SUPER_USER")


@pytest.mark.refuses("glue.catalog.once", "glue.catalog.exists")
def test_a_catalog_is_there_once(lake: Lake, client: ClientMaker) -> None:
    """Whatever the case of its name; what is not there is not found."""
    glue = client("glue", CONSUMER)

    with refused("AlreadyExistsException"):
        glue.create_catalog(Name="nested", CatalogInput={})
    with refused("EntityNotFoundException"):
        glue.get_catalog(CatalogId=f"{CONSUMER}:other")
    with refused("EntityNotFoundException"):
        lake.grant(READER, {"Catalog": {"Id": f"{CONSUMER}:other"}}, "DESCRIBE")


@pytest.mark.allows("glue.catalog.once", "glue.catalog.exists")
def test_its_maker_reads_changes_and_deletes_it(lake: Lake, client: ClientMaker) -> None:
    """With what was granted on it."""
    glue = client("glue", CONSUMER)
    lake.grant(READER, NESTED, "DESCRIBE")

    changed = {"Description": "two", "OverwriteChildResourcePermissionsWithDefault": "Accept"}
    glue.update_catalog(CatalogId=f"{CONSUMER}:nested", CatalogInput=changed)
    found = glue.get_catalog(CatalogId=f"{CONSUMER}:nested")["Catalog"]
    listed = glue.get_catalogs(IncludeRoot=True)["CatalogList"]
    glue.delete_catalog(CatalogId=f"{CONSUMER}:nested")

    assert (found["Name"], found["CatalogId"], found["Description"]) == ("nested", f"{CONSUMER}:nested", "two")
    assert found["ResourceArn"] == f"arn:aws:glue:ap-southeast-2:{CONSUMER}:catalog/nested"
    assert [each["CatalogId"] for each in listed] == [CONSUMER, f"{CONSUMER}:nested"]
    assert glue.get_catalog(CatalogId=CONSUMER)["Catalog"]["CatalogId"] == CONSUMER
    assert glue.get_catalogs()["CatalogList"] == []
    assert lake.held(READER) == []


def test_others_need_permissions(lake: Lake, reader: Any) -> None:
    """To see it, to change it, to delete it, and to make another."""
    nested = f"{CONSUMER}:nested"
    assert reader.get_catalogs()["CatalogList"] == []
    with refused("AccessDeniedException", "Required Describe on nested"):
        reader.get_catalog(CatalogId=nested)
    lake.grant(READER, NESTED, "ALTER")
    reader.update_catalog(CatalogId=nested, CatalogInput={})
    assert [each["Name"] for each in reader.get_catalogs()["CatalogList"]] == ["nested"]
    with refused("AccessDeniedException", "Required Drop on nested"):
        reader.delete_catalog(CatalogId=nested)
    lake.grant(READER, NESTED, "SUPER_USER")
    reader.delete_catalog(CatalogId=nested)
    with refused("AccessDeniedException", "Required Create Catalog on Catalog"):
        reader.create_catalog(Name="mine", CatalogInput={})
    lake.grant(READER, {"Catalog": {}}, "CREATE_CATALOG")
    reader.create_catalog(Name="mine", CatalogInput={})
