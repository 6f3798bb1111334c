"""Runs of the command line in a process of their own, killed at a call, at a word to the ledger, or at some moment."""

from __future__ import annotations

import io
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from tests.chaos.passage import Moment, Passage, Trap

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["boto3", "lakeshare.app", "lakeshare.cli.ending", "tests.chaos.killing"])


@dataclass(frozen=True, slots=True)
class Point:
    """
    Where a run is killed: at the *nth* ``call``, ``write``, or ``ledger`` word of *name*, or ``time``: *seconds* in.

    *moment* is before it, after it (the answer lost), or when the answer has been passed on.
    """

    sort: Literal["call", "write", "ledger", "time"]
    nth: int = 1
    moment: Moment = "after"
    name: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.sort == "time":
            return f"after {self.seconds:.3f} s"
        return f"{self.moment} {self.sort} {self.nth}{f' ({self.name})' if self.name else ''}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its exit code (negative: killed by that signal), at which call, and what it wrote."""

    code: int
    at: str
    text: str


def random_point(choose: Random) -> Point:
    """Choose a point of a run; those that a run does not come to let it end."""
    sort = choose.choice(("call", "write", "write", "write", "ledger", "ledger", "time"))
    moment: Moment = choice_of_moment(choose)
    most = choose.choice((3, 8, 16, 24))
    match sort:
        case "call":
            return Point("call", choose.randint(1, 4 * most), moment)
        case "write":
            return Point("write", choose.randint(1, most), moment)
        case "ledger":
            name = choose.choice(("intend", "intend", "settle", "settle", "settle", "forget", "begin_run", "end_run"))
            return Point("ledger", choose.randint(1, most) if name in ("intend", "settle") else 1, moment, name)
        case _:
            return Point("time", seconds=choose.uniform(0, 1.5))


def choice_of_moment(choose: Random) -> Moment:
    """Choose before, after or passed."""
    return choose.choice(("before", "after", "passed"))


def run_and_kill(
    passage: Passage,
    arguments: Sequence[str],
    point: Point | None,
    *,
    signal_number: int = signal.SIGKILL,
    file_limit: int = 0,
    trap: Trap | None = None,
) -> Ended:
    """
    Run ``lakeshare ARGUMENTS`` through *passage*, and send it *signal_number* at *point*.

    With *file_limit* no file may grow beyond so many bytes, as on a full disk. A *trap* of one's own takes the place
    of a point.
    """
    out: Any = _CONTEXT.Array("c", 200_000)
    bomb = (point.name, point.nth, point.moment) if point and point.sort == "ledger" else None
    victim: Any = _CONTEXT.Process(
        target=_victim,
        args=(
            [*arguments, "--endpoint-url", passage.endpoint_url],
            bomb,
            signal_number,
            file_limit,
            dict(os.environ),
            out,
        ),
    )
    if point and point.sort in ("call", "write"):
        trap = Trap(point.nth, point.moment, point.sort == "write", point.name, lambda: _signal(victim, signal_number))
    passage.trap = trap
    victim.start()
    if point and point.sort == "time":
        victim.join(point.seconds)
        _signal(victim, signal_number)
    victim.join(120)
    passage.trap = None
    if victim.exitcode is None:
        victim.kill()
        victim.join()
        raise TimeoutError(f"{arguments} did not end")
    at = trap.sprung_at if trap else (point.name if point else "")
    return Ended(victim.exitcode, at, out.value.decode(errors="replace"))


def _signal(victim: Any, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(victim.pid, number)


def _victim(
    arguments: Sequence[str],
    bomb: tuple[str, int, Moment] | None,
    signal_number: int,
    file_limit: int,
    environ: dict[str, str],
    out: Any,
) -> None:
    os.environ.update(environ)
    if file_limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
    if bomb:
        _plant_bomb(*bomb, signal_number)
    from lakeshare.cli.ending import run

    sys.stdout = sys.stderr = text = io.StringIO()
    code = run(list(arguments))
    out.value = text.getvalue().encode()[-190_000:]
    sys.exit(code)


def _plant_bomb(name: str, nth: int, moment: Moment, signal_number: int) -> None:
    """Make the *nth* word of this *name* to the ledger the last, said or unsaid."""
    from lakeshare.state.ledger import Ledger

    said = getattr(Ledger, name)
    count = iter(range(1, sys.maxsize))

    def bombed(*args: Any, **kwargs: Any) -> Any:
        is_it = next(count) == nth
        if is_it and moment == "before":
            os.kill(os.getpid(), signal_number)
        answer = said(*args, **kwargs)
        if is_it:
            os.kill(os.getpid(), signal_number)
        return answer

    setattr(Ledger, name, bombed)
