"""What bootstrap will not do, and what it leaves alone: roles, specs and policies that are not its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from lakeshare import app
from tests.functional.accounts import BASE, CONSUMER, OPERATOR, PRODUCER, REGION, SECRET, Accounts, apply_all, steps
from tests.functional.command_line import Desk, Ran
from tests.functional.test_policy_length import readers

ENTERING = f"arn:aws:iam::{BASE}:user/administrator"
CI = f"arn:aws:iam::{BASE}:role/ci"
SID, OTHER_SID = "LakeshareOperatorConnectAnalyticsfcfb", "LakeshareOperatorOtherSpec58a0"
ROLE = "lakeshare-x"
FORMER_SID, FORMER_POLICY = "LakeshareOperator", "lakeshare-operator"


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The command line with a consumer that has no operator role yet."""
    for name, value in accounts.environ.items():
        monkeypatch.setenv(name, value)
    write(accounts)
    return Desk(accounts, monkeypatch)


def account(number: str, region: str = REGION, role: str = f"ops/{ROLE}", **ids: str) -> dict[str, str]:
    """Return an account as a spec names it."""
    return {"id": number, "region": region, "role": role, **ids}


def write(accounts: Accounts, name: str = "connect-analytics", **share: Any) -> app.Settings:
    """Write a spec called *name*."""
    settings = accounts.write(
        {"contact-centre": accounts.share("users", **share)},
        consumer=account(CONSUMER, external_id="${EXTERNAL_ID}"),
    )
    document = yaml.safe_load(settings.spec_path.read_text())
    settings.spec_path.write_text(yaml.safe_dump({**document, "name": name}))
    return settings


def boot(desk: Desk, alias: str = "consumer", trusted: str = ENTERING, *flags: str) -> Ran:
    """Have the first administrator of an account make its operator role."""
    desk.monkeypatch.setenv("AWS_ACCESS_KEY_ID", PRODUCER if alias in ("producer", "p2") else CONSUMER)
    ran = desk("bootstrap", "--account", alias, "--apply", "--trusted", trusted, "--auto-approve", *flags)
    desk.monkeypatch.setenv("AWS_ACCESS_KEY_ID", BASE)
    return ran


def make_role(accounts: Accounts, name: str = ROLE, path: str = "/ops/", **tags: str) -> None:
    """Make a role that lets in nobody but a service."""
    lambdas = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [lambdas]})
    pairs = [{"Key": f"lakeshare:{key}", "Value": value} for key, value in tags.items()]
    accounts.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust, Tags=pairs)


def put_policy(accounts: Accounts, name: str, *actions: str, resource: str = "*") -> None:
    """Put an inline policy onto the role."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": [resource]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    accounts.client("iam").put_role_policy(RoleName=ROLE, PolicyName=name, PolicyDocument=document)


def add_former_statement(accounts: Accounts, trusted: str = ENTERING, secret: str = SECRET) -> None:
    """Let *trusted* in by a statement of the name that all specs had once."""
    trust = accounts.client("iam").get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    former = {
        "Sid": FORMER_SID,
        "Effect": "Allow",
        "Principal": {"AWS": trusted},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": secret}},
    }
    document = json.dumps({**trust, "Statement": [*trust["Statement"], former]})
    accounts.client("iam").update_assume_role_policy(RoleName=ROLE, PolicyDocument=document)


def live(accounts: Accounts, name: str = ROLE) -> tuple[list[Any], set[str]]:
    """Return (Sids of the trust policy, names of the inline policies) of a role of the consumer."""
    iam = accounts.client("iam")
    statements = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    return [one.get("Sid") for one in statements], set(iam.list_role_policies(RoleName=name)["PolicyNames"])


def words(ran: Ran) -> str:
    """Return all that was said, in one line."""
    return " ".join((ran.out + ran.err).split())


def test_a_role_of_that_name_at_another_path_is_somebody_elses(desk: Desk) -> None:
    """It is named, as is the one that is wanted, and stays as it is."""
    make_role(desk.accounts, path="/other-team/")

    refused = boot(desk)

    assert refused.code == 1
    assert f"arn:aws:iam::{CONSUMER}:role/other-team/{ROLE}" in words(refused)
    assert f"arn:aws:iam::{CONSUMER}:role/ops/{ROLE}" in words(refused)
    assert live(desk.accounts) == ([None], set())


def test_two_specs_share_an_operator(desk: Desk) -> None:
    """Each has a statement and a policy of its own, and neither touches the other's."""
    make_ci(desk.accounts)
    boot(desk)
    write(desk.accounts, "other-spec")

    second = boot(desk, "consumer", CI)
    write(desk.accounts)
    again = boot(desk)

    assert second.code == 0, second.err
    assert again.out.strip() == f"The role {ROLE} is as it should be."
    assert live(desk.accounts) == (
        [SID, OTHER_SID],
        {"lakeshare-operator-connect-analytics", "lakeshare-operator-other-spec"},
    )


