"""The actions that AWS's own managed policies name, of which moto keeps a copy."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any


@cache
def managed_actions() -> Mapping[str, frozenset[str]]:
    """Return the names of actions, as they are written there, by service prefix in lower case."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found: dict[str, set[str]] = defaultdict(set)
    for policy in json.loads(aws_managed_policies_data).values():
        for action in _actions(policy["Document"]):
            service, _, name = action.partition(":")
            if name:
                found[service.lower()].update(() if "*" in name else (name,))
    return {service: frozenset(names) for service, names in found.items()}


def _actions(document: Mapping[str, Any]) -> Iterator[str]:
    said = document["Statement"]
    for statement in said if isinstance(said, list) else [said]:
        for element in ("Action", "NotAction"):
            value = statement.get(element, [])
            yield from [value] if isinstance(value, str) else value
