"""Whom the roles of the job trust: the operator's own, and the readers'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final, TypeAlias

from lakeshare.access.doctor.edits import change_trust
from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.looking import Unread, not_seen
from lakeshare.access.doctor.roles import Role, role
from lakeshare.planning.policy_checks import Document, as_findings
from lakeshare.planning.policy_checks import Finding as Remarked
from lakeshare.planning.policy_checks.trust import check_trust
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
    """Judge each trust policy as a plan judges it (`planning.policy_checks`); only a bare root of others blocks."""
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
    address = f"{case.alias}/global/role:{each.name}"
    document = Document("trust", case.place.account_id, each.trust)
    for item in as_findings(check_trust(document), address, document):
        if item.severity != "note":
            yield Finding(
                "blocker" if item.blocks else "warning",
                f"role {each.name}: {item.message}",
                _mend(each.name, item),
                detail=f"{item.where} of its trust policy",
                part=item.id.partition(".")[2],
                address=address,
            )


_SHOWING_AN_ID: Final = frozenset({"trust.cross-account-root", "trust.cross-account", "trust.anyone"})
"""What ends once an ExternalId has to be shown."""


def _mend(role: str, item: Remarked) -> str:
    statement = f".{item.where.partition('.')[0]}"
    if item.id not in _SHOWING_AN_ID:
        return f"{item.mend}; or take the statement out: {change_trust(role, f'del({statement})')}"
    asks = f'{statement}.Condition.StringEquals["sts:ExternalId"] = env.EXTERNAL_ID'
    return f"{item.mend}: {change_trust(role, asks)}, with a secret in EXTERNAL_ID that whoever enters has to show then"


CHECK: Final = Check(
    id="trust", title="Whom roles trust", look=look, judge=judge, reads=("iam:GetRole",), is_for_all=True
)