def test_what_this_spec_had_under_the_former_names_is_taken_away(desk: Desk) -> None:
    """The statement that lets in the same one, and a policy that allows nothing more; nobody loses anything."""
    make_role(desk.accounts, spec="connect-analytics")
    add_former_statement(desk.accounts)
    put_policy(desk.accounts, FORMER_POLICY, "lakeformation:GetDataLakeSettings", "lakeformation:ListPermissions")

    made = boot(desk, "consumer", ENTERING, "--json")

    assert made.document["left"] == []
    assert len(made.document["done"]) == 3
    assert live(desk.accounts) == ([None, SID], {"lakeshare-operator-connect-analytics"})


@pytest.mark.parametrize("case", ["another trustee", "another ExternalId", "another spec"])
def test_what_may_be_somebody_elses_under_the_former_names_is_left_and_told(desk: Desk, case: str) -> None:
    """Whoever enters by it would be locked out, so a person decides; each time it is told."""
    make_role(desk.accounts, spec="other-spec" if case == "another spec" else "connect-analytics")
    make_ci(desk.accounts)
    add_former_statement(
        desk.accounts,
        CI if case == "another trustee" else ENTERING,
        "another-secret" if case == "another ExternalId" else SECRET,
    )
    put_policy(desk.accounts, FORMER_POLICY, "s3:GetObject")

    boot(desk)
    told = boot(desk)

    assert told.code == 0
    assert f"The statement {FORMER_SID} in the trust policy of {ROLE} is left" in words(told)
    assert f"The policy {FORMER_POLICY} of {ROLE} is left" in words(told)
    assert "another-secret" not in words(told)
    assert live(desk.accounts) == (
        [None, FORMER_SID, SID],
        {FORMER_POLICY, "lakeshare-operator-connect-analytics"},
    )


