"""The ledger in an object store: what lasts, who may write, and what is left when a process dies in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lakeshare.errors import CallError, LedgerError, LockedError
from lakeshare.state import journal
from lakeshare.state.ledger import Intent, Ledger, LockOwner, Settlement
from lakeshare.state.schema import MIGRATIONS
from tests.fakes.object_store import FakeBucket, FakeObjectStore, KilledError

ME = LockOwner.current("20260101T000000-abcd")
GONE = replace(ME, process_start=f"{ME.process_start}0")
ELSEWHERE = replace(ME, host="elsewhere", run_id="other")
ADDRESSES = [f"consumer/ap-southeast-2/link:db.table_{number}" for number in range(3)]


def create(address: str) -> Intent:
    return Intent(address, "resource_link", "create", {"name": address}, ("below",), 7.0)


@pytest.fixture
def bucket() -> FakeBucket:
    return FakeBucket()


def opened(bucket: FakeBucket, store: FakeObjectStore | None = None) -> Ledger:
    return Ledger.open_in(store or bucket.store())


def make(ledger: Ledger, *addresses: str, owner: LockOwner = ME) -> str:
    """Make some things in one run from beginning to end."""
    with ledger.lock(owner):
        run = ledger.begin_run("apply", "digest")
        for address in addresses:
            ledger.intend(run, [create(address)])
            ledger.settle(run, [Settlement(address, "made")])
        ledger.end_run(run, "ended")
    return run


def test_what_one_wrote_another_reads(bucket: FakeBucket):
    """Entries, open intents, the history and the serial are the same in every process that opens the ledger."""
    ledger = opened(bucket)
    run = make(ledger, *ADDRESSES[:2])
    with ledger.lock(ME):
        ledger.intend(run, [create(ADDRESSES[2])])
        ledger.forget(ADDRESSES[:1])

    other = opened(bucket)

    assert list(other.entries()) == ADDRESSES[1:2]
    assert other.entries() == ledger.entries()
    assert other.intents() == ledger.intents() == {ADDRESSES[2]: create(ADDRESSES[2])}
    assert other.history() == ledger.history()
    assert other.serial == ledger.serial > 0


def test_every_table_of_the_ledger_lasts(bucket: FakeBucket):
    """What a migration adds is kept like the rest: each table but the lock and the version is in the segments."""
    ledger = opened(bucket)
    with ledger.lock(ME):
        run = ledger.begin_run("apply", "digest")
        ledger.intend(run, [create(address) for address in ADDRESSES])
        ledger.settle(run, [Settlement(ADDRESSES[0], "made"), Settlement(ADDRESSES[1], "made")])
        ledger.guard({ADDRESSES[0]: {"shares": ["a"]}, ADDRESSES[1]: {"shares": ["b"]}})
        entry = replace(ledger.entries()[ADDRESSES[0]], address="renamed")
        ledger.forget([ADDRESSES[1]])
        ledger.rename({ADDRESSES[0]: entry}, {})
        body = b"".join(body for body, _, _ in bucket.objects.values())
        tables = {name for (name,) in ledger._database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        seen = opened(bucket)

        assert all(f'["{table}",'.encode() in body for table in tables - {"lock", "schema_version"})
        assert seen.entries() == ledger.entries() == {"renamed": entry}
        assert seen.guards() == ledger.guards()


def test_reading_writes_nothing(bucket: FakeBucket):
    """Opening, listing and asking for the lock put and delete no object."""
    store = bucket.store()
    ledger = opened(bucket, store)

    assert (ledger.entries(), ledger.intents(), ledger.history(), ledger.lock_holder()) == ({}, {}, [], None)
    assert bucket.objects == {}
    assert {operation for operation, _ in store.operations} <= {"get", "list"}


def test_an_intent_is_in_the_store_before_it_returns(bucket: FakeBucket):
    """Another process sees an intent as soon as `intend` has returned, while the run still goes on."""
    ledger = opened(bucket)
    with ledger.lock(ME):
        ledger.intend(ledger.begin_run("apply", "digest"), [create(ADDRESSES[0])])

        seen = opened(bucket).intents()

    assert list(seen) == ADDRESSES[:1]


def test_a_run_ends_with_one_snapshot(bucket: FakeBucket):
    """When the lock is let go the segments are gone, and a snapshot says what they said."""
    make(opened(bucket), *ADDRESSES)

    assert sorted(name.partition("-")[0] for name in bucket.objects) == ["lease.json", "snapshot"]
    assert list(opened(bucket).entries()) == ADDRESSES


def test_a_long_run_compacts_in_between(bucket: FakeBucket, monkeypatch: pytest.MonkeyPatch):
    """However long a run gets, few segments lie behind the newest snapshot, and nothing is lost in between."""
    monkeypatch.setattr(journal, "COMPACTED_AFTER", 4)
    ledger = opened(bucket)
    most = 0
    with ledger.lock(ME):
        run = ledger.begin_run("apply", "digest")
        for number in range(20):
            ledger.intend(run, [create(f"{number:02}")])
            most = max(most, sum(name.startswith("segment") for name in bucket.objects))
            assert len(opened(bucket).intents()) == number + 1

    assert most < 5


def test_what_is_written_while_a_segment_is_under_way_goes_together(bucket: FakeBucket):
    """Sixteen threads wait for two writes, not for sixteen: the first one's, and one for all who came meanwhile."""
    store = bucket.store()
    ledger = opened(bucket, store)
    everybody = threading.Semaphore(0)
    with ledger.lock(ME):
        run = ledger.begin_run("apply", "digest")
        first = len(store.operations)

        def before(operation: str, name: str) -> None:
            if operation == "put" and name.startswith("segment") and len(ledger.intents()) == 1:
                for _ in range(15):
                    everybody.release()
                while len(ledger.intents()) < 16:
                    threading.Event().wait(0.001)

        def intend(number: int) -> None:
            if number:
                everybody.acquire()
            ledger.intend(run, [create(f"{number:02}")])

        store.before = before
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(intend, range(16)))
        puts = [name for operation, name in store.operations[first:] if operation == "put"]

        assert len(puts) == 2
        assert len(opened(bucket).intents()) == 16


