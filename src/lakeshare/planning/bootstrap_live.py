"""The operator role as bootstrap finds it, what is to be changed about it, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Final

from lakeshare.errors import BlockedError
from lakeshare.planning.bootstrap import NOBODY, SHORTER, Bootstrap
from lakeshare.planning.policy_checks import Document, Finding, Vocabulary, as_findings, judge
from lakeshare.planning.policy_checks.sizes import check_inline
from lakeshare.resources.documents import statements_of, without_statement
from lakeshare.resources.trust import redacted

FORMER_SID: Final = "LakeshareOperator"
FORMER_POLICY: Final = "lakeshare-operator"
"""What the statement and the policy were called before each spec had its own."""


@dataclass(frozen=True, slots=True)
class LiveRole:
    """A role as IAM has it. ``policies`` are its inline policies by name. ``trust`` has secrets in it: never shown."""

    arn: str
    trust: Mapping[str, Any]
    tags: Mapping[str, str]
    policies: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Changes:
    """
    What is to be sent. ``trust`` is None where it is as it should be, and has the ExternalId in it: never shown.

    ``drops_statement`` and ``drops_policy``: those that an earlier bootstrap of this spec made under the former names.
    ``left`` tells, in sentences, which of these are left where they are, and why.
    """

    trust: Mapping[str, Any] | None
    puts_policy: bool
    drops_statement: bool = False
    drops_policy: bool = False
    left: tuple[str, ...] = ()


def changes_of(wanted: Bootstrap, secret: str | None, live: LiveRole | None) -> Changes:
    """
    Return what makes the role *live*, or none, the one that is *wanted*.

    Raises BlockedError where the role of that name is another one, at another path.
    """
    if live is None:
        return Changes(wanted.trust(secret), puts_policy=True)
    if live.arn.split(":", 5)[5] != wanted.arn.split(":", 5)[5]:
        raise BlockedError(
            f"there is a role {live.arn}, and {wanted.alias} is to be entered as {wanted.arn}: nothing was done",
            hint=f"a name is taken whatever the path: give accounts.{wanted.alias}.role another name, or the path of"
            " the role that is there if that is meant",
            account=wanted.account_id,
        )
    trust = wanted.trust(secret, live.trust)
    is_former = _is_former(wanted, secret, live)
    if is_former:
        trust = without_statement(trust, FORMER_SID)
    is_covered = _has_former_policy(wanted, live)
    return Changes(
        None if statements_of(trust) == statements_of(live.trust) else trust,
        puts_policy=live.policies.get(wanted.policy_name) != wanted.policy,
        drops_statement=is_former,
        drops_policy=is_covered,
        left=tuple(_left(live, is_former=is_former, is_covered=is_covered)),
    )


def _is_of_spec(wanted: Bootstrap, live: LiveRole) -> bool:
    return live.tags.get("lakeshare:spec") == wanted.spec_name


def _former(live: LiveRole) -> Mapping[str, Any] | None:
    return next((one for one in statements_of(live.trust) if one.get("Sid") == FORMER_SID), None)


def _is_former(wanted: Bootstrap, secret: str | None, live: LiveRole) -> bool:
    """Tell whether a statement of the former name is ours: the same trustee, on the same condition."""
    former, own = _former(live), wanted.trusted.statement(secret if wanted.asks_for_id else None)
    return former is not None and _is_of_spec(wanted, live) and redacted(former) == redacted(own)


def _has_former_policy(wanted: Bootstrap, live: LiveRole) -> bool:
    """Tell whether a policy of the former name is ours, and the new one allows all that it does."""
    there = live.policies.get(FORMER_POLICY)
    return there is not None and _is_of_spec(wanted, live) and allows_all_of(wanted.policy, there)


def _left(live: LiveRole, *, is_former: bool, is_covered: bool) -> Iterator[str]:
    name = live.arn.rpartition("/")[2]
    if _former(live) is not None and not is_former:
        yield (
            f"the statement {FORMER_SID} in the trust policy of {name} is left: it lets in somebody else than this one,"
            " or is another spec's; take it out if nobody enters by it"
        )
    if FORMER_POLICY in live.policies and not is_covered:
        yield (
            f"the policy {FORMER_POLICY} of {name} is left: it allows what this spec does not need, or is another"
            f" spec's; if it is nobody's, `aws iam delete-role-policy --role-name {name} --policy-name {FORMER_POLICY}`"
        )


def allows_all_of(policy: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether taking away *other*, of plain statements that allow, would take nothing from who has *policy*."""
    given = [_plain(one) for one in statements_of(policy)]
    for statement in statements_of(other):
        wanted = _plain(statement)
        if wanted is None:
            return False
        for action in wanted[0]:
            arns = [arn for one in given if one is not None and action in one[0] for arn in one[1]]
            if not all(any(fnmatchcase(asked, arn) for arn in arns) for asked in wanted[1]):
                return False
    return True


def _plain(statement: Mapping[str, Any]) -> tuple[list[str], list[str]] | None:
    """Return (actions, resources) of a statement that allows them and says nothing else."""
    if statement.get("Effect") != "Allow" or set(statement) - {"Sid", "Effect", "Action", "Resource"}:
        return None
    actions, resources = _listed(statement.get("Action")), _listed(statement.get("Resource"))
    return (actions, resources) if actions and resources else None


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def check(wanted: Bootstrap, digest: str | None, live: LiveRole | None, vocabulary: Vocabulary) -> None:
    """
    Judge what would be sent, *digest* in the place of the ExternalId, before any of it is.

    Raises BlockedError, with everything that IAM would refuse or that would let strangers in.
    """
    trust = wanted.trust(digest, live.trust if live else NOBODY)
    found = [
        *judge(Document("trust", wanted.account_id, trust), wanted.address, vocabulary),
        *judge(Document("identity", wanted.account_id, wanted.policy), wanted.address, vocabulary),
        *_too_long(wanted, live),
    ]
    wrong = [item for item in found if item.blocks or item.severity == "error"]
    if wrong:
        raise BlockedError(
            f"the operator role of {wanted.alias} cannot be made like this: nothing was done",
            account=wanted.account_id,
            blockers=tuple(f"{item.address}: {item.message} ({item.id}); {item.mend}" for item in wrong),
        )


def _too_long(wanted: Bootstrap, live: LiveRole | None) -> Iterator[Finding]:
    """Count the inline policies that the role would have; the former one of this spec goes first if it has to."""
    others = dict(live.policies) if live else {}
    if live and _has_former_policy(wanted, live):
        del others[FORMER_POLICY]
    remarks = check_inline((others | {wanted.policy_name: wanted.policy}).values())
    yield from as_findings((replace(remark, mend=_shorter(others)) for remark in remarks), wanted.address)


def _shorter(others: Mapping[str, Any]) -> str:
    beside = f"take away what is not needed of the role's other inline policies ({', '.join(others)}); or "
    return f"{beside if others else ''}{SHORTER}"
