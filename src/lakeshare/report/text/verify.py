"""Proofs for a person: a line per reader where all is well, each failure in full."""

from __future__ import annotations

from lakeshare.access.proof import Proof
from lakeshare.report.text.page import Page
from lakeshare.report.verify_view import Passed, ReaderView, VerifyView
from lakeshare.report.words import counted


def render_verify(view: VerifyView, page: Page, *, lists_all: bool = False) -> None:
    """Write *view* on *page*; *lists_all* names every table that passed."""
    for reader in view.readers:
        _reader(reader, page, lists_all=lists_all)
    _differences(view, page)
    _totals(view, page)


def _reader(reader: ReaderView, page: Page, *, lists_all: bool) -> None:
    page.line((reader.reader, "bold"), (f"  {reader.account}, share {reader.share}", "dim"))
    for passed in reader.passed:
        page.folded(f"{page.signs.passed} {_sentence(passed)}", indent=2, hanging=6, style="green")
        if passed.method == "evaluated":
            why = f": {passed.why_evaluated}" if passed.why_evaluated else ""
            page.folded(f"worked out from grants{why}", indent=6, style="dim")
        if lists_all:
            page.folded(", ".join(passed.tables), indent=6)
    for proof in reader.others:
        _failure(proof, page)
    page.blank()


def _sentence(passed: Passed) -> str:
    count = len(passed.tables)
    things = counted(count, "column" if passed.is_column else "table")
    how = "by query" if passed.method == "query" else "evaluated, not queried"
    what = "read" if passed.expect == "allow" else "refused, as they should be"
    if count == 1:
        what = what.replace("they", "it")
    return f"{things}: {what} ({how}), {count} pass"


def _failure(proof: Proof, page: Page) -> None:
    sign = page.signs.failed if proof.status == "fail" else page.signs.unsure
    name = f"{proof.link}.{proof.column}" if proof.column else proof.link
    expected = "should be readable" if proof.expect == "allow" else "should be refused"
    verdict = "fails" if proof.status == "fail" else "could not be proved"
    page.line(
        (f"{sign} ", "red"), (name, "bold"), f"  {expected}: {verdict} ({proof.method}, table {proof.table})", indent=2
    )
    if proof.error:
        page.folded(proof.error, indent=6)


def _differences(view: VerifyView, page: Page) -> None:
    if view.differences:
        steps = counted(view.differences, "step")
        page.folded(f"Note: a plan of this moment has {steps}; `lakeshare plan` shows more.", hanging=6, style="yellow")


def _totals(view: VerifyView, page: Page) -> None:
    unproved = f", {view.count('not-proved')} not proved" if view.count("not-proved") else ""
    page.line(
        ("Verify: ", "bold green" if view.status == "ok" else "bold red"),
        f"{view.count('pass')} passed, {view.count('fail')} failed{unproved}.",
    )
