"""
Changing the catalog: Hive's DDL as the calls to Glue that it comes down to, each in the caller's name.

So Glue's rules and Lake Formation's are those that the API calls meet; the failures are Hive's, with Glue's words in
them (observed: what people report of Athena).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from lakeshare.sandbox.arns import s3_arn
from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.athena.asking import authorize_through_athena
from lakeshare.sandbox.services.athena.changes import (
    AddPartitions,
    AlterTable,
    CreateDatabase,
    CreateTable,
    Definition,
    DropDatabase,
    DropPartitions,
    DropTable,
    DropView,
    Named,
    Repair,
)
from lakeshare.sandbox.services.athena.engine import Result
from lakeshare.sandbox.services.athena.failures import QueryFailure, ddl_failure, s3_permission_failure
from lakeshare.sandbox.services.athena.glue import ask_glue
from lakeshare.sandbox.services.athena.rendering import ResultColumn
from lakeshare.sandbox.services.athena.views import is_view

RULE_GLUE = rule(
    "athena.ddl.glue-in-the-callers-name",
    "DDL is Glue's calls in the caller's name: it takes their IAM actions and Lake Formation permissions, and fails as "
    "they do.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html",
)
RULE_EMPTY = rule(
    "athena.ddl.empty-database",
    "DROP DATABASE takes a database without tables, or CASCADE.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/drop-database.html",
)
RULE_LISTS = rule(
    "athena.ddl.repair-lists",
    "MSCK REPAIR TABLE lists the table's folders with the caller's own s3:ListBucket.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/msck-repair-table.html",
)
_LINES = (ResultColumn("result", "VARCHAR"),)
_PER_CALL = 100
_GIVEN = ("Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType")
"""What UpdateTable takes of what GetTable gives."""


def answer(call: Call, change: Definition, database: str) -> Result:
    """Do *change*, unqualified names being in *database*, and return what it says; raises QueryFailure."""
    try:
        lines = list(_DOERS[type(change)](call, change, database))
    except ServiceError as error:
        raise refused(error) from RULE_GLUE.refuse(error.code, error.message)
    return Result(_LINES, tuple((line,) for line in lines), 1)


def refused(error: ServiceError) -> QueryFailure:
    """Return how DDL fails where Glue, Lake Formation or IAM refuse."""
    message = f"{error.message} (Service: AmazonDataCatalog; Status Code: {error.status}; Error Code: {error.code})"
    if error.code == "AlreadyExistsException":
        return ddl_failure(f"AlreadyExistsException(message:{error.message})")
    return ddl_failure(f"MetaException(message:{message})", is_refusal=error.code == "AccessDeniedException")


def _create_database(call: Call, change: CreateDatabase, _: str) -> Iterator[str]:
    try:
        ask_glue(call, "CreateDatabase", {"DatabaseInput": change.database_input})
    except ServiceError as error:
        if error.code != "AlreadyExistsException":
            raise
        if not change.is_lenient:
            raise ddl_failure(f"Database {change.named.name} already exists") from error
    yield from ()


def _drop_database(call: Call, change: DropDatabase, _: str) -> Iterator[str]:
    name = change.named.name
    try:
        ask_glue(call, "GetDatabase", {"Name": name})
    except ServiceError as error:
        if error.code != "EntityNotFoundException":
            raise
        if change.is_lenient:
            return
        raise QueryFailure(f"FAILED: SemanticException [Error 10072]: Database does not exist: {name}", 1301) from error
    # Of a link, which has no tables of its own, the link alone goes.
    if not change.is_cascading and _own_tables(call, name):
        message = f"Database {name} is not empty. One or more tables exist."
        failed = ddl_failure(f"InvalidOperationException(message:{message})")
        raise failed from RULE_EMPTY.refuse("InvalidOperationException", message)
    ask_glue(call, "DeleteDatabase", {"Name": name})
    yield from ()


def _own_tables(call: Call, name: str) -> bool:
    database = ask_glue(call, "GetDatabase", {"Name": name})["Database"]
    return "TargetDatabase" not in database and bool(ask_glue(call, "GetTables", {"DatabaseName": name})["TableList"])


def _create_table(call: Call, change: CreateTable, database: str) -> Iterator[str]:
    params = {"DatabaseName": change.named.database or database, "TableInput": change.table_input}
    try:
        ask_glue(call, "CreateTable", params)
    except ServiceError as error:
        if error.code != "AlreadyExistsException":
            raise
        if not change.is_lenient:
            raise ddl_failure(f"AlreadyExistsException(message:Table {change.named.name} already exists.)") from error
    yield from ()


def _drop(call: Call, change: DropTable | DropView, database: str) -> Iterator[str]:
    home, name = change.named.database or database, change.named.name
    wants_view = isinstance(change, DropView)
    try:
        found = ask_glue(call, "GetTable", {"DatabaseName": home, "Name": name})["Table"]
    except ServiceError as error:
        if error.code != "EntityNotFoundException":
            raise
        if change.is_lenient:
            return
        noun = "View" if wants_view else "Table"
        raise QueryFailure(f"FAILED: SemanticException [Error 10001]: {noun} not found {home}.{name}", 1301) from error
    # A link to a view is dropped as either: it is neither.
    if "TargetTable" not in found and is_view(found) != wants_view:
        statement, kind = ("DROP VIEW", "base table") if wants_view else ("DROP TABLE", "view")
        raise QueryFailure(f"FAILED: SemanticException [Error 10132]: Cannot use {statement} on a {kind}", 1000)
    ask_glue(call, "DeleteTable", {"DatabaseName": home, "Name": name})
    yield from ()


def _add_partitions(call: Call, change: AddPartitions, database: str) -> Iterator[str]:
    home, table = _table(call, change.named, database)
    keys = [key["Name"] for key in table.get("PartitionKeys", [])]
    inputs = []
    for spec, location in change.partitions:
        if sorted(spec) != sorted(keys):
            message = f"FAILED: SemanticException Partition spec {{{', '.join(spec)}}} contains non-partition columns"
            raise QueryFailure(message, 1000)
        inputs.append(partition_input(table, [spec[key] for key in keys], location))
    for failed in add_partitions(call, home, change.named.name, inputs):
        if failed["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException" or not change.is_lenient:
            raise ddl_failure(f"AlreadyExistsException(message:{failed['ErrorDetail']['ErrorMessage']})")
    yield from ()


def _drop_partitions(call: Call, change: DropPartitions, database: str) -> Iterator[str]:
    home, table = _table(call, change.named, database)
    keys = [key["Name"] for key in table.get("PartitionKeys", [])]
    for spec in change.partitions:
        values = [spec.get(key, "") for key in keys]
        try:
            params = {"DatabaseName": home, "TableName": change.named.name, "PartitionValues": values}
            ask_glue(call, "DeletePartition", params)
        except ServiceError as error:
            if error.code != "EntityNotFoundException":
                raise
            if not change.is_lenient:
                said = ", ".join(f"{key}={value}" for key, value in spec.items())
                message = f"FAILED: SemanticException [Error 10006]: Partition not found ({said})"
                raise QueryFailure(message, 1301) from error
    yield from ()


def _alter_table(call: Call, change: AlterTable, database: str) -> Iterator[str]:
    home, table = _table(call, change.named, database)
    given = {member: table[member] for member in _GIVEN if member in table}
    given["Parameters"] = {**table.get("Parameters", {}), **change.parameters}
    if change.columns:
        added = [{"Name": name, "Type": of} for name, of in change.columns]
        storage = table["StorageDescriptor"]
        given["StorageDescriptor"] = {**storage, "Columns": [*storage["Columns"], *added]}
    ask_glue(call, "UpdateTable", {"DatabaseName": home, "TableInput": {**given, "Name": change.named.name}})
    yield from ()


def add_partitions(call: Call, database: str, table: str, inputs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Make partitions in the caller's name, and yield what failed, as BatchCreatePartition tells it."""
    for at in range(0, len(inputs), _PER_CALL):
        params = {"DatabaseName": database, "TableName": table, "PartitionInputList": inputs[at : at + _PER_CALL]}
        yield from ask_glue(call, "BatchCreatePartition", params)["Errors"]


