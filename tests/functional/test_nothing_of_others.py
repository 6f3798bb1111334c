"""What belongs to others, or cannot be seen, is neither taken away nor forgotten nor claimed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare import app
from lakeshare.app import carrying_out
from lakeshare.errors import BlockedError
from lakeshare.state.ledger import open_ledger
from tests.functional.accounts import (
    CONSUMER,
    DATABASE,
    OPERATOR,
    PRODUCER,
    READER,
    SECOND_CONSUMER,
    Accounts,
    apply_all,
    destroy_all,
)
from tests.functional.accounts import steps as steps_of
from tests.functional.own_tables import share as own_share
from tests.functional.own_tables import table_input
from tests.functional.test_catalog_source import own_tables as own_tables  # noqa: PLC0414 - a fixture

ANALYST = f"arn:aws:iam::{CONSUMER}:role/analyst"


def be_administrator(accounts: Accounts, account: str = CONSUMER) -> Any:
    """Make the account's own administrator a Lake Formation one, and return its client."""
    lake = accounts.client("lakeformation", account)
    document = lake.get_data_lake_settings()["DataLakeSettings"]
    me = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:user/administrator"}
    lake.put_data_lake_settings(DataLakeSettings={**document, "DataLakeAdmins": [*document["DataLakeAdmins"], me]})
    return lake


def dismiss_operator(accounts: Accounts) -> None:
    """Take the operator out of the consumer's administrators behind our back."""
    lake = be_administrator(accounts)
    document = lake.get_data_lake_settings()["DataLakeSettings"]
    others = [row for row in document["DataLakeAdmins"] if OPERATOR not in row["DataLakePrincipalIdentifier"]]
    lake.put_data_lake_settings(DataLakeSettings={**document, "DataLakeAdmins": others})


