"""An error text as its sender wrote it, without what terminals and tools put around it. Pure."""

from __future__ import annotations

import re
from typing import Final

_COLOURS: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_FRAME: Final = re.compile(r"^[\s│┃╷╵|>#]+|[\s│┃|]+$", re.MULTILINE)
"""What stands before and after the lines of Terraform's boxes, of quotes in mails and tickets, of comments."""
_ESCAPED: Final = re.compile(r"\\[nrt]")
"""Line breaks as JSON and logs write them."""


def unwrapped(text: str) -> str:
    """Return *text* as one line: colours, frames and line breaks are gone, and nothing else is."""
    return " ".join(_FRAME.sub(" ", _ESCAPED.sub("\n", _COLOURS.sub("", text))).split())
