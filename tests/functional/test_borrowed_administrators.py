"""`admin: borrowed`: the operator administers the lake while a run changes something, and only looks between runs."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lakeshare import app
from lakeshare.engine.events import Event, Finished, Started
from lakeshare.engine.stop import StopSignal
from lakeshare.errors import LakeshareError
from lakeshare.planning.plan import Plan
from lakeshare.sandbox import Sandbox
from tests.chaos.killing import Ended, Point, run_and_kill
from tests.chaos.passage import Passage
from tests.functional.accounts import (
    CONSUMER,
    PRODUCER,
    REGION,
    Accounts,
    apply_all,
    destroy_all,
    steps,
)
from tests.functional.command_line import Desk
from tests.functional.own_tables import share as own_share
from tests.functional.test_catalog_source import own_tables as own_tables  # noqa: PLC0414 - a fixture
from tests.functional.test_nothing_of_others import be_administrator, in_ledger

OPERATOR = f"arn:aws:iam::{CONSUMER}:role/lakeshare-operator"
RIGHT = f"consumer/{REGION}/settings:administrator/role/lakeshare-operator"
SIGHT = f"consumer/{REGION}/settings:read-only-administrator/role/lakeshare-operator"
ACCOUNT = {"region": REGION, "role": "lakeshare-operator", "external_id": "${EXTERNAL_ID}"}


def borrowing(accounts: Accounts, *tables: str, admin: str = "borrowed", **changes: Any) -> app.Settings:
    """Write a spec whose accounts lend the right to administer."""
    both = {"producer": {**ACCOUNT, "id": PRODUCER}, "consumer": {**ACCOUNT, "id": CONSUMER}}
    more = {name: {**account, "admin": admin} for name, account in both.items()}
    return accounts.write({"s": accounts.share(*(tables or ("users",)), **changes)}, **more)


def listed(accounts: Accounts, member: str, account: str = CONSUMER) -> list[str]:
    """List the administrators of one of the two sorts."""
    settings = accounts.client("lakeformation", account).get_data_lake_settings()["DataLakeSettings"]
    return [row["DataLakePrincipalIdentifier"] for row in settings[member]]


def become(accounts: Accounts, *principals: str, member: str = "DataLakeAdmins") -> None:
    """Have somebody else add *principals* to one of the two lists."""
    lake = accounts.client("lakeformation")
    document = lake.get_data_lake_settings()["DataLakeSettings"]
    rows = [{"DataLakePrincipalIdentifier": principal} for principal in principals]
    lake.put_data_lake_settings(DataLakeSettings={**document, member: [*document[member], *rows]})


def puts(accounts: Accounts) -> int:
    """Count the settings documents that the consumer was sent since the calls were last forgotten."""
    counts = accounts.asked("calls").get(CONSUMER, {}).get("lakeformation:PutDataLakeSettings", {})
    return int(counts.get("accepted", 0))


def test_the_right_is_there_for_the_run_alone(accounts: Accounts) -> None:
    """An apply makes everything, leaves the operator a read-only administrator, and a plan sees all of it."""
    settings = borrowing(accounts)
    before, grants = accounts.everything(), accounts.grants()

    applied = apply_all(settings)
    between = listed(accounts, "DataLakeAdmins"), listed(accounts, "ReadOnlyAdmins")
    again = app.plan(settings).plan
    destroyed = destroy_all(settings)

    assert ("create", RIGHT) in steps(applied.plan)
    assert [(loan.address, loan.error) for loan in applied.loans] == [(RIGHT, None)]
    assert between == ([], [OPERATOR])
    assert steps(again) == []
    assert {item.reason for item in again.no_ops} == {"as it should be"}
    assert [loan.address for loan in destroyed.loans] == [RIGHT]
    assert in_ledger(accounts) == []
    assert accounts.everything() == before
    assert accounts.grants() == grants


def test_own_tables_are_planned_in_two_parts_under_one_loan(own_tables: Accounts) -> None:
    """What only an administrator sees is planned after the first part; a reader reads it; all rights go at the end."""
    both = {"producer": {**ACCOUNT, "id": PRODUCER}, "consumer": {**ACCOUNT, "id": CONSUMER}}
    lent = {name: {**account, "admin": "borrowed"} for name, account in both.items()}
    settings = own_tables.write({"own": own_share(own_tables, prove_denial=True)}, **lent)
    before, grants = own_tables.everything(), own_tables.grants(PRODUCER)

    first = app.plan(settings).plan
    plans: list[Plan] = []

    def confirm(plan: Plan) -> bool:
        plans.append(plan)
        return True

    applied = app.apply(settings, confirm=confirm)
    verified = app.verify(settings)
    again = app.plan(settings).plan
    destroyed = destroy_all(settings)

    assert not first.is_complete
    assert applied.failures == ()
    assert len(plans) == 2
    assert not any("cut short" in note for plan in plans for note in plan.notes)
    assert sorted(loan.alias for loan in applied.loans) == ["consumer", "producer"]
    assert [proof for proof in verified.proofs if proof.status != "pass"] == []
    assert steps(again) == []
    assert sorted(loan.alias for loan in destroyed.loans) == ["consumer", "producer"]
    assert own_tables.everything() == before
    assert own_tables.grants(PRODUCER) == grants


def test_nothing_to_do_borrows_nothing(accounts: Accounts) -> None:
    """An apply that changes nothing sends no settings, and neither does one that changes only a bucket."""
    settings = borrowing(accounts)
    apply_all(settings)
    before = puts(accounts)

    nothing = app.apply(settings)
    athena = {"expire_results_days": 9}
    to = {"account": "consumer", "database": "connect_analytics_consumer", "links": "{table}_link", "athena": athena}
    bucket = app.apply(borrowing(accounts, to=to))

    assert nothing.outcomes == ()
    assert nothing.loans == ()
    assert [outcome.status for outcome in bucket.outcomes] == ["done"]
    assert bucket.loans == ()
    assert puts(accounts) == before


def test_an_administrator_before_us_stays_one(accounts: Accounts) -> None:
    """Where somebody else made the operator an administrator, nothing is borrowed, and nothing is taken away."""
    become(accounts, OPERATOR)
    settings = borrowing(accounts)
    before = accounts.everything()

    applied = apply_all(settings)
    destroy_all(settings)

    assert RIGHT not in [address for _, address in steps(applied.plan)]
    assert applied.loans == ()
    assert accounts.everything() == before


def test_who_is_made_administrator_while_the_plan_is_read_stays_one(accounts: Accounts) -> None:
    """Between the plan and the call somebody else added the entry: it is theirs, and stays when the run is over."""
    settings = borrowing(accounts)

    def meanwhile(_plan: Plan) -> bool:
        become(accounts, OPERATOR)
        return True

    applied = app.apply(settings, confirm=meanwhile)

    assert applied.failures == ()
    assert applied.loans == ()
    assert listed(accounts, "DataLakeAdmins") == [OPERATOR]
    assert RIGHT not in in_ledger(accounts)


def test_others_are_added_meanwhile_and_stay(accounts: Accounts) -> None:
    """Administrators and read-only ones whom others add while the run is under way are there when it is over."""
    them = f"arn:aws:iam::{CONSUMER}:user/administrator"
    settings = borrowing(accounts)
    met: list[int] = []

    def after_a_step(event: Event) -> None:
        if isinstance(event, Finished) and "link:" in event.address and not met:
            met.append(1)
            become(accounts, them)
            become(accounts, them, member="ReadOnlyAdmins")

    applied = app.apply(replace(settings, listener=after_a_step))

    assert met
    assert applied.failures == ()
    assert listed(accounts, "DataLakeAdmins") == [them]
    assert listed(accounts, "ReadOnlyAdmins") == [OPERATOR, them]


@pytest.mark.parametrize("operation", ["glue:CreateTable", "lakeformation:BatchGrantPermissions", "iam:CreateRole"])
def test_a_run_that_fails_gives_back(accounts: Accounts, operation: str) -> None:
    """When steps are refused the right goes all the same, and the next run borrows it anew."""
    settings = borrowing(accounts)
    refused = [{"operation": operation, "nth": n, "error": "AccessDeniedException"} for n in range(1, 5)]
    accounts.control("faults", refused)

    failed = app.apply(settings)
    between = listed(accounts, "DataLakeAdmins")
    accounts.control("faults", [])
    mended = apply_all(settings)

    assert failed.failures
    assert [loan.error for loan in failed.loans] == [None]
    assert between == []
    assert [loan.error for loan in mended.loans] == [None]
    assert not app.plan(settings).plan.has_changes


def test_a_fault_of_ours_gives_back(accounts: Accounts) -> None:
    """Whatever is raised in the middle of a run, the right goes before it is told."""
    settings = borrowing(accounts)

    def breaks(event: Event) -> None:
        if isinstance(event, Started) and "link:" in event.addresses[0]:
            raise RuntimeError("a listener that breaks")

    with pytest.raises(RuntimeError, match="a listener that breaks"):
        app.apply(replace(settings, listener=breaks))

    assert listed(accounts, "DataLakeAdmins") == []
    apply_all(settings)
    destroy_all(settings)
    assert in_ledger(accounts) == []


def test_a_stop_gives_back(accounts: Accounts) -> None:
    """Ctrl-C ends the run; giving back is no new step, and is done."""
    settings = borrowing(accounts, "users", "contact_record")
    stop = StopSignal()

    def listener(event: Event) -> None:
        if isinstance(event, Finished) and event.address == RIGHT:
            stop.request()

    applied = app.apply(replace(settings, stop=stop, listener=listener))

    assert any(outcome.because == "interrupted" for outcome in applied.skipped)
    assert [(loan.address, loan.error) for loan in applied.loans] == [(RIGHT, None)]
    assert listed(accounts, "DataLakeAdmins") == []
    apply_all(settings)


def test_what_cannot_be_given_back_is_told_and_goes_with_the_next_run(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run has failed and says who is an administrator still; plans say so, too, and an apply mends it."""
    desk = Desk(accounts, monkeypatch)
    desk.share("users")
    borrowing(accounts)
    # The first Put of the consumer adds; the last, which takes out, comes when all else is done.
    settings = borrowing(accounts)
    counting = app.apply(settings)
    assert counting.failures == ()
    destroy_all(settings)
    refused: list[int] = []

    def when_nearly_over(event: Event) -> None:
        if isinstance(event, Finished) and event.address == RIGHT and not refused:
            refused.append(1)
            faults = [{"operation": "lakeformation:PutDataLakeSettings", "nth": n} for n in range(1, 4)]
            accounts.control("faults", [{**fault, "error": "AccessDeniedException"} for fault in faults])

    applied = app.apply(replace(settings, listener=when_nearly_over))
    accounts.control("faults", [])
    still = listed(accounts, "DataLakeAdmins")
    planned = app.plan(settings).plan
    text = desk("plan")
    ended = desk("apply", "--auto-approve", "--json")

    assert still == [OPERATOR]
    assert isinstance(applied.trouble, LakeshareError)
    assert "consumer" in applied.trouble.message
    assert [loan.error is None for loan in applied.loans] == [False]
    assert any("left the operator a Lake Formation administrator of consumer" in note for note in planned.notes)
    assert "left the operator" in text.out.replace("\n      ", " ")
    assert ended.code == 0, ended.err
    assert [loan["status"] for loan in ended.document["loans"]] == ["given-back"]
    assert listed(accounts, "DataLakeAdmins") == []
    assert app.plan(settings).plan.notes == ()


