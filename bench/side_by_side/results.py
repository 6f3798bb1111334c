"""The table of what was measured, and what became of the targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

TEN_TIMES = 10.0
OF_THE_BOUND = 1.1


@dataclass(frozen=True, slots=True)
class Row:
    """
    One stage of one tool's run.

    ``calls_seconds`` are those from the first call to the last answer, ``answer_seconds`` those that the answers took
    added up, ``start_seconds`` what starting the tool takes as often as the stage starts it, ``bound_seconds`` what its
    limited calls take at the rate that they are admitted at (0 without a limit).
    """

    tool: str
    stage: str
    readers: int
    tables: int
    grants: int
    conditions: str
    wall_seconds: float
    calls_seconds: float
    answer_seconds: float
    start_seconds: float
    cpu_seconds: float
    peak_mb: float
    calls: int
    throttled: int
    failed: int
    bound_seconds: float

    @property
    def cell(self) -> tuple[int, int, str, str]:
        """What rows of different tools must have in common to be compared."""
        return (self.readers, self.tables, self.conditions, self.stage)

    @property
    def without_start(self) -> float:
        """The seconds without those of starting: a loop of programs starts between its calls, others before them."""
        return self.answer_seconds if self.tool == "aws-cli" else self.calls_seconds


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a target was met, and the figures that say so."""

    target: str
    is_met: bool
    told: str

    def __str__(self) -> str:
        return f"{'met   ' if self.is_met else 'MISSED'}  {self.target}: {self.told}"


HEAD = (
    "| readers | conditions | stage | tool | wall s | without start s | CPU s | peak MB | calls | throttled |",
    "| ---: | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
)


def line(row: Row) -> str:
    """Return *row* as a line of the table."""
    return (
        f"| {row.readers} | {row.conditions} | {row.stage} | {row.tool} | {row.wall_seconds:.2f} |"
        f" {row.without_start:.2f} | {row.cpu_seconds:.2f} | {row.peak_mb:.0f} | {row.calls} | {row.throttled} |"
    )


def verdicts(rows: Sequence[Row]) -> Iterator[Verdict]:
    """Compare lakeshare with the others, cell by cell."""
    for ours in (row for row in rows if row.tool == "lakeshare"):
        others = {row.tool: row for row in rows if row.cell == ours.cell}
        where = f"{ours.readers} readers of {ours.tables} tables, {ours.conditions}, {ours.stage}"
        if "terraform" in others:
            yield _against_terraform(where, ours, others["terraform"])
        if "boto3" in others:
            yield _against_boto3(where, ours, others["boto3"])


def _against_terraform(where: str, ours: Row, theirs: Row) -> Verdict:
    ratio = theirs.wall_seconds / ours.wall_seconds
    bound = OF_THE_BOUND * ours.bound_seconds
    told = f"{ratio:.1f} times as fast ({ours.wall_seconds:.2f} s, {theirs.wall_seconds:.2f} s)"
    is_met = ratio >= TEN_TIMES
    if ours.bound_seconds:
        told += f", {ours.wall_seconds / ours.bound_seconds:.2f} of the rate's bound {ours.bound_seconds:.2f} s"
        is_met = is_met or ours.wall_seconds <= bound
    return Verdict(f"ten times Terraform or 1.1 of the bound: {where}", is_met, told)


def _against_boto3(where: str, ours: Row, theirs: Row) -> Verdict:
    ratio = ours.without_start / theirs.without_start
    told = f"{ratio:.2f} of its time ({ours.without_start:.2f} s, {theirs.without_start:.2f} s)"
    return Verdict(f"no slower than boto3's loop, without start: {where}", ratio <= 1.0, told)


def document(rows: Sequence[Row]) -> dict[str, Any]:
    """Return everything as what ``--json`` writes."""
    fields = Row.__slots__
    return {
        "rows": [
            {name: getattr(row, name) for name in fields} | {"without_start_seconds": row.without_start} for row in rows
        ],
        "verdicts": [{"target": item.target, "is_met": item.is_met, "told": item.told} for item in verdicts(rows)],
    }
