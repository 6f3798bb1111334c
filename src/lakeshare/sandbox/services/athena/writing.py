"""
Queries that leave something behind: views, tables made by CTAS, rows inserted, files unloaded; and EXPLAIN.

What they may read and write is decided when they are submitted, as for every query; what they make is made when the
engine is done, again in the caller's name. Data are written with the caller's own rights in S3, also where Lake
Formation rules what is read (documented: athena/latest/ug/security-athena-lake-formation.html).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.athena import ddl, hive, output, views
from lakeshare.sandbox.services.athena.asking import authorize_through_athena
from lakeshare.sandbox.services.athena.changes import (
    Change,
    CreateTableAs,
    CreateView,
    Explain,
    Insert,
    Named,
    Unload,
)
from lakeshare.sandbox.services.athena.engine import Analyse, Result, Work, Write
from lakeshare.sandbox.services.athena.executions import Execution
from lakeshare.sandbox.services.athena.failures import (
    QueryFailure,
    failure,
    lake_formation_failure,
    permission_failure,
    s3_permission_failure,
)
from lakeshare.sandbox.services.athena.fetch import Files
from lakeshare.sandbox.services.athena.glue import ask_glue
from lakeshare.sandbox.services.athena.preparing import prepare
from lakeshare.sandbox.services.athena.refusals import RULE_CENTRAL, invalid
from lakeshare.sandbox.services.athena.rendering import ResultColumn
from lakeshare.sandbox.services.athena.rights import open_named
from lakeshare.sandbox.services.athena.sources import Columns, layout
from lakeshare.sandbox.services.athena.statements import Select, TableName
from lakeshare.sandbox.services.athena.strictness import check_named
from lakeshare.sandbox.services.athena.workgroups import WorkGroups
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.glue.encryption import WRITING, check_key
from lakeshare.sandbox.services.glue.tables import check_creation
from lakeshare.sandbox.services.lakeformation import access
from lakeshare.sandbox.services.lakeformation.access import OpenTable
from lakeshare.sandbox.services.lakeformation.keys import TableKey

RULE_S3 = rule(
    "athena.write.own-s3-rights",
    "CTAS, INSERT and UNLOAD write with the caller's own s3:PutObject, whatever Lake Formation rules.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/lf-athena-limitations.html; the wording is inferred",
)
RULE_INSERT = rule(
    "athena.insert.takes-insert",
    "INSERT INTO takes Lake Formation's INSERT on the table.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html; the wording is "
    "inferred",
)
RULE_EMPTY = rule(
    "athena.write.empty-location",
    "CTAS and UNLOAD write to a place that holds nothing yet.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/ctas-considerations-limitations.html, unload.html",
)
_COUNTED = (ResultColumn("rows", "BIGINT"),)

Ending = Callable[[Execution, Result], Result]


@dataclass(frozen=True, slots=True)
class Started:
    """What the engine is to do for a statement, and what is left to do then."""

    work: Work
    ending: Ending


def start(call: Call, change: Change, execution: Execution, database: str) -> Started | None:
    """Return how *change* begins; None for what is there already and may be. Raises QueryFailure."""
    match change:
        case CreateView():
            return _create_view(call, change, database)
        case CreateTableAs():
            return _create_table(call, change, execution, database)
        case Insert():
            return _insert(call, change, database)
        case Unload():
            return _unload(call, change, database)
        case Explain():
            return _explain(call, change, database)
        case _:
            raise AssertionError(change)


def _prepared(call: Call, select: Select, database: str, purpose: Analyse | Write) -> Work:
    return prepare(call.world, call.caller, call.region, select, database, purpose)


def _explain(call: Call, change: Explain, database: str) -> Started:
    work = _prepared(call, change.select, database, Analyse())

    def ending(_: Execution, result: Result) -> Result:
        columns = ", ".join(name or f"_col{place}" for place, (name, _) in enumerate(result.schema))
        lines = ["Query Plan", "Fragment 0 [SINGLE]", f"    Output[columnNames = [{columns}]]"]
        lines += [f"        TableScan[table = awsdatacatalog:{each.database}:{each.table}]" for each in work.sources]
        shown = tuple((line,) for line in lines)
        return replace(result, columns=(ResultColumn("Query Plan", "VARCHAR"),), rows=shown)

    return Started(work, ending)


def _create_view(call: Call, change: CreateView, database: str) -> Started:
    home, named = change.named.database or database, change.named
    existing = _existing(call, home, named)
    if existing is None:
        _check_creation(call, home, named.name, "")
    elif not change.is_replacing or not existing:
        raise failure("ALREADY_EXISTS", f"View already exists: '{_full_name(home, named)}'", named.at)

    def ending(_: Execution, result: Result) -> Result:
        check_named([name for name, _ in result.schema])
        table_input = views.view_input(named.name, database, change.sql, result.schema)
        _ask(call, "UpdateTable" if existing else "CreateTable", {"DatabaseName": home, "TableInput": table_input})
        return replace(result, rows=(), columns=())

    return Started(_prepared(call, change.select, database, Analyse()), ending)


def _create_table(call: Call, change: CreateTableAs, execution: Execution, database: str) -> Started | None:
    home, named = change.named.database or database, change.named
    if _existing(call, home, named) is not None:
        if change.is_lenient:
            return None
        raise failure("TABLE_ALREADY_EXISTS", f"Table '{_full_name(home, named)}' already exists", named.at)
    location = _ctas_location(call, change, execution)
    _check_creation(call, home, named.name, location)
    _check_target(call, location)
    keys = _names(change.properties.get("partitioned_by"))
    write = _write(call, change.properties, keys)
    work = _prepared(call, change.select, database, write if change.has_data else Analyse())

    def ending(execution: Execution, result: Result) -> Result:
        check_named([name for name, _ in result.schema])
        made = _table_input(named.name, result.schema, location, write, keys)
        _ask(call, "CreateTable", {"DatabaseName": home, "TableInput": made})
        written = _put(call, execution, write, location) if change.has_data else []
        _ask_partitions(call, home, made, written)
        return replace(result, columns=_COUNTED)

    return Started(work, ending)


def _insert(call: Call, change: Insert, database: str) -> Started:
    home, named = change.named.database or database, change.named
    table = open_named(call.world, call.caller, call.region, TableName(None, home, named.name, named.at))
    if table.view_text is not None:
        raise failure("NOT_SUPPORTED", "Inserting into views is not supported", named.at)
    _check_insert(call, table)
    _check_writable(call, table.location)
    write = replace(_write_like(call, table), columns=_inserted(change, table))
    work = _prepared(call, change.select, database, write)

    def ending(execution: Execution, result: Result) -> Result:
        written = _put(call, execution, write, table.location)
        answer = _ask(call, "GetTable", {"DatabaseName": home, "Name": named.name})["Table"]
        _ask_partitions(call, home, {**answer, "Name": named.name}, written)
        return replace(result, columns=_COUNTED)

    return Started(work, ending)


def _unload(call: Call, change: Unload, database: str) -> Started:
    location = change.location
    if not location.startswith("s3://"):
        raise failure("INVALID_FUNCTION_ARGUMENT", f"Invalid S3 location: {location}")
    _check_target(call, location)
    write = _write(call, change.properties, _names(change.properties.get("partitioned_by")))

    def ending(execution: Execution, result: Result) -> Result:
        _put(call, execution, write, location)
        return replace(result, columns=_COUNTED)

    return Started(_prepared(call, change.select, database, write), ending)


# --- rights ----------------------------------------------------------------------------------------------------------


def _existing(call: Call, database: str, named: Named) -> bool | None:
    """Return whether what has this name is a view; None where nothing has it."""
    try:
        found = ask_glue(call, "GetTable", {"DatabaseName": database, "Name": named.name})["Table"]
    except ServiceError as error:
        if error.code == "EntityNotFoundException":
            if call.world.store(Catalogs).database(Place(call.caller.account, call.region), database) is None:
                raise failure("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist", named.at) from error
            return None
        raise _refused(error) from error
    return views.is_view(found)


def _check_creation(call: Call, database: str, name: str, location: str) -> None:
    """Refuse at once what Glue would refuse when the engine is done."""
    here = Place(call.caller.account, call.region)
    arns = (here.catalog_arn, here.database_arn(database), here.table_arn(database, name))
    try:
        authorize_through_athena(call, "glue:CreateTable", *arns)
        check_creation(call, database, location)
        check_key(call.world, call.caller, here, WRITING)
    except ServiceError as error:
        raise _refused(error) from error


def _check_insert(call: Call, table: OpenTable) -> None:
    place, key = Place(table.owner, table.region), TableKey(table.database, table.name)
    if table.is_governed and not access.may(call.world, call.caller, place, key, "INSERT"):
        message = access.insufficient(key, "INSERT").message
        raise lake_formation_failure(message) from RULE_INSERT.refuse("AccessDeniedException", message)


def _check_target(call: Call, location: str) -> None:
    """Refuse a place that the caller may not write to, or that holds something."""
    _check_writable(call, location)
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    if call.world.store(Moto).list_objects(bucket, prefix.rstrip("/") + "/"):
        message = f"Target directory already exists: {location}"
        raise failure("HIVE_PATH_ALREADY_EXISTS", message) from RULE_EMPTY.refuse("InvalidRequestException", message)


def _check_writable(call: Call, location: str) -> None:
    bucket = location.removeprefix("s3://").partition("/")[0]
    try:
        if call.world.store(Moto).bucket_owner(bucket) is None:
            raise s3_permission_failure(location)
        authorize_through_athena(call, "s3:PutObject", f"{output.object_arn(location, call.region).rstrip('/')}/*")
    except ServiceError as error:
        raise s3_permission_failure(location) from RULE_S3.refuse(error.code, error.message)


def _ask(call: Call, operation: str, params: dict[str, Any]) -> Mapping[str, Any]:
    try:
        return ask_glue(call, operation, params)
    except ServiceError as error:
        raise _refused(error) from error


def _refused(error: ServiceError) -> QueryFailure:
    is_iam = "is not authorized to perform" in error.message
    return permission_failure(error.message) if is_iam else lake_formation_failure(error.message)


# --- files -----------------------------------------------------------------------------------------------------------


def _write(call: Call, properties: Mapping[str, str | tuple[str, ...]], keys: tuple[str, ...]) -> Write:
    """Return how to write what CTAS or UNLOAD asks for: Parquet where it does not say."""
    asked = str(properties.get("format", "PARQUET")).upper()
    if asked not in {"JSON", "PARQUET", "TEXTFILE"}:
        raise failure("NOT_SUPPORTED", f"The sandbox does not write {asked}")
    delimiter = str(properties.get("field_delimiter", "\x01"))
    write = _writer(call, is_text=asked == "TEXTFILE", delimiter=delimiter, keys=keys)
    return replace(write, suffix="json", options="FORMAT json") if asked == "JSON" else write


def _write_like(call: Call, table: OpenTable) -> Write:
    """Return how to write files that a table reads."""
    form = layout(table.storage, table.parameters)
    if form.format in {"json", "csv"}:
        raise failure("NOT_SUPPORTED", "The sandbox inserts into Parquet tables and delimited text only")
    keys = tuple(name for name, _ in table.partition_keys)
    return _writer(call, is_text=form.format == "lines", delimiter=form.delimiter, keys=keys)


def _writer(call: Call, *, is_text: bool, delimiter: str, keys: tuple[str, ...]) -> Write:
    folder = Path(tempfile.mkdtemp(dir=call.world.store(Files).folder))
    if not is_text:
        return Write(folder, "parquet", "FORMAT parquet, COMPRESSION gzip", partitioned_by=keys)
    spelled = delimiter.replace("'", "''")
    options = f"FORMAT csv, HEADER false, DELIMITER '{spelled}', QUOTE '', ESCAPE '', NULLSTR '\\N'"
    return Write(folder, "csv", options, partitioned_by=keys)


def _inserted(change: Insert, table: OpenTable) -> Columns:
    """Return the columns that the query's go into: INSERT names them, or they are all, partition keys last."""
    known = {name.lower(): of for name, of in table.all_columns + table.partition_keys}
    for name in change.columns:
        if name not in known:
            message = f"Insert column name does not exist in target table: {name}"
            raise failure("COLUMN_NOT_FOUND", message, change.named.at)
    return tuple((name, known[name]) for name in change.columns or known)