@pytest.mark.parametrize("admins", [("lasting", "borrowed"), ("borrowed", "lasting")], ids=" to ".join)
def test_lasting_and_borrowed_change_into_each_other(accounts: Accounts, admins: tuple[str, str]) -> None:
    """The change is two visible steps, what is granted stays granted throughout, and destroy leaves nothing."""
    empty, grants = accounts.everything(), accounts.grants()
    apply_all(borrowing(accounts, admin=admins[0]))
    held = accounts.grants()
    settings = borrowing(accounts, admin=admins[1])
    gone, come = (RIGHT, SIGHT) if admins[0] == "lasting" else (SIGHT, RIGHT)

    planned = app.plan(settings).plan
    applied = apply_all(settings)
    again = app.plan(settings).plan
    now = listed(accounts, "DataLakeAdmins"), listed(accounts, "ReadOnlyAdmins")
    kept = accounts.grants()
    destroy_all(settings)

    assert sorted(steps(planned)) == sorted([("create", come), ("delete", gone)])
    assert applied.loans == ()
    assert steps(again) == []
    assert now == (([], [OPERATOR]) if admins[1] == "borrowed" else ([OPERATOR], []))
    assert kept == held
    assert accounts.everything() == empty
    assert accounts.grants() == grants
    assert in_ledger(accounts) == []


