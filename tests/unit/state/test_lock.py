from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lakeshare.errors import LockedError
from lakeshare.state import lock
from lakeshare.state.ledger import Ledger
from lakeshare.state.lock import LockOwner, process_start

ME = LockOwner.current("20260101T000000-abcd")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "lake.db") as opened:
        yield opened


@pytest.fixture
def neighbour() -> Iterator[LockOwner]:
    """Another process of this host that is alive."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield replace(ME, pid=process.pid, process_start=process_start(process.pid) or "", run_id="other")
        process.kill()


def gone(neighbour: LockOwner) -> LockOwner:
    """A process that has ended, with the pid it had."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        start = process_start(process.pid) or ""
        process.kill()
    return replace(neighbour, pid=process.pid, process_start=start)


def test_lock_is_held_and_let_go(ledger: Ledger):
    """Inside the block the ledger says who holds it, afterwards nobody does."""
    with ledger.lock(ME):
        holder = ledger.lock_holder()
        assert holder is not None
        assert f"pid {ME.pid}" in holder

    assert ledger.lock_holder() is None


def test_lock_is_let_go_after_an_error(ledger: Ledger):
    """An error inside the block does not leave the lock behind."""
    with pytest.raises(ZeroDivisionError), ledger.lock(ME):
        _ = 1 / 0

    assert ledger.lock_holder() is None


def test_live_process_keeps_its_lock(ledger: Ledger, neighbour: LockOwner):
    """A lock whose process is alive is refused with who, where, which process and since when."""
    with ledger.lock(neighbour), pytest.raises(LockedError) as caught, ledger.lock(ME):
        pytest.fail("locked twice")

    assert caught.value.exit_code == 4
    for piece in (neighbour.user, neighbour.host, f"pid {neighbour.pid}", "run other", "since 20"):
        assert piece in caught.value.owner
    assert caught.value.hint is not None


def test_same_process_cannot_lock_twice(ledger: Ledger):
    """A second run in the same process is another run."""
    with ledger.lock(ME), pytest.raises(LockedError), ledger.lock(replace(ME, run_id="second")):
        pytest.fail("locked twice")


def test_dead_process_loses_its_lock(ledger: Ledger, neighbour: LockOwner):
    """A lock whose process is gone from this host is taken over."""
    dead = gone(neighbour)

    with ledger.lock(dead), ledger.lock(ME):
        holder = ledger.lock_holder()

    assert holder is not None
    assert f"pid {ME.pid}" in holder


def test_reused_pid_is_another_process(ledger: Ledger, neighbour: LockOwner):
    """A living process with the pid of the one that locked, but another start, holds nothing."""
    reused = replace(neighbour, process_start=f"{neighbour.process_start}0")

    with ledger.lock(reused), ledger.lock(ME):
        assert ledger.lock_holder() is not None


def test_other_host_keeps_its_lock(ledger: Ledger, neighbour: LockOwner):
    """Whether a process of another host is alive cannot be seen from here, so its lock stands."""
    elsewhere = replace(gone(neighbour), host="elsewhere")

    with ledger.lock(elsewhere), pytest.raises(LockedError, match="elsewhere"), ledger.lock(ME):
        pytest.fail("locked twice")


def test_other_container_keeps_its_lock(ledger: Ledger, neighbour: LockOwner):
    """The same pid in another container is not ours to judge, even where both have one host name."""
    other = replace(gone(neighbour), pid_namespace="pid:[1]")

    with ledger.lock(other), pytest.raises(LockedError), ledger.lock(ME):
        pytest.fail("locked twice")


@pytest.mark.skipif(not ME.boot_id, reason="this system does not number its boots")
def test_lock_from_before_a_reboot_is_void(ledger: Ledger, neighbour: LockOwner):
    """No process survives a reboot of its host."""
    before = replace(neighbour, boot_id="another boot", pid_namespace="pid:[1]")

    with ledger.lock(before), ledger.lock(ME):
        assert ledger.lock_holder() is not None


def test_late_release_does_not_free_the_next_ones_lock(ledger: Ledger, neighbour: LockOwner):
    """A run whose lock was taken away does not release the lock of the run that took it."""
    with ledger.lock(neighbour):
        ledger.force_unlock()
        mine = ledger.lock(ME)
        mine.__enter__()

    assert ledger.lock_holder() is not None
    mine.__exit__(None, None, None)
    assert ledger.lock_holder() is None


def test_force_takes_any_lock_away(ledger: Ledger, neighbour: LockOwner):
    """With force the lock goes, whoever holds it."""
    with ledger.lock(replace(neighbour, host="elsewhere")):
        ledger.force_unlock()

        assert ledger.lock_holder() is None


def test_lock_does_not_move_the_serial(ledger: Ledger):
    """Locking changes nothing of what a plan was made from."""
    with ledger.lock(ME):
        pass

    assert ledger.serial == 0


def test_processes_are_told_apart_without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, neighbour: LockOwner):
    """Where there is no /proc (macOS), ps tells the same: alive with a start, or gone."""
    if not Path("/bin/ps").exists():
        pytest.skip("no ps here")
    monkeypatch.setattr(lock, "_PROC", tmp_path)

    start = process_start(neighbour.pid)

    assert start
    assert process_start(neighbour.pid) == start
    assert process_start(gone(neighbour).pid) is None
