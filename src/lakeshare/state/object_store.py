"""
Where a ledger can lie beside a file system: anything that keeps objects by name and writes on a condition.

What is asked of such a store is little, and S3 gives it: a get or a list that begins after a put has been answered
shows that put, and of several writers with one condition at most one is let through (documented: S3's user guide,
consistency model and conditional writes). ``lakeshare.aws.object_store`` is S3; tests have one in memory.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


class Stored(Protocol):
    """An object as it was read."""

    @property
    def body(self) -> bytes:
        """All of its content."""

    @property
    def etag(self) -> str:
        """Another with every write of other content."""

    @property
    def age_seconds(self) -> float:
        """How long ago it was written, both moments told by the store's own clock: no two hosts need to agree."""


class ObjectStore(Protocol):
    """
    Objects by name, below one place. Safe to use from many threads.

    Each method may raise LakeshareError. A write whose answer was lost is repeated by the store itself, and so may find
    its own first attempt in the way: use ``put_own`` and ``replace_own``, which recognise it.
    """

    where: str
    """The place, as people know it."""

    def get(self, name: str) -> Stored | None:
        """Return the object called *name*; None when there is none."""

    def put_if_absent(self, name: str, body: bytes) -> str | None:
        """Write an object that is not there yet and return its etag; None when there is one, which stays."""

    def put_if_match(self, name: str, body: bytes, etag: str) -> str | None:
        """Write over the object that has this *etag* and return the new one; None when it has another, or is gone."""

    def list(self) -> list[str]:
        """Return the names of all objects."""

    def delete(self, names: Collection[str]) -> None:
        """Delete these objects; those that are not there are no error."""

    def advice(self) -> str | None:
        """Say what whoever begins to keep a ledger here should know of the place; None when all is well."""

    def close(self) -> None:
        """Let connections go."""


def put_own(store: ObjectStore, name: str, body: bytes) -> str | None:
    """
    Put *body*, which nobody else writes, where nothing is yet; None when something of somebody else's is there.

    A put whose connection broke may have acted: then what is there is *body* itself.
    """
    etag = store.put_if_absent(name, body)
    return etag if etag is not None else _own_etag(store, name, body)


def replace_own(store: ObjectStore, name: str, body: bytes, etag: str) -> str | None:
    """Put *body*, which nobody else writes, over what has *etag*; None when that is not what is there any more."""
    new = store.put_if_match(name, body, etag)
    return new if new is not None else _own_etag(store, name, body)


def _own_etag(store: ObjectStore, name: str, body: bytes) -> str | None:
    there = store.get(name)
    return there.etag if there is not None and there.body == body else None
