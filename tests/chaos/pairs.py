"""Two runs at once: on one ledger, and, when a ledger was lost, on two."""

from __future__ import annotations

import threading
from random import Random

from lakeshare.sandbox import Sandbox
from lakeshare.state.ledger import open_ledger
from tests.chaos.inventory import inventory
from tests.chaos.killing import Ended, run_and_kill
from tests.chaos.passage import Passage
from tests.chaos.rounds import NAME, Round, begin, converge
from tests.chaos.specs import random_shares

SECOND = "second.db"


def paired_round(box: Sandbox, passage: Passage, seed: int) -> Round:
    """Run two applies, or an apply and a destroy, at once; on one ledger, or each on its own."""
    this = begin(box, seed)
    choose = this.choose
    settings = this.written(random_shares(this.accounts, choose))
    if choose.random() < 0.5:
        _on_one_ledger(this, passage, choose)
    else:
        _on_two_ledgers(this, passage)
    converge(this, settings)
    return this


def _at_once(passage: Passage, *commands: list[str]) -> list[Ended]:
    """Run all *commands* at the same time."""
    ended: dict[int, Ended] = {}

    def run(number: int, command: list[str]) -> None:
        ended[number] = run_and_kill(passage, command, None)

    threads = [threading.Thread(target=run, args=item) for item in enumerate(commands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [ended[number] for number in range(len(commands))]


def _on_one_ledger(this: Round, passage: Passage, choose: Random) -> None:
    commands = [[choose.choice(("apply", "apply", "destroy")), "--auto-approve", *this.flags()] for _ in range(2)]
    ended = _at_once(passage, *commands)
    codes = sorted(item.code for item in ended)
    this.done.append(f"{commands[0][0]} and {commands[1][0]} on one ledger: {codes}")
    this.points.append(f"one ledger: {codes}")
    # One after the other is fine: whoever came late found the ledger free again.
    if codes not in ([0, 0], [0, 4]):
        this.wrong += [f"ended with {item.code}: {item.text[-500:]}" for item in ended]


def _on_two_ledgers(this: Round, passage: Passage) -> None:
    """
    Apply at once with two ledgers, as when one was lost, then take the second's things away.

    Nothing is doubled. What only one of the two can have made is in one ledger alone; what AWS lets two make at the
    same time (a grant, an administrator, a policy) may be in both, so the second's destroy may take it away.
    """
    second = str(this.accounts.folder / SECOND)
    apply = ["apply", "--auto-approve", *this.flags()]
    ended = _at_once(passage, apply, [*apply, "--state", second])
    this.done.append(f"apply on two ledgers: {[item.code for item in ended]}")
    this.points.append(f"two ledgers: {sorted(item.code for item in ended)}")
    inventory(this.accounts)  # fails on what is there twice
    with (
        this.ledger() as one,
        open_ledger(second, this.accounts.folder, NAME, create=False) as other,
    ):
        both = set(one.entries()) & set(other.entries())
    this.wrong += [
        f"in both ledgers: {address}"
        for address in sorted(both)
        if any(word in address for word in ("/database:", "/link:", "/role:", "/bucket:", "/workgroup:"))
    ]
    apart = run_and_kill(passage, ["destroy", "--auto-approve", *this.flags(), "--state", second], None)
    this.done.append(f"destroy of the second: {apart.code}")