def test_nobody_writes_without_the_lock(bucket: FakeBucket):
    """What would be written without the lock is refused, and is not in the ledger."""
    ledger = opened(bucket)

    with pytest.raises(LockedError):
        ledger.begin_run("apply", "digest")

    assert opened(bucket).history() == []


def test_a_second_run_is_told_who_holds_the_ledger(bucket: FakeBucket):
    """A held lease is refused with who, where, since when, and how fresh it is."""
    with opened(bucket).lock(ELSEWHERE):
        bucket.now += 14

        with pytest.raises(LockedError) as caught, opened(bucket).lock(ME):
            pytest.fail("locked twice")

    assert caught.value.exit_code == 4
    for piece in (ELSEWHERE.user, "elsewhere", f"pid {ELSEWHERE.pid}", "run other", "since 20", "renewed 14 s ago"):
        assert piece in caught.value.owner


def test_a_process_that_is_gone_from_this_host_loses_the_lease(bucket: FakeBucket):
    """The lease of a process that is no more is taken over at once, where that can be seen."""
    held = opened(bucket).lock(GONE)
    held.__enter__()

    make(opened(bucket), ADDRESSES[0])

    assert list(opened(bucket).entries()) == ADDRESSES[:1]


def test_a_lease_that_nobody_renews_runs_out(bucket: FakeBucket):
    """A lease of another host stands for its lifetime after the last renewal, and no longer."""
    lost = opened(bucket).lock(ELSEWHERE)
    lost.__enter__()
    bucket.now += 119
    with pytest.raises(LockedError), opened(bucket).lock(ME):
        pytest.fail("taken over too early")
    bucket.now += 1

    make(opened(bucket), ADDRESSES[0])

    assert list(opened(bucket).entries()) == ADDRESSES[:1]


def test_force_takes_the_lease_away(bucket: FakeBucket):
    """After `force_unlock` nobody holds it; the run that did writes nothing more and is told so."""
    first = opened(bucket)
    second = opened(bucket)
    with first.lock(ELSEWHERE):
        run = first.begin_run("apply", "digest")
        second.force_unlock()
        holder = second.lock_holder()
        make(second, ADDRESSES[0])
        with pytest.raises(LockedError):
            first.intend(run, [create(ADDRESSES[1])])

    assert holder is None
    assert opened(bucket).intents() == {}
    assert list(opened(bucket).entries()) == ADDRESSES[:1]


def test_a_run_that_comes_back_after_all_finds_its_number_taken(bucket: FakeBucket):
    """
    A run that slept through its lease, and through a compaction by the next one, stops at its next transaction.

    What it then does not do any more: act on an intent that nobody would ever read.
    """
    sleeper = opened(bucket)
    with sleeper.lock(ELSEWHERE):
        run = sleeper.begin_run("apply", "digest")
        bucket.now += 1000
        make(opened(bucket), *ADDRESSES[:2])
        with pytest.raises(LockedError, match="taken the ledger over"):
            sleeper.intend(run, [create(ADDRESSES[2])])
        with pytest.raises(LockedError, match="taken the ledger over"):
            sleeper.end_run(run, "ended")

    assert any(name.startswith("snapshot") for name in bucket.objects)
    assert opened(bucket).intents() == {}
    make(opened(bucket), ADDRESSES[2])
    assert list(opened(bucket).entries()) == ADDRESSES


