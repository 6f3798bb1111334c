"""What came of a plan, as it is shown: causes once, and how much waited for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from lakeshare.errors import LakeshareError
from lakeshare.resources.values import Action


class Outcome(Protocol):
    """What became of one step, as `lakeshare.app` tells it."""

    @property
    def address(self) -> str:
        """The step's."""

    @property
    def action(self) -> Action:
        """The step's."""

    @property
    def status(self) -> Literal["done", "failed", "skipped"]:
        """``skipped`` steps were never begun."""

    @property
    def error(self) -> LakeshareError | None:
        """Why it failed."""

    @property
    def because(self) -> str | None:
        """For a skipped step, the address whose failure kept it from being begun, or a word for why else."""

    @property
    def note(self) -> str | None:
        """What a person should know although nothing failed."""


class Loan(Protocol):
    """An administrator right that was borrowed for a run, as `lakeshare.app` tells it."""

    @property
    def address(self) -> str:
        """The entry's."""

    @property
    def alias(self) -> str:
        """The account's name in the spec."""

    @property
    def account(self) -> str:
        """The account's id."""

    @property
    def principal(self) -> str:
        """Who borrowed it."""

    @property
    def error(self) -> LakeshareError | None:
        """Why it could not be given back; None when it was."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that went wrong, the steps that it happened to, and how many others waited for them in vain."""

    error: LakeshareError
    addresses: tuple[str, ...]
    waiting: int


@dataclass(frozen=True, slots=True)
class ApplyView:
    """
    The outcomes of a run, by which nothing else may be concluded about what was not tried.

    ``not_begun`` counts the steps that an interruption left; those that waited for a failed one are with its cause.
    ``trouble`` is what ended the run beside its steps, ``loans`` are the rights that were borrowed for it.
    """

    outcomes: tuple[Outcome, ...]
    causes: tuple[Cause, ...]
    not_begun: tuple[str, ...]
    calls: Mapping[str, Mapping[str, int]]
    run_id: str
    is_confirmed: bool
    is_interrupted: bool
    trouble: LakeshareError | None = None
    loans: tuple[Loan, ...] = ()

    @property
    def done(self) -> Counter[Action]:
        """The steps that are done, by action; what turned out to be there already is not among them."""
        return Counter(outcome.action for outcome in self.outcomes if outcome.status == "done" and not outcome.note)

    @property
    def found(self) -> int:
        """How many things a step was to make and found in place: its note says how that is."""
        return sum(outcome.status == "done" and outcome.note is not None for outcome in self.outcomes)

    @property
    def status(self) -> Literal["ok", "failed", "interrupted", "declined"]:
        """One word for all of it. An interruption outweighs a failure: running again is the answer to both."""
        if self.trouble:
            return "interrupted" if self.is_interrupted else "failed"
        if not self.is_confirmed:
            return "declined"
        if self.is_interrupted and (self.not_begun or self.causes):
            return "interrupted"
        return "failed" if self.causes or self.not_begun else "ok"


def view_apply(
    outcomes: Sequence[Outcome],
    calls: Mapping[str, Mapping[str, int]],
    run_id: str,
    *,
    is_confirmed: bool = True,
    is_interrupted: bool = False,
    trouble: LakeshareError | None = None,
    loans: Sequence[Loan] = (),
) -> ApplyView:
    """Gather the failures of *outcomes* by what caused them."""
    waiting = Counter(outcome.because for outcome in outcomes if outcome.status == "skipped")
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    failed_addresses = {outcome.address for outcome in failed}
    by_cause: dict[tuple[str | None, ...], list[Outcome]] = {}
    for outcome in failed:
        by_cause.setdefault(_same(outcome), []).append(outcome)
    causes = tuple(_cause(found, waiting) for found in by_cause.values())
    not_begun = tuple(
        outcome.address
        for outcome in outcomes
        # What was deliberately kept says so in a note: nobody is waiting for it.
        if outcome.status == "skipped" and not outcome.note and outcome.because not in failed_addresses
    )
    ending = (is_confirmed, is_interrupted, trouble, tuple(loans))
    return ApplyView(tuple(outcomes), causes, not_begun, calls, run_id, *ending)


def _same(outcome: Outcome) -> tuple[str | None, ...]:
    """Return what two failures must share to be one cause: 48 tables refused for one missing right are one."""
    error = outcome.error
    if error is None:
        return (outcome.address,)
    return error.code, getattr(error, "aws_code", None), error.account, error.operation, _without_names(error, outcome)


def _without_names(error: LakeshareError, outcome: Outcome) -> str:
    """Leave out of the message what only tells one step from its neighbour."""
    message = error.message.replace(outcome.address, "")
    for name in sorted(outcome.address.replace(":", "/").replace(".", "/").split("/"), key=len, reverse=True):
        message = message.replace(name, "") if len(name) > 3 else message
    return message


def _cause(outcomes: Sequence[Outcome], waiting: Mapping[str | None, int]) -> Cause:
    first = outcomes[0]
    error = first.error or LakeshareError("the step failed without saying why", address=first.address)
    addresses = tuple(outcome.address for outcome in outcomes)
    return Cause(error, addresses, sum(waiting.get(address, 0) for address in addresses))
