"""Moments as policies write them. Pure."""

from __future__ import annotations

import datetime as dt


def moment(text: str) -> float | None:
    """Return seconds since the epoch of *text*, ISO 8601 or such a number already; None when it is neither."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp()
