"""All checks, in the order in which they are told. A new check is a module and a line here."""

from __future__ import annotations

from typing import Final

from lakeshare.access.doctor import administrators
from lakeshare.access.doctor.finding import Check

CHECKS: Final[tuple[Check, ...]] = (administrators.CHECK,)
