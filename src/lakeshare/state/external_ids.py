"""
ExternalIds that lakeshare made up itself, in a file of their own beside the ledger.

The trust that lets the operator act as a reader always asks for one. Where the spec names none, one is made here, once
per account; plans and ledgers only ever hold digests.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from lakeshare.errors import LedgerError
from lakeshare.state.files import write_whole


class ExternalIds:
    """The made-up ExternalIds of one spec, by account name. Nothing is written before `keep`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made = _read(path)

    def of(self, aliases: Iterable[str]) -> dict[str, str]:
        """Return the ExternalId of each account, making up those that are missing."""
        return {alias: self._made.setdefault(alias, secrets.token_urlsafe(24)) for alias in aliases}

    def rename(self, names: Mapping[str, str], in_use: Collection[str]) -> None:
        """
        Give accounts their new *names*, which come by the old ones.

        Where the new name has an ExternalId as well, the old one's counts only when that name is still *in use*: else
        it is a leftover.
        """
        for old, new in names.items():
            if old in self._made and (new not in self._made or old in in_use):
                self._made[new] = self._made.pop(old)

    def keep(self) -> None:
        """Write them down, readable by the owner alone, before anything in AWS depends on them."""
        if not self._made or _read(self._path) == self._made:
            return
        write_whole(self._path, json.dumps(self._made, indent=1, sort_keys=True) + "\n")


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except NotADirectoryError as error:
        raise LedgerError(
            f"{path.parent} is a file where a folder has to be", hint="the ledger goes there; move the file away"
        ) from error
    except (OSError, ValueError) as error:
        raise LedgerError(
            f"{path} cannot be read: {error}", hint="it holds the ExternalIds of proofs; restore it or delete it"
        ) from error
    return {str(alias): str(secret) for alias, secret in found.items()}
