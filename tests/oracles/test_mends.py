"""The commands that doctor prints, run word for word in a shell with the AWS CLI and jq, mend what they are for."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest

from lakeshare import app
from lakeshare.access.doctor import Checked, source_keys
from lakeshare.access.doctor.catalog_key import Key
from lakeshare.access.doctor.key_policies import says
from tests.functional.accounts import BASE, CONSUMER, PRODUCER, REGION, Accounts
from tests.functional.examined import mend
from tests.oracles.shell import Shell
from tests.oracles.states import AT_ONCE, STATES, bare_root_beside_others, denied_key, federated
from tests.unit.access.doctor.cases import case_of, own_spec

pytestmark = pytest.mark.oracle

SHOWN: Final = "a-secret-that-is-shown"


@pytest.fixture(autouse=True)
def _keys_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lakeshare itself come with keys of its own, which the shell does not see."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", BASE)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")


def blockers(settings: app.Settings) -> list[Checked]:
    """Return what doctor says is in the way."""
    return [item for item in app.doctor(settings).checks if item.status == "blocker"]


@pytest.mark.parametrize("state", STATES)
def test_what_doctor_prints_mends_what_it_found(accounts: Accounts, shell: Shell, state: str) -> None:
    """Blocker by blocker, by an administrator of the account that is named, until nothing is in the way."""
    settings = STATES[state](accounts)
    found = blockers(settings)
    assert found

    for _time in range(5):
        first = next(iter(blockers(settings)), None)
        if first is None:
            break
        run(shell, first)

    assert [(item.id, item.finding.saw) for item in blockers(settings)] == []


@pytest.mark.parametrize("state", AT_ONCE)
def test_all_that_doctor_prints_at_once_mends_all(accounts: Accounts, shell: Shell, state: str) -> None:
    """One command after the other as they were printed: none is in the way of another."""
    settings = AT_ONCE[state](accounts)
    found = told(settings)
    assert found

    for item in found:
        run(shell, item)

    assert [(item.id, item.finding.saw) for item in told(settings)] == []


def test_what_is_taken_out_of_a_trust_takes_nothing_else_along(accounts: Accounts, shell: Shell) -> None:
    """Two statements go, the third stays, however often the commands are run."""
    found = told(federated(accounts))

    for item in [*found, *found]:
        run(shell, item)

    assert [one["Principal"] for one in trust_of_analyst(accounts)] == [{"Service": "ec2.amazonaws.com"}]


def test_who_is_good_in_a_statement_shows_no_external_id(accounts: Accounts, shell: Shell) -> None:
    """The bare root gets a statement of its own with the condition; Lambda and a colleague enter as before."""
    (item,) = blockers(bare_root_beside_others(accounts))

    run(shell, item)

    rest, apart = trust_of_analyst(accounts)
    colleague = f"arn:aws:iam::{CONSUMER}:role/colleague"
    assert (rest["Sid"], rest["Principal"]) == ("All", {"AWS": [colleague], "Service": ["lambda.amazonaws.com"]})
    assert "Condition" not in rest
    assert (apart["Principal"], apart["Action"]) == ({"AWS": ["arn:aws:iam::444444444444:root"]}, "sts:AssumeRole")
    assert apart["Condition"] == {"StringEquals": {"sts:ExternalId": SHOWN}}
    assert "Sid" not in apart


def test_a_keys_deny_of_others_stays(accounts: Accounts, shell: Shell) -> None:
    """Only who is to use the key is taken out of a statement that denies it."""
    settings = denied_key(accounts)

    for item in blockers(settings):
        run(shell, item)

    key = at_rest_of(accounts, CONSUMER)["SseAwsKmsKeyId"]
    policy = json.loads(accounts.client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    denying = [one["Principal"] for one in policy["Statement"] if one["Effect"] == "Deny"]
    assert denying == [{"AWS": [f"arn:aws:iam::{CONSUMER}:role/stranger"]}]


def test_a_new_key_for_a_source_lets_its_consumers_in(accounts: Accounts, shell: Shell) -> None:
    """In place of AWS's own, which no other account can be let use; IAM of each account decides who may."""
    own_key = Key("alias/aws/glue", "SSE-KMS", "Enabled", is_managed_by_aws=True)
    (finding,) = source_keys.judge(case_of("consumer", own_spec(REGION)), {"producer": own_key})

    run(shell, Checked("source-key", "", "consumer", CONSUMER, finding))

    at_rest = at_rest_of(accounts, PRODUCER)
    policy = accounts.client("kms", PRODUCER).get_key_policy(KeyId=at_rest["SseAwsKmsKeyId"], PolicyName="default")
    assert says(json.loads(policy["Policy"]), f"arn:aws:iam::{CONSUMER}:role/reader", "kms:Decrypt") == "left to IAM"
    assert says(json.loads(policy["Policy"]), f"arn:aws:iam::{PRODUCER}:role/reader", "kms:Encrypt") == "left to IAM"


def at_rest_of(accounts: Accounts, account: str) -> dict[str, Any]:
    """Return how the catalog of an account is encrypted."""
    settings = accounts.client("glue", account).get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
    at_rest: dict[str, Any] = settings["EncryptionAtRest"]
    return at_rest


def told(settings: app.Settings) -> list[Checked]:
    """Return what doctor does not find well."""
    return [item for item in app.doctor(settings).checks if item.status != "ok"]


def run(shell: Shell, item: Checked) -> None:
    """Run the first command that is printed for *item*, with what a person would put into its variables."""
    administrator = f"arn:aws:iam::{CONSUMER}:role/r3"
    ended = shell.line(commands(item)[0], account=account_of(item), EXTERNAL_ID=SHOWN, ADMINISTRATOR=administrator)
    assert ended.code == 0, (mend(item), ended.complained)


def trust_of_analyst(accounts: Accounts) -> list[dict[str, Any]]:
    """Return the statements of the reader's trust policy."""
    document = accounts.client("iam").get_role(RoleName="analyst")["Role"]["AssumeRolePolicyDocument"]
    statements: list[dict[str, Any]] = document["Statement"]
    return statements


def commands(item: Checked) -> list[str]:
    """Return what stands in backquotes and is for the AWS CLI, be it to set a variable first."""
    found = [each for each in re.findall(r"`([^`]*)`", mend(item)) if re.match(r"(\w+=\$\()?aws ", each)]
    assert found, mend(item)
    return found


def account_of(item: Checked) -> str:
    """Return the account in which to run it: the one that is named, else the one that was looked at."""
    named = re.search(r"in account (\d{12})", mend(item))
    return named[1] if named else item.account_id
