"""The command explain: why a principal may read a table, or why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lakeshare.access.explain import ACTIONS, Explanation, Question, Seen, evaluate, look
from lakeshare.app.workspace import Settings, opened
from lakeshare.resources.kind import Memory

__all__ = ["Explained", "Question", "explain"]


@dataclass(frozen=True, slots=True)
class Explained:
    """A question, what was seen, what it comes to, and the calls that it took by account and operation."""

    question: Question
    seen: Seen
    explanation: Explanation
    calls: Mapping[str, Mapping[str, int]]


def explain(settings: Settings, question: Question) -> Explained:
    """
    Walk the checks that a query of *question* meets, over what is there now. Reads only.

    What cannot be seen from the spec's accounts is ``unknown`` and named. Raises UsageError when the principal is in an
    account that the spec does not lead into, and IdentityError when nobody can sign in there.
    """
    with opened(settings, "explain", writes=False, proves=False, also=ACTIONS) as space:
        seen = look(replace(space.run, memory=Memory()), space.spec, question)
        return Explained(question, seen, evaluate(seen), space.run.aws.counts())
