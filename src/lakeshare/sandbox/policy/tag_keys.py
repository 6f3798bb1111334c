"""The condition keys that speak of tags: those a call brings, and those of what it acts on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lakeshare.sandbox.policy.context import Values


def brought(tags: Mapping[str, str], removed: Iterable[str] = ()) -> dict[str, str | Values]:
    """Return the keys of a call that sets *tags* and takes those called *removed* away."""
    keys = tuple(dict.fromkeys([*tags, *removed]))
    found: dict[str, str | Values] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    return found | {"aws:TagKeys": keys} if keys else found


def carried(tags: Mapping[str, str]) -> dict[str, str | Values]:
    """Return the keys of a call that acts on something with *tags*."""
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
