"""Plans and errors as documents, and a plan as Markdown."""

from __future__ import annotations

import json

from lakeshare.errors import BlockedError, CallError, Mistake, SpecError
from lakeshare.report.json import error_document, plan_document
from lakeshare.report.markdown import render_markdown
from lakeshare.report.plan_view import view_plan
from tests.unit.report.values import OWNER, blocker, grant, link, no_op, plan, role, step


def test_a_plan_document_has_what_was_promised() -> None:
    """Steps with address, action, reason and what they wait for; no-ops counted, and listed when asked."""
    view = view_plan(
        plan(
            step(role("analyst"), reason="the role is missing"),
            step(link("users", owner=OWNER)),
            no_ops=(no_op(role("other"), is_ours=False),),
            notes=("mind the gap",),
            calls={"222222222222": {"iam:GetRole": 2}},
        )
    )

    document = plan_document(view)

    assert json.loads(json.dumps(document)) == document
    assert document["steps"][0] == {
        "address": "consumer/global/role:analyst",
        "kind": "iam_role",
        "action": "create",
        "reason": "the role is missing",
        "depends_on": [],
        "is_provisional": False,
        "is_pulled_in": False,
        "because_of": [],
    }
    assert document["steps"][1]["is_provisional"] is True
    assert (document["status"], document["has_changes"], document["no_op"]) == ("ok", True, 1)
    assert document["counts"] == {"create": 2, "update": 0, "replace": 0, "delete": 0}
    assert document["notes"] == ["mind the gap"]
    assert "no_ops" not in document
    assert plan_document(view, show_no_op=True)["no_ops"] == [
        {"address": "consumer/global/role:other", "kind": "iam_role", "reason": "exists, not ours", "is_ours": False}
    ]


def test_a_blocked_plan_says_so() -> None:
    """A plan with something in the way has its own status and lists it with the way out."""
    document = plan_document(view_plan(plan(blockers=(blocker(link("users")),))))

    assert document["status"] == "blocked"
    assert document["blockers"][0]["way_out"] == "choose another name in the spec"


def test_errors_are_documents() -> None:
    """An error has code, message, hint, where it happened and request id; a wrong spec its mistakes as well."""
    call = error_document(
        "apply", CallError("no", hint="do", account="1", region="eu", operation="a:B", request_id="r", address="x")
    )
    spec = error_document("plan", SpecError("1 mistake", mistakes=(Mistake("f.yaml", 3, 7, "wrong"),)))
    blocked = error_document("apply", BlockedError("in the way", blockers=("this",)))

    assert call["error"] == {
        "code": "aws",
        "message": "no",
        "hint": "do",
        "account": "1",
        "region": "eu",
        "operation": "a:B",
        "request_id": "r",
        "address": "x",
    }
    assert spec["mistakes"] == [{"file": "f.yaml", "line": 3, "column": 7, "message": "wrong"}]
    assert blocked["blockers"] == ["this"]
    assert {document["status"] for document in (call, spec, blocked)} == {"failed"}


def test_markdown_puts_what_goes_first() -> None:
    """A pull request sees totals, what is in the way and what is taken away before the details."""
    text = render_markdown(
        view_plan(
            plan(
                step(role("analyst")),
                step(grant("users"), "delete", "no longer wanted"),
                step(link("users"), "replace", "it points elsewhere"),
                blockers=(blocker(role("other")),),
            )
        )
    )

    assert text.startswith("### lakeshare plan: blocked\n")
    assert text.index("In the way") < text.index("Takes something away") < text.index("```diff")
    assert "- revoke grant:role/connect-analytics-lambda-execution-role/SELECT" in text
    assert "! replace link:analytics.users_link   it points elsewhere" in text


def test_markdown_escapes_what_others_wrote() -> None:
    """What AWS or a user wrote cannot become a link, a heading or HTML."""
    text = render_markdown(view_plan(plan(step(role("a")), notes=("see <b>[here](http://x)</b> # `now`",))))

    assert r"\<b\>\[here\]" in text
    assert r"\# \`now\`" in text
