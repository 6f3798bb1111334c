"""Reports that go to a file beside the answer."""

from __future__ import annotations

import os
from pathlib import Path

from lakeshare.errors import UsageError


def write_report(path: Path, text: str) -> None:
    """Write *text* to the file at *path*, which only its owner may read; raises UsageError when that cannot be."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
