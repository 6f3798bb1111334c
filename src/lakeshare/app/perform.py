"""
Performs the steps of a plan, writing down what is about to happen before it does, and what came of it after.

The ledger's word is what later tells ours from other people's, so its order is strict: an intent, with when the thing
was seen to be absent, is durable before the call is sent; the outcome follows. A process that dies in between leaves an
intent, and the next run finds out by looking.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lakeshare.app.guarding import Allowance
from lakeshare.engine.execute import Done, Failed
from lakeshare.errors import BlockedError, CallError, KeptError, LakeshareError
from lakeshare.planning.guards import Refusal
from lakeshare.resources.kind import Memory, Results, Run, only_intended
from lakeshare.resources.registry import KINDS, to_json
from lakeshare.resources.values import Absent, Blocker, Kept, KnownAfter, NoOp, Step, Theirs, Unreadable, resolve
from lakeshare.state.ledger import Intent, Ledger, Settlement

ALREADY_THERE = frozenset(
    {"AlreadyExistsException", "EntityAlreadyExists", "BucketAlreadyOwnedByYou", "BucketAlreadyExists"}
)


class Performer:
    """
    Carries out batches of steps. One per run; its `perform` is called from many worker threads.

    *known* starts as what was observed when planning and grows with every outcome, so that later steps find in it what
    was unknown to the plan. *depends_on* is what the ledger keeps for taking things apart. *allowance* is asked about
    what only then turns out to take something away.
    """

    def __init__(
        self,
        run: Run,
        ledger: Ledger,
        run_id: str,
        known: Mapping[str, Any],
        depends_on: Mapping[str, tuple[str, ...]],
        ours: Mapping[str, Any],
        allowance: Allowance,
        in_doubt: Collection[str] = frozenset(),
    ) -> None:
        self._run, self._ledger, self._run_id = run, ledger, run_id
        # Late looks share one bulk read: many steps wait for the same administrator right.
        self._looking = replace(run, memory=Memory())
        self._known = {
            address: there for address, there in known.items() if not isinstance(there, (Absent, Unreadable))
        }
        self._depends_on, self._ours, self._allowance = depends_on, ours, allowance
        self._in_doubt = in_doubt
        self._lock = threading.Lock()
        self._theirs: set[str] = set()
        self.notes: dict[str, str] = {}

    def perform(self, steps: Sequence[Step]) -> Results:
        """Perform *steps*, which all are of one kind; see `engine.execute` for when it is called."""
        results: Results = {}
        resolved = [self._resolved(step) for step in steps]
        certain = [now for before, now in zip(steps, resolved, strict=True) if not before.is_provisional]
        unsure = [now for before, now in zip(steps, resolved, strict=True) if before.is_provisional]
        decided = [*certain, *self._decide(unsure, results)]
        for batch in _batches(decided):
            try:
                results |= self._write(batch)
            except LakeshareError as error:
                # The ledger failed, or a look that it needs: what is written down of other batches stays true.
                results |= {step.address: Failed(error) for step in batch}
        with self._lock:
            for address, result in results.items():
                if isinstance(result, Done) and result.value is not None:
                    self._known[address] = result.value
            if any(step.action == "replace" for step in steps):
                # What was dropped took its grants along: nobody may rely on having seen them before.
                self._looking = replace(self._run, memory=Memory())
        return results

    def _resolved(self, step: Step) -> Step:
        return step if step.desired is None else replace(step, desired=resolve(step.desired, self._lookup))

    def _lookup(self, unknown: KnownAfter) -> Any:
        with self._lock:
            there = self._known.get(unknown.address)
        value = getattr(there, unknown.attribute, None)
        return unknown if value is None else value

    def _decide(self, steps: Sequence[Step], results: Results) -> list[Step]:
        """Look again where the plan could not see, and decide on what is seen now."""
        decided: list[Step] = []
        if not steps:
            return decided
        kind = KINDS[steps[0].kind]
        seen = kind.read(self._looking, [step.desired for step in steps])
        for step in steps:
            address = step.address
            verdict = kind.diff(step.desired, seen[address], self._ours.get(address))
            match verdict:
                case Step() if verdict.is_provisional:
                    results[address] = Failed(_still_hidden(step, verdict.reason))
                case Step():
                    if why := self._allowance.refusal(verdict):
                        results[address] = Failed(_refused(verdict, why))
                    else:
                        decided.append(verdict)
                case NoOp():
                    if address in self._in_doubt and verdict.is_ours:
                        seen_to_be = to_json(seen_of_ours(verdict, self._ours[address]))
                        self._ledger.settle(self._run_id, [Settlement(address, "made", resource=seen_to_be)])
                    self.notes[address] = verdict.reason
                    results[address] = Done(verdict.observed)
                case Blocker():
                    results[address] = Failed(LakeshareError(verdict.reason, hint=verdict.way_out, address=address))
        return decided

    def _write(self, steps: Sequence[Step]) -> Results:
        self._ledger.intend(self._run_id, [self._intent(step) for step in steps])
        try:
            results = KINDS[steps[0].kind].write(self._run, steps)
        except LakeshareError as error:
            results = {step.address: Failed(error) for step in steps}
        results = {step.address: self._judged(step, results[step.address]) for step in steps}
        self._ledger.settle(self._run_id, [self._settlement(step, results[step.address]) for step in steps])
        return {address: _kept_back(address, result) for address, result in results.items()}

    def _intent(self, step: Step) -> Intent:
        """Write down of *step* all that may be ours from now on, should nobody learn its outcome."""
        before = self._ours.get(step.address)
        resource = step.resource if before is None else KINDS[step.kind].unfinished(before, step.resource)
        return Intent(
            step.address,
            step.kind,
            step.action,
            to_json(resource),
            self._depends_on.get(step.address, step.resource.depends_on),
            self._run.clock.now() if isinstance(step.observed, Absent) else None,
        )

    def _judged(self, step: Step, result: Done[Any] | Failed) -> Done[Any] | Failed:
        """
        Settle "already exists" by looking: equal is done, different is a failure.

        It is ours only when an earlier attempt was sent and its outcome lost, by this very call or by a run that was
        cut short; then what that attempt left half made is finished. Otherwise somebody was quicker by a moment, and
        it is theirs.
        """
        if isinstance(result, Done) and isinstance(found := result.value, Theirs):
            if step.address not in self._ours:
                self._leave(step, found.reason)
            return Done(found.resource)
        if not (isinstance(result, Failed) and step.action == "create" and isinstance(result.error, CallError)):
            return result
        if not _says_already_there(result.error):
            return result
        kind, is_ours = KINDS[step.kind], result.error.broke_before or step.address in self._ours
        there = kind.read(self._run, [step.desired])[step.address]
        verdict = kind.diff(step.desired, there, step.desired if is_ours else None)
        if isinstance(verdict, Step) and is_ours:
            return kind.write(self._run, [verdict])[step.address]
        if not isinstance(verdict, NoOp):
            return result
        if not is_ours:
            self._leave(step, verdict.reason)
        return Done(verdict.observed)

    def _leave(self, step: Step, reason: str) -> None:
        """Let what *step* was to make be somebody else's."""
        with self._lock:
            self._theirs.add(step.address)
        self.notes[step.address] = reason

    def _settlement(self, step: Step, result: Done[Any] | Failed) -> Settlement:
        match result:
            case Done() if step.address in self._theirs:
                return Settlement(step.address, "undone")
            case Done(value=None):
                return Settlement(step.address, "gone")
            case Done(value=Kept(resource=resource)):
                return Settlement(step.address, "made", resource=to_json(resource))
            case Done(value=resource):
                return Settlement(step.address, "made", resource=to_json(resource))
            case Failed(error=error):
                is_open = _may_have_acted(error) or _may_be_half_done(step)
                return Settlement(step.address, "unknown" if is_open else "undone", error=str(error))


