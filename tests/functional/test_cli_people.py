"""A person in front of a terminal: being asked, being shown progress, pressing Ctrl-C."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from lakeshare.state.ledger import LockOwner, open_ledger
from tests.functional.accounts import PRODUCER, Accounts
from tests.functional.command_line import Desk


@dataclass(frozen=True, slots=True)
class Terminal:
    """A command that runs on a terminal of its own."""

    command: subprocess.Popen[bytes]
    controller: int

    def until(self, text: str, seconds: float = 60) -> str:
        """Read what is shown until *text* is, and return all of it."""
        shown = ""
        end = time.monotonic() + seconds
        while text not in shown:
            left = end - time.monotonic()
            ready, _, _ = select.select([self.controller], [], [], max(left, 0))
            assert ready, f"{text!r} was not shown within {seconds} s, but: {shown}"
            more = self._read()
            assert more, f"{text!r} was not shown before the end, but: {shown}"
            shown += more
        return shown

    def type(self, text: str) -> None:
        """Type *text*."""
        os.write(self.controller, text.encode())

    def ended(self, seconds: float = 60) -> tuple[int, str]:
        """Return the exit code and what was still shown."""
        shown = "".join(iter(self._read, ""))
        return self.command.wait(seconds), shown

    def _read(self) -> str:
        try:
            return os.read(self.controller, 65536).decode(errors="replace")
        except OSError:  # Linux says so when the other side is closed
            return ""


Start = Callable[..., Terminal]


def answered(terminal: Terminal, answer: str) -> tuple[int, str]:
    """Give *answer* to the question that *terminal* asks; return the exit code and what was shown before."""
    shown = terminal.until("Only `yes` does it: ")
    terminal.type(answer)
    return terminal.ended()[0], shown


def approved_at(start: Start, desk: Desk, *, latency_ms: int) -> Terminal:
    """Return an apply in its middle, with each of its calls taking *latency_ms* longer."""
    terminal = start("apply")
    terminal.until("Only `yes` does it: ")
    desk.accounts.control("latency", {"ms": latency_ms})
    terminal.type("yes\n")
    terminal.until(" of ")
    return terminal


@pytest.fixture
def start(desk: Desk) -> Iterator[Start]:
    """Start a command on a terminal of 100 columns."""
    started: list[Terminal] = []

    def on_terminal(*arguments: str) -> Terminal:
        controller, side = pty.openpty()
        command = subprocess.Popen(
            [sys.executable, "-m", "lakeshare", *arguments, *desk.flags],
            stdin=side,
            stdout=side,
            stderr=side,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        )
        os.close(side)
        started.append(Terminal(command, controller))
        return started[-1]

    yield on_terminal
    for terminal in started:
        terminal.command.kill()
        terminal.command.wait()
        os.close(terminal.controller)


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two tables to share."""
    found = Desk(accounts, monkeypatch)
    found.share("users", "contact_record")
    return found


def test_a_plan_is_carried_out_on_a_yes(desk: Desk, start: Start) -> None:
    """Apply shows the plan in colours, asks, and does it when the answer is yes."""
    terminal = start("apply")

    shown = terminal.until("Only `yes` does it: ")
    terminal.type("yes\n")
    code, rest = terminal.ended()

    assert " to create" in shown
    assert "\x1b[32m+ \x1b[0m" in shown
    assert code == 0
    assert " created." in rest
    assert "users_link" in str(desk.accounts.grants())


@pytest.mark.parametrize("answer", ["no\n", "y\n", "\n", "\x04"])
def test_anything_but_yes_is_a_no(desk: Desk, start: Start, answer: str) -> None:
    """Any other answer, and the end of input, changes nothing and exits with 1."""
    before = desk.accounts.everything()

    code, _ = answered(start("apply"), answer)

    assert code == 1
    assert desk.accounts.everything() == before


def test_ctrl_c_at_the_question_changes_nothing(desk: Desk, start: Start) -> None:
    """An interruption before anything was approved ends at once with 130, and the ledger is free again."""
    before = desk.accounts.everything()

    terminal = start("apply")
    terminal.until("Only `yes` does it: ")
    terminal.command.send_signal(signal.SIGINT)
    code, rest = terminal.ended()

    assert code == 130
    assert "safe to run again" in rest
    assert desk.accounts.everything() == before
    assert desk("apply", "--auto-approve").code == 0