def make_analyst(accounts: Accounts) -> dict[str, Any]:
    """Make a role that exists before us; returns it as a reader of the spec."""
    statement = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    accounts.client("iam").create_role(
        RoleName="analyst", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    return {"role": "analyst"}


def held_by_analyst(accounts: Accounts) -> set[tuple[str, str]]:
    rows = {*accounts.grants(), *accounts.grants(catalog=accounts.lake_account)}
    return {(permission, thing) for principal, permission, thing in rows if principal == ANALYST}


def in_ledger(accounts: Accounts) -> list[str]:
    with open_ledger(None, accounts.folder, "connect-analytics", create=False) as ledger:
        return list(ledger.entries())


def test_a_database_that_holds_others_tables_outlives_any_number_of_destroys(accounts: Accounts) -> None:
    """
    The database is kept and said to be, with the administrator right that seeing it takes; its tables stay.

    From then on it is no change in any plan, until the tables are gone: then it goes too.
    """
    settings = accounts.write({"s": accounts.share("users")})
    apply_all(settings)
    me = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:user/administrator"}
    be_administrator(accounts).grant_permissions(
        Principal=me, Resource={"Database": {"Name": DATABASE}}, Permissions=["CREATE_TABLE"]
    )
    accounts.client("glue").create_table(DatabaseName=DATABASE, TableInput=table_input("theirs"))

    first = destroy_all(settings)
    second = destroy_all(settings)

    kept = f"consumer/ap-southeast-2/database:{DATABASE}"
    told = {outcome.address: outcome.note for outcome in first.outcomes if outcome.note}
    still = {item.address: item.reason for item in second.plan.no_ops}
    assert set(told) == set(still) == {kept, f"consumer/ap-southeast-2/settings:administrator/role/{OPERATOR}"}
    assert "theirs" in str(told[kept])
    assert "theirs" in still[kept]
    assert second.outcomes == ()
    names = [row["Name"] for row in accounts.client("glue").get_tables(DatabaseName=DATABASE)["TableList"]]
    assert names == ["theirs"]
    assert kept in in_ledger(accounts)
    accounts.client("glue").delete_table(DatabaseName=DATABASE, Name="theirs")
    destroy_all(settings)
    assert in_ledger(accounts) == []


def test_a_role_that_somebody_gave_a_policy_is_kept(accounts: Accounts) -> None:
    """IAM would not delete it, and what it may now is somebody's business; without their policy it goes."""
    settings = accounts.write({"s": accounts.share("users")})
    apply_all(settings)
    iam = accounts.client("iam")
    theirs = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
    iam.put_role_policy(RoleName=READER, PolicyName="theirs", PolicyDocument=theirs)

    first = destroy_all(settings)
    second = app.destroy(settings, confirm=lambda _plan: True)
    iam.delete_role_policy(RoleName=READER, PolicyName="theirs")
    destroy_all(settings)

    notes = {outcome.address: outcome.note for outcome in first.outcomes if outcome.note}
    assert notes == {f"consumer/global/role:{READER}": "kept: it carries policies that are not ours, theirs among them"}
    assert second.outcomes == ()
    assert in_ledger(accounts) == []


def test_a_link_that_somebody_else_was_let_see_is_kept(accounts: Accounts) -> None:
    """Dropping it would take their grant along: it stays, with its database, and is told; without the grant it goes."""
    settings = accounts.write({"s": accounts.share("users")})
    apply_all(settings)
    accounts.client("iam").create_role(RoleName="other", AssumeRolePolicyDocument=json.dumps({"Statement": []}))
    grant = {
        "Principal": {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/other"},
        "Resource": {"Table": {"DatabaseName": DATABASE, "Name": "users_link"}},
        "Permissions": ["DESCRIBE"],
    }
    lake = be_administrator(accounts)
    lake.grant_permissions(**grant)

    first = destroy_all(settings)
    links = accounts.client("glue").get_tables(DatabaseName=DATABASE)["TableList"]
    be_administrator(accounts).revoke_permissions(**grant)
    destroy_all(settings)

    kept = {item.address: item.reason for item in first.plan.no_ops if item.is_kept}
    assert "role/other holds DESCRIBE by others" in kept[f"consumer/ap-southeast-2/link:{DATABASE}.users_link"]
    assert f"consumer/ap-southeast-2/database:{DATABASE}" in kept
    assert [row["Name"] for row in links] == ["users_link"]
    assert in_ledger(accounts) == []


def test_a_bucket_that_holds_others_objects_is_no_change_in_later_plans(accounts: Accounts) -> None:
    """A bucket that a share leaves behind with somebody's file in it stays, is told, and goes once the file is gone."""
    two = {"a": accounts.share("users"), "b": accounts.share("users", to={"account": "other", "database": "elsewhere"})}
    accounts.make_operator(SECOND_CONSUMER)
    apply_all(accounts.write(two, other=accounts.second_consumer()))
    (bucket,) = [row["Name"] for row in accounts.client("s3", SECOND_CONSUMER).list_buckets()["Buckets"]]
    accounts.client("s3", SECOND_CONSUMER).put_object(Bucket=bucket, Key="theirs.csv", Body=b"1")
    one = accounts.write({"a": accounts.share("users")}, other=accounts.second_consumer())

    app.apply(one)
    left, again = app.plan(one).plan, app.destroy(one, confirm=lambda _plan: True)
    accounts.client("s3", SECOND_CONSUMER).delete_object(Bucket=bucket, Key="theirs.csv")
    destroy_all(one)

    assert steps_of(left) == []
    assert [item.reason for item in left.no_ops if item.is_kept] == [
        "kept: the bucket holds objects that are no results of ours, theirs.csv among them"
    ]
    assert again.failures == ()
    assert in_ledger(accounts) == []
    assert accounts.client("s3", SECOND_CONSUMER).list_buckets()["Buckets"] == []


def test_destroy_without_the_administrator_right_stops_instead_of_forgetting(accounts: Accounts) -> None:
    """When the operator can no longer see its grants, destroy says so and the ledger keeps them."""
    settings = accounts.write({"s": accounts.share("users", readers=[make_analyst(accounts)])})
    apply_all(settings)
    before = in_ledger(accounts)
    dismiss_operator(accounts)

    with pytest.raises(BlockedError) as caught:
        app.destroy(settings, confirm=lambda _plan: True)

    assert "no Lake Formation administrator" in caught.value.blockers[0]
    assert in_ledger(accounts) == before
    apply_all(settings, targets=("*/settings:*",))
    destroy_all(settings)
    assert held_by_analyst(accounts) == set()


def test_a_lost_administrator_right_comes_back_before_anything_is_revoked(accounts: Accounts) -> None:
    """Taking a table out while the operator was dismissed raises the right first and then revokes."""
    apply_all(accounts.write({"s": accounts.share("users", "contact_record")}))
    dismiss_operator(accounts)
    settings = accounts.write({"s": accounts.share("users")})

    planned = app.plan(settings).plan
    apply_all(settings)

    right = f"consumer/ap-southeast-2/settings:administrator/role/{OPERATOR}"
    revokes = [step for step in planned.steps if step.kind == "lake_grant" and step.action == "delete"]
    assert revokes
    assert all(right in step.depends_on for step in revokes)
    assert not app.plan(settings).plan.has_changes


def test_grants_that_the_list_does_not_show_yet_are_revoked_all_the_same(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While ListPermissions lags behind, a reader that is taken out loses its grants, and is not just forgotten."""
    share = accounts.share("users")
    both = {**share, "readers": [*share["readers"], make_analyst(accounts)]}
    apply_all(accounts.write({"s": both}))
    accounts.control("delays", {"lf_list_s": 3600})
    monkeypatch.setattr(carrying_out, "SHOWN_DEADLINE_SECONDS", 3.0)  # the lists lag for longer than anybody waits

    apply_all(accounts.write({"s": share}))
    accounts.control("delays", {"lf_list_s": 0})

    assert held_by_analyst(accounts) == set()
    assert not [address for address in in_ledger(accounts) if "analyst" in address]


def test_an_apply_ends_when_lists_show_what_it_made(accounts: Accounts) -> None:
    """With grants that stay out of lists for a while, the plan right after an apply is empty nevertheless."""
    accounts.control("delays", {"lf_list_s": 3})
    settings = accounts.write({"s": accounts.share("users")})

    apply_all(settings)

    assert steps_of(app.plan(settings).plan) == []


def test_many_repointed_links_keep_their_grants(bare: Accounts) -> None:
    """Moving more links than fit one batch to another database leaves none without its grants."""
    glue = bare.client("glue", PRODUCER)
    for database in ("first", "second"):
        glue.create_database(DatabaseInput={"Name": database, "CreateTableDefaultPermissions": []})
        for number in range(30):
            glue.create_table(DatabaseName=database, TableInput=table_input(f"table_{number:02}"))

    def pointing_at(database: str) -> app.Settings:
        source = {"account": "producer", "catalog": {"database": database, "tables": "all"}}
        return bare.write({"own": bare.share(**{"from": source})})

    apply_all(pointing_at("first"))
    settings = pointing_at("second")
    apply_all(settings)

    assert steps_of(app.plan(settings).plan) == []


def test_columns_that_others_granted_stay_theirs(accounts: Accounts) -> None:
    """Changing and removing our column rule never takes a column that somebody else granted."""
    share = accounts.share("users")
    analyst = make_analyst(accounts)
    apply_all(accounts.write({"s": share}))
    table = {"CatalogId": accounts.lake_account, "DatabaseName": "connect_datalake", "Name": "users"}
    be_administrator(accounts).grant_permissions(
        Principal={"DataLakePrincipalIdentifier": ANALYST},
        Resource={"TableWithColumns": {**table, "ColumnNames": ["user_id", "first_name"]}},
        Permissions=["SELECT"],
    )
    theirs = columns_of_analyst(accounts)

    def reading(*columns: str) -> app.Settings:
        reader = {**analyst, "columns": {"users": list(columns)}}
        return accounts.write({"s": {**share, "readers": [*share["readers"], reader]}})

    apply_all(reading("user_id", "last_name"))
    together = columns_of_analyst(accounts)
    apply_all(reading("user_id", "instance_id"))
    changed = columns_of_analyst(accounts)
    apply_all(accounts.write({"s": share}))

    assert theirs == {"user_id", "first_name"}
    assert together == theirs | {"last_name"}
    assert changed == theirs | {"instance_id"}
    assert columns_of_analyst(accounts) == theirs


def columns_of_analyst(accounts: Accounts) -> set[str]:
    things = [thing for permission, thing in held_by_analyst(accounts) if permission == "SELECT"]
    return {column for thing in things for column in thing.partition("(")[2].rstrip(")").split(",")}


def test_a_column_rule_that_was_widened_leaves_nothing_behind(accounts: Accounts) -> None:
    """From some columns to the whole table to no reader at all, no grant of ours is left."""
    share = accounts.share("users")
    analyst = make_analyst(accounts)
    narrow = {**analyst, "columns": {"users": ["user_id"]}}
    for reader in (narrow, analyst):
        apply_all(accounts.write({"s": {**share, "readers": [*share["readers"], reader]}}))

    apply_all(accounts.write({"s": share}))

    assert held_by_analyst(accounts) == set()


def test_a_grant_without_the_option_that_somebody_made_is_not_taken_over(own_tables: Accounts) -> None:
    """Where the account holds a table without the grant option, the plan stops and names it; nothing becomes ours."""
    be_administrator(own_tables, PRODUCER).grant_permissions(
        Principal={"DataLakePrincipalIdentifier": CONSUMER},
        Resource={"Table": {"DatabaseName": "connect_analytics_producer", "Name": "contacts"}},
        Permissions=["SELECT", "DESCRIBE"],
    )
    settings = own_tables.write({"own": own_share(own_tables)})
    apply_all(settings, targets=("producer/*/settings:*",))

    with pytest.raises(BlockedError) as caught:
        app.apply(settings)

    assert len(caught.value.blockers) == 2
    assert all("without the grant option" in text and "contacts" in text for text in caught.value.blockers)


def test_a_target_gets_around_neither_blockers_nor_protect(accounts: Accounts) -> None:
    """Narrowing a plan keeps what is in the way of the steps that are left."""
    account = {"id": CONSUMER, "region": "ap-southeast-2", "role": OPERATOR, "external_id": "${EXTERNAL_ID}"}
    guarded = {**account, "protect": True}
    both = {"s": accounts.share("users"), "t": accounts.share("contact_record")}
    apply_all(accounts.write(both, consumer=guarded))
    settings = accounts.write({"s": both["s"]}, consumer=guarded)

    with pytest.raises(BlockedError, match="in the way"):
        app.apply(settings, app.Options(targets=("producer/*",)))

    assert len(accounts.everything()[PRODUCER]["associations"]) == 2


def test_a_link_of_others_stops_the_plan_even_before_the_owner_is_known(accounts: Accounts) -> None:
    """A link under our name that points elsewhere is a blocker, not something to replace."""
    be_administrator(accounts)
    glue, lake = accounts.client("glue"), accounts.client("lakeformation")
    glue.create_database(DatabaseInput={"Name": DATABASE, "CreateTableDefaultPermissions": []})
    target = {"CatalogId": "444444444444", "DatabaseName": "x", "Name": "y"}
    glue.create_table(DatabaseName=DATABASE, TableInput={"Name": "users_link", "TargetTable": target})
    document = lake.get_data_lake_settings()["DataLakeSettings"]
    operator = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/{OPERATOR}"}
    lake.put_data_lake_settings(
        DataLakeSettings={**document, "DataLakeAdmins": [*document["DataLakeAdmins"], operator]}
    )

    planned = app.plan(accounts.write({"s": accounts.share("users")})).plan

    assert [blocker.address for blocker in planned.blockers] == [f"consumer/ap-southeast-2/link:{DATABASE}.users_link"]
    assert "its target is y" in planned.blockers[0].reason


def test_links_go_into_a_database_that_others_made_and_lake_formation_rules(accounts: Accounts) -> None:
    """An administrator may not make tables in others' databases: the right to is granted, and given back."""
    lake = be_administrator(accounts)
    document = lake.get_data_lake_settings()["DataLakeSettings"]
    closed = {**document, "CreateDatabaseDefaultPermissions": [], "CreateTableDefaultPermissions": []}
    lake.put_data_lake_settings(DataLakeSettings=closed)
    accounts.client("glue").create_database(DatabaseInput={"Name": DATABASE, "CreateTableDefaultPermissions": []})
    settings = accounts.write({"s": accounts.share("users")})
    before, grants = accounts.everything(), accounts.grants()

    apply_all(settings)
    second = app.plan(settings).plan
    destroy_all(settings)

    assert steps_of(second) == []
    assert accounts.everything() == before
    assert accounts.grants() == grants


def test_a_default_database_that_is_open_to_iam_needs_no_grant(accounts: Accounts) -> None:
    """``default`` as every old account has it changes neither the first plan nor the second."""
    accounts.client("glue").create_database(DatabaseInput={"Name": "default"})
    settings = accounts.write({"s": accounts.share("users")})

    apply_all(settings)

    assert steps_of(app.plan(settings).plan) == []


def test_one_account_in_two_regions_has_its_reader_once(accounts: Accounts) -> None:
    """A reader of two Regions' tables is one role with one policy: IAM knows no Regions. The second plan is empty."""
    seeded = accounts.box.seed(instance_account=PRODUCER, region="us-east-1", tables=["users"], rows=5)
    there = {
        "from": {"account": "producer_us", "connect": {"instance": seeded["instance_id"], "tables": ["users"]}},
        "to": {"account": "consumer_us", "database": DATABASE},
    }
    abroad = {
        name: {"id": number, "region": "us-east-1", "role": OPERATOR, "external_id": "${EXTERNAL_ID}"}
        for name, number in (("producer_us", PRODUCER), ("consumer_us", CONSUMER))
    }
    before = accounts.everything()
    settings = accounts.write({"a": accounts.share("users"), "b": accounts.share(**there)}, **abroad)

    apply_all(settings)
    second, proofs = app.plan(settings).plan, app.verify(settings).proofs
    policies = accounts.client("iam").list_role_policies(RoleName=READER)["PolicyNames"]
    destroy_all(settings)

    assert steps_of(second) == []
    assert second.blockers == ()
    assert policies == ["lakeshare-connect-analytics"]
    assert [(proof.table, proof.status) for proof in proofs] == [("users", "pass")] * 2
    assert accounts.everything() == before


def test_a_plan_file_is_carried_out_and_nothing_beyond_it(own_tables: Accounts) -> None:
    """Of a plan that could not see everything, the steps in the file are done; what follows waits to be looked at."""
    settings = own_tables.write({"own": own_share(own_tables)})
    path = own_tables.folder / "plan.json"

    planned = app.plan_to_file(settings, path)
    applied = app.apply_from_file(settings, path, confirm=lambda _plan: True)

    assert {outcome.address for outcome in applied.outcomes} == {step.address for step in planned.plan.steps}
    assert app.plan(settings).plan.has_changes
