"""Reading tables and links: GetTable, GetTables, and versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page, page_of_groups, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.answers import linked_table_answer, table_answer
from lakeshare.sandbox.services.glue.attributes import attributes
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place, Table
from lakeshare.sandbox.services.glue.reach import (
    home_of_tables,
    invalid_token,
    place_of,
    target_of,
    visible_table,
)
from lakeshare.sandbox.services.lakeformation import access, effective
from lakeshare.sandbox.services.lakeformation.keys import TableKey
from lakeshare.sandbox.services.lakeformation.registrations import Locations
from lakeshare.sandbox.switches import switch

RULE_VERSION = rule(
    "glue.table.version-exists",
    "A version of a table is a number, and is there until it is deleted.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_GetTableVersion.html; the messages are observed (moto)",
)
RULE_EXPRESSION = rule(
    "glue.table.expression",
    "The Expression of GetTables is a regular expression, in which a star may stand by itself.",
    tag="observed",
    source="moto's tests of GetTables; the message is ours",
)
_LONE_STAR = re.compile(r"(?<![.\])}*+?])(?<!\\\w)\*")
RULE_ORPHAN = rule(
    "glue.link.orphan-alone",
    "A link whose target is not there, or not to be seen, comes by itself, without a schema.",
    tag="observed",
    source="moto issue 8868, on a real account",
)
ORPHANS = switch(
    "glue.orphan-links",
    "What GetTables answers for a database with a link whose target is not there, or not to be seen.",
    positions={
        "alone": "the link by itself, as GetTable does (moto issue 8868)",
        "refuse": "nothing: the whole call is refused, as noctua's pull request 106 saw in 2020",
    },
    source="moto issue 8868; DyfanJones/noctua pull request 106",
    concerns=RULE_ORPHAN,
)


_ATTRIBUTES: Final = {"NAME": "Name", "TABLE_TYPE": "TableType"}


def get_table(call: Call) -> Mapping[str, Any]:
    """
    Answer GetTable.

    A link comes with its target's schema; if the target is not there or not to be seen, by itself (observed: moto issue
    8868). Of a table in a database link, that is the only hop.
    """
    place, database, through_link = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    table = visible_table(call, place, database, call.params["Name"], "DESCRIBE")
    return {"Table": answer_of(call, place, table, follow=not through_link)}


def get_tables(call: Call) -> Mapping[str, Any]:
    """
    Answer GetTables: those that the caller may see, links followed.

    Of a database link they are the target's, under its name; if that is another account's, its links are not followed.
    """
    place, database, through_link = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    trim = attributes(call, _ATTRIBUTES)
    home = call.world.store(Catalogs).database(place, database)
    if home is None and place.account == call.caller.account:
        access.find_database(call.world, place, database)
    wanted = name_pattern(call.params.get("Expression") or ".*")
    tables = [home.tables[name] for name in sorted(home.tables) if wanted.fullmatch(name)] if home else []
    follow = not (through_link and place.account != call.caller.account)
    # Nobody's rights on the tables of other pages are looked at: a database may hold very many.
    shown, token = page_of_groups(
        tables,
        lambda table: (table,) if may_describe(call, place, table) else (),
        call.params.get("NextToken"),
        call.params.get("MaxResults"),
        most=100,
        refusal=invalid_token,
    )
    if follow:
        _check_orphans(call, place, shown)
    answers = [listed(answer_of(call, place, table, follow=follow)) for table in shown]
    return with_token({"TableList": [trim(each) for each in answers]}, token)


def get_table_version(call: Call) -> Mapping[str, Any]:
    """Answer GetTableVersion: the one asked for, or the current one."""
    versions = _versions(call)
    wanted = check_version(call.params.get("VersionId", versions[0]["VersionId"]))
    for version in versions:
        if version["VersionId"] == wanted:
            return {"TableVersion": version}
    raise no_version()


def get_table_versions(call: Call) -> Mapping[str, Any]:
    """Answer GetTableVersions, newest first."""
    shown, token = _page(call, _versions(call))
    return with_token({"TableVersions": shown}, token)


def shown_columns(call: Call, place: Place, table: Table) -> list[str]:
    """Return the names of the columns and partition keys that GetTable shows the caller of a table that is no link."""
    answer = _own_answer(call, place, table)
    described = [*answer.get("StorageDescriptor", {}).get("Columns", []), *answer.get("PartitionKeys", [])]
    return [column["Name"] for column in described]


def check_version(version: str) -> str:
    """Return *version* if it is a number, as versions are."""
    if not version.isdecimal():
        raise RULE_VERSION.refuse("InvalidInputException", f"VersionId {version} is not a number.")
    return version


def no_version() -> ServiceError:
    """Return the refusal of a version that there is not, or no longer."""
    return RULE_VERSION.refuse("EntityNotFoundException", "Version not found.")


def name_pattern(expression: str) -> re.Pattern[str]:
    """
    Return the regular expression that names must match as a whole.

    A star that repeats nothing of its own stands for anything, as in a file's name (observed: moto's tests). Names
    match whatever the case (inferred: they fold).
    """
    try:
        return re.compile(_LONE_STAR.sub(".*", expression), re.IGNORECASE)
    except re.error:
        raise RULE_EXPRESSION.refuse("InvalidInputException", f"Invalid expression: {expression}") from None


def answer_of(call: Call, place: Place, table: Table, *, follow: bool) -> dict[str, Any]:
    """Return a table as the caller sees it, a link with its target's schema where it can be followed."""
    if table.target is None:
        return _own_answer(call, place, table)
    target = target_of(call, place, table) if follow else None
    if target is None:
        return table_answer(place, table)
    there, real = target
    # A link to a link shows as one: the second is not followed.
    answer = table_answer(there, real) if real.target is not None else _own_answer(call, there, real)
    return linked_table_answer(place, table, answer)


