"""Administrators whose role is gone: named before the first write, and removed on the user's word alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from lakeshare import app
from lakeshare.errors import BlockedError, UsageError
from lakeshare.planning.plan import Plan
from tests.functional.accounts import CONSUMER, REGION, Accounts, apply_all, destroy_all, steps
from tests.functional.command_line import Desk
from tests.functional.test_borrowed_administrators import OPERATOR, borrowing, listed, puts
from tests.functional.test_nothing_of_others import in_ledger

ALIVE = f"arn:aws:iam::{CONSUMER}:user/administrator"
GONE = f"arn:aws:iam::{CONSUMER}:role/etl/gone"
GONE_USER = f"arn:aws:iam::{CONSUMER}:user/left-us"
PLACE = f"consumer/{REGION}/settings"


def bury(accounts: Accounts, *, read_only: bool = False) -> None:
    """Have the consumer list a living administrator, a role and a user, and then delete these two."""
    iam, lake = accounts.client("iam"), accounts.client("lakeformation")
    statement = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName="gone", Path="/etl/", AssumeRolePolicyDocument=trust)
    iam.create_user(UserName="left-us")
    document = lake.get_data_lake_settings()["DataLakeSettings"]

    def rows(*principals: str) -> list[dict[str, str]]:
        return [{"DataLakePrincipalIdentifier": principal} for principal in principals]

    full = [*document["DataLakeAdmins"], *rows(ALIVE, GONE)]
    sees = {"ReadOnlyAdmins": [*document["ReadOnlyAdmins"], *rows(GONE_USER)]} if read_only else {}
    lake.put_data_lake_settings(DataLakeSettings={**document, "DataLakeAdmins": full, **sees})
    iam.delete_role(RoleName="gone")
    iam.delete_user(UserName="left-us")


def impatient(settings: app.Settings) -> app.Settings:
    """Have no call repeated: a principal that AWS does not know may be a new one, and is waited for."""
    spec = yaml.safe_load(settings.spec_path.read_text())
    settings.spec_path.write_text(yaml.safe_dump({**spec, "limits": {"retries": {"budget": 0}}}, sort_keys=False))
    return settings


@pytest.mark.parametrize("admin", ["lasting", "borrowed"])
def test_a_dead_administrator_is_named_before_the_first_write(accounts: Accounts, admin: str) -> None:
    """The plan says which entry of which account is dead and how it goes; an apply changes nothing."""
    bury(accounts)
    settings = borrowing(accounts, admin=admin)
    before = accounts.everything()

    [blocker] = app.plan(settings).plan.blockers
    with pytest.raises(BlockedError) as caught:
        app.apply(settings)

    assert blocker.address == f"{PLACE}:administrator/role/etl/gone"
    assert GONE in blocker.reason
    assert f"account {CONSUMER}" in blocker.reason
    assert f"--remove-administrator {GONE}" in blocker.way_out
    assert GONE in caught.value.blockers[0]
    assert accounts.everything() == before


@pytest.mark.parametrize("admin", ["lasting", "borrowed"])
def test_named_ones_go_in_the_put_that_adds_ours(accounts: Accounts, admin: str) -> None:
    """Two dead entries, one of them read-only: planned as deletes, gone in one Put, and others' stay."""
    bury(accounts, read_only=True)
    settings = borrowing(accounts, admin=admin)
    removing = app.Options(remove_administrators=frozenset({GONE, GONE_USER}))
    before = puts(accounts)

    one_missing = app.plan(settings, app.Options(remove_administrators=frozenset({GONE}))).plan
    planned = app.plan(settings, removing).plan
    applied = app.apply(settings, removing)

    assert [blocker.address for blocker in one_missing.blockers] == [f"{PLACE}:read-only-administrator/user/left-us"]
    assert planned.blockers == ()
    assert {("delete", f"{PLACE}:administrator/role/etl/gone")} <= set(steps(planned))
    assert {("delete", f"{PLACE}:read-only-administrator/user/left-us")} <= set(steps(planned))
    assert applied.failures == ()
    assert puts(accounts) - before == (1 if admin == "lasting" else 2)
    assert listed(accounts, "DataLakeAdmins") == [ALIVE, *([OPERATOR] if admin == "lasting" else [])]
    assert not app.plan(settings).plan.has_changes


def test_nobody_who_lives_is_removed(accounts: Accounts) -> None:
    """The flag is refused for an administrator that is alive, and for one that is not listed."""
    bury(accounts)
    settings = borrowing(accounts)
    stranger = f"arn:aws:iam::{CONSUMER}:role/nobody"
    before = accounts.everything()

    planned = app.plan(settings, app.Options(remove_administrators=frozenset({GONE, ALIVE, stranger}))).plan
    reasons = {blocker.reason for blocker in planned.blockers}

    assert reasons == {
        f"--remove-administrator {ALIVE}: it is alive",
        f"--remove-administrator {stranger}: it is no administrator of account {CONSUMER}",
    }
    assert {blocker.way_out for blocker in planned.blockers} >= {"remove it yourself, if that is meant"}
    assert accounts.everything() == before


