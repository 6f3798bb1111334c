"""Accounts that are entered by way of another one: a role chain through a hub, of which no share is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare import app
from lakeshare.errors import IdentityError, LakeshareError
from tests.functional.accounts import (
    BASE,
    CONSUMER,
    OPERATOR,
    REGION,
    SECOND_CONSUMER,
    SECRET,
    Accounts,
    apply_all,
    destroy_all,
)
from tests.functional.command_line import Desk
from tests.functional.examined import ELSEWHERE, found, mend
from tests.functional.rights import actions, allow, without

HUB = SECOND_CONSUMER
ROLE = f"arn:aws:iam::{HUB}:role/{OPERATOR}"
PARAMETER = "/lakeshare/consumer"

BASE_USER = f"arn:aws:iam::{BASE}:user/administrator"


def trust(accounts: Accounts, account: str, principal: str, external_id: str | None = SECRET) -> None:
    """Have the operator role of *account* trust *principal* alone, who must show *external_id* where there is one."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    if external_id:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    accounts.client("iam", account).update_assume_role_policy(RoleName=OPERATOR, PolicyDocument=document)


def by_way_of_hub(accounts: Accounts, **consumer: str) -> app.Settings:
    """Write a spec whose consumer is entered from the hub, and make the operators so."""
    accounts.make_operator(HUB)
    trust(accounts, CONSUMER, ROLE)
    keeps = consumer or {"external_id": "${EXTERNAL_ID}"}
    entered = {"id": CONSUMER, "region": REGION, "role": OPERATOR, "via": "hub", **keeps}
    shares = {"contact-centre": accounts.share("users")}
    return accounts.write(shares, hub=accounts.second_consumer(), consumer=entered)


def with_parameter(accounts: Accounts) -> app.Settings:
    """Write a spec whose consumer's ExternalId is to be kept in a parameter of the hub, where none is yet."""
    settings = by_way_of_hub(accounts, external_id_parameter=PARAMETER)
    trust(accounts, CONSUMER, ROLE, external_id=None)
    return settings


SPECS = {"external_id": by_way_of_hub, "parameter": with_parameter}


def test_a_role_chain_leads_through_another_account(accounts: Accounts) -> None:
    """An account that only the hub's operator may enter is applied to, verified and cleared by way of the hub."""
    settings = by_way_of_hub(accounts)

    apply_all(settings)
    proofs = app.verify(settings).proofs
    destroy_all(settings)

    assert {proof.status for proof in proofs} == {"pass"}
    with pytest.raises(IdentityError, match="cannot assume"):
        app.plan(accounts.write({"contact-centre": accounts.share("users")}))


@pytest.mark.parametrize("keeps", SPECS)
def test_the_printed_policy_of_a_hub_is_what_a_run_takes_there(accounts: Accounts, keeps: str) -> None:
    """A hub's operator with exactly what is printed is enough, and all of it is asked for."""
    settings = SPECS[keeps](accounts)
    printed = app.policy(settings, "hub")
    allow(accounts, HUB, printed)

    apply_all(settings)

    assert set(accounts.asked("actions")[HUB][ROLE]) == set(actions(printed))
    allow(accounts, HUB, app.policy(settings, "hub", "verify"))
    assert not app.verify(settings).failed
    allow(accounts, HUB, app.policy(settings, "hub", "destroy"))
    destroy_all(settings)


@pytest.mark.parametrize("keeps", SPECS)
def test_an_apply_with_one_action_less_in_the_hub_is_refused(accounts: Accounts, keeps: str) -> None:
    """Whichever action is missing is named, and nothing is written."""
    settings = SPECS[keeps](accounts)
    printed = app.policy(settings, "hub")
    before = accounts.everything()

    for action in actions(printed):
        allow(accounts, HUB, without(printed, action))
        with pytest.raises(LakeshareError) as refused:
            app.apply(settings)
        assert action in str((refused.value, refused.value.hint, getattr(refused.value, "blockers", ())))
    assert accounts.everything() == before


def test_a_parameter_that_is_there_need_not_be_made(accounts: Accounts) -> None:
    """What makes the parameter is asked for only as long as there is none."""
    settings = with_parameter(accounts)
    accounts.client("ssm", HUB).put_parameter(Name=PARAMETER, Value=SECRET, Type="SecureString")
    allow(accounts, HUB, without(app.policy(settings, "hub"), "ssm:PutParameter"))

    apply_all(settings)


