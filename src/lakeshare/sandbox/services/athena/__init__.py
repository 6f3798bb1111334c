"""
Athena: SQL over the Data Catalog with the caller's rights, run on DuckDB.

    starting      StartQueryExecution, the story: read the statement, prepare it as the caller, hand it to a worker
    statements    SQL text -> a query and its tables, or a question (SHOW, DESCRIBE)
    changes       SQL text -> what is to be changed: DDL, views, CTAS, INSERT, UNLOAD; hive reads table definitions
    preparing     every table found, permitted (rights) and fetched (fetch) -> immutable work
    engine        work -> result, on a worker thread; Trino's SQL through dialect and macros, files through scan
    views         how views are stored, and put in the place of their names
    ddl, writing  what changes the catalog at once; what the engine writes first
    executions    what has become of each query; results written by output, in the forms of rendering
    watching      Get, List, Stop, results; workgroups, metadata and saved are operations of their own
    conditions    what policies can ask about a call

What is of none of these forms is refused as not supported.
"""

from __future__ import annotations

from lakeshare.sandbox.calls import Operations


def __getattr__(name: str) -> object:
    # Assembled on first use: what this package needs of Glue and Lake Formation is imported by their operations too.
    if name == "CONDITIONS":
        from lakeshare.sandbox.services.athena.conditions import of_call

        return of_call
    if name not in {"OPERATIONS", "RESOURCES"}:
        raise AttributeError(name)
    from lakeshare.sandbox.services.athena import metadata, saved, watching, workgroups

    operations: Operations = {
        **watching.OPERATIONS,
        **workgroups.OPERATIONS,
        **metadata.OPERATIONS,
        **saved.OPERATIONS,
    }
    return {"OPERATIONS": operations, "RESOURCES": watching.RESOURCES}[name]
