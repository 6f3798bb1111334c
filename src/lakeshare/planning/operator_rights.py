"""
What IAM must allow the operator in an account, worked out from the resources that a spec comes to.

Each kind says what it calls; here is what the commands call beside that: who am I, what may I do, and what a plan must
know before it can say what there is to make.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, Literal, TypeAlias

from lakeshare.planning.expand import place_of
from lakeshare.planning.imagined import operator_arn
from lakeshare.planning.reader_rights import rights_of_reader
from lakeshare.resources.glue_database.model import GlueDatabase
from lakeshare.resources.iam_policy import IamPolicy
from lakeshare.resources.lake_grant import LakeGrant
from lakeshare.resources.registry import KINDS
from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.rights import Right, Use, glue_arns, rights
from lakeshare.resources.tags import tag_changes
from lakeshare.resources.values import Action, KnownAfter, Place, Resource, Step, resolve
from lakeshare.spec import CatalogSource, ConnectSource, Share, Spec
from lakeshare.spec.ways import hubs_of

Purpose: TypeAlias = Literal["apply", "verify", "destroy"]
PURPOSES: Final[tuple[Purpose, ...]] = ("apply", "verify", "destroy")

USES: Final[Mapping[Purpose, frozenset[Use]]] = {
    "apply": frozenset({"look", "check", "make", "mend"}),
    "verify": frozenset({"look"}),
    "destroy": frozenset({"look", "take away"}),
}
"""
What each command does with what is there. An apply of a spec from nothing takes nothing away; one that does (a share
left out of the spec) is asked for the rights of just those steps.
"""


class OperatorRights:
    """
    What the operators of *spec*'s accounts need for *resources*, and to carry out *steps*. *lookup* answers what the
    resources leave to be known. *unkept* are the accounts whose ExternalId is yet to be put into its parameter; None:
    nobody has looked, and it may be any.

    Accounts that the spec names twice and enters the same way (two Regions, say) count as one. Everything is sorted by
    account once, and of things about which IAM is asked the same one is looked at: there may be a million grants in two
    thousand accounts.
    """

    def __init__(
        self,
        spec: Spec,
        resources: Iterable[Resource],
        steps: Iterable[Step] = (),
        lookup: Callable[[KnownAfter], Any] = lambda unknown: unknown,
        unkept: Collection[str] | None = None,
    ) -> None:
        self._spec = spec
        self._doors = _doors(spec)
        self._resources = _by_account(resources, lookup)
        self._steps: dict[str, list[Step]] = defaultdict(list)
        for step in steps:
            self._steps[step.resource.place.alias].append(step)
        self._shares: dict[str, list[Share]] = defaultdict(list)
        for share in spec.shares.values():
            for alias in dict.fromkeys((share.source.account, share.to.account)):
                self._shares[alias].append(share)
        self._unkept = spec.accounts if unkept is None else unkept
        self._spokes: dict[str, list[str]] = defaultdict(list)
        for alias, account in spec.accounts.items():
            if account.via is not None:
                self._spokes[account.via].append(alias)
        self._passed = {hub for alias in self._steps for hub in hubs_of(spec, alias)}

    def to(self, purpose: Purpose, alias: str, operator: str) -> tuple[Right, ...]:
        """Return what the principal *operator* needs in the account *alias* to *purpose* the resources."""
        found = self._beside(alias, operator, purpose) + self._of_resources(alias)
        return tuple(dict.fromkeys(right for right in found if right.use in USES[purpose]))

    def for_good(self, alias: str, operator: str) -> tuple[Right, ...]:
        """Return what *operator* needs in the account *alias* from first apply to last destroy, changes included."""
        found = [right for purpose in PURPOSES for right in self.to(purpose, alias, operator)]
        found += [right for right in self._of_resources(alias) if right.use == "change"]
        return tuple(dict.fromkeys(found))

    def of_session(self, alias: str, operator: str, *, writes: bool) -> tuple[Right, ...]:
        """
        Return all that a session in the account *alias* may need, for a command that *writes* or one that does not.

        The resources have to be all that the spec may come to, and one of each sort that the ledger has.
        """
        beside = (*self._beside(alias, operator, "apply"), *_of_policy_checks())
        found = dict.fromkeys((*beside, *self._of_resources(alias)))
        looking = ("iam:SimulatePrincipalPolicy", "sts:AssumeRole")
        return tuple(right for right in found if writes or right.use in ("look", "check") or right.action in looking)

    def of_steps(self, alias: str, operator: str) -> tuple[Right, ...]:
        """
        Return what *operator* needs in the account *alias* to carry out the steps, and to mend what goes wrong there.

        Nothing where there are none, here or in accounts that are entered by way of this one. The resources are what
        the plan rests on.
        """
        steps = [step for name in self._doors[alias] for step in self._steps.get(name, ())]
        if not steps and not self._passed & self._doors[alias]:
            return ()
        found = [*_of_itself(operator, "apply"), *self._of_chains(alias), *self._of_readers(alias)]
        found += [right for right in self._of_resources(alias) if right.use == "look"]
        for step in _unlike(steps):
            found += _of_step(step)
        return tuple(dict.fromkeys(found))

    def _of_resources(self, alias: str) -> list[Right]:
        items = (item for name in self._doors[alias] for item in self._resources.get(name, ()))
        return [right for item in items for right in (*KINDS[item.kind].rights(item), *_of_checks(item))]

    def _beside(self, alias: str, operator: str, purpose: Purpose) -> list[Right]:
        """Return what commands call beside what the resources take."""
        aliases = self._doors[alias]
        found = list(self._of_chains(alias))
        shares = {name: self._shares[name] for name in aliases if name in self._shares}
        if shares or found:
            found += _of_itself(operator, purpose)
        # What is taken away the ledger knows; nobody asks then what the spec could mean.
        for name in sorted(shares) if purpose != "destroy" else ():
            found += _of_survey(self._spec, name, shares[name])
        return found

    def _of_readers(self, alias: str) -> Iterator[Right]:
        """Looking up readers goes on without what is refused, and says less then; so it is asked for beforehand."""
        for name in sorted(self._doors[alias]):
            place = place_of(self._spec, name)
            for share in self._shares.get(name, ()):
                for reader in share.readers if share.to.account == name else ():
                    yield from rights_of_reader(place, reader)

    def _of_chains(self, alias: str) -> Iterator[Right]:
        """From one account's session others may be entered, by their roles, and their ExternalIds be kept there."""
        for hub in sorted(self._doors[alias]):
            for name in self._spokes.get(hub, ()):
                account = self._spec.accounts[name]
                yield from rights("look", "sts", "AssumeRole", operator_arn(self._spec, name))
                if parameter := account.external_id_parameter:
                    place = replace(place_of(self._spec, hub), region=account.region)
                    arn = place.arn("ssm", f"parameter/{parameter.lstrip('/')}")
                    yield from rights("look", "ssm", "GetParameter", arn)
                    if name in self._unkept:
                        yield from rights("make", "ssm", "PutParameter", arn)


