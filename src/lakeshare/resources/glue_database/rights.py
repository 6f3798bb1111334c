"""What IAM must allow the operator for a database."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.glue_database.model import GlueDatabase
from lakeshare.resources.rights import Right, glue_arns, rights


def rights_for(item: GlueDatabase) -> Iterator[Right]:
    """Yield the rights. Glue asks about all that goes with a database that is deleted (documented)."""
    database = glue_arns(item.place, item.name)
    tables = item.place.arn("glue", f"table/{item.name}/*")
    functions = item.place.arn("glue", f"userDefinedFunction/{item.name}/*")
    yield from rights("look", "glue", "GetDatabase", *database)
    yield from rights("look", "glue", "GetTags", item.arn)
    yield from rights("make", "glue", "CreateDatabase", *database)
    yield from rights("make", "glue", "TagResource", item.arn)
    yield from rights("mend", "glue", "UpdateDatabase", *database)
    yield from rights("mend", "glue", "TagResource", item.arn)
    yield from rights("change", "glue", "UntagResource", item.arn)
    yield from rights("take away", "glue", "GetTables", *database, tables)
    yield from rights("take away", "glue", "DeleteDatabase", *database, tables, functions)
