"""Drift as a person reads it, and the pages that tell of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from lakeshare.planning.differences import Change, Difference, Making
from lakeshare.report.drift_view import view_drift
from lakeshare.report.json import drift_document
from lakeshare.report.sarif import RULES, render_sarif
from lakeshare.report.text.drift import SIGNS, WORDS, render_drift
from tests.unit.report.values import grant, link, no_op, role, shown

DOCS = Path(__file__).parents[3] / "docs"
MADE = Making(1_790_000_000.0, "20260921T141320-abcd", "ci", "runner-7")


def difference(resource: Any, change: Change = "missing", reason: str = "it is gone", **more: Any) -> Difference:
    more = {"is_ours": True, "account_id": "222222222222", "making": MADE, **more}
    return Difference(resource.address, resource.kind, change, reason, **more)


def text_of(*found: Difference, **options: Any) -> str:
    options = {"in_place": 3, **options}
    return shown(lambda page: render_drift(view_drift(found), page, **options), columns=100)


def test_drift_is_a_tree() -> None:
    """Places, kinds and what became of things, what is alike in one line, and who made it once for all of them."""
    names = ["users", "contact_record", "agent_event", "bot_intents"]
    blocked = difference(role("x"), "blocked", "a role is in the way", way_out="choose another name")

    found = text_of(
        *(difference(link(name)) for name in names),
        difference(role("analyst"), "changed", "others may assume it too"),
        blocked,
    )

    assert (
        found
        == """\
consumer/eu-west-2  account 222222222222
  resource links: 4 missing
    - link:analytics.*
        4: users_link, contact_record_link, agent_event_link and 1 more
        it is gone
        made 2026-09-21T14:13:20Z by ci@runner-7, run 20260921T141320-abcd

consumer/global  account 222222222222
  roles: 1 changed
    ~ role:analyst
        others may assume it too
        made 2026-09-21T14:13:20Z by ci@runner-7, run 20260921T141320-abcd

In the way: an apply changes nothing until this is decided
  ✗ consumer/global/role:x
      a role is in the way
      made 2026-09-21T14:13:20Z by ci@runner-7, run 20260921T141320-abcd
      way out: choose another name

3 of ours as they should be.
Drift: 6 differences: 4 missing, 1 changed, 1 in the way.
"""
    )


def test_each_is_listed_when_asked_for() -> None:
    """With -v each difference has a line of its own."""
    found = text_of(*(difference(grant(f"table_{number}")) for number in range(5)), lists_all=True)

    assert found.count("    - grant:") == 5


def test_things_made_at_many_moments_name_the_first_few() -> None:
    """A bunch whose things were made by many runs tells of three moments, and how many more there are."""
    found = text_of(*(difference(link(f"t{n}"), making=replace(MADE, run_id=f"run-{n}")) for n in range(5)))

    assert [f"run run-{number}\n" in found for number in range(5)] == [True, True, True, False, False]
    assert "        and at 2 other moments\n" in found


def test_what_is_in_the_way_of_many_is_told_once() -> None:
    """Forty shares that expired for one reason are one obstacle, with the first few addresses and all with -v."""
    expired = [difference(link(f"t{n}"), "blocked", "it expired", way_out="ask again") for n in range(40)]

    short, whole = text_of(*expired), text_of(*expired, lists_all=True)

    assert (short.count("way out: ask again"), short.count("✗ "), short.count("and 37 more\n")) == (1, 3, 1)
    assert (whole.count("way out: ask again"), whole.count("✗ ")) == (1, 40)
    assert "Drift: 40 differences: 40 in the way.\n" in short


def test_a_run_that_the_ledger_forgot_is_named_by_its_id() -> None:
    """Where the run is not in the history any more, nobody is made up."""
    assert "made 2026-09-21T14:13:20Z by run r\n" in text_of(
        difference(link("a"), making=Making(MADE.made_at, "r", None, None))
    )


def test_no_drift_says_so_and_what_is_kept() -> None:
    """What others have come to use is told and is no difference."""
    kept = no_op(link("a"), is_kept=True)

    found = text_of(kept=[kept], notes=["something"])

    assert "Note: something\n" in found
    assert f"{kept.address} is no longer wanted; {kept.reason}\n" in found
    assert found.endswith("No drift: everything is as the spec and the ledger say.\n")


def test_every_change_has_a_sign_a_word_a_rule_and_a_line_in_the_page() -> None:
    """A change that is added somewhere is added everywhere."""
    changes = set(get_args(Change))
    page = (DOCS / "drift.md").read_text()

    assert set(SIGNS) == set(WORDS) == set(RULES) == changes
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == changes
    assert set(re.findall(r"`drift-(\w+)`", page)) == changes


def test_the_page_shows_the_document_as_it_is() -> None:
    """The members of the example in the page are those of a difference."""
    page = (DOCS / "drift.md").read_text()
    [example] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)

    document = drift_document(view_drift([difference(link("a"))]), in_place=0, kept=[], notes=[], calls={})

    assert list(json.loads(example)) == list(document["differences"][0])


def test_a_path_with_odd_characters_is_a_uri(tmp_path: Path, monkeypatch: Any) -> None:
    """Blanks and the like are escaped below the folder we are in; elsewhere the whole path is a file URI."""
    monkeypatch.chdir(tmp_path)

    def uri(path: str) -> str:
        log = json.loads(render_sarif([], spec_path=path, spec_name="s"))
        found: str = log["runs"][0]["artifacts"][0]["location"]["uri"]
        return found

    assert uri("a b/läke.yaml") == "a%20b/l%C3%A4ke.yaml"
    assert uri(str(tmp_path / "x.yaml")) == "x.yaml"
    assert uri("../x.yaml") == (tmp_path.parent / "x.yaml").as_uri()
