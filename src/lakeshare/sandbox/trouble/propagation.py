"""How long things take to be seen everywhere."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lakeshare.sandbox.trouble.expect import fields, number


@dataclass(frozen=True, slots=True)
class Delays:
    """
    Seconds of sandbox time.

    ``iam_s`` for which a new role is an invalid principal, ``ram_s`` that an association takes, ``lf_list_s`` for which
    a grant stays out of lists.
    """

    iam_s: float = 0.0
    ram_s: float = 0.0
    lf_list_s: float = 0.0


NO_DELAYS = Delays()


def read_delays(body: Any) -> Delays:
    """Read ``{"iam_s": 5}``; what is left out is 0."""
    given = fields(body, set(asdict(NO_DELAYS)), "delays")
    return Delays(**{name: number(value, name) for name, value in given.items()})
