"""
Resource Access Manager: shares, what is in them, and the invitations by which another account takes them.

``associations`` and ``shares`` are what is stored, ``policies`` what RAM writes for it; ``invitations``,
``resource_shares``, ``contents``, ``permissions`` and ``tags`` answer the operations; ``tokens`` makes those that
change something safe to send again.
"""

from __future__ import annotations

from typing import Any, Final

_WITH_TOKENS: Final = (
    "AcceptResourceShareInvitation",
    "AssociateResourceShare",
    "AssociateResourceSharePermission",
    "CreateResourceShare",
    "DeleteResourceShare",
    "DisassociateResourceShare",
    "DisassociateResourceSharePermission",
    "RejectResourceShareInvitation",
    "UpdateResourceShare",
)


def __getattr__(name: str) -> Any:
    # The stores of these services are imported by each other's operations: assembling on first use keeps that acyclic.
    if name == "CONDITIONS":
        from lakeshare.sandbox.services.ram.conditions import of_call

        return of_call
    if name != "OPERATIONS":
        raise AttributeError(name)
    from lakeshare.sandbox.services.ram import contents, invitations, permissions, resource_shares, tags, tokens

    operations = {
        **invitations.OPERATIONS,
        **resource_shares.OPERATIONS,
        **contents.OPERATIONS,
        **permissions.OPERATIONS,
        **tags.OPERATIONS,
    }
    return operations | {each: tokens.once_per_token(operations[each]) for each in _WITH_TOKENS}
