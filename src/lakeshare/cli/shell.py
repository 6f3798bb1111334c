"""What the global flags add up to."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lakeshare.app import Settings
    from lakeshare.engine.stop import StopSignal
    from lakeshare.report.progress import Progress
    from lakeshare.report.text.page import Color, Page

DEFAULT_FILE: Final = "lakeshare.yaml"

LOGS_TO_STDERR: Final = 2
"""How many ``-v`` it takes for the log to go to stderr too."""


@dataclass
class Shell:
    """
    The global flags, filled in while the command line is parsed, and what follows from them.

    A flag may stand before or after the command; the last one said counts, and each ``-v`` counts.
    """

    command: str | None = None
    file: str = DEFAULT_FILE
    state: str | None = None
    endpoint_url: str | None = None
    verbosity: int = 0
    log_file: str | None = None
    color: Color = "auto"
    json: bool = False
    exit_code: int = 0
    """What the command has come to so far."""

    @property
    def lists_all(self) -> bool:
        """Whether lines that are alike are listed one by one."""
        return self.verbosity > 0

    @property
    def last_word(self) -> str:
        """What stdout still gets when the command is left at once: the document, where one was asked for."""
        if not self.json:
            return ""
        from lakeshare.report.json import document

        return json.dumps(document(self.command or "lakeshare", "interrupted"), indent=2) + "\n"

    @cached_property
    def out(self) -> Page:
        """Stdout, for results."""
        from lakeshare.report.text.page import Page

        return Page(sys.stdout, color=self.color)

    @cached_property
    def err(self) -> Page:
        """Stderr, for everything that is no result."""
        from lakeshare.report.text.page import Page

        return Page(sys.stderr, color=self.color)

    @cached_property
    def progress(self) -> Progress:
        """How a run gets on, on stderr."""
        from lakeshare.report.progress import progress_on

        return progress_on(self.err)

    def settings(self, stop: StopSignal | None = None) -> Settings:
        """Return the flags as what `lakeshare.app` takes; its events go to the progress and to the log."""
        from lakeshare.app import Settings
        from lakeshare.cli.log import each_of, log_event, log_to_stderr
        from lakeshare.engine.stop import StopSignal

        if self.verbosity >= LOGS_TO_STDERR:
            log_to_stderr()
        return Settings(
            Path(self.file),
            state=self.state,
            # botocore reads AWS_ENDPOINT_URL and its per-service forms by itself.
            endpoint_url=self.endpoint_url,
            environ=dict(os.environ),
            shown_as=self.file,
            listener=each_of(self.progress, log_event),
            stop=stop or StopSignal(),
        )
