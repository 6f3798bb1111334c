"""The sessions of a run: entered through chains, narrowed to what the command needs, and shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare import app
from lakeshare.app.workspace import opened
from lakeshare.errors import CallError, IdentityError
from tests.functional.accounts import (
    BASE,
    CONSUMER,
    OPERATOR,
    PRODUCER,
    READER,
    REGION,
    SECRET,
    Accounts,
    apply_all,
    destroy_all,
)
from tests.functional.command_line import Desk

WRITES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a database": ("glue", "create_database", {"DatabaseInput": {"Name": "mine"}}),
    "a role": ("iam", "create_role", {"RoleName": "mine", "AssumeRolePolicyDocument": "{}"}),
    "a bucket": ("s3", "create_bucket", {"Bucket": "mine"}),
    "the settings": ("lakeformation", "put_data_lake_settings", {"DataLakeSettings": {}}),
}


@pytest.mark.parametrize("what", WRITES)
def test_the_session_of_a_command_that_reads_cannot_write(accounts: Accounts, what: str) -> None:
    """Whatever the operator may do, a session that was opened for a plan may not."""
    settings = accounts.write({"contact-centre": accounts.share("users")})
    service, operation, params = WRITES[what]

    with opened(settings, "plan", writes=False) as space, pytest.raises(CallError, match="session policy"):
        space.run.aws.call("consumer", REGION, service, operation, **params)


def test_the_session_of_an_apply_can_do_nothing_else(accounts: Accounts) -> None:
    """A session that may make roles and buckets may not touch what lakeshare never touches."""
    settings = accounts.write({"contact-centre": accounts.share("users")})

    with opened(settings, "apply", writes=True) as space:
        forbidden: list[tuple[str, str, dict[str, Any]]] = [
            ("iam", "create_user", {"UserName": "mallory"}),
            (
                "iam",
                "attach_role_policy",
                {"RoleName": OPERATOR, "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
            ),
            ("s3", "get_object", {"Bucket": "theirs", "Key": "secret"}),
            ("kms", "list_keys", {}),
        ]
        for service, operation, params in forbidden:
            with pytest.raises(CallError, match="session policy"):
                space.run.aws.call("consumer", REGION, service, operation, **params)


def test_a_session_as_a_reader_can_only_query(accounts: Accounts) -> None:
    """A reader that others gave more to is no way for verify to use it."""
    settings = accounts.write({"contact-centre": accounts.share("users")})
    apply_all(settings)
    accounts.client("iam").attach_role_policy(RoleName=READER, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")

    assert not app.verify(settings).failed

    asked = accounts.asked("actions")[CONSUMER][f"arn:aws:iam::{CONSUMER}:role/{READER}"]
    assert all(name.split(":")[0] in ("athena", "glue", "lakeformation", "s3") for name in asked)


def test_a_plan_says_as_whom_it_would_be_carried_out(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each account that would be written to is named with the principal that was looked up there."""
    desk = Desk(accounts, monkeypatch)
    desk.share("users")

    text = desk("plan").out
    operators = desk("plan", "--json").document["operators"]

    assert f"account {CONSUMER}, as role/{OPERATOR}" in text
    assert operators == {
        "consumer": {"account": CONSUMER, "region": REGION, "principal": f"arn:aws:iam::{CONSUMER}:role/{OPERATOR}"},
        "producer": {"account": PRODUCER, "region": REGION, "principal": f"arn:aws:iam::{PRODUCER}:role/{OPERATOR}"},
    }


def test_the_wrong_account_is_refused(accounts: Accounts) -> None:
    """Credentials that lead elsewhere than the spec says end the run before anything else is asked."""
    settings = accounts.write({"contact-centre": accounts.share("users")}, consumer={"id": CONSUMER, "region": REGION})

    with pytest.raises(IdentityError, match=f"the spec says account {CONSUMER}.*in account {BASE}"):
        app.apply(settings)


PARAMETER = "/lakeshare/consumer"


def without_condition(accounts: Accounts) -> None:
    """Have the consumer's operator ask for no ExternalId: whoever knows none may enter."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{BASE}:user/administrator"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    accounts.client("iam").update_assume_role_policy(RoleName=OPERATOR, PolicyDocument=trust)


def test_an_external_id_is_made_and_kept_in_the_parameter_that_the_spec_names(accounts: Accounts) -> None:
    """It is encrypted, in the account from which the role is assumed, and in no file; the next run finds it."""
    without_condition(accounts)
    consumer = {"id": CONSUMER, "region": REGION, "role": OPERATOR, "external_id_parameter": PARAMETER}
    settings = accounts.write({"contact-centre": accounts.share("users")}, consumer=consumer)

    apply_all(settings)

    kept = accounts.client("ssm", BASE).get_parameter(Name=PARAMETER, WithDecryption=True)["Parameter"]
    assert kept["Type"] == "SecureString"
    assert len(kept["Value"]) >= 32
    assert not list((accounts.folder / ".lakeshare").glob("*.external-ids"))
    assert all(kept["Value"].encode() not in path.read_bytes() for path in (accounts.folder / ".lakeshare").iterdir())
    assert not app.plan(settings).plan.has_changes
    assert {proof.status for proof in app.verify(settings).proofs} == {"pass"}


def test_a_parameter_that_is_there_is_the_external_id(accounts: Accounts) -> None:
    """What somebody put into the parameter is what the operator shows when it enters, and what readers ask for."""
    accounts.client("ssm", BASE).put_parameter(Name=PARAMETER, Value=SECRET, Type="SecureString")
    consumer = {"id": CONSUMER, "region": REGION, "role": OPERATOR, "external_id_parameter": PARAMETER}
    settings = accounts.write({"contact-centre": accounts.share("users")}, consumer=consumer)

    apply_all(settings)

    trust = accounts.client("iam").get_role(RoleName=READER)["Role"]["AssumeRolePolicyDocument"]
    [asked] = [one["Condition"]["StringEquals"]["sts:ExternalId"] for one in trust["Statement"] if "Condition" in one]
    assert asked == SECRET
    destroy_all(settings)


def test_a_parameter_that_may_not_be_read_is_told(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the parameter and the right that is missing."""
    iam = accounts.client("iam", BASE)
    iam.create_user(UserName="nobody")
    keys = iam.create_access_key(UserName="nobody")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    consumer = {"id": CONSUMER, "region": REGION, "role": OPERATOR, "external_id_parameter": PARAMETER}
    settings = accounts.write({"contact-centre": accounts.share("users")}, consumer=consumer)

    with pytest.raises(CallError) as refused:
        app.plan(settings)

    assert "ssm:GetParameter" in str(refused.value.hint)
    assert PARAMETER in str(refused.value.hint)
