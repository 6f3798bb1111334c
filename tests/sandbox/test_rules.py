"""The rules themselves: each is shown by tests both ways, and the reference says what they say."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from lakeshare.sandbox.rules import Rule, all_rules, refusals

ROOT = Path(__file__).parents[2]
SCRIPT: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "build_rules_reference.py"))
SHOWN = SCRIPT["shown"]()
REFERENCE = SCRIPT["reference"]()  # before tests of other modules declare rules of their own
IDS = [rule.id for rule in all_rules()]


@pytest.mark.parametrize("mark", ["refuses", "allows"])
def test_every_rule_is_shown_both_ways(mark: str) -> None:
    """Each rule has a test that sees it refuse and one in which the same is done and let."""
    assert [each for each in IDS if each not in SHOWN[mark]] == []


@pytest.mark.parametrize("mark", ["refuses", "allows"])
def test_no_mark_names_a_rule_that_there_is_not(mark: str) -> None:
    """A mark with a misspelt or a former id shows nothing."""
    assert sorted(set(SHOWN[mark]) - set(IDS)) == []


def test_the_differences_from_moto_s_tests_name_rules_that_there_are() -> None:
    """Each test of moto's that expects what AWS refuses is listed with the rule that it breaks."""
    page = (ROOT / "tests" / "oracles" / "differences.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z]+\.[a-z-]+\.[a-z-]+)`", page))

    assert named
    assert sorted(named - set(IDS)) == []


def test_the_reference_is_up_to_date() -> None:
    """docs/reference/sandbox-rules.md is what scripts/build_rules_reference.py writes."""
    written = (ROOT / "docs" / "reference" / "sandbox-rules.md").read_text(encoding="utf-8")

    assert written == REFERENCE, "run: python scripts/build_rules_reference.py"


@pytest.mark.parametrize("declared", all_rules(), ids=IDS)
def test_a_rule_is_one_sentence_with_a_source(declared: Rule) -> None:
    """Each rule's id has a service, a thing and a condition; its text ends, and it says where it is from."""
    assert declared.id.count(".") == 2
    assert declared.text[0].isupper()
    assert declared.text.endswith(".")
    assert declared.source


def test_refusals_are_counted_by_rule() -> None:
    """Each refusal is counted under its rule's id, by which marks are held to."""
    declared = Rule("test.counted.once", "It is counted.", tag="inferred", source="this test")

    declared.refuse("AccessDeniedException", "No.")

    assert refusals["test.counted.once"] == 1
