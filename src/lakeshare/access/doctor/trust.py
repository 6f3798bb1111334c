"""Whom the roles of the job trust: the operator's own, and the readers'."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final, TypeAlias

from lakeshare.access.doctor.edits import change_trust
from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.looking import Unread, not_seen
from lakeshare.access.doctor.roles import Role, role
from lakeshare.access.doctor.statement_edits import TAKEN_OUT, Who, apart, program, without
from lakeshare.planning.policy_checks import Document, as_findings
from lakeshare.planning.policy_checks import Finding as Remarked
from lakeshare.planning.policy_checks.documents import Statement
from lakeshare.planning.policy_checks.mending import mending
from lakeshare.planning.policy_checks.trust import check_trust
from lakeshare.resources.documents import statements_of
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
    """
    Judge each trust policy as a plan judges it (`planning.policy_checks`), without what the plan mends; only a bare
    root of others blocks.
    """
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
    written = [step.resource for step in case.steps if step.action != "delete"]
    mends = mending(written, [step.resource for step in case.steps if step.action == "delete"])
    document = Document("trust", case.place.account_id, each.trust)
    mended = mends.left_out(case.place, each.name, document)
    remarks = [remark for remark in check_trust(document) if remark.statement not in mended]
    for remark, item in zip(remarks, as_findings(remarks, address, document), strict=True):
        if item.severity != "note" and remark.statement is not None:
            yield Finding(
                "blocker" if item.blocks else "warning",
                f"role {each.name}: {item.message}",
                _mend(document, each.name, item, remark.statement),
                detail=f"{item.where} of its trust policy",
                part=item.id.partition(".")[2],
                address=address,
            )


_SHOWING_AN_ID: Final = frozenset({"trust.cross-account-root", "trust.cross-account", "trust.anyone"})
"""What ends once an ExternalId has to be shown."""
_ASKS: Final = '.Condition.StringEquals["sts:ExternalId"] = env.EXTERNAL_ID'


def _mend(document: Document, role: str, item: Remarked, number: int) -> str:
    """Tell what mends a statement for all in it of whom the same is to be said, and leaves its others as they are."""
    statement = statements_of(document.content)[number]
    shows_an_id = item.id in _SHOWING_AN_ID
    meant = _remarked(document, number, _SHOWING_AN_ID if shows_an_id else {item.id})
    edit = apart(statement, meant, _ASKS) if shows_an_id else without(statement, meant)
    is_all = edit == TAKEN_OUT and len(statements_of(document.content)) == 1
    # IAM takes no policy without a statement; this one lets nobody in, and is as easily taken back.
    command = change_trust(role, program(document.content, {number: '.Effect = "Deny"' if is_all else edit}))
    if shows_an_id:
        return f"{item.mend}: {command}, with a secret in EXTERNAL_ID that whoever enters has to show then"
    return f"{item.mend}; or {'let nobody in until then' if is_all else 'take that out'}: {command}"


def _remarked(document: Document, number: int, ids: Collection[str]) -> list[Who]:
    """Return the principals of a statement of whom one of *ids* is to be said, each looked at by itself."""
    statements = statements_of(document.content)

    def is_meant(who: Who) -> bool:
        alone = {**statements[number], "Principal": {who[0]: who[1]}}
        content = {**document.content, "Statement": [*statements[:number], alone, *statements[number + 1 :]]}
        found = check_trust(replace(document, content=content))
        return any(remark.statement == number and remark.id in ids for remark in found)

    return [who for who in Statement(number, statements[number]).principals() if is_meant(who)]


CHECK: Final = Check(
    id="trust", title="Whom roles trust", look=look, judge=judge, reads=("iam:GetRole",), is_for_all=True
)
