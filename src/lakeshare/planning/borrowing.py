"""
Administrator rights for one run: `admin: borrowed`. Pure.

Between runs the operator is a read-only administrator, so that plans see everything. A run that grants, revokes or
makes something that Lake Formation rules begins with the step that puts the operator among the administrators; what it
put there goes again at the end of the run, however that ends (`app.borrowing`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from lakeshare.planning.plan import Plan
from lakeshare.resources.lake_settings.model import LakeAdministrator
from lakeshare.resources.registry import KINDS
from lakeshare.resources.values import Absent, Place, Step
from lakeshare.spec import Spec

BORROWED = "borrowed for this run alone: taken out again when it ends, however it ends"


def is_loan(item: Any, spec: Spec) -> bool:
    """Tell whether *item* is an entry that a run borrowed and has to give back, as *spec* has it now."""
    return isinstance(item, LakeAdministrator) and item.is_borrowed and borrows(spec, item.place)


def borrows(spec: Spec, place: Place) -> bool:
    """Tell whether the operator is an administrator of *place* for the time of a run only."""
    account = spec.accounts.get(place.alias)
    return account is not None and account.id == place.account_id and account.admin == "borrowed"


def needing_administrator(plan: Plan) -> dict[Place, list[Step]]:
    """Return the steps that only an administrator can perform, by where."""
    found: dict[Place, list[Step]] = {}
    for step in plan.steps:
        if KINDS[step.kind].is_hidden_without_admin:
            found.setdefault(step.resource.place, []).append(step)
    return found


def becoming_administrator(plan: Plan) -> frozenset[Place]:
    """Return where the operator becomes an administrator for good by *plan*."""
    return frozenset(
        step.desired.place
        for step in plan.steps
        if isinstance(step.desired, LakeAdministrator) and step.desired.level == "full"
    )


def with_loans(plan: Plan, operators: Mapping[Place, str]) -> Plan:
    """
    Begin *plan* with a step for each of *operators* (by the place that it is to administer): all that needs an
    administrator there waits for it.

    Two names of one account share one loan.
    """
    loans: dict[tuple[str, str, str], LakeAdministrator] = {}
    right: dict[Place, str] = {}
    taken = {step.address for step in plan.steps}
    for place, operator in operators.items():
        loan = loans.setdefault(
            (place.account_id, place.region, operator), LakeAdministrator(place, operator, is_borrowed=True)
        )
        right[place] = loan.address
    # An entry that leaves with this plan is there still, for all that could be seen.
    loans = {key: loan for key, loan in loans.items() if loan.address not in taken}
    right = {place: address for place, address in right.items() if address not in taken}
    if not loans:
        return plan
    borrowing = [Step(loan.address, loan.kind, "create", BORROWED, loan, Absent()) for loan in loans.values()]
    steps = tuple(_waiting(step, right.get(step.resource.place)) for step in plan.steps)
    return replace(plan, steps=(*borrowing, *steps), pulled_in=_pulled_in(plan, steps, right.values()))


def _waiting(step: Step, right: str | None) -> Step:
    if right is None or not KINDS[step.kind].is_hidden_without_admin:
        return step
    return replace(step, depends_on=(*step.depends_on, right))


def _pulled_in(plan: Plan, steps: Collection[Step], rights: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    if not plan.targets:
        return plan.pulled_in
    above = {right: tuple(step.address for step in steps if right in step.depends_on) for right in rights}
    return {**above, **plan.pulled_in}