def test_a_hub_that_trusts_all_of_another_account_is_in_the_way(accounts: Accounts) -> None:
    """Whoever may enter the hub may enter what is entered from it: its trust is judged like every operator's."""
    settings = by_way_of_hub(accounts)
    document = accounts.client("iam", HUB).get_role(RoleName=OPERATOR)["Role"]["AssumeRolePolicyDocument"]
    bare = {"Effect": "Allow", "Principal": {"AWS": ELSEWHERE}, "Action": "sts:AssumeRole"}
    document["Statement"].append(bare)
    accounts.client("iam", HUB).update_assume_role_policy(RoleName=OPERATOR, PolicyDocument=json.dumps(document))

    [blocker] = [item for item in app.plan(settings).plan.blockers if item.address.startswith("hub/")]
    [told] = [item for item in found(settings, "trust", "hub") if item.status == "blocker"]

    elsewhere = ELSEWHERE.split(":")[4]
    assert elsewhere in blocker.reason
    assert elsewhere in told.finding.saw
    assert f"--role-name {OPERATOR}" in mend(told)


def test_doctor_looks_at_a_hub_as_far_as_it_matters(accounts: Accounts) -> None:
    """Who the operator is there, what it may do and whom its role trusts; and it takes what is printed for it."""
    settings = by_way_of_hub(accounts)
    allow(accounts, HUB, app.policy(settings, "hub"), app.policy(settings, "hub", "doctor"))

    told = [item for item in app.doctor(settings).checks if item.account == "hub"]

    assert [(item.id, item.status) for item in told] == [("identity", "ok"), ("rights", "ok"), ("trust", "ok")]
    assert set(actions(app.policy(settings, "hub", "doctor"))) == {
        "iam:GetRole",
        "iam:SimulatePrincipalPolicy",
        "sts:AssumeRole",
    }


def test_doctor_of_a_hub_that_cannot_be_entered_goes_on(accounts: Accounts) -> None:
    """What is wrong is said once, of the hub; the accounts behind it are said to be behind it, others looked at."""
    settings = SPECS["parameter"](accounts)
    trust(accounts, HUB, BASE_USER, external_id="another")

    checks = app.doctor(settings).checks

    who = {item.account: item.finding for item in checks if item.id == "identity"}
    assert {alias: each.status for alias, each in who.items()} == {
        "producer": "ok",
        "hub": "blocker",
        "consumer": "blocker",
    }
    assert "compare the ExternalId" in (who["hub"].fix or "")
    assert who["consumer"].saw == "consumer is entered by way of hub, and hub cannot be entered"
    assert {item.account for item in checks if item.id == "rights"} == {"producer"}


def test_doctor_of_a_parameter_that_may_not_be_read_goes_on(accounts: Accounts) -> None:
    """The action and the parameter are named, and the other accounts looked at."""
    settings = SPECS["parameter"](accounts)
    allow(accounts, HUB, without(app.policy(settings, "hub"), "ssm:GetParameter"))

    checks = app.doctor(settings).checks

    [consumer] = [item.finding for item in checks if item.id == "identity" and item.account == "consumer"]
    assert consumer.status == "blocker"
    assert "ssm:GetParameter" in consumer.saw
    assert PARAMETER in (consumer.fix or "")
    [rights] = [item for item in checks if item.id == "rights" and item.account == "hub"]
    assert "ssm:GetParameter" in rights.finding.saw


def test_a_plan_shows_by_way_of_whom_it_would_be_carried_out(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the account, and in the document under the hub's own name."""
    monkeypatch.setenv("EXTERNAL_ID", SECRET)
    by_way_of_hub(accounts)
    desk = Desk(accounts, monkeypatch)

    text = " ".join(desk("plan").out.split())
    operators = desk("plan", "--json").document["operators"]

    assert f"account {CONSUMER}, as role/{OPERATOR}, via hub ({HUB}, role/{OPERATOR})" in text
    assert operators["consumer"]["via"] == "hub"
    assert operators["hub"] == {"account": HUB, "region": REGION, "principal": ROLE}


def test_bootstrap_makes_the_parameter_in_the_hub(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that is entered via another one, with its ExternalId in a parameter there, can be begun with."""
    monkeypatch.setenv("EXTERNAL_ID", SECRET)
    by_way_of_hub(accounts, external_id_parameter=PARAMETER)
    desk = Desk(accounts, monkeypatch)

    printed = desk("bootstrap", "--account", "consumer", "--as", "awscli")

    assert printed.code == 0, printed.err
    assert ROLE in printed.out
    kept = accounts.client("ssm", HUB).get_parameter(Name=PARAMETER, WithDecryption=True)["Parameter"]["Value"]
    assert kept not in printed.out + printed.err
    assert f"aws ssm get-parameter --region {REGION} --name {PARAMETER} --with-decryption" in " ".join(
        printed.err.split()
    )