def test_a_destroy_after_a_change_to_lasting_borrows_once_more(accounts: Accounts) -> None:
    """The spec says lasting by now, but there is only the read-only entry: the destroy borrows, and gives back."""
    before, grants = accounts.everything(), accounts.grants()
    apply_all(borrowing(accounts))

    destroyed = destroy_all(borrowing(accounts, admin="lasting"))

    assert [loan.error for loan in destroyed.loans] == [None]
    assert accounts.everything() == before
    assert accounts.grants() == grants
    assert in_ledger(accounts) == []


def test_a_share_that_goes_with_the_change_to_lasting_is_taken_back_under_a_loan(own_tables: Accounts) -> None:
    """Nothing is wanted of the producer's lake any more: its grants go, and so do all rights there."""
    both = {"producer": {**ACCOUNT, "id": PRODUCER}, "consumer": {**ACCOUNT, "id": CONSUMER}}
    lent = {name: {**account, "admin": "borrowed"} for name, account in both.items()}
    before, grants = own_tables.everything(), own_tables.grants(PRODUCER)
    apply_all(own_tables.write({"own": own_share(own_tables)}, **lent))
    settings = own_tables.write({}, **both)

    applied = apply_all(settings)

    assert sorted(loan.alias for loan in applied.loans) == ["consumer", "producer"]
    assert steps(app.plan(settings).plan) == []
    assert own_tables.everything() == before
    assert own_tables.grants(PRODUCER) == grants
    assert in_ledger(own_tables) == []


