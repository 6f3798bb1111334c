"""The first administrator's one job: an operator role that only the right one may enter, and that can do the work."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from lakeshare import app
from lakeshare.errors import IdentityError
from tests.functional.accounts import (
    BASE,
    CONSUMER,
    PRODUCER,
    READER,
    REGION,
    SECOND_CONSUMER,
    SECRET,
    Accounts,
    apply_all,
    destroy_all,
)
from tests.functional.command_line import Desk

ROLE = "made-by-hand/lakeshare"
SID, POLICY = "LakeshareOperatorConnectAnalyticsfcfb", "lakeshare-operator-connect-analytics"
ENTERING = f"arn:aws:iam::{BASE}:user/administrator"


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The command line before any operator role of this spec is made."""
    for name, value in accounts.environ.items():
        monkeypatch.setenv(name, value)
    desk = Desk(accounts, monkeypatch)
    write(accounts, "${EXTERNAL_ID}")
    return desk


def write(accounts: Accounts, external_id: str | None) -> app.Settings:
    """Write a spec whose accounts are entered by roles that do not exist yet."""

    def account(number: str) -> dict[str, str]:
        given = {"external_id": external_id} if external_id else {}
        return {"id": number, "region": REGION, "role": ROLE, **given}

    return accounts.write(
        {"contact-centre": accounts.share("contact_record", "users", prove_denial=True)},
        producer=account(PRODUCER),
        consumer=account(CONSUMER),
    )


def as_administrator_of(desk: Desk, account: str) -> None:
    """Run what follows with the credentials of an administrator of *account*."""
    desk.monkeypatch.setenv("AWS_ACCESS_KEY_ID", account)


def make_operators(desk: Desk, *flags: str) -> None:
    """Have the first administrator of each account make its operator role."""
    for alias, number in (("producer", PRODUCER), ("consumer", CONSUMER)):
        as_administrator_of(desk, number)
        made = desk("bootstrap", "--account", alias, "--apply", "--trusted", ENTERING, "--auto-approve", *flags)
        assert made.code == 0, made.err
    as_administrator_of(desk, BASE)


def role_of(accounts: Accounts, account: str = CONSUMER) -> dict[str, Any]:
    """Return the operator role as IAM has it."""
    role: dict[str, Any] = accounts.client("iam", account).get_role(RoleName="lakeshare")["Role"]
    return role


def enter(accounts: Accounts, caller: str = BASE, **shown: Any) -> Any:
    """Try to assume the consumer's operator role, as the administrator of the account *caller*."""
    sts = accounts.client("sts", caller)
    return sts.assume_role(RoleArn=f"arn:aws:iam::{CONSUMER}:role/{ROLE}", RoleSessionName="try", **shown)


def test_the_role_that_is_made_is_enough_for_the_whole_story(desk: Desk) -> None:
    """An operator made by bootstrap alone applies, verifies, changes its spec and destroys."""
    accounts = desk.accounts
    make_operators(desk)
    settings = write(accounts, "${EXTERNAL_ID}")

    apply_all(settings)
    assert {proof.status for proof in app.verify(settings).proofs} == {"pass"}
    destroy_all(settings)


def test_the_role_that_is_made_may_explain(desk: Desk) -> None:
    """What an operator made by bootstrap sees is enough to say why a reader reads, and why another does not."""
    make_operators(desk)
    settings = write(desk.accounts, "${EXTERNAL_ID}")
    apply_all(settings)
    reader = f"arn:aws:iam::{CONSUMER}:role/{READER}"

    told = {
        who: app.explain(settings, app.Question(who, "users")).explanation.verdict
        for who in (reader, f"arn:aws:iam::{CONSUMER}:role/lakeshare-connect-analytics-denied")
    }

    assert list(told.values()) == ["allow", "deny"]


def test_nobody_else_enters(desk: Desk) -> None:
    """Without the ExternalId, with another, or as another caller, the role that was made is closed."""
    make_operators(desk)

    enter(desk.accounts, ExternalId=SECRET)

    for caller, shown in ((BASE, {}), (BASE, {"ExternalId": "guessed"}), (SECOND_CONSUMER, {"ExternalId": SECRET})):
        with pytest.raises(ClientError, match="AccessDenied"):
            enter(desk.accounts, caller, **shown)


def test_an_external_id_is_made_up_where_the_spec_has_none(desk: Desk) -> None:
    """It is kept in a file that nobody else reads, printed as a digest only, asked for by the trust, and used."""
    accounts = desk.accounts
    settings = write(accounts, None)
    as_administrator_of(desk, CONSUMER)

    printed = desk("bootstrap", "--account", "consumer", "--as", "cloudformation", "--trusted", ENTERING)
    make_operators(desk)

    kept = accounts.folder / ".lakeshare/connect-analytics.external-ids"
    secret = json.loads(kept.read_text())["consumer"]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert secret not in printed.out + printed.err
    assert "sha256:" in printed.err
    told = " ".join(printed.err.split())
    assert f"`cat {kept} | jq -r '.[\"consumer\"]'` shows it" in told
    assert role_of(accounts)["AssumeRolePolicyDocument"]["Statement"][0]["Condition"] == {
        "StringEquals": {"sts:ExternalId": secret}
    }
    apply_all(settings)
    destroy_all(settings)


