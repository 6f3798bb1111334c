"""A database is never changed: it is there as it must be, it is made, or it stands in the way."""

from __future__ import annotations

from lakeshare.resources.compare import compare, removal
from lakeshare.resources.glue_database.model import GlueDatabase
from lakeshare.resources.tags import tag_differences, with_tags_of_ours
from lakeshare.resources.values import Absent, Blocker, NoOp, Unreadable, Verdict

WAY_OUT = (
    "choose another database in the spec (`to.database`), or let new tables in this one follow Lake Formation only:"
    " `aws glue update-database` with an empty CreateTableDefaultPermissions"
)


def diff(
    desired: GlueDatabase | None,
    observed: GlueDatabase | Absent | Unreadable,
    last_known: GlueDatabase | None,
) -> Verdict:
    """Decide what one database needs."""
    if last_known is not None and isinstance(observed, GlueDatabase) and observed.is_link:
        return _replaced_by_link(desired, last_known)
    if desired is None:
        assert last_known is not None
        return removal(observed, last_known, noun="database")
    if isinstance(observed, GlueDatabase):
        observed = with_tags_of_ours(desired, observed, last_known)
    return compare(
        desired,
        observed,
        owned=last_known is not None,
        noun="database",
        differences=_differences,
        when_different="update",
        way_out=WAY_OUT,
    )


def _replaced_by_link(desired: GlueDatabase | None, last_known: GlueDatabase) -> Verdict:
    """Leave the link alone that took the place of ours: a call for it would reach another account's database."""
    reason = "ours is gone, and a link to another account's database stands under its name"
    if desired is None:
        return NoOp(last_known.address, last_known.kind, reason, is_ours=True, observed=last_known, forget=True)
    return Blocker(desired.address, desired.kind, reason, "drop that link by hand, then apply")


def _differences(desired: GlueDatabase, observed: GlueDatabase) -> list[str]:
    if observed.is_link:
        return ["it is a link to another account's database"]
    found = ["its new tables are open to IAMAllowedPrincipals"] if observed.is_open_to_iam else []
    return found + tag_differences(desired, observed)