def seen_of_ours(item: NoOp, last_known: Any) -> Any:
    """Return what a look has shown of a thing of ours: all of it, or that part of it which we made."""
    return item.learned if item.learned is not None else KINDS[item.kind].our_part(last_known, item.observed)


def _batches(steps: Sequence[Step]) -> list[list[Step]]:
    """Split steps again by lane: what was unknown when they were put together may send them different ways."""
    lanes: dict[Any, list[Step]] = defaultdict(list)
    for step in steps:
        kind = KINDS[step.kind]
        lanes[kind.lane(step).key, None if kind.mixes_actions else step.action].append(step)
    return list(lanes.values())


def _kept_back(address: str, result: Done[Any] | Failed) -> Done[Any] | Failed:
    """Make what was kept stop the deletes of what it rests on: it needs them still."""
    if isinstance(result, Done) and isinstance(result.value, Kept):
        return Failed(KeptError(result.value.reason, address=address))
    return result


def _says_already_there(error: CallError) -> bool:
    # Athena has no code of its own for it (observed: InvalidRequestException "... is already created").
    return error.aws_code in ALREADY_THERE or "is already created" in error.message


def _may_have_acted(error: LakeshareError) -> bool:
    """Whether something may be done all the same: by an earlier call or attempt, or by AWS without an answer."""
    if not isinstance(error, CallError) or error.has_acted or error.broke_before:
        return True
    return error.status == 0 or error.status >= 500


def _refused(step: Step, why: Refusal) -> LakeshareError:
    return BlockedError(
        f"{step.address}: {why.reason}",
        hint=why.way_out,
        address=step.address,
        account=step.resource.place.account_id,
    )


def _may_be_half_done(step: Step) -> bool:
    """Whether the step has parts of which some may be done although it failed: an update that adds and then takes."""
    return step.action == "update" and KINDS[step.kind].unfinished is not only_intended


def _still_hidden(step: Step, why: str) -> LakeshareError:
    return LakeshareError(
        f"{step.address} still cannot be decided about: {why}",
        hint="nothing was changed there; look at what the operator may read in that account",
        address=step.address,
        account=step.resource.place.account_id,
    )
