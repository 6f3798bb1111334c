"""What tag policies come to, held against an evaluation that was written from AWS's sentences one by one."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.lakeformation import access, effective
from lakeshare.sandbox.services.lakeformation.grants import Grants, Holder, Right
from lakeshare.sandbox.services.lakeformation.keys import DatabaseKey, PolicyKey, TableKey, Tagged
from lakeshare.sandbox.services.lakeformation.tags import Tags
from lakeshare.sandbox.world import World

ACCOUNT, REGION = "222222222222", "eu-west-1"
PLACE = Place(ACCOUNT, REGION)
READER = f"arn:aws:iam::{ACCOUNT}:role/reader"
CALLER = Caller(ACCOUNT, READER, READER, "role")
COLUMNS = ("a", "b", "c")
OF_DATABASES = ("ALL", "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP")
OF_TABLES = ("ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT")

keys, values = st.sampled_from(["k", "l"]), st.sampled_from(["1", "2"])
carried = st.dictionaries(keys, values, max_size=2)
expressions = st.dictionaries(keys, st.sets(values | st.just("*"), min_size=1), min_size=1, max_size=2)


@dataclass(frozen=True, slots=True)
class Lake:
    """Databases with tables of the same three columns, and the tags that each of them carries itself."""

    databases: dict[str, dict[str, str]]
    tables: dict[tuple[str, str], dict[str, str]]
    columns: dict[tuple[str, str, str], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Policy:
    """One permission on whatever carries certain tags; ``of_others`` ones are somebody else's."""

    kind: Tagged
    expression: dict[str, set[str]]
    permission: str
    of_others: bool = field(default=False)


@st.composite
def lakes(draw: st.DrawFn) -> Lake:
    databases = {name: draw(carried) for name in ("d", "e")}
    tables = {(database, name): draw(carried) for database in databases for name in ("t", "u")}
    tagged = {(*table, column): draw(carried) for table in tables for column in COLUMNS}
    return Lake(databases, tables, tagged)


@st.composite
def policies(draw: st.DrawFn) -> list[Policy]:
    made = []
    for _ in range(draw(st.integers(0, 4))):
        kind: Tagged = draw(st.sampled_from(["DATABASE", "TABLE"]))
        permission = draw(st.sampled_from(OF_DATABASES if kind == "DATABASE" else OF_TABLES))
        made.append(Policy(kind, draw(expressions), permission, draw(st.booleans()) and draw(st.booleans())))
    return made


def build(lake: Lake, granted: list[Policy]) -> World:
    """Return a world with that lake and those policies."""
    world = World()
    catalogs, tags = world.store(Catalogs), world.store(Tags)
    described = {"Columns": [{"Name": name.upper(), "Type": "string"} for name in COLUMNS]}
    for name in lake.databases:
        catalogs.create_database(ACCOUNT, REGION, {"Name": name}, creator="somebody")
    for database, name in lake.tables:
        table = {"Name": name, "StorageDescriptor": described}
        catalogs.create_table(ACCOUNT, REGION, database, table, creator="somebody")
    for name, own in lake.databases.items():
        for key, value in own.items():
            tags.assign(PLACE, DatabaseKey(name), key, value)
    for (database, name), own in lake.tables.items():
        for key, value in own.items():
            tags.assign(PLACE, TableKey(database, name), key, value)
    for (database, name, column), own in lake.columns.items():
        for key, value in own.items():
            tags.assign(PLACE, (TableKey(database, name), column), key, value)
    for each in granted:
        said = tuple(sorted((key, frozenset(wanted)) for key, wanted in each.expression.items()))
        holder = Holder("somebody" if each.of_others else READER, ACCOUNT)
        right = {Right(each.permission): False}
        world.store(Grants).add(PLACE, PolicyKey(each.kind, said), holder, right, by="somebody")
    return world


def is_meant(expression: dict[str, set[str]], tags: dict[str, str]) -> bool:
    """Each key of the expression is carried, with one of its values."""
    for key, wanted in expression.items():
        if key not in tags:
            return False
        if "*" not in wanted and tags[key] not in wanted:
            return False
    return True


def naive_database(lake: Lake, granted: list[Policy], name: str) -> set[str]:
    """What the reader may do with a database: what each policy that means it says, and to see it if anything."""
    held: set[str] = set()
    for each in granted:
        if each.kind == "DATABASE" and not each.of_others and is_meant(each.expression, lake.databases[name]):
            held |= set(OF_DATABASES) if each.permission == "ALL" else {each.permission}
    return held | {"DESCRIBE"} if held else set()


def naive_table(lake: Lake, granted: list[Policy], database: str, name: str) -> tuple[set[str], set[str]]:
    """What the reader may do with a table, and which of its columns it reads."""
    held: set[str] = set()
    read: set[str] = set()
    of_table = dict(lake.databases[database])
    of_table.update(lake.tables[database, name])
    for each in granted:
        if each.kind != "TABLE" or each.of_others:
            continue
        meant = set()
        for column in COLUMNS:
            tags = dict(of_table)
            tags.update(lake.columns[database, name, column])
            if is_meant(each.expression, tags):
                meant.add(column)
        if meant == set(COLUMNS):
            held |= set(OF_TABLES) if each.permission == "ALL" else {each.permission}
            if each.permission in {"ALL", "SELECT", "INSERT", "DELETE"}:
                read |= meant
        elif meant and each.permission in {"ALL", "SELECT"}:
            held.add("SELECT")
            read |= meant
        elif meant or is_meant(each.expression, of_table):
            held.add("DESCRIBE")
    return (held | {"DESCRIBE"} if held else set()), read


@settings(max_examples=300)
@given(lakes(), policies())
def test_rights_by_tags_are_those_of_a_naive_evaluation(lake: Lake, granted: list[Policy]) -> None:
    """For every database and table: the same permissions, and the same columns to read."""
    world = build(lake, granted)

    for name in lake.databases:
        key = DatabaseKey(name)
        assert effective.permissions(world, CALLER, PLACE, key) == naive_database(lake, granted, name)
    for database, name in lake.tables:
        permissions, read = naive_table(lake, granted, database, name)
        assert effective.permissions(world, CALLER, PLACE, TableKey(database, name)) == permissions
        table = world.store(Catalogs).table(PLACE, database, name)
        assert table is not None
        readable = access.readable_columns(world, CALLER, PLACE, table)
        assert {column.lower() for column, _ in readable} == read


@settings(max_examples=100)
@given(lakes(), policies())
def test_what_was_taken_away_leaves_nothing(lake: Lake, granted: list[Policy]) -> None:
    """Tags that are deleted with everything granted by them, and assigned again, give nobody anything."""
    world = build(lake, granted)
    tags, grants = world.store(Tags), world.store(Grants)
    for key in ("k", "l"):
        for carrier in list(tags.carriers(PLACE, key)):
            tags.unassign(PLACE, carrier, key)
        grants.forget_tag(PLACE, key)

    assert not [key for key in grants.things(PLACE) if isinstance(key, PolicyKey)]
    assert list(grants.policies_of(PLACE, Holder(READER, ACCOUNT))) == []
    assert list(grants.policy_holders(PLACE, ACCOUNT)) == []
    assert not grants.has_policies(PLACE)
    for table in (TableKey(database, name) for database, name in lake.tables):
        assert tags.carried(PLACE, table) == {}
        assert list(tags.tagged_columns(PLACE, table)) == []
