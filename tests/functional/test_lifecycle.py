"""The main job from plan to destroy, against the sandbox over HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lakeshare import app
from lakeshare.errors import BlockedError, IdentityError, LockedError
from lakeshare.state.ledger import LockOwner, open_ledger
from tests.functional.accounts import (
    CONSUMER,
    DATABASE,
    PRODUCER,
    READER,
    SECOND_CONSUMER,
    Accounts,
    apply_all,
    destroy_all,
    steps,
)

ROLE = f"arn:aws:iam::{CONSUMER}:role/{READER}"


def test_applying_twice_changes_nothing(accounts: Accounts) -> None:
    """A plan right after an apply is empty, and says of everything that it is as it should be."""
    settings = accounts.write({"s": accounts.share("contact_record", "users")})

    apply_all(settings)
    second = app.plan(settings).plan

    assert steps(second) == []
    assert second.blockers == ()
    assert {item.reason for item in second.no_ops} == {"as it should be"}


def test_destroy_leaves_both_accounts_as_they_were_found(accounts: Accounts) -> None:
    """After apply and destroy nothing differs, administrators and settings included, and no grant is left."""
    settings = accounts.write({"s": accounts.share("contact_record", "users", prove_denial=True)})
    before, grants = accounts.everything(), accounts.grants()

    apply_all(settings)
    assert accounts.everything() != before
    destroy_all(settings)

    assert accounts.everything() == before
    assert accounts.grants() == grants
    assert accounts.grants(catalog=accounts.lake_account) == set()
    with open_ledger(None, accounts.folder, "connect-analytics", create=False) as ledger:
        assert ledger.entries() == {}
        assert ledger.intents() == {}


def test_reading_through_a_link_was_granted_rightly(accounts: Accounts) -> None:
    """The reader holds DESCRIBE on the database and link, and SELECT on the target, and nothing else."""
    apply_all(accounts.write({"s": accounts.share("contact_record")}))

    held = {row for row in (*accounts.grants(), *accounts.grants(catalog=accounts.lake_account)) if row[0] == ROLE}

    assert held == {
        (ROLE, "DESCRIBE", DATABASE),
        (ROLE, "DESCRIBE", f"{DATABASE}.contact_record_link"),
        (ROLE, "SELECT", "connect_datalake.contact_record"),
    }


def test_a_link_names_the_owner_of_the_lake(accounts: Accounts) -> None:
    """Each link points at the AWS-owned account that the association told, with its catalog spelt out."""
    apply_all(accounts.write({"s": accounts.share("contact_record")}))

    session = accounts.client("sts", "999999999999").assume_role(
        RoleArn=f"arn:aws:iam::{CONSUMER}:role/lakeshare-operator",
        RoleSessionName="test",
        ExternalId="a-secret-external-id",
    )["Credentials"]
    glue = accounts.client(
        "glue",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    table = glue.get_table(DatabaseName=DATABASE, Name="contact_record_link")["Table"]

    assert table["TargetTable"] == {
        "CatalogId": accounts.lake_account,
        "DatabaseName": "connect_datalake",
        "Name": "contact_record",
    }


def test_a_table_more_changes_only_that(accounts: Accounts) -> None:
    """Adding a table plans that table's things and the reader's policy, and applying leaves an empty plan."""
    apply_all(accounts.write({"s": accounts.share("contact_record")}))
    settings = accounts.write({"s": accounts.share("contact_record", "users")})

    planned = app.plan(settings).plan
    apply_all(settings)

    touched = {address for _action, address in steps(planned)}
    assert all("users" in address or "policy:" in address for address in touched)
    assert ("update", f"consumer/global/policy:{READER}/lakeshare-connect-analytics") in steps(planned)
    assert not app.plan(settings).plan.has_changes


def test_a_table_less_takes_away_only_that(accounts: Accounts) -> None:
    """Removing a table revokes and deletes what was made for it, and nothing else."""
    apply_all(accounts.write({"s": accounts.share("contact_record", "users")}))
    settings = accounts.write({"s": accounts.share("contact_record")})

    planned = app.plan(settings).plan
    apply_all(settings)

    assert all("users" in address for action, address in steps(planned) if action == "delete")
    assert {action for action, address in steps(planned) if "users" not in address} == {"update"}
    assert accounts.everything()[PRODUCER]["associations"] == [("contact_record", CONSUMER)]
    assert not app.plan(settings).plan.has_changes


def test_a_reader_more_and_a_reader_less(accounts: Accounts) -> None:
    """A second reader brings its role, policy and grants; taking it out takes exactly these away."""
    one = accounts.share("users")
    two = {**one, "readers": [*one["readers"], {"role": "analyst", "create": {"service": "glue.amazonaws.com"}}]}
    apply_all(accounts.write({"s": one}))
    before, grants = accounts.everything(), accounts.grants()

    added = app.plan(accounts.write({"s": two})).plan
    apply_all(accounts.write({"s": two}))
    apply_all(accounts.write({"s": one}))

    assert all("analyst" in address for _action, address in steps(added))
    assert accounts.everything() == before
    assert accounts.grants() == grants


def test_a_second_consumer_changes_nothing_for_the_first(accounts: Accounts) -> None:
    """A share into another account plans nothing in the first consumer's."""
    accounts.make_operator(SECOND_CONSUMER)
    first = accounts.share("users")
    second = accounts.share("users", to={"account": "other", "database": "elsewhere"})
    apply_all(accounts.write({"a": first}))

    settings = accounts.write({"a": first, "b": second}, other=accounts.second_consumer())
    planned = app.plan(settings).plan
    apply_all(settings)

    assert not any(address.startswith("consumer/") for _action, address in steps(planned))
    assert not app.plan(settings).plan.has_changes


