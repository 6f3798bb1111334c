"""verify: a query as each reader, a refusal for each denial, and what it says when it may not act as the reader."""

from __future__ import annotations

import json
from typing import Any

from lakeshare import app
from tests.functional.accounts import CONSUMER, DATABASE, READER, REGION, Accounts, apply_all, destroy_all

CREATE = {"service": "lambda.amazonaws.com"}


def verified(accounts: Accounts, share: dict[str, Any]) -> app.Verified:
    settings = accounts.write({"s": share})
    apply_all(settings)
    return app.verify(settings)


def test_each_reader_reads_each_table_and_the_denied_role_none(accounts: Accounts) -> None:
    """Every table is read by a query as the reader, and refused to the role that was granted nothing."""
    result = verified(accounts, accounts.share("contact_record", "users", prove_denial=True))

    seen = sorted((proof.reader, proof.table, proof.expect, proof.method, proof.status) for proof in result.proofs)
    denied = "lakeshare-connect-analytics-denied"
    assert seen == [
        (READER, "contact_record", "allow", "query", "pass"),
        (READER, "users", "allow", "query", "pass"),
        (denied, "contact_record", "deny", "query", "pass"),
        (denied, "users", "deny", "query", "pass"),
    ]
    assert all(proof.rows == 1 for proof in result.proofs if proof.expect == "allow")


def test_a_reader_of_one_table_is_refused_on_the_other(accounts: Accounts) -> None:
    """What a reader was not given is proved to be refused, by a query as that reader."""
    readers = [{"role": READER, "create": CREATE, "tables": ["users"]}]

    result = verified(accounts, accounts.share("contact_record", "users", readers=readers))

    assert {(proof.table, proof.expect, proof.status) for proof in result.proofs} == {
        ("users", "allow", "pass"),
        ("contact_record", "deny", "pass"),
    }


def test_hidden_columns_are_refused(accounts: Accounts) -> None:
    """SELECT * shows what the rule leaves, and the column that it takes away cannot be asked for."""
    readers = [{"role": READER, "create": CREATE, "columns": {"users": {"except": ["first_name", "last_name"]}}}]

    result = verified(accounts, accounts.share("users", readers=readers))

    assert [(proof.column, proof.expect, proof.status) for proof in result.proofs] == [
        (None, "allow", "pass"),
        ("first_name", "deny", "pass"),
        ("last_name", "deny", "pass"),
    ]


def test_a_grant_that_somebody_revoked_fails_the_proof(accounts: Accounts) -> None:
    """When SELECT on a target is gone the proof of that table fails with Athena's words, and the others pass."""
    settings = accounts.write({"s": accounts.share("contact_record", "users")})
    apply_all(settings)
    revoke_select(accounts, "users")

    result = app.verify(settings)

    failed = result.failed
    assert [proof.table for proof in failed] == ["users"]
    assert "permission" in str(failed[0].error).lower() or "privilege" in str(failed[0].error).lower()
    assert [proof.status for proof in result.proofs if proof.table == "contact_record"] == ["pass"]


def test_where_nobody_may_act_as_the_reader_the_proof_is_evaluated(accounts: Accounts) -> None:
    """With `prove_by: evaluation` the grants are evaluated, and the proofs say so."""
    readers = [
        {"role": READER, "create": CREATE, "prove_by": "evaluation", "tables": ["users"]},
    ]

    result = verified(accounts, accounts.share("contact_record", "users", readers=readers))

    assert {(proof.table, proof.expect, proof.method, proof.status) for proof in result.proofs} == {
        ("users", "allow", "evaluated", "pass"),
        ("contact_record", "deny", "evaluated", "pass"),
    }


def test_an_evaluated_proof_fails_when_a_grant_is_missing(accounts: Accounts) -> None:
    """Evaluation rests on the same comparison as a plan: a missing grant is named."""
    readers = [{"role": READER, "create": CREATE, "prove_by": "evaluation"}]
    settings = accounts.write({"s": accounts.share("users", readers=readers)})
    apply_all(settings)
    revoke_select(accounts, "users")

    result = app.verify(settings)

    assert [(proof.method, proof.status) for proof in result.proofs] == [("evaluated", "fail")]
    assert "SELECT" in str(result.proofs[0].error)


