"""What doctor says of accounts in a bad state, of those that only look like it, and of those that are well."""

from __future__ import annotations

from typing import Any

from lakeshare import app
from tests.functional.accounts import BASE, CONSUMER, OPERATOR, PRODUCER, SECRET, Accounts, apply_all


def found(settings: app.Settings, check: str, account: str) -> list[Any]:
    """Return what doctor says of *account* under the id *check*, parts included."""
    return [
        item for item in app.doctor(settings).checks if item.account == account and item.id.partition(".")[0] == check
    ]


def statuses(settings: app.Settings, check: str, account: str) -> list[str]:
    """Return how bad it is, the ok ones left out."""
    return [item.status for item in found(settings, check, account) if item.status != "ok"]


def connect(accounts: Accounts) -> app.Settings:
    """Write a spec that shares Connect's lake."""
    return accounts.write({"contact-centre": accounts.share("contact_record", "users")})


def administer(accounts: Accounts, account: str, *principals: str, key: str = "DataLakeAdmins") -> None:
    """Make *principals* administrators of Lake Formation in *account*, whoever they are."""
    lake = accounts.client("lakeformation", account)
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    rows = [*settings[key], *({"DataLakePrincipalIdentifier": arn} for arn in principals)]
    lake.put_data_lake_settings(DataLakeSettings={**settings, key: rows})


def make_role(accounts: Accounts, account: str, name: str, **more: Any) -> str:
    """Make a role that Lambda assumes; returns its ARN."""
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},'
        ' "Action": "sts:AssumeRole"}]}'
    )
    more = {"AssumeRolePolicyDocument": trust, **more}
    arn: str = accounts.client("iam", account).create_role(RoleName=name, **more)["Role"]["Arn"]
    return arn


def test_a_dead_administrator_blocks(accounts: Accounts) -> None:
    """An entry whose role was deleted is named, with the command that takes it out; a living one is not."""
    gone, stays = (make_role(accounts, CONSUMER, name) for name in ("gone", "stays"))
    administer(accounts, CONSUMER, gone, stays)
    accounts.client("iam").delete_role(RoleName="gone")

    told = found(connect(accounts), "administrators", "consumer")

    (dead,) = [item for item in told if item.status != "ok"]
    assert (dead.status, dead.id) == ("blocker", "administrators.dead")
    assert gone in dead.finding.saw
    assert stays not in dead.finding.saw.split("of whom")[1]
    assert "put-data-lake-settings" in dead.finding.fix


def test_the_wrong_account_blocks_and_hides_nothing_of_the_others(accounts: Accounts) -> None:
    """Both accounts are named where credentials lead elsewhere; the other account is looked at all the same."""
    settings = accounts.write(
        {"contact-centre": accounts.share("users")},
        consumer={"id": CONSUMER, "region": "ap-southeast-2"},
    )

    examined = app.doctor(settings)

    (wrong,) = [item for item in examined.checks if item.account == "consumer"]
    assert (wrong.id, wrong.status) == ("identity", "blocker")
    assert CONSUMER in wrong.finding.saw
    assert BASE in wrong.finding.saw
    (right,) = [item for item in examined.checks if (item.account, item.id) == ("producer", "identity")]
    assert (right.status, right.finding.saw) == ("ok", f"arn:aws:iam::{PRODUCER}:role/{OPERATOR} in account {PRODUCER}")
    assert len({item.id for item in examined.checks if item.account == "producer"}) > 0


def test_a_missing_external_id_blocks(accounts: Accounts) -> None:
    """Where the role may not be assumed without one, the spec's line that is missing is named; no secret is shown."""
    operator = {"id": CONSUMER, "region": "ap-southeast-2", "role": OPERATOR}
    share = {"contact-centre": accounts.share("users")}

    (missing,) = found(accounts.write(share, consumer=operator), "identity", "consumer")
    (wrong,) = found(
        accounts.write(share, consumer={**operator, "external_id": "not-that-one"}), "identity", "consumer"
    )

    assert (missing.status, wrong.status) == ("blocker", "blocker")
    assert "accounts.consumer.external_id" in missing.finding.fix
    assert "sha256:" in wrong.finding.fix
    assert "not-that-one" not in str(wrong)
    assert SECRET not in str((missing, wrong))


def test_a_healthy_world_is_all_ok(accounts: Accounts) -> None:
    """Before and after an apply nothing blocks."""
    settings = connect(accounts)

    before = app.doctor(settings)
    apply_all(settings)
    after = app.doctor(settings)

    assert {item.status for item in (*before.checks, *after.checks)} == {"ok"}
