"""
IAM stays in moto; what we add is sandbox time, what is refused, and the policy simulator.

``births`` remembers when a role or user was made; ``writing`` refuses the documents that IAM does not take;
``simulating`` answers SimulatePrincipalPolicy and SimulateCustomPolicy.
"""

from lakeshare.sandbox.services.iam.births import AFTER
from lakeshare.sandbox.services.iam.simulating import OPERATIONS, RESOURCES
from lakeshare.sandbox.services.iam.writing import BEFORE

__all__ = ["AFTER", "BEFORE", "OPERATIONS", "RESOURCES"]