def test_an_existing_role_that_only_lambda_may_assume_is_evaluated(accounts: Accounts) -> None:
    """A reader that was there before and does not trust the operator is left alone and proved by evaluation."""
    only_lambda = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = accounts.client("iam")
    iam.create_role(RoleName="analyst", AssumeRolePolicyDocument=json.dumps({"Statement": [only_lambda]}))

    result = verified(accounts, accounts.share("users", readers=[{"role": "analyst"}]))

    # Its own policies allow nothing, so that the grants are in place proves no reading.
    assert [(item.reader, item.method, item.status) for item in result.proofs] == [
        ("analyst", "evaluated", "not-proved")
    ]
    assert "athena:StartQueryExecution" in str(result.proofs[0].error)
    assert iam.list_role_policies(RoleName="analyst")["PolicyNames"] == []


def test_verify_writes_nothing(accounts: Accounts) -> None:
    """Between two looks at the accounts, and at the ledger, a verify leaves everything as it was."""
    settings = accounts.write({"s": accounts.share("users", prove_denial=True)})
    apply_all(settings)
    before, ledger = accounts.everything(), (accounts.folder / ".lakeshare/connect-analytics.db").read_bytes()

    result = app.verify(settings)

    assert accounts.everything() == before
    writes = ("Create", "Put", "Batch", "Grant", "Revoke", "Accept", "Delete", "Update", "Attach")
    called = [operation.split(":")[1] for calls in result.calls.values() for operation in calls]
    assert not [operation for operation in called if operation.startswith(writes)]
    assert ledger


def test_a_query_as_a_reader(accounts: Accounts) -> None:
    """A reader's query through the links joins tables and comes back as rows."""
    settings = accounts.write({"s": accounts.share("contact_record", "users")})
    apply_all(settings)

    answer = app.query(
        settings,
        READER,
        "SELECT channel, count(*) AS contacts FROM contact_record_link GROUP BY channel ORDER BY 1",
    )

    assert answer.columns == ("channel", "contacts")
    assert sum(int(row[1] or 0) for row in answer.rows) > 0
    assert answer.scanned_bytes > 0


def revoke_select(accounts: Accounts, table: str) -> None:
    lake = accounts.client("lakeformation")
    document = lake.get_data_lake_settings()["DataLakeSettings"]
    me = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:user/administrator"}
    lake.put_data_lake_settings(DataLakeSettings={**document, "DataLakeAdmins": [*document["DataLakeAdmins"], me]})
    lake.revoke_permissions(
        CatalogId=accounts.lake_account,
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/{READER}"},
        Resource={"Table": {"CatalogId": accounts.lake_account, "DatabaseName": "connect_datalake", "Name": table}},
        Permissions=["SELECT"],
    )


def grant(accounts: Accounts, role: str, table: str, **which: Any) -> None:
    """Grant SELECT on a table of the lake, as somebody who administers the consumer's lake behind our back."""
    lake = accounts.client("lakeformation")
    document = lake.get_data_lake_settings()["DataLakeSettings"]
    me = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:user/administrator"}
    lake.put_data_lake_settings(DataLakeSettings={**document, "DataLakeAdmins": [*document["DataLakeAdmins"], me]})
    named = {"CatalogId": accounts.lake_account, "DatabaseName": "connect_datalake", "Name": table}
    lake.grant_permissions(
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/{role}"},
        Resource={"TableWithColumns": {**named, **(which or {"ColumnWildcard": {}})}},
        Permissions=["SELECT"],
    )


def test_a_reader_that_cannot_query_at_all_is_not_proved_to_be_refused(accounts: Accounts) -> None:
    """When a role may not even ask, its grants tell: one too many fails the proof, which says that it was evaluated."""
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:root"}, "Action": "sts:AssumeRole"}
    accounts.client("iam").create_role(
        RoleName="analyst", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    readers = [{"role": "analyst", "tables": ["contact_record"]}]
    settings = accounts.write({"s": accounts.share("contact_record", "users", readers=readers)})
    apply_all(settings)
    before = app.verify(settings).proofs
    grant(accounts, "analyst", "users")

    after = app.verify(settings).proofs

    denials = [(proof.table, proof.method, proof.status) for proof in (*before, *after) if proof.expect == "deny"]
    assert denials == [("users", "evaluated", "pass"), ("users", "evaluated", "fail")]


def test_one_unproved_reader_leaves_the_denials_of_others_alone(accounts: Accounts) -> None:
    """A link that somebody's query has read is there, whoever else could not be proved."""
    only_lambda = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    accounts.client("iam").create_role(
        RoleName="analyst", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [only_lambda]})
    )
    readers = [
        {"role": READER, "create": CREATE, "columns": {"users": {"except": ["first_name"]}}},
        {"role": "analyst"},
    ]

    result = verified(accounts, accounts.share("users", readers=readers))

    assert [(proof.reader, proof.expect, proof.status) for proof in result.proofs] == [
        (READER, "allow", "pass"),
        (READER, "deny", "pass"),
        ("analyst", "allow", "not-proved"),
    ]


