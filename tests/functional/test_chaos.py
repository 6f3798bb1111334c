"""Runs that are cut short at exact points: the next one converges, nothing of ours is lost, nothing of others taken."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from lakeshare import app
from lakeshare.planning.plan import Plan
from lakeshare.sandbox import Sandbox
from lakeshare.state.ledger import open_ledger
from tests.chaos.killing import Ended, Point, run_and_kill
from tests.chaos.passage import Passage, Trap
from tests.chaos.rounds import begin, faulty_round, killed_round
from tests.functional.accounts import (
    CONSUMER,
    DATABASE,
    READER,
    Accounts,
    apply_all,
    destroy_all,
    steps,
)
from tests.functional.test_nothing_of_others import be_administrator, columns_of_analyst, in_ledger, make_analyst

ROLE = f"arn:aws:iam::{CONSUMER}:role/{READER}"
USERS = {"DatabaseName": "connect_datalake", "Name": "users"}

pytestmark = pytest.mark.endurance


@pytest.fixture
def passage(sandbox_server: Sandbox, accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Iterator[Passage]:
    for name, value in accounts.environ.items():
        monkeypatch.setenv(name, value)
    way = Passage(sandbox_server.endpoint_url)
    yield way
    way.close()


def run(passage: Passage, accounts: Accounts, command: str, point: Point | None = None, **more: Any) -> Ended:
    spec = str(accounts.folder / "lakeshare.yaml")
    return run_and_kill(passage, [command, "--auto-approve", "--json", "-f", spec], point, **more)


def kill(passage: Passage, accounts: Accounts, command: str, moment: Any, name: str, nth: int = 1) -> None:
    """Kill a run before or after its *nth* call that has *name* in it."""
    ended = run(passage, accounts, command, Point("write", nth, moment, name))
    assert ended.code == -signal.SIGKILL, (ended.code, ended.text)


def reading(accounts: Accounts, columns: list[str] | None) -> app.Settings:
    reader: dict[str, Any] = {"role": READER, "create": {"service": "lambda.amazonaws.com"}}
    rule = {"columns": {"users": columns}} if columns else {}
    return accounts.write({"s": accounts.share("users", readers=[{**reader, **rule}])})


def selected(accounts: Accounts) -> list[str]:
    """List what the reader may select."""
    rows = accounts.grants(catalog=accounts.lake_account)
    return sorted(thing for who, permission, thing in rows if (who, permission) == (ROLE, "SELECT"))


@pytest.mark.parametrize(
    ("before", "after", "then"),
    [
        (["user_id"], ["first_name"], "back"),
        (["user_id"], None, "destroy"),
        (["user_id"], None, "back"),
        (None, ["user_id"], "destroy"),
        (None, ["user_id"], "apply"),
    ],
    ids=["other columns, and back", "widened", "widened, and back", "narrowed", "narrowed, and once more"],
)
def test_a_change_of_columns_cut_in_half_leaves_no_grant(
    accounts: Accounts, passage: Passage, before: list[str] | None, after: list[str] | None, then: str
) -> None:
    """Killed after the grant and before the revoke, both halves are ours still: the next run takes back what goes."""
    empty = accounts.everything()
    apply_all(reading(accounts, before))
    held = selected(accounts)
    settings = reading(accounts, after)

    kill(passage, accounts, "apply", "before", "RevokePermissions")
    between = selected(accounts)
    if then != "destroy":
        settings = reading(accounts, after if then == "apply" else before)
        apply_all(settings)
        assert steps(app.plan(settings).plan) == []
    at_last = selected(accounts)
    destroy_all(settings)

    assert between not in ([], held)
    assert then == "destroy" or len(at_last) == 1
    assert then != "back" or at_last == held
    assert selected(accounts) == []
    assert accounts.everything() == empty
    assert in_ledger(accounts) == []


def test_columns_granted_beside_others_are_ours_although_the_run_was_killed(
    accounts: Accounts, passage: Passage
) -> None:
    """Where somebody granted the same reader other columns, a killed run's are taken back, and theirs are not."""
    share = accounts.share("users")
    analyst = make_analyst(accounts)
    apply_all(accounts.write({"s": share}))
    be_administrator(accounts).grant_permissions(
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/analyst"},
        Resource={"TableWithColumns": {**USERS, "CatalogId": accounts.lake_account, "ColumnNames": ["user_id"]}},
        Permissions=["SELECT"],
    )
    reader = {**analyst, "columns": {"users": ["user_id", "last_name"]}}
    settings = accounts.write({"s": {**share, "readers": [*share["readers"], reader]}})

    kill(passage, accounts, "apply", "after", "/BatchGrantPermissions", nth=2)
    cut = columns_of_analyst(accounts)
    apply_all(settings)
    apply_all(accounts.write({"s": share}))

    assert cut == {"user_id", "last_name"}
    assert columns_of_analyst(accounts) == {"user_id"}