def _check_orphans(call: Call, place: Place, tables: list[Table]) -> None:
    """Refuse the whole listing for one link that leads nowhere, where the switch says so."""
    if ORPHANS.stands_at(call.world) == "alone":
        return
    for table in tables:
        if table.target is not None and target_of(call, place, table) is None:
            message = f"Insufficient Lake Formation permission(s): Required Describe on {table.target['Name']}"
            raise RULE_ORPHAN.refuse("AccessDeniedException", message)


def _own_answer(call: Call, place: Place, table: Table) -> dict[str, Any]:
    """Return a table with the columns that the caller may see: those it holds something on, if on no more than some."""
    key = TableKey(table.database, table.name)
    is_registered = call.world.store(Locations).governing(place, _location(table)) is not None
    rights = [right for right, _ in effective.explicit_rights(call.world, call.caller, place, key)]
    filters = effective.filters_held(call.world, call.caller, place, key)
    implicit = effective.implicit_permissions(call.world, call.caller, place, key, "table")
    if implicit and place.account != call.caller.account:
        # An administrator sees of another account's table what its account was given of it.
        account = call.caller.account
        rights += [right for right, _ in effective.account_rights(call.world, place, key, account)]
        filters += effective.account_filters(call.world, place, key, account)
        implicit = frozenset()
    is_partial = bool(rights or filters) and not any(right.is_whole for right in rights)
    if not is_partial or implicit or effective.is_iams_for(call.world, call.caller, place, key):
        return table_answer(place, table, is_registered=is_registered)
    covering = [each.covers for each in rights] + [each.covers for each in filters]
    columns = [column for column in table.columns if any(covers(column[0].lower()) for covers in covering)]
    return table_answer(place, table, columns, is_registered=is_registered)


def _versions(call: Call) -> list[dict[str, Any]]:
    """Return every version of the table that the call is about, of a link its target's, newest first."""
    place, database, through_link = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    table = visible_table(call, place, database, call.params["TableName"], "DESCRIBE")
    if table.target is not None and not through_link:
        place, table = target_of(call, place, table) or (place, table)
    current = answer_of(call, place, table, follow=False)
    versions = [{"Table": current, "VersionId": current["VersionId"]}]
    for number in reversed(range(len(table.former))):
        if number in table.forgotten:
            continue
        updated_at, definition = table.former[number]
        former = Table(
            table.name, table.database, definition, table.creator, table.created_by, table.created_at, updated_at
        )
        answer = {**answer_of(call, place, former, follow=False), "VersionId": str(number)}
        versions.append({"Table": answer, "VersionId": str(number)})
    return versions


def listed(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a table's answer as listings have it."""
    # Documented among Lake Formation's limitations: only GetTable tells whether a location is registered.
    return {**answer, "IsRegisteredWithLakeFormation": False}


def _location(table: Table) -> str:
    return str(table.definition.get("StorageDescriptor", {}).get("Location", ""))


def may_describe(call: Call, place: Place, table: Table) -> bool:
    """Whether the caller sees a table in listings."""
    return access.may(call.world, call.caller, place, TableKey(table.database, table.name), "DESCRIBE")


def _page(call: Call, entries: list[Any]) -> tuple[list[Any], str | None]:
    params = call.params
    return page(entries, params.get("NextToken"), params.get("MaxResults"), most=100, refusal=invalid_token)


OPERATIONS: Operations = {
    "GetTable": get_table,
    "GetTables": get_tables,
    "GetTableVersion": get_table_version,
    "GetTableVersions": get_table_versions,
}
