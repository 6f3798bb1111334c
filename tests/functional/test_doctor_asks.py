"""What doctor asks of the accounts, with which rights, and which of it a plan asks by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lakeshare import app
from lakeshare.errors import BlockedError
from tests.functional.accounts import CONSUMER, OPERATOR, PRODUCER, Accounts, apply_all
from tests.functional.examined import (
    administer,
    bare_root,
    connect,
    dead_administrator,
    encrypt,
    full_role,
    make_role,
    mend,
    own,
    policy_without_ram,
    statuses,
)
from tests.functional.rights import Asked, actions, allow_least
from tests.functional.test_few_calls import counted, forget

READING = ("AssumeRole", "Describe", "Get", "Head", "List", "Simulate", "Validate")
"""What the names of calls that write nothing begin with."""


@pytest.mark.parametrize("state", [dead_administrator, bare_root, policy_without_ram, full_role])
def test_a_plan_finds_what_blocks_by_itself(accounts: Accounts, state: Callable[[Accounts], app.Settings]) -> None:
    """What doctor calls a blocker stops the apply before its first write; each tells it once."""
    settings = state(accounts)
    forget(accounts)

    blockers = app.plan(settings).plan.blockers
    told = [item for item in app.doctor(settings).checks if item.status == "blocker"]
    with pytest.raises(BlockedError):
        app.apply(settings)

    assert (len(blockers), len(told)) == (1, 1)
    names = {name.partition(":")[2] for account in (PRODUCER, CONSUMER) for name in counted(accounts)[account]}
    assert not [name for name in names if not name.startswith(READING)]


def test_what_is_in_order_already_is_not_asked_about(accounts: Accounts) -> None:
    """With a dead administrator that nothing of the plan meets, an empty plan stays empty, and doctor warns."""
    settings = connect(accounts)
    apply_all(settings)
    administer(accounts, CONSUMER, make_role(accounts, CONSUMER, "gone"))
    accounts.client("iam").delete_role(RoleName="gone")

    planned = app.plan(settings).plan

    assert (planned.has_changes, planned.blockers) == (False, ())
    assert statuses(settings, "administrators", "consumer") == ["warning"]
    assert not {"glue:GetDataCatalogEncryptionSettings", "iam:GetAccountSummary"} & set(planned.calls[CONSUMER])


def test_a_doctor_writes_nothing(accounts: Accounts) -> None:
    """Neither in the accounts nor beside the spec, not even an ExternalId that it had to make up."""
    operator = {"id": CONSUMER, "region": "ap-southeast-2", "role": OPERATOR}
    settings = accounts.write({"s": accounts.share("users")}, consumer=operator)
    before, files = accounts.everything(), sorted(accounts.folder.rglob("*"))

    app.doctor(settings)

    assert accounts.everything() == before
    assert sorted(accounts.folder.rglob("*")) == files


def test_what_may_not_be_read_is_a_warning_that_names_the_action(accounts: Accounts) -> None:
    """With exactly the policy of an apply nothing blocks, and reads beyond it are named; with doctor's all is ok."""
    settings = connect(accounts)
    allow_least(accounts, settings, "apply")

    with_apply = app.doctor(settings)
    allow_least(accounts, settings, "doctor", "apply")
    with_doctors = app.doctor(settings)

    told = [item for item in with_apply.checks if item.status != "ok"]
    assert {item.status for item in told} == {"warning"}
    text = " ".join(item.finding.saw for item in told)
    assert all(name in text for name in ("glue:GetDataCatalogEncryptionSettings", "iam:GetAccountSummary"))
    assert all("--for doctor" in mend(item) for item in told)
    assert [item for item in with_doctors.checks if item.status != "ok"] == []


def test_what_doctor_calls_is_what_its_policy_prints(accounts: Accounts) -> None:
    """Every action that IAM was asked about is in the policy for doctor, and none of them writes."""
    settings = own(accounts, "4")
    apply_all(settings)
    encrypt(accounts, PRODUCER)
    asked = Asked(accounts)

    app.doctor(settings)

    asked.collect()
    for alias in ("producer", "consumer"):
        printed = actions(app.policy(settings, alias, "doctor"))
        assert asked.actions[alias] <= set(printed)
        assert all(name.partition(":")[2].startswith(("Describe", "Get", "List", "Simulate")) for name in printed)
