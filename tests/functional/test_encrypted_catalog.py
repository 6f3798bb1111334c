"""A consumer whose Data Catalog is encrypted: what apply takes then, what is told where that is missing, who reads."""

from __future__ import annotations

import json

import pytest

from tests.functional.accounts import CONSUMER, OPERATOR, READER, Accounts, apply_all
from tests.functional.command_line import Desk
from tests.functional.test_explain import ARN, explained, reads, settings_of

DENIED = {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}


@pytest.fixture
def key(accounts: Accounts) -> str:
    """The key that the consumer's catalog is encrypted with."""
    arn: str = accounts.client("kms").create_key()["KeyMetadata"]["Arn"]
    at_rest = {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": arn}
    accounts.client("glue").put_data_catalog_encryption_settings(
        DataCatalogEncryptionSettings={"EncryptionAtRest": at_rest}
    )
    return arn


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch, key: str) -> Desk:
    """A share into that catalog, whose readers get the right to the key that the spec names."""
    found = Desk(accounts, monkeypatch)
    share = accounts.share("users")
    found.share("users", to={**share["to"], "kms_keys": [key]})
    return found


def deny(accounts: Accounts, role: str) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [DENIED]})
    accounts.client("iam").put_role_policy(RoleName=role, PolicyName="no-keys", PolicyDocument=policy)


def test_a_reader_with_the_right_to_the_key_reads(desk: Desk) -> None:
    """The operator's session may use the key, the reader's policy has it, and explain and a query say so."""
    apply_all(settings_of(desk.accounts))

    document = explained(desk)

    assert document["verdict"] == "allow"
    assert next(check["status"] for check in document["checks"] if check["id"] == "catalog.key") == "pass"
    assert reads(desk.accounts)


def test_a_reader_without_it_does_not(desk: Desk) -> None:
    """Explain decides by the key, and a query fails by it."""
    apply_all(settings_of(desk.accounts))
    deny(desk.accounts, READER)

    document = explained(desk)

    assert (document["verdict"], document["decided_by"]) == ("deny", "catalog.key")
    assert document["principal"] == ARN
    assert not reads(desk.accounts)


def test_an_operator_without_the_right_is_told_which(desk: Desk, key: str) -> None:
    """The answer names the key, the action that was refused, and what else it takes."""
    deny(desk.accounts, OPERATOR)

    ran = desk("apply", "--auto-approve")

    told = " ".join((ran.out + ran.err).split())
    assert ran.code not in (0, 2)
    assert f"kms:Decrypt on resource: {key}" in told
    assert "the Data Catalog is encrypted" in told
    assert desk.accounts.client("glue").get_databases()["DatabaseList"] == []


def test_a_disabled_key_is_told_with_what_mends_it(desk: Desk, key: str) -> None:
    """Nobody's rights help then: the key has to be enabled, which explain says too, though it cannot look further."""
    apply_all(settings_of(desk.accounts))
    desk.accounts.client("kms", CONSUMER).disable_key(KeyId=key.rpartition("/")[2])

    ran = desk("plan")
    document = explained(desk)

    assert "aws kms enable-key" in " ".join((ran.out + ran.err).split())
    assert (document["verdict"], document["decided_by"]) == ("deny", "catalog.key")
    assert next(check["fix"] for check in document["checks"] if check["id"] == "catalog.key") == (
        f"aws kms enable-key --region ap-southeast-2 --key-id {key}"
    )
