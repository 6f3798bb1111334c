"""
What IAM must allow the operator in an account, worked out from the resources that a spec comes to.

Each kind says what it calls; here is what the commands call beside that: who am I, what may I do, and what a plan must
know before it can say what there is to make.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, Literal, TypeAlias

from lakeshare.planning.expand import place_of
from lakeshare.planning.imagined import operator_arn
from lakeshare.resources.registry import KINDS
from lakeshare.resources.rights import Right, Use, glue_arns, rights
from lakeshare.resources.tags import tag_changes
from lakeshare.resources.values import Action, Place, Resource, Step
from lakeshare.spec import CatalogSource, ConnectSource, Share, Spec

Purpose: TypeAlias = Literal["apply", "verify", "destroy"]
PURPOSES: Final[tuple[Purpose, ...]] = ("apply", "verify", "destroy")

USES: Final[Mapping[Purpose, frozenset[Use]]] = {
    "apply": frozenset({"look", "make", "mend"}),
    "verify": frozenset({"look"}),
    "destroy": frozenset({"look", "take away"}),
}
"""
What each command does with what is there. An apply of a spec from nothing takes nothing away; one that does (a share
left out of the spec) is asked for the rights of just those steps.
"""


def operator_rights(
    spec: Spec, alias: str, operator: str, resources: Iterable[Resource], purpose: Purpose
) -> tuple[Right, ...]:
    """
    Return what the principal *operator* needs in the account *alias* to *purpose* what is among *resources*.

    Accounts that the spec names twice and enters the same way (two Regions, say) count as one.
    """
    aliases = _same_door(spec, alias)
    uses = USES[purpose]
    found = list(_of_chains(spec, aliases))
    if any(alias in aliases for share in spec.shares.values() for alias in (share.source.account, share.to.account)):
        found += _of_itself(operator, purpose)
    # What is taken away the ledger knows; nobody asks then what the spec could mean.
    for name in sorted(aliases) if purpose != "destroy" else ():
        found += _of_survey(spec, name)
    found += [right for item in resources if item.place.alias in aliases for right in KINDS[item.kind].rights(item)]
    return tuple(dict.fromkeys(right for right in found if right.use in uses))


def lifetime_rights(spec: Spec, alias: str, operator: str, resources: Iterable[Resource]) -> tuple[Right, ...]:
    """Return what *operator* needs in the account *alias* from first apply to last destroy, changes included."""
    listed = tuple(resources)
    found = [right for purpose in PURPOSES for right in operator_rights(spec, alias, operator, listed, purpose)]
    aliases = _same_door(spec, alias)
    here = [item for item in listed if item.place.alias in aliases]
    found += [right for item in here for right in KINDS[item.kind].rights(item) if right.use == "change"]
    return tuple(dict.fromkeys(found))


def session_rights(
    spec: Spec, alias: str, operator: str, resources: Iterable[Resource], *, writes: bool
) -> tuple[Right, ...]:
    """
    Return all that a session in the account *alias* may ever need, for a command that *writes* or one that does not.

    *resources* are what the spec may come to, and one of each sort that the ledger has.
    """
    aliases = _same_door(spec, alias)
    found = [*_of_itself(operator, "apply"), *_of_chains(spec, aliases), *_of_policy_checks()]
    for name in sorted(aliases):
        found += _of_survey(spec, name)
    found += [right for item in resources if item.place.alias in aliases for right in KINDS[item.kind].rights(item)]
    looking = ("iam:SimulatePrincipalPolicy", "sts:AssumeRole")
    return tuple(right for right in dict.fromkeys(found) if writes or right.use == "look" or right.action in looking)


def rights_of_steps(
    spec: Spec, alias: str, operator: str, looked_at: Iterable[Resource], steps: Collection[Step]
) -> tuple[Right, ...]:
    """
    Return what *operator* needs in the account *alias* to carry out *steps*, and to mend what goes wrong on the way.

    Nothing where none of them is. *looked_at* is all that the plan rests on.
    """
    aliases = _same_door(spec, alias)
    here = [step for step in steps if step.resource.place.alias in aliases]
    if not here:
        return ()
    found = [*_of_itself(operator, "apply")]
    for item in looked_at:
        if item.place.alias in aliases:
            found += [right for right in KINDS[item.kind].rights(item) if right.use == "look"]
    for step in here:
        found += _of_step(step)
    return tuple(dict.fromkeys(found))


_USES_OF_ACTION: Final[Mapping[Action, frozenset[Use]]] = {
    "create": frozenset({"make", "mend"}),
    "update": frozenset({"mend"}),
    "replace": frozenset({"make", "mend"}),
    "delete": frozenset({"take away"}),
}


def _of_step(step: Step) -> list[Right]:
    """Return what one step takes. What is made anew may have stood elsewhere, at another path, and goes from there."""
    kind, uses = KINDS[step.kind], _USES_OF_ACTION[step.action]
    if step.action == "update" and (step.takes_away or _takes_off_tags(step)):
        uses |= {"change"}
    found = [right for right in kind.rights(step.resource) if right.use in uses]
    if step.action == "replace" and isinstance(step.observed, kind.model):
        found += [right for right in kind.rights(step.observed) if right.use == "take away"]
    return found


def _takes_off_tags(step: Step) -> bool:
    is_tagged = hasattr(step.desired, "tags") and hasattr(step.observed, "tags")
    return is_tagged and bool(tag_changes(step.desired, step.observed)[1])


def _same_door(spec: Spec, alias: str) -> frozenset[str]:
    """Return the names of all accounts of the spec that are the account *alias*, entered as the same principal."""
    wanted = _door(spec, alias)
    return frozenset(name for name in spec.accounts if _door(spec, name) == wanted)


def _door(spec: Spec, alias: str) -> tuple[str, str | None, str | None]:
    account = spec.accounts[alias]
    return account.id, account.role, account.profile


def _of_itself(operator: str, purpose: Purpose) -> Iterator[Right]:
    """A session's ARN lacks its role's path, so the role is looked up; before writing, one asks what one may do."""
    if ":user/" not in operator:
        yield from rights("look", "iam", "GetRole", operator)
    if purpose != "verify":
        yield from rights(("make", "take away"), "iam", "SimulatePrincipalPolicy", operator)


def _of_policy_checks() -> Iterator[Right]:
    """
    What checking policies asks where the operator's own policies let it.

    Sessions alone have these: the job is done without IAM Access Analyzer, and without a look at the operator's own
    policies.
    """
    yield from rights("look", "access-analyzer", "ValidatePolicy")
    yield from rights("look", "iam", "GetPolicy GetPolicyVersion GetRolePolicy")
    yield from rights("look", "iam", "ListAttachedRolePolicies ListRolePolicies")


def _of_chains(spec: Spec, aliases: Collection[str]) -> Iterator[Right]:
    """From one account's session others may be entered, by their roles, and their ExternalIds be kept there."""
    for name, account in spec.accounts.items():
        if account.via is None or account.via not in aliases or account.role is None:
            continue
        yield from rights("look", "sts", "AssumeRole", operator_arn(spec, name))
        if parameter := account.external_id_parameter:
            hub = replace(place_of(spec, account.via), region=account.region)
            arn = hub.arn("ssm", f"parameter/{parameter.lstrip('/')}")
            yield from rights("look", "ssm", "GetParameter", arn)
            yield from rights("make", "ssm", "PutParameter", arn)


