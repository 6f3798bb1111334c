from __future__ import annotations

import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from lakeshare.errors import LedgerError, UsageError
from lakeshare.state.ledger import Entry, Intent, Ledger, LockOwner, Settlement, open_ledger
from tests.fakes.clock import FakeClock
from tests.fakes.object_store import FakeBucket

LINK = "consumer/ap-southeast-2/link:connect_analytics_consumer.contact_record"
DATABASE = "consumer/ap-southeast-2/database:connect_analytics_consumer"


def create(address: str = LINK, *, absent_at: float | None = 7.0) -> Intent:
    return Intent(address, "resource_link", "create", {"name": "contact_record"}, (DATABASE,), absent_at)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "down" / "lake.db"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ledger(path: Path, clock: FakeClock) -> Iterator[Ledger]:
    with Ledger.open(path, clock=clock.now) as opened:
        yield opened


def test_file_and_folders_are_the_owners_alone(path: Path, ledger: Ledger):
    """A new ledger can be read by its owner only, and so can its journal and the folders made for it."""
    ledger.intend(ledger.begin_run("apply", "digest"), [create()])

    files = [file for file in path.parent.iterdir() if file.is_file()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert path.with_name("lake.db-wal") in files
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)} == {0o700}


def test_existing_folder_keeps_its_mode(tmp_path: Path):
    """A folder that was there before is left as it is."""
    tmp_path.chmod(0o755)

    Ledger.open(tmp_path / "lake.db").close()

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_planning_makes_no_files(path: Path):
    """Opened without ``create``, a missing ledger is empty, works, and leaves nothing behind."""
    with Ledger.open(path, create=False) as ledger:
        ledger.intend(ledger.begin_run("plan", "digest"), [create()])
        assert list(ledger.intents()) == [LINK]

    assert not path.parent.exists()


def test_what_is_made_is_an_entry(ledger: Ledger, clock: FakeClock):
    """An intent that was carried out becomes an entry, with what came of it, when, and by which run."""
    run = ledger.begin_run("apply", "digest")
    ledger.intend(run, [create()])
    clock.advance(3)

    ledger.settle(run, [Settlement(LINK, "made", {"name": "contact_record", "owner": "999999999999"})])

    assert ledger.intents() == {}
    assert ledger.entries() == {
        LINK: Entry(
            LINK,
            "resource_link",
            {"name": "contact_record", "owner": "999999999999"},
            (DATABASE,),
            clock.now(),
            run,
        )
    }
    assert ledger.get(LINK) == ledger.entries()[LINK]
    assert ledger.get("elsewhere") is None


def test_as_intended_is_the_default(ledger: Ledger):
    """Without a resource of its own a settlement records what was intended."""
    run = ledger.begin_run("apply", "digest")
    ledger.intend(run, [create()])

    ledger.settle(run, [Settlement(LINK, "made")])

    assert ledger.entries()[LINK].resource == {"name": "contact_record"}


def test_update_keeps_the_birthday_and_replace_does_not(ledger: Ledger, clock: FakeClock):
    """An updated thing is as old as before, a replaced one is new; both name the run that wrote them last."""
    first = ledger.begin_run("apply", "digest")
    ledger.intend(first, [create()])
    ledger.settle(first, [Settlement(LINK, "made")])
    born = clock.now()
    clock.advance(10)
    second = ledger.begin_run("apply", "digest")

    ledger.intend(second, [Intent(LINK, "resource_link", "update", {"name": "b"}, (), None)])
    ledger.settle(second, [Settlement(LINK, "made")])
    updated = ledger.entries()[LINK]
    ledger.intend(second, [Intent(LINK, "resource_link", "replace", {"name": "c"}, (), None)])
    ledger.settle(second, [Settlement(LINK, "made")])

    assert (updated.made_at, updated.run_id, updated.resource) == (born, second, {"name": "b"})
    assert ledger.entries()[LINK].made_at == clock.now()


def test_what_is_gone_is_no_entry(ledger: Ledger):
    """Something deleted leaves the ledger."""
    run = ledger.begin_run("apply", "digest")
    ledger.intend(run, [create()])
    ledger.settle(run, [Settlement(LINK, "made")])
    ledger.intend(run, [Intent(LINK, "resource_link", "delete", {}, (), None)])

    ledger.settle(run, [Settlement(LINK, "gone")])

    assert ledger.entries() == {}
    assert ledger.intents() == {}