def test_a_change_to_borrowed_with_other_changes_gives_the_lasting_right_up_last(accounts: Accounts) -> None:
    """A table more and a reader less in the same apply: the right that was lasting serves them, then it goes."""
    apply_all(borrowing(accounts, "users", "agent_event", admin="lasting"))
    settings = borrowing(accounts, "users", "contact_record")

    applied = apply_all(settings)

    assert ("delete", RIGHT) in steps(applied.plan)
    assert applied.loans == ()
    assert listed(accounts, "DataLakeAdmins") == []
    assert steps(app.plan(settings).plan) == []


def test_a_plan_file_borrows_as_it_says(accounts: Accounts) -> None:
    """The loan is a step of the plan in the file, and applying the file gives it back."""
    settings = borrowing(accounts)
    path = accounts.folder / "plan.json"

    app.plan_to_file(settings, path)
    applied = app.apply_from_file(settings, path, confirm=lambda _plan: True)

    assert RIGHT in [step["address"] for step in json.loads(path.read_text())["steps"]]
    assert [loan.error for loan in applied.loans] == [None]
    assert listed(accounts, "DataLakeAdmins") == []


def test_a_narrowed_plan_borrows_for_what_is_left(accounts: Accounts) -> None:
    """With a target that needs no administrator nothing is borrowed; with one that does, the loan is pulled in."""
    settings = borrowing(accounts)

    role = app.plan(settings, app.Options(targets=("*/role:*",))).plan
    link = app.plan(settings, app.Options(targets=("*/link:*",))).plan

    assert RIGHT not in [address for _, address in steps(role)]
    assert ("create", RIGHT) in steps(link)
    assert RIGHT in link.pulled_in


def test_a_declined_plan_touches_nothing(accounts: Accounts) -> None:
    """Whoever says no has changed nothing, not even what an earlier run left open."""
    settings = borrowing(accounts)
    before = accounts.everything()

    applied = app.apply(settings, confirm=lambda _plan: False)

    assert not applied.is_confirmed
    assert applied.loans == ()
    assert accounts.everything() == before


