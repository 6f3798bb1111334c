"""Accounts in which something is in the way, as doctor finds it and its commands mend it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from lakeshare import app
from tests.functional.accounts import CONSUMER, OPERATOR, PRODUCER, REGION, Accounts
from tests.functional.examined import (
    ELSEWHERE,
    READS_SOMETHING,
    administer,
    bare_root,
    connect,
    dead_administrator,
    encrypt,
    key_policy,
    make_role,
    own,
    policy_without_ram,
    put_catalog_policy,
)
from tests.functional.own_tables import open_to_iam
from tests.functional.rights import allow


def disabled_key(accounts: Accounts) -> app.Settings:
    """A consumer's catalog under a key that is disabled."""
    key = encrypt(accounts, CONSUMER)
    accounts.client("kms").disable_key(KeyId=key)
    return connect(accounts)


def key_going(accounts: Accounts) -> app.Settings:
    """A consumer's catalog under a key that is about to be deleted."""
    key = encrypt(accounts, CONSUMER)
    accounts.client("kms").schedule_key_deletion(KeyId=key)
    return connect(accounts)


def key_of_others(accounts: Accounts) -> app.Settings:
    """A consumer's catalog under a key whose policy lets in neither the operator nor a reader."""
    encrypt(accounts, CONSUMER, Policy=key_policy(ELSEWHERE))
    return connect(accounts)


def source_key(accounts: Accounts) -> app.Settings:
    """A producer's catalog under a key for its own account alone."""
    settings = own(accounts, "4")
    encrypt(accounts, PRODUCER)
    return settings


def source_key_not_in_iam(accounts: Accounts) -> app.Settings:
    """A producer's catalog under a key that the consumer may use, whose IAM gives its operator no such right."""
    settings = own(accounts, "4")
    both = key_policy(f"arn:aws:iam::{CONSUMER}:root", f"arn:aws:iam::{PRODUCER}:root")
    encrypt(accounts, PRODUCER, Policy=both)
    allow(accounts, CONSUMER, app.policy(settings, "consumer"), app.policy(settings, "consumer", "doctor"))
    return settings


def denying_policy(accounts: Accounts) -> app.Settings:
    """A producer whose catalog's policy denies the consumer what it reads, after a statement that is none of this."""
    settings = own(accounts, "4")
    ram = {"Service": "ram.amazonaws.com"}
    every = [f"arn:aws:glue:ap-southeast-2:{PRODUCER}:{path}" for path in ("catalog", "database/*", "table/*/*")]
    sharing = {"Effect": "Allow", "Principal": ram, "Action": "glue:ShareResource", "Resource": every}
    put_catalog_policy(accounts, sharing, READS_SOMETHING | {"Effect": "Deny"})
    return settings


def statements(*given: dict[str, Any]) -> str:
    """Return a policy of *given*; one alone stands without a list, as AWS takes it."""
    return json.dumps({"Version": "2012-10-17", "Statement": given[0] if len(given) == 1 else list(given)})


def of_key(effect: str, *arns: str, action: str = "kms:*") -> dict[str, Any]:
    """Return a statement of a key's policy."""
    return {"Effect": effect, "Principal": {"AWS": list(arns)}, "Action": action, "Resource": "*"}


def root(account: str) -> str:
    """Return the ARN that stands for all of an account."""
    return f"arn:aws:iam::{account}:root"


def denied_key(accounts: Accounts) -> app.Settings:
    """A consumer's catalog under a key that denies the operator and, with a stranger, a reader."""
    reader, stranger = make_role(accounts, CONSUMER, "analyst"), make_role(accounts, CONSUMER, "stranger")
    operator = f"arn:aws:iam::{CONSUMER}:role/{OPERATOR}"
    both = of_key("Deny", reader, stranger, action="kms:Decrypt")
    policy = statements(of_key("Allow", root(CONSUMER)), of_key("Deny", operator, action="kms:Decrypt"), both)
    encrypt(accounts, CONSUMER, Policy=policy)
    return accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})


def denied_source_key(accounts: Accounts) -> app.Settings:
    """A producer's catalog under a key that denies the consumer's account, and allows it nothing."""
    settings = own(accounts, "4")
    policy = statements(of_key("Allow", root(PRODUCER)), of_key("Deny", root(CONSUMER), action="kms:Decrypt"))
    encrypt(accounts, PRODUCER, Policy=policy)
    return settings


def lost_key(accounts: Accounts) -> app.Settings:
    """A consumer's catalog under a key that is no more."""
    gone = f"arn:aws:kms:{REGION}:{CONSUMER}:key/00000000-0000-0000-0000-000000000000"
    encrypt_with(accounts, CONSUMER, SseAwsKmsKeyId=gone)
    return connect(accounts)


def encrypt_with(accounts: Accounts, account: str, **more: str) -> None:
    """Encrypt the catalog of *account* as told."""
    settings = {"EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", **more}}
    accounts.client("glue", account).put_data_catalog_encryption_settings(DataCatalogEncryptionSettings=settings)


