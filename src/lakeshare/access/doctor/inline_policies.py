"""
Whether a reader's role has room for what lakeshare puts onto it: all inline policies of a role share one quota.

Of a role that lakeshare leaves alone it tells how full it is, for what it lacks has to go somewhere too.
"""

from __future__ import annotations

from typing import Final

from lakeshare.access.doctor.finding import Case, Check
from lakeshare.access.doctor.looking import Unread
from lakeshare.access.doctor.roles import READS, Role, inline_sizes, role
from lakeshare.access.doctor.uses import Use, Uses, judge
from lakeshare.resources.iam_policy import IamPolicy, size_of
from lakeshare.resources.iam_role import IamRole
from lakeshare.resources.kind import Run
from lakeshare.resources.values import resolve

PART: Final = "inline-policies"


def look(run: Run, case: Case) -> Uses:
    """Count what others put onto each reader's role, and what ours adds to it."""
    names = _filled(case) if case.is_for_plan else _readers(case)
    found = run.aws.in_parallel(lambda name: _of_role(run, case, name), names)
    unread = next((each for each in found if isinstance(each, Unread)), None)
    return Uses(tuple(each for each in found if isinstance(each, Use)), {}, {} if unread is None else {PART: unread})


def _readers(case: Case) -> list[str]:
    return [name for name in case.existing_roles if name != case.operator.rpartition("/")[2]]


def _filled(case: Case) -> list[str]:
    """
    Return the roles of lakeshare's, made earlier, onto which the plan puts a policy.

    How full others' roles are, which it completes, planning has looked at.
    """
    made = {step.resource.name for step in case.steps if step.kind == "iam_role" and step.action == "create"}
    ours = {item.name for item in case.wanted if isinstance(item, IamRole)}
    put = [step.resource.role for step in case.steps if step.kind == "iam_policy" and step.desired is not None]
    return [name for name in dict.fromkeys(put) if name in ours - made]


def _of_role(run: Run, case: Case, name: str) -> Use | Unread | None:
    """Return how full the role is; ours that is there already is in what is used, and only its growth is added."""
    there = role(run, case.place, name)
    if not isinstance(there, Role):
        return there
    sizes = inline_sizes(run, case.place, name)
    if isinstance(sizes, Unread):
        return sizes
    ours = [item for item in case.wanted if isinstance(item, IamPolicy) and item.role == name]
    added = sum(_size(item) - sizes.get(item.name, 0) for item in ours)
    return Use(PART, sum(sizes.values()), added, name)


def _size(item: IamPolicy) -> int:
    """Count with twelve digits in place of accounts that nobody knows yet."""
    known: IamPolicy = resolve(item, lambda _unknown: "0" * 12)
    return size_of(known.document())


def puts_policies(case: Case) -> bool:
    """Tell whether the plan puts a policy onto a role that it does not make itself."""
    return bool(_filled(case))


CHECK: Final = Check(
    id="room", title="Room for readers' policies", look=look, judge=judge, reads=READS, in_plan=puts_policies
)
