"""Tables that the producer already has: granted to the consumer's account, shared, accepted, linked and read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lakeshare import app
from lakeshare.engine.events import Event, Finished
from lakeshare.errors import CallError
from tests.functional.accounts import CONSUMER, PRODUCER, READER, Accounts, apply_all, destroy_all, steps
from tests.functional.own_tables import DATABASE, make_own_tables, share


@pytest.fixture
def own_tables(bare: Accounts) -> Accounts:
    """The producer has a database of its own with two tables, ruled by Lake Formation, over CSV files."""
    make_own_tables(bare)
    return bare


def test_own_tables_are_shared_in_one_apply(own_tables: Accounts) -> None:
    """One apply makes the operator an administrator, then sees, grants, accepts and links; the next is empty."""
    settings = own_tables.write({"own": share(own_tables)})

    first = app.plan(settings).plan
    apply_all(settings)
    second = app.plan(settings).plan

    assert not first.is_complete
    assert any("hidden until" in note for note in first.notes)
    assert second.is_complete
    assert steps(second) == []


def test_a_second_plan_that_cannot_be_made_hides_nothing(own_tables: Accounts) -> None:
    """When AWS refuses what the rest is planned by, the answer has the refusal and the steps that were done before."""
    settings = own_tables.write({"own": share(own_tables)})
    refused = [{"operation": "glue:GetTables", "nth": nth, "error": "AccessDeniedException"} for nth in range(1, 20)]

    def after_a_step(event: Event) -> None:
        if isinstance(event, Finished):
            own_tables.control("faults", refused)

    ended = app.apply(replace(settings, listener=after_a_step))
    own_tables.control("faults", [])
    apply_all(settings)

    assert isinstance(ended.trouble, CallError)
    assert ended.trouble.operation == "glue:GetTables"
    assert ended.outcomes
    assert {item.status for item in ended.outcomes} == {"done"}
    assert not app.plan(settings).plan.has_changes


def test_the_consumer_holds_what_it_re_grants(own_tables: Accounts) -> None:
    """The account holds the grant option on each table, and the reader SELECT on each target."""
    apply_all(own_tables.write({"own": share(own_tables)}))

    producer = own_tables.grants(PRODUCER)
    reader = own_tables.grants(catalog=PRODUCER)

    assert {(CONSUMER, "SELECT", f"{DATABASE}.contacts"), (CONSUMER, "DESCRIBE", f"{DATABASE}.queues")} <= producer
    assert (f"arn:aws:iam::{CONSUMER}:role/{READER}", "SELECT", f"{DATABASE}.contacts") in reader


def test_readers_read_and_hidden_columns_stay_hidden(own_tables: Accounts) -> None:
    """The reader reads the CSV tables through the links, and is refused on the column that its rule leaves out."""
    reader = {
        "role": READER,
        "create": {"service": "lambda.amazonaws.com"},
        "columns": {"contacts": {"except": ["customer_number"]}},
    }
    settings = own_tables.write({"own": share(own_tables, readers=[reader], prove_denial=True)})
    apply_all(settings)

    verified = app.verify(settings)

    assert [proof for proof in verified.proofs if proof.status != "pass"] == []
    hidden = next(proof for proof in verified.proofs if proof.column)
    assert (hidden.table, hidden.column, hidden.expect) == ("contacts", "customer_number", "deny")
    rows = app.query(settings, READER, 'SELECT * FROM "contacts_link" ORDER BY 1')
    assert rows.columns == ("contact_id",)
    assert rows.rows == (("c-1",), ("c-2",))


def test_destroy_takes_the_shares_away(own_tables: Accounts) -> None:
    """After destroy the producer's grants to the account are gone, and both accounts are as they were found."""
    settings = own_tables.write({"own": share(own_tables)})
    before, grants = own_tables.everything(), own_tables.grants(PRODUCER)

    apply_all(settings)
    destroy_all(settings)

    assert own_tables.everything() == before
    assert own_tables.grants(PRODUCER) == grants
