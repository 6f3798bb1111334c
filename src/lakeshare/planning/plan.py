"""A plan as a value: what will be done, what need not be, and what is in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lakeshare.planning.policy_checks import Finding, as_blockers
from lakeshare.resources.values import Action, Blocker, NoOp, Step

FORMAT_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Operator:
    """
    Who acts in an account: the account as AWS tells it, and the ARN of the IAM principal, path included. *via* is the
    spec's name of the account from whose session it is entered.
    """

    account_id: str
    region: str
    principal: str
    via: str | None = None

    @property
    def shown(self) -> str:
        """The principal without its account: ``role/lakeshare-operator``."""
        return self.principal.split(":", 5)[-1]


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Steps in an order in which they can be done; each names the steps it has to wait for.

    While there are ``blockers`` nothing may be applied: they are decisions that only a person can take. ``calls``
    counts what planning itself asked of AWS, by account id and ``service:Operation``.
    """

    steps: tuple[Step, ...] = ()
    no_ops: tuple[NoOp, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    notes: tuple[str, ...] = ()
    calls: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    is_complete: bool = True
    """False when a part can only be planned once these steps are done; see `ResourceGraph.is_complete`."""
    serial: int = 0
    """The ledger's serial number when the plan was made."""
    pulled_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """
    The steps that match no ``--target`` and have to go with one that does, by address, each with those it is there for.
    """
    operators: Mapping[str, Operator] = field(default_factory=dict)
    """
    Whom the plan would be carried out as, by the accounts' names in the spec: looked up, not taken from the spec. Those
    on the way to an account that would be written to are among them.
    """
    targets: tuple[str, ...] = ()
    """The addresses and globs that the plan was narrowed to; none for a plan of the whole."""
    findings: tuple[Finding, ...] = ()
    """What is wrong with the policies that the plan would send, or that the job rests on."""

    @property
    def has_changes(self) -> bool:
        """Whether anything would be written."""
        return bool(self.steps)

    def checked(self, findings: tuple[Finding, ...]) -> Plan:
        """Return this plan with what is wrong with its policies, and with what of that is in the way."""
        return replace(self, findings=findings, blockers=(*self.blockers, *as_blockers(findings)))

    def counts(self) -> Mapping[Action, int]:
        """Count the steps by action."""
        return Counter(step.action for step in self.steps)

    @property
    def deletes(self) -> int:
        """How many steps take something away."""
        return sum(step.takes_away for step in self.steps)
