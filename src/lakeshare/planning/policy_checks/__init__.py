"""
Policies checked before they are sent: grammar, sizes, names, and the dangers that this trade knows. Pure.

::

    documents   a policy as the checks see it         conditions, patterns   how its parts are read
    grammar     what IAM would refuse                 sizes                  what is too long for it
    names       what AWS does not have                vocabulary             what they ask of AWS's names
    trust       who may come in                       callers, federation    whom conditions leave in of them
    grants      what is given
    listed      every check: id, severity, mend       findings               what they find, as values
    judge       all of them over one document         subjects, mending      which documents a plan is about

`access.policies` collects the documents of a run, live ones among them, and asks AWS what AWS can tell.
"""

from lakeshare.planning.policy_checks.documents import Document, redacted
from lakeshare.planning.policy_checks.findings import Finding, Remark, Severity
from lakeshare.planning.policy_checks.judge import as_blockers, as_findings, judge
from lakeshare.planning.policy_checks.listed import CHECKS, Check
from lakeshare.planning.policy_checks.vocabulary import Vocabulary

__all__ = [
    "CHECKS",
    "Check",
    "Document",
    "Finding",
    "Remark",
    "Severity",
    "Vocabulary",
    "as_blockers",
    "as_findings",
    "judge",
    "redacted",
]
