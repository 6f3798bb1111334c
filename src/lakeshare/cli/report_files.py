"""Reports that go to a file beside the answer."""

from __future__ import annotations

from pathlib import Path

from lakeshare.errors import UsageError


def write_report(path: Path, text: str) -> None:
    """Write *text* to the file at *path*; raises UsageError when that cannot be."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
