"""How a producer shares its own tables: the cross-account version, and what is open to IAMAllowedPrincipals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lakeshare.access.doctor.edits import change_lake_settings, literal
from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.looking import Unread
from lakeshare.planning.opening import HYBRID_VERSION
from lakeshare.resources.administrators import (
    ADMINISTRATORS,
    READ_ONLY_ADMINISTRATORS,
    cross_account_version,
    principals_in,
    settings_or_refusal,
)
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_grant import IAM_ALLOWED_PRINCIPALS, walk_once
from lakeshare.resources.lake_grant.model import ALL_TABLES, LakeGrant
from lakeshare.resources.values import Unreadable
from lakeshare.spec import CatalogSource, Share


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
    is_seen = any(
        case.operator in principals_in(settings, member) for member in (ADMINISTRATORS, READ_ONLY_ADMINISTRATORS)
    )
    return Sharing(cross_account_version(settings), is_seen, frozenset(held), _open_defaults(settings))


def _shares_own(case: Case) -> bool:
    return any(_is_own(share) for share in case.sources)


def _is_own(share: Share) -> bool:
    return isinstance(share.source, CatalogSource)


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
    yield _defaults(case, seen)


def wanted_tables(case: Case) -> frozenset[tuple[str, str]]:
    """Return (database, table) of all that the spec shares from this account, as far as a plan could see them."""
    return frozenset(
        (item.database, str(item.table)) for item in case.wanted if isinstance(item, LakeGrant) and item.is_to_account
    )


def _version(case: Case, seen: Sharing) -> Finding:
    if seen.version > 1:
        return Finding("ok", f"cross-account version {seen.version}", part="version")
    if _to_be(case, seen) > 1:
        return Finding("ok", f"cross-account version 1; an apply raises it to {_to_be(case, seen)}", part="version")
    count = len(wanted_tables(case))
    saw = "cross-account version 1: each grant to another account makes a RAM share of its own"
    # An operator that sees no tables yet knows no number of them.
    saw += f", of {count} {'table' if count == 1 else 'tables'} here" if count else ""
    return Finding("warning", saw, f"raise it: {_raised(case)}", part="version")


def _to_be(case: Case, seen: Sharing) -> int:
    """Return the version after an apply, which raises it on the spec's word and never lowers it."""
    wanted = case.spec.accounts[case.alias].lake_formation
    return max(seen.version, (wanted and wanted.cross_account_version) or 1)


def _raised(case: Case) -> str:
    return (
        f"say `lake_formation: {{cross_account_version: {HYBRID_VERSION}}}` in accounts.{case.alias} of the spec, and"
        " `lakeshare apply`: CROSS_ACCOUNT_VERSION goes up, and grants that are there already stay on their shares"
    )


def _open(case: Case, seen: Sharing) -> Iterator[Finding]:
    found = sorted(
        (database, table)
        for database, table in wanted_tables(case)
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


def _open_tables(case: Case, seen: Sharing, found: list[tuple[str, str]]) -> Finding:
    names = [".".join(one) for one in found]
    saw = f"IAMAllowedPrincipals hold ALL on {', '.join(names)}: IAM alone decides who reads them in this account"
    address = f"{case.place}/table:{names[0]}"
    if not _keeps(case):
        fix = (
            "`lakeshare apply` revokes it, by steps that `lakeshare plan` shows; first grant their own readers what"
            f" they need, or say `iam_allowed_principals: keep` in the spec. By hand: {_revoke(case, seen, found)}"
        )
        return Finding("warning", saw, fix, None, "open-tables", address)
    if _to_be(case, seen) < HYBRID_VERSION:
        saw += f", and at cross-account version {seen.version}, below {HYBRID_VERSION}, they cannot be shared so"
        fix = f"take `iam_allowed_principals: keep` out of the spec, so that an apply revokes it; or {_raised(case)}"
        return Finding("blocker", saw, fix, None, "open-tables", address)
    by_hand = _revoke(case, seen, found)
    fix = f"take `iam_allowed_principals: keep` out of the spec, if that is not meant; by hand: {by_hand}"
    return Finding("warning", saw, fix, None, "open-tables", address)


def _keeps(case: Case) -> bool:
    own = [share.source for share in case.sources if isinstance(share.source, CatalogSource)]
    return any(source.keeps_iam_allowed_principals for source in own)


def _revoke(case: Case, seen: Sharing, found: list[tuple[str, str]]) -> str:
    """Return the command that revokes each of the grants that open *found*: one on all tables of a database is one."""
    tables = [
        (database, name)
        for database, table in found
        for name in (ALL_TABLES, table)
        if (database, name) in seen.open_things
    ]
    calls = [
        f"aws lakeformation revoke-permissions --region {case.place.region} --principal"
        f" DataLakePrincipalIdentifier={IAM_ALLOWED_PRINCIPALS} --permissions ALL --resource '{_table(*one)}'"
        for one in dict.fromkeys(tables)
    ]
    return f"`{' && '.join(calls)}`"


def _table(database: str, table: str) -> str:
    """Return a table as Lake Formation takes it; all of a database's are no name (documented: TableWildcard)."""
    which: dict[str, Any] = {"TableWildcard": {}} if table == ALL_TABLES else {"Name": table}
    return literal({"Table": {"DatabaseName": database, **which}})


_NO_DEFAULTS: Final = ".CreateDatabaseDefaultPermissions = [] | .CreateTableDefaultPermissions = []"


def _defaults(case: Case, seen: Sharing) -> Finding:
    if not seen.open_defaults:
        return Finding("ok", "new databases and tables are ruled by Lake Formation", part="defaults")
    return Finding(
        "ok",
        f"new {' and '.join(seen.open_defaults)} are open to IAMAllowedPrincipals by default; what lakeshare makes"
        " is not",
        f"where others' are to be ruled too: {change_lake_settings(case.place, _NO_DEFAULTS)}",
        part="defaults",
    )


CHECK: Final = Check(
    id="sharing",
    title="How tables of its own are shared",
    look=look,
    judge=judge,
    reads=("lakeformation:GetDataLakeSettings", "lakeformation:ListPermissions"),
)
