"""All checks, in the order in which they are told. A new check is a module and a line here."""

from __future__ import annotations

from typing import Final

from lakeshare.access.doctor import (
    administrators,
    by_hand,
    catalog_policy,
    encryption,
    identity,
    inline_policies,
    invitations,
    organisation,
    planned,
    quotas,
    readers,
    regions,
    rights,
    sharing,
    source_keys,
    trust,
)
from lakeshare.access.doctor.finding import Check

CHECKS: Final[tuple[Check, ...]] = (
    administrators.CHECK,
    rights.CHECK,
    trust.CHECK,
    planned.CHECK,
    invitations.CHECK,
    sharing.CHECK,
    catalog_policy.CHECK,
    encryption.CHECK,
    source_keys.CHECK,
    inline_policies.CHECK,
    quotas.CHECK,
    readers.CHECK,
    regions.CHECK,
    organisation.CHECK,
    by_hand.CHECK,
)
"""Those of one account; who the operator is comes before them, for without an answer there are none."""

READS: Final = tuple(sorted({action for check in CHECKS for action in check.reads}))
"""All that IAM must allow for the checks, whatever else they rest on."""

READS_BETWEEN: Final = tuple(sorted({action for check in CHECKS if check.is_for_all for action in check.reads}))
"""The same in accounts that others are only entered by way of."""

TITLES: Final = {identity.ID: identity.TITLE} | {check.id: check.title for check in CHECKS}
"""The title of every check by its id."""
