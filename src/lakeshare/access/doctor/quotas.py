"""How near what is there, with what the plan adds to it, comes to AWS's quotas."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from lakeshare.access.doctor.catalog_policy import catalog_policy, shares_own
from lakeshare.access.doctor.figures import FIGURES, told_by_service
from lakeshare.access.doctor.finding import Case, Check
from lakeshare.access.doctor.looking import Unread, call, listed
from lakeshare.access.doctor.roles import Role, role
from lakeshare.access.doctor.uses import Use, Uses, judge
from lakeshare.resources.administrators import administrators, settings_or_refusal
from lakeshare.resources.iam_policy import size_of
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_grant.model import LakeGrant
from lakeshare.resources.values import Unreadable

SHARES_OF_A_PAIR: Final = 5
"""How many RAM shares Lake Formation makes for two accounts from version 2 on, at most (documented; v2 makes three)."""


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
    """Look at the trust of the readers' and the operator's roles."""
    run, case = counting.run, counting.case
    names = case.existing_roles
    for name, there in zip(names, run.aws.in_parallel(partial(role, run, case.place), names), strict=True):
        if isinstance(there, Unread):
            counting.unread["trust-policy"] = there
        elif isinstance(there, Role):
            counting.uses.append(Use("trust-policy", size_of(there.trust), of=name))


def _policy(counting: _Counting) -> None:
    if not shares_own(counting.case):
        return
    found = catalog_policy(counting.run, counting.case.place)
    if isinstance(found, Mapping):
        counting.uses.append(Use("catalog-policy", len(json.dumps(found, separators=(",", ":")).encode())))


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
        "lakeformation:GetDataLakeSettings",
        "lakeformation:ListLFTags",
        "ram:GetResourceShares",
        "servicequotas:ListServiceQuotas",
    ),
)
