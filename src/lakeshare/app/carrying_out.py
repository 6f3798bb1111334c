"""Carries plans out, and tells what became of each step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from lakeshare.app.borrowing import give_back, not_given_back
from lakeshare.app.guarding import Allowance, limited, remember
from lakeshare.app.perform import Performer, seen_of_ours
from lakeshare.app.values import Applied, Loan, Outcome, Planned
from lakeshare.app.workspace import Workspace
from lakeshare.engine.execute import INTERRUPTED, Done, Failed, Skipped, execute
from lakeshare.engine.wait import NotYet
from lakeshare.errors import BlockedError, KeptError, LakeshareError, WaitError
from lakeshare.planning.plan import Plan
from lakeshare.resources.observe import observe, probe_hidden
from lakeshare.resources.registry import KINDS, to_json
from lakeshare.resources.values import Absent, Step
from lakeshare.state.ledger import Settlement

SHOWN_DEADLINE_SECONDS = 90.0
"""Other tools wait up to a minute for a grant to be listed (observed in their code); AWS publishes no figure."""


def carry_out(
    space: Workspace,
    planner: Callable[[], Planned],
    confirm: Callable[[Plan], bool],
    accept: Callable[[Planned], None],
    *,
    is_all: bool,
) -> Applied:
    """
    Carry out plan after plan until one is complete: administrators see tables that others do not.

    An error before the first step is raised; one after it is in the answer, beside what became of the steps.
    """
    course, trouble = _Course(), None
    try:
        with _given_back(space, course):
            while not _is_over(space, course, planner, confirm, accept, is_all=is_all):
                pass
    except LakeshareError as error:
        if course.first is None or not course.outcomes:
            raise
        space.ending.word, trouble = "failed", error
    assert course.first is not None, "every turn of the loop begins with a plan"
    return Applied(
        course.first,
        tuple(course.outcomes),
        space.run.aws.counts(),
        space.run_id,
        is_confirmed=course.is_confirmed,
        trouble=trouble,
        loans=course.loans,
    )


@contextmanager
def _given_back(space: Workspace, course: _Course) -> Iterator[None]:
    """
    Give back what is borrowed, however it ends what is done in here, once anything was to be changed.

    Raises LakeshareError for what could not be given back, unless another error is on its way, which then tells of it.
    """
    try:
        yield
    except BaseException as error:
        trouble = _end_loans(space, course)
        if trouble is not None and isinstance(error, LakeshareError):
            error.hint = "; ".join(filter(None, (error.hint, trouble.message)))
        raise
    if trouble := _end_loans(space, course):
        raise trouble


def _end_loans(space: Workspace, course: _Course) -> LakeshareError | None:
    if course.has_begun:
        course.loans = give_back(space)
    return not_given_back(course.loans)


@dataclass(slots=True)
class _Course:
    """
    What a run has come to so far: its first plan, the outcomes in order, how much it has taken away, and what it has
    given back in the end. ``has_begun``: a plan was to be carried out.
    """

    first: Plan | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    taken: int = 0
    is_confirmed: bool = True
    has_begun: bool = False
    loans: tuple[Loan, ...] = ()


def _is_over(
    space: Workspace,
    course: _Course,
    planner: Callable[[], Planned],
    confirm: Callable[[Plan], bool],
    accept: Callable[[Planned], None],
    *,
    is_all: bool,
) -> bool:
    """Make one plan and carry it out, go on with *course*, and tell whether another plan is no use."""
    planned = planner()
    accept(planned)
    planned = limited(planned, taken_before=course.taken)
    course.first = course.first or planned.plan
    _refuse_blocked(planned.plan, done=sum(outcome.status == "done" for outcome in course.outcomes))
    if planned.plan.has_changes and not confirm(planned.plan):
        course.is_confirmed = False
        return True
    course.has_begun = True
    space.rename()
    remember(space.ledger, planned)
    _tidy(space, planned)
    done = _execute(space, planned, course)
    if any(outcome.status == "failed" for outcome in done):
        space.ending.word = "failed"
    is_stuck = not planned.plan.has_changes or any(outcome.status != "done" for outcome in done)
    return planned.plan.is_complete or is_stuck or not is_all


def _refuse_blocked(plan_: Plan, *, done: int) -> None:
    if plan_.blockers:
        sentences = tuple(f"{item.address}: {item.reason}; {item.way_out}" for item in plan_.blockers)
        raise BlockedError(
            f"{len(sentences)} in the way, {plan_.blockers[0].address} first ({plan_.blockers[0].reason}); "
            + (f"the {done} steps before them are done and in the ledger" if done else "nothing was changed"),
            hint="decide about each of them, then run again",
            blockers=sentences,
        )


def _tidy(space: Workspace, planned: Planned) -> None:
    """
    Bring the ledger up to date with what the look around has shown: things gone, and intents whose outcome is seen.

    An intent that seems not to have acted stays open until a step for the same thing takes its place: lists lag
    behind, a call may arrive late, and the step may be left out or fail.
    """
    gone = [item.address for item in planned.plan.no_ops if item.forget]
    made = [
        Settlement(item.address, "made", resource=to_json(seen_of_ours(item, planned.ours.last_known(item.address))))
        for item in planned.plan.no_ops
        if item.address in planned.ours
        and not item.forget
        and (item.address in planned.ours.in_doubt or item.learned is not None)
    ]
    if gone:
        space.ledger.forget(gone)
    if made:
        space.ledger.settle(space.run_id, made)


def _execute(space: Workspace, planned: Planned, course: _Course) -> list[Outcome]:
    """Carry out the steps of a plan, and return their outcomes, which *course* has already should anything fail."""
    if not planned.plan.steps:
        return []
    allowance = Allowance(planned, course.taken)
    depends_on = {address: tuple(item.depends_on) for address, item in planned.graph.resources.items()}
    ours = {address: planned.ours.last_known(address) for address in planned.ours.addresses()}
    # What is decided about again, on a fresh look, may be gone by then: that no list ever showed it proves nothing.
    ours |= {
        step.address: _listable(ours[step.address])
        for step in planned.plan.steps
        if step.is_provisional and step.address in ours
    }
    performer = Performer(
        space.run, space.ledger, space.run_id, planned.observed, depends_on, ours, allowance, planned.ours.in_doubt
    )
    results = execute(
        planned.plan.steps,
        perform=performer.perform,
        lane_of=lambda step: KINDS[step.kind].lane(step),
        conflicts_of=lambda step: KINDS[step.kind].conflicts(step),
        workers=space.settings.workers or space.spec.limits.workers,
        listener=space.settings.listener,
        stop=space.settings.stop,
        clock=space.settings.clock,
    )
    course.taken = allowance.taken
    kept = {address for address, result in results.items() if isinstance(result, Failed) and _is_kept(result)}
    done = [_outcome(step, results[step.address], performer.notes, kept) for step in planned.plan.steps]
    before = len(course.outcomes)
    course.outcomes += done
    made = [result.value for result in results.values() if isinstance(result, Done) and result.value is not None]
    late = _wait_until_shown(space, made)
    course.outcomes[before:] = [replace(item, note=late.get(item.address, item.note)) for item in done]
    return done


def _wait_until_shown(space: Workspace, made: Sequence[Any]) -> dict[str, str]:
    """
    Wait until lists show what was made, so that the next look finds it; say what of it they never showed.

    What is still not listed at the deadline is no failure: it is made, and in the ledger, which remembers that AWS does
    not list it, lest every later plan should make it anew.
    """
    late = [item for item in made if KINDS[item.kind].is_shown_late]
    if not late or space.settings.stop.is_requested:
        return {}
    missing, by_name = late, dict[str, Any]()

    def shown() -> bool | NotYet:
        nonlocal missing
        is_first = missing is late
        seen = observe(space.run, late)
        if is_first:
            probe_hidden(space.run, seen, dict.fromkeys(seen.found))
            by_name.update((address, there) for address, there in seen.found.items())
        missing = [
            item
            for item in late
            if isinstance(seen.found[item.address], Absent) and isinstance(by_name.get(item.address), Absent)
        ]
        return NotYet(f"{len(missing)} not listed yet, {missing[0].address} among them") if missing else True

    try:
        space.run.wait_for(f"{len(late)} grants to be listed", shown, deadline_seconds=SHOWN_DEADLINE_SECONDS)
    except WaitError as error:
        if error.was_interrupted:
            return {}
    return _remember_unlisted(space, missing)


def _remember_unlisted(space: Workspace, missing: Sequence[Any]) -> dict[str, str]:
    if not missing:
        return {}
    seen = observe(space.run, missing)
    probe_hidden(space.run, seen, dict.fromkeys(seen.found))
    now = f"{datetime.fromtimestamp(space.settings.clock.now(), UTC):%Y-%m-%dT%H:%M:%SZ}"
    unlisted = [item for item in missing if isinstance(seen.found[item.address], Absent)]
    ours = [item for item in unlisted if space.ledger.get(item.address) is not None]
    space.ledger.settle(
        space.run_id,
        [Settlement(item.address, "made", resource=to_json(replace(item, unlisted_since=now))) for item in ours],
    )
    why = f"granted, but AWS's lists did not show it within {SHOWN_DEADLINE_SECONDS:.0f} s; the ledger remembers that"
    return {item.address: why for item in unlisted}


def _listable(item: Any) -> Any:
    return replace(item, unlisted_since=None) if getattr(item, "unlisted_since", None) else item


def _is_kept(result: Failed) -> bool:
    return isinstance(result.error, KeptError)


def _outcome(
    step: Step, result: Done[Any] | Failed | Skipped, notes: Mapping[str, str], kept: Collection[str]
) -> Outcome:
    match result:
        case Done():
            return Outcome(step.address, step.action, "done", note=notes.get(step.address))
        case Failed(error=KeptError(message=why)):
            return Outcome(step.address, step.action, "skipped", note=why)
        case Failed(error=WaitError(was_interrupted=True)):
            # What it waits for may yet come true; the ledger keeps the intent, and the next run looks.
            return Outcome(step.address, step.action, "skipped", because=INTERRUPTED)
        case Failed(error=error):
            return Outcome(step.address, step.action, "failed", error=error)
        case Skipped(because=because):
            note = f"kept: {because} still rests on it" if because in kept else None
            return Outcome(step.address, step.action, "skipped", because=because, note=note)
