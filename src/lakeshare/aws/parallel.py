"""Many reads at once, on a pool of workers that may themselves ask for many reads at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

A = TypeVar("A")
B = TypeVar("B")


class Pool:
    """
    A pool of workers that cannot deadlock: whoever asks works along.

    A caller never waits for an item that nobody has begun; it begins it itself. So however deep such calls are nested,
    and however busy the pool is, somebody works on every item that is waited for.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None

    def map(self, function: Callable[[A], B], items: Iterable[A]) -> list[B]:
        """Return ``function(item)`` for each item, in order; raise the first item's error after all have ended."""
        shared = _Shared(function, list(items))
        if shared.size > 1:
            executor = self._started()
            for _ in range(min(shared.size - 1, self._workers)):
                executor.submit(shared.work)
        shared.work()
        return shared.results()

    def begin(self, function: Callable[[], B]) -> Begun[B]:
        """Begin *function* on a worker, and return where its result will be."""
        shared: _Shared[None, B] = _Shared(lambda _nothing: function(), [None])
        self._started().submit(shared.work)
        return Begun(shared)

    def close(self) -> None:
        """Let the workers go, when they are done."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown()

    def _started(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor

        with self._lock:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(self._workers, thread_name_prefix="lakeshare-read")
            return self._executor


class Begun(Generic[B]):
    """Something that is being worked on. Whoever waits for it does it, where no worker has come to it yet."""

    def __init__(self, shared: _Shared[None, B]) -> None:
        self._shared = shared

    def result(self) -> B:
        """Return what came of it, or raise what it raised; may be asked often and from many threads."""
        self._shared.work()
        [result] = self._shared.results()
        return result


class _Shared(Generic[A, B]):
    """The items of one call, each taken by whoever comes first."""

    def __init__(self, function: Callable[[A], B], items: Sequence[A]) -> None:
        self.size = len(items)
        self._function = function
        self._items = items
        self._taken = 0
        self._ended = 0
        self._results: dict[int, B] = {}
        self._errors: dict[int, BaseException] = {}
        self._change = threading.Condition()

    def work(self) -> None:
        """Take items until none is left."""
        while (at := self._take()) is not None:
            try:
                self._results[at] = self._function(self._items[at])
            except BaseException as error:  # noqa: BLE001 - it is raised where the results are wanted
                self._errors[at] = error
            with self._change:
                self._ended += 1
                self._change.notify_all()

    def results(self) -> list[B]:
        """Return the results once all items have ended, or raise the first item's error."""
        with self._change:
            self._change.wait_for(lambda: self._ended == self.size)
        if self._errors:
            raise self._errors[min(self._errors)]
        return [self._results[at] for at in range(self.size)]

    def _take(self) -> int | None:
        with self._change:
            if self._taken == self.size:
                return None
            self._taken += 1
            return self._taken - 1
