"""Where a spec names things."""

from __future__ import annotations

from lakeshare.spec import SpecLines, spec_lines

SPEC = """\
version: 1
name: s
x-reader: &reader
  role: shared
accounts:
  producer: {id: "111111111111"}
  consumer:
    id: "222222222222"
shares:
  one:
    readers:
      - role: a
      - {role: b}
      - *reader
  "two":
    <<: {to: {}}
"""


def test_lines_of_accounts_shares_and_readers() -> None:
    """Keys stand where they are written; a reader by alias stands where its anchor is."""
    lines = spec_lines(SPEC)

    assert lines.accounts == {"producer": 6, "consumer": 7}
    assert lines.shares == {"one": 10, "two": 15}
    assert lines.readers == {("one", 0): 12, ("one", 1): 13, ("one", 2): 3}


def test_what_is_not_there_stands_at_what_is_nearest() -> None:
    """An unknown reader stands at its share, an unknown share or account at the first line."""
    lines = spec_lines(SPEC)

    assert lines.of_reader("one", 9) == 10
    assert lines.of_reader("one", None) == 10
    assert lines.of_reader("three", 0) == 1
    assert lines.of_account("nobody") == 1


def test_a_file_that_is_no_spec_has_no_lines() -> None:
    """No YAML, or YAML of another shape: everything is at the first line."""
    for text in ("", "[", "- a", "shares: 3", "shares: {a: {readers: x}}"):
        assert spec_lines(text).of_reader("a", 0) == 1

    assert spec_lines("{") == SpecLines()