def test_what_two_killed_runs_left_half_made_is_ours(accounts: Accounts, passage: Passage) -> None:
    """A bucket made by one killed run and half configured by another is neither a stranger's nor left behind."""
    before = accounts.everything()
    settings = accounts.write({"s": accounts.share("users")})

    kill(passage, accounts, "apply", "after", "PUT /lakeshare-")
    kill(passage, accounts, "apply", "before", "?publicAccessBlock")
    apply_all(settings)
    destroy_all(settings)

    assert accounts.everything() == before


def test_a_killed_destroy_of_what_a_killed_apply_made_goes_on(accounts: Accounts, passage: Passage) -> None:
    """What was made and never written down as made stays known while its removal is cut short too."""
    before = accounts.everything()
    settings = accounts.write({"s": accounts.share("users")})

    kill(passage, accounts, "apply", "after", "CreateTable")
    kill(passage, accounts, "destroy", "before", "DeleteTable")
    destroy_all(settings)

    assert accounts.everything() == before
    assert in_ledger(accounts) == []


@pytest.mark.parametrize(
    "faults",
    [
        [("s3:PutBucketEncryption", 1, "AccessDenied")],
        [("glue:CreateTable", 1, "kill_after"), ("glue:CreateTable", 2, "AccessDeniedException")],
        [("iam:CreateRole", 1, "kill_after"), ("iam:CreateRole", 2, "AccessDenied")],
        [
            ("lakeformation:PutDataLakeSettings", 1, "kill_after"),
            ("lakeformation:PutDataLakeSettings", 2, "AccessDeniedException"),
        ],
    ],
    ids=["half configured", "link", "role", "administrator"],
)
def test_a_refusal_after_something_was_done_forgets_nothing(
    accounts: Accounts, faults: list[tuple[str, int, str]]
) -> None:
    """A call refused after an earlier one, or an earlier attempt, has acted is no sign that nothing is there."""
    settings = accounts.write({"s": accounts.share("users")})
    before = accounts.everything()
    accounts.control("faults", [{"operation": name, "nth": nth, "error": error} for name, nth, error in faults])

    applied = app.apply(settings)
    left = accounts.asked("faults")
    destroy_all(settings)

    assert left == []
    assert applied.failures
    assert accounts.everything() == before
    assert in_ledger(accounts) == []


def test_a_call_of_a_killed_run_that_arrives_late_is_ours(accounts: Accounts, passage: Passage) -> None:
    """What a killed run asked for, and what appears only when the next run has looked already, is not a stranger's."""
    before = accounts.everything()
    settings = accounts.write({"s": accounts.share("users")})
    kill(passage, accounts, "apply", "before", "CreateTable")

    def arrives(_plan: Plan) -> bool:
        target = {**USERS, "CatalogId": accounts.lake_account}
        be_administrator(accounts).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:user/administrator"},
            Resource={"Database": {"Name": DATABASE}},
            Permissions=["CREATE_TABLE"],
        )
        table = {"Name": "users_link", "TargetTable": target}
        accounts.client("glue").create_table(DatabaseName=DATABASE, TableInput=table)
        return True

    applied = app.apply(settings, confirm=arrives)

    assert applied.failures == ()
    assert f"consumer/ap-southeast-2/link:{DATABASE}.users_link" in in_ledger(accounts)
    destroy_all(settings)
    assert accounts.everything()[CONSUMER]["databases"] == before[CONSUMER]["databases"]


