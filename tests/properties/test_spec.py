"""Whatever is done to a spec, the loader answers with a spec or with mistakes that lie in the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeshare.catalogue import tables
from lakeshare.errors import SpecError
from lakeshare.spec import TableSelection, json_schema, parse_spec, select, spec_digest

EXAMPLES = [path.read_text() for path in (Path(__file__).parents[1] / "unit" / "spec" / "examples").glob("*.yaml")]
ENVIRON = {"LAKESHARE_EXTERNAL_ID": "open-sesame", "EXTERNAL_ID": "open-sesame", "PRODUCER_ID": "111111111111"}
SCRAPS = [
    "", " ", "\n", "\n  ", ":", ": ", "-", "- ", "{", "}", "[", "]", ",", '"', "'", "#", "&a ", "*a", "*session",
    "<<: ", "!", "!!int ", "|", ">", "?", "? ", "%", "@", "`", "\t", "\r", "\x00", "\ue000", "\ufeff", "${", "${X}",
    "null", "~", "yes", "1", "-1", "1e999", "0x1f", "9" * 5000, "2027-03-31", "12:30:45", ".inf", "=", "é",
    "\U0001f600", "all", "group:", "live:", "*", "[[[[", "arn:aws:iam::1:role/x", "x" * 300, "version", "tables",
    "lake: {}", "---\n", "...\n",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Return an example of which a few stretches are cut out, doubled, or replaced by scraps."""
    text = draw(st.sampled_from(EXAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        scrap = draw(st.sampled_from(SCRAPS) | st.text(max_size=6) | st.just(text[start:end] * 2))
        text = text[:start] + scrap + text[end:]
    return text


def lengths(text: str) -> list[int]:
    """Return the length of each line as YAML counts lines."""
    for line_end in ("\r\n", "\r", "\x85", "\u2028", "\u2029"):
        text = text.replace(line_end, "\n")
    return [len(line) for line in text.split("\n")]


@given(mutated())
@settings(max_examples=300)
def test_a_bent_spec_is_a_spec_or_mistakes_in_the_file(text: str) -> None:
    """Nothing but SpecError is raised, in file order, and every place is one that an editor can go to."""
    try:
        spec = parse_spec(text, ENVIRON)
    except SpecError as error:
        mistakes = error.mistakes
    else:
        assert len(spec_digest(spec)) == 64
        return

    lines = lengths(text)
    assert mistakes
    assert [(m.line, m.column) for m in mistakes] == sorted((m.line, m.column) for m in mistakes)
    for mistake in mistakes:
        assert 1 <= mistake.line <= len(lines)
        assert 1 <= mistake.column <= lines[mistake.line - 1] + 1
        assert mistake.message == mistake.message.strip()
        assert "\n" not in mistake.message
        assert "open-sesame" not in mistake.message


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
@settings(max_examples=200)
def test_no_bytes_break_the_loader(content: bytes) -> None:
    """Bytes that are no spec are refused as that."""
    with pytest.raises(SpecError) as caught:
        parse_spec(content, {})

    assert caught.value.mistakes


PARTS = [
    "version: 1\n",
    "name: base\n",
    "accounts: {a: {id: '111111111111', region: us-east-1}}\n",
    "shares: {}\n",
]


@given(st.permutations(PARTS))
def test_the_order_of_the_file_is_no_part_of_a_spec(parts: list[str]) -> None:
    """Any order of the top-level fields is the same spec with the same digest."""
    spec, other = parse_spec("".join(parts), {}), parse_spec("".join(PARTS), {})

    assert spec == other
    assert spec_digest(spec) == spec_digest(other)


PATTERNS = st.sampled_from([*tables(), "*", "agent_*", "group:bot", "live:fresh", "zzz_*", "[a-c]*"])


@given(st.lists(PATTERNS, min_size=1, max_size=6), st.permutations(list(tables())))
def test_a_selection_is_a_sublist_of_the_lake(patterns: list[str], names: list[str]) -> None:
    """Selected tables keep the lake's order and come once; the order of the patterns is irrelevant."""
    groups = {name: table.category for name, table in tables().items()}

    selected = select(TableSelection(tuple(patterns)), names, groups)

    known = [name for name in selected.names if name in names]
    assert known == [name for name in names if name in set(known)]
    assert len(set(selected.names)) == len(selected.names)
    assert selected.names == select(TableSelection(tuple(reversed(patterns))), names, groups).names


def test_the_schema_is_the_same_every_time() -> None:
    """Two printings of the schema are equal: nothing of one shows in the next."""
    assert json_schema() == json_schema()
