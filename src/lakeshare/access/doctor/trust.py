"""
Whom the roles of the job trust: the operator's own, and the readers'.

A small look at the one danger that blocks, trust in the whole of another account without a condition, and at trust in a
principal of another account without an ExternalId (confused deputy).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final, TypeAlias

from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.looking import Unread, not_seen
from lakeshare.access.doctor.roles import Role, role
from lakeshare.access.doctor.statements import account_named, account_of, narrows, principals, speaks_of, statements
from lakeshare.resources.iam_role import IamRole
from lakeshare.resources.kind import Run

Seen: TypeAlias = Mapping[str, Role | Unread | None]


def look(run: Run, case: Case) -> Seen:
    """
    Read the trust policies, but for those of roles that lakeshare makes where there is a plan.

    Those were read for the plan, which puts right what differs from the trust that they should have.
    """
    made = {item.name for item in case.wanted if isinstance(item, IamRole)} if case.plan else frozenset()
    names = [name for name in case.existing_roles if name not in made]
    return dict(zip(names, run.aws.in_parallel(partial(role, run, case.place), names), strict=True))


def judge(case: Case, seen: Seen) -> Iterator[Finding]:
    """Block on bare roots of other accounts; warn of foreign principals without an ExternalId."""
    read = [each for each in seen.values() if isinstance(each, Role)]
    found = [finding for each in read for finding in _of_role(case, each)]
    yield from found
    if missing := next((each for each in seen.values() if isinstance(each, Unread)), None):
        names = ", ".join(name for name, each in seen.items() if isinstance(each, Unread))
        yield not_seen(case, f"whom {names} trust", missing, part="unread")
    elif not found:
        names = ", ".join(each.name for each in read)
        yield Finding("ok", f"trust of {names} is bound" if names else "no role of the job is there yet")


def _of_role(case: Case, each: Role) -> Iterator[Finding]:
    for statement in statements(each.trust):
        if statement.get("Effect") != "Allow" or not speaks_of(statement, "sts:AssumeRole"):
            continue
        foreign = [one for one in principals(statement) if _is_foreign(case, one)]
        if not foreign or narrows(statement):
            continue
        roots = [one for one in foreign if one == "*" or account_named(one)]
        if roots and not narrows(statement, frozenset({"aws:principalarn"})):
            yield Finding(
                "blocker",
                f"role {each.name} trusts {', '.join(roots)} without a condition: whoever is let there may become it",
                _mend(each, "name the exact role or user in place of the account, and ask for an ExternalId"),
                part="bare-root",
                address=f"{case.alias}/global/role:{each.name}",
            )
        else:
            yield Finding(
                "warning",
                f"role {each.name} trusts {', '.join(foreign)} of another account without an ExternalId or an"
                " organisation's condition",
                _mend(each, "ask for an ExternalId, and give it in the spec as `external_id`"),
                part="no-external-id",
            )


def _is_foreign(case: Case, principal: str) -> bool:
    return account_of(principal) != case.place.account_id


def _mend(each: Role, what: str) -> str:
    condition: Any = '"Condition": {"StringEquals": {"sts:ExternalId": "..."}}'
    return (
        f"{what} ({condition}): `aws iam update-assume-role-policy --role-name {each.name}"
        " --policy-document file://trust.json`"
    )


def changes_something(case: Case) -> bool:
    """Tell whether the plan does anything here: who may act as the operator, or as a reader, could undo it."""
    return bool(case.steps)


CHECK: Final = Check(
    id="trust",
    title="Whom roles trust",
    look=look,
    judge=judge,
    reads=("iam:GetRole",),
    in_plan=changes_something,
)