def test_undone_leaves_the_entry_as_before(ledger: Ledger):
    """An intent without effect changes nothing about what was there."""
    run = ledger.begin_run("apply", "digest")
    ledger.intend(run, [create()])
    ledger.settle(run, [Settlement(LINK, "made")])
    before = ledger.entries()
    ledger.intend(run, [Intent(LINK, "resource_link", "update", {"name": "other"}, (), None)])

    ledger.settle(run, [Settlement(LINK, "undone", error="denied")])

    assert ledger.entries() == before
    assert ledger.intents() == {}


def test_undone_opens_again_what_gave_way_to_it(ledger: Ledger):
    """A refused call says nothing of an earlier one for the same thing, whose outcome nobody has learnt."""
    run = ledger.begin_run("apply", "digest")
    ledger.intend(run, [create()])
    ledger.intend(run, [Intent(LINK, "resource_link", "delete", {"name": "contact_record"}, (), None)])

    ledger.settle(run, [Settlement(LINK, "undone", error="denied")])

    assert ledger.intents() == {LINK: create()}


def test_unknown_stays_open(ledger: Ledger):
    """An intent of which nobody can tell what became stays open for the next run."""
    run = ledger.begin_run("apply", "digest")
    ledger.intend(run, [create()])

    ledger.settle(run, [Settlement(LINK, "unknown", error="connection broke")])

    assert ledger.intents() == {LINK: create()}


def test_next_run_settles_what_an_earlier_one_began(ledger: Ledger):
    """A later run may say what became of an intent that a killed run has left open."""
    ledger.intend(ledger.begin_run("apply", "digest"), [create()])
    later = ledger.begin_run("apply", "digest")

    ledger.settle(later, [Settlement(LINK, "made")])

    assert ledger.entries()[LINK].run_id == later


def test_new_intent_inherits_the_observed_absence(ledger: Ledger):
    """When a later run intends something for the same address, what was known of its absence is not lost."""
    ledger.intend(ledger.begin_run("apply", "digest"), [create(absent_at=7.0)])

    ledger.intend(ledger.begin_run("apply", "digest"), [Intent(LINK, "resource_link", "update", {}, (), None)])

    assert ledger.intents() == {LINK: Intent(LINK, "resource_link", "update", {}, (), 7.0)}


def test_nothing_is_ours_that_was_never_intended(ledger: Ledger):
    """Something said to be made without an intent or an entry is refused, and so is all that was said with it."""
    run = ledger.begin_run("apply", "digest")
    ledger.intend(run, [create()])

    with pytest.raises(LedgerError, match="nobody intended"):
        ledger.settle(run, [Settlement(LINK, "made"), Settlement("elsewhere", "made")])

    assert ledger.entries() == {}
    assert list(ledger.intents()) == [LINK]


def test_forgotten_is_ours_no_more(ledger: Ledger):
    """Forgetting drops the entry and what was intended for it."""
    run = ledger.begin_run("apply", "digest")
    ledger.intend(run, [create(), create(DATABASE)])
    ledger.settle(run, [Settlement(LINK, "made")])

    ledger.forget([LINK, DATABASE, "never heard of"])

    assert ledger.entries() == {}
    assert ledger.intents() == {}


def test_renamed_things_keep_their_history(ledger: Ledger, clock: FakeClock):
    """What is made and what is begun go to their new addresses; when it was made and by which run stays."""
    run = ledger.begin_run("apply", "digest")
    ledger.intend(run, [create()])
    ledger.settle(run, [Settlement(LINK, "made")])
    ledger.intend(run, [create(DATABASE)])
    clock.advance(60)
    made, begun = ledger.entries()[LINK], ledger.intents()[DATABASE]
    link, database = LINK.replace("consumer/", "analytics/"), DATABASE.replace("consumer/", "analytics/")

    ledger.rename(
        {LINK: replace(made, address=link, depends_on=(database,))}, {DATABASE: replace(begun, address=database)}
    )

    assert ledger.entries() == {link: replace(made, address=link, depends_on=(database,))}
    assert ledger.intents() == {database: replace(begun, address=database)}


