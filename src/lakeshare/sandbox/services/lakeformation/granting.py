"""GrantPermissions, RevokePermissions and their batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.glue.encryption import check_key
from lakeshare.sandbox.services.lakeformation import (
    abroad,
    authority,
    effective,
    locations,
    matrix,
    on_links,
    revoking,
    sharing,
    tag_shares,
)
from lakeshare.sandbox.services.lakeformation.cells import CellsFilters
from lakeshare.sandbox.services.lakeformation.grants import Grants, Holder, Right
from lakeshare.sandbox.services.lakeformation.keys import (
    DatabaseKey,
    FilterKey,
    LocationKey,
    PolicyKey,
    TableKey,
    TagKey,
)
from lakeshare.sandbox.services.lakeformation.principals import canonical, check_known
from lakeshare.sandbox.services.lakeformation.resources import Named, named
from lakeshare.sandbox.services.lakeformation.tags import Tags
from lakeshare.sandbox.switches import switch

BATCH_LIMIT: Final = 20
FILTERS_PER_PRINCIPAL: Final = 100

RULE_BATCH = rule(
    "lakeformation.batch.size",
    "A batch has at most 20 entries, each with an Id of its own.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_BatchGrantPermissions.html",
)
RULE_OPTION = rule(
    "lakeformation.grant.option-subset",
    "PermissionsWithGrantOption is a subset of Permissions.",
    tag="documented",
    source="botocore service model, lakeformation GrantPermissionsRequest",
)
RULE_MATRIX = rule(
    "lakeformation.grant.permission-fits-resource",
    "Each kind of thing takes its own permissions; columns take SELECT alone.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html; the message is ours",
)
RULE_COLUMNS = rule(
    "lakeformation.grant.columns-exist",
    "SELECT is granted and revoked on columns that the table has, and cannot leave out a partition key.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/data-filtering-notes.html; the message is observed",
)
RULE_PARTIAL = rule(
    "lakeformation.grant.columns-and-table",
    "Who holds SELECT on some columns of a table can hold nothing else on it but SELECT, and the other way round.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html; the message is ours",
)
RULE_CATALOG_KEY = rule(
    "lakeformation.grant.catalog-key",
    "Granting on something in an encrypted Data Catalog takes the right to the key that reading from it takes.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html; the code is inferred",
)
RULE_FILTERS = rule(
    "lakeformation.grant.filters-per-principal",
    "A principal reads a table through at most 100 data cells filters.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/data-filtering-notes.html; the message is ours",
)
RULE_COLUMN_OPTION = rule(
    "lakeformation.grant.option-on-columns",
    "SELECT on some columns takes the grant option where the columns are listed, not where some are left out.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/data-filtering-notes.html; the message is ours",
)
COLUMN_OPTION = switch(
    "lakeformation.grant-option-on-columns",
    "Whether SELECT on some columns of a table can be granted with the grant option.",
    positions={
        "include-list": "with a list of columns, as data-filtering-notes.html says",
        "never": "never, as lf-permissions-reference.html says",
    },
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/data-filtering-notes.html; https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html",
    concerns=RULE_COLUMN_OPTION,
)


@dataclass(frozen=True, slots=True)
class Ask:
    """One grant or revocation that was asked for: permissions on something for a principal."""

    principal: str
    what: Named
    permissions: tuple[str, ...]
    options: tuple[str, ...]

    @property
    def rights(self) -> list[Right]:
        """The single rights that the permissions are."""
        return self.what.rights(self.permissions)


def ask(call: Call, entry: Mapping[str, Any]) -> Ask:
    """Return what one request, or one entry of a batch, asks for."""
    catalog = call.params.get("CatalogId") or call.caller.account
    return Ask(
        canonical(entry.get("Principal", {}).get("DataLakePrincipalIdentifier", "")),
        named(entry.get("Resource", {}), catalog, call.region),
        tuple(dict.fromkeys(entry.get("Permissions", []))),
        tuple(dict.fromkeys(entry.get("PermissionsWithGrantOption", []))),
    )


def grant(call: Call, entry: Mapping[str, Any]) -> None:
    """Make one grant, and the share that carries it to another account; granting again changes nothing."""
    asked = ask(call, entry)
    if parts := on_links.passed_on(call, asked.what, entry):
        for part in parts:
            grant(call, part)
        return
    place, key = asked.what.place, asked.what.key
    if not set(asked.options) <= set(asked.permissions) or not asked.permissions:
        message = "Permissions with grant option must be a subset of Permissions, which must not be empty."
        raise RULE_OPTION.refuse("InvalidInputException", message)
    _check_catalog_key(call, asked)
    authority.check_may_grant(call.world, call.caller, place, key, asked.principal, asked.rights)
    check_known(call.world, asked.principal)
    _check_fits(call, asked)
    _check_columns(call, asked)
    if isinstance(key, LocationKey):
        locations.check_registered(call.world, place, key)
    options = set(asked.options)
    tag_shares.check_may_share(call.world, call.caller, place, key, asked.principal, asked.permissions, options)
    abroad.check_may_share(call.world, call.caller, place, key, asked.principal, asked.permissions)
    holder = Holder(asked.principal, call.caller.account)
    _check_partial(call, asked, holder)
    if isinstance(key, FilterKey) and "SELECT" in asked.permissions:
        _check_filters(call, place, key, holder)
    arriving = abroad.arrivals(call.world, call.caller, place, key, asked.principal)

    rights = {right: right.permission in options for right in asked.rights}
    call.world.store(Grants).add(place, key, holder, rights, by=call.caller.principal_arn)
    for each in arriving:
        sharing.share(call.world, place, each, grantor=call.caller)
    if isinstance(key, PolicyKey):
        tag_shares.open_by_policy(call.world, call.caller, place, asked.principal)


def _check_catalog_key(call: Call, asked: Ask) -> None:
    """Refuse a grant on something in an encrypted catalog whose key the caller may not use."""
    if not isinstance(asked.what.key, DatabaseKey | TableKey | FilterKey):
        return
    try:
        check_key(call.world, call.caller, asked.what.place)
    except ServiceError as error:
        message = "Insufficient encryption key permissions for Glue API"
        raise RULE_CATALOG_KEY.refuse("AccessDeniedException", message) from error


def revoke(call: Call, entry: Mapping[str, Any]) -> None:
    """Take one grant back, with what it carried in other accounts; there must have been something to take."""
    asked = ask(call, entry)
    rights = asked.rights
    options = asked.what.rights(asked.options)
    _check_known_or_held(call, asked)
    authority.check_may_revoke(call.world, call.caller, asked.what.place, asked.what.key, rights or options)
    _check_columns_exist(call, asked)
    holder = Holder(asked.principal, call.caller.account)
    revoking.revoke(call.world, asked.what.place, asked.what.key, holder, rights, options, by=call.caller)


def grant_permissions(call: Call) -> Mapping[str, Any]:
    """Answer GrantPermissions."""
    grant(call, call.params)
    return {}


def revoke_permissions(call: Call) -> Mapping[str, Any]:
    """Answer RevokePermissions."""
    revoke(call, call.params)
    return {}


def batch_grant_permissions(call: Call) -> Mapping[str, Any]:
    """Answer BatchGrantPermissions."""
    return {"Failures": _each(call, grant)}


def batch_revoke_permissions(call: Call) -> Mapping[str, Any]:
    """Answer BatchRevokePermissions."""
    return {"Failures": _each(call, revoke)}


def _each(call: Call, act: Callable[[Call, Mapping[str, Any]], None]) -> list[dict[str, Any]]:
    """Do every entry of a batch by itself, and return those that failed with why."""
    entries = call.params["Entries"]
    ids = {entry["Id"] for entry in entries}
    if len(entries) > BATCH_LIMIT or len(ids) < len(entries):
        message = (
            f"A batch must have at most {BATCH_LIMIT} entries, each with a unique Id; this one has {len(entries)}."
        )
        raise RULE_BATCH.refuse("InvalidInputException", message)
    failures = []
    for entry in entries:
        try:
            act(call, entry)
        except ServiceError as error:
            reason = {"ErrorCode": error.code, "ErrorMessage": error.message}
            failures.append({"RequestEntry": entry, "Error": reason})
    return failures


def _check_known_or_held(call: Call, asked: Ask) -> None:
    """Refuse a principal that neither exists nor holds anything here: what a deleted role held can be revoked."""
    held = call.world.store(Grants).on(asked.what.place, asked.what.key)
    if Holder(asked.principal, call.caller.account) not in held:
        check_known(call.world, asked.principal)


def _check_fits(call: Call, asked: Ask) -> None:
    """Refuse permissions that this kind of thing does not take."""
    kind = effective.kind_of(call.world, asked.what.place, asked.what.key)
    assert kind is not None, "authority has refused what is not there"
    if kind.endswith("link"):
        if asked.what.is_columns or not set(asked.permissions) <= on_links.takes(call.world, kind):
            raise on_links.refused()
        return
    takes = matrix.GRANTABLE["columns"] if asked.what.is_columns else matrix.GRANTABLE[kind]
    if wrong := sorted(set(asked.permissions) - takes):
        thing = "columns" if asked.what.is_columns else kind
        message = f"Permissions {wrong} cannot be granted on a {thing}; it takes {sorted(takes)}"
        raise RULE_MATRIX.refuse("InvalidInputException", message)


def _check_columns(call: Call, asked: Ask) -> None:
    """Refuse columns that the table does not have, values that the tag does not, and leaving out a partition key."""
    listed = set(asked.what.columns or ()) | asked.what.excluded
    if isinstance(asked.what.key, TagKey):
        tags = call.world.store(Tags)
        if not all(tags.has(asked.what.place, asked.what.key.tag, value) for value in listed):
            raise authority.not_found(asked.what.key)
        return
    if not listed:
        return
    if asked.options and (asked.what.excluded or COLUMN_OPTION.stands_at(call.world) == "never"):
        message = "SELECT on some columns cannot be granted with the grant option."
        raise RULE_COLUMN_OPTION.refuse("InvalidInputException", message)
    _check_columns_exist(call, asked)
    table = effective.table_at(call.world, asked.what.place, asked.what.key)
    keys = {name.lower() for name, _ in table.partition_keys} if table else set()
    if left_out := sorted(asked.what.excluded & keys):
        message = f"Partition key columns cannot be excluded: {', '.join(left_out)}"
        raise RULE_COLUMNS.refuse("InvalidInputException", message)


def _check_columns_exist(call: Call, asked: Ask) -> None:
    """Refuse columns that the table does not have (any more); what is held on a table that is gone can be revoked."""
    table = effective.table_at(call.world, asked.what.place, asked.what.key)
    listed = set(asked.what.columns or ()) | asked.what.excluded
    if table is not None and not listed <= {name.lower() for name, _ in (*table.columns, *table.partition_keys)}:
        message = "Unsupported modification: cannot grant/revoke permission on non-existent column."
        raise RULE_COLUMNS.refuse("InvalidInputException", message)


def _check_filters(call: Call, place: Place, key: FilterKey, holder: Holder) -> None:
    """Refuse one more filter to who reads the table through as many as there can be; granting again is no more."""
    grants, select = call.world.store(Grants), Right("SELECT")
    others = (each.key for each in call.world.store(CellsFilters).on(place, key.of).values() if each.key != key)
    held = sum(select in grants.on(place, other).get(holder, {}) for other in others)
    if held >= FILTERS_PER_PRINCIPAL:
        message = f"A principal cannot have more than {FILTERS_PER_PRINCIPAL} SELECT permissions on filters of a table."
        raise RULE_FILTERS.refuse("InvalidInputException", message)


def _check_partial(call: Call, asked: Ask, holder: Holder) -> None:
    """Refuse to put SELECT on some columns beside other permissions on the table."""
    held = call.world.store(Grants).on(asked.what.place, asked.what.key).get(holder, {})
    together = [*held, *asked.rights]
    is_partial = any(not right.is_whole for right in together)
    if isinstance(asked.what.key, TagKey):
        return
    if is_partial and any(right.permission != "SELECT" for right in together):
        message = "SELECT on some columns cannot be combined with other permissions on the table for one principal."
        raise RULE_PARTIAL.refuse("InvalidInputException", message)


OPERATIONS: Operations = {
    "GrantPermissions": grant_permissions,
    "RevokePermissions": revoke_permissions,
    "BatchGrantPermissions": batch_grant_permissions,
    "BatchRevokePermissions": batch_revoke_permissions,
}
