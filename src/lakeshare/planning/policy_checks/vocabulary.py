"""What the checks want to know of the names of actions; `catalogue.iam_names` knows it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


class Vocabulary(Protocol):
    """The services of AWS, their actions, and their condition keys."""

    def services(self) -> Collection[str]:
        """Return the prefixes of all services, in lower case."""

    def actions(self, service: str) -> Collection[str]:
        """Return the names of a service's actions as they are written; none of a service that does not exist."""

    def can_be_held_to_resources(self, service: str, action: str) -> bool:
        """Tell whether *action* changes something and is about resources that a policy can name."""

    def condition_keys(self, service: str) -> Collection[str]:
        """Return a service's own condition keys, in lower case; ``${...}`` in one stands for any text."""
