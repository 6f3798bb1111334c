"""
IAM stays in moto; what we add is sandbox time, what is refused, and the policy simulator.

``births`` remembers when a role or user was made, and ``departures`` tells trust policies of those that were deleted;
``writing`` refuses the documents that IAM does not take; ``boundaries`` has those of users; ``administrator`` is the
user that every account begins with; ``simulating`` answers
SimulatePrincipalPolicy and SimulateCustomPolicy, and ``context_keys`` which keys policies look at.
"""

from lakeshare.sandbox.services.iam import (
    administrator,
    births,
    boundaries,
    context_keys,
    departures,
    simulating,
    writing,
)
from lakeshare.sandbox.services.iam.simulating import RESOURCES

OPERATIONS = {**administrator.OPERATIONS, **simulating.OPERATIONS, **boundaries.OPERATIONS, **context_keys.OPERATIONS}
_CHECKS = (writing.BEFORE, departures.BEFORE)
BEFORE = {
    operation: writing.one_after_another(*(checks[operation] for checks in _CHECKS if operation in checks))
    for operation in {name: None for checks in _CHECKS for name in checks}
}
AFTER = {**births.AFTER, **departures.AFTER}

__all__ = ["AFTER", "BEFORE", "OPERATIONS", "RESOURCES"]
