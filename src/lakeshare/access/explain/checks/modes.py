"""Whether Lake Formation decides about the target, or IAM alone; of metadata and of records apart. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lakeshare.access.explain import mending
from lakeshare.access.explain.effective import is_open
from lakeshare.access.explain.observed import Entry, OptIns, Registration, Seen, Spot
from lakeshare.access.explain.verdict import Check
from lakeshare.access.iam.logic import Known
from lakeshare.resources.lake_grant import ALL_TABLES
from lakeshare.resources.values import Unreadable


@dataclass(frozen=True, slots=True)
class Mode:
    """
    Who decides. ``is_open``: IAMAllowedPrincipals hold Super, and no grant is asked for. ``vends``: Lake Formation
    gives the credentials; where it does not, S3 is read with the principal's own rights. None: cannot be known.
    """

    is_open: Known
    vends: Known
    words: str
    is_unsettled: bool = False
    """Whether AWS's documents leave open which of the two opens the files; what both come to is sure."""
    asks_lake: bool = False
    """Whether Lake Formation is asked for credentials first, although it has none to give for this location."""


def mode_of(seen: Seen) -> Mode:
    """
    Return who decides about the target.

    In hybrid access mode Lake Formation counts for those who are opted in, and IAM for everybody else (documented,
    hybrid-access-mode.html).
    """
    target, found = seen.target, seen.found
    assert target is not None
    assert isinstance(found, Entry)
    lake = seen.owners if seen.is_abroad else seen.shared
    opened = is_open(lake, target) if lake else None
    registration = seen.registration
    is_registered = found.is_registered if found.is_registered is not None else isinstance(registration, Registration)
    if not is_registered:
        known = False if opened is None and seen.is_connects else opened
        return Mode(known, False, _unregistered(known), asks_lake=not known)
    opted_in = is_opted_in(seen)
    if isinstance(registration, Registration) and registration.is_hybrid:
        return _hybrid(opted_in)
    if isinstance(registration, Unreadable) and not seen.is_connects and not opted_in:
        return Mode(opened, None, f"the location is registered, in hybrid mode or not: {registration.reason}")
    # What the owner's list does not show from here is presumed ruled: Connect's tables are.
    return Mode(bool(opened), True, _registered(opened), is_unsettled=bool(opened))


def _hybrid(opted_in: Known) -> Mode:
    if opted_in is None:
        return Mode(
            None, None, "the location is in hybrid access mode, and whether the principal is opted in is not known"
        )
    if opted_in:
        return Mode(False, True, "hybrid access mode, and the principal is opted in: Lake Formation's grants count")
    words = "hybrid access mode, and the principal is not opted in: IAM and S3 decide, and no grant is asked for"
    return Mode(True, False, words)


def _unregistered(opened: Known) -> str:
    if opened:
        return "IAMAllowedPrincipals hold Super on it and its location is not registered: IAM and S3 decide"
    return (
        "its location is not registered: Lake Formation's grants count, and S3 is read with the principal's own rights"
    )


def _registered(opened: Known) -> str:
    if opened:
        return (
            "IAMAllowedPrincipals hold Super on it, so no grant is asked for, and its location is registered: whose"
            " rights then open the files, Lake Formation's or the principal's own, AWS's documents leave open"
        )
    return "its location is registered, and Lake Formation's grants count"


def is_opted_in(seen: Seen) -> Known:
    """Tell whether the principal is opted in on the target; None when the opt-ins could not be read."""
    target = seen.target
    if isinstance(seen.opt_ins, Unreadable) or target is None:
        return None
    if _is_among(seen, target, seen.opt_ins):
        return True
    # Whether an opt-in of all of an account's principals counts for each is not documented.
    return None if _is_among(seen, target, seen.group_opt_ins) else False


def _is_among(seen: Seen, target: Spot, opt_ins: OptIns) -> bool:
    """Tell whether the target is opted in to: by itself, or with all tables, abroad only together with its database."""
    spots = {(catalog, name) for catalog, database, name in opt_ins if database == target.database}
    if (target.catalog, target.table) in spots:
        return True
    return (target.catalog, ALL_TABLES) in spots and (not seen.is_abroad or (target.catalog, None) in spots)


def mode_check(seen: Seen, mode: Mode) -> Check:
    """Return what `mode_of` found, as a check: it never fails, it says which of the following ones count."""
    looked_at = "IAMAllowedPrincipals on the target, its registered location, hybrid access mode and opt-ins"
    if mode.vends is None:
        assert seen.target is not None
        fix = mending.opt_in(seen.asker.arn, seen.target)
        return Check("mode", "unknown", looked_at, mode.words, fix, seen.asker.account_id)
    return Check("mode", "pass", looked_at, mode.words)
