"""
ExternalIds that lakeshare made up itself, in a file of their own beside the ledger, or an object beside its objects.

The trust that lets the operator act as a reader always asks for one. Where the spec names none, one is made here, once
per account; plans and ledgers only ever hold digests. Where the spec names an SSM parameter, that keeps it instead.
"""

from __future__ import annotations

import json
import secrets
import shlex
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from lakeshare.errors import LedgerError
from lakeshare.state.files import write_whole
from lakeshare.state.object_store import ObjectStore, put_own, replace_own

OBJECT_NAME: Final = "external-ids.json"


class Keeper(Protocol):
    """Where the ExternalId of one account is kept by itself, such as an SSM parameter."""

    where: str
    shown_by: str
    """The command that shows it to whoever may see it."""

    def read(self) -> str | None:
        """Return what is kept; None when nothing is yet."""

    def put_if_absent(self, secret: str) -> str:
        """Keep *secret* where nothing is yet, and return what is kept now, which may be another's."""


class ExternalIds:
    """
    The made-up ExternalIds of one spec, by account name. Nothing is written before `keep`.

    They lie where the ledger does, in a file at a path or in the ledger's object store: whoever runs next, on whatever
    host, needs the same ones. Those of some accounts lie *elsewhere*, each with a keeper of its own. Safe to use from
    many threads.

    *together* are names that share one, each time: those of one account that is entered by one role, whose trust policy
    asks for one. Where each has one of its own from before, that of the first counts, and `keep` gives it to all.
    """

    def __init__(
        self,
        place: Path | ObjectStore,
        elsewhere: Mapping[str, Keeper] | None = None,
        together: Iterable[Sequence[str]] = (),
    ) -> None:
        self._shelf: _Shelf = _File(place) if isinstance(place, Path) else _Object(place)
        self._elsewhere = dict(elsewhere or {})
        self._together = {name: tuple(names) for names in together for name in names}
        self._lock = threading.Lock()
        self._kept: dict[str, str | None] = {}
        self._made = self._read()
        self._fresh: set[str] = set()

    @property
    def fresh(self) -> frozenset[str]:
        """The accounts whose ExternalId was made up just now: none was kept, or it was lost."""
        return frozenset(self._fresh)

    @property
    def unkept(self) -> frozenset[str]:
        """The accounts whose ExternalId `keep` would put into a place of its own, where nothing is yet."""
        with self._lock:
            return frozenset(alias for alias in self._elsewhere if self._is_unkept(alias))

    def sharing(self, alias: str) -> tuple[str, ...]:
        """Return the names that have one ExternalId with the account *alias*, itself among them."""
        return self._together.get(alias, (alias,))

    def known(self, alias: str) -> str | None:
        """Return the ExternalId of an account, if there is one; none is made up."""
        keeper = self._elsewhere.get(alias)
        if keeper is None:
            return self._made.get(self._lies_under(alias))
        with self._lock:
            if alias not in self._kept:
                self._kept[alias] = keeper.read()
            return self._kept[alias] or self._made.get(alias)

    def where(self, alias: str) -> str:
        """Return where the ExternalId of an account is, or would be, kept."""
        keeper = self._elsewhere.get(alias)
        return keeper.where if keeper else self._shelf.where

    def shown_by(self, alias: str) -> str:
        """Return the command that shows the ExternalId of an account, which nothing here ever prints."""
        keeper = self._elsewhere.get(alias)
        return keeper.shown_by if keeper else f"{self._shelf.shown_by} | jq -r '.[\"{self._lies_under(alias)}\"]'"

    def of(self, aliases: Iterable[str]) -> dict[str, str]:
        """Return the ExternalId of each account, making up those that are missing."""
        found = {}
        for alias in aliases:
            known = self.known(alias)
            if known is None:
                known = secrets.token_urlsafe(24)
                self._fresh |= set(self.sharing(alias))
                self._made |= dict.fromkeys(self.sharing(alias), known)
            found[alias] = known
        return found

    def learn(self, found: Mapping[str, str]) -> None:
        """Take over ExternalIds that were *found*, by account, where they are asked for; they are kept like ours."""
        for alias, secret in found.items():
            self._made |= dict.fromkeys(self.sharing(alias), secret)
            self._fresh -= set(self.sharing(alias))

    def rename(self, names: Mapping[str, str], in_use: Collection[str]) -> None:
        """
        Give accounts their new *names*, which come by the old ones. The old names keep theirs until they are dropped.

        Where the new name has an ExternalId as well, the old one's counts only when that name is still *in use*: else
        it is a leftover.
        """
        for old, new in names.items():
            if old in self._made and (new not in self._made or old in in_use):
                self._made[new] = self._made[old]

    def drop(self, names: Iterable[str]) -> None:
        """Forget the ExternalIds of accounts that nothing goes by any more."""
        for name in names:
            self._made.pop(name, None)

    def keep(self) -> None:
        """Write them down, readable by the owner alone, before anything in AWS depends on them."""
        for alias, keeper in self._elsewhere.items():
            if self._is_unkept(alias):
                self._kept[alias] = keeper.put_if_absent(self._made[alias])
                if self._kept[alias] != self._made[alias]:
                    raise LedgerError(
                        f"{keeper.where}: another run has just made up an ExternalId", hint="run it again"
                    )
        for names in set(self._together.values()):
            if (secret := self.known(names[0])) is not None:
                self._made |= dict.fromkeys(names, secret)
        here = {alias: secret for alias, secret in self._made.items() if alias not in self._elsewhere}
        if not here or self._read() == here:
            return
        self._shelf.write(json.dumps(here, indent=1, sort_keys=True) + "\n")

    def _lies_under(self, alias: str) -> str:
        """Return the name under which the ExternalId of an account is, or would be, kept here."""
        return next((name for name in self.sharing(alias) if name in self._made), alias)

    def _is_unkept(self, alias: str) -> bool:
        return alias in self._made and self._kept.get(alias) is None

    def _read(self) -> dict[str, str]:
        text = self._shelf.read()
        if text is None:
            return {}
        try:
            return {str(alias): str(secret) for alias, secret in json.loads(text).items()}
        except (ValueError, AttributeError) as error:
            raise LedgerError(
                f"{self._shelf.where} cannot be read: {error}",
                hint="it holds the ExternalIds of proofs; restore it or delete it",
            ) from error


