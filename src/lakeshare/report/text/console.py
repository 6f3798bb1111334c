"""What a page writes with."""

from __future__ import annotations

from rich.console import Console


class HonestConsole(Console):
    """A console that leaves it to its caller what a broken pipe means; rich would end the process with 1."""

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError."""
        raise BrokenPipeError
