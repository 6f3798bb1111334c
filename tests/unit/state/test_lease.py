"""The lease: renewed while a run goes on, never assumed to be held for long, given up cleanly."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from lakeshare.errors import LedgerError, LockedError
from lakeshare.state.lease import Lease
from lakeshare.state.lock import LockOwner
from tests.fakes.clock import FakeClock
from tests.fakes.object_store import FakeBucket, FakeObjectStore

ME = LockOwner.current("20260101T000000-abcd")
ELSEWHERE = replace(ME, host="elsewhere", run_id="other")


@pytest.fixture
def bucket() -> FakeBucket:
    return FakeBucket()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def lease_in(bucket: FakeBucket, clock: FakeClock, store: FakeObjectStore | None = None) -> Lease:
    return Lease(store or bucket.store(), "s3://bucket/key", clock=clock.now)


def test_a_run_renews_its_lease_by_itself(bucket: FakeBucket):
    """While a lease is held its object is written again and again, well within its lifetime, and then no more."""
    store, renewed = bucket.store(), threading.Semaphore(0)
    store.before = lambda operation, _name: renewed.release() if operation == "put" else None
    lease = Lease(store, "s3://bucket/key", lifetime_seconds=0.06)

    lease.take(ME)
    for _ in range(5):
        assert renewed.acquire(timeout=10)
    lease.release(is_clean=True)
    written = bucket.writes

    assert written >= 4
    assert lease.holder() is None
    assert bucket.writes == written


def test_what_it_was_before_is_told(bucket: FakeBucket, clock: FakeClock):
    """Whoever takes the lease learns whether it is new, was let go of, or was taken from somebody who may not know."""
    told = []
    first = lease_in(bucket, clock)
    told.append(first.take(ELSEWHERE))
    first.release(is_clean=True)
    second = lease_in(bucket, clock)
    told.append(second.take(ELSEWHERE))
    bucket.now += 1000
    third = lease_in(bucket, clock)
    told.append(third.take(ELSEWHERE))
    third.force()
    told.append(lease_in(bucket, clock).take(ME))

    assert told == ["nobody", "let go", "cut off", "cut off"]


def test_a_lease_that_may_have_run_out_is_not_trusted(bucket: FakeBucket, clock: FakeClock):
    """A process that slept renews before it writes; while nobody took the lease meanwhile, it goes on."""
    lease = lease_in(bucket, clock)
    lease.take(ME)
    written = bucket.writes
    lease.check()
    unchanged = bucket.writes
    clock.advance(3600)

    lease.check()

    assert (written, unchanged, bucket.writes) == (1, 1, 2)


def test_a_lease_that_somebody_took_is_told_at_the_next_write(bucket: FakeBucket, clock: FakeClock):
    """A process that slept too long learns who has the ledger now, and that stays so."""
    lease = lease_in(bucket, clock)
    lease.take(ELSEWHERE)
    bucket.now += 120
    lease_in(bucket, clock).take(ME)
    clock.advance(3600)

    for _ in range(2):
        with pytest.raises(LockedError, match=f"taken away from this run; it is held by .*pid {ME.pid}"):
            lease.check()


def test_letting_go_leaves_the_next_ones_lease(bucket: FakeBucket, clock: FakeClock):
    """A run that lost its lease does not release that of the run which took it."""
    lease = lease_in(bucket, clock)
    lease.take(ELSEWHERE)
    bucket.now += 120
    lease_in(bucket, clock).take(ME)

    lease.release(is_clean=True)

    assert "run 20260101T000000-abcd" in (lease_in(bucket, clock).holder() or "")


def test_of_two_that_want_it_at_once_one_is_told(bucket: FakeBucket, clock: FakeClock):
    """Between looking and writing somebody else was quicker: the condition on the write shows it."""
    quick, store = lease_in(bucket, clock), bucket.store()

    def before(operation: str, _name: str) -> None:
        if operation == "put":
            store.before = lambda _operation, _name: None
            quick.take(ELSEWHERE)

    store.before = before

    with pytest.raises(LockedError, match="run other"):
        lease_in(bucket, clock, store).take(ME)


def test_what_is_no_lease_is_told(bucket: FakeBucket, clock: FakeClock):
    """Another object under the lease's name is neither trusted nor written over."""
    bucket.written("lease.json", b"hello")

    with pytest.raises(LedgerError, match=r"s3://bucket/key/lease\.json is no lease"):
        lease_in(bucket, clock).take(ME)

    assert bucket.objects["lease.json"][0] == b"hello"
