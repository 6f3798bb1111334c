"""Lanes: what is performed together, and when a batch is as full as it will get."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice


@dataclass(frozen=True, slots=True)
class Lane:
    """
    Works with one lane ``key`` are performed together: up to ``size`` a call, at most ``in_flight`` calls at a time.

    All works of one key must name the same size and number of calls.
    """

    key: Hashable
    size: int = 1
    in_flight: int = 1_000_000


@dataclass(slots=True)
class _Queue:
    """One lane's works that have not been started: ready ones, and those that wait for others, both in order."""

    lane: Lane
    ready: dict[int, None] = field(default_factory=dict)
    waiting: dict[int, None] = field(default_factory=dict)
    flying_batches: int = 0
    hopeful: int | None = None  # the waiting work that was last seen to be on its way; looked at first


class Batches:
    """
    Decides what flies next. Works are numbers, in an order in which nothing comes before what it needs.

    A full batch goes at once. A partial one goes when nothing that flies, or can be started without it, could still
    add to it. Two batches with a common conflict key never fly together. Bookkeeping only: no threads, no clock.
    """

    def __init__(
        self, lanes: Sequence[Lane], needs: Sequence[Sequence[int]], conflicts: Sequence[frozenset[Hashable]]
    ) -> None:
        self._needs = needs
        self._unmet = [len(need) for need in needs]
        self._dependents: list[list[int]] = [[] for _ in needs]
        for work, need in enumerate(needs):
            for other in need:
                self._dependents[other].append(work)
        self._conflicts = conflicts
        self._flying_conflicts: set[Hashable] = set()
        self._flying: set[int] = set()
        self._over = [False] * len(needs)
        self._queues: dict[Hashable, _Queue] = {}
        self._queue_of: list[_Queue] = []
        for work, lane in enumerate(lanes):
            queue = self._queues.setdefault(lane.key, _Queue(lane))
            self._queue_of.append(queue)
            (queue.waiting if needs[work] else queue.ready)[work] = None
        self._open = {id(queue): queue for queue in self._queues.values() if queue.ready}

    def next(self) -> list[int] | None:
        """Start a batch and return its works; None when nothing may be started as things fly now."""
        partial: list[tuple[_Queue, list[int]]] = []
        for queue in self._open.values():
            batch = self._startable(queue)
            if len(batch) == queue.lane.size or (batch and not queue.waiting and len(batch) == len(queue.ready)):
                return self._start(queue, batch)
            if batch:
                partial.append((queue, batch))
        chosen = self._grown_up(partial)
        return None if chosen is None else self._start(*chosen)

    def land(self, batch: Iterable[int]) -> None:
        """The works of *batch* have ended, well or badly."""
        for work in batch:
            self._flying.discard(work)
            self._over[work] = True
            self._flying_conflicts -= self._conflicts[work]
            queue = self._queue_of[work]
        queue.flying_batches -= 1

    def release(self, work: int) -> None:
        """Make the dependents of *work*, which is done, ready where it was the last that they waited for."""
        for dependent in self._dependents[work]:
            self._unmet[dependent] -= 1
            queue = self._queue_of[dependent]
            if not self._unmet[dependent] and dependent in queue.waiting:
                del queue.waiting[dependent]
                queue.ready[dependent] = None
                self._open[id(queue)] = queue

    def drop_dependents(self, work: int) -> Iterator[int]:
        """
        Take out everything that depends on *work*, which failed, at any distance, and yield it in no special
        order.
        """
        doomed = list(self._dependents[work])
        while doomed:
            dropped = doomed.pop()
            queue = self._queue_of[dropped]
            if dropped in queue.waiting:
                del queue.waiting[dropped]
                self._over[dropped] = True
                doomed.extend(self._dependents[dropped])
                yield dropped

    def unstarted(self) -> list[int]:
        """Return the works that have neither been started nor dropped."""
        return sorted(work for queue in self._queues.values() for work in (*queue.ready, *queue.waiting))

    def _startable(self, queue: _Queue) -> list[int]:
        if queue.flying_batches >= queue.lane.in_flight:
            return []
        if not self._flying_conflicts:
            return list(islice(queue.ready, queue.lane.size))
        free = (work for work in queue.ready if self._flying_conflicts.isdisjoint(self._conflicts[work]))
        return list(islice(free, queue.lane.size))

    def _start(self, queue: _Queue, batch: list[int]) -> list[int]:
        for work in batch:
            del queue.ready[work]
            self._flying.add(work)
            self._flying_conflicts |= self._conflicts[work]
        queue.flying_batches += 1
        if not queue.ready:
            del self._open[id(queue)]
        return batch

    def _grown_up(self, partial: list[tuple[_Queue, list[int]]]) -> tuple[_Queue, list[int]] | None:
        """
        Return the partial batch that nothing could still add to, None when each may grow by itself.

        A lane is fed when one of its waiting works needs only what flies, what can be started, or what lanes that are
        fed themselves will do. Lanes that are not fed could hold each other up for ever; of these, one that no lane
        at all could add to goes first, else the first.
        """
        held = {id(queue): (queue, batch) for queue, batch in partial}
        fed_one = True
        while held and fed_one:
            fed = [key for key, (queue, batch) in held.items() if self._may_grow(queue, batch, held)]
            fed_one = bool(fed)
            for key in fed:
                del held[key]
        for key, (queue, batch) in held.items():
            if not self._may_grow(queue, batch, {key: (queue, batch)}):
                return queue, batch
        return next(iter(held.values()), None)

    def _may_grow(self, queue: _Queue, batch: list[int], held: Mapping[int, object]) -> bool:
        if len(queue.ready) > len(batch):
            return True  # the rest is kept by conflicts with what flies, and will land
        verdicts: dict[int, bool] = {}
        if queue.hopeful in queue.waiting and self._is_coming(queue.hopeful, held, verdicts):
            return True
        for work in queue.waiting:
            if self._is_coming(work, held, verdicts):
                queue.hopeful = work
                return True
        return False

    def _is_coming(self, work: int, held: Mapping[int, object], verdicts: dict[int, bool]) -> bool:
        """Whether everything that *work* needs will be over without any of the *held* lanes being started."""
        trail = [(work, iter(self._needs[work]))]
        while trail:
            at, needs = trail[-1]
            verdict = True
            for need in needs:
                if self._over[need] or need in self._flying:
                    continue
                known = False if id(self._queue_of[need]) in held else verdicts.get(need)
                if known is None:
                    trail.append((need, iter(self._needs[need])))
                    break
                if not known:
                    verdict = False
                    break
            if trail[-1][0] == at:
                verdicts[at] = verdict
                trail.pop()
                if not verdict and trail:
                    # What needs a work that is not coming is not coming either.
                    for above, _ in trail:
                        verdicts[above] = False
                    return False
        return verdicts[work]
