"""What doctor says of a catalog: its keys, its defaults, its resource policy, the version of cross-account sharing."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare import app
from lakeshare.errors import BlockedError
from tests.functional.accounts import CONSUMER, OPERATOR, PRODUCER, Accounts, apply_all
from tests.functional.examined import (
    ELSEWHERE,
    READS_SOMETHING,
    connect,
    encrypt,
    found,
    key_policy,
    make_role,
    mend,
    own,
    put_catalog_policy,
    statuses,
    trust_in,
)
from tests.functional.own_tables import DATABASE
from tests.functional.rights import allow


@pytest.mark.parametrize(("breaks", "mends"), [("disable", "enable-key"), ("delete", "cancel-key-deletion")])
def test_a_key_that_cannot_be_used_blocks(accounts: Accounts, breaks: str, mends: str) -> None:
    """A catalog whose key is disabled, or about to be deleted, with the command that brings it back."""
    key = encrypt(accounts, CONSUMER)
    kms = accounts.client("kms")
    _ = kms.disable_key(KeyId=key) if breaks == "disable" else kms.schedule_key_deletion(KeyId=key)

    (told,) = [item for item in found(connect(accounts), "encryption", "consumer") if item.status != "ok"]

    assert (told.id, told.status) == ("encryption.key", "blocker")
    assert key in told.finding.saw
    assert mends in mend(told)


def test_a_key_that_forbids_blocks(accounts: Accounts) -> None:
    """A key policy that leaves the operator and the readers out; no IAM policy helps against that."""
    reader = make_role(accounts, CONSUMER, "analyst")
    encrypt(accounts, CONSUMER, Policy=key_policy("arn:aws:iam::444444444444:root"))
    settings = accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})

    told = {item.id: item for item in found(settings, "encryption", "consumer") if item.status == "blocker"}

    assert set(told) == {"encryption.operator", "encryption.readers"}
    assert OPERATOR in mend(told["encryption.operator"])
    assert reader in told["encryption.readers"].finding.saw


def test_keys_that_all_may_use_are_well(accounts: Accounts) -> None:
    """A key policy that names them, or a service role that decrypts for everybody, is nothing to tell."""
    reader = make_role(accounts, CONSUMER, "analyst")
    settings = accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})

    encrypt(accounts, CONSUMER, Policy=key_policy(reader, f"arn:aws:iam::{CONSUMER}:role/{OPERATOR}"))
    named = statuses(settings, "encryption", "consumer")
    server = make_role(accounts, CONSUMER, "catalog", AssumeRolePolicyDocument=trust_in("glue.amazonaws.com"))
    encrypt(accounts, CONSUMER, mode="SSE-KMS-WITH-SERVICE-ROLE", Policy=key_policy(server))
    by_service_role = statuses(settings, "encryption", "consumer")

    assert (named, by_service_role) == ([], [])


def test_a_consumer_that_cannot_decrypt_is_told(accounts: Accounts) -> None:
    """A producer's encrypted catalog whose key is for its own account alone: the operator's grants there would fail."""
    settings = own(accounts, "4")
    key = encrypt(accounts, PRODUCER)

    told = [item for item in app.doctor(settings).checks if item.status != "ok"]
    plan = app.plan(settings).plan

    assert [(item.id, item.account, item.status) for item in told] == [
        ("source-key.operator", "consumer", "blocker"),
        ("source-key.readers", "consumer", "blocker"),
    ]
    assert f"aws kms put-key-policy --region ap-southeast-2 --key-id {key}" in mend(told[0])
    assert [blocker.address for blocker in plan.blockers] == ["consumer/ap-southeast-2/source-key"] * 2
    with pytest.raises(BlockedError):
        app.apply(settings)


def test_an_operator_whom_iam_gives_no_key_is_told(accounts: Accounts) -> None:
    """The key's policy leaves it to the consumer's IAM, which says no."""
    settings = own(accounts, "4")
    both = key_policy(f"arn:aws:iam::{CONSUMER}:root", f"arn:aws:iam::{PRODUCER}:root")
    encrypt(accounts, PRODUCER, Policy=both)
    allow(accounts, CONSUMER, app.policy(settings, "consumer"), app.policy(settings, "consumer", "doctor"))

    told = [item for item in found(settings, "source-key", "consumer") if item.status == "blocker"]

    assert [item.id for item in told] == ["source-key.operator"]
    assert f"put-role-policy --role-name {OPERATOR}" in mend(told[0])


def open_to_iam(accounts: Accounts, table: str) -> None:
    """Let IAM alone decide about a table of the producer's."""
    accounts.client("lakeformation", PRODUCER).grant_permissions(
        Principal={"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
        Resource={"Table": {"DatabaseName": DATABASE, "Name": table}},
        Permissions=["ALL"],
    )


def test_own_tables_in_good_order_are_all_ok(accounts: Accounts) -> None:
    """Version 4, an administrator, tables that Lake Formation rules: nothing to tell, before and after an apply."""
    settings = own(accounts, "4")

    before = app.doctor(settings)
    apply_all(settings)
    after = app.doctor(settings)

    assert [item for item in (*before.checks, *after.checks) if item.status != "ok"] == []


def test_version_1_is_told_where_it_matters(accounts: Accounts) -> None:
    """Of a producer that shares its own tables, with the command; Connect's lake is shared by AWS's version."""
    settings = own(accounts, "1")

    (told,) = [item for item in found(settings, "sharing", "producer") if item.status != "ok"]

    assert (told.id, told.status) == ("sharing.version", "warning")
    assert "CROSS_ACCOUNT_VERSION" in mend(told)
    assert found(connect(accounts), "sharing", "consumer") == []


@pytest.mark.parametrize(
    ("version", "mind", "expected"), [("3", "keep", "blocker"), ("3", "close", "warning"), ("4", "keep", "warning")]
)
def test_shared_tables_open_to_iam_are_told(
    accounts: Accounts,
    version: str,
    mind: str,
    expected: str,
) -> None:
    """Kept open below version 4 they cannot be shared; an apply closes them otherwise. Others are not named."""
    settings = own(accounts, version, keeps=mind == "keep")
    open_to_iam(accounts, "contacts")

    told = [item for item in app.doctor(settings).checks if item.status != "ok"]

    assert [(item.id, item.status) for item in told] == [("sharing.open-tables", expected)]
    assert f"{DATABASE}.contacts" in told[0].finding.saw
    assert "queues" not in told[0].finding.saw
    assert "iam_allowed_principals: keep" in mend(told[0])


def of_ram(*paths: str) -> dict[str, Any]:
    """Let RAM share what *paths* name of the producer's catalog."""
    arns = [f"arn:aws:glue:ap-southeast-2:{PRODUCER}:{path}" for path in paths]
    ram = {"Service": "ram.amazonaws.com"}
    return {"Effect": "Allow", "Principal": ram, "Action": "glue:ShareResource", "Resource": arns}


ALL_OF_IT = ("catalog", "database/*", "table/*/*")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([READS_SOMETHING], ["catalog-policy.ram"]),
        ([of_ram("catalog", "database/*")], ["catalog-policy.ram"]),
        ([READS_SOMETHING, of_ram(*ALL_OF_IT)], []),
        ([of_ram(*ALL_OF_IT), READS_SOMETHING | {"Effect": "Deny"}], ["catalog-policy.deny"]),
        (
            [of_ram(*ALL_OF_IT), READS_SOMETHING | {"Effect": "Deny", "Principal": {"AWS": ELSEWHERE}}],
            [],
        ),
    ],
    ids=["without RAM", "without tables", "with RAM", "denied", "others denied"],
)
def test_the_catalogs_resource_policy(
    accounts: Accounts, statements: list[dict[str, Any]], expected: list[str]
) -> None:
    """One without a statement for RAM, or that denies the consumer, blocks; with the statement that is missing."""
    settings = own(accounts, "4")
    put_catalog_policy(accounts, *statements)

    told = [item for item in found(settings, "catalog-policy", "producer") if item.status != "ok"]

    assert [item.id for item in told] == expected
    assert {item.status for item in told} <= {"blocker"}
    assert all("--enable-hybrid TRUE" in mend(item) for item in told)