def make_ci(accounts: Accounts) -> None:
    """Make another role that may enter: a trust policy takes none that does not exist."""
    statement = {"Effect": "Allow", "Principal": {"AWS": ENTERING}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    accounts.client("iam", BASE).create_role(RoleName="ci", AssumeRolePolicyDocument=document)


@pytest.mark.parametrize("form", ["awscli", "cloudformation", "terraform", "--apply"])
def test_a_policy_that_does_not_fit_makes_nothing(desk: Desk, form: str) -> None:
    """Neither role nor ExternalId is made, nothing is printed, and what helps is said."""
    desk.accounts.write(
        {"contact-centre": desk.accounts.share("users", readers=readers(150))}, consumer=account(CONSUMER)
    )

    flags = ("--apply", "--auto-approve") if form == "--apply" else ("--as", form)
    desk.monkeypatch.setenv("AWS_ACCESS_KEY_ID", CONSUMER)
    refused = desk("bootstrap", "--account", "consumer", "--trusted", ENTERING, *flags)

    assert (refused.code, refused.out) == (1, "")
    assert "the limit is 10,240" in words(refused)
    assert "a common path" in words(refused)
    assert not (desk.accounts.folder / ".lakeshare").exists()
    with pytest.raises(ClientError, match="NoSuchEntity"):
        live(desk.accounts)


def test_policies_that_others_put_there_are_counted(desk: Desk) -> None:
    """All inline policies of a role have one limit; the trust policy is not touched either."""
    make_role(desk.accounts)
    put_policy(desk.accounts, "theirs", "s3:GetObject", resource=f"arn:aws:s3:::bucket/{'x' * 8000}")

    refused = boot(desk)

    assert refused.code == 1
    assert "the limit is 10,240" in words(refused)
    assert "other inline policies (theirs)" in words(refused)
    assert live(desk.accounts) == ([None], {"theirs"})


def test_a_role_that_is_open_to_everybody_is_given_nothing(desk: Desk) -> None:
    """The trust policy is judged as it would stand, others' statements with ours."""
    make_role(desk.accounts)
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
    desk.accounts.client("iam").update_assume_role_policy(RoleName=ROLE, PolicyDocument=document)

    refused = boot(desk)

    assert refused.code == 1
    assert "trust.anyone" in words(refused)
    assert live(desk.accounts) == ([None], set())


@pytest.mark.parametrize("form", ["awscli", "--apply"])
@pytest.mark.parametrize("trusted", ["*", f"arn:aws:iam::{BASE}:role/*", "lambda.amazonaws.com"])
def test_who_cannot_be_let_in_is_wrong_usage(desk: Desk, trusted: str, form: str) -> None:
    """Before anything is asked or made, with what was expected."""
    flags = ("--apply", "--auto-approve") if form == "--apply" else ("--as", form)

    refused = desk("bootstrap", "--account", "consumer", "--trusted", trusted, *flags)

    assert refused.code == 64
    assert "expected the ARN of an IAM role or user" in words(refused)


def two_regions(accounts: Accounts, **second: str) -> app.Settings:
    """Write a spec in which both accounts have a name in each of two Regions, and ExternalIds are left to us."""
    seeded = accounts.box.seed(instance_account=PRODUCER, region="eu-west-2", tables=["users"], rows=3)
    other = {
        "from": {"account": "p2", "connect": {"instance": seeded["instance_id"], "tables": ["users"]}},
        "to": {"account": "c2", "database": "other"},
        "readers": [{"role": "r2", "create": {"service": "lambda.amazonaws.com"}}],
    }
    arn = f"arn:aws:iam::{CONSUMER}:role/{OPERATOR}-b"
    return accounts.write(
        {"contact-centre": accounts.share("users"), "other": other},
        producer=account(PRODUCER, role=f"{OPERATOR}-b"),
        consumer=account(CONSUMER, role=f"/{OPERATOR}-b"),
        p2=account(PRODUCER, "eu-west-2", f"{OPERATOR}-b"),
        c2=account(CONSUMER, "eu-west-2", arn, **second),
    )


def test_two_names_of_one_role_have_one_external_id(desk: Desk) -> None:
    """Whichever is begun with, both are entered, and what is made works; however the role is written."""
    settings = two_regions(desk.accounts)

    for alias in ("p2", "producer", "c2"):
        assert boot(desk, alias).code == 0
    last = boot(desk, "consumer")

    assert last.out.strip().endswith("is as it should be.")
    apply_all(settings)
    assert {proof.status for proof in app.verify(settings).proofs} == {"pass"}
    assert steps(app.plan(settings).plan) == []


def test_one_name_of_a_role_with_an_external_id_and_one_without_is_told(desk: Desk) -> None:
    """One that was made up would take the place of the one that the spec gives."""
    two_regions(desk.accounts, external_id="${EXTERNAL_ID}")

    refused = boot(desk, "consumer")

    assert refused.code == 64
    assert "consumer and c2 are one role, which asks for one ExternalId" in words(refused)
