r"""
What lakeshare does, as functions, and how the house behind them is laid out.

::

    lakeshare.yaml --load_spec--> Spec --expand--> ResourceGraph ---------\
                                            (what should be)               build_plan --> Plan --execute--> Outcomes
    AWS --survey, observe--> what is there --------------------------------/                |
                                            ledger (what we made) --------/                 +--> prove --> Proofs

``deciding``   makes plans: looks around, then hands what was seen to pure functions
``carrying_out`` carries them out, and tells what became of each step

``survey``     reads the few facts that a spec leaves to the accounts to tell (Get and List calls only)
``expand``     pure: spec and facts to every resource behind them
``observe``    bulk reads, kind by kind, of everything wanted and everything that the ledger lists
``build_plan`` pure: compares, decides, orders
``execute``    carries steps out on threads; ``perform`` writes the ledger around every batch
``drift``      reads a plan the other way round, as what somebody changed
``prove``      asks real queries as each reader
``adopt``      takes over what exists, for a ledger that is lost

Deciding never talks to AWS; acting never decides, but for steps that could not see what they rest on when they were
planned: those look again and go through the same comparison.
"""

from lakeshare.access.proof import Proof
from lakeshare.access.query import QueryResult
from lakeshare.app.adopting import Adopted, Found, adopt
from lakeshare.app.drifting import Drift, drift, refresh
from lakeshare.app.story import apply, apply_from_file, destroy, plan, plan_to_file, query, verify
from lakeshare.app.values import Applied, Options, Outcome, Planned, Verified
from lakeshare.app.workspace import Settings

__all__ = [
    "Adopted",
    "Applied",
    "Drift",
    "Found",
    "Options",
    "Outcome",
    "Planned",
    "Proof",
    "QueryResult",
    "Settings",
    "Verified",
    "adopt",
    "apply",
    "apply_from_file",
    "destroy",
    "drift",
    "plan",
    "plan_to_file",
    "query",
    "refresh",
    "verify",
]