def _of_survey(spec: Spec, alias: str) -> Iterator[Right]:
    """Yield what finding out needs before a plan can be made; what the plan rests on but no resource of it is."""
    place = place_of(spec, alias)
    for share in spec.shares.values():
        if share.source.account == alias:
            yield from _of_source(place, share)
        if share.to.account == alias:
            yield from _of_destination(place, share)


def _of_source(place: Place, share: Share) -> Iterator[Right]:
    match share.source:
        case ConnectSource(instance=instance):
            arn = place.arn("connect", f"instance/{instance}")
            yield from rights("look", "connect", "ListAnalyticsDataLakeDataSets", arn)
        case CatalogSource(database=database):
            yield from rights("look", "glue", "GetTables", *glue_arns(place, database, "*"))
            yield from rights("look", "lakeformation", "GetDataLakeSettings ListPermissions")


def _of_destination(place: Place, share: Share) -> Iterator[Right]:
    yield from rights("look", "glue", "GetDatabase", *glue_arns(place, "default"))
    yield from rights("look", "lakeformation", "GetDataLakeSettings ListPermissions")
    if name := share.to.athena.workgroup:
        yield from rights("look", "athena", "GetWorkGroup", place.arn("athena", f"workgroup/{name}"))
    for reader in share.readers:
        if reader.create is None:
            yield from _of_existing_role(place, reader.role)


def _of_existing_role(place: Place, role: str) -> Iterator[Right]:
    """An existing role is looked up by its name, whatever path it has, and what its policies lack is told."""
    arn = role if role.startswith("arn:") else place.iam_arn(f"role/{role}")
    look = "GetRole ListRolePolicies GetRolePolicy ListAttachedRolePolicies"
    yield from rights("look", "iam", look, arn)
    yield from rights("look", "iam", "GetPolicy GetPolicyVersion", place.iam_arn("policy/*"), _managed_by_aws(place))


def _managed_by_aws(place: Place) -> str:
    return f"arn:{place.partition}:iam::aws:policy/*"
