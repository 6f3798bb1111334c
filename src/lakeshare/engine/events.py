"""
What the engine tells whoever listens. Events are values, listeners are callables; nothing in here prints.

``Started``, ``Finished``, ``RunStarted`` and ``Interrupted`` come from the thread that called ``execute``;
``Waiting`` and ``Throttled`` from whichever worker met them, so a listener must be safe to call from several threads
at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lakeshare.errors import LakeshareError


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run of *total* works begins."""

    total: int


@dataclass(frozen=True, slots=True)
class Started:
    """These works go to a worker together."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """
    One work is over, *seconds* after its batch was started.

    ``error`` is set when the status is ``failed``; a skipped work has neither error nor time of its own.
    """

    address: str
    status: Literal["done", "failed", "skipped"]
    error: LakeshareError | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """A named condition has not come true for *seconds* so far."""

    condition: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Throttled:
    """AWS asked for patience; the call is repeated after *seconds*."""

    account: str
    service: str
    operation: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A stop was requested; *remaining* works will not be started."""

    remaining: int


Event: TypeAlias = RunStarted | Started | Finished | Waiting | Throttled | Interrupted
Listener: TypeAlias = Callable[[Event], None]


def nobody(_event: Event) -> None:
    """Listen to nothing."""
