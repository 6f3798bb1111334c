"""What the spec names and somebody else made: it is used, and its settings are nobody's business but theirs."""

from __future__ import annotations

from collections.abc import Sequence

from lakeshare.resources.compare import EXISTS_NOT_OURS
from lakeshare.resources.values import NoOp, Resource


def used_as_it_is(desired: Resource, observed: Resource, differences: Sequence[str]) -> NoOp:
    """Leave alone what a person named. *differences* from what we would have made are told, and change nothing."""
    aside = f" ({'; '.join(differences)})" if differences else ""
    reason = f"{EXISTS_NOT_OURS}; used as it is{aside}"
    return NoOp(desired.address, desired.kind, reason, is_ours=False, desired=desired, observed=observed)
