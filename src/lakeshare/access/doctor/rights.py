"""What IAM must allow the operator for an apply, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.permitted import Refusal, refusals
from lakeshare.planning.imagined import imagined_graph
from lakeshare.planning.least_policy import allowed
from lakeshare.planning.operator_rights import OperatorRights
from lakeshare.resources.kind import Run


@dataclass(frozen=True, slots=True)
class Rights:
    """How many actions an apply could take, and which of them IAM refuses. ``is_asked`` is False where nobody can."""

    count: int
    refused: tuple[Refusal, ...]
    is_asked: bool = True


def look(run: Run, case: Case) -> Rights:
    """Ask IAM about every action of the printed policy."""
    resources = imagined_graph(case.spec).resources.values()
    wanted = allowed(OperatorRights(case.spec, resources).to("apply", case.alias, case.operator))
    count = sum(len(one.actions) for one in wanted)
    if not any(kind in case.operator for kind in (":role/", ":user/")):
        return Rights(count, (), is_asked=False)
    return Rights(count, refusals(run, case.place, case.operator, wanted))


def judge(case: Case, seen: Rights) -> Iterator[Finding]:
    """Name each action that is refused, and those of which it shows only then."""
    sure = [one for one in seen.refused if one.is_sure]
    unsure = [one for one in seen.refused if not one.is_sure]
    if sure:
        listed = "; ".join(f"{one.action} on {one.resource} ({one.why})" for one in sure)
        saw = f"IAM refuses the operator {len(sure)} of the {seen.count} actions that an apply may take: {listed}"
        yield Finding("blocker", saw, _allow(case), address=f"{case.alias}/global/operator")
    if unsure:
        listed = ", ".join(f"{one.action} ({one.why})" for one in unsure)
        yield Finding(
            "warning",
            f"whether IAM allows these shows only when they are called: {listed}",
            _allow(case),
            part="unsure",
        )
    if not seen.is_asked:
        yield Finding(
            "ok" if case.operator.endswith(":root") else "warning",
            f"what IAM allows {case.operator} cannot be asked: it is neither a role nor a user",
            f"give {case.alias} a `role` in the spec",
        )
    elif not seen.refused:
        yield Finding("ok", f"IAM allows all {seen.count} actions that an apply may take")


def _allow(case: Case) -> str:
    name = case.operator.rpartition("/")[2]
    kind = "user" if ":user/" in case.operator else "role"
    return (
        f"`lakeshare policy --account {case.alias} --for apply > policy.json && aws iam put-{kind}-policy"
        f" --{kind}-name {name} --policy-name lakeshare-apply-{case.spec.name} --policy-document file://policy.json`,"
        f" run by an administrator of account {case.place.account_id}"
    )


CHECK: Final = Check(
    id="rights",
    title="What IAM allows the operator",
    look=look,
    judge=judge,
    reads=("iam:SimulatePrincipalPolicy",),
    is_for_all=True,
)