def _put(call: Call, execution: Execution, write: Write, location: str) -> list[str]:
    """Put the files that the engine wrote where they belong, remember them, and return their folders below it."""
    files = sorted(path for path in write.folder.rglob("*") if path.is_file())
    folders, urls = [], []
    for number, path in enumerate(files):
        folder = path.parent.relative_to(write.folder).as_posix().removeprefix(".")
        ending = f".{write.suffix}" if write.suffix == "csv" else ""
        name = f"{execution.id}_{number:05d}{ending}"
        urls.append("/".join(part for part in (location.rstrip("/"), folder, name) if part))
        output.put(call.world, execution.account, urls[-1], path.read_bytes())
        folders.append(folder)
        path.unlink()
    execution.manifest = tuple(urls)
    return list(dict.fromkeys(folders))


def _ask_partitions(call: Call, database: str, table: Mapping[str, Any], folders: list[str]) -> None:
    """Make the partitions that were written to and are not there yet."""
    if not table.get("PartitionKeys"):
        return
    inputs = [ddl.partition_input(table, list(_values(folder))) for folder in folders]
    try:
        list(ddl.add_partitions(call, database, table["Name"], inputs))
    except ServiceError as error:
        raise _refused(error) from error


def _values(folder: str) -> Iterator[str]:
    return (unquote(part.partition("=")[2]) for part in folder.split("/"))


