"""How many calls went out."""

from __future__ import annotations

import threading
from collections import Counter


class Counts:
    """Calls sent, repeats included, by account and ``service:Operation``. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: dict[str, Counter[str]] = {}

    def add(self, account_id: str, operation: str) -> None:
        """Count one call."""
        with self._lock:
            self._sent.setdefault(account_id, Counter())[operation] += 1

    def as_dict(self) -> dict[str, dict[str, int]]:
        """Return ``{account_id: {"lakeformation:GrantPermissions": 3}}``, both in alphabetical order."""
        with self._lock:
            return {account_id: dict(sorted(sent.items())) for account_id, sent in sorted(self._sent.items())}