def partition_input(table: Mapping[str, Any], values: list[str], location: str | None = None) -> dict[str, Any]:
    """Return the PartitionInput for *values* of *table*'s keys, at *location* or where Hive would have it."""
    storage = table["StorageDescriptor"]
    keys = [key["Name"] for key in table.get("PartitionKeys", [])]
    folders = "/".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))
    place = location or f"{storage['Location'].rstrip('/')}/{folders}"
    return {"Values": values, "StorageDescriptor": {**storage, "Location": place}}


def _repair(call: Call, change: Repair, database: str) -> Iterator[str]:
    home, table = _table(call, change.named, database)
    name, keys = change.named.name, [key["Name"] for key in table.get("PartitionKeys", [])]
    found = _folders(call, table["StorageDescriptor"]["Location"], keys)
    params = {"DatabaseName": home, "TableName": name}
    known = {tuple(each["Values"]) for each in ask_glue(call, "GetPartitions", params)["Partitions"]}
    missing = {folder: values for folder, values in found.items() if values not in known}
    if not missing:
        return
    list(add_partitions(call, home, name, [partition_input(table, list(values)) for values in missing.values()]))
    yield "Partitions not in metastore:" + "".join(f"\t{name}:{folder}" for folder in missing)
    for folder in missing:
        yield f"Repair: Added partition to metastore {name}:{folder}"


def _folders(call: Call, location: str, keys: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the folders below *location* that are named as partitions are, with their values."""
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    try:
        authorize_through_athena(call, "s3:ListBucket", s3_arn(bucket, call.region))
    except ServiceError as error:
        raise s3_permission_failure(location) from RULE_LISTS.refuse(error.code, error.message)
    prefix = prefix.rstrip("/") + "/"
    found = {}
    for entry in call.world.store(Moto).list_objects(bucket, prefix):
        parts = entry.key.removeprefix(prefix).split("/")[: len(keys)]
        pairs = [part.partition("=") for part in parts]
        if keys and [name.lower() for name, _, _ in pairs] == keys:
            found["/".join(parts)] = tuple(unquote(value) for _, _, value in pairs)
    return found


def _table(call: Call, named: Named, database: str) -> tuple[str, Mapping[str, Any]]:
    """Return the database and the GetTable answer of a table that is to be changed."""
    home = named.database or database
    try:
        return home, ask_glue(call, "GetTable", {"DatabaseName": home, "Name": named.name})["Table"]
    except ServiceError as error:
        if error.code != "EntityNotFoundException":
            raise
        message = f"FAILED: SemanticException [Error 10001]: Table not found {home}.{named.name}"
        raise QueryFailure(message, 1301) from error


_DOERS: Mapping[type, Callable[[Call, Any, str], Iterator[str]]] = {
    AddPartitions: _add_partitions,
    AlterTable: _alter_table,
    CreateDatabase: _create_database,
    CreateTable: _create_table,
    DropDatabase: _drop_database,
    DropPartitions: _drop_partitions,
    DropTable: _drop,
    DropView: _drop,
    Repair: _repair,
}
