"""
IAM's evaluation, written from AWS's documents: would these policies allow this action on this resource? Pure.

::

    documents   a policy document as statements
    patterns    wildcards, ARNs, variables: what a pattern matches
    conditions  operators and keys
    decide      statements together: identity, boundary, organisation, resource; a deny wins

Every answer has three values. What cannot be judged from here, a key that only the call itself brings or a policy that
may not be read, is None, and never taken for a yes or for a no.
(documented: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html)
"""

from lakeshare.access.iam.conditions import Context
from lakeshare.access.iam.decide import Decision, Policies, decide
from lakeshare.access.iam.documents import Kept, Statement, read_statements

__all__ = ["Context", "Decision", "Kept", "Policies", "Statement", "decide", "read_statements"]
