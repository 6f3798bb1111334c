"""
How long a command takes that asks nothing of AWS, from the shell's point of view.

    python bench/startup.py [times]

Each command is run that often (20 times when it is not said), all of them in turn, so that what else the machine does
meets them alike. The best of all runs is what the code costs; the median is what one meets. Beside the wall's time
stands the processor's, which other work on the machine does not stretch. Bare Python is the floor.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

TIMES = 20
LAKESHARE = str(Path(sys.executable).with_name("lakeshare"))


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, and within how many milliseconds it is to answer; None where nothing is promised."""

    name: str
    line: tuple[str, ...]
    most_ms: float | None = None
    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Run it once, and note what it took."""
        started = time.perf_counter()
        with subprocess.Popen(self.line, stdout=subprocess.DEVNULL) as child:
            _, status, used = os.wait4(child.pid, 0)
            self.wall_ms.append((time.perf_counter() - started) * 1000)
            child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0, self.line
        self.cpu_ms.append((used.ru_utime + used.ru_stime) * 1000)


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    commands = (
        Command("python -c pass", (sys.executable, "-c", "pass")),
        Command("lakeshare --version", (LAKESHARE, "--version"), 150),
        Command("lakeshare --help", (LAKESHARE, "--help"), 250),
        Command("lakeshare plan --help", (LAKESHARE, "plan", "--help")),
        Command("lakeshare tables", (LAKESHARE, "tables")),
    )
    for command in commands:
        command.run()  # what is read from the disk for the first time is read before
        command.wall_ms.clear()
        command.cpu_ms.clear()
    for _ in range(times):
        for command in commands:
            command.run()
    print("| command | best, ms | median, ms | processor, median, ms | promised, ms |\n| --- | --- | --- | --- | --- |")
    for command in commands:
        figures = (min(command.wall_ms), median(command.wall_ms), median(command.cpu_ms))
        promised = f"{command.most_ms:.0f}" if command.most_ms else ""
        print(f"| `{command.name}` | {' | '.join(f'{figure:.0f}' for figure in figures)} | {promised} |")


if __name__ == "__main__":
    main()