def test_every_hidden_column_is_looked_at(accounts: Accounts) -> None:
    """Of the columns beyond those that are queried for the grants are read, and one too many is found."""
    readers = [{"role": READER, "create": CREATE, "columns": {"contact_record": {"only": ["contact_id"]}}}]
    settings = accounts.write({"s": accounts.share("contact_record", readers=readers)})
    apply_all(settings)
    hidden = [proof.column for proof in app.verify(settings).proofs if proof.column]
    last = str(hidden[-1])
    grant(accounts, READER, "contact_record", ColumnNames=[last])

    result = app.verify(settings)

    assert len(hidden) > 100
    assert [(proof.column, proof.method) for proof in result.failed] == [(last, "evaluated")]


def test_a_grant_on_all_columns_but_some_is_seen(accounts: Accounts) -> None:
    """It covers every hidden column that it does not leave out."""
    readers = [{"role": READER, "create": CREATE, "columns": {"contact_record": {"only": ["contact_id"]}}}]
    settings = accounts.write({"s": accounts.share("contact_record", readers=readers)})
    apply_all(settings)
    hidden = [str(proof.column) for proof in app.verify(settings).proofs if proof.column]
    grant(accounts, READER, "contact_record", ColumnWildcard={"ExcludedColumnNames": [hidden[-1]]})

    failed = {proof.column for proof in app.verify(settings).failed}

    assert failed == set(hidden[:-1])


def with_workgroup(accounts: Accounts, **athena: str) -> dict[str, Any]:
    """A share whose readers query in a workgroup that the spec names."""
    to = {"account": "consumer", "database": DATABASE, "athena": {"workgroup": "mine", **athena}}
    return accounts.share("users", to=to)


def test_a_workgroup_of_others_is_used_with_its_own_results_place(accounts: Accounts) -> None:
    """A reader that we make may write where the workgroup writes; no bucket of ours is made, and the proof passes."""
    accounts.client("s3").create_bucket(
        Bucket="their-results", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    place = {"ResultConfiguration": {"OutputLocation": "s3://their-results/q/"}, "EnforceWorkGroupConfiguration": True}
    accounts.client("athena").create_work_group(Name="mine", Configuration=place)
    before = accounts.everything()

    result = verified(accounts, with_workgroup(accounts))
    settings = accounts.write({"s": with_workgroup(accounts)})
    second = app.plan(settings).plan
    destroy_all(settings)

    assert [proof.status for proof in result.proofs] == ["pass"]
    assert not second.has_changes
    assert accounts.everything()[CONSUMER]["buckets"] == before[CONSUMER]["buckets"]
    assert accounts.everything() == before


def test_a_workgroup_that_does_not_fit_is_in_the_way(accounts: Accounts) -> None:
    """One without a results place, and one that writes elsewhere than the spec says, stop the plan."""
    athena = accounts.client("athena")
    athena.create_work_group(Name="mine", Configuration={"EnforceWorkGroupConfiguration": True})
    nowhere = app.plan(accounts.write({"s": with_workgroup(accounts)})).plan
    athena.update_work_group(
        WorkGroup="mine",
        ConfigurationUpdates={"ResultConfigurationUpdates": {"OutputLocation": "s3://their-results/q/"}},
    )
    elsewhere = app.plan(accounts.write({"s": with_workgroup(accounts, results_bucket="other")})).plan

    assert "nowhere to write" in nowhere.blockers[0].reason
    assert "not to the bucket other" in elsewhere.blockers[0].reason


def test_a_workgroup_that_the_spec_names_and_we_make_is_ours(accounts: Accounts) -> None:
    """Where it does not exist it is made with a bucket, stays ours in later plans, and goes with destroy."""
    before = accounts.everything()

    result = verified(accounts, with_workgroup(accounts))
    settings = accounts.write({"s": with_workgroup(accounts)})
    second = app.plan(settings).plan
    destroy_all(settings)

    assert [proof.status for proof in result.proofs] == ["pass"]
    assert not second.has_changes
    assert accounts.everything() == before
