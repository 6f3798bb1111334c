"""Tables that IAM alone decides about: closed before they are shared, and opened again by a destroy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lakeshare import app
from lakeshare.errors import BlockedError
from lakeshare.sandbox import Sandbox
from tests.chaos.killing import Point, run_and_kill
from tests.chaos.passage import Passage
from tests.functional.accounts import PRODUCER, READER, REGION, Accounts, apply_all, destroy_all, steps
from tests.functional.own_tables import DATABASE, open_to_iam, share, table_input
from tests.functional.test_catalog_source import own_tables as own_tables  # noqa: PLC0414 - a fixture
from tests.functional.test_nothing_of_others import in_ledger

CONTACTS = f"producer/{REGION}/iam-allowed-principals:{DATABASE}.contacts"
ALL_TABLES = f"producer/{REGION}/iam-allowed-principals:{DATABASE}.*"
GROUP = "IAM_ALLOWED_PRINCIPALS"


def administer(accounts: Accounts, version: str | None = None) -> None:
    """Make the producer's operator, and its own administrator, administrators of its lake; maybe raise its version."""
    lake = accounts.client("lakeformation", PRODUCER)
    document = lake.get_data_lake_settings()["DataLakeSettings"]
    admins = [f"arn:aws:iam::{PRODUCER}:role/lakeshare-operator", f"arn:aws:iam::{PRODUCER}:user/administrator"]
    rows = [{"DataLakePrincipalIdentifier": principal} for principal in admins]
    parameters = {**document["Parameters"], **({"CROSS_ACCOUNT_VERSION": version} if version else {})}
    lake.put_data_lake_settings(DataLakeSettings={**document, "DataLakeAdmins": rows, "Parameters": parameters})


def held_by_group(accounts: Accounts) -> set[str]:
    """List the tables on which the group holds ALL, ``*`` for a wildcard."""
    rows = accounts.grants(PRODUCER)
    held = (thing.partition(".")[2] for who, permission, thing in rows if (who, permission) == (GROUP, "ALL"))
    return {table for table in held if table}


