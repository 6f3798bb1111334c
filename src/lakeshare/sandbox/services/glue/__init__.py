"""
AWS Glue's Data Catalog: databases and tables, the resource links to them, and partitions.

``catalog`` is what is stored; ``links`` resolves one hop, ``reach`` finds what a call names and checks the leave to it,
``encryption`` and ``under_key`` ask for the leave to an encrypted catalog's key, ``answers`` gives stored things the
shape that callers see; ``databases``, ``tables``, ``reading``, ``searching``, ``partitions``, ``partition_indexes``,
``column_statistics``, ``functions``, ``nested``, ``unfiltered``, ``tags`` and ``resource_policies`` answer.
"""

from __future__ import annotations

from lakeshare.sandbox.calls import Operations


def __getattr__(name: str) -> Operations:
    # The stores of these services are imported by each other's operations: assembling on first use keeps that acyclic.
    if name != "OPERATIONS":
        raise AttributeError(name)
    from lakeshare.sandbox.services.glue import (
        column_statistics,
        databases,
        functions,
        nested,
        partition_indexes,
        partitions,
        resource_policies,
        searching,
        tables,
        tags,
        under_key,
        unfiltered,
    )

    operations = {
        **databases.OPERATIONS,
        **tables.OPERATIONS,
        **partitions.OPERATIONS,
        **partition_indexes.OPERATIONS,
        **column_statistics.OPERATIONS,
        **functions.OPERATIONS,
        **nested.OPERATIONS,
        **searching.OPERATIONS,
        **resource_policies.OPERATIONS,
        **tags.OPERATIONS,
        **unfiltered.OPERATIONS,
    }
    return under_key.under_the_key(operations)
