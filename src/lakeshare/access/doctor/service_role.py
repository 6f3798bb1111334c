"""The role by which Glue uses the key of a Data Catalog for all callers: is it there, for Glue, and let use the key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from lakeshare.access.doctor.catalog_key import READS, USES, Key, key_policy, refused_by_iam
from lakeshare.access.doctor.edits import allow_use, change_trust, make_service_role
from lakeshare.access.doctor.finding import Case, Finding
from lakeshare.access.doctor.key_mends import let_use
from lakeshare.access.doctor.key_policies import says
from lakeshare.access.doctor.looking import Unread, not_seen
from lakeshare.access.doctor.roles import Role, role
from lakeshare.access.doctor.statement_edits import Who, program, without
from lakeshare.access.doctor.statements import principals, speaks_of
from lakeshare.access.permitted import refusals
from lakeshare.planning.least_policy import Allowed
from lakeshare.resources.documents import statements_of
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place

GLUE: Final = "glue.amazonaws.com"
LOOKS: Final = "iam:GetRole"
_ASSUME: Final = "sts:AssumeRole"
_MEANT: Final[tuple[Who, ...]] = (("Service", GLUE), ("Service", "*"), ("AWS", "*"))
_LETS_IN: Final = {"Effect": "Allow", "Principal": {"Service": GLUE}, "Action": _ASSUME}


def look(run: Run, place: Place, key: Key) -> Key:
    """Return *key* with what there is to know of its role; one of another account is not looked at."""
    arn = key.service_role
    if f":iam::{place.account_id}:" not in arn:
        return replace(key, server=Unread(LOOKS, "it is of another account"))
    server = role(run, place, arn.rpartition("/")[2])
    if not isinstance(server, Role) or key.is_managed_by_aws:
        return replace(key, server=server)
    refused = refusals(run, place, arn, (Allowed(USES, (key.name,)),))
    return replace(key, server=server, policy=key_policy(run, place, key.name), refused=refused)


def judge(case: Case, key: Key) -> Iterator[Finding]:
    """Block where Glue cannot be that role, or the role cannot use the key (documented: encrypt-glue-data-catalog)."""
    arn, found = key.service_role, key.server
    what = f"the service role {arn} of the encrypted catalog"
    if isinstance(found, Unread):
        yield not_seen(case, what, found, part="service-role")
    elif found is None:
        fix = f"make it: {make_service_role(case.place, arn, GLUE, key.name, USES)}"
        yield _blocker(case, f"{what} does not exist", fix)
    else:
        if is_deaf := not lets_in(found.trust):
            fix = f"let Glue in: {change_trust(found.name, _letting_in(found.trust))}"
            yield _blocker(case, f"{what} does not trust {GLUE}", fix)
        if barred := [*_barred(case, key, what)]:
            yield from barred
        elif not is_deaf:
            saw = f"the catalog is encrypted with {key.name}, which its service role uses for all callers"
            yield Finding("ok", saw)


def _barred(case: Case, key: Key, what: str) -> Iterator[Finding]:
    word = says(key.policy, key.service_role, READS)
    if isinstance(word, Unread):
        yield not_seen(case, f"the policy of the key {key.name}", word, part="key-policy")
    elif word in ("denied", "not allowed"):
        fix = let_use(case.place, key, [key.service_role], USES)
        yield _blocker(case, f"{what} is not let use its key {key.name} by the key's policy ({word})", fix)
    elif refused := refused_by_iam(key, key.service_role):
        fix = f"allow it: {allow_use(case.place, key.service_role, 'catalog-key', key.name, USES)}"
        yield _blocker(case, f"{what} is not let use its key {key.name} by IAM: {', '.join(refused)}", fix)


def _blocker(case: Case, saw: str, fix: str) -> Finding:
    address = f"{case.place}/catalog-key"
    return Finding("blocker", f"{saw}: Glue refuses what touches the catalog", fix, None, "service-role", address)


def lets_in(trust: Mapping[str, Any]) -> bool:
    """Tell whether Glue may assume a role that trusts so; what a condition asks of Glue is taken to hold."""
    allows = any(one.get("Effect") == "Allow" and _is_of_glue(one) for one in statements_of(trust))
    return allows and not _denying(trust)


def _is_of_glue(statement: Mapping[str, Any]) -> bool:
    named = {(sort, name) for sort in ("Service", "AWS") for name in principals(statement, sort)}
    return speaks_of(statement, _ASSUME) and not named.isdisjoint(_MEANT)


def _denying(trust: Mapping[str, Any]) -> list[int]:
    return [
        number
        for number, one in enumerate(statements_of(trust))
        if one.get("Effect") == "Deny" and not one.get("Condition") and _is_of_glue(one)
    ]


def _letting_in(trust: Mapping[str, Any]) -> str:
    statements = statements_of(trust)
    edits = {number: without(statements[number], _MEANT) for number in _denying(trust)}
    allows = any(one.get("Effect") == "Allow" and _is_of_glue(one) for one in statements)
    return program(trust, edits, *([] if allows else [_LETS_IN]))
