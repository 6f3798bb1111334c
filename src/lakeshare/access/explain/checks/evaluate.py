"""From what was seen to a verdict. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lakeshare.access.explain.checks.credentials import credentials_checks
from lakeshare.access.explain.checks.keys import catalog_key_check, target_key_check
from lakeshare.access.explain.checks.links import ONE_HOP, link_checks, target_checks
from lakeshare.access.explain.checks.modes import mode_check, mode_of
from lakeshare.access.explain.checks.permissions import permission_checks
from lakeshare.access.explain.checks.queries import default_check, principal_checks, query_checks
from lakeshare.access.explain.checks.sharing import share_checks
from lakeshare.access.explain.observed import Entry, Seen
from lakeshare.access.explain.verdict import Check, Explanation, conclude


def evaluate(seen: Seen) -> Explanation:
    """Return every check of *seen* in the order in which a query meets it, and what they come to."""
    checks = tuple(_checks(seen))
    if seen.asker.is_there is False:
        # Nothing can be given to somebody who is not there; what is missing besides is worth knowing.
        checks = (*checks[:1], *(replace(check, fix=None) if _is_about(seen, check) else check for check in checks[1:]))
    return conclude(checks)


def _is_about(seen: Seen, check: Check) -> bool:
    return check.fix is not None and seen.asker.name in check.fix


def _checks(seen: Seen) -> Iterator[Check]:
    yield from principal_checks(seen)
    yield from query_checks(seen)
    yield from default_check(seen)
    yield from catalog_key_check(seen)
    yield from link_checks(seen)
    if seen.target is None:
        return
    of_target = tuple(target_checks(seen))
    yield from of_target
    if any(check.id == ONE_HOP for check in of_target):
        # Whatever lies behind a second hop, no query gets there.
        return
    yield from target_key_check(seen)
    yield from share_checks(seen)
    if not isinstance(seen.found, Entry):
        # Without the table there is nothing to hold grants on.
        return
    mode = mode_of(seen)
    yield mode_check(seen, mode)
    yield from permission_checks(seen, mode)
    yield from credentials_checks(seen, mode)
