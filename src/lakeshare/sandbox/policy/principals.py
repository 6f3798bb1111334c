"""Which principals exist, and which principals a policy speaks of."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from lakeshare.sandbox.arns import account_of, is_administrator
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.policy.documents import Principal, Statement
from lakeshare.sandbox.trouble import delays
from lakeshare.sandbox.world import World


def principal_known(world: World, arn: str) -> bool:
    """
    Say whether *arn* is a role or user that AWS's services have heard of.

    A new one is a stranger for ``delays.iam_s`` seconds of sandbox time; accounts' administrators always are known.
    """
    if is_administrator(arn):
        return True
    created_at = world.store(Moto).created_at(arn)
    return created_at is not None and created_at + delays(world).iam_s <= world.clock.now()


class Naming(IntEnum):
    """How a policy names a caller: not at all, by its account (which decides further itself), or in person."""

    NOT = 0
    BY_ACCOUNT = 1
    IN_PERSON = 2


def naming(statement: Statement, caller: Caller) -> Naming:
    """Return how *statement* names *caller*."""
    if statement.not_principals:
        is_excepted = max((_names(one, caller) for one in statement.not_principals), default=Naming.NOT)
        return Naming.NOT if is_excepted else Naming.IN_PERSON
    return strongest(_names(one, caller) for one in statement.principals)


def strongest(namings: Iterable[Naming]) -> Naming:
    """Return the most personal of *namings*."""
    return max(namings, default=Naming.NOT)


def _names(principal: Principal, caller: Caller) -> Naming:
    """A Service or a Federated principal is nobody who holds an access key."""
    if principal.kind != "AWS":
        return Naming.NOT
    value = principal.value
    if value == "*" or value in {caller.arn, caller.principal_arn}:
        return Naming.IN_PERSON
    if value == caller.account or (value.endswith(":root") and account_of(value) == caller.account):
        return Naming.BY_ACCOUNT
    return Naming.NOT
