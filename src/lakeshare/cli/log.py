"""``--log-file`` and ``-vv``: what happens, with the time. Events and failures only; no call's content is logged."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lakeshare.engine.events import Event, Listener

LOGGER: Final = logging.getLogger("lakeshare")
LOGGER.addHandler(logging.NullHandler())  # without any, Python writes errors to stderr, which the answer tells already
FORMAT: Final = "%(asctime)s %(levelname)s %(message)s"


def log_to_file(path: str) -> None:
    """
    Write the log to the file at *path*, after what is there. Raises OSError when that cannot be done.

    The file is for its owner alone from here on: who may see which tables of whom is nobody else's business.
    """
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600))
    if Path(path).is_file():
        Path(path).chmod(0o600)
    _add(logging.FileHandler(path, encoding="utf-8"))


def log_to_stderr() -> None:
    """Write the log to stderr."""
    _add(logging.StreamHandler(sys.stderr))


def _add(handler: logging.Handler) -> None:
    handler.setFormatter(logging.Formatter(FORMAT))
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.DEBUG)
    LOGGER.propagate = False


def close_log() -> None:
    """Write no more."""
    for handler in [each for each in LOGGER.handlers if not isinstance(each, logging.NullHandler)]:
        LOGGER.removeHandler(handler)
        handler.close()


def log_event(event: Event) -> None:
    """Write *event* into the log."""
    from lakeshare.engine.events import Finished
    from lakeshare.errors import KeptError, WaitError

    if isinstance(event, Finished) and isinstance(event.error, KeptError):
        LOGGER.info("%s %s", event.address, event.error)
    elif isinstance(event, Finished) and isinstance(event.error, WaitError) and event.error.was_interrupted:
        LOGGER.info("%s was left waiting for %s", event.address, event.error)
    elif isinstance(event, Finished) and event.error is not None:
        LOGGER.error("%s failed after %.2f s: %s", event.address, event.seconds, event.error)
    else:
        LOGGER.info("%s", event)


def each_of(*listeners: Callable[[Event], None]) -> Listener:
    """Return a listener that tells each of *listeners*."""

    def tell(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return tell
