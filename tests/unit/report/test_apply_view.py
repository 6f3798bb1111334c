"""What came of a run: causes once, what waited for them, what is left."""

from __future__ import annotations

from lakeshare.errors import CallError
from lakeshare.report.apply_view import ApplyView, view_apply
from lakeshare.report.json import apply_document
from lakeshare.report.text.apply import render_apply
from tests.unit.report.values import outcome, shown

DATABASE = "consumer/eu-west-2/database:analytics"
LINKS = [f"consumer/eu-west-2/link:analytics.{name}_link" for name in ("users", "contact_record", "agent_event")]


def refusal(message: str = "consumer may not glue:CreateDatabase", request_id: str = "r-1") -> CallError:
    return CallError(
        message,
        aws_code="AccessDeniedException",
        account="222222222222",
        operation="glue:CreateDatabase",
        request_id=request_id,
        hint="attach glue:CreateDatabase to the operator",
    )


def text_of(view: ApplyView, *, lists_all: bool = False) -> str:
    return shown(lambda page: render_apply(view, page, lists_all=lists_all))


def test_a_cause_is_told_once_with_what_waited_for_it() -> None:
    """One refusal behind three links is one cause, with account, operation, request id and hint."""
    view = view_apply(
        [outcome(DATABASE, "failed", error=refusal()), *(outcome(at, "skipped", because=DATABASE) for at in LINKS)],
        {},
        "run-1",
    )

    assert view.status == "failed"
    assert (
        text_of(view)
        == """\
✗ consumer/eu-west-2/database:analytics
    consumer may not glue:CreateDatabase
    account 222222222222, operation glue:CreateDatabase, request id r-1
    hint: attach glue:CreateDatabase to the operator
    3 steps were not begun because of this

Failed: nothing done, 1 failed, 3 not begun.
What was done is in the ledger; run again to go on from there.
"""
    )


def test_failures_that_differ_only_in_names_are_one_cause() -> None:
    """The same refusal for three tables is told once, and how many more there are."""
    failed = [outcome(at, "failed", error=refusal(f"may not create {at.split('.')[1]}", at)) for at in LINKS]

    view = view_apply(failed, {}, "run-1")

    [cause] = view.causes
    assert cause.addresses == tuple(LINKS)
    assert "(and 2 more like it)" in text_of(view)
    assert LINKS[2] in text_of(view, lists_all=True)


def test_failures_of_another_sort_are_causes_of_their_own() -> None:
    """Another code, account or operation is another cause."""
    other = refusal()
    other.operation = "glue:CreateTable"

    view = view_apply([outcome(DATABASE, "failed", error=refusal()), outcome(LINKS[0], "failed", error=other)], {}, "r")

    assert len(view.causes) == 2


def test_an_interruption_lists_what_is_left() -> None:
    """What was not begun for no failure's sake is listed, and the run counts as interrupted."""
    outcomes = [outcome(DATABASE), *(outcome(at, "skipped", because="interrupted") for at in LINKS)]

    view = view_apply(outcomes, {}, "run-1", is_interrupted=True)

    assert view.status == "interrupted"
    assert view.not_begun == tuple(LINKS)
    assert text_of(view).startswith("3 not begun:\n    consumer/eu-west-2/link:analytics.users_link\n")
    assert "Interrupted: 1 created, 3 not begun.\n" in text_of(view)


def test_an_interruption_that_came_too_late_is_none() -> None:
    """When everything was done all the same, the run is a good one."""
    assert view_apply([outcome(DATABASE)], {}, "run-1", is_interrupted=True).status == "ok"


def test_what_was_done_is_counted_by_what_happened() -> None:
    """The last line counts created, changed, replaced and deleted, and apart from them what was there when we came."""
    view = view_apply(
        [
            outcome(DATABASE, note="was there when we came"),
            outcome(LINKS[0], action="update"),
            outcome(LINKS[1], action="replace"),
            outcome(LINKS[2], action="delete"),
        ],
        {},
        "run-1",
    )

    assert text_of(view) == (
        "Note: consumer/eu-west-2/database:analytics: was there when we came\n"
        "Done: 1 changed, 1 replaced, 1 deleted, 1 found in place.\n"
    )


def test_a_no_changes_nothing() -> None:
    """A plan that was not approved is said to have changed nothing."""
    view = view_apply([], {}, "run-1", is_confirmed=False)

    assert (view.status, text_of(view)) == ("declined", "Nothing was changed.\n")


def test_the_document_has_what_was_promised() -> None:
    """Outcomes carry address, action, status and error; calls are by account and operation."""
    view = view_apply(
        [outcome(DATABASE, "failed", error=refusal()), outcome(LINKS[0], "skipped", because=DATABASE)],
        {"222222222222": {"glue:CreateDatabase": 1}},
        "run-1",
    )

    document = apply_document("apply", view)

    assert document["outcomes"] == [
        {
            "address": DATABASE,
            "action": "create",
            "status": "failed",
            "error": {
                "code": "aws",
                "message": "consumer may not glue:CreateDatabase",
                "hint": "attach glue:CreateDatabase to the operator",
                "account": "222222222222",
                "region": None,
                "operation": "glue:CreateDatabase",
                "request_id": "r-1",
                "address": DATABASE,
            },
        },
        {"address": LINKS[0], "action": "create", "status": "skipped", "error": None, "because": DATABASE},
    ]
    assert document["calls"] == {"222222222222": {"glue:CreateDatabase": 1}}
    assert (document["command"], document["status"], document["run_id"]) == ("apply", "failed", "run-1")


def test_a_no_to_a_later_part_tells_what_the_first_did() -> None:
    """Declining the second part does not say that nothing was changed: the totals of the first come, then the no."""
    view = view_apply([outcome(DATABASE, "done")], {}, "run-1", is_confirmed=False)

    assert view.status == "declined"
    assert text_of(view) == "Done: 1 created.\nThe rest was declined.\n"
