"""The values a ledger takes and gives. Resources are JSON: what a model becomes is the business of whoever calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

OutcomeWord: TypeAlias = Literal["made", "gone", "undone", "unknown"]


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A thing that is ours: lakeshare made it, at ``made_at`` (seconds since the epoch), and may therefore delete it.

    ``run_id`` is the run that wrote ``resource`` last; ``made_at`` does not move when a thing is updated.
    """

    address: str
    kind: str
    resource: Mapping[str, Any]
    depends_on: tuple[str, ...]
    made_at: float
    run_id: str


@dataclass(frozen=True, slots=True)
class Intent:
    """
    What is about to be done, written down before the call is sent.

    ``observed_absent_at`` is when the thing was seen not to exist. Only that makes ours what the call then makes;
    None means that it existed, or that nobody looked.
    """

    address: str
    kind: str
    action: str
    resource: Mapping[str, Any]
    depends_on: tuple[str, ...]
    observed_absent_at: float | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """
    What became of an intent.

    ``made``: the thing stands, as ``resource`` says (else as intended), and is in the ledger. ``gone``: it is no more.
    ``undone``: the intent had no effect, the entry is what it was. ``unknown``: nobody can tell; the intent stays open.
    """

    address: str
    outcome: OutcomeWord
    resource: Mapping[str, Any] | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """
    One row of the history. Times are seconds since the epoch; ``ended_at`` and ``status`` are None while it runs, and
    for ever when it was killed. ``outcomes`` counts its settled intents by outcome, those still open as ``open``.
    """

    run_id: str
    command: str
    spec_digest: str
    user: str
    host: str
    started_at: float
    ended_at: float | None
    status: str | None
    outcomes: Mapping[str, int] = field(default_factory=dict)
