"""What planning itself finds in the way, and that there is no plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.errors import IdentityError
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Blocker

TOLD_ELSEWHERE: Final = frozenset({"lake_settings", "operator", "ram_invitation"})
"""Kinds of blockers that a check of their own tells."""


def look(_run: Run, case: Case) -> tuple[Blocker, ...]:
    """Return what the plan says is in the way in this account."""
    return () if case.plan is None else tuple(item for item in case.plan.blockers if belongs(case, item))


def belongs(case: Case, item: Blocker) -> bool:
    """Tell whether *item* is of this account: its address begins so; a share's ARN is the first consumer's."""
    name = item.address.partition("/")[0]
    if name in case.spec.accounts:
        return name == case.alias
    return next(iter(case.spec.shares.values())).to.account == case.alias


def judge(case: Case, seen: tuple[Blocker, ...]) -> Iterator[Finding]:
    """Tell each blocker that no other check tells; or why there is no plan."""
    if case.plan is None:
        yield from _no_plan(case)
        return
    mine = [item for item in seen if item.kind not in TOLD_ELSEWHERE and not item.told_by and not _is_open_table(item)]
    for item in mine:
        yield Finding("blocker", f"{item.address}: {item.reason}", item.way_out, address=item.address)
    if not mine:
        count = len(case.steps)
        yield Finding("ok", f"a plan can be made; steps here: {count}" if count else "a plan has nothing to do here")


def _is_open_table(item: Blocker) -> bool:
    return item.kind == "lake_grant" and "IAMAllowedPrincipals" in item.reason


def _no_plan(case: Case) -> Iterator[Finding]:
    error = case.no_plan
    if error is None or isinstance(error, IdentityError):
        saw = "no plan can be made while another account cannot be entered, so what it would find is not looked at"
        yield Finding(
            "warning", saw, "mend what `identity` says of the other account, then run `lakeshare doctor` again"
        )
    elif error.account in (None, case.place.account_id):
        yield Finding("blocker", f"no plan can be made: {error.message}", error.hint or "run `lakeshare plan -v`")


CHECK: Final = Check(id="plan", title="What planning finds", look=look, judge=judge)