def test_links_are_kept_while_nobody_can_see_who_else_was_let_see_them(accounts: Accounts) -> None:
    """When ListPermissions is refused, links stay: somebody's grants would go with them. The next destroy ends it."""
    settings = accounts.write({"s": accounts.share("users")})
    before = accounts.everything()
    apply_all(settings)
    refused = {"operation": "lakeformation:ListPermissions", "error": "AccessDeniedException"}
    accounts.control("faults", [{**refused, "nth": nth} for nth in (1, 2, 3)])

    first = app.destroy(settings, confirm=lambda _plan: True)
    accounts.control("faults", [])
    kept = [item.address for item in first.plan.no_ops if item.is_kept]
    destroy_all(settings)

    assert f"consumer/ap-southeast-2/link:{DATABASE}.users_link" in kept
    assert accounts.everything() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_a_signal_ends_a_run_with_130_and_a_true_ledger(
    accounts: Accounts, passage: Passage, command: str, number: int
) -> None:
    """What flies is finished and written down, and the next run goes on from there."""
    settings = accounts.write({"s": accounts.share("users")})
    before = accounts.everything()
    if command == "destroy":
        apply_all(settings)

    ended = run(passage, accounts, command, Point("write", 3, "passed"), signal_number=number)
    with open_ledger(None, accounts.folder, "connect-analytics", create=False) as ledger:
        left, run_before = ledger.intents(), ledger.history(1)[0]
    apply_all(settings)
    destroy_all(settings)

    assert ended.code == 130, ended.text
    assert json.loads(ended.text[ended.text.index("{") : ended.text.rindex("}") + 1])["status"] == "interrupted"
    assert {intent.kind for intent in left.values()} <= {"ram_invitation"}  # a wait that was cut short
    assert run_before.status == "interrupted"
    assert accounts.everything() == before


def test_of_two_runs_at_once_one_is_told_to_wait(accounts: Accounts, passage: Passage) -> None:
    """While one run is in the middle of its calls, another ends with 4 and names it; the first ends as if alone."""
    accounts.write({"s": accounts.share("users")})
    reached, released = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        released.wait(60)

    ended: list[Ended] = []
    second = Passage(accounts.box.endpoint_url)
    trap = Trap(4, "passed", writes_only=True, named="", spring=hold)
    first = threading.Thread(target=lambda: ended.append(run(passage, accounts, "apply", trap=trap)))
    first.start()
    assert reached.wait(60)
    refused = run(second, accounts, "apply")
    released.set()
    first.join()
    second.close()

    assert refused.code == 4
    assert '"code": "locked"' in refused.text
    assert ended[0].code == 0, ended[0].text


def test_a_full_disk_ends_a_run_with_a_clean_error(accounts: Accounts, passage: Passage) -> None:
    """When the ledger can take no more, nothing more is sent, the error names the ledger, and the next run goes on."""
    settings = accounts.write({"s": accounts.share("users", "contact_record")})
    before = accounts.everything()

    ended = run(passage, accounts, "apply", file_limit=150_000)
    apply_all(settings)
    again = app.plan(settings).plan
    destroy_all(settings)

    assert ended.code == 1
    assert "ledger" in ended.text
    assert "Traceback" not in ended.text
    assert steps(again) == []
    assert accounts.everything() == before


@pytest.mark.parametrize("seed", [105, 127])
def test_rounds_of_kills(sandbox_server: Sandbox, passage: Passage, seed: int) -> None:
    """Rounds of `bench/chaos.py` that once left something behind end as if nothing had happened."""
    assert killed_round(sandbox_server, passage, seed).wrong == []


@pytest.mark.parametrize("seed", [11])
def test_rounds_of_faults(sandbox_server: Sandbox, passage: Passage, seed: int) -> None:
    """A round of faults of `bench/chaos.py` ends as if nothing had happened."""
    assert faulty_round(begin(sandbox_server, 0), seed).wrong == []
