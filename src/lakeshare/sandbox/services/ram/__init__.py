"""
Resource Access Manager: shares, what is in them, and the invitations by which another account takes them.

``shares`` is what is stored, ``policies`` what RAM writes for it; ``invitations``, ``resource_shares``, ``contents``
and ``permissions`` answer the operations.
"""

from __future__ import annotations

from lakeshare.sandbox.calls import Operations


def __getattr__(name: str) -> Operations:
    # The stores of these services are imported by each other's operations: assembling on first use keeps that acyclic.
    if name != "OPERATIONS":
        raise AttributeError(name)
    from lakeshare.sandbox.services.ram import contents, invitations, permissions, resource_shares

    return {
        **invitations.OPERATIONS,
        **resource_shares.OPERATIONS,
        **contents.OPERATIONS,
        **permissions.OPERATIONS,
    }
