"""
Which permissions can be granted on which kind of thing.

Documented: lake-formation/latest/dg/lf-permissions-reference.html, "Lake Formation permissions reference"; for links
granting-link-permissions.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal[
    "catalog",
    "nested catalog",
    "database",
    "table",
    "view",
    "database link",
    "table link",
    "columns",
    "filter",
    "location",
    "LF-tag",
    "LF-tag expression",
    "LF-tag policy on databases",
    "LF-tag policy on tables",
]

_TABLE: Final = frozenset({"ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"})
_LINK: Final = frozenset({"DESCRIBE", "DROP"})
_DATABASE: Final = frozenset({"ALL", "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP"})

OF_TAG: Final = frozenset({"ALTER", "DROP"})
"""What is granted on an LF-tag as a whole, whichever of its values are named."""

OF_TAG_VALUES: Final = frozenset({"ASSOCIATE", "DESCRIBE", "GRANT_WITH_LF_TAG_EXPRESSION"})
"""What is granted on the values of an LF-tag."""

GRANTABLE: Final[Mapping[Kind, frozenset[str]]] = {
    # The three CREATE_ rights beside CREATE_DATABASE stand in the console and in the service model's enumeration.
    "catalog": frozenset({"CREATE_DATABASE", "CREATE_LF_TAG", "CREATE_LF_TAG_EXPRESSION", "CREATE_CATALOG"}),
    "nested catalog": frozenset({"ALL", "ALTER", "CREATE_DATABASE", "DESCRIBE", "DROP", "SUPER_USER"}),
    "database": _DATABASE,
    "table": _TABLE,
    "view": frozenset({"ALL", "DESCRIBE", "DROP", "SELECT"}),
    "database link": _LINK,
    "table link": _LINK,
    "columns": frozenset({"SELECT"}),
    "filter": frozenset({"DESCRIBE", "DROP", "SELECT"}),
    "location": frozenset({"DATA_LOCATION_ACCESS"}),
    "LF-tag": OF_TAG | OF_TAG_VALUES,
    # Not in AWS's table: what managing-tag-expressions.html gives to who made one.
    "LF-tag expression": frozenset({"ALTER", "DESCRIBE", "DROP", "GRANT_WITH_LF_TAG_EXPRESSION"}),
    "LF-tag policy on databases": _DATABASE,
    "LF-tag policy on tables": _TABLE,
}

TAGS_ABROAD: Final = frozenset({"ASSOCIATE", "DESCRIBE"})
"""What can be granted on an LF-tag to another account or its principals (documented: TBAC-adding-tag-creator.html)."""

NOT_ABROAD: Final = frozenset({"ALL", "DROP"})
"""What cannot be granted on a database to another account or its principals (documented, same page)."""

READS: Final = frozenset({"SELECT", "ALL", "INSERT", "DELETE"})
"""What lets its holder read the records (documented for INSERT and DELETE too: insert, update and read)."""


def expand(permission: str, kind: Kind) -> frozenset[str]:
    """Return what *permission* amounts to: ALL ("Super") is every permission on the thing, others are themselves."""
    if permission == "SUPER_USER":
        return GRANTABLE[kind]
    return GRANTABLE[kind] - {"SUPER_USER"} if permission == "ALL" else frozenset({permission})
