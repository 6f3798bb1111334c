"""
Why a principal may read a table, or why not: the decision list that a query meets, over what is there now.

::

    observed    everything that was looked at, as frozen values
    read        looks, through the accounts of the spec; nothing that AWS refuses is fatal, it is told
    effective   what all of Lake Formation's grants together give somebody
    checks      from what was seen to a verdict, check by check; pure
    verdict     a check, and what many come to
    mending     the commands that mend
    actions     what looking takes of the operator

The rules are written from AWS's documents (lake-formation reference, section 6), as the sandbox's are, and by other
hands: a test holds that real queries there agree with every allow and every deny.
"""

from lakeshare.access.explain.actions import ACTIONS, ACTIONS_BETWEEN, FAR_REACHING
from lakeshare.access.explain.checks import evaluate
from lakeshare.access.explain.observed import Question, Seen
from lakeshare.access.explain.read import look
from lakeshare.access.explain.verdict import Check, Explanation

__all__ = ["ACTIONS", "ACTIONS_BETWEEN", "FAR_REACHING", "Check", "Explanation", "Question", "Seen", "evaluate", "look"]
