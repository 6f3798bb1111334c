"""
IAM Access Analyzer's policy validation: ValidatePolicy, free of charge and of resources. Nothing else of it is there.

``validating`` answers the call; ``statements`` looks at what statements are made of, ``conditions``, ``principals`` and
``actions`` at these, ``parts`` at what all of them hold; ``issues`` has the list of what is found, as AWS documents it,
and ``spans`` tells where in the text it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.services.accessanalyzer.validating import validate_policy

OPERATIONS: Operations = {"ValidatePolicy": validate_policy}
RESOURCES: Mapping[str, Callable[[Call], Sequence[str]]] = {"ValidatePolicy": lambda _call: ["*"]}
"""The action knows no resources (documented: Service Authorization Reference)."""
