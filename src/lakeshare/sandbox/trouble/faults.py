"""Errors and broken connections, once each, at the nth call of an operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.trouble.expect import UnexpectedError, fields, names, operation, text, whole

KILL_BEFORE, KILL_AFTER = "kill_before", "kill_after"
_THROTTLES = frozenset({"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException"})
_OBSERVED = {("lakeformation", "ConcurrentModificationException"): "Permission update/Delete failed for Resource"}
"""What services say with a code of theirs, where that was seen (aws-cdk issue 36215)."""
_SERVER_FAULTS = {
    "InternalError": 500,
    "InternalFailure": 500,
    "InternalServerError": 500,
    "InternalServerException": 500,
    "InternalServiceException": 500,
    "ServiceUnavailable": 503,
    "ServiceUnavailableException": 503,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """
    What happens at the *nth* call of ``operation`` (``service:Operation``, ``service:*``), over all accounts.

    ``error`` is a code to answer with, or ``kill_before`` or ``kill_after``: the connection breaks before or after the
    call has acted.
    """

    operation: str
    nth: int
    error: str

    def refusal(self) -> ServiceError:
        """Return the error that the caller sees."""
        service = self.operation.partition(":")[0]
        said = _OBSERVED.get((service, self.error), "Injected by the sandbox's control interface.")
        if self.error in _THROTTLES:
            said = "Rate exceeded"
        return ServiceError(self.error, said, _SERVER_FAULTS.get(self.error, 400))


class Faults:
    """The faults yet to fire, and the calls seen since they were set."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.pending = list(faults)
        self._seen: Counter[str] = Counter()

    def next(self, called: str) -> Fault | None:
        """Count one call of ``service:Operation`` and return the fault that it meets, which is then spent."""
        if not self.pending:
            return None
        counted = {one.operation for one in self.pending if names(one.operation, called)}
        self._seen.update(counted)
        met = next(
            (one for one in self.pending if one.operation in counted and one.nth == self._seen[one.operation]), None
        )
        if met is not None:
            self.pending.remove(met)
        return met


def read_faults(body: Any) -> list[Fault]:
    """Read ``[{"operation": "glue:GetTable", "nth": 3, "error": "ThrottlingException"}]``; *nth* is 1 when left out."""
    if not isinstance(body, list):
        raise UnexpectedError(f"expected a list of faults, not {body!r}")
    return [_read_fault(fault, f"fault {number}") for number, fault in enumerate(body, 1)]


def _read_fault(body: Any, where: str) -> Fault:
    given = fields(body, {"operation", "nth", "error"}, where)
    named = operation(given.get("operation"), f"the operation of {where}")
    nth = whole(given.get("nth", 1), f"the nth of {where}")
    return Fault(named, nth, text(given.get("error"), f"the error of {where}"))