def test_proofs_are_counted_as_they_come(desk: Desk, start: Start) -> None:
    """Verify on a terminal tells how many proofs there are so far, and leaves nothing of that behind but the report."""
    desk("apply", "--auto-approve")

    terminal = start("verify")
    shown = terminal.until("asking as each reader: ")
    code, rest = terminal.ended()

    assert code == 0
    # On a busy machine the report may come in the same read as the counting.
    assert "2 passed, 0 failed." in shown + rest


def test_ctrl_c_while_looking_leaves_soon(desk: Desk, start: Start) -> None:
    """A plan changes nothing, so one Ctrl-C ends it without waiting for the answers to its reads."""
    desk.accounts.control("latency", {"ms": 10_000})

    terminal = start("plan")
    terminal.until("looking at what is there")
    began = time.monotonic()
    terminal.command.send_signal(signal.SIGINT)
    code, rest = terminal.ended()
    took = time.monotonic() - began
    desk.accounts.control("latency", {"ms": 0})

    assert code == 130
    assert "interrupted; safe to run again" in rest
    assert took < 5


def test_ctrl_c_in_the_middle_finishes_what_flies(desk: Desk, start: Start) -> None:
    """The first Ctrl-C lets calls end, lists what is left, exits with 130; the next run goes on from there."""
    terminal = approved_at(start, desk, latency_ms=150)
    terminal.command.send_signal(signal.SIGINT)
    code, rest = terminal.ended()
    desk.accounts.control("latency", {"ms": 0})
    again = desk("apply", "--auto-approve")

    assert code == 130
    assert "Interrupted: " in rest
    assert "not begun:" in rest
    assert again.code == 0
    assert desk("plan", "--detailed-exitcode").code == 0


def test_a_second_ctrl_c_leaves_at_once(desk: Desk, start: Start) -> None:
    """The second Ctrl-C does not wait for calls in flight; the next run takes the lock over and converges."""
    terminal = approved_at(start, desk, latency_ms=5000)
    terminal.command.send_signal(signal.SIGINT)
    terminal.until("Ctrl-C again leaves at once")
    began = time.monotonic()
    terminal.command.send_signal(signal.SIGINT)
    code, rest = terminal.ended()
    took = time.monotonic() - began
    desk.accounts.control("latency", {"ms": 0})

    assert code == 130
    assert took < 3
    assert "left at once; what was under way is in the ledger; safe to run again" in rest
    assert desk("apply", "--auto-approve").code == 0
    assert desk("plan", "--detailed-exitcode").code == 0


def test_a_second_ctrl_c_leaves_a_document(desk: Desk) -> None:
    """Under --json what is left at once still answers with one document, which says that it was interrupted."""
    desk.accounts.control("latency", {"ms": 1500})
    command = subprocess.Popen(
        [sys.executable, "-m", "lakeshare", "apply", "--auto-approve", "--json", *desk.flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    while "connect:BatchAssociateAnalyticsDataSet" not in desk.accounts.asked("calls").get(PRODUCER, {}):
        assert command.poll() is None
    assert command.stderr is not None
    command.send_signal(signal.SIGINT)
    while b"Ctrl-C again" not in command.stderr.readline():
        assert command.poll() is None
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=60)
    desk.accounts.control("latency", {"ms": 0})

    assert command.returncode == 130
    assert json.loads(out) == {"format_version": "1.0", "command": "apply", "status": "interrupted"}
    assert b"safe to run again" in err


def test_unlocking_asks(desk: Desk, start: Start) -> None:
    """`state unlock` names the holder and takes nothing but yes for an answer."""
    with open_ledger(None, desk.accounts.folder, "connect-analytics", create=True) as ledger:
        owner = LockOwner.current(ledger.begin_run("apply", "digest"))
        with ledger.lock(owner):
            declined, shown = answered(start("state", "unlock"), "no\n")
            granted, _ = answered(start("state", "unlock"), "yes\n")
            afterwards = desk("state", "unlock")

    assert f"pid {os.getpid()}" in shown
    assert (declined, granted) == (1, 0)
    assert "nobody holds the ledger" in afterwards.err
