"""How far the sessions of a run may go: what its command needs of each account, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from lakeshare.app.recalling import recalled
from lakeshare.planning.imagined import imagined_graph, operator_arn
from lakeshare.planning.operator_rights import session_rights
from lakeshare.planning.session_policy import session_policies
from lakeshare.resources.values import Resource
from lakeshare.spec import Spec
from lakeshare.state.ledger import Ledger

ACTING_AS_READERS = "sts:AssumeRole"
"""A role whose trust names the operator in person needs no more of the operator's own policies, but session policies
hold nevertheless (documented)."""


def narrowing_of(spec: Spec, ledger: Ledger, *, writes: bool) -> Callable[[str], Sequence[str]]:
    """
    Return, for each account, the session policies that may narrow a session there; nothing is worked out before that.

    Of what the ledger has and the spec no longer asks for, one of each sort tells which calls it takes.
    """

    @cache
    def resources() -> tuple[Resource, ...]:
        left_over = [item for _address, item in recalled([*ledger.samples(), *ledger.intents().values()])]
        return (*imagined_graph(spec).resources.values(), *left_over)

    def narrowing(alias: str) -> Sequence[str]:
        rights = session_rights(spec, alias, operator_arn(spec, alias), resources(), writes=writes)
        return session_policies(rights, [ACTING_AS_READERS])

    return narrowing
