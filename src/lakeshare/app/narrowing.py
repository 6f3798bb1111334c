"""How far the sessions of a run may go: what its command needs of each account, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from lakeshare.app.recalling import recalled
from lakeshare.planning.imagined import imagined_graph, operator_arn
from lakeshare.planning.operator_rights import OperatorRights
from lakeshare.planning.session_policy import CATALOG_KEY_READS, CATALOG_KEY_WRITES, session_policies
from lakeshare.spec import Spec
from lakeshare.state.ledger import Ledger

ACTING_AS_READERS = "sts:AssumeRole"
"""A role whose trust names the operator in person needs no more of the operator's own policies, but session policies
hold nevertheless (documented)."""


def narrowing_of(
    spec: Spec, ledger: Ledger, *, writes: bool, also: Sequence[str] = ()
) -> Callable[[str], Sequence[str]]:
    """
    Return, for each account, the session policies that may narrow a session there; nothing is worked out before that.

    *also* are actions that the command takes beside what sharing does. Of what the ledger has and the spec no longer
    asks for, one of each sort tells which calls it takes.
    """

    @cache
    def rights() -> OperatorRights:
        left_over = (item for _address, item in recalled([*ledger.samples(), *ledger.intents().values()]))
        return OperatorRights(spec, (*imagined_graph(spec, in_outline=True).resources.values(), *left_over))

    def narrowing(alias: str) -> Sequence[str]:
        wanted = rights().of_session(alias, operator_arn(spec, alias), writes=writes)
        keys = (*CATALOG_KEY_READS, *(CATALOG_KEY_WRITES if writes else ()))
        return session_policies(wanted, [ACTING_AS_READERS, *keys, *also])

    return narrowing
