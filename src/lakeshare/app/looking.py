"""The commands that look at more than a spec tells of, and what of AWS they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from lakeshare.access.doctor.registry import READS
from lakeshare.access.explain import ACTIONS, FAR_REACHING
from lakeshare.resources.rights import ANYTHING, Right

LOOKING: Final[Mapping[str, Sequence[str]]] = {"doctor": READS, "explain": ACTIONS}
"""
The commands that look at more than a spec tells of (keys, administrators, others' policies, anybody's grants), and by
which actions. Where some of it may not be read they say so and go on.
"""


def rights_to(purpose: str) -> tuple[Right, ...]:
    """
    Return what the command *purpose*, one that looks, reads beside what a plan does.

    But for what would show what lies in every bucket of the account.
    """
    return tuple(Right("look", action, (ANYTHING,)) for action in LOOKING[purpose] if action not in FAR_REACHING)
