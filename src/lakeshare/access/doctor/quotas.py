"""How near what is there, with what the plan adds to it, comes to AWS's quotas."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from lakeshare.access.doctor.catalog_policy import CatalogPolicy, catalog_policy, shares_own
from lakeshare.access.doctor.figures import FIGURES, told_by_service
from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.looking import Unread, call, listed, not_seen
from lakeshare.access.doctor.roles import Role, inline_sizes, role
from lakeshare.resources.administrators import administrators, settings_or_refusal
from lakeshare.resources.iam_policy import IamPolicy, size_of
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_grant.model import LakeGrant
from lakeshare.resources.values import Unreadable, resolve

WARN_FROM: Final = 0.8
"""The part of a quota from which on it is told."""

SHARES_OF_A_PAIR: Final = 5
"""How many RAM shares Lake Formation makes for two accounts from version 2 on, at most (documented; v2 makes three)."""


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a quota, the *part* in `FIGURES`, is *used*, and how much the plan adds; *of* names a role, say."""

    part: str
    used: int
    added: int = 0
    of: str = ""

    @property
    def total(self) -> int:
        """What it comes to."""
        return self.used + self.added


@dataclass(frozen=True, slots=True)
class Uses:
    """What is used, what AWS itself tells of quotas by part, and what could not be counted."""

    uses: tuple[Use, ...]
    told: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, Unread] = field(default_factory=dict)


class _Counting:
    """Collects uses; what cannot be counted is remembered as such."""

    def __init__(self, run: Run, case: Case) -> None:
        self.run, self.case = run, case
        self.uses: list[Use] = []
        self.told: dict[str, int] = {}
        self.unread: dict[str, Unread] = {}

    def rows(self, part: str, service: str, operation: str, items: str, **params: Any) -> list[Any] | None:
        found = listed(
            self.run, self.case.place, service, operation, items, absent={"EntityNotFoundException"}, **params
        )
        if isinstance(found, Unread):
            self.unread[part] = found
            return None
        return found or []

    def count(self, part: str, service: str, operation: str, items: str, added: int, **params: Any) -> None:
        rows = self.rows(part, service, operation, items, **params)
        if rows is not None:
            self.uses.append(Use(part, len(rows), added))


def look(run: Run, case: Case) -> Uses:
    """Count what the plan adds to. What it leaves alone costs no call."""
    counting = _Counting(run, case)
    for count in (_catalog, _shares, _lake, _account, _roles, _policy, _service_quotas):
        count(counting)
    return Uses(tuple(counting.uses), counting.told, counting.unread)


def _created(case: Case, kind: str) -> list[Any]:
    """Return what of *kind* is to be made here; all that is wanted where there is no plan."""
    if case.plan is None:
        return [item for item in case.wanted if item.kind == kind]
    return [step.resource for step in case.steps if step.kind == kind and step.action == "create"]


def _catalog(counting: _Counting) -> None:
    case, place = counting.case, counting.case.place
    if case.destinations:
        added = len(_created(case, "glue_database"))
        counting.count("databases", "glue", "get_databases", "DatabaseList", added, CatalogId=place.account_id)
    links = Counter(item.database for item in _created(case, "resource_link"))
    for database in dict.fromkeys(item.database for item in case.wanted if item.kind == "resource_link"):
        params = {"CatalogId": place.account_id, "DatabaseName": database, "AttributesToGet": ["NAME"]}
        rows = counting.rows("tables", "glue", "get_tables", "TableList", **params)
        if rows is not None:
            counting.uses.append(Use("tables", len(rows), links[database], database))


def _shares(counting: _Counting) -> None:
    case = counting.case
    if not shares_own(case):
        return
    settings = settings_or_refusal(counting.run, case.place)
    version = (
        1 if isinstance(settings, Unreadable) else int(settings.get("Parameters", {}).get("CROSS_ACCOUNT_VERSION", 1))
    )
    grants = [item for item in _created(case, "lake_grant") if isinstance(item, LakeGrant) and item.is_to_account]
    each = {(item.principal, item.database, item.table) for item in grants}
    added = len(each) if version == 1 else SHARES_OF_A_PAIR * len({item.principal for item in grants})
    counting.count(
        "ram-shares", "ram", "get_resource_shares", "resourceShares", added,
        resourceOwner="SELF", resourceShareStatus="ACTIVE",
    )  # fmt: skip


def _lake(counting: _Counting) -> None:
    case = counting.case
    if not case.is_governed:
        return
    settings = settings_or_refusal(counting.run, case.place)
    if isinstance(settings, Unreadable):
        counting.unread["administrators"] = Unread("lakeformation:GetDataLakeSettings", "refused")
    else:
        there = administrators(settings)
        counting.uses.append(Use("administrators", len(there), int(case.operator not in there)))
    counting.count("lf-tags", "lakeformation", "list_lf_tags", "LFTags", 0)


def _account(counting: _Counting) -> None:
    if not counting.case.destinations:
        return
    answer = call(counting.run, counting.case.place, "iam", "get_account_summary")
    if not isinstance(answer, dict):
        counting.unread["roles"] = answer or Unread("iam:GetAccountSummary", "no answer")
        return
    summary = answer["SummaryMap"]
    for part, figure in FIGURES.items():
        if figure.account_summary in summary:
            counting.told[part] = int(summary[figure.account_summary])
    counting.uses.append(Use("roles", int(summary["Roles"]), len(_created(counting.case, "iam_role"))))


