"""How a check reads: what is refused becomes a value that names the missing action, and never an error."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from lakeshare.access.doctor.finding import Case, Finding
from lakeshare.errors import CallError
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place

T = TypeVar("T")

REFUSALS: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be looked at: the *action* that it took, and *why* there was no answer."""

    action: str
    why: str

    @property
    def is_refused(self) -> bool:
        """Whether it was for want of a right."""
        return self.why == "refused"


def call(
    run: Run, place: Place, service: str, operation: str, *, absent: Collection[str] = (), **params: Any
) -> dict[str, Any] | Unread | None:
    """Call *operation* and return its answer; None for one of the error codes *absent*, Unread for any other."""
    return attempt(lambda: run.aws.call(place.alias, place.region, service, operation, **params), absent=absent)


def listed(
    run: Run, place: Place, service: str, operation: str, items: str, *, absent: Collection[str] = (), **params: Any
) -> list[dict[str, Any]] | Unread | None:
    """Return the members of *items* from all pages of *operation*; None and Unread as with `call`."""
    return attempt(
        lambda: list(run.aws.pages(place.alias, place.region, service, operation, items, **params)), absent=absent
    )


def attempt(look: Callable[[], T], *, absent: Collection[str] = ()) -> T | Unread | None:
    """Return what *look* returns; None for one of the error codes *absent*, Unread for any other."""
    try:
        return look()
    except CallError as error:
        if error.aws_code in absent:
            return None
        return unread(error)


def unread(error: CallError) -> Unread:
    """Return a failed read as a value."""
    why = "refused" if error.aws_code in REFUSALS else (error.aws_code or error.message)
    return Unread(error.operation or "a call", why)


def not_seen(case: Case, what: str, missing: Unread, *, part: str | None = None) -> Finding:
    """Say that *what* could not be looked at, and what would let the operator look."""
    if not missing.is_refused:
        return Finding(
            "warning",
            f"{what} could not be looked at: {missing.action} failed ({missing.why})",
            f"run `lakeshare doctor` again; if it stays so, look in account {case.place.account_id} by hand",
            part=part,
        )
    return Finding(
        "warning",
        f"{what} could not be looked at: the operator may not call {missing.action}",
        f"allow it {missing.action}: `lakeshare policy --account {case.alias} --for doctor` prints all that it reads",
        part=part,
    )