class _Shelf(Protocol):
    """Where the one text lies. ``shown_by`` is the command that prints it."""

    where: str
    shown_by: str

    def read(self) -> str | None: ...

    def write(self, text: str) -> None: ...


class _File:
    def __init__(self, path: Path) -> None:
        self.where, self.shown_by, self._path = str(path), f"cat {shlex.quote(str(path))}", path

    def read(self) -> str | None:
        try:
            # However the file came here, restored or copied: it is nobody else's to read.
            with suppress(PermissionError):
                self._path.chmod(0o600)
            return self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except NotADirectoryError as error:
            raise LedgerError(
                f"{self._path.parent} is a file where a folder has to be",
                hint="the ledger goes there; move the file away",
            ) from error
        except (OSError, ValueError) as error:
            raise LedgerError(
                f"{self._path} cannot be read: {error}",
                hint="it holds the ExternalIds of proofs; restore it or delete it",
            ) from error

    def write(self, text: str) -> None:
        write_whole(self._path, text)


class _Object:
    """Written over only what was read at first, so that of two runs which make some up at once one is told."""

    def __init__(self, store: ObjectStore) -> None:
        self.where, self._store = f"{store.where}/{OBJECT_NAME}", store
        self.shown_by = f"aws s3 cp {shlex.quote(self.where)} -"
        self._etag: str | None = None
        self._is_read = False

    def read(self) -> str | None:
        there = self._store.get(OBJECT_NAME)
        if not self._is_read:
            self._etag, self._is_read = None if there is None else there.etag, True
        return None if there is None else there.body.decode("utf-8", "replace")

    def write(self, text: str) -> None:
        body = text.encode()
        self._etag = (
            put_own(self._store, OBJECT_NAME, body)
            if self._etag is None
            else replace_own(self._store, OBJECT_NAME, body, self._etag)
        )
        if self._etag is None:
            raise LedgerError(f"{self.where}: another run has just made up ExternalIds of its own", hint="run it again")
