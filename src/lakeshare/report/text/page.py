"""Where text goes: a page that knows its width, its colours and which characters its stream can carry."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING, Final, Literal, TypeAlias

from lakeshare.resources.values import SYMBOLS, Action

if TYPE_CHECKING:
    from rich.console import Console

Color: TypeAlias = Literal["auto", "always", "never"]

PLAIN_WIDTH: Final = 100
"""How wide a page is that is no terminal: a log, a file, a pipe."""

NARROWEST: Final = 40

STYLES: Final[Mapping[Action, str]] = {"create": "green", "update": "yellow", "replace": "magenta", "delete": "red"}


@dataclass(frozen=True, slots=True)
class Signs:
    """The characters that carry meaning."""

    actions: Mapping[Action, str]
    passed: str
    failed: str
    unsure: str


FULL: Final = Signs(SYMBOLS, "✓", "✗", "?")
ASCII: Final = Signs({**SYMBOLS, "replace": "+/-"}, "ok", "FAILED", "?")


class Page:
    """
    One stream to write a report on.

    Long lines are folded at words with their indent kept; an address is never folded, so that it can be copied.
    ``is_live``: what is written can be written over again. rich is imported when the first line is written, not before:
    with ``--json`` there may be none.
    """

    def __init__(self, stream: IO[str], *, color: Color = "auto", environ: Mapping[str, str] | None = None) -> None:
        environ = os.environ if environ is None else environ
        self._stream = stream
        self._is_colored = wants_color(stream, color, environ)
        self._width = _width(stream, environ)
        self.is_live = stream.isatty() and environ.get("TERM") != "dumb"
        self.signs = FULL if carries(stream, "".join(FULL.actions.values()) + "✓✗") else ASCII

    @cached_property
    def console(self) -> Console:
        """What writes on the stream."""
        from lakeshare.report.text.console import HonestConsole

        return HonestConsole(
            file=self._stream,
            force_terminal=self._is_colored or self.is_live,
            color_system="standard" if self._is_colored else None,
            width=self._width,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self.console.width

    def line(self, *parts: str | tuple[str, str], indent: int = 0) -> None:
        """Write one line as it is; a part may be ``(text, style)``."""
        from rich.text import Text

        text = Text.assemble(" " * indent, *parts)
        text.rstrip()
        self.console.print(text, soft_wrap=True)

    def folded(self, text: str, *, indent: int = 0, hanging: int | None = None, style: str = "") -> None:
        """Write *text* folded to the page's width; lines after the first are indented by *hanging*."""
        from rich.text import Text

        later = " " * (indent if hanging is None else hanging)
        for line in textwrap.wrap(
            text,
            self.width,
            initial_indent=" " * indent,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        ):
            self.console.print(Text(line, style), soft_wrap=True)

    @contextmanager
    def widened(self, columns: int) -> Iterator[None]:
        """Be at least *columns* wide for as long as the context lasts."""
        before = self.console.width
        self.console.width = max(before, columns)
        try:
            yield
        finally:
            self.console.width = before

    def blank(self) -> None:
        """Write an empty line."""
        self.console.print()


def wants_color(stream: IO[str], color: Color, environ: Mapping[str, str]) -> bool:
    """
    Whether *stream* should get colours.

    What was said on the command line counts most, then NO_COLOR (https://no-color.org: any value but the empty one),
    then FORCE_COLOR, then whether the stream is a terminal that knows colours.
    """
    if color != "auto":
        return color == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return environ["FORCE_COLOR"] != "0"
    return stream.isatty() and environ.get("TERM") != "dumb"


def carries(stream: IO[str], text: str) -> bool:
    """Whether the encoding of *stream* has all characters of *text*."""
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _width(stream: IO[str], environ: Mapping[str, str]) -> int:
    if environ.get("COLUMNS", "").isdecimal() and environ["COLUMNS"] != "0":
        return max(int(environ["COLUMNS"]), NARROWEST)
    if not stream.isatty():
        return PLAIN_WIDTH
    return max(shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns, NARROWEST)
