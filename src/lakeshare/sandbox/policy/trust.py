"""Whether a role's trust policy, or a bucket's policy, lets a caller in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.policy.context import Keys
from lakeshare.sandbox.policy.documents import Statement
from lakeshare.sandbox.policy.evaluate import Verdict, evaluate
from lakeshare.sandbox.policy.principals import Naming, naming, strongest


@dataclass(frozen=True, slots=True)
class ResourceVerdict:
    """What a resource's policy says of a caller, and how personally it names the caller in what it allows."""

    verdict: Verdict
    naming: Naming


def judge(
    statements: Iterable[Statement], caller: Caller, action: str, resource: str, context: Keys
) -> ResourceVerdict:
    """Return what the policy of *resource* says about *caller* doing *action*."""
    named = [(naming(statement, caller), statement) for statement in statements]
    spoken = [(how, statement) for how, statement in named if how]
    verdict = evaluate((statement for _, statement in spoken), action, resource, context)
    if verdict is not Verdict.ALLOW:
        return ResourceVerdict(verdict, Naming.NOT)
    allowing = (how for how, one in spoken if evaluate([one], action, resource, context) is Verdict.ALLOW)
    return ResourceVerdict(verdict, strongest(allowing))