def test_what_exists_already_is_not_ours(accounts: Accounts) -> None:
    """An equal database, role and administrator made by others are left alone, and survive destroy."""
    glue = accounts.client("glue")
    glue.create_database(DatabaseInput={"Name": DATABASE, "CreateTableDefaultPermissions": []})
    admins = [
        {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/lakeshare-operator"},
        {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:user/administrator"},
    ]
    lake = accounts.client("lakeformation")
    settings_there = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings={**settings_there, "DataLakeAdmins": admins})
    settings = accounts.write({"s": accounts.share("users")})
    before = accounts.everything()

    planned = app.plan(settings).plan
    reasons = {item.address: item.reason for item in planned.no_ops}
    apply_all(settings)
    destroy_all(settings)

    assert reasons[f"consumer/ap-southeast-2/database:{DATABASE}"] == "exists, not ours"
    assert reasons["consumer/ap-southeast-2/settings:administrator/role/lakeshare-operator"] == "exists, not ours"
    assert accounts.everything() == before


def test_what_exists_differently_stops_the_plan(accounts: Accounts) -> None:
    """A database whose tables IAM rules is named, with the way out, and nothing at all is written."""
    accounts.client("glue").create_database(DatabaseInput={"Name": DATABASE})
    settings = accounts.write({"s": accounts.share("users")})
    before = accounts.everything()

    planned = app.plan(settings).plan
    with pytest.raises(BlockedError) as caught:
        app.apply(settings)

    assert [blocker.address for blocker in planned.blockers] == [f"consumer/ap-southeast-2/database:{DATABASE}"]
    assert "IAMAllowedPrincipals" in caught.value.blockers[0]
    assert "to.database" in caught.value.blockers[0]
    assert accounts.everything() == before


def test_an_administrator_of_others_survives(accounts: Accounts) -> None:
    """Adding and taking out our own entry leaves every other administrator and every unknown setting in place."""
    lake = accounts.client("lakeformation")
    document = {
        **lake.get_data_lake_settings()["DataLakeSettings"],
        "DataLakeAdmins": [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:user/administrator"}],
        "TrustedResourceOwners": ["444444444444"],
    }
    lake.put_data_lake_settings(DataLakeSettings=document)
    settings = accounts.write({"s": accounts.share("users")})

    apply_all(settings)
    between = lake.get_data_lake_settings()["DataLakeSettings"]
    destroy_all(settings)

    assert document["DataLakeAdmins"][0] in between["DataLakeAdmins"]
    assert len(between["DataLakeAdmins"]) == 2
    assert between["TrustedResourceOwners"] == ["444444444444"]
    assert lake.get_data_lake_settings()["DataLakeSettings"] == document


def test_the_wrong_account_is_refused(accounts: Accounts) -> None:
    """Credentials that lead elsewhere than the spec says are an error before anything is read or written."""
    settings = accounts.write({"s": accounts.share("users")}, consumer={"id": CONSUMER, "region": "ap-southeast-2"})

    with pytest.raises(IdentityError, match="999999999999"):
        app.plan(settings)


def test_a_wrong_external_id_is_told(accounts: Accounts) -> None:
    """When a role cannot be assumed the error names it and hints at its trust; the secret shows nowhere."""
    settings = accounts.write({"s": accounts.share("users")})

    with pytest.raises(IdentityError, match="lakeshare-operator") as caught:
        app.plan(replace(settings, environ={"EXTERNAL_ID": "not-the-secret"}))

    assert "ExternalId" in str(caught.value.hint)
    assert "not-the-secret" not in str(caught.value) + str(caught.value.hint)


def test_secrets_stay_out_of_ledger_and_plan(accounts: Accounts) -> None:
    """The ExternalId is nowhere in the files that a run leaves, which only their owner can read."""
    settings = accounts.write({"s": accounts.share("users", prove_denial=True)})

    apply_all(settings)
    app.plan_to_file(settings, accounts.folder / "plan.json")

    files = [path for path in accounts.folder.rglob("*") if path.is_file() and path.name != "lakeshare.yaml"]
    assert any(path.suffix == ".db" for path in files)
    for path in files:
        assert b"a-secret-external-id" not in path.read_bytes(), path
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_locked_ledger_stops_the_second_run(accounts: Accounts) -> None:
    """While one run holds the ledger, another is refused and told who holds it."""
    settings = accounts.write({"s": accounts.share("users")})
    apply_all(settings)

    with (
        open_ledger(None, accounts.folder, "connect-analytics", create=True) as ledger,
        ledger.lock(LockOwner.current("other-run")),
        pytest.raises(LockedError) as caught,
    ):
        app.apply(settings)

    assert "other-run" in caught.value.owner


def test_protect_refuses_to_take_away(accounts: Accounts) -> None:
    """`protect: true` turns a table that was taken out of the spec, and destroy, into blockers."""
    apply_all(accounts.write({"s": accounts.share("contact_record", "users")}))
    settings = accounts.write({"s": accounts.share("users", protect=True)})

    with pytest.raises(BlockedError) as caught:
        app.apply(settings)
    with pytest.raises(BlockedError):
        app.destroy(settings, confirm=lambda _plan: True)

    assert any("contact_record" in text and "protect" in text for text in caught.value.blockers)


def test_max_deletes_refuses_a_slip(accounts: Accounts) -> None:
    """A plan that takes away more than --max-deletes is refused before anything is written."""
    apply_all(accounts.write({"s": accounts.share("contact_record", "users")}))
    settings = accounts.write({"s": accounts.share("users")})
    before = accounts.everything()

    with pytest.raises(BlockedError, match="max-deletes"):
        app.apply(settings, app.Options(max_deletes=2))

    assert accounts.everything() == before


def test_declining_changes_nothing(accounts: Accounts) -> None:
    """Saying no to the plan leaves the accounts as they are."""
    settings = accounts.write({"s": accounts.share("users")})
    before = accounts.everything()

    applied = app.apply(settings, confirm=lambda _plan: False)

    assert not applied.is_confirmed
    assert accounts.everything() == before
