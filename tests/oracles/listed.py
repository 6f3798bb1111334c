"""differences.md as data: which of moto's tests fail against the sandbox, and for which rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("differences.md")

_MODULE = re.compile(r"## `(?P<path>tests/\S+\.py)`")
_QUOTED = re.compile(r"`([^`]+)`")
_RULE = re.compile(r"[a-z][a-z-]*(\.[a-z][a-z0-9-]*)+")


@dataclass(frozen=True, slots=True)
class Difference:
    """
    A test that fails: ``test`` is its id, which without brackets stands for all of its parameters.

    Without ``rules`` AWS takes what it does and answers otherwise, for which ``source`` is where that is said.
    """

    test: str
    rules: frozenset[str]
    source: str

    def is_about(self, test: str) -> bool:
        """Whether *test* is this one, or this one with some parameters."""
        return test in {self.test, self.test + test[len(test.partition("[")[0]) :]}


def differences() -> Iterator[Difference]:
    """Yield what the tables of differences.md list, a test at a time."""
    module = ""
    for line in LIST.read_text().splitlines():
        if line.startswith("## "):
            heading = _MODULE.fullmatch(line)
            module = heading["path"] if heading else ""
        elif module and line.startswith("| `"):
            tests, _, why = (cell.strip() for cell in line.strip("|").split(" | "))
            rules = frozenset(each for each in _QUOTED.findall(why) if _RULE.fullmatch(each))
            for test in _QUOTED.findall(tests):
                yield Difference(f"{module}::{test}", rules, why)
