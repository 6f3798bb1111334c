"""
Performs works on threads: in order, in batches, past failures.

The thread that calls ``execute`` decides and tells; workers only perform. What may fly is the business of
``batches``, how works are performed that of the ``perform`` handed in, how fast that of whatever ``perform`` calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from lakeshare.engine.batches import Batches, Lane
from lakeshare.engine.clock import Clock, SystemClock
from lakeshare.engine.events import Finished, Interrupted, Listener, RunStarted, Started, nobody
from lakeshare.engine.graph import ordered
from lakeshare.engine.stop import StopSignal
from lakeshare.errors import LakeshareError

__all__ = ["INTERRUPTED", "Done", "Failed", "Lane", "Skipped", "StopSignal", "Work", "execute"]

T = TypeVar("T")

INTERRUPTED = "interrupted"
"""What a work that a stop kept from being started was skipped because of."""

_PROGRAMMING_ERRORS = (
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    NotImplementedError,
    TypeError,
)


class Work(Protocol):
    """
    One thing to do, known by its address.

    ``depends_on`` names what must be done before; addresses that are not part of the run are ignored.
    """

    @property
    def address(self) -> str:
        """The one name of this work."""

    @property
    def depends_on(self) -> Collection[str]:
        """The addresses that must be done first."""


W = TypeVar("W", bound=Work)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The work is done, and this came of it."""

    value: T


@dataclass(frozen=True, slots=True)
class Failed:
    """The work failed by itself."""

    error: LakeshareError


@dataclass(frozen=True, slots=True)
class Skipped:
    """
    The work was never started.

    ``because`` is the address whose failure stopped it: the root cause, not whatever stood in between. It is
    ``INTERRUPTED`` where a stop was requested.
    """

    because: str


Outcome: TypeAlias = Done[Any] | Failed | Skipped


@dataclass(frozen=True, slots=True)
class _Landed:
    """A batch that has come back from its worker."""

    numbers: list[int]
    answers: Mapping[str, Done[Any] | Failed]
    seconds: float
    bug: BaseException | None


def execute(
    works: Sequence[W],
    *,
    perform: Callable[[Sequence[W]], Mapping[str, Done[Any] | Failed]],
    lane_of: Callable[[W], Lane],
    conflicts_of: Callable[[W], Collection[Hashable]] = lambda _work: (),
    workers: int = 16,
    listener: Listener = nobody,
    stop: StopSignal | None = None,
    clock: Clock | None = None,
) -> dict[str, Outcome]:
    """
    Perform all *works* and return the outcome of each by address, in the order they were given.

    *perform* is called on one of *workers* threads with a batch: ready works of one lane, as many as the graph allows
    up to the lane's size. It answers for each address of the batch. Two batches with a common conflict key are never
    with *perform* at the same time. A work that fails stops what depends on it and nothing else.

    A LakeshareError that *perform* raises fails its whole batch as it is; any other exception does so wrapped, with
    the address. If it was a programming error, or *perform* did not answer for some work, the rest of the run still
    goes on, and then it is raised: outcomes are with whoever recorded them in *perform*.

    Once *stop* is requested what flies is finished, nothing new starts, and the rest is ``Skipped(INTERRUPTED)``.

    Raises CycleError when the works cannot be ordered, ValueError when two have the same address.
    """
    run = _Run(works, lane_of, conflicts_of, listener)
    landed: SimpleQueue[_Landed] = SimpleQueue()
    clock = clock or SystemClock()
    stop = stop or StopSignal()

    def fly(numbers: list[int], batch: Sequence[W]) -> None:
        landed.put(_perform(numbers, batch, perform, clock))

    flying = 0
    listener(RunStarted(len(works)))
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="lakeshare") as pool:
        while True:
            while flying < workers and not stop.is_requested and (numbers := run.batches.next()) is not None:
                batch = [run.works[number] for number in numbers]
                listener(Started(tuple(work.address for work in batch)))
                pool.submit(fly, numbers, batch)
                flying += 1
            if not flying:
                break
            run.settle(landed.get())
            flying -= 1
    run.interrupt()
    if run.bugs:
        raise run.bugs[0]
    return {work.address: run.outcomes[work.address] for work in works}


def _perform(
    numbers: list[int],
    batch: Sequence[W],
    perform: Callable[[Sequence[W]], Mapping[str, Done[Any] | Failed]],
    clock: Clock,
) -> _Landed:
    """Perform *batch* on this thread; whatever happens, answer for each of its works."""
    started = clock.monotonic()
    bug: BaseException | None = None
    try:
        given = perform(batch)
        answers = {work.address: given[work.address] for work in batch}
    except LakeshareError as error:
        answers = {work.address: Failed(error) for work in batch}
    except BaseException as error:  # noqa: BLE001 - a worker that dies silently would leave the run waiting for ever
        answers = {work.address: Failed(_wrapped(error, work.address)) for work in batch}
        if not isinstance(error, Exception) or isinstance(error, _PROGRAMMING_ERRORS):
            bug = error
    return _Landed(numbers, answers, clock.monotonic() - started, bug)


def _wrapped(error: BaseException, address: str) -> LakeshareError:
    wrapped = LakeshareError(f"{address}: {type(error).__name__}: {error}", address=address)
    wrapped.__cause__ = error
    return wrapped


class _Run(Generic[W]):
    """What is known of one run; touched only by the thread that called ``execute``."""

    def __init__(
        self,
        works: Sequence[W],
        lane_of: Callable[[W], Lane],
        conflicts_of: Callable[[W], Collection[Hashable]],
        listener: Listener,
    ) -> None:
        by_address = {work.address: work for work in works}
        if len(by_address) < len(works):
            raise ValueError("two works have the same address")
        order = ordered({address: work.depends_on for address, work in by_address.items()})
        number = {address: at for at, address in enumerate(order)}
        self.works = [by_address[address] for address in order]
        self.outcomes: dict[str, Outcome] = {}
        self.bugs: list[BaseException] = []
        self.batches = Batches(
            lanes=[lane_of(work) for work in self.works],
            needs=[sorted({number[need] for need in work.depends_on if need in number}) for work in self.works],
            conflicts=[frozenset(conflicts_of(work)) for work in self.works],
        )
        self._listener = listener

    def settle(self, landed: _Landed) -> None:
        """Take in what came of a batch."""
        if landed.bug is not None:
            self.bugs.append(landed.bug)
        self.batches.land(landed.numbers)
        for number in landed.numbers:
            address = self.works[number].address
            outcome = landed.answers[address]
            self.outcomes[address] = outcome
            if isinstance(outcome, Done):
                self._listener(Finished(address, "done", None, landed.seconds))
                self.batches.release(number)
            else:
                self._listener(Finished(address, "failed", outcome.error, landed.seconds))
                self._skip(self.batches.drop_dependents(number), because=address)

    def interrupt(self) -> None:
        """Account for what a stop kept from being started."""
        unstarted = self.batches.unstarted()
        if unstarted:
            self._listener(Interrupted(len(unstarted)))
            self._skip(unstarted, because=INTERRUPTED)

    def _skip(self, numbers: Iterable[int], because: str) -> None:
        for number in numbers:
            address = self.works[number].address
            self.outcomes[address] = Skipped(because)
            self._listener(Finished(address, "skipped", None, 0.0))
