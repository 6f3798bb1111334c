"""The commands that look at more than a spec tells of, and what of AWS they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from lakeshare.access.doctor.registry import READS, READS_BETWEEN
from lakeshare.access.explain import ACTIONS, ACTIONS_BETWEEN, FAR_REACHING
from lakeshare.resources.rights import ANYTHING, Right

LOOKING: Final[Mapping[str, Sequence[str]]] = {"doctor": READS, "explain": ACTIONS}
"""
The commands that look at more than a spec tells of (keys, administrators, others' policies, anybody's grants), and by
which actions. Where some of it may not be read they say so and go on.
"""

_BETWEEN: Final[Mapping[str, Sequence[str]]] = {"doctor": READS_BETWEEN, "explain": ACTIONS_BETWEEN}
"""The same of accounts that others are only entered by way of."""


def rights_to(purpose: str, *, is_between: bool = False) -> tuple[Right, ...]:
    """
    Return what the command *purpose*, one that looks, reads beside what a plan does.

    But for what would show what lies in every bucket of the account. *is_between*: see `spec.ways`.
    """
    actions = (_BETWEEN if is_between else LOOKING)[purpose]
    return tuple(Right("look", action, (ANYTHING,)) for action in actions if action not in FAR_REACHING)
