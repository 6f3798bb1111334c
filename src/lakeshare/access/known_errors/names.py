"""Names that an error text tells: tables, databases, columns, principals, actions. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lakeshare.access.known_errors.unwrap import unwrapped

_NAME = r"[\"'`]?([A-Za-z0-9_][\w.\-]*\w|\w)[\"'`]?"
_NO_NAMES: Final = frozenset(
    {
        "not",
        "cannot",
        "does",
        "is",
        "for",
        "or",
        "on",
        "in",
        "that",
        "the",
        "a",
        "an",
        "of",
        "exists",
        "resource",
        "name",
        "t",
    }
)

_PRINCIPAL = re.compile(r"arn:aws[\w-]*:(?:iam|sts|quicksight)::?[\w-]*:?\d{12}:[\w+=,.@/*-]+")
_ACTION = re.compile(r"\b((?:glue|lakeformation|s3|athena|ram|kms|iam|sts|connect|organizations):[A-Z]\w+)")
_RESOURCE = re.compile(r"arn:aws[\w-]*:glue:[\w-]*:\d{12}:(?:table/([\w\-.]+)/([\w\-.*]+)|database/([\w\-.]+))")
_REQUIRED = re.compile(rf"required\s+([a-z_ ]+?)\s+on\s+{_NAME}", re.IGNORECASE)
_TABLES = (
    re.compile(rf"permission\(s\)\s+on\s+{_NAME}", re.IGNORECASE),
    re.compile(rf"access\s+table\s+{_NAME}", re.IGNORECASE),
    re.compile(rf"\btable\s+{_NAME}", re.IGNORECASE),
    re.compile(r"TABLE_NOT_FOUND:[^']*'([^']+)'"),
)
_COLUMN = re.compile(r"\bcolumn\s+[\"'`]([^\"'`]+)[\"'`]", re.IGNORECASE)
_DATABASE = re.compile(rf"\b(?:schema|database)\s+{_NAME}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """What a text names; None for what it does not."""

    table: str | None = None
    database: str | None = None
    column: str | None = None
    principal: str | None = None
    action: str | None = None
    permission: str | None = None

    def filled(self) -> Mapping[str, str]:
        """Return every name, with a placeholder in capitals, or words, for those that the text does not tell."""
        return {
            "table": self.table or "TABLE",
            "database": self.database or "DATABASE",
            "column": self.column or "COLUMN",
            "principal": self.principal or "PRINCIPAL_ARN",
            "action": self.action or "the action",
            "permission": self.permission or "what was asked for",
        }

    def known(self) -> dict[str, str]:
        """Return the names that the text does tell."""
        pairs = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in pairs.items() if value}


def names_in(text: str) -> Names:
    """Return the names that *text* tells."""
    text = unwrapped(text)
    required = _REQUIRED.search(text)
    resource = _RESOURCE.search(text)
    database, table = (resource[1] or resource[3], resource[2]) if resource else (None, None)
    said = required[2] if required else table or _first_name(text)
    if said and "." in said:
        # Athena names catalogs too: awsdatacatalog.database.table.
        *path, said = said.split(".")
        database = database or path[-1]
    found_database = _DATABASE.search(text)
    if database is None and found_database and found_database[1].lower() not in _NO_NAMES:
        database = found_database[1]
    principal, action, column = _PRINCIPAL.search(text), _ACTION.search(text), _COLUMN.search(text)
    return Names(
        table=said,
        database=database,
        column=column[1] if column else None,
        principal=_role_of(principal[0].rstrip(".,")) if principal else None,
        action=action[1] if action else None,
        permission=required[1].strip() if required else None,
    )


def _first_name(text: str) -> str | None:
    for pattern in _TABLES:
        for found in pattern.finditer(text):
            if found[1].lower() not in _NO_NAMES:
                return found[1].strip()
    return None


def _role_of(arn: str) -> str:
    """Return the role of a session, as far as its ARN tells (it leaves out the role's path); others as they are."""
    session = re.fullmatch(r"arn:(aws[\w-]*):sts::(\d{12}):assumed-role/([^/]+)/.*", arn)
    return f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}" if session else arn
