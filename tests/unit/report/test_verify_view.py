"""Proofs as they are shown and handed to machines."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from lakeshare.report.json import verify_document
from lakeshare.report.junit import render_junit
from lakeshare.report.text.verify import render_verify
from lakeshare.report.verify_view import view_verify
from tests.unit.report.values import proof, shown

PROOFS = [
    proof("users"),
    proof("contact_record"),
    proof("agent_event", "fail", error="Insufficient permissions to execute the query"),
    proof("bot_intents", expect="deny"),
    proof("users", expect="deny", column="email"),
    proof("case_events", "not-proved", expect="deny", error="the query timed out"),
    proof("users", reader="lambda", method="evaluated", why_evaluated="nobody but a service may act as this role"),
]


def test_what_passes_is_a_line_and_what_does_not_is_told_in_full() -> None:
    """Per reader, alike proofs share a line; failures and what could not be proved have their own, with the reason."""
    view = view_verify(PROOFS, differences=2)

    assert (
        shown(lambda page: render_verify(view, page))
        == """\
analyst  consumer, share s
  ✓ 2 tables: read (by query), 2 pass
  ✓ 1 table: refused, as it should be (by query), 1 pass
  ✓ 1 column: refused, as it should be (by query), 1 pass
  ✗ agent_event_link  should be readable: fails (query, table agent_event)
      Insufficient permissions to execute the query
  ? case_events_link  should be refused: could not be proved (query, table case_events)
      the query timed out

lambda  consumer, share s
  ✓ 1 table: read (evaluated, not queried), 1 pass
      worked out from grants: nobody but a service may act as this role

Note: a plan of this moment has 2 steps; `lakeshare plan` shows more.
Verify: 5 passed, 1 failed, 1 not proved.
"""
    )


def test_tables_that_passed_can_be_listed() -> None:
    """With -v the tables behind each line are named."""
    view = view_verify(PROOFS[:2])

    assert "users, contact_record" in shown(lambda page: render_verify(view, page, lists_all=True))


def test_one_word_sums_the_proofs_up() -> None:
    """A failure outweighs what could not be proved, which outweighs what passed."""
    assert view_verify(PROOFS).status == "failed"
    assert view_verify([proof("users"), proof("users", "not-proved")]).status == "not-proved"
    assert view_verify([proof("users")]).status == "ok"


def test_the_document_counts_and_lists() -> None:
    """The document has counts and every proof with its members."""
    document = verify_document(view_verify(PROOFS))

    assert (document["passed"], document["failed"], document["not_proved"]) == (5, 1, 1)
    assert document["proofs"][4] == {
        "reader": "analyst",
        "account": "consumer",
        "share": "s",
        "table": "users",
        "link": "users_link",
        "column": "email",
        "expect": "deny",
        "method": "query",
        "status": "pass",
        "rows": None,
        "error": None,
        "why_evaluated": None,
    }


def test_junit_has_a_suite_per_reader() -> None:
    """Failures are failures, what could not be proved is an error, and counts agree at every level."""
    root = ET.fromstring(render_junit(view_verify(PROOFS)))  # noqa: S314 - we wrote it

    assert root.attrib == {"name": "lakeshare verify", "tests": "7", "failures": "1", "errors": "1"}
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [("s.analyst", "6"), ("s.lambda", "1")]
    [failure] = root.iter("failure")
    assert failure.text == "Insufficient permissions to execute the query"
    assert [case.get("name") for case in root.iter("testcase")][:2] == [
        "reads users_link (query)",
        "reads contact_record_link (query)",
    ]


def test_junit_is_well_formed_whatever_aws_says() -> None:
    """Markup, control characters and lone surrogates in a message do not break the file."""
    nasty = "<b>&\x00\x1b[31m\ud800 ]]> ünïcödé"

    root = ET.fromstring(render_junit(view_verify([proof("users", "fail", error=nasty)])))  # noqa: S314

    [failure] = root.iter("failure")
    assert failure.text is not None
    assert "<b>&" in failure.text
    assert "ünïcödé" in failure.text