def test_a_rename_that_collides_changes_nothing(ledger: Ledger):
    """When something else is at a new address, everything stays where it is."""
    run = ledger.begin_run("apply", "digest")
    ledger.intend(run, [create(), create(DATABASE)])
    ledger.settle(run, [Settlement(LINK, "made"), Settlement(DATABASE, "made")])
    before = ledger.entries()
    other = LINK.replace("consumer/", "analytics/")
    ledger.intend(run, [create(other)])
    ledger.settle(run, [Settlement(other, "made")])

    with pytest.raises(LedgerError):
        ledger.rename(
            {
                DATABASE: replace(before[DATABASE], address=DATABASE.replace("consumer/", "analytics/")),
                LINK: replace(before[LINK], address=other),
            },
            {},
        )

    assert ledger.entries().keys() == {*before, other}


def test_guards_are_remembered_by_address(ledger: Ledger):
    """What is remembered is replaced whole, dropped on request, goes along with a rename, and leaves the serial be."""
    run = ledger.begin_run("apply", "digest")
    ledger.intend(run, [create()])
    ledger.settle(run, [Settlement(LINK, "made")])
    before = ledger.serial

    ledger.guard({LINK: {"shares": ["old"]}, DATABASE: {"shares": []}, "gone": {"shares": []}})
    ledger.guard({LINK: {"shares": ["s"]}, "gone": None})
    serial = ledger.serial
    ledger.rename({LINK: replace(ledger.entries()[LINK], address="analytics/link")}, {})

    assert serial == before
    assert ledger.guards() == {"analytics/link": {"shares": ["s"]}, DATABASE: {"shares": []}}


def test_serial_counts_what_changes_and_nothing_else(ledger: Ledger):
    """The serial goes up with intents, settlements and forgetting, not with runs that change nothing, nor reading."""
    run = ledger.begin_run("apply", "digest")
    ledger.end_run(run, "ok")
    ledger.entries()
    assert ledger.serial == 0

    ledger.intend(run, [create(), create(DATABASE)])
    assert ledger.serial == 1
    ledger.settle(run, [Settlement(LINK, "made")])
    assert ledger.serial == 2
    ledger.forget([LINK])
    assert ledger.serial == 3


def test_history_tells_runs_and_what_became_of_them(ledger: Ledger, clock: FakeClock):
    """The history tells each run, newest first: who, when, how it ended, and its intents by outcome."""
    first = ledger.begin_run("apply", "digest-1")
    ledger.intend(first, [create(), create(DATABASE)])
    ledger.settle(first, [Settlement(LINK, "made")])
    clock.advance(5)
    ledger.end_run(first, "failed")
    ledger.begin_run("destroy", "digest-2")

    newest, oldest = ledger.history()

    assert (newest.command, newest.ended_at, newest.status, newest.outcomes) == ("destroy", None, None, {})
    assert (oldest.run_id, oldest.command, oldest.spec_digest) == (first, "apply", "digest-1")
    assert oldest.user
    assert oldest.host
    assert oldest.ended_at is not None
    assert oldest.ended_at - oldest.started_at == 5
    assert (oldest.status, oldest.outcomes) == ("failed", {"made": 1, "open": 1})
    assert [run.command for run in ledger.history(limit=1)] == ["destroy"]
    assert (ledger.run(first), ledger.run("nobody's")) == (oldest, None)


def test_run_ids_sort_by_time(ledger: Ledger, clock: FakeClock):
    """A later run has a greater id, and ids are short."""
    ids = []
    for _ in range(3):
        ids.append(ledger.begin_run("apply", "digest"))
        clock.advance(1)

    assert ids == sorted(ids)
    assert len(ids[0]) <= 24


def test_another_process_sees_what_was_written(path: Path, ledger: Ledger):
    """What one connection has written another one reads at once."""
    run = ledger.begin_run("apply", "digest")
    ledger.intend(run, [create()])

    with Ledger.open(path, create=False) as other:
        assert other.intents() == {LINK: create()}


def test_many_threads_write_at_once(ledger: Ledger):
    """Intents and settlements from many threads all arrive, and each transaction is counted."""
    run = ledger.begin_run("apply", "digest")

    def make(number: int) -> None:
        address = f"link{number}"
        ledger.intend(run, [create(address)])
        ledger.entries()
        ledger.settle(run, [Settlement(address, "made")])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(64)))

    assert len(ledger.entries()) == 64
    assert ledger.intents() == {}
    assert ledger.serial == 128


