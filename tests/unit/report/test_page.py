"""Colours, widths and characters: what a stream wants."""

from __future__ import annotations

import io

import pytest

from lakeshare.report.text.page import PLAIN_WIDTH, Color, Page, wants_color
from lakeshare.report.text.table import render_table
from tests.unit.report.values import shown


class TerminalStream(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("color", "environ", "is_terminal", "expected"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, True, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_who_gets_colours(color: Color, environ: dict[str, str], is_terminal: bool, expected: bool) -> None:  # noqa: FBT001
    """The flag counts most, then NO_COLOR, then FORCE_COLOR, then what the stream is; and the page does as told."""
    stream = TerminalStream() if is_terminal else io.StringIO()

    Page(stream, color=color, environ=environ).line(("word", "red"))

    assert wants_color(stream, color, environ) is expected
    assert ("\x1b[31m" in stream.getvalue()) is expected


def test_widths_come_from_where_they_are_known() -> None:
    """COLUMNS counts; a stream that is no terminal is as wide as a log is read; nothing is narrower than readable."""
    assert Page(io.StringIO(), environ={"COLUMNS": "72"}).width == 72
    assert Page(io.StringIO(), environ={}).width == PLAIN_WIDTH
    assert Page(io.StringIO(), environ={"COLUMNS": "5"}).width == 40
    assert Page(io.StringIO(), environ={"COLUMNS": "wide"}).width == PLAIN_WIDTH


def test_markup_in_what_others_wrote_is_text() -> None:
    """Square brackets, emoji codes and the like in names and messages are printed as they are."""
    text = "[red]name[/red] :smile: [link=x]"

    def render(page: Page) -> None:
        page.line(text)
        page.folded(text)

    found = shown(render)

    assert found == f"{text}\n{text}\n"


def test_a_table_aligns_numbers_and_leaves_nulls_empty() -> None:
    """Columns of numbers are to the right, text to the left; null is nothing, not the word."""
    rows = [("Billing", "31", None), ("Technical support", "5", "0.5")]

    found = shown(lambda page: render_table(("queue", "contacts", "share"), rows, page))

    assert [line.rstrip() for line in found.splitlines()] == [
        "queue               contacts   share",
        "────────────────────────────────────",
        "Billing                   31",
        "Technical support          5     0.5",
    ]


def test_a_table_outside_a_terminal_is_as_wide_as_it_needs_to_be() -> None:
    """A long value in a pipe is one line, so that other programs can read it."""
    found = shown(lambda page: render_table(("a", "b"), [("x" * 150, "y" * 50)], page))

    assert "x" * 150 in found
    assert "y" * 50 in found


def test_a_wide_table_loses_no_value_outside_a_terminal() -> None:
    """A hundred columns, wide characters among them, are one line per row in a pipe, every value whole."""
    columns = [f"column_{index}" for index in range(100)]
    rows = [[f"値{index}-{'v' * 20}" for index in range(100)]]

    lines = shown(lambda page: render_table(columns, rows, page)).splitlines()

    assert len(lines) == 3
    assert [cell.strip() for cell in lines[2].split("   ") if cell.strip()] == rows[0]


def test_a_terminal_too_narrow_for_the_columns_gets_records() -> None:
    """Where folding would leave fragments each row is printed as column: value; null is still nothing."""
    columns = [f"column_{index}" for index in range(20)]
    stream = TerminalStream()

    render_table(columns, [["value number"] * 19 + [None]], Page(stream, color="never", environ={"COLUMNS": "80"}))

    lines = stream.getvalue().splitlines()
    assert lines[0] == "row 1"
    assert lines[1] == "  column_0: value number"
    assert lines[20].rstrip() == "  column_19:"


def test_a_terminal_too_narrow_for_one_long_value_folds_it() -> None:
    """Two columns stay a table on a terminal, the long one folded; not a character is lost."""
    stream = TerminalStream()

    render_table(("name", "text"), [("a", "x" * 150)], Page(stream, color="never", environ={"COLUMNS": "80"}))

    assert "row 1" not in stream.getvalue()
    assert stream.getvalue().count("x") == 150 + 1
    assert all(len(line) <= 80 for line in stream.getvalue().splitlines())
