"""
Every error lakeshare raises on purpose.

::

    LakeshareError                 carries code, message, hint, account, operation, request_id, address
    ├── UsageError                 wrong usage of the command line or the library (exit 64)
    ├── SpecError                  the file is wrong: every mistake at once, each with line and column
    ├── IdentityError              a session that cannot be made, or that is in the wrong account
    ├── CallError                  AWS refused or failed a call; knows which, where and why
    │   └── ThrottledError         a call whose retry budget ran out while AWS asked for patience
    ├── QueryError                 a query that Athena ran and failed, or refused
    ├── WaitError                  a condition that did not come true before its deadline
    ├── BlockedError               the plan cannot be carried out as things stand; every blocker is named
    ├── KeptError                  a delete that deliberately left a thing in place, and why
    ├── ApplyError                 some steps failed; the ledger tells which are done
    ├── ProofError                 a reader can read what it should not, or cannot read what it should (exit 3)
    ├── LedgerError                the ledger cannot be read or is not ours to read
    │   └── LockedError            another run holds the ledger (exit 4)
    └── StalePlanError             a plan file that no longer fits, or is not what its digest says (exit 5)

Reports never parse messages: what they need is in the fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in a spec. Lines and columns count from 1; *file* is the path as the user gave it."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


@dataclass(eq=False)
class LakeshareError(Exception):
    """
    The root: everything raised on purpose is one of these.

    ``code`` is a stable word for machines, ``hint`` what to do about it, ``has_acted`` that something was changed
    before it came to this, the rest says where it happened.
    """

    message: str
    hint: str | None = field(default=None, kw_only=True)
    account: str | None = field(default=None, kw_only=True)
    region: str | None = field(default=None, kw_only=True)
    operation: str | None = field(default=None, kw_only=True)
    request_id: str | None = field(default=None, kw_only=True)
    address: str | None = field(default=None, kw_only=True)
    has_acted: bool = field(default=False, kw_only=True)

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), dict(self.__dict__))

    def as_json(self) -> dict[str, str | None]:
        """Return the error object of the ``--json`` documents."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "account": self.account,
            "region": self.region,
            "operation": self.operation,
            "request_id": self.request_id,
            "address": self.address,
        }


@contextmanager
def after_acting() -> Iterator[None]:
    """Mark what fails in here as coming after a change: it is no sign that nothing was done."""
    try:
        yield
    except LakeshareError as error:
        error.has_acted = True
        raise


def _rebuild(kind: type[LakeshareError], fields: dict[str, object]) -> LakeshareError:
    error = kind.__new__(kind)
    error.__dict__.update(fields)
    return error


@dataclass(eq=False)
class UsageError(LakeshareError):
    """Wrong usage of the command line or of a public function."""

    code: ClassVar[str] = "usage"
    exit_code: ClassVar[int] = 64


@dataclass(eq=False)
class SpecError(LakeshareError):
    """The spec is wrong. ``mistakes`` holds all of them, in file order."""

    mistakes: tuple[Mistake, ...] = ()
    code: ClassVar[str] = "spec"


@dataclass(eq=False)
class IdentityError(LakeshareError):
    """
    No session for an account, or a session that is in another account than the spec says.

    ``was_answered``: AWS said so; else it could not be asked.
    """

    was_answered: bool = True
    code: ClassVar[str] = "identity"


@dataclass(eq=False)
class CallError(LakeshareError):
    """
    AWS refused or failed a call. ``aws_code`` is AWS's own error code, ``status`` the HTTP status (0: no answer).

    ``broke_before``: an earlier attempt of the same call broke after it was sent, or failed by AWS's own fault, so
    "already exists" may be its doing.
    """

    aws_code: str = ""
    status: int = 0
    broke_before: bool = False
    code: ClassVar[str] = "aws"


@dataclass(eq=False)
class ThrottledError(CallError):
    """AWS kept asking for patience until the retry budget of the call was spent."""

    code: ClassVar[str] = "throttled"


@dataclass(eq=False)
class QueryError(LakeshareError):
    """
    A query failed. ``is_refusal``: for want of a right. ``is_missing``: a name is not there.

    The two can look alike on purpose: what a caller may not see is often said not to exist.
    """

    is_refusal: bool = False
    is_missing: bool = False
    query_id: str = ""
    code: ClassVar[str] = "query"


@dataclass(eq=False)
class WaitError(LakeshareError):
    """
    A condition did not come true in time. ``condition`` is its name, ``last_seen`` what the last look showed.

    ``was_interrupted``: the waiting was cut short by a stop, not by the deadline.
    """

    condition: str = ""
    waited_seconds: float = 0.0
    last_seen: str = ""
    was_interrupted: bool = False
    code: ClassVar[str] = "wait"


@dataclass(eq=False)
class BlockedError(LakeshareError):
    """The plan cannot be carried out. ``blockers`` are sentences, each with its address and its way out."""

    blockers: tuple[str, ...] = ()
    code: ClassVar[str] = "blocked"


@dataclass(eq=False)
class KeptError(LakeshareError):
    """A thing of ours that was not taken away, because something of others' would have gone with it."""

    code: ClassVar[str] = "kept"


@dataclass(eq=False)
class ApplyError(LakeshareError):
    """Some steps failed. What was done is in the ledger; running again goes on from there."""

    code: ClassVar[str] = "apply"


@dataclass(eq=False)
class ProofError(LakeshareError):
    """A proof failed."""

    code: ClassVar[str] = "proof"
    exit_code: ClassVar[int] = 3


@dataclass(eq=False)
class LedgerError(LakeshareError):
    """The ledger cannot be read, or is newer than this program."""

    code: ClassVar[str] = "ledger"


@dataclass(eq=False)
class LockedError(LedgerError):
    """Another run holds the ledger; ``owner`` says who, where and since when."""

    owner: str = ""
    code: ClassVar[str] = "locked"
    exit_code: ClassVar[int] = 4


@dataclass(eq=False)
class StalePlanError(LakeshareError):
    """A plan file that no longer fits what is there, or whose content does not match its own digest."""

    code: ClassVar[str] = "stale_plan"
    exit_code: ClassVar[int] = 5
