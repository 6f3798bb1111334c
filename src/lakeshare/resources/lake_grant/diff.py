"""
Compares one permission of one principal, part by part.

Lake Formation does not say who made a grant, and grants add up, so the ledger's copy (*last_known*) is what tells our
parts from other people's: only what we granted is ever revoked, and only what goes of it.
"""

from __future__ import annotations

from dataclasses import replace

from lakeshare.resources.compare import EXISTS_NOT_OURS, removal, step
from lakeshare.resources.lake_grant.model import LakeGrant, Parts
from lakeshare.resources.values import Absent, Blocker, NoOp, Unreadable, Verdict

REVOKE_OR_DROP_RULE = "revoke it by hand if the spec is right, or take the column rule out of the spec"
REVOKE_OR_OPTION = "somebody else granted it: revoke that, or grant it again with the option by hand, then apply"
NOTHING = Parts()


def diff(
    desired: LakeGrant | None,
    observed: LakeGrant | Absent | Unreadable,
    last_known: LakeGrant | None,
) -> Verdict:
    """Decide what one grant needs."""
    if desired is None:
        assert last_known is not None
        return _removed(observed, last_known)
    if isinstance(observed, Unreadable):
        return step("create", desired, observed, f"cannot be seen yet: {observed.reason}")
    if isinstance(observed, Absent):
        return _not_listed(desired, observed, last_known)
    if blocker := _in_the_way(desired, observed, last_known):
        return blocker
    return _compare(desired, observed, last_known)


def _removed(observed: LakeGrant | Absent | Unreadable, last_known: LakeGrant) -> Verdict:
    """Take away what the ledger says is ours, and leave it where somebody has granted more of it since."""
    if isinstance(observed, LakeGrant) and _is_theirs_now(observed, last_known):
        # It is one row: revoking our part of it would revoke theirs.
        reason = "left in place: somebody has granted it with the grant option since, so it is theirs now"
        return NoOp(last_known.address, last_known.kind, reason, is_ours=True, observed=last_known, forget=True)
    # Lists lag behind and hide (observed): not listed is no proof of being gone. Revoking nothing is success.
    return removal(last_known if isinstance(observed, Absent) else observed, last_known, noun="grant")


def _is_theirs_now(observed: LakeGrant, last_known: LakeGrant) -> bool:
    is_same = observed.parts.is_whole == last_known.parts.is_whole and not (last_known.parts - observed.parts)
    return is_same and observed.grantable and not last_known.grantable


def _not_listed(desired: LakeGrant, observed: Absent, last_known: LakeGrant | None) -> Verdict:
    if last_known is None:
        return step("create", desired, observed, "nobody granted it yet")
    if last_known.unlisted_since and (last_known.parts, last_known.grantable) == (desired.parts, desired.grantable):
        reason = f"granted by us; AWS's lists did not show it at {last_known.unlisted_since}, nor do they now"
        return NoOp(desired.address, desired.kind, reason, is_ours=True, desired=desired, observed=last_known)
    reason = "the ledger says that we granted it, and no list shows it"
    if excess := last_known.parts - desired.parts:
        # What is hidden may be there all the same: all that is wanted is granted, and the rest of ours revoked.
        return step("update", desired, last_known.with_parts(excess), f"{reason}; {_too_many(excess)}")
    return step("create", desired, observed, reason)


def _in_the_way(desired: LakeGrant, observed: LakeGrant, last_known: LakeGrant | None) -> Blocker | None:
    """Say what of others' would make the grant mean something else than the spec says."""
    ours = last_known.parts if last_known else NOTHING
    is_theirs = observed.parts.is_whole and not ours.is_whole
    if desired.columns is None:
        if desired.grantable and not observed.grantable and is_theirs:
            reason = "it is held without the grant option"
            return Blocker(desired.address, desired.kind, reason, REVOKE_OR_OPTION)
        return None
    whole = ("somebody else granted the whole table",) if is_theirs else ()
    if wider := (*whole, *observed.wider):
        reason = f"{'; '.join(wider)}, so the spec's column rule would restrict nothing"
        return Blocker(desired.address, desired.kind, reason, REVOKE_OR_DROP_RULE)
    return None


def _compare(desired: LakeGrant, observed: LakeGrant, last_known: LakeGrant | None) -> Verdict:
    made = last_known.parts if last_known else NOTHING
    ours, theirs = observed.parts & made, observed.parts - made
    missing, excess = desired.parts - observed.parts, ours - desired.parts
    lacks_option = desired.grantable and not observed.grantable and not missing
    if desired.columns is None and theirs.is_whole:
        excess = NOTHING  # what we granted by columns is what is left when they take theirs back
    if not missing and not excess and not lacks_option:
        return _as_it_should_be(desired, observed, last_known, ours)
    # What others granted already is not made by us, and so must not enter the ledger as ours.
    wanted = desired.with_parts(desired.parts - theirs)
    reason = _difference(desired, observed, missing, excess, lacks_option=lacks_option)
    if last_known is None or not (ours or excess):
        # Our part of it was seen to be absent, whatever others hold.
        return step("create", wanted, Absent(), reason)
    return step("create" if lacks_option and not excess else "update", wanted, observed.with_parts(ours), reason)


def _as_it_should_be(desired: LakeGrant, observed: LakeGrant, last_known: LakeGrant | None, ours: Parts) -> NoOp:
    # An update that was cut short, or a list that has caught up, has told more than the ledger knows.
    learned = None
    if last_known and ours and (ours != last_known.parts or last_known.unlisted_since is not None):
        learned = replace(last_known.with_parts(ours), unlisted_since=None)
    return NoOp(
        desired.address,
        desired.kind,
        "as it should be" if last_known else EXISTS_NOT_OURS,
        is_ours=last_known is not None,
        desired=desired,
        observed=observed,
        learned=learned,
    )


def _difference(desired: LakeGrant, observed: LakeGrant, missing: Parts, excess: Parts, *, lacks_option: bool) -> str:
    said = ["it is held without the grant option"] if lacks_option else []
    if missing.is_whole:
        held = observed.parts.columns
        restricted = f"it is restricted to some columns, not the whole table: {_names(held)}"
        said.append(restricted if held else "nobody granted the whole table yet")
    if missing.columns and not excess.is_whole:
        said.append(f"columns missing: {_names(missing.columns)}")
    if excess and not missing.is_whole:
        said.append(_too_many(excess) if not excess.is_whole else _too_wide(desired))
    return "; ".join(said)


def _too_wide(desired: LakeGrant) -> str:
    columns = desired.columns or frozenset()
    return f"it is held on the whole table, not on {len(columns)} columns: {_names(columns)}"


def _too_many(excess: Parts) -> str:
    return "the whole table is too much" if excess.is_whole else f"columns too many: {_names(excess.columns)}"


def _names(columns: frozenset[str]) -> str:
    listed = sorted(columns)
    return ", ".join(listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")
