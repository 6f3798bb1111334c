"""
Kills, faults, and two runs at once: what a ledger is for.

    python bench/chaos.py --seed 1 --kills 100 --applies 100 --pairs 20

Every round makes trouble in a small world of three accounts with other people's things in it, as its seed has it, then
applies and destroys undisturbed, and compares the accounts with what they were. One line per failure, with the seed
that repeats it; exit 1 when there was any.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lakeshare.sandbox import Sandbox
from tests.chaos.pairs import paired_round
from tests.chaos.passage import Passage
from tests.chaos.rounds import Round, begin, faulty_round, killed_round

PER_WORLD = 20
"""Rounds of faults that share a world: each leaves it as it was, or the next begins with a new one."""


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description="Kills, faults, and two runs at once, against the sandbox.")
    parser.add_argument("--seed", type=int, default=0, help="the first round's; the rounds count up from it")
    parser.add_argument("--kills", type=int, default=0, help="rounds of one to four killed runs")
    parser.add_argument("--applies", type=int, default=0, help="applies and destroys under one to five faults")
    parser.add_argument("--pairs", type=int, default=0, help="two runs at once")
    parser.add_argument("--state", choices=["file", "s3"], default="file", help="where the ledger of kills lies")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell of every round")
    asked = parser.parse_args()
    state = asked.state if asked.state == "s3" else None
    with Sandbox() as box:
        passage = Passage(box.endpoint_url)
        games = [
            Game("kill", asked.kills, lambda seed: killed_round(box, passage, seed, state)),
            Game("faults", asked.applies, Worlds(box).faulty),
            Game("pair", asked.pairs, lambda seed: paired_round(box, passage, seed)),
        ]
        failed = sum(_play(game, asked.seed, tells_all=asked.verbose) for game in games if game.rounds)
    return 1 if failed else 0


@dataclass(frozen=True, slots=True)
class Game:
    """A sort of trouble, how many *rounds* of it, and how one is played."""

    name: str
    rounds: int
    play: Callable[[int], Round]


class Worlds:
    """A world for every few rounds of faults, which each leave it as it was, or else it is made anew."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self._this: Round | None = None
        self._group = -1

    def faulty(self, seed: int) -> Round:
        """Play the round of *seed*."""
        if self._this is None or seed // PER_WORLD != self._group or self._this.wrong:
            self._group = seed // PER_WORLD
            self._this = begin(self._box, self._group)
        return faulty_round(self._this, seed)


def _play(game: Game, first: int, *, tells_all: bool) -> int:
    failures, points, started = 0, Counter[str](), time.monotonic()
    for seed in range(first, first + game.rounds):
        lines, what = _one(game, seed, points)
        failures += bool(lines)
        if lines or tells_all:
            print(f"{'FAILED' if lines else 'ok'} {game.name} --seed {seed}: {what}", flush=True)
        for line in lines[:8]:
            print(f"    {line[:700]}", flush=True)
    seconds = time.monotonic() - started
    print(
        f"{game.name}: {game.rounds} rounds, trouble {points.total()} times at {len(points)} different points,"
        f" {failures} failed, {seconds:.0f} s"
    )
    for point, count in points.most_common() if tells_all else ():
        print(f"    {count:4} {point}")
    return failures


def _one(game: Game, seed: int, points: Counter[str]) -> tuple[list[str], str]:
    """Play one round; returns what was wrong, and what was done."""
    try:
        this = game.play(seed)
    except Exception as error:  # noqa: BLE001 - the next round is another world
        return [f"{type(error).__name__}: {error}", traceback.format_exc()], "broke"
    points.update(this.points)
    shutil.rmtree(this.accounts.folder, ignore_errors=True)
    return this.wrong, f"{', '.join(this.planted) or 'nothing planted'}; {'; '.join(this.done)}"


if __name__ == "__main__":
    sys.exit(main())
