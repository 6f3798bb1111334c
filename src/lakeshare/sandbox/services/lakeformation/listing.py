"""
ListPermissions, in its two meanings.

Without a Principal it shows the grants as they were made. With a Resource and a Principal it shows what that principal
can do at this moment, implicit rights included, which is something else (said by the service's team, quoted in
terraform-provider-aws issue 44574).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page_of_groups, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.lakeformation import authority, effective, sharing, tag_shares
from lakeshare.sandbox.services.lakeformation.cells import CellsFilters
from lakeshare.sandbox.services.lakeformation.grants import Grants, Holder
from lakeshare.sandbox.services.lakeformation.keys import (
    ANY_VALUE,
    CatalogKey,
    DatabaseKey,
    ExpressionKey,
    FilterKey,
    Key,
    LocationKey,
    PolicyKey,
    TableKey,
    TagKey,
)
from lakeshare.sandbox.services.lakeformation.principals import (
    account_of,
    canonical,
    check_known,
    is_account,
    is_iam,
    receiver_of,
)
from lakeshare.sandbox.services.lakeformation.resources import named
from lakeshare.sandbox.services.lakeformation.rows import Row, effective_rows, rows_of
from lakeshare.sandbox.services.lakeformation.tag_structures import read_values
from lakeshare.sandbox.services.ram.associations import Share
from lakeshare.sandbox.services.ram.shares import Shares
from lakeshare.sandbox.switches import switch
from lakeshare.sandbox.trouble import delays

RULE_RESOURCE = rule(
    "lakeformation.list.resource-mandatory",
    "Listing by Principal takes a Resource as well.",
    tag="observed",
    source="terraform-provider-aws; moto's lakeformation backend",
)
RULE_COLUMNS = rule(
    "lakeformation.list.no-columns-filter",
    "One lists by Table, and gets the rows on its columns as well; TableWithColumns is no filter.",
    tag="documented",
    source="botocore service model, lakeformation ListPermissionsRequest",
)
RULE_LINK = rule(
    "lakeformation.list.database-link",
    "The tables of a database link cannot be listed on.",
    tag="observed",
    source="terraform-provider-aws issue 46951",
)
RULE_TOKEN = rule(
    "lakeformation.list.token",
    "A NextToken is one that an earlier page gave.",
    tag="inferred",
    source="the message is ours",
)

RULE_FILTERS = rule(
    "lakeformation.list.filters-without-principal",
    "The data filters of a table, with IncludeRelated, are listed without a Principal.",
    tag="documented",
    source="botocore service model, lakeformation ListPermissionsRequest$IncludeRelated; the message is ours",
)
BY_PRINCIPAL = switch(
    "lakeformation.list-filter-by-principal",
    "What ListPermissions does with a Principal beside a data filter.",
    positions={
        "answer": "it shows what the principal holds, which terraform-provider-aws takes for granted",
        "refuse": "it refuses, which data.all avoids by leaving the Principal out",
    },
    source="terraform-provider-aws, lakeformation/permissions.go and issue 48360; data.all, lakeformation_client.py",
    concerns=RULE_FILTERS,
)

RULE_ABROAD = rule(
    "lakeformation.list.abroad",
    "Listing on another account's thing takes that thing to have come to one's own account.",
    tag="observed",
    source="terraform-provider-aws issue 38982",
)
ABROAD = switch(
    "lakeformation.list-abroad",
    "Whether ListPermissions shows what an account has granted on things that are shared with it.",
    positions={
        "shown": "among all grants and by the thing's name",
        "by-resource": "by the thing's name only",
        "hidden": "not among all grants, and asking by the thing's name is refused, which terraform-provider-aws saw",
        "refused": "asking about the other account's catalog is refused, whether as a whole or by the thing's name",
    },
    source="terraform-provider-aws issue 38982; how such grants list without a Resource is documented nowhere",
    concerns=RULE_ABROAD,
)

_TYPES = {
    CatalogKey: "CATALOG",
    DatabaseKey: "DATABASE",
    TableKey: "TABLE",
    FilterKey: "TABLE",
    LocationKey: "DATA_LOCATION",
    TagKey: "LF_TAG",
    ExpressionKey: "LF_NAMED_TAG_EXPRESSION",
}


def list_permissions(call: Call) -> Mapping[str, Any]:
    """Answer ListPermissions."""
    principal = canonical(call.params.get("Principal", {}).get("DataLakePrincipalIdentifier", ""))
    resource = call.params.get("Resource")
    if principal and resource is None:
        raise RULE_RESOURCE.refuse("InvalidInputException", "Resource is mandatory if Principal is set in the input.")
    with_filters = call.params.get("IncludeRelated") == "TRUE"
    takes_none = with_filters or (
        "DataCellsFilter" in (resource or {}) and BY_PRINCIPAL.stands_at(call.world) == "refuse"
    )
    if principal and takes_none:
        message = "Principal is not supported when listing the permissions of data cells filters."
        raise RULE_FILTERS.refuse("InvalidInputException", message)
    if principal:
        check_known(call.world, principal)

    values = read_values(resource["LFTag"]["TagValues"]) if resource and "LFTag" in resource else None

    def rows(thing: tuple[Place, Key]) -> Iterator[Row]:
        found = _effective(call, *thing, principal) if principal else visible(call, *thing)
        return (row for row in found if values is None or _concerns(row, values))

    found, token = page_of_groups(
        _asked_for(call, resource, with_filters=with_filters) if resource is not None else _everything(call),
        rows,
        call.params.get("NextToken"),
        call.params.get("MaxResults"),
        most=1000,
        refusal=invalid_token,
    )
    return with_token({"PrincipalResourcePermissions": [answer(call, row) for row in found]}, token)


def invalid_token() -> ServiceError:
    """Return the refusal of a token that no page gave."""
    return RULE_TOKEN.refuse("InvalidInputException", "Invalid NextToken.")


def _asked_for(call: Call, resource: Mapping[str, Any], *, with_filters: bool) -> list[tuple[Place, Key]]:
    """Return the thing to list on and, with *with_filters*, the data filters on it."""
    place, key = _filter(call, resource)
    related = call.world.store(CellsFilters).on(place, key) if with_filters and isinstance(key, TableKey) else {}
    return [(place, key), *((place, each.key) for each in related.values())]


def _filter(call: Call, resource: Mapping[str, Any]) -> tuple[Place, Key]:
    """Return the thing to list on; refuse what cannot be listed on."""
    if "TableWithColumns" in resource:
        message = "TableWithColumns is not supported as a filter; use Table."
        raise RULE_COLUMNS.refuse("InvalidInputException", message)
    what = named(resource, call.params.get("CatalogId") or call.caller.account, call.region)
    place, key = what.place, what.key
    if isinstance(key, TableKey):
        database = call.world.store(Catalogs).database(place, key.database)
        if database is not None and database.target is not None:
            message = "Database cannot be a link for this operation when called on a table."
            raise RULE_LINK.refuse("InvalidInputException", message)
    _check_exists(call, place, key)
    return place, key


def _check_exists(call: Call, place: Place, key: Key) -> None:
    is_there = effective.kind_of(call.world, place, key) is not None
    if place.account == call.caller.account:
        if not is_there and effective.is_viewer(call.world, call.caller, call.region):
            raise authority.not_found(key)
        if not is_there:
            raise authority.not_authorised()
    elif not is_there or not effective.has_arrived(call.world, call.caller, place, key):
        # Reading the grants on a shared table can fail after a grant succeeded (terraform-provider-aws 38982).
        raise _not_abroad()
    elif ABROAD.stands_at(call.world) in {"hidden", "refused"}:
        raise _not_abroad()


def _not_abroad() -> ServiceError:
    message = "Resource does not exist or requester is not authorized to access requested permissions."
    return RULE_ABROAD.refuse("AccessDeniedException", message)


def _everything(call: Call) -> Iterator[tuple[Place, Key]]:
    """
    Yield the things whose rows the call is about: those of the catalog asked for.

    With no CatalogId, or its own, those are its own catalog's and whatever it granted or was granted on other
    accounts' things (inferred: AWS does not say how those list); with another's CatalogId, those on its things alone.
    """
    asked, home = call.params.get("CatalogId"), Place(call.caller.account, call.region)
    if asked in {None, home.account}:
        yield from ((home, key) for key in call.world.store(Grants).things(home))
    elif ABROAD.stands_at(call.world) == "refused":
        raise _not_abroad()
    if ABROAD.stands_at(call.world) != "shown":
        return
    for owner, key in call.world.store(Grants).abroad(home):
        if asked in {None, home.account, owner.account} and owner.account != home.account:
            yield owner, key


def visible(call: Call, place: Place, key: Key) -> Iterator[Row]:
    """Yield the rows on one thing that the caller may see and that have had time to appear."""
    wanted = call.params.get("ResourceType")
    if wanted and wanted not in _types_of(key):
        return
    shown_until = call.world.clock.now() - delays(call.world).lf_list_s
    is_viewer = effective.is_viewer(call.world, call.caller, call.region)
    own = frozenset[str]() if is_viewer else _own(call, place, key)
    for holder, rights in call.world.store(Grants).on(place, key).items():
        sees_all = _may_see(call, place, holder, is_viewer=is_viewer)
        shown = {
            right: held
            for right, held in rights.items()
            if held.granted_at <= shown_until
            and (sees_all or (right.permission in own and holder.via == place.account))
        }
        yield from rows_of(place, key, holder, shown)


def _own(call: Call, place: Place, key: Key) -> frozenset[str]:
    """
    Return the permissions on a thing that the caller sees others hold: those that it holds (documented: who is granted
    ALTER sees who else has ALTER, API_ListPermissions.html).

    Of LF-tags, and by them, it sees its own alone (documented: TBAC-granting-revoking-tags-cli.html).
    """
    if place.account != call.caller.account or isinstance(key, TagKey | ExpressionKey | PolicyKey):
        return frozenset()
    return effective.own_permissions(call.world, call.caller, place, key)


def _types_of(key: Key) -> set[str]:
    """Return the ResourceTypes that a thing is of."""
    return {"LF_TAG_POLICY", f"LF_TAG_POLICY_{key.kind}"} if isinstance(key, PolicyKey) else {_TYPES[type(key)]}


def _concerns(row: Row, values: Sequence[str]) -> bool:
    """Whether a row on an LF-tag is about any of *values*, or about all that there are."""
    return not {ANY_VALUE, *values}.isdisjoint(row.resource["LFTag"]["TagValues"])


def _may_see(call: Call, place: Place, holder: Holder, *, is_viewer: bool) -> bool:
    """
    Whether all of a grant shows to the caller: administrators see their account's, everybody sees its own.

    What an owner granted straight to a principal of another account, that account's administrators do not see.
    """
    caller = call.caller
    if holder.principal in effective.names_of(caller):
        return True
    if not is_viewer:
        return False
    if place.account == caller.account:
        return holder.via == caller.account
    return holder.via == caller.account or holder.principal in call.world.store(Shares).names_of(caller.account)


def _effective(call: Call, place: Place, key: Key, principal: str) -> Iterator[Row]:
    """
    Yield what *principal* can do with a thing right now.

    One of another account comes back empty though it holds a grant (terraform-provider-aws issues 48360 and 49669);
    the account itself does not (terraform-provider-aws reads its grants to accounts in this way).
    """
    if not is_account(principal) and account_of(principal) not in {"", call.caller.account}:
        return
    is_viewer = effective.is_viewer(call.world, call.caller, call.region)
    if not is_viewer and principal not in effective.names_of(call.caller):
        return
    if ":identitystore:" in principal:
        # Empty for Identity Center's users and groups, whatever they hold (terraform-provider-aws issue 44574).
        return
    if not is_iam(principal):
        # Groups have no rights of their own to work out: what was granted to them is what they hold.
        for via in {call.caller.account, place.account}:
            holder = Holder(principal, via)
            if _may_see(call, place, holder, is_viewer=is_viewer):
                yield from rows_of(place, key, holder, call.world.store(Grants).on(place, key).get(holder, {}))
        return
    yield from effective_rows(call.world, place, key, principal, call.caller.account)


def answer(call: Call, row: Row) -> dict[str, Any]:
    """Return a row as the API shows it."""
    shown: dict[str, Any] = {
        "Principal": {"DataLakePrincipalIdentifier": row.principal},
        "Resource": row.resource,
        "Permissions": list(row.permissions),
        "PermissionsWithGrantOption": list(row.options),
    }
    if row.granted_at:
        shown["LastUpdated"] = datetime.fromtimestamp(row.granted_at, UTC)
        shown["LastUpdatedBy"] = row.granted_by
    account = receiver_of(row.principal)
    if row.place.account == call.caller.account and account not in {"", row.place.account}:
        shown["AdditionalDetails"] = {"ResourceShare": [share.arn for share in _shares(call, row, account)]}
    return shown


def _shares(call: Call, row: Row, account: str) -> Iterator[Share]:
    """Return the shares by which what a row grants comes to its principal, in another account."""
    if isinstance(row.key, PolicyKey):
        return tag_shares.shares_of(call.world, row.place, row.key, account)
    known = sharing.known_as(row.principal)
    return (each for each in sharing.shares_of(call.world, row.place, row.key, account) if known in each.principals)


OPERATIONS: Operations = {"ListPermissions": list_permissions}