def test_two_connections_write_at_once(path: Path, ledger: Ledger):
    """Two openings of one file wait for each other instead of failing."""

    def write(opened: Ledger, prefix: str) -> None:
        run = opened.begin_run("apply", "digest")
        for number in range(25):
            opened.intend(run, [create(f"{prefix}{number}")])

    with Ledger.open(path) as other:
        threads = [threading.Thread(target=write, args=each) for each in ((ledger, "a"), (other, "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(other.intents()) == 50
        assert other.serial == 50


KILLED = """
import os, signal, sys
from pathlib import Path
from lakeshare.state.ledger import Intent, Ledger, LockOwner, Settlement

ledger = Ledger.open(Path(sys.argv[1]))
run = ledger.begin_run("apply", "digest")
with ledger.lock(LockOwner.current(run)):
    ledger.intend(run, [Intent("done", "link", "create", {"n": 1}, (), 5.0)])
    ledger.settle(run, [Settlement("done", "made")])
    ledger.intend(run, [Intent("begun", "link", "create", {"n": 2}, (), 6.0)])
    print("intended", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_between_intent_and_settlement(path: Path):
    """A process killed in the middle leaves its intent on disk and a lock that the next run takes over."""
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout == "intended\n"

    with Ledger.open(path) as ledger:
        assert list(ledger.entries()) == ["done"]
        assert ledger.intents() == {"begun": Intent("begun", "link", "create", {"n": 2}, (), 6.0)}
        assert ledger.history()[0].status is None
        assert ledger.lock_holder() is not None
        with ledger.lock(LockOwner.current(ledger.begin_run("apply", "digest"))):
            ledger.settle("later", [Settlement("begun", "undone")])
        assert ledger.intents() == {}


def test_what_is_no_database_is_refused(tmp_path: Path):
    """A file that is something else is named and left alone."""
    path = tmp_path / "notes.txt"
    path.write_text("dear diary " * 100)

    with pytest.raises(LedgerError, match=r"notes\.txt"):
        Ledger.open(path)

    assert path.read_text().startswith("dear diary")


def test_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    """A path that leads through a file is a LedgerError that names it."""
    (tmp_path / "file").write_text("")

    with pytest.raises(LedgerError, match=r"lake\.db"):
        Ledger.open(tmp_path / "file" / "lake.db")


def test_resources_must_be_json(ledger: Ledger):
    """Something that is no JSON is refused before anything is written."""
    run = ledger.begin_run("apply", "digest")

    with pytest.raises(TypeError):
        ledger.intend(run, [create(), Intent("b", "k", "create", {"x": object()}, (), None)])

    assert ledger.intents() == {}


def test_default_place_is_beside_the_spec(tmp_path: Path):
    """Without ``--state`` the ledger lies in a folder of its own beside the spec, under the spec's name."""
    open_ledger(None, tmp_path, "connect-analytics", create=True).close()

    assert (tmp_path / ".lakeshare" / "connect-analytics.db").exists()


def test_place_may_be_a_url_or_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A plain path, a relative and an absolute sqlite URL each name a file."""
    monkeypatch.chdir(tmp_path)
    for place in ("plain.db", "sqlite:///relative.db", f"sqlite:///{tmp_path}/absolute.db"):
        open_ledger(place, Path("nowhere"), "x", create=True).close()

    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["absolute.db", "plain.db", "relative.db"]


def test_an_s3_url_is_for_whoever_knows_s3(tmp_path: Path):
    """The objects behind an S3 URL come from whoever opens the ledger; without any it is no place."""
    bucket = FakeBucket()

    with open_ledger("s3://bucket/key", tmp_path, "x", create=True, store_at=bucket.store) as ledger:
        assert ledger.entries() == {}
    with pytest.raises(UsageError, match="s3://bucket/key"):
        open_ledger("s3://bucket/key", tmp_path, "x", create=True)


def test_unknown_place_is_wrong_usage(tmp_path: Path):
    """Any other kind of URL is wrong usage."""
    with pytest.raises(UsageError):
        open_ledger("postgres://there", tmp_path, "x", create=True)


def test_closing_twice_is_fine(path: Path):
    """A ledger may be closed again."""
    ledger = Ledger.open(path)
    ledger.close()
    ledger.close()

    assert path.exists()