def _by_account(resources: Iterable[Resource], lookup: Callable[[KnownAfter], Any]) -> dict[str, list[Resource]]:
    """Sort resources by account; of those about which IAM is asked the same, the first stands for all."""
    found: dict[str, dict[Hashable, Resource]] = defaultdict(dict)
    for item in resources:
        found[item.place.alias].setdefault(KINDS[item.kind].asked_about(item), item)
    return {alias: [resolve(item, lookup) for item in items.values()] for alias, items in found.items()}


def _unlike(steps: Iterable[Step]) -> Iterable[Step]:
    """Return one of the steps that do the same to things about which IAM is asked the same."""
    found: dict[Hashable, Step] = {}
    for step in steps:
        is_new = step.action == "create"
        found.setdefault((step.action, KINDS[step.kind].asked_about(step.resource) if is_new else step.address), step)
    return found.values()


def _doors(spec: Spec) -> Mapping[str, frozenset[str]]:
    """Return for each account all names of the spec for it, as long as it is entered as the same principal."""
    together: dict[tuple[str, str | None, str | None], set[str]] = defaultdict(set)
    for name, account in spec.accounts.items():
        together[account.id, account.role, account.profile].add(name)
    return {name: frozenset(names) for names in together.values() for name in names}


_USES_OF_ACTION: Final[Mapping[Action, frozenset[Use]]] = {
    "create": frozenset({"check", "make", "mend"}),
    "update": frozenset({"check", "mend"}),
    "replace": frozenset({"check", "make", "mend"}),
    "delete": frozenset({"take away"}),
}


def _of_step(step: Step) -> list[Right]:
    """Return what one step takes. What is made anew may have stood elsewhere, at another path, and goes from there."""
    kind, uses = KINDS[step.kind], _uses_of(step)
    if step.action == "update" and (step.takes_away or _takes_off_tags(step)):
        uses |= {"change"}
    found = [right for right in (*kind.rights(step.resource), *_of_checks(step.resource)) if right.use in uses]
    if step.action == "replace" and isinstance(step.observed, kind.model):
        found += [right for right in kind.rights(step.observed) if right.use == "take away"]
    return found


def _uses_of(step: Step) -> frozenset[Use]:
    """Go by whether the thing is wanted: some are made by revoking something, and end as it is given back."""
    if step.desired is None:
        return _USES_OF_ACTION["delete"]
    return _USES_OF_ACTION["create" if step.action == "delete" else step.action]


def _of_checks(item: Resource) -> Iterator[Right]:
    """
    Yield what a plan looks at before *item* is made, so that the making does not fail half-way.

    A key that cannot be used blocks whatever touches an encrypted catalog, a catalog's resource policy can keep a grant
    to another account from completing, and what others put onto a role can leave no room for ours.
    """
    is_shared = isinstance(item, LakeGrant) and item.is_to_account
    if isinstance(item, IamPolicy):
        yield from rights("check", "iam", "GetRolePolicy ListRolePolicies", item.role_arn)
    elif is_shared or isinstance(item, (GlueDatabase, ResourceLink)):
        reads = (
            "GetDataCatalogEncryptionSettings GetResourcePolicy" if is_shared else "GetDataCatalogEncryptionSettings"
        )
        yield from rights("check", "glue", reads, item.place.arn("glue", "catalog"))
        yield from rights("check", "kms", "DescribeKey GetKeyPolicy", item.place.arn("kms", "key/*"))


def _takes_off_tags(step: Step) -> bool:
    is_tagged = hasattr(step.desired, "tags") and hasattr(step.observed, "tags")
    return is_tagged and bool(tag_changes(step.desired, step.observed)[1])


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


def _of_survey(spec: Spec, alias: str, shares: Iterable[Share]) -> Iterator[Right]:
    """Yield what finding out needs before a plan can be made; what the plan rests on but no resource of it is."""
    place = place_of(spec, alias)
    for share in shares:
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
        yield from rights_of_reader(place, reader)
