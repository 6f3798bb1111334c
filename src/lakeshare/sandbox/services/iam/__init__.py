"""
IAM stays in moto; what we add is sandbox time, what is refused, and the policy simulator.

``births`` remembers when a role or user was made; ``writing`` refuses the documents that IAM does not take;
``boundaries`` has those of users; ``simulating`` answers SimulatePrincipalPolicy and SimulateCustomPolicy.
"""

from lakeshare.sandbox.services.iam import boundaries, simulating
from lakeshare.sandbox.services.iam.births import AFTER
from lakeshare.sandbox.services.iam.simulating import RESOURCES
from lakeshare.sandbox.services.iam.writing import BEFORE

OPERATIONS = {**simulating.OPERATIONS, **boundaries.OPERATIONS}

__all__ = ["AFTER", "BEFORE", "OPERATIONS", "RESOURCES"]