def lost_service_role(accounts: Accounts) -> app.Settings:
    """A consumer's catalog with a service role that nobody made."""
    encrypt(accounts, CONSUMER, mode="SSE-KMS-WITH-SERVICE-ROLE")
    return connect(accounts)


def deaf_service_role(accounts: Accounts) -> app.Settings:
    """A consumer's catalog with a service role that only Lambda may be."""
    make_role(accounts, CONSUMER, "catalog")
    return lost_service_role(accounts)


def full_of_administrators(accounts: Accounts) -> app.Settings:
    """Thirty administrators of the consumer's, and the operator is none of them."""
    there = accounts.client("lakeformation").get_data_lake_settings()["DataLakeSettings"]["DataLakeAdmins"]
    arns = [make_role(accounts, CONSUMER, f"r{number}") for number in range(30 - len(there))]
    administer(accounts, CONSUMER, *arns)
    return connect(accounts)


def trusting(accounts: Accounts, *given: dict[str, Any]) -> app.Settings:
    """A reader's role with a trust policy of *given*."""
    make_role(accounts, CONSUMER, "analyst", AssumeRolePolicyDocument=statements(*given))
    return accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})


def letting_in(**principal: Any) -> dict[str, Any]:
    """Return a statement of a trust policy."""
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}


def single_bare_root(accounts: Accounts) -> app.Settings:
    """A reader's role whose trust is one statement without a list."""
    return trusting(accounts, letting_in(AWS=ELSEWHERE))


def bare_root_beside_others(accounts: Accounts) -> app.Settings:
    """A reader's role that trusts in one statement all of another account, a reader's colleague, and Lambda."""
    colleague = make_role(accounts, CONSUMER, "colleague")
    return trusting(accounts, letting_in(AWS=[ELSEWHERE, colleague], Service="lambda.amazonaws.com") | {"Sid": "All"})


def federated(accounts: Accounts) -> app.Settings:
    """A reader's role that trusts two identity providers without a condition, and then EC2."""
    providers = [
        accounts.client("iam").create_saml_provider(Name=name, SAMLMetadataDocument="x" * 1100)["SAMLProviderArn"]
        for name in ("one", "two")
    ]
    loose = [letting_in(Federated=arn) | {"Action": "sts:AssumeRoleWithSAML"} for arn in providers]
    return trusting(accounts, *loose, letting_in(Service="ec2.amazonaws.com"))


def single_catalog_statement(accounts: Accounts) -> app.Settings:
    """A producer whose catalog's policy is one statement of somebody's, without a list."""
    settings = own(accounts, "4")
    document = statements(READS_SOMETHING)
    accounts.client("glue", PRODUCER).put_resource_policy(PolicyInJson=document, EnableHybrid="TRUE")
    return settings


def catalog_policy_at_odds(accounts: Accounts) -> app.Settings:
    """A producer whose catalog's policy denies the consumer twice, and does not let RAM share."""
    settings = own(accounts, "4")
    twice = [READS_SOMETHING | {"Effect": "Deny", "Sid": "A"}, READS_SOMETHING | {"Effect": "Deny", "Sid": "B"}]
    put_catalog_policy(accounts, *twice)
    return settings


def open_tables(*tables: str) -> Callable[[Accounts], app.Settings]:
    """A producer whose *tables* are left to IAM."""

    def make(accounts: Accounts) -> app.Settings:
        settings = own(accounts, "4", keeps=True)
        open_to_iam(accounts, *tables)
        return settings

    return make


STATES: dict[str, Callable[[Accounts], app.Settings]] = {
    "a dead administrator": dead_administrator,
    "a bare root": bare_root,
    "a catalog's policy without RAM": policy_without_ram,
    "a catalog's policy that denies": denying_policy,
    "a disabled key": disabled_key,
    "a key about to be deleted": key_going,
    "a key that lets nobody in": key_of_others,
    "a source's key": source_key,
    "a source's key that IAM gives nobody": source_key_not_in_iam,
    "a key that denies": denied_key,
    "a source's key that denies": denied_source_key,
    "a lost key": lost_key,
    "a service role that is not there": lost_service_role,
    "a service role that Glue cannot be": deaf_service_role,
    "a full list of administrators": full_of_administrators,
    "a bare root alone": single_bare_root,
    "a bare root beside others": bare_root_beside_others,
    "a catalog's policy of one statement": single_catalog_statement,
}
"""What blocks."""

AT_ONCE: dict[str, Callable[[Accounts], app.Settings]] = {
    "two identity providers": federated,
    "a catalog's policy at odds": catalog_policy_at_odds,
    "all tables open": open_tables("*"),
    "two tables open": open_tables("contacts", "queues"),
    "tables open twice": open_tables("*", "contacts"),
}
"""What is told more than once, or warns alone, and whose commands are all run one after the other."""
