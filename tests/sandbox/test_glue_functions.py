"""User-defined functions, also through a database link."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, as_role, refused
from tests.sandbox.sales import sales_catalog, with_links


@pytest.fixture
def linked(client: ClientMaker) -> Any:
    """The consumer's catalog, with links."""
    return with_links(sales_catalog(client))


FUNCTION = {"FunctionName": "Mask", "ClassName": "org.Mask", "OwnerName": "me", "OwnerType": "USER"}


@pytest.mark.allows("glue.function.once", "glue.function.exists", "glue.function.named")
@pytest.mark.parametrize("database", ["sales", "sales_link"])
def test_functions_are_made_read_changed_and_deleted(linked: Any, database: str) -> None:
    """Each operation follows a database link; names fold."""
    linked.create_user_defined_function(DatabaseName=database, FunctionInput=FUNCTION)
    changed = {**FUNCTION, "ClassName": "org.Masked"}
    linked.update_user_defined_function(DatabaseName=database, FunctionName="mask", FunctionInput=changed)

    found = linked.get_user_defined_function(DatabaseName="sales", FunctionName="MASK")["UserDefinedFunction"]
    listed = linked.get_user_defined_functions(DatabaseName=database, Pattern="ma*")["UserDefinedFunctions"]
    everywhere = linked.get_user_defined_functions(Pattern="*")["UserDefinedFunctions"]
    linked.delete_user_defined_function(DatabaseName=database, FunctionName="mask")

    shown = (found["FunctionName"], found["ClassName"], found["DatabaseName"], found["CatalogId"])
    assert shown == ("mask", "org.Masked", "sales", CONSUMER)
    assert listed == everywhere == [found]
    assert linked.get_user_defined_functions(DatabaseName="sales", Pattern="*")["UserDefinedFunctions"] == []


@pytest.mark.refuses("glue.function.exists")
def test_what_is_not_there_is_not_found(linked: Any) -> None:
    """Reading, changing and deleting."""
    where = {"DatabaseName": "sales", "FunctionName": "nothing"}

    with refused("EntityNotFoundException"):
        linked.get_user_defined_function(**where)
    with refused("EntityNotFoundException"):
        linked.update_user_defined_function(**where, FunctionInput=FUNCTION)
    with refused("EntityNotFoundException"):
        linked.delete_user_defined_function(**where)


@pytest.mark.refuses("glue.function.once")
def test_a_name_is_taken_once(linked: Any) -> None:
    """By making a function, and by renaming one."""
    linked.create_user_defined_function(DatabaseName="sales", FunctionInput=FUNCTION)
    linked.create_user_defined_function(DatabaseName="sales", FunctionInput={**FUNCTION, "FunctionName": "other"})

    with refused("AlreadyExistsException"):
        linked.create_user_defined_function(DatabaseName="sales_link", FunctionInput=FUNCTION)
    with refused("AlreadyExistsException"):
        linked.update_user_defined_function(DatabaseName="sales", FunctionName="other", FunctionInput=FUNCTION)


@pytest.mark.refuses("glue.function.named")
def test_a_function_has_a_name(linked: Any) -> None:
    """The service model asks for none."""
    with refused("InvalidInputException"):
        linked.create_user_defined_function(DatabaseName="sales", FunctionInput={"ClassName": "org.Mask"})


def test_functions_list_by_type_and_page(linked: Any) -> None:
    """In a database's order, page by page."""
    for number in range(3):
        kind = "AGGREGATE_FUNCTION" if number == 1 else "REGULAR_FUNCTION"
        given = {**FUNCTION, "FunctionName": f"f{number}", "FunctionType": kind}
        linked.create_user_defined_function(DatabaseName="sales", FunctionInput=given)

    first = linked.get_user_defined_functions(DatabaseName="sales", Pattern="*", MaxResults=2)
    rest = linked.get_user_defined_functions(DatabaseName="sales", Pattern="*", NextToken=first["NextToken"])
    aggregates = linked.get_user_defined_functions(Pattern="*", FunctionType="AGGREGATE_FUNCTION")

    names = [[each["FunctionName"] for each in page["UserDefinedFunctions"]] for page in (first, rest, aggregates)]
    assert names == [["f0", "f1"], ["f2"], ["f1"]]


def test_where_lake_formation_rules_functions_take_rights_on_the_database(linked: Any, client: ClientMaker) -> None:
    """Reading takes DESCRIBE, which another role has not."""
    client("lakeformation", CONSUMER).put_data_lake_settings(DataLakeSettings={})
    linked.create_database(DatabaseInput={"Name": "ruled"})
    linked.create_user_defined_function(DatabaseName="ruled", FunctionInput=FUNCTION)
    other = as_role(client, "glue", "other")

    assert other.get_user_defined_functions(Pattern="*")["UserDefinedFunctions"] == []
    with refused("AccessDeniedException", "Required Describe on ruled"):
        other.get_user_defined_function(DatabaseName="ruled", FunctionName="mask")
    with refused("AccessDeniedException", "Required Alter on ruled"):
        other.delete_user_defined_function(DatabaseName="ruled", FunctionName="mask")
