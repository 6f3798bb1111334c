"""KMS as moto keeps it: which key a name means, the policy of a key, and what has become of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lakeshare.sandbox.moto_bridge.insides import backends


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """
    A customer's key; ``policy`` is the JSON it was put as, or the default that leaves all to the account's IAM.

    ``state`` is KMS's KeyState: ``Enabled``, ``Disabled``, ``PendingDeletion``.
    """

    arn: str
    policy: str
    state: str = "Enabled"


class KeyStore:
    """The keys of all accounts."""

    def kms_key(self, named: str, account: str, region: str) -> KeyEntry | None:
        """
        Return the key that *named* means to *account* in *region*; None when there is none.

        A name is a key's ARN or id, or an alias or its ARN.
        """
        if named.startswith("arn:"):
            _, _, _, region, account, named = named.split(":", 5)
        with backends("kms") as kms:
            store = kms[account][region]
            found = store.keys.get(named.removeprefix("key/")) or _under_alias(store, named)
            return None if found is None else KeyEntry(found.arn, found.policy, found.key_state)


def _under_alias(store: Any, alias: str) -> Any:
    return next((key for key in store.keys.values() if alias in key.aliases), None)