def own_reader(accounts: Accounts) -> Any:
    """Make a role of the producer's that IAM lets read everything, and return Athena as that role."""
    iam = accounts.client("iam", PRODUCER)
    trusted = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{PRODUCER}:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    arn = iam.create_role(RoleName="reporter", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.attach_role_policy(RoleName="reporter", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    found = accounts.client("sts", PRODUCER).assume_role(RoleArn=arn, RoleSessionName="report")["Credentials"]
    return accounts.client(
        "athena",
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )


def asked(athena: Any) -> str:
    """Ask for the contacts in the producer's own account, and return how that ended."""
    query = athena.start_query_execution(
        QueryString="SELECT count(*) FROM contacts",
        QueryExecutionContext={"Database": DATABASE},
        ResultConfiguration={"OutputLocation": "s3://producer-bucket/results/"},
    )["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            return str(status["State"])


@pytest.mark.parametrize("version", ["1", "3", "4"])
def test_an_open_table_is_closed_shared_and_opened_again(own_tables: Accounts, version: str) -> None:
    """The plan says who loses what, after the apply the column rule binds, and destroy gives back what was there."""
    administer(own_tables, version)
    open_to_iam(own_tables, "contacts")
    rule = {"columns": {"contacts": {"except": ["customer_number"]}}}
    reader = {"role": READER, "create": {"service": "lambda.amazonaws.com"}, **rule}
    settings = own_tables.write({"own": share(own_tables, readers=[reader], prove_denial=True)})
    before, grants = own_tables.everything(), own_tables.grants(PRODUCER)
    reporter = own_reader(own_tables)
    with_role = own_tables.everything()

    first = asked(reporter)
    planned = app.plan(settings).plan
    apply_all(settings)
    between, second = held_by_group(own_tables), asked(reporter)
    verified = app.verify(settings)
    again = app.plan(settings).plan
    destroyed = destroy_all(settings)

    closing = next(step for step in planned.steps if step.address == CONTACTS)
    assert closing.action == "delete"
    assert f"everybody whom IAM alone lets read this table in account {PRODUCER} loses that" in closing.reason
    assert planned.deletes == 1
    assert (first, second) == ("SUCCEEDED", "FAILED")
    assert between == set()
    assert [proof for proof in verified.proofs if proof.status != "pass"] == []
    assert steps(again) == []
    assert ("create", CONTACTS) in steps(destroyed.plan)
    assert own_tables.grants(PRODUCER) == grants
    assert asked(reporter) == "SUCCEEDED"
    assert own_tables.everything() == with_role
    assert before[PRODUCER]["databases"] == with_role[PRODUCER]["databases"]
    assert in_ledger(own_tables) == []


def test_an_operator_who_sees_it_only_later_closes_it_all_the_same(own_tables: Accounts) -> None:
    """From nothing, in one apply: first the operator becomes an administrator, then it sees what is open."""
    open_to_iam(own_tables, "contacts", "queues")
    settings = own_tables.write({"own": share(own_tables)})

    applied = apply_all(settings)

    assert {outcome.address for outcome in applied.outcomes} >= {CONTACTS}
    assert steps(app.plan(settings).plan) == []
    assert held_by_group(own_tables) == set()


def test_closing_counts_as_taking_away(own_tables: Accounts) -> None:
    """`--max-deletes 0` and `protect: true` keep it from being done."""
    administer(own_tables)
    open_to_iam(own_tables, "contacts")

    limited = app.plan(own_tables.write({"own": share(own_tables)}), app.Options(max_deletes=0)).plan
    protected = app.plan(own_tables.write({"own": share(own_tables, protect=True)})).plan

    assert [blocker.address for blocker in limited.blockers] == [CONTACTS]
    assert [blocker.address for blocker in protected.blockers] == [CONTACTS]
    assert "protect: true" in protected.blockers[0].reason


@pytest.mark.parametrize(("version", "blocks"), [("3", True), ("4", False)])
def test_what_is_kept_open_is_told(own_tables: Accounts, version: str, *, blocks: bool) -> None:
    """`iam_allowed_principals: keep` leaves it: below version 4 that stops the plan, from 4 on it is a note."""
    administer(own_tables, version)
    open_to_iam(own_tables, "contacts")
    catalog = {"database": DATABASE, "tables": "all", "iam_allowed_principals": "keep"}
    settings = own_tables.write({"own": share(own_tables, **{"from": {"account": "producer", "catalog": catalog}})})

    planned = app.plan(settings).plan

    assert CONTACTS not in [address for _, address in steps(planned)]
    if blocks:
        assert [blocker.address for blocker in planned.blockers] == [f"producer/{REGION}/table:{DATABASE}.contacts"]
        return
    assert any("IAMAllowedPrincipals" in note and "contacts" in note for note in planned.notes)
    apply_all(settings)
    assert held_by_group(own_tables) == {"contacts"}


def test_a_change_to_keep_gives_back(own_tables: Accounts) -> None:
    """Once the spec keeps it, what was taken is given back, as a visible step, while the share stays."""
    administer(own_tables, "4")
    open_to_iam(own_tables, "contacts")
    apply_all(own_tables.write({"own": share(own_tables)}))
    catalog = {"database": DATABASE, "tables": "all", "iam_allowed_principals": "keep"}
    settings = own_tables.write({"own": share(own_tables, **{"from": {"account": "producer", "catalog": catalog}})})

    planned = app.plan(settings).plan
    apply_all(settings)

    assert steps(planned) == [("create", CONTACTS)]
    assert held_by_group(own_tables) == {"contacts"}
    assert steps(app.plan(settings).plan) == []


def test_a_wildcard_is_closed_only_when_all_of_it_is_shared(own_tables: Accounts) -> None:
    """Where it opens a table that stays at home the plan stops; where all are shared it is revoked and given back."""
    administer(own_tables)
    open_to_iam(own_tables, "*")
    some = {"account": "producer", "catalog": {"database": DATABASE, "tables": ["contacts"]}}

    with pytest.raises(BlockedError, match="not shared: queues"):
        app.apply(own_tables.write({"own": share(own_tables, **{"from": some})}))
    settings = own_tables.write({"own": share(own_tables)})
    apply_all(settings)
    closed = held_by_group(own_tables)
    # A table that is made later was never open to anybody.
    own_tables.client("glue", PRODUCER).create_table(DatabaseName=DATABASE, TableInput=table_input("later"))
    apply_all(settings)
    again = app.plan(settings).plan
    destroy_all(settings)

    assert closed == set()
    assert steps(again) == []
    assert held_by_group(own_tables) == {"ALL_TABLES"}


def test_who_opens_it_again_is_found(own_tables: Accounts) -> None:
    """What we closed and somebody opens shows in drift and is closed again; it is ours to give back but once."""
    administer(own_tables, "4")
    open_to_iam(own_tables, "contacts")
    settings = own_tables.write({"own": share(own_tables)})
    apply_all(settings)
    open_to_iam(own_tables, "contacts")

    [difference] = app.drift(settings).differences
    apply_all(settings)

    assert (difference.address, difference.change, difference.is_ours) == (CONTACTS, "unwanted", True)
    assert held_by_group(own_tables) == set()


def test_a_table_that_was_never_open_is_never_opened(own_tables: Accounts) -> None:
    """Where nothing was taken nothing is given: the closed table is no business of ours."""
    administer(own_tables)
    settings = own_tables.write({"own": share(own_tables)})

    apply_all(settings)
    destroy_all(settings)

    assert held_by_group(own_tables) == set()


@pytest.fixture
def passage(sandbox_server: Sandbox, own_tables: Accounts, monkeypatch: pytest.MonkeyPatch) -> Iterator[Passage]:
    for name, value in own_tables.environ.items():
        monkeypatch.setenv(name, value)
    way = Passage(sandbox_server.endpoint_url)
    yield way
    way.close()


@pytest.mark.endurance
@pytest.mark.parametrize("moment", ["before", "after", "passed"])
@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_a_kill_in_between_loses_no_memory(own_tables: Accounts, passage: Passage, command: str, moment: Any) -> None:
    """Killed around the revoke, or around the grant that gives back, the next destroy ends with what there was."""
    administer(own_tables)
    open_to_iam(own_tables, "contacts")
    settings = own_tables.write({"own": share(own_tables)})
    grants = own_tables.grants(PRODUCER)
    if command == "destroy":
        apply_all(settings)
    call = "BatchRevokePermissions" if command == "apply" else "BatchGrantPermissions"

    arguments = [command, "--auto-approve", "--json", "-f", str(settings.spec_path)]
    ended = run_and_kill(passage, arguments, Point("write", 1, moment, call))
    if command == "apply":
        apply_all(replace(settings))
    destroy_all(settings)

    assert ended.code < 0, ended.text
    assert own_tables.grants(PRODUCER) == grants
    assert in_ledger(own_tables) == []