@pytest.mark.parametrize("principal", ["gone", "arn:aws:iam::444444444444:role/gone"])
def test_a_name_that_can_be_none_of_ours_is_wrong_usage(accounts: Accounts, principal: str) -> None:
    """What is no ARN, or is in an account that the spec does not have, is told with what is expected."""
    settings = borrowing(accounts)

    with pytest.raises(UsageError, match="--remove-administrator"):
        app.plan(settings, app.Options(remove_administrators=frozenset({principal})))


def test_a_plan_that_changes_no_settings_asks_nobody(accounts: Accounts) -> None:
    """Where the settings stay as they are a dead administrator is in nobody's way, and none of our business."""
    settings = borrowing(accounts, admin="lasting")
    apply_all(settings)
    bury(accounts)

    assert app.plan(settings).plan.blockers == ()


def test_what_the_operator_may_not_ask_is_not_called_dead(accounts: Accounts) -> None:
    """Without iam:GetRole nobody is dead; the flag is refused, and AWS's own refusal says the rest."""
    bury(accounts)
    settings = impatient(borrowing(accounts, admin="lasting"))
    deny = {"Effect": "Deny", "Action": ["iam:GetRole"], "Resource": f"arn:aws:iam::{CONSUMER}:role/gone"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    accounts.client("iam").put_role_policy(RoleName="lakeshare-operator", PolicyName="no", PolicyDocument=document)

    plain = app.plan(settings).plan
    named = app.plan(settings, app.Options(remove_administrators=frozenset({GONE}))).plan
    applied = app.apply(settings)

    assert plain.blockers == ()
    assert ["cannot be told" in blocker.reason for blocker in named.blockers] == [True]
    assert any("Invalid principal" in str(failure.error) for failure in applied.failures)


def test_one_that_dies_after_the_plan_is_named_in_the_error(accounts: Accounts) -> None:
    """Between plan and Put a role goes: the failure names it, and the flag that mends it."""
    settings = impatient(borrowing(accounts, admin="lasting"))

    def meanwhile(_plan: Plan) -> bool:
        bury(accounts)
        return True

    applied = app.apply(settings, confirm=meanwhile)
    mended = app.apply(settings, app.Options(remove_administrators=frozenset({GONE})))

    hints = [str(failure.error.hint) for failure in applied.failures if failure.error]
    assert any(f"--remove-administrator {GONE}" in hint for hint in hints)
    assert mended.failures == ()


def test_the_word_is_kept_in_a_plan_file_and_holds_for_destroy(accounts: Accounts, monkeypatch: Any) -> None:
    """The file carries the flag; destroy, whose own Put is refused as well, takes it, too."""
    desk = Desk(accounts, monkeypatch)
    desk.share("users")
    before = accounts.everything()
    bury(accounts)
    path = str(accounts.folder / "plan.json")

    refused = desk("plan")
    planned = desk("plan", "-o", path, "--remove-administrator", GONE)
    applied = desk("apply", path, "--auto-approve")
    bury(accounts)
    stuck = desk("destroy", "--auto-approve")
    gone = desk("destroy", "--auto-approve", "--remove-administrator", GONE)

    assert refused.code == 1
    assert "is dead: nobody of that name exists" in " ".join(refused.out.split())
    assert planned.code == 0
    assert "settings:administrator/role/etl/gone" in planned.out
    assert json.loads((accounts.folder / "plan.json").read_text())["remove_administrators"] == [GONE]
    assert applied.code == 0, applied.out
    assert stuck.code == 1
    assert gone.code == 0, gone.out
    assert in_ledger(accounts) == []
    settings = accounts.everything()[CONSUMER]
    assert settings["administrators"] == [{"DataLakePrincipalIdentifier": ALIVE}] * 2
    assert {**settings, "administrators": []} == before[CONSUMER]


def test_our_own_dead_entry_goes_without_a_word(accounts: Accounts) -> None:
    """When the operator's role was made anew under another name, the entry of the old one is ours, and goes first."""
    settings = borrowing(accounts, admin="lasting")
    apply_all(settings)
    iam = accounts.client("iam")
    trust = json.dumps(iam.get_role(RoleName="lakeshare-operator")["Role"]["AssumeRolePolicyDocument"])
    iam.create_role(RoleName="new-operator", AssumeRolePolicyDocument=trust)
    iam.attach_role_policy(RoleName="new-operator", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.detach_role_policy(RoleName="lakeshare-operator", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.delete_role(RoleName="lakeshare-operator")
    accounts.client("lakeformation")  # the account's administrator is not one of the lake's
    account = {"id": CONSUMER, "region": REGION, "role": "new-operator", "external_id": "${EXTERNAL_ID}"}
    settings = accounts.write({"s": accounts.share("users")}, consumer=account)

    planned = app.plan(settings).plan

    assert planned.blockers == ()
    assert ("delete", f"{PLACE}:administrator/role/lakeshare-operator") in steps(planned)
    app.apply(settings)
    assert listed(accounts, "DataLakeAdmins") == [f"arn:aws:iam::{CONSUMER}:role/new-operator"]
    destroy_all(settings)
