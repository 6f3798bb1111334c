"""Which actions IAM was asked about, for whom and on what: what a least policy can be held against."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.world import World


@dataclass(slots=True)
class Answers:
    """How often an action was allowed and refused to somebody, and the resources that it was asked about."""

    allowed: int = 0
    refused: int = 0
    resources: set[str] = field(default_factory=set)


class AskedActions:
    """
    Every action that a call, or a service on the caller's behalf, needed.

    Actions are not calls: s3:ListObjectsV2 needs s3:ListBucket, a query needs dozens, GetCallerIdentity none.
    """

    def __init__(self, _world: World) -> None:
        self._lock = threading.Lock()  # queries run on a thread of their own
        self._answers: dict[str, dict[str, dict[str, Answers]]] = {}

    def add(self, caller: Caller, action: str, resource: str, *, is_allowed: bool) -> None:
        """Remember one question to IAM; a caller goes by its principal, however its session is called."""
        with self._lock:
            of_account = self._answers.setdefault(caller.account, {})
            answers = of_account.setdefault(caller.principal_arn, {}).setdefault(action, Answers())
            answers.resources.add(resource)
            if is_allowed:
                answers.allowed += 1
            else:
                answers.refused += 1

    def document(self) -> dict[str, Any]:
        """Return ``{account: {principal: {action: {"allowed": 3, "refused": 0, "resources": [...]}}}}``, sorted."""
        with self._lock:
            return {
                account: {
                    principal: {action: _document(answers) for action, answers in sorted(actions.items())}
                    for principal, actions in sorted(principals.items())
                }
                for account, principals in sorted(self._answers.items())
            }

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._answers.clear()


def _document(answers: Answers) -> dict[str, Any]:
    return {"allowed": answers.allowed, "refused": answers.refused, "resources": sorted(answers.resources)}
