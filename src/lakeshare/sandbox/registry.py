"""
The services that are ours, each imported on its first call.

A service's module exports ``OPERATIONS``; an operation that is missing there goes to moto. It may also export

- ``SLOW``       names of operations that run on a thread of their own while the turn is held
- ``RESOURCES``  operation to a function of Call that returns the ARNs IAM is asked about, where the parameters alone do
  not tell them (a query's workgroup)
- ``CONDITIONS`` a function of Call that returns the condition keys which the service's calls have by themselves
- ``BEFORE``     operation to what is looked at, and may refuse, before moto answers it
- ``AROUND``     operation to what moto is asked in its place, and how that answer is completed
- ``AFTER``      operation to what is done once moto has answered it well
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TypeAlias

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.policy.context import Given
from lakeshare.sandbox.wire.http import Answer, Request
from lakeshare.sandbox.world import World

Around: TypeAlias = Callable[[Call, Request], tuple[Request, Callable[[Answer], Answer]]]

_MODULES = {
    "access-analyzer": "lakeshare.sandbox.services.accessanalyzer",
    "athena": "lakeshare.sandbox.services.athena",
    "connect": "lakeshare.sandbox.services.connect",
    "glue": "lakeshare.sandbox.services.glue",
    "iam": "lakeshare.sandbox.services.iam",
    "kms": "lakeshare.sandbox.services.kms",
    "lakeformation": "lakeshare.sandbox.services.lakeformation",
    "ram": "lakeshare.sandbox.services.ram",
    "s3": "lakeshare.sandbox.services.s3",
    "servicequotas": "lakeshare.sandbox.services.service_quotas",
    "sts": "lakeshare.sandbox.services.sts",
    "tagging": "lakeshare.sandbox.services.tagging",
}


@dataclass(frozen=True, slots=True)
class Service:
    """What a service's module exports; of a service that is all moto's, nothing."""

    operations: Operations = field(default_factory=dict)
    slow: frozenset[str] = frozenset()
    resources: Mapping[str, Callable[[Call], Sequence[str]]] = field(default_factory=dict)
    conditions: Callable[[Call], Given] | None = None
    before: Mapping[str, Callable[[Call, Request], None]] = field(default_factory=dict)
    around: Mapping[str, Around] = field(default_factory=dict)
    after: Mapping[str, Callable[[World, str, Mapping[str, str]], None]] = field(default_factory=dict)


MOTOS = Service()


def import_all() -> None:
    """Import every service of ours."""
    for signing_name in _MODULES:
        service_of(signing_name)


@cache
def service_of(signing_name: str) -> Service:
    """Return our service that signs as *signing_name*, or MOTOS."""
    if signing_name not in _MODULES:
        return MOTOS
    module = import_module(_MODULES[signing_name])
    return Service(
        operations=module.OPERATIONS,
        slow=getattr(module, "SLOW", frozenset()),
        resources=getattr(module, "RESOURCES", {}),
        conditions=getattr(module, "CONDITIONS", None),
        before=getattr(module, "BEFORE", {}),
        around=getattr(module, "AROUND", {}),
        after=getattr(module, "AFTER", {}),
    )
