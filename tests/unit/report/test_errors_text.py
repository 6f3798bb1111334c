"""Errors as a person reads them."""

from __future__ import annotations

from lakeshare.errors import BlockedError
from lakeshare.report.text.errors import render_error
from tests.unit.report.values import shown


def test_blockers_that_differ_only_in_the_address_are_one() -> None:
    """153 protected things are one sentence with a count and the first few; another reason is its own sentence."""
    protected = [f"consumer/eu-west-2/link:a.t{number}: it is protected; unprotect it" for number in range(153)]
    error = BlockedError("in the way", blockers=(*protected, "consumer/eu-west-2/database:a: it exists; rename it"))

    text = " ".join(shown(lambda page: render_error(error, page)).split())

    assert text == (
        "error: in the way ✗ 153 things: consumer/eu-west-2/link:a.t0, consumer/eu-west-2/link:a.t1, "
        "consumer/eu-west-2/link:a.t2 and 150 more: it is protected; unprotect it "
        "✗ consumer/eu-west-2/database:a: it exists; rename it"
    )


def test_all_that_is_in_the_way_can_be_listed() -> None:
    """With -v each of the things that one sentence is about has a line."""
    blockers = tuple(f"a/b/link:t{number}: it is protected; unprotect it" for number in range(5))
    error = BlockedError("in the way", blockers=blockers)

    lines = shown(lambda page: render_error(error, page, lists_all=True)).splitlines()

    assert [line.strip() for line in lines] == [
        "error: in the way",
        "✗ 5 things: it is protected; unprotect it",
        *(f"a/b/link:t{number}" for number in range(5)),
    ]
