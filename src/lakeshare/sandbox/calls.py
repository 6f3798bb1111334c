"""What the front door hands to a service: who calls, from where, and what for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from lakeshare.sandbox.world import World

Tags: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values."""


@dataclass(frozen=True, slots=True)
class Caller:
    """
    The identity behind an access key.

    ``arn`` is what GetCallerIdentity tells (``arn:aws:sts::A:assumed-role/NAME/SESSION`` for a role session);
    ``principal_arn`` is what Lake Formation and trust policies know (the role's own ARN with its path, or the user's).
    A session of a role has a policy and tags of its own, ``transitive`` names those tags that go on to the next role,
    and ``issued_at`` is when it began, in seconds of sandbox time.
    """

    account: str
    arn: str
    principal_arn: str
    kind: Literal["root", "user", "role"]
    session_policy: str | None = None
    session_tags: Tags = ()
    transitive: frozenset[str] = frozenset()
    issued_at: float | None = None


@dataclass(slots=True)
class Call:
    """One signed call, parsed by botocore's own service model: *params* are spelled as boto3 spells them."""

    world: World
    caller: Caller
    region: str
    service: str
    operation: str
    params: dict[str, Any]


class MotosError(Exception):
    """Raised by an operation of ours for a call about something that moto keeps; the front door asks moto then."""


Operation: TypeAlias = Callable[[Call], Mapping[str, Any]]
"""Answers a call with the members of its output shape, or raises ServiceError."""

Operations: TypeAlias = Mapping[str, Operation]
"""By operation name as the service model spells it, ``{"GetTable": get_table}``. What is missing goes to moto."""
