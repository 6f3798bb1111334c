"""How a producer shares its own tables: the cross-account version, and what is open to IAMAllowedPrincipals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.looking import Unread
from lakeshare.planning.source import HYBRID_VERSION
from lakeshare.resources.administrators import administrators, settings_or_refusal
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_grant import IAM_ALLOWED_PRINCIPALS, walk_once
from lakeshare.resources.lake_grant.model import ALL_TABLES, LakeGrant
from lakeshare.resources.values import Unreadable
from lakeshare.spec import CatalogSource


@dataclass(frozen=True, slots=True)
class Sharing:
    """
    How an account shares.

    ``open_things`` are (database, table) on which IAMAllowedPrincipals hold ALL, the table None for a database itself;
    None where Lake Formation does not show them. ``open_defaults`` are the defaults that leave new things to IAM.
    """

    version: int
    is_seen: bool
    open_things: frozenset[tuple[str, str | None]]
    open_defaults: tuple[str, ...]


def look(run: Run, case: Case) -> Sharing | Unread | None:
    """Read settings and grants; None of accounts that share no tables of their own."""
    if not _shares_own(case):
        return None
    settings = settings_or_refusal(run, case.place)
    if isinstance(settings, Unreadable):
        return Unread("lakeformation:GetDataLakeSettings", "refused")
    walk = walk_once(run, case.place, case.place.account_id)
    if isinstance(walk, Unreadable):
        return Unread("lakeformation:ListPermissions", "refused")
    held = {
        (database, table)
        for principal, _catalog, database, table, permission in walk
        if principal == IAM_ALLOWED_PRINCIPALS and permission == "ALL"
    }
    version = int(settings.get("Parameters", {}).get("CROSS_ACCOUNT_VERSION", 1))
    is_seen = case.operator in administrators(settings)
    return Sharing(version, is_seen, frozenset(held), _open_defaults(settings))


def _shares_own(case: Case) -> bool:
    return any(isinstance(share.source, CatalogSource) for share in case.sources)


def _open_defaults(settings: Mapping[str, Any]) -> tuple[str, ...]:
    names = {"databases": "CreateDatabaseDefaultPermissions", "tables": "CreateTableDefaultPermissions"}
    return tuple(
        what
        for what, key in names.items()
        if any(
            row.get("Principal", {}).get("DataLakePrincipalIdentifier") == IAM_ALLOWED_PRINCIPALS
            for row in settings.get(key, ())
        )
    )


def judge(case: Case, seen: Sharing | Unread | None) -> Iterator[Finding]:
    """Say what the version costs, and which tables cannot be shared as they are, or are open to more than readers."""
    if seen is None:
        return
    if isinstance(seen, Unread):
        yield Finding(
            "warning",
            f"how this account shares could not be looked at: the operator may not call {seen.action}",
            f"allow it: `lakeshare policy --account {case.alias} --for apply` prints the policy that it needs",
            part="unread",
        )
        return
    yield _version(case, seen)
    yield from _open(case, seen)
    yield _defaults(seen)


def wanted_tables(case: Case) -> frozenset[tuple[str, str]]:
    """Return (database, table) of all that the spec shares from this account, as far as a plan could see them."""
    return frozenset(
        (item.database, str(item.table)) for item in case.wanted if isinstance(item, LakeGrant) and item.is_to_account
    )


def _version(case: Case, seen: Sharing) -> Finding:
    if seen.version > 1:
        return Finding("ok", f"cross-account version {seen.version}", part="version")
    count = len(wanted_tables(case))
    saw = f"cross-account version 1: each grant to another account makes a RAM share of its own, of {count} tables here"
    return Finding("warning", saw, f"raise it: {_raised(case)}", part="version")


def _raised(case: Case) -> str:
    """Return the command that raises the version; the settings are one document, put back as a whole."""
    region = case.place.region
    return (
        f"`aws lakeformation get-data-lake-settings --region {region}"
        f" | jq '.DataLakeSettings | .Parameters.CROSS_ACCOUNT_VERSION = \"{HYBRID_VERSION}\"' > settings.json &&"
        f" aws lakeformation put-data-lake-settings --region {region} --data-lake-settings file://settings.json`;"
        " grants that are there already stay on their shares"
    )


def _open(case: Case, seen: Sharing) -> Iterator[Finding]:
    shared = wanted_tables(case)
    found = sorted(
        f"{database}.{table}"
        for database, table in shared
        if {(database, table), (database, ALL_TABLES)} & seen.open_things
    )
    if found:
        yield _open_tables(case, seen, found)
    elif not seen.is_seen:
        yield Finding(
            "warning",
            "whether shared tables are open to IAMAllowedPrincipals is hidden until the operator is an administrator",
            f"`lakeshare apply --target '{case.place}/settings:*'` makes it one; then run `lakeshare doctor` again",
            part="open-tables",
        )
    else:
        yield Finding("ok", "no shared table is open to IAMAllowedPrincipals", part="open-tables")


def _open_tables(case: Case, seen: Sharing, found: list[str]) -> Finding:
    database, _, table = found[0].partition(".")
    revoke = (
        f"`aws lakeformation revoke-permissions --region {case.place.region} --principal"
        f" DataLakePrincipalIdentifier={IAM_ALLOWED_PRINCIPALS} --permissions ALL --resource"
        f' \'{{"Table": {{"DatabaseName": "{database}", "Name": "{table}"}}}}\'`'
    )
    listed = ", ".join(found)
    first = f"once their own readers hold grants, revoke it from each: {revoke}"
    address = f"{case.place}/table:{found[0]}"
    if seen.version < HYBRID_VERSION:
        saw = (
            f"IAMAllowedPrincipals hold ALL on {listed}: at cross-account version {seen.version}, below"
            f" {HYBRID_VERSION}, Lake Formation refuses to share them"
        )
        return Finding("blocker", saw, f"{first}; or raise the version: {_raised(case)}", None, "open-tables", address)
    saw = f"IAMAllowedPrincipals hold ALL on {listed}: in this account IAM alone decides who reads them"
    return Finding("warning", saw, first, None, "open-tables", address)


def _defaults(seen: Sharing) -> Finding:
    if not seen.open_defaults:
        return Finding("ok", "new databases and tables are ruled by Lake Formation", part="defaults")
    return Finding(
        "ok",
        f"new {' and '.join(seen.open_defaults)} are open to IAMAllowedPrincipals by default; what lakeshare makes"
        " is not",
        "where others' are to be ruled too: `aws lakeformation put-data-lake-settings` with both lists of default"
        " permissions empty",
        part="defaults",
    )


CHECK: Final = Check(
    id="sharing",
    title="How tables of its own are shared",
    look=look,
    judge=judge,
    reads=("lakeformation:GetDataLakeSettings", "lakeformation:ListPermissions"),
)