def test_a_role_that_exists_keeps_what_it_has(desk: Desk) -> None:
    """Our statement joins the others in its trust policy and our policy its others; a second time nothing is done."""
    iam = desk.accounts.client("iam")
    theirs = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": theirs})
    iam.create_role(RoleName="lakeshare", Path="/made-by-hand/", AssumeRolePolicyDocument=trust)
    own = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
    iam.put_role_policy(RoleName="lakeshare", PolicyName="theirs", PolicyDocument=own)
    as_administrator_of(desk, CONSUMER)
    flags = ("bootstrap", "--account", "consumer", "--apply", "--trusted", ENTERING, "--auto-approve", "--json")

    first, second = desk(*flags).document, desk(*flags).document

    assert len(first["done"]) == 2
    assert second["done"] == []
    statements = role_of(desk.accounts)["AssumeRolePolicyDocument"]["Statement"]
    assert statements[0] == theirs
    assert [one.get("Sid") for one in statements] == [None, SID]
    assert set(iam.list_role_policies(RoleName="lakeshare")["PolicyNames"]) == {"theirs", POLICY}


def test_an_organisation_takes_the_place_of_an_external_id(desk: Desk) -> None:
    """Then whoever enters must belong to it, and nothing secret is asked for."""
    make_operators(desk, "--organization", "o-abc1234567")

    [statement] = role_of(desk.accounts)["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-abc1234567"}}
    with pytest.raises(ClientError, match="AccessDenied"):
        enter(desk.accounts, ExternalId=SECRET)


def test_credentials_of_another_account_make_nothing(desk: Desk) -> None:
    """Whoever runs it in the wrong account is told which it is, and whose credentials these are."""
    refused = desk("bootstrap", "--account", "consumer", "--apply", "--trusted", ENTERING, "--auto-approve")

    assert refused.code == IdentityError.exit_code
    assert f"consumer is account {CONSUMER}" in refused.err
    assert ENTERING in refused.err


@pytest.mark.parametrize("form", ["awscli", "cloudformation", "terraform"])
def test_what_is_printed_has_no_secret_and_names_who_enters(desk: Desk, form: str) -> None:
    """The principal is whoever runs lakeshare; of the ExternalId there is a digest beside it, on stderr."""
    printed = desk("bootstrap", "--account", "consumer", "--as", form)

    assert printed.code == 0
    assert SECRET not in printed.out + printed.err
    assert ENTERING in printed.out
    assert ":root" not in printed.out
    assert "sha256:" in printed.err


def test_the_template_is_what_cloudformation_takes(desk: Desk) -> None:
    """The template makes the role with the trust and the policy that an apply here would make."""
    template = yaml.safe_load(desk("bootstrap", "--account", "consumer", "--as", "cloudformation").out)
    make_operators(desk)

    made = template["Resources"]["Operator"]["Properties"]
    live = role_of(desk.accounts)
    assert template["Parameters"]["ExternalId"]["NoEcho"] is True
    assert made["AssumeRolePolicyDocument"]["Statement"][0]["Condition"] == {
        "StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}
    }
    assert (made["RoleName"], made["Path"]) == (live["RoleName"], live["Path"])
    policy = desk.accounts.client("iam").get_role_policy(RoleName="lakeshare", PolicyName=POLICY)
    assert made["Policies"][0]["PolicyDocument"] == policy["PolicyDocument"]


USAGE: dict[str, Callable[[], tuple[str, ...]]] = {
    "say either --as": lambda: ("--account", "consumer"),
    'did you mean "consumer"': lambda: ("--account", "consumr", "--as", "awscli"),
    "--auto-approve": lambda: ("--account", "consumer", "--apply", "--trusted", ENTERING),
    "say who is to enter": lambda: ("--account", "consumer", "--apply", "--auto-approve"),
}


@pytest.mark.parametrize("told", USAGE)
def test_wrong_usage_is_told(desk: Desk, told: str) -> None:
    """What is missing or meant is named, and nothing is made."""
    refused = desk("bootstrap", *USAGE[told]())

    assert refused.code == 64
    assert told in refused.err
    assert not Path(desk.accounts.folder / ".lakeshare").exists()


def test_with_nobody_at_the_endpoint_nobody_is_asked_for(desk: Desk) -> None:
    """Who enters cannot be found out, and saying it with --trusted would not be the mend."""
    told = desk.alone("bootstrap", "--account", "consumer", "--as", "awscli")

    assert told.code == 1
    assert "Could not connect to the endpoint" in " ".join(told.err.split())
    assert "--trusted" not in told.err


def test_what_is_there_already_is_said_to_be(desk: Desk) -> None:
    """A second run changes nothing, and spells the role as IAM does."""
    as_administrator_of(desk, CONSUMER)
    asked = ("bootstrap", "--account", "consumer", "--apply", "--auto-approve", "--trusted", ENTERING)
    first, second = desk(*asked), desk(*asked)

    assert (first.code, second.code) == (0, 0)
    assert second.out.strip() == "The role lakeshare is as it should be."
