"""
Asks IAM whether it allows the operator what it will need, before the first write needs it.

SimulatePrincipalPolicy looks at a principal's own policies, its permissions boundary and, where it can, the service
control policies of its organisation (documented); it writes nothing and calls nothing. What it cannot know is on which
conditions of a policy a call would stand: a refusal that hangs on a condition key which was not given is no sure one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final, TypeAlias

from lakeshare.errors import CallError
from lakeshare.planning.least_policy import Allowed
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place

ASKING: Final = "iam:SimulatePrincipalPolicy"

MOST_OF_A_SORT: Final = 10
"""How many resources of one sort (tables of one database, roles) are asked about: the others have names like theirs."""

_RAM_KEYS: Final = {
    # As Lake Formation calls RAM: AWS's own policy for grantors stands on these keys (documented:
    # AWSLakeFormationCrossAccountManager).
    "ram:ResourceShareName": ("LakeFormation",),
    "ram:RequestedResourceType": ("glue:Table",),
    "ram:PermissionArn": ("arn:aws:ram::aws:permission/AWSRAMLFEnabledGlueTableReadWrite",),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    That IAM would refuse the operator of the account *alias* an action, on *resource* for one.

    ``is_sure`` is False where the policies have conditions on keys that nobody but a real call has.
    """

    alias: str
    action: str
    resource: str
    why: str
    is_sure: bool = True


def refusals(run: Run, place: Place, principal: str, wanted: Sequence[Allowed]) -> tuple[Refusal, ...]:
    """
    Return what of *wanted* IAM would refuse *principal*, each action once.

    A principal that cannot be simulated (an account's root, a federated user) is refused nothing here. That the
    operator may not ask is a refusal of its own.
    """
    if not any(kind in principal for kind in (":role/", ":user/")):
        return ()
    asked = run.aws.in_parallel(partial(_refused, run, place, principal), _by_service(wanted))
    first: dict[str, Refusal] = {}
    for refusal in (one for some in asked for one in some):
        first.setdefault(refusal.action, refusal)
    return tuple(first[action] for action in sorted(first))


_Asked: TypeAlias = Mapping[str, tuple[str, ...]]
"""The resources that each action is asked about."""


def _by_service(wanted: Iterable[Allowed]) -> list[_Asked]:
    """
    Put the actions of one service into one call.

    IAM answers about each action on each resource of a call; what nobody asked is left out of the answer.
    """
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for one in wanted:
        arns = tuple(_samples(one.resources))
        for action in one.actions:
            found[action.partition(":")[0]][action] = arns
    return list(found.values())


def _refused(run: Run, place: Place, principal: str, asked: _Asked) -> list[Refusal]:
    try:
        rows = list(
            run.aws.pages(
                place.alias,
                place.region,
                "iam",
                "simulate_principal_policy",
                "EvaluationResults",
                PolicySourceArn=principal,
                ActionNames=list(asked),
                ResourceArns=list(dict.fromkeys(arn for arns in asked.values() for arn in arns)),
                ContextEntries=_context(place),
                MaxItems=1000,
            )
        )
    except CallError as error:
        if error.aws_code not in ("AccessDenied", "AccessDeniedException"):
            raise
        return [Refusal(place.alias, ASKING, principal, "the operator may not ask what it may do")]
    found = (refusal for row in rows for refusal in _of_row(place, row))
    return [refusal for refusal in found if refusal.resource in asked[refusal.action]]


def _of_row(place: Place, row: Mapping[str, Any]) -> Iterator[Refusal]:
    # Without a result for each resource the row itself is about the one that was asked about.
    each = row.get("ResourceSpecificResults") or [
        {"EvalResourceName": row.get("EvalResourceName", "*"), "EvalResourceDecision": row["EvalDecision"]}
    ]
    for result in each:
        if result["EvalResourceDecision"] != "allowed":
            missing = result.get("MissingContextValues") or row.get("MissingContextValues") or ()
            why = _why(row, result, missing)
            yield Refusal(place.alias, row["EvalActionName"], result["EvalResourceName"], why, is_sure=not missing)


def _why(row: Mapping[str, Any], result: Mapping[str, Any], missing: Iterable[str]) -> str:
    if missing:
        return f"a policy's conditions on {', '.join(sorted(missing))} decide"
    if row.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations") is False:
        return "the organisation's service control policies do not allow it"
    boundary = result.get("PermissionsBoundaryDecisionDetail") or row.get("PermissionsBoundaryDecisionDetail") or {}
    if boundary.get("AllowedByPermissionsBoundary") is False:
        return "the permissions boundary does not allow it"
    if result["EvalResourceDecision"] == "explicitDeny":
        return "a policy denies it"
    return "no policy allows it"


def _context(place: Place) -> list[dict[str, Any]]:
    known = {"aws:RequestedRegion": (place.region,), **_RAM_KEYS}
    return [
        {"ContextKeyName": key, "ContextKeyType": "string", "ContextKeyValues": list(values)}
        for key, values in known.items()
    ]


def _samples(arns: Iterable[str]) -> Iterator[str]:
    """Yield the first few of each sort of *arns*."""
    sorts: dict[str, list[str]] = {}
    for arn in arns:
        sorts.setdefault(arn.rpartition("/")[0] or arn, []).append(arn)
    for sort in sorts.values():
        yield from islice(sort, MOST_OF_A_SORT)
