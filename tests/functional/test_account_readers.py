"""Whole accounts as readers: whom the owner grants, with the grant option, and what reaches them."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare import app
from tests.functional.accounts import CONSUMER, PRODUCER, SECOND_CONSUMER, Accounts, apply_all, destroy_all, steps

COLUMNS = [{"Name": "contact_id", "Type": "string"}, {"Name": "customer_number", "Type": "string"}]


@pytest.fixture
def own(bare: Accounts) -> Accounts:
    """A producer with two tables of its own that Lake Formation rules."""
    lake, glue = bare.client("lakeformation", PRODUCER), bare.client("glue", PRODUCER)
    me = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{PRODUCER}:user/administrator"}
    lake.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": [me], "Parameters": {"CROSS_ACCOUNT_VERSION": "4"}})
    glue.create_database(DatabaseInput={"Name": "mine", "CreateTableDefaultPermissions": []})
    for name in ("contacts", "queues"):
        storage = {"Columns": COLUMNS, "Location": f"s3://mine/{name}/"}
        glue.create_table(DatabaseName="mine", TableInput={"Name": name, "StorageDescriptor": storage})
    return bare


def share(*readers: dict[str, Any]) -> dict[str, Any]:
    """Return a share of the producer's own tables."""
    return {
        "from": {"account": "producer", "catalog": {"database": "mine", "tables": "all"}},
        "to": {"account": "consumer", "database": "theirs"},
        "readers": list(readers),
    }


def test_the_owner_grants_another_account_with_the_option(own: Accounts) -> None:
    """It gets DESCRIBE and SELECT to pass on, accepts the share itself, and loses all of it when it leaves the spec."""
    grants = own.grants(PRODUCER)
    settings = own.write({"s": share({"account": SECOND_CONSUMER, "tables": ["contacts"]})})

    applied = apply_all(settings)
    proofs = app.verify(settings).proofs
    held = {(permission, what) for who, permission, what in own.grants(PRODUCER) if who == SECOND_CONSUMER}
    invitations = own.client("ram", SECOND_CONSUMER).get_resource_share_invitations()["resourceShareInvitations"]
    again = app.plan(settings).plan
    destroy_all(settings)

    assert held == {("DESCRIBE", "mine.contacts"), ("SELECT", "mine.contacts")}
    assert {item["status"] for item in invitations} == {"PENDING"}
    assert any(f"account {SECOND_CONSUMER} accepts" in note for note in applied.plan.notes)
    assert [(proof.reader, proof.table, proof.method, proof.status) for proof in proofs] == [
        (f"account/{SECOND_CONSUMER}", "contacts", "evaluated", "pass")
    ]
    assert steps(again) == []
    assert own.grants(PRODUCER) == grants


def test_what_it_passes_on_works(own: Accounts) -> None:
    """Once the account has accepted, its administrator grants the table to a role of its own."""
    apply_all(own.write({"s": share({"account": SECOND_CONSUMER})}))
    ram, lake = own.client("ram", SECOND_CONSUMER), own.client("lakeformation", SECOND_CONSUMER)
    for item in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        ram.accept_resource_share_invitation(resourceShareInvitationArn=item["resourceShareInvitationArn"])
    me = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{SECOND_CONSUMER}:user/administrator"}
    lake.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": [me]})
    reader = own.make_operator(SECOND_CONSUMER)

    answer = lake.grant_permissions(
        Principal={"DataLakePrincipalIdentifier": reader},
        Resource={"Table": {"CatalogId": PRODUCER, "DatabaseName": "mine", "Name": "queues"}},
        Permissions=["SELECT"],
    )

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_of_some_columns_it_gets_select_alone(own: Accounts) -> None:
    """Who holds some columns can hold nothing else on a table; the columns are granted by name, with the option."""
    reader = {
        "account": SECOND_CONSUMER,
        "tables": ["contacts"],
        "columns": {"contacts": {"except": ["customer_number"]}},
    }
    settings = own.write({"s": share(reader)})

    apply_all(settings)
    held = {(permission, what) for who, permission, what in own.grants(PRODUCER) if who == SECOND_CONSUMER}

    assert held == {("SELECT", "mine.contacts(contact_id)")}
    assert steps(app.plan(settings).plan) == []


def test_the_consumers_own_account_needs_nothing_more(own: Accounts) -> None:
    """It has what is shared with it; naming it as a reader adds no grant, and the proof says what it rests on."""
    without = app.plan(own.write({"s": share()})).plan
    settings = own.write({"s": share({"account": CONSUMER})})

    with_it = app.plan(settings).plan
    apply_all(settings)
    proofs = app.verify(settings).proofs

    assert steps(with_it) == steps(without)
    assert [(proof.reader, proof.table, proof.status) for proof in proofs] == [
        (f"account/{CONSUMER}", "contacts", "pass"),
        (f"account/{CONSUMER}", "queues", "pass"),
    ]


def test_connects_lake_reaches_the_consumers_account_only(accounts: Accounts) -> None:
    """The consumer's account is a reader of Connect's lake by being the consumer."""
    settings = accounts.write({"s": accounts.share("users", readers=[{"account": CONSUMER}])})

    apply_all(settings)
    proofs = app.verify(settings).proofs

    assert [(proof.reader, proof.status) for proof in proofs] == [(f"account/{CONSUMER}", "pass")]
    assert proofs[0].why_evaluated == "a whole account asks no queries"
