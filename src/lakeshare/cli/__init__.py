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

import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]

_ALLOCATIONS_BETWEEN_LOOKS = 100_000


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    # What is read on the way in (imports, models, the spec) stays to the end and has no cycles worth looking for:
    # as Python comes, a tenth of a short command goes into looking.
    gc.set_threshold(_ALLOCATIONS_BETWEEN_LOOKS, 20, 50)
    # pydantic would look through every package that is installed for plugins to itself.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from lakeshare.cli.ending import run

    code = run(list(sys.argv[1:] if arguments is None else arguments))
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is written and closed. Python would now take apart, object by object, the service models it has read,
    # which takes as long as a plan; and where reads were interrupted, or a sandbox has workers, it would wait for them.
    os._exit(code)
