"""
What could keep an apply from working, looked for before it is run. Writes nothing.

::

    finding     what a check has to say, and of what it is made
    looking     how a check reads: what is refused becomes a word about what is missing, never an error
    registry    all checks, in the order in which they are told
    examine     goes through them for every account, or through the few that a plan runs by itself

Each check is a module of its own: ``look`` reads what it needs and returns a value, ``judge`` is pure and makes
findings of that value, so that a test of what doctor says needs no AWS.
"""

from lakeshare.access.doctor.examine import examine
from lakeshare.access.doctor.finding import Case, Check, Checked, Finding, Status, worst

__all__ = ["Case", "Check", "Checked", "Finding", "Status", "examine", "worst"]
