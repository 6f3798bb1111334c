"""Runs a program and measures it: how long it took, what it used of the cores and of the memory, children included."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK_EVERY_SECONDS = 0.05
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Cost:
    """
    What a program took.

    ``cpu_seconds`` includes all its children; ``peak_bytes`` is the most that it and its children held in memory
    together, looked at twenty times a second (pages that they share count for each).
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


class ProgramError(Exception):
    """A program ended with another exit code than it should have."""


def measured(command: Sequence[str], environ: Mapping[str, str], folder: Path) -> Cost:
    """Run *command* in *folder* and return what it took. Raises ProgramError with what it said when it fails."""
    told = folder / "told.txt"
    with told.open("wb") as output:
        started = time.perf_counter()
        program = subprocess.Popen(
            command, env=dict(environ), cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        peak = 0
        while True:
            ended, status, usage = os.wait4(program.pid, os.WNOHANG)
            if ended:
                break
            peak = max(peak, _memory_of(program.pid))
            time.sleep(LOOK_EVERY_SECONDS)
        wall = time.perf_counter() - started
        program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode:
        said = told.read_text(encoding="utf-8", errors="replace")[-4000:]
        raise ProgramError(f"{' '.join(command)} exited with {program.returncode}\n{said}")
    # A short run may end between two looks; the system has kept the most that the largest of them had.
    return Cost(wall, usage.ru_utime + usage.ru_stime, max(peak, usage.ru_maxrss * 1024))


def _memory_of(root: int) -> int:
    """Return the bytes that *root* and all below it hold at this moment; 0 where the system does not say."""
    total = 0
    for process in _family(root):
        try:
            total += int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES
        except (OSError, IndexError):
            continue
    return total


def _family(root: int) -> Iterator[int]:
    yield root
    try:
        children = [
            int(child)
            for thread in Path(f"/proc/{root}/task").iterdir()
            for child in (thread / "children").read_text(encoding="ascii").split()
        ]
    except OSError:
        return
    for child in children:
        yield from _family(child)
