"""
IAM stays in moto; what we add is sandbox time, and the policy simulator.

``births`` remembers when a role or user was made; ``simulating`` answers SimulatePrincipalPolicy and
SimulateCustomPolicy.
"""

from lakeshare.sandbox.services.iam.births import AFTER
from lakeshare.sandbox.services.iam.simulating import OPERATIONS, RESOURCES

__all__ = ["AFTER", "OPERATIONS", "RESOURCES"]
