"""
Amazon Connect's analytics half: which data sets of an instance are shared with which account.

``lake`` is what is stored; ``associations`` and ``instances`` answer the operations. Everything else of Connect goes to
moto.
"""

from __future__ import annotations

from lakeshare.sandbox.calls import Operations


def __getattr__(name: str) -> Operations:
    # The stores of these services are imported by each other's operations: assembling on first use keeps that acyclic.
    if name != "OPERATIONS":
        raise AttributeError(name)
    from lakeshare.sandbox.services.connect import associations, instances

    return {**instances.OPERATIONS, **associations.OPERATIONS}
