"""One contact from first ring to last note, with times from which every duration of every contact table follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from lakeshare.sandbox.synthesis.centre import Agent, Named

Channel: TypeAlias = Literal["VOICE", "CHAT", "TASK", "EMAIL"]
Outcome: TypeAlias = Literal["handled", "abandoned", "contained"]
"""Connected to an agent | given up in the queue | ended in the flow, by the bot or unanswered."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A way in which contacts come about, with the medians of its durations in seconds."""

    channel: Channel
    method: str
    talk: float
    after: float
    flow: float = 25.0


@dataclass(frozen=True, slots=True)
class Customer:
    """Someone who calls, perhaps again and again."""

    profile_id: str
    phone: str
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Contact:
    """
    What became of one contact; times in ms since the epoch.

    Handled: initiated < enqueued <= offered < connected < disconnected <= after_work_end, and
    disconnected - connected = interaction + hold. Where there was no queue or no agent the times are None.
    """

    id: str
    kind: Kind
    customer: Customer
    initiated: int
    disconnected: int
    outcome: Outcome
    queue: Named | None = None
    agent: Agent | None = None
    missed_by: Agent | None = None
    enqueued: int | None = None
    offered: int | None = None
    connected: int | None = None
    holds: tuple[int, ...] = ()
    after_work: int = 0
    ended_by_agent: bool = False
    initial_id: str | None = None
    previous_id: str | None = None
    next_id: str | None = None
    campaign: Named | None = None

    @property
    def dequeued(self) -> int | None:
        """When the wait in the queue ended, one way or the other."""
        return None if self.enqueued is None else self.connected or self.disconnected

    @property
    def queue_time(self) -> int | None:
        """The time spent in the queue, in ms."""
        return None if self.enqueued is None or self.dequeued is None else self.dequeued - self.enqueued

    @property
    def hold(self) -> int:
        """The time on hold, in ms."""
        return sum(self.holds)

    @property
    def interaction(self) -> int:
        """The time of talking, in ms, holds not counted."""
        return 0 if self.connected is None else self.disconnected - self.connected - self.hold

    @property
    def handle_time(self) -> int:
        """Talk, hold and work afterwards, in ms."""
        return self.interaction + self.hold + self.after_work

    @property
    def after_work_end(self) -> int:
        """When the agent was done with it."""
        return self.disconnected + self.after_work
