"""User-defined functions of a database; the operations follow a database link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.answers import function_answer
from lakeshare.sandbox.services.glue.catalog import Catalogs, Database, Function, Place
from lakeshare.sandbox.services.glue.reach import home_of_tables, invalid_token, place_of, visible_database
from lakeshare.sandbox.services.glue.reading import name_pattern
from lakeshare.sandbox.services.lakeformation import access
from lakeshare.sandbox.services.lakeformation.keys import DatabaseKey

RULE_ONCE = rule(
    "glue.function.once",
    "A database has one function of a name; names fold to lower case.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_CreateUserDefinedFunction.html; the message is ours",
)
RULE_EXISTS = rule(
    "glue.function.exists",
    "A function that is read, changed or deleted is there.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_GetUserDefinedFunction.html; the message is ours",
)
RULE_NAMED = rule(
    "glue.function.named",
    "A function has a name.",
    tag="inferred",
    source="botocore service model, glue UserDefinedFunctionInput; the message is ours",
)


def create_user_defined_function(call: Call) -> Mapping[str, Any]:
    """Answer CreateUserDefinedFunction."""
    _, database = _home(call, "ALTER")
    given = call.params["FunctionInput"]
    name = _name(given)
    _check_free(database, name)
    database.functions[name] = Function(name, deepcopy(given), call.world.clock.now())
    return {}


def get_user_defined_function(call: Call) -> Mapping[str, Any]:
    """Answer GetUserDefinedFunction."""
    place, database = _home(call, "DESCRIBE")
    return {"UserDefinedFunction": function_answer(place, database, _found(call, database))}


def get_user_defined_functions(call: Call) -> Mapping[str, Any]:
    """Answer GetUserDefinedFunctions: those of one database, or of all that the caller may see."""
    params = call.params
    wanted, kind = name_pattern(params["Pattern"]), params.get("FunctionType")
    found = [
        (place, database, function)
        for place, database in _homes(call)
        for function in database.functions.values()
        if wanted.fullmatch(function.name) and kind in {None, function.definition.get("FunctionType")}
    ]
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults"), most=100, refusal=invalid_token)
    return with_token({"UserDefinedFunctions": [function_answer(*each) for each in shown]}, token)


def update_user_defined_function(call: Call) -> Mapping[str, Any]:
    """Answer UpdateUserDefinedFunction, which may give the function another name."""
    _, database = _home(call, "ALTER")
    function = _found(call, database)
    given = call.params["FunctionInput"]
    name = given.get("FunctionName", function.name).lower()
    if name != function.name:
        _check_free(database, name)
    del database.functions[function.name]
    database.functions[name] = Function(name, deepcopy(given), function.created_at)
    return {}


def delete_user_defined_function(call: Call) -> Mapping[str, Any]:
    """Answer DeleteUserDefinedFunction."""
    _, database = _home(call, "ALTER")
    del database.functions[_found(call, database).name]
    return {}


def _home(call: Call, permission: str) -> tuple[Place, Database]:
    """
    Return the database whose functions the call is about, a link followed.

    Reading them takes DESCRIBE on it, changing them ALTER (inferred: Lake Formation has no right on functions).
    """
    place, name, _ = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    database = visible_database(call, place, name)
    access.check(call.world, call.caller, place, DatabaseKey(database.name), permission)
    return place, database


def _homes(call: Call) -> Iterator[tuple[Place, Database]]:
    if "DatabaseName" in call.params:
        yield _home(call, "DESCRIBE")
        return
    place = place_of(call)
    for database in call.world.store(Catalogs).databases(place):
        if access.may(call.world, call.caller, place, DatabaseKey(database.name), "DESCRIBE"):
            yield place, database


def _name(given: Mapping[str, Any]) -> str:
    name = given.get("FunctionName")
    if name is None:
        raise RULE_NAMED.refuse("InvalidInputException", "FunctionName must be given.")
    return str(name).lower()


def _found(call: Call, database: Database) -> Function:
    name = call.params["FunctionName"].lower()
    found = database.functions.get(name)
    if found is None:
        raise RULE_EXISTS.refuse("EntityNotFoundException", f"Function {name} not found.")
    return found


def _check_free(database: Database, name: str) -> None:
    if name in database.functions:
        raise RULE_ONCE.refuse("AlreadyExistsException", "Function already exists.")


OPERATIONS: Operations = {
    "CreateUserDefinedFunction": create_user_defined_function,
    "GetUserDefinedFunction": get_user_defined_function,
    "GetUserDefinedFunctions": get_user_defined_functions,
    "UpdateUserDefinedFunction": update_user_defined_function,
    "DeleteUserDefinedFunction": delete_user_defined_function,
}
