"""Writing files that are whole or not there, and nobody else's to read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from lakeshare.errors import UsageError


def write_whole(path: Path, text: str, *, makes_folders: bool = True) -> None:
    """
    Write *text* to *path* (mode 0600), replacing what was there in one go; folders are made as needed (0700),
    unless a person named the place, where a missing one is a slip.

    A process that dies half-way leaves the old file. Raises UsageError when the place cannot be written to.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        if makes_folders:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
