"""CreateLakeFormationOptIn and its companions: whom Lake Formation rules where hybrid access leaves others to IAM."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation import authority, effective
from lakeshare.sandbox.services.lakeformation.keys import CatalogKey, DatabaseKey, TableKey
from lakeshare.sandbox.services.lakeformation.listing import invalid_token
from lakeshare.sandbox.services.lakeformation.optins import OptIn, OptIns
from lakeshare.sandbox.services.lakeformation.principals import account_of, canonical, check_known
from lakeshare.sandbox.services.lakeformation.resources import Named, named, resource_for
from lakeshare.sandbox.services.lakeformation.settings import Settings

RULE_ADMIN = rule(
    "lakeformation.optin.administrator",
    "Only data lake administrators opt principals in and out.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/hybrid-access-mode.html; the message is observed "
    "(terraform-provider-aws, lakeformation/opt_in.go)",
)
RULE_THING = rule(
    "lakeformation.optin.databases-and-tables",
    "Principals are opted in on databases and tables by name, not by LF-tags, columns or locations.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/notes-hybrid.html; the message is ours",
)
RULE_PRINCIPAL = rule(
    "lakeformation.optin.own-principals",
    "An account opts in IAM principals of its own.",
    tag="documented",
    source="botocore service model, lakeformation CreateLakeFormationOptInRequest, of IAM principals; that they are "
    "the account's own is inferred, and the message is ours",
)
RULE_EXISTS = rule(
    "lakeformation.optin.exists",
    "Only an opt-in that exists can be removed.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DeleteLakeFormationOptIn.html",
)


def create_opt_in(call: Call) -> Mapping[str, Any]:
    """Answer CreateLakeFormationOptIn; doing it again changes nothing (inferred: it declares no AlreadyExists)."""
    principal, what = _asked(call)
    check_known(call.world, principal)
    if account_of(principal) != call.caller.account:
        raise RULE_PRINCIPAL.refuse("InvalidInputException", "Opt-ins take IAM principals of this account.")
    _check_there(call, what)
    made = OptIn(principal, what.place, what.key, call.world.clock.now(), call.caller.principal_arn)
    _of_account(call).setdefault((principal, what.place, what.key), made)
    return {}


def delete_opt_in(call: Call) -> Mapping[str, Any]:
    """Answer DeleteLakeFormationOptIn."""
    principal, what = _asked(call)
    if _of_account(call).pop((principal, what.place, what.key), None) is None:
        raise RULE_EXISTS.refuse("EntityNotFoundException", "Opt-in not found.")
    return {}


def list_opt_ins(call: Call) -> Mapping[str, Any]:
    """Answer ListLakeFormationOptIns: all of the account's, or those of a principal, or on a thing."""
    if not effective.is_viewer(call.world, call.caller, call.region):
        raise _not_administrator()
    wanted = canonical(call.params.get("Principal", {}).get("DataLakePrincipalIdentifier", ""))
    resource = call.params.get("Resource")
    what = named(resource, call.caller.account, call.region) if resource else None
    found = [
        each
        for each in _of_account(call).values()
        if wanted in {"", each.principal} and (what is None or (what.place, what.key) == (each.place, each.key))
    ]
    shown, token = page(
        found, call.params.get("NextToken"), call.params.get("MaxResults"), most=1000, refusal=invalid_token
    )
    return with_token({"LakeFormationOptInsInfoList": [_answer(each) for each in shown]}, token)


def _asked(call: Call) -> tuple[str, Named]:
    """Return who is to be opted in, or out, on what; refuse anybody but an administrator."""
    home = Place(call.caller.account, call.region)
    if not call.world.store(Settings).is_admin(home, call.caller.principal_arn):
        raise _not_administrator()
    what = named(call.params.get("Resource", {}), call.caller.account, call.region)
    if what.is_columns or not isinstance(what.key, CatalogKey | DatabaseKey | TableKey):
        raise RULE_THING.refuse("InvalidInputException", "Opt-ins are on databases and tables.")
    return canonical(call.params["Principal"].get("DataLakePrincipalIdentifier", "")), what


def _check_there(call: Call, what: Named) -> None:
    is_there = effective.kind_of(call.world, what.place, what.key) is not None
    is_own = what.place.account == call.caller.account
    if is_own and not is_there:
        raise authority.not_found(what.key)
    if not is_own and not (is_there and effective.has_arrived(call.world, call.caller, what.place, what.key)):
        raise authority.not_authorised()


def _not_administrator() -> ServiceError:
    return RULE_ADMIN.refuse("AccessDeniedException", "Insufficient Lake Formation permission(s) on Catalog")


def _of_account(call: Call) -> dict[Any, OptIn]:
    return call.world.store(OptIns).of(Place(call.caller.account, call.region))


def _answer(made: OptIn) -> dict[str, Any]:
    return {
        "Principal": {"DataLakePrincipalIdentifier": made.principal},
        "Resource": resource_for(made.place, made.key),
        "LastModified": datetime.fromtimestamp(made.changed_at, UTC),
        "LastUpdatedBy": made.changed_by,
    }


OPERATIONS: Operations = {
    "CreateLakeFormationOptIn": create_opt_in,
    "DeleteLakeFormationOptIn": delete_opt_in,
    "ListLakeFormationOptIns": list_opt_ins,
}
