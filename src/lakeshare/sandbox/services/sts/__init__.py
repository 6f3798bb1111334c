"""
STS: keys that last for a while.

``assuming`` gives sessions of roles to those whom they trust, ``federation`` to those for whom a provider vouches, and
``keys`` answers users about their own; ``sessions`` is what all of these keys have in common.
"""

from __future__ import annotations

from lakeshare.sandbox.calls import Operations
from lakeshare.sandbox.services.sts import assuming, federation, keys

OPERATIONS: Operations = {**assuming.OPERATIONS, **federation.OPERATIONS, **keys.OPERATIONS}