def _roles(counting: _Counting) -> None:
    """Look at the readers' and the operator's roles: trust, and for readers' all inline policies together."""
    run, case = counting.run, counting.case
    names = case.existing_roles
    roles = run.aws.in_parallel(partial(role, run, case.place), names)
    for name, there in zip(names, roles, strict=True):
        if isinstance(there, Unread):
            counting.unread["trust-policy"] = there
        elif isinstance(there, Role):
            counting.uses.append(Use("trust-policy", size_of(there.trust), of=name))
            if there.arn != case.operator:
                _inline(counting, name)


def _inline(counting: _Counting, name: str) -> None:
    """Count what others put there with what ours comes to; ours that is there already is in both."""
    sizes = inline_sizes(counting.run, counting.case.place, name)
    if isinstance(sizes, Unread):
        counting.unread["inline-policies"] = sizes
        return
    ours = [item for item in counting.case.wanted if isinstance(item, IamPolicy) and item.role == name]
    added = sum(_size(item) - sizes.get(item.name, 0) for item in ours)
    counting.uses.append(Use("inline-policies", sum(sizes.values()), added, name))


def _size(item: IamPolicy) -> int:
    """Count with twelve digits in place of accounts that nobody knows yet."""
    known: IamPolicy = resolve(item, lambda _unknown: "0" * 12)
    return size_of(known.document())


def _policy(counting: _Counting) -> None:
    if not shares_own(counting.case):
        return
    found = catalog_policy(counting.run, counting.case.place)
    if isinstance(found, CatalogPolicy):
        counting.uses.append(Use("catalog-policy", len(json.dumps(found.document, separators=(",", ":")).encode())))


def _service_quotas(counting: _Counting) -> None:
    """Ask Service Quotas for what it may tell better; what it does not answer our own table has."""
    parts = {use.part for use in counting.uses}
    for service in dict.fromkeys(
        figure.service for part, figure in FIGURES.items() if part in parts and figure.service
    ):
        rows = listed(
            counting.run, counting.case.place, "service-quotas", "list_service_quotas", "Quotas", ServiceCode=service
        )
        for part, figure in FIGURES.items():
            if figure.service == service and isinstance(rows, list):
                most = told_by_service(figure, rows)
                counting.told |= {} if most is None else {part: most}


def judge(case: Case, seen: Uses) -> Iterator[Finding]:
    """Block above a quota, warn from four fifths of it on, and say in one line what is far from it."""
    far = []
    for use in seen.uses:
        most = seen.told.get(use.part, FIGURES[use.part].most)
        if use.total > most or use.total >= WARN_FROM * most:
            yield _near(case, use, most, is_told=use.part in seen.told)
        else:
            far.append(f"{_named(use)}: {use.total:,} of {most:,}")
    for part, missing in seen.unread.items():
        yield not_seen(case, f"how many {FIGURES[part].what} there are", missing, part=part)
    if far:
        yield Finding("ok", f"{len(far)} quotas are far away", detail="; ".join(far))


def _named(use: Use) -> str:
    return f"{FIGURES[use.part].what}{f' ({use.of})' if use.of else ''}"


def _near(case: Case, use: Use, most: int, *, is_told: bool) -> Finding:
    source = "AWS says so itself" if is_told else FIGURES[use.part].source
    is_above = use.total > most
    adds = f", and the plan adds {use.added:,}" if use.added else ""
    return Finding(
        "blocker" if is_above else "warning",
        f"{_named(use)}: {use.used:,} of {most:,} are used{adds}{', which is too many' if is_above else ''}",
        _way_out(case, use),
        detail=f"the quota: {source}",
        part=use.part,
        address=f"{case.place}/quota:{use.part}{f'/{use.of}' if use.of else ''}",
    )


def _way_out(case: Case, use: Use) -> str:
    region = case.place.region
    match use.part:
        case "inline-policies":
            return (
                f"take out, or put into managed policies, what role {use.of} no longer needs inline:"
                f" `aws iam list-role-policies --role-name {use.of}` lists them, and `aws iam delete-role-policy"
                f" --role-name {use.of} --policy-name NAME` takes one out; this quota cannot be raised"
            )
        case "trust-policy":
            return (
                f"take statements out of the trust of role {use.of} that nobody needs (`aws iam"
                f" update-assume-role-policy --role-name {use.of} --policy-document file://trust.json`), or have it"
                " raised, to 4,096: `aws service-quotas list-service-quotas --service-code iam --region us-east-1`"
            )
        case "administrators":
            return "take out who is no longer needed: `aws lakeformation get-data-lake-settings` lists them"
        case "catalog-policy":
            return f"shorten it: `aws glue get-resource-policy --region {region}`"
        case "roles":
            return (
                "delete roles that nobody needs, or have the quota raised: `aws service-quotas list-service-quotas"
                " --service-code iam --region us-east-1`"
            )
        case _:
            service = FIGURES[use.part].service
            return (
                f"have it raised: `aws service-quotas list-service-quotas --service-code {service} --region {region}`"
                " tells its code, `aws service-quotas request-service-quota-increase` asks for more"
            )


CHECK: Final = Check(
    id="quotas",
    title="Quotas",
    look=look,
    judge=judge,
    reads=(
        "glue:GetDatabases",
        "glue:GetResourcePolicy",
        "glue:GetTables",
        "iam:GetAccountSummary",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListRolePolicies",
        "lakeformation:GetDataLakeSettings",
        "lakeformation:ListLFTags",
        "ram:GetResourceShares",
        "servicequotas:ListServiceQuotas",
    ),
)
