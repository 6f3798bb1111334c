"""
The services that are ours, each imported on its first call.

A service's module exports ``OPERATIONS``; an operation that is missing there goes to moto. It may also export

- ``SLOW``       names of operations that run on a thread of their own while the turn is held
- ``RESOURCES``  operation to a function of Call that returns the ARNs IAM is asked about, where the parameters alone do
  not tell them (a query's workgroup)
- ``AFTER``      operation to what is done once moto has answered it well
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.world import World

_MODULES = {
    "athena": "lakeshare.sandbox.services.athena",
    "connect": "lakeshare.sandbox.services.connect",
    "glue": "lakeshare.sandbox.services.glue",
    "iam": "lakeshare.sandbox.services.iam",
    "lakeformation": "lakeshare.sandbox.services.lakeformation",
    "ram": "lakeshare.sandbox.services.ram",
    "sts": "lakeshare.sandbox.services.sts",
}


@dataclass(frozen=True, slots=True)
class Service:
    """What a service's module exports; ``is_parsed`` where any operation is ours, so that parameters are wanted."""

    operations: Operations
    slow: frozenset[str]
    resources: Mapping[str, Callable[[Call], Sequence[str]]]
    after: Mapping[str, Callable[[World, str, Mapping[str, str]], None]]

    @property
    def is_parsed(self) -> bool:
        """Whether calls are parsed by the service model before anything looks at them."""
        return bool(self.operations)


@cache
def service_of(signing_name: str) -> Service | None:
    """Return our service that signs as *signing_name*; None when moto answers for all of it."""
    if signing_name not in _MODULES:
        return None
    module = import_module(_MODULES[signing_name])
    return Service(
        operations=module.OPERATIONS,
        slow=getattr(module, "SLOW", frozenset()),
        resources=getattr(module, "RESOURCES", {}),
        after=getattr(module, "AFTER", {}),
    )
