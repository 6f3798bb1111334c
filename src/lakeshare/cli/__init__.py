"""
The command line: arguments in, one call into ``lakeshare.app``, a report, an exit code.

::

    root      the commands by name, the global flags, what to say to a name that is none
    shell     what the global flags add up to: settings, streams, pages
    commands  one module each; a command returns an Answer and prints nothing of its own
    ending    from an Answer or an error to a document or a text, and an exit code

Everything but click is imported by the command that needs it: ``lakeshare --help`` must answer at once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    from lakeshare.cli.ending import run

    code = run(list(sys.argv[1:] if arguments is None else arguments))
    sys.stderr.flush()
    if threading.active_count() > 1:
        # Reads that were interrupted, or workers of a sandbox: Python would wait for some of them and take the others
        # apart while they run, and nobody needs their answers any more.
        os._exit(code)
    sys.exit(code)
