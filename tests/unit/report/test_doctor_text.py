"""Doctor's findings as a person reads them."""

from __future__ import annotations

import io

from lakeshare.access.doctor import Checked, Finding
from lakeshare.report.doctor_view import view_doctor
from lakeshare.report.text.doctor import render_doctor
from lakeshare.report.text.page import Page

LONG = "aws lakeformation put-data-lake-settings --region eu-west-2 --data-lake-settings file://settings.json"


def checked(account: str, finding: Finding) -> Checked:
    """Return a finding of some check."""
    return Checked("some", "Something", account, "111111111111", finding)


def rendered(*checks: Checked, lists_all: bool = False) -> str:
    """Return what a page of a hundred columns shows."""
    stream = io.StringIO()
    render_doctor(view_doctor(checks), Page(stream, environ={}), lists_all=lists_all)
    return stream.getvalue()


def test_blockers_come_first_within_their_account() -> None:
    """Accounts keep their order; what is well is counted, or listed when all is asked for."""
    checks = (
        checked("producer", Finding("ok", "all is well")),
        checked("consumer", Finding("warning", "it is near", "look")),
        checked("consumer", Finding("blocker", "it is gone", "bring it back", detail="since May")),
    )

    short, whole = rendered(*checks), rendered(*checks, lists_all=True)

    order = [short.index(text) for text in ("producer", "1 check ok", "consumer", "it is gone", "it is near")]
    assert order == sorted(order)
    assert "since May" in short
    assert "all is well" not in short
    assert "all is well" in whole
    assert short.endswith("Doctor: 1 blocker, 1 warning, 1 ok (-v shows them).\n")


def test_a_long_command_can_be_copied() -> None:
    """It stands on one line by itself, with a number in its sentence; a short one stays where it is."""
    fix = f"take it out: `{LONG}`; then `lakeshare apply` goes on"

    lines = rendered(checked("consumer", Finding("blocker", "it is full", fix))).splitlines()

    assert f"             [1] {LONG}" in lines
    assert "      to do: take it out: [1]; then `lakeshare apply` goes on" in lines
