"""
How much of each thing AWS admits, where Service Quotas does not tell.

Each figure says how we know it. A quota that was raised for an account shows in Service Quotas only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Figure:
    """
    That AWS admits *most* of *what*; ``source`` says how we know.

    Service Quotas may tell it under ``service`` and ``code``; where we do not know the code, in the one quota whose
    name has all ``words`` in it (a guess of the names).
    ``account_summary`` is the entry of IAM's GetAccountSummary that tells it.
    """

    what: str
    most: int
    source: str
    service: str | None = None
    words: tuple[str, ...] = ()
    code: str | None = None
    account_summary: str | None = None


FIGURES: Final[Mapping[str, Figure]] = {
    "databases": Figure(
        "databases of the account's catalog",
        10_000,
        "observed: another emulator's copy of general/latest/gr/glue.html, 2026-09",
        "glue",
        ("databases", "account"),
    ),
    "tables": Figure(
        "tables and links of a database",
        200_000,
        "observed: another emulator's copy of general/latest/gr/glue.html, 2026-09",
        "glue",
        ("tables", "database"),
    ),
    "ram-shares": Figure(
        "RAM shares of the account", 5_000, "from memory: RAM service quotas", "ram", ("resource shares",)
    ),
    "administrators": Figure(
        "Lake Formation administrators", 30, "documented: PutDataLakeSettings takes a list of 30 at most"
    ),
    "lf-tags": Figure(
        "LF-tags of the account", 1_000, "documented: TBAC-notes.html", "lakeformation", code="L-F165AF61"
    ),
    "roles": Figure(
        "IAM roles of the account", 1_000, "from memory: IAM quotas, default", account_summary="RolesQuota"
    ),
    "inline-policies": Figure(
        "characters of all inline policies of a role", 10_240, "documented: IAM quotas, cannot be raised"
    ),
    "trust-policy": Figure(
        "characters of a role's trust policy",
        2_048,
        "documented: IAM quotas, default",
        account_summary="AssumeRolePolicySizeQuota",
    ),
    "catalog-policy": Figure("bytes of the catalog's resource policy", 10_240, "from memory: Glue, 10 KB"),
}
"""By the part of the check's id."""


def told_by_service(figure: Figure, quotas: Iterable[Mapping[str, Any]]) -> int | None:
    """Return what Service Quotas says of *figure*; None where no quota of theirs looks like it."""
    fitting = [int(row["Value"]) for row in quotas if _is_meant(figure, row)]
    return fitting[0] if len(fitting) == 1 else None


def _is_meant(figure: Figure, row: Mapping[str, Any]) -> bool:
    if figure.code:
        return bool(row["QuotaCode"] == figure.code)
    name = row["QuotaName"].lower()
    return bool(figure.words) and all(word in name for word in figure.words)