def _ctas_location(call: Call, change: CreateTableAs, execution: Execution) -> str:
    """Return where a table's data go: where it says, if its workgroup lets it, or below the results."""
    if given := change.properties.get("external_location"):
        group = call.world.store(WorkGroups).named(call, execution.workgroup)
        if group.is_enforced and (group.configuration.get("ResultConfiguration") or {}).get("OutputLocation"):
            raise invalid(
                RULE_CENTRAL,
                "The Create Table As Select query failed because it was submitted with an 'external_location' property "
                "to an Athena Workgroup that enforces a centralized output location for all queries. Please remove the "
                "'external_location' property and resubmit the query.",
            )
        return str(given)
    results = execution.configuration["OutputLocation"].rpartition("/")[0]
    return f"{results}/tables/{execution.id}/"


def _names(given: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(name.lower() for name in given) if isinstance(given, tuple) else ()


def _table_input(name: str, schema: Columns, location: str, write: Write, keys: tuple[str, ...]) -> dict[str, Any]:
    is_text = write.suffix == "csv"
    formats = hive.TEXT if is_text else hive.JSON if write.suffix == "json" else hive.PARQUET
    delimiter = write.options.partition("DELIMITER '")[2].partition("',")[0] if is_text else ""
    settings = {"field.delim": delimiter, "serialization.format": delimiter} if is_text else {}
    described = {column: {"Name": column, "Type": of} for column, of in schema}
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE"},
        "PartitionKeys": [described[key] for key in keys if key in described],
        "StorageDescriptor": {
            "Columns": [each for column, each in described.items() if column not in keys],
            "Location": location,
            "InputFormat": formats[0],
            "OutputFormat": formats[1],
            "SerdeInfo": {"SerializationLibrary": formats[2], "Parameters": settings},
        },
    }


def _full_name(database: str, named: Named) -> str:
    return f"awsdatacatalog.{database}.{named.name}"
