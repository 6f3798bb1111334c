"""Work that is begun beside other work."""

from __future__ import annotations

import threading

import pytest

from lakeshare.aws.parallel import Pool

PATIENCE_SECONDS = 30


def test_begun_work_goes_on_beside_its_beginner() -> None:
    """What is begun needs nobody to wait for it."""
    pool, done = Pool(1), threading.Event()

    def work() -> str:
        done.set()
        return "result"

    begun = pool.begin(work)
    was_done = done.wait(PATIENCE_SECONDS)

    assert was_done
    assert (begun.result(), begun.result()) == ("result", "result")
    pool.close()


def test_whoever_waits_works() -> None:
    """Where all workers are busy, whoever wants a result does the work, so that nothing waits for ever."""
    pool, may_end = Pool(1), threading.Event()
    busy = pool.begin(lambda: may_end.wait(PATIENCE_SECONDS))

    worker = pool.begin(threading.current_thread).result()
    may_end.set()

    assert worker is threading.current_thread()
    assert busy.result()
    pool.close()


def test_begun_work_fails_where_it_is_waited_for() -> None:
    """An error shows to each who asks for the result, and to nobody else."""
    pool = Pool(1)

    begun = pool.begin(lambda: int("nothing"))

    for _ in range(2):
        with pytest.raises(ValueError, match="nothing"):
            begun.result()
    pool.close()