@pytest.fixture
def passage(sandbox_server: Sandbox, accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Iterator[Passage]:
    for name, value in accounts.environ.items():
        monkeypatch.setenv(name, value)
    way = Passage(sandbox_server.endpoint_url)
    yield way
    way.close()


def run(passage: Passage, accounts: Accounts, command: str, point: Point | None, **more: Any) -> Ended:
    spec = str(accounts.folder / "lakeshare.yaml")
    return run_and_kill(passage, [command, "--auto-approve", "--json", "-f", spec], point, **more)


KILLS = [
    Point("write", 1, "before", "PutDataLakeSettings"),
    Point("write", 1, "after", "PutDataLakeSettings"),
    Point("write", 1, "passed", "PutDataLakeSettings"),
    Point("write", 1, "after", "CreateTable"),
    Point("write", 1, "after", "BatchGrantPermissions"),
    Point("write", 2, "before", "PutDataLakeSettings"),
    Point("write", 2, "after", "PutDataLakeSettings"),
    Point("write", 2, "passed", "PutDataLakeSettings"),
    Point("ledger", 1, "after", "intend"),
    Point("ledger", 1, "before", "end_run"),
]


@pytest.mark.endurance
@pytest.mark.parametrize("point", KILLS, ids=str)
@pytest.mark.parametrize("then", ["apply", "destroy"])
def test_a_killed_run_leaves_no_right_that_is_not_known(
    accounts: Accounts, passage: Passage, point: Point, then: str
) -> None:
    """Killed anywhere, the ledger knows of the right that is out, a plan says so, and the next run takes it back."""
    settings = borrowing(accounts)
    before, grants = accounts.everything(), accounts.grants()

    ended = run(passage, accounts, "apply", point)
    is_out = OPERATOR in listed(accounts, "DataLakeAdmins")
    planned = app.plan(settings).plan
    if then == "apply":
        apply_all(settings)
        assert listed(accounts, "DataLakeAdmins") == []
        assert steps(app.plan(settings).plan) == []
    destroy_all(settings)

    assert ended.code == -signal.SIGKILL, ended.text
    assert not is_out or any("left the operator" in note for note in planned.notes)
    assert accounts.everything() == before
    assert accounts.grants() == grants
    assert in_ledger(accounts) == []


@pytest.mark.endurance
@pytest.mark.parametrize("point", [KILLS[1], KILLS[3], KILLS[6]], ids=str)
def test_what_a_killed_run_borrowed_becomes_lasting_when_that_is_wanted(
    accounts: Accounts, passage: Passage, point: Point
) -> None:
    """With `admin: lasting` the entry that is out is ours for good, and destroy takes it."""
    before = accounts.everything()
    borrowing(accounts)

    run(passage, accounts, "apply", point)
    settings = borrowing(accounts, admin="lasting")
    apply_all(settings)
    apply_all(settings)
    held = listed(accounts, "DataLakeAdmins"), RIGHT in in_ledger(accounts)
    destroy_all(settings)

    assert held == ([OPERATOR], True)
    assert accounts.everything() == before
    assert in_ledger(accounts) == []


@pytest.mark.endurance
@pytest.mark.parametrize("nth", [1, 2])
def test_a_killed_destroy_gives_back_with_the_next(accounts: Accounts, passage: Passage, nth: int) -> None:
    """Whether killed after it has borrowed or before it has given back, the next destroy leaves nothing."""
    settings = borrowing(accounts)
    before = accounts.everything()
    apply_all(settings)

    ended = run(passage, accounts, "destroy", Point("write", nth, "after", "PutDataLakeSettings"))
    destroy_all(settings)

    assert ended.code == -signal.SIGKILL
    assert accounts.everything() == before
    assert in_ledger(accounts) == []


@pytest.mark.endurance
def test_ctrl_c_in_a_terminal_gives_back(accounts: Accounts, passage: Passage) -> None:
    """A signal in the middle: exit code 130, and the operator is an administrator no more."""
    settings = borrowing(accounts)

    ended = run(passage, accounts, "apply", Point("write", 1, "passed", "CreateDatabase"), signal_number=signal.SIGINT)

    assert ended.code == 130, ended.text
    assert "given-back" in ended.text
    assert listed(accounts, "DataLakeAdmins") == []
    be_administrator(accounts)
    apply_all(settings)
