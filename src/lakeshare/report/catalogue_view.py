"""The catalogue of Connect's tables, as a list by category and as the columns of one table."""

from __future__ import annotations

from typing import Any

from lakeshare.catalogue import Table


def table_document(table: Table) -> dict[str, Any]:
    """Return what a document says of *table*."""
    return {
        "name": table.name,
        "category": table.category,
        "description": table.description,
        "columns": len(table.columns),
        "primary_key": list(table.primary_key),
        "partition_key": table.partition_key,
        "age_column": table.age_column,
        "source": table.source,
    }


def columns_document(table: Table) -> list[dict[str, Any]]:
    """Return what a document says of the columns of *table*."""
    return [
        {
            "name": column.name,
            "type": column.type,
            "glue_type_observed": column.glue_type_observed,
            "nullable": column.nullable,
            "is_key": column.is_key,
            "joins": table.join_keys.get(column.name),
            "doc": column.doc,
        }
        for column in table.columns
    ]
