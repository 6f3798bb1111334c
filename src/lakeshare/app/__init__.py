r"""
What lakeshare does, as functions, and how the house behind them is laid out.

::

    lakeshare.yaml --load_spec--> Spec --expand--> ResourceGraph ---------\
                                            (what should be)               build_plan --> Plan --execute--> Outcomes
    AWS --survey, observe--> what is there --------------------------------/                |
                                            ledger (what we made) --------/                 +--> prove --> Proofs

The rooms of this one, in the order in which a run comes through them::

    story          the commands: plan, apply, destroy, verify, query
    bootstrapping  the command bootstrap: the operator role that an account's first administrator makes
    operator_role  that role in IAM, read and written as the administrator
    doctoring      the command doctor: what could keep an apply from working
    operators      the command policy: what IAM must allow the operator, and whether it does
    values         what they take and give
    workspace      opens what all of them need: spec, sessions, ledger, and what the ledger says is ours
    narrowing      how far the sessions of a run may go
    ledgers        where the ledger lies, and waiting for its lock
    recalling      resources made again of what the ledger holds
    renaming       accounts that the spec calls otherwise now
    deciding       makes plans: looks around, then hands what was seen to pure functions
    looking_ahead  begins the reads that a plan will want while it waits for other answers
    survey         reads the few facts that a spec leaves to the accounts to tell, ``people`` those about readers
    secrets        the run's ExternalIds; a lost one is read back from a live trust policy
    using          which of the things that leave others have come to use
    borrowing      administrator rights for one run: which are out, and giving them back
    removing       administrators that no longer exist, and stand in the way
    guarding       protection that is remembered, and how much a run may still take away
    carrying_out   carries out plan after plan, and tells what became of each step
    perform        carries out one batch, and writes the ledger around it
    looking        what the commands that look read of AWS
    explaining     the command explain: why a principal may read a table or not, and what an error text means
    drifting       the command drift: a plan read the other way round, as what somebody changed
    adopting       the command state adopt: takes over what exists, for a ledger that is lost

And what they call elsewhere: ``expand`` (pure: spec and facts to every resource behind them), ``observe`` (bulk reads,
kind by kind, of everything wanted and everything that the ledger lists), ``build_plan`` (pure: compares, decides,
orders), ``execute`` (steps on threads, in order), ``prove`` (real queries as each reader).

Deciding never talks to AWS; acting never decides, but for steps that could not see what they rest on when they were
planned: those look again and go through the same comparison.
"""

from typing import TYPE_CHECKING, Any

from lakeshare.access.proof import Proof
from lakeshare.access.query import QueryResult
from lakeshare.app.adopting import Adopted, Found, adopt
from lakeshare.app.bootstrapping import Bootstrapped, Prepared, bootstrap, bootstrap_here
from lakeshare.app.doctoring import Examined, doctor
from lakeshare.app.drifting import Drift, drift, refresh
from lakeshare.app.operators import policy
from lakeshare.app.story import apply, apply_from_file, destroy, plan, plan_to_file, query, verify
from lakeshare.app.values import Applied, Options, Outcome, Planned, Verified
from lakeshare.app.workspace import Settings

if TYPE_CHECKING:
    from lakeshare.app.explaining import Explained, Question, explain

__all__ = [
    "Adopted",
    "Applied",
    "Bootstrapped",
    "Drift",
    "Examined",
    "Explained",
    "Found",
    "Options",
    "Outcome",
    "Planned",
    "Prepared",
    "Proof",
    "QueryResult",
    "Question",
    "Settings",
    "Verified",
    "adopt",
    "apply",
    "apply_from_file",
    "bootstrap",
    "bootstrap_here",
    "destroy",
    "doctor",
    "drift",
    "explain",
    "plan",
    "plan_to_file",
    "policy",
    "query",
    "refresh",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Load what explains when it is asked for: no other command needs the two dozen modules that it is made of."""
    if name not in ("Explained", "Question", "explain"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lakeshare.app import explaining

    return getattr(explaining, name)
