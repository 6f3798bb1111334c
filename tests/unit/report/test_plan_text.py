"""A plan as a person reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lakeshare.planning.plan import Plan
from lakeshare.report.plan_view import view_plan
from lakeshare.report.text.plan import render_plan
from tests.unit.report.values import OWNER, blocker, grant, link, no_op, plan, role, shown, step

NAMES = ["users", "contact_record", "agent_event", "routing_profiles", "bot_intents"]


def text_of(plan_: Plan, **options: Any) -> str:
    columns = options.pop("columns", 100)
    encoding = options.pop("encoding", "utf-8")
    return shown(lambda page: render_plan(view_plan(plan_), page, **options), columns=columns, encoding=encoding)


def test_a_plan_is_a_tree() -> None:
    """Places, kinds and steps, what is alike in one line, reasons beneath, totals at the end."""
    found = text_of(
        plan(
            step(role("analyst"), reason="the role is missing"),
            *(step(link(name), reason="the link is missing") for name in NAMES),
            step(grant("users"), "delete", "the grant is no longer wanted"),
            step(link("old"), "replace", "it points elsewhere"),
            step(role("other"), "update", "its path is /a/, not /b/"),
        )
    )

    assert (
        found
        == """\
consumer/global  account 222222222222
  roles: 1 to create, 1 to change
    + role:analyst
        the role is missing
    ~ role:other
        its path is /a/, not /b/

consumer/eu-west-2  account 222222222222
  resource links: 5 to create, 1 to replace
    + link:analytics.*
        5: users_link, contact_record_link, agent_event_link and 2 more
        the link is missing
    ± link:analytics.old_link
        it points elsewhere
  grants: 1 to revoke
    - revoke grant:role/connect-analytics-lambda-execution-role/SELECT/connect:connect_datalake.users
        the grant is no longer wanted

Plan: 6 to create, 1 to change, 1 to replace, 1 to delete (1 of them revoked).
"""
    )


def test_every_line_can_be_listed() -> None:
    """With -v each step has a line of its own, however alike."""
    found = text_of(plan(*(step(link(name)) for name in NAMES)), lists_all=True)

    for name in NAMES:
        assert f"    + link:analytics.{name}_link\n" in found
    assert "*" not in found


def test_what_is_in_place_is_counted_or_listed() -> None:
    """No-ops are a sentence that tells ours from other people's; --show-no-op lists them with their reasons."""
    no_ops = no_op(link("users")), no_op(role("analyst"), is_ours=False), no_op(role("gone"), forget=True)
    quiet = plan(no_ops=no_ops)

    assert text_of(quiet) == (
        "2 in place: 1 ours, 1 exists and is not ours.\n"
        "1 gone, or going with the rest: the ledger will forget them.\n"
        "No changes: everything is as the spec says.\n"
    )
    assert "  consumer/global/role:analyst  exists, not ours\n" in text_of(quiet, show_no_op=True)


def test_what_is_in_the_way_is_told_in_full() -> None:
    """Each blocker has its address, its reason and its way out, and nothing claims that all is well."""
    found = text_of(plan(blockers=(blocker(link("users")),)))

    assert found.startswith("In the way: nothing is changed until this is decided\n")
    assert "  ✗ consumer/eu-west-2/link:analytics.users_link\n      a table of that name exists\n" in found
    assert "      way out: choose another name in the spec\n" in found
    assert "No changes" not in found


def test_what_is_in_the_way_for_one_reason_is_told_once() -> None:
    """A guard that keeps two thousand things is a sentence with the first few; -v lists them all."""
    blocked = plan(blockers=tuple(blocker(link(f"t{number}")) for number in range(2000)))

    found, whole = text_of(blocked), text_of(blocked, lists_all=True)

    assert found.count("a table of that name exists") == 1
    assert "link:analytics.t2_link\n    and 1997 more\n      a table" in found
    assert len(found.splitlines()) < 12
    assert whole.count("link:analytics.t") == 2000


def test_notes_and_an_incomplete_plan_are_told() -> None:
    """Notes are folded under their first word; a first part says that there is more to come."""
    found = text_of(plan(step(role("a")), notes=("word " * 40,), is_complete=False))

    assert "Note: word word" in found
    assert "\n      word word" in found
    assert "Note: this is a first part" in found


def test_a_step_that_is_decided_later_says_so() -> None:
    """What rests on something unknown is decided again before it is done, and the line says it."""
    found = text_of(plan(step(link("users", owner=OWNER), reason="the link is missing")))

    assert "the link is missing; decided again right before it is done" in found


def test_lines_fit_the_page() -> None:
    """Everything but an address is folded to the width of the page."""
    found = text_of(plan(*(step(link(name), reason="because " * 20) for name in NAMES), notes=("x " * 90,)), columns=60)

    assert max(len(line) for line in found.splitlines() if "link:" not in line) <= 60


def test_signs_are_ascii_where_they_must_be() -> None:
    """A stream without ± and ✗ gets signs that it can carry."""
    found = text_of(plan(step(link("users"), "replace"), blockers=(blocker(role("a")),)), encoding="ascii")

    assert "+/- link:analytics.users_link" in found
    assert "FAILED consumer/global/role:a" in found


def test_a_long_list_in_a_note_is_cut_after_a_few_names() -> None:
    """46 names in a note are the first five and a count; a short list stays whole."""
    names = ", ".join(f"table_{number}" for number in range(46))

    text = " ".join(text_of(plan(notes=(f"left out: {names}", "two: a_1, b_2"))).split())

    assert "left out: table_0, table_1, table_2, table_3, table_4 and 41 more" in text
    assert "table_5" not in text
    assert "two: a_1, b_2" in text


def test_what_is_kept_for_others_is_named() -> None:
    """A thing that nobody wants and others use is no change, and no secret either."""
    kept = replace(no_op(role("analyst"), is_kept=True), reason="kept: others use it")

    found = text_of(plan(no_ops=(no_op(role("other")), kept)))

    assert found == (
        "1 in place, all ours.\n"
        "consumer/global/role:analyst is no longer wanted; kept: others use it\n"
        "No changes: everything is as the spec says.\n"
    )
