"""What the commands take and give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lakeshare.access.proof import Proof
from lakeshare.errors import LakeshareError
from lakeshare.planning.build import Ours
from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.guards import Protection
from lakeshare.planning.plan import Plan
from lakeshare.planning.plan_file import plan_document
from lakeshare.resources.kind import Memory
from lakeshare.resources.values import Action

Calls = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Options:
    """
    How a plan is narrowed and guarded. ``targets`` are addresses or globs; ``max_deletes`` None is no limit.

    ``recover_shares`` and ``remove_administrators`` are ARNs: what is not ours and may be touched on the user's word.
    """

    targets: tuple[str, ...] = ()
    recover_shares: frozenset[str] = frozenset()
    max_deletes: int | None = None
    remove_administrators: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan together with what it rests on."""

    plan: Plan
    graph: ResourceGraph
    observed: Mapping[str, Any]
    ours: Ours
    spec_digest: str
    options: Options
    protection: Protection
    wanted: Mapping[str, Any] = field(default_factory=dict)
    """The graph's resources with their unknowns filled in, as far as they were known."""
    memory: Memory = field(default_factory=Memory)
    """What was looked at, for whoever looks on: it need not be asked for again."""

    def document(self) -> dict[str, Any]:
        """Return this plan as the content of a plan file."""
        return plan_document(
            self.plan,
            self.spec_digest,
            self.observed,
            self.graph.resources,
            self.ours,
            self.options.targets,
            self.options.recover_shares,
            self.options.remove_administrators,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one step. ``note`` says what a person should know although nothing failed."""

    address: str
    action: Action
    status: Literal["done", "failed", "skipped"]
    error: LakeshareError | None = None
    because: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Loan:
    """
    A Lake Formation administrator entry that was borrowed for a run, and was given back unless there is an ``error``.

    ``alias`` is the account's name in the spec, ``account`` its id.
    """

    address: str
    alias: str
    account: str
    principal: str
    error: LakeshareError | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """
    What a run came to: its first plan, and the outcomes of that and of the plans after it, where it could not see all.

    ``trouble`` ended the run after its first step and is none of a step's own: the ledger could not be written to, or
    the next plan not be made. The run has failed then, whatever became of the steps. ``loans`` are the administrator
    rights that it gave back at its end, or could not.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]
    calls: Calls
    run_id: str
    is_confirmed: bool = True
    trouble: LakeshareError | None = None
    loans: tuple[Loan, ...] = ()

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The causes: steps that failed themselves, not those that waited for them."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "failed")

    @property
    def skipped(self) -> tuple[Outcome, ...]:
        """What was not started, because something it needs failed or the run was interrupted."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "skipped")


@dataclass(frozen=True, slots=True)
class Verified:
    """Every proof, and the plan of the same moment: what `verify` may claim rests on both."""

    proofs: tuple[Proof, ...]
    plan: Plan
    calls: Calls = field(default_factory=dict)

    @property
    def failed(self) -> tuple[Proof, ...]:
        """The proofs that show something is wrong."""
        return tuple(proof for proof in self.proofs if proof.status == "fail")