def test_the_last_words_of_a_run_that_lost_the_lock_are_read(bucket: FakeBucket):
    """An intent that arrives just before the next run takes that number is part of what the next run goes by."""
    sleeper, store = opened(bucket), bucket.store()
    late = sleeper.lock(ELSEWHERE)
    late.__enter__()
    run = sleeper.begin_run("apply", "digest")
    bucket.now += 1000
    successor = opened(bucket, store)

    def before(operation: str, name: str) -> None:
        if operation == "put" and name.startswith("segment"):
            store.before = lambda _operation, _name: None
            sleeper.intend(run, [create(ADDRESSES[0])])

    store.before = before
    with successor.lock(ME):
        seen = successor.intents()
        with pytest.raises(LockedError):
            sleeper.intend(run, [create(ADDRESSES[1])])

    assert list(seen) == ADDRESSES[:1]
    assert list(opened(bucket).intents()) == ADDRESSES[:1]


def test_a_takeover_that_fails_leaves_the_fence_to_the_next(bucket: FakeBucket):
    """A run that took an expired lease and could not read the ledger does not pass for one that let go in order."""
    sleeper, unlucky = opened(bucket), bucket.store()
    with sleeper.lock(ELSEWHERE):
        run = sleeper.begin_run("apply", "digest")
        bucket.now += 1000
        failing = opened(bucket, unlucky)

        def before(operation: str, _name: str) -> None:
            unlucky.is_cut_off = operation == "list"

        unlucky.before = before
        with pytest.raises(CallError), failing.lock(ME):
            pytest.fail("locked without having read")
        make(opened(bucket), ADDRESSES[0])

        with pytest.raises(LockedError):
            sleeper.intend(run, [create(ADDRESSES[1])])

    assert opened(bucket).intents() == {}


def test_a_write_that_may_still_arrive_is_fenced_off(bucket: FakeBucket):
    """After a run that ended with a write unanswered the next one takes that number first: late or not, it is known."""
    store = bucket.store()
    ledger = opened(bucket, store)
    with ledger.lock(ME):
        run = ledger.begin_run("apply", "digest")
        store.is_cut_off = True
        with pytest.raises(CallError):
            ledger.intend(run, [create(ADDRESSES[0])])
        store.is_cut_off = False

    with opened(bucket).lock(ME):
        written = [name for name in bucket.objects if name.startswith("segment")]

    assert "segment-000000000002.json" in written


def test_lost_answers_are_no_other_writers(bucket: FakeBucket):
    """A put whose answer was lost finds its own object in the way, and goes on."""
    store = bucket.store()
    store.loses_answers = True

    make(opened(bucket, store), *ADDRESSES)

    assert list(opened(bucket).entries()) == ADDRESSES


def test_after_a_write_that_failed_nothing_is_written(bucket: FakeBucket):
    """Once the store cannot be reached every transaction says so, also when it is back: what lasts is not known."""
    store = bucket.store()
    ledger = opened(bucket, store)
    with ledger.lock(ME):
        run = ledger.begin_run("apply", "digest")
        ledger.intend(run, [create(ADDRESSES[0])])
        store.is_cut_off = True
        with pytest.raises(CallError):
            ledger.settle(run, [Settlement(ADDRESSES[0], "made")])
        store.is_cut_off = False

        with pytest.raises(CallError):
            ledger.end_run(run, "ended")

    other = opened(bucket)
    assert other.entries() == {}
    assert list(other.intents()) == ADDRESSES[:1]
    assert other.lock_holder() is None


def test_all_who_wait_for_a_write_that_fails_are_told(bucket: FakeBucket):
    """A transaction that came while the failing write was under way does not last either, and its thread learns it."""
    store = bucket.store()
    ledger = opened(bucket, store)
    waiting = threading.Event()
    with ledger.lock(ME):
        run = ledger.begin_run("apply", "digest")

        def before(operation: str, _name: str) -> None:
            store.is_cut_off = operation == "put" and not waiting.is_set()
            if store.is_cut_off:
                waiting.set()
                while len(ledger.intents()) < 2:
                    threading.Event().wait(0.001)

        store.before = before
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(ledger.intend, run, [create(ADDRESSES[0])])
            assert waiting.wait(10)
            second = pool.submit(ledger.intend, run, [create(ADDRESSES[1])])
            errors = [type(future.exception(timeout=10)) for future in (first, second)]
        store.is_cut_off = False

    assert errors == [CallError, CallError]
    assert opened(bucket).intents() == {}


def test_the_lock_brings_what_others_have_written(bucket: FakeBucket):
    """A ledger that was opened before another run wrote knows all of it once it holds the lock, and goes on."""
    early = opened(bucket)
    make(opened(bucket), ADDRESSES[0])
    stale = early.entries()

    make(early, ADDRESSES[1])

    assert stale == {}
    assert list(early.entries()) == ADDRESSES[:2]
    assert list(opened(bucket).entries()) == ADDRESSES[:2]


