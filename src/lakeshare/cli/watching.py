"""Showing that something is going on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lakeshare.cli.shell import Shell


@contextmanager
def watched(shell: Shell, what: str) -> Iterator[None]:
    """Show that *what* is being done for as long as the context lasts, or until there is more to tell."""
    shell.progress.look(what)
    try:
        yield
    finally:
        shell.progress.hush()
