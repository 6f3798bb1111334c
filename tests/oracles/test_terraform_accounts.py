"""Terraform keeps both sides of a share: a lake with its grants in one account, links and readers in another."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.functional.accounts import BASE, CONSUMER, OPERATOR, PRODUCER, SECRET, Accounts
from tests.oracles.terraform import Terraform
from tests.sandbox.queries import Query, run

# The provider is started some twenty times, which takes its time on a machine that has other things to do.
pytestmark = [pytest.mark.oracle, pytest.mark.timeout(600)]

TerraformMaker = Callable[..., Terraform]
ANALYST = f"arn:aws:iam::{CONSUMER}:role/analyst"


def invitations(accounts: Accounts) -> dict[str, str]:
    """Return the state of every invitation of the consumer's, by the share's ARN."""
    rows = accounts.client("ram").get_resource_share_invitations()["resourceShareInvitations"]
    return {row["resourceShareArn"]: row["status"] for row in rows}


def ask_as_analyst(accounts: Accounts, sql: str) -> Query:
    """Run *sql* as the role that Terraform made, which only the operator may assume, with the external id."""
    keys: dict[str, Any] = {"aws_access_key_id": BASE, "aws_secret_access_key": "x"}
    for role in (OPERATOR, "analyst"):
        session = accounts.client("sts", **keys).assume_role(
            RoleArn=f"arn:aws:iam::{CONSUMER}:role/{role}", RoleSessionName="oracle", ExternalId=SECRET
        )["Credentials"]
        keys = {
            "aws_access_key_id": session["AccessKeyId"],
            "aws_secret_access_key": session["SecretAccessKey"],
            "aws_session_token": session["SessionToken"],
        }
    results = {"OutputLocation": f"s3://terraform-results-{CONSUMER}/"}
    return run(accounts.client("athena", **keys), sql, database="linked", ResultConfiguration=results)


def test_both_sides_of_a_share(accounts: Accounts, terraform_in: TerraformMaker) -> None:
    """
    Two accounts are made, accepted between, planned again without a change, and destroyed.

    The consumer's provider assumes a role with an external id. In between, what Terraform granted is what Athena lets
    its role read, through the link to the table and through the link to the database.
    """
    before, grants = accounts.everything(), accounts.grants(PRODUCER)
    terraform = terraform_in("producer", "consumer", operator=OPERATOR, external_id=SECRET)

    terraform.apply()
    pending = invitations(accounts)
    unshared = ask_as_analyst(accounts, "SELECT id FROM sales_link.refunds")
    terraform = terraform.given(shares=json.dumps(sorted(pending)))
    terraform.apply()
    accepted = invitations(accounts)
    granted = accounts.grants() | accounts.grants(catalog=PRODUCER)
    through_link = ask_as_analyst(accounts, "SELECT id FROM linked.refunds ORDER BY 1")
    through_database_link = ask_as_analyst(accounts, "SELECT id FROM sales_link.refunds ORDER BY 1")
    hidden = ask_as_analyst(accounts, "SELECT id FROM sales_link.orders")
    terraform.assert_unchanged()
    terraform.destroy()

    assert set(pending.values()) == {"PENDING"}
    assert accepted == dict.fromkeys(pending, "ACCEPTED")
    assert {row for row in granted if row[0] == ANALYST} == {
        (ANALYST, "DESCRIBE", "linked"),
        (ANALYST, "DESCRIBE", "linked.refunds"),
        (ANALYST, "DESCRIBE", "sales_link"),
        (ANALYST, "DESCRIBE", "sales"),
        (ANALYST, "DESCRIBE", "sales.refunds"),
        (ANALYST, "SELECT", "sales.refunds"),
    }
    assert through_link.rows == through_database_link.rows == [["id"], ["1"], ["2"]]
    assert (unshared.state, hidden.state) == ("FAILED", "FAILED")
    after = accounts.everything()
    for account in (PRODUCER, CONSUMER):
        # Destroying the provider's settings resource empties them rather than putting back what it found.
        del before[account]["settings"], after[account]["settings"]
    assert after == before
    assert accounts.grants(PRODUCER) == grants


def test_what_terraform_misreads(accounts: Accounts, terraform_in: TerraformMaker) -> None:
    """
    Where the provider does not understand AWS's answers, it does not understand the sandbox's.

    Super is replaced in every plan, a link takes its target's schema for its own, what was granted through a database
    link cannot be read back, and settings with cross-account version 5 cannot be destroyed.
    """
    terraform = terraform_in("misread")

    applied = terraform.refused("apply")
    changes = terraform.changes()
    destroyed = terraform.refused("destroy")

    assert "Database cannot be a link for this operation when called on a table." in " ".join(applied.split())
    assert changes == {
        "aws_glue_catalog_table.link": "updated in-place",
        "aws_lakeformation_permissions.super": "replaced",
        "aws_lakeformation_permissions.through_link": "created",
    }
    assert destroyed.count("Error: ") == 1
    assert "CROSS_ACCOUNT_VERSION cannot be changed from 5 to 1" in destroyed
