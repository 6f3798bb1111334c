"""A link is never updated: UpdateTable on a link reaches the producer's table. Repointing is drop and make again."""

from __future__ import annotations

from lakeshare.resources.compare import compare, field_differences, removal
from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.values import Absent, Blocker, Unreadable, Verdict

WAY_OUT = "choose another name in the spec (`to.links` or `to.database`), or drop what stands there yourself"


def diff(
    desired: ResourceLink | None,
    observed: ResourceLink | Absent | Unreadable,
    last_known: ResourceLink | None,
) -> Verdict:
    """Decide what one link needs. A real table under the name is never touched, whoever made it."""
    subject = desired or last_known
    assert subject is not None
    if isinstance(observed, ResourceLink) and not observed.is_link:
        return Blocker(subject.address, subject.kind, "a table that is no link stands under this name", WAY_OUT)
    if desired is None:
        return removal(observed, subject, noun="link")
    return compare(
        desired,
        observed,
        owned=last_known is not None,
        noun="link",
        differences=_differences,
        when_different="replace",
        way_out=WAY_OUT,
    )


def _differences(desired: ResourceLink, observed: ResourceLink) -> list[str]:
    found = field_differences(
        desired,
        observed,
        {
            "target_catalog": "its target's account",
            "target_database": "its target's database",
            "target_table": "its target",
        },
    )
    if found:
        found.append("a link cannot be repointed, so it is dropped and made again: queries fail in between")
    return found
