"""What a kind of resource is to the rest of the house: one record of functions, listed in the registry."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from lakeshare.aws.access import Aws
from lakeshare.engine.batches import Lane
from lakeshare.engine.clock import Clock, SystemClock
from lakeshare.engine.events import Listener, nobody
from lakeshare.engine.execute import Done, Failed
from lakeshare.engine.stop import StopSignal
from lakeshare.engine.wait import NotYet, wait_for
from lakeshare.errors import LakeshareError
from lakeshare.resources.rights import Right
from lakeshare.resources.values import Step, Verdict

T = TypeVar("T")


class Memory:
    """What one run has looked at once and need not look at again. Looks at different things do not wait for another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: dict[Hashable, threading.Lock] = {}
        self._seen: dict[Hashable, Any] = {}

    def once(self, key: Hashable, look: Callable[[], T]) -> T:
        """
        Return what *look* answered the first time that *key* was asked for.

        *look* itself may ask for nothing that may ask for *key*: the two would wait for each other.
        """
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            if key not in self._seen:
                self._seen[key] = look()
            found: T = self._seen[key]
            return found

    def keep(self, wanted: Any, found: Any) -> None:
        """Remember that *found* is what stands where *wanted* was asked about."""
        self._seen["read", wanted.address] = (wanted, found)

    def kept(self, wanted: Any) -> Any:
        """Return what `keep` remembers of exactly *wanted*; None when that is nothing."""
        before, found = self._seen.get(("read", wanted.address), (None, None))
        return found if before is not None and _is_same(before, wanted) else None


def _is_same(one: Any, other: Any) -> bool:
    """Compare in every field, also those that equality leaves out."""
    return one == other and all(getattr(one, spot.name) == getattr(other, spot.name) for spot in fields(one))


@dataclass(frozen=True, slots=True)
class Run:
    """
    What reading and writing need around them: sessions, time, who listens, whether to stop.

    ``secrets`` maps the digest of an ExternalId to its value; models, plans and the ledger only ever hold digests.
    ``memory``, where there is one, lets many steps that must look again share one bulk read.
    """

    aws: Aws
    clock: Clock = field(default_factory=SystemClock)
    listener: Listener = nobody
    stop: StopSignal = field(default_factory=StopSignal)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    memory: Memory | None = None

    def once(self, key: Hashable, look: Callable[[], T]) -> T:
        """Return *look*'s answer, from memory when this run has one and asked before."""
        return look() if self.memory is None else self.memory.once(key, look)

    def wait_for(self, condition: str, probe: Callable[[], T | NotYet], *, deadline_seconds: float) -> T:
        """Wait until *probe* answers something other than NotYet; see `engine.wait.wait_for`."""
        return wait_for(
            condition,
            probe,
            deadline_seconds=deadline_seconds,
            clock=self.clock,
            listener=self.listener,
            stop=self.stop,
        )


Results = dict[str, Done[Any] | Failed]
"""By address: the resource as it now stands (None once deleted, Kept when deliberately left), or what went wrong."""


def alone(step: Step) -> Lane:
    """The lane of kinds whose writes AWS takes one at a time."""
    return Lane(("alone", step.address))


def no_conflicts(_step: Step) -> frozenset[Hashable]:
    """The conflict keys of kinds whose writes never race."""
    return frozenset()


def whole(_mine: Any, observed: Any) -> Any:
    """Return the thing as it was observed, for kinds of which nobody else has a part."""
    return observed


def never(_desired: Any, _observed: Any) -> bool:
    """For kinds without a secret."""
    return False


def in_renamed_account(item: Any, names: Mapping[str, str]) -> Any:
    """Return *item* with the account that it is in called by its new name; *names* are the new ones by old."""
    alias = item.place.alias
    return replace(item, place=replace(item.place, alias=names[alias])) if alias in names else item


def itself(item: Any) -> Hashable:
    """For kinds of which IAM is asked about each by itself."""
    address: str = item.address
    return address


def only_intended(_made: Any, intended: Any) -> Any:
    """Return what a thing was to become: of most kinds the address alone tells what is ours."""
    return intended


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """
    One kind of AWS thing.

    ``read`` takes many at once and answers by address. ``diff`` is pure: what is desired (None: nothing any more),
    what is observed, and the ledger's copy (None: not ours). ``write`` performs a batch of steps of one lane.
    ``rights`` are what IAM must allow the operator for one of them, every call that ``read`` and ``write`` make;
    where ``asked_about`` is the same for two, so are those.
    ``label`` is the word in addresses, ``title`` the plural that people read. ``is_hidden_without_admin`` marks what
    Lake Formation leaves out of lists, silently, for a caller who is no administrator: not seeing it proves nothing.
    ``is_shown_late`` marks what AWS lists some time after it was made; a run waits for that before it ends. ``probe``
    asks one by one for what the bulk read has not shown and the ledger knows; it answers for what it finds.
    ``unfinished`` is all that may be ours when a change of what was made to what was intended has no known outcome.
    ``gives_sight`` marks the right without which a place's hidden things cannot be seen. ``holder`` tells whose a
    thing is, where people hold it: what somebody loses goes after what the same one gets. ``renamed`` writes the new
    names of accounts into a thing, wherever its address has them. ``our_part`` returns what of an observed thing is
    ours, given our copy of it: all, unless others' part shows in the same thing. ``lacks_secret_only`` tells whether
    an ExternalId is all that separates two. ``verbs`` are the words for making and taking away. ``sight`` tells what
    one bulk read of the kind takes in, where it takes in more than one thing.
    ``mixes_actions`` marks kinds that perform steps of several actions as one, ``is_setting`` those that are a part of
    a place's settings document.
    """

    name: str
    label: str
    title: str
    model: type[Any]
    read: Callable[[Run, Sequence[Any]], Mapping[str, Any]]
    diff: Callable[[Any, Any, Any], Verdict]
    write: Callable[[Run, Sequence[Step]], Results]
    rights: Callable[[Any], Iterable[Right]]
    asked_about: Callable[[Any], Hashable] = itself
    lane: Callable[[Step], Lane] = alone
    conflicts: Callable[[Step], frozenset[Hashable]] = no_conflicts
    is_hidden_without_admin: bool = False
    is_shown_late: bool = False
    probe: Callable[[Run, Sequence[Any]], Mapping[str, Any]] | None = None
    unfinished: Callable[[Any, Any], Any] = only_intended
    gives_sight: bool = False
    holder: Callable[[Any], Hashable] | None = None
    renamed: Callable[[Any, Mapping[str, str]], Any] = in_renamed_account
    our_part: Callable[[Any, Any], Any] = whole
    lacks_secret_only: Callable[[Any, Any], bool] = never
    verbs: tuple[str, str] = ("create", "delete")
    sight: Callable[[Any], Hashable] | None = None
    mixes_actions: bool = False
    is_setting: bool = False


def each(run: Run, steps: Sequence[Step], perform: Callable[[Run, Step], Any]) -> Results:
    """Perform steps one by one; what AWS refuses for one does not stop the next."""
    results: Results = {}
    for step in steps:
        try:
            results[step.address] = Done(perform(run, step))
        except LakeshareError as error:
            error.address = error.address or step.address
            results[step.address] = Failed(error)
    return results