def test_what_is_written_over_is_gone_in_every_replay(bucket: FakeBucket):
    """A thing that is made again while others stand replaces its own row, not somebody else's, and leaves no second."""
    ledger = opened(bucket)
    with ledger.lock(ME):
        run = ledger.begin_run("apply", "digest")
        ledger.intend(run, [create(address) for address in ADDRESSES])
        ledger.settle(run, [Settlement(address, "made") for address in ADDRESSES])
        ledger.settle(run, [Settlement(ADDRESSES[0], "made", {"name": "another"})])

        seen = opened(bucket)

        assert seen.entries() == ledger.entries()
        assert seen.entries()[ADDRESSES[0]].resource == {"name": "another"}


def test_a_missing_segment_is_no_ledger(bucket: FakeBucket):
    """A hole between the snapshot and the last segment is an error that says so, not a shorter ledger."""
    held = opened(bucket)
    lock = held.lock(ME)
    lock.__enter__()
    for address in ADDRESSES:
        held.intend("run", [create(address)])
    del bucket.objects["segment-000000000002.json"]

    with pytest.raises(LedgerError, match="are missing"):
        opened(bucket)


def test_a_newer_ledger_is_refused(bucket: FakeBucket):
    """Segments for tables that this version does not know are refused, and say what helps."""
    held = opened(bucket)
    lock = held.lock(ME)
    lock.__enter__()
    held.begin_run("apply", "digest")
    body = bucket.objects["segment-000000000001.json"][0]
    bucket.written("segment-000000000001.json", body.replace(f'"version":{len(MIGRATIONS)}'.encode(), b'"version":99'))

    with pytest.raises(LedgerError, match="newer lakeshare"):
        opened(bucket)


@pytest.mark.parametrize(
    "change",
    ['["lock",1,{"only_one":1}]', '["sqlite_master",1,null]', '["entries",1,{"address":"x","kind) --":"y"}]', "[1]"],
)
def test_segments_of_others_run_no_sql(bucket: FakeBucket, change: str):
    """Whoever may write to the bucket can say which rows there are, and nothing else."""
    body = f'{{"format":1,"number":1,"version":1,"writer":"w","is_fence":false,"changes":[{change}]}}'
    bucket.written("segment-000000000001.json", body.encode())

    with pytest.raises(LedgerError):
        opened(bucket)


def _whole_life(ledger: Ledger, owner: LockOwner, done: Callable[[str], None]) -> None:
    """Two runs, told of step by step: what was told has returned, so it has to last."""
    with ledger.lock(owner):
        run = ledger.begin_run("apply", "digest")
        for address in ADDRESSES:
            ledger.intend(run, [create(address)])
            done(f"intended {address}")
            ledger.settle(run, [Settlement(address, "made")])
            done(f"made {address}")
        ledger.end_run(run, "ended")
    with ledger.lock(owner):
        run = ledger.begin_run("destroy", "digest")
        ledger.settle(run, [Settlement(ADDRESSES[0], "gone")])
        done(f"gone {ADDRESSES[0]}")


def _life_length() -> int:
    store = FakeBucket().store()
    _whole_life(opened(store.bucket, store), ME, lambda _word: None)
    return len(store.operations)


@pytest.mark.parametrize("acts_first", [False, True])
@pytest.mark.parametrize("moment", range(_life_length()))
def test_a_process_that_dies_at_any_operation_leaves_a_true_ledger(
    bucket: FakeBucket,
    moment: int,
    acts_first: bool,  # noqa: FBT001 - pytest names it
):
    """
    Wherever a run dies, all that it was told is written is there, one transaction more at most, and the next goes on.

    That holds for its writes, for taking and letting go of the lock, and for every step of the compaction.
    """
    dying = bucket.store()
    dying.dies_at, dying.acts_first = moment, acts_first
    told: list[str] = []
    with pytest.raises(KilledError):
        _whole_life(opened(bucket, dying), GONE, told.append)

    found = opened(bucket)
    entries, intents = found.entries(), found.intents()
    made = {word.split()[1] for word in told if word.startswith("made")}
    intended = {word.split()[1] for word in told if word.startswith("intended")}
    gone = {word.split()[1] for word in told if word.startswith("gone")}
    assert made - gone - {ADDRESSES[0]} <= set(entries)
    assert intended - gone - {ADDRESSES[0]} <= set(entries) | set(intents)
    assert len((set(entries) | set(intents)) - intended) <= 1
    assert not gone & set(entries)

    make(opened(bucket), "next")
    after = opened(bucket)
    assert set(after.entries()) == {*entries, "next"}
    assert after.intents() == intents
    assert after.lock_holder() is None
    assert sum(name.startswith("snapshot") for name in bucket.objects) == 1
