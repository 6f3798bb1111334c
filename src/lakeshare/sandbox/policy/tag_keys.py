"""The condition keys of the tags that a call brings; those of what it acts on are in ``resource_tags``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lakeshare.sandbox.policy.context import Values


def brought(tags: Mapping[str, str], removed: Iterable[str] = ()) -> dict[str, str | Values]:
    """Return the keys of a call that sets *tags* and takes those called *removed* away."""
    keys = tuple(dict.fromkeys([*tags, *removed]))
    found: dict[str, str | Values] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    return found | {"aws:TagKeys": keys} if keys else found
