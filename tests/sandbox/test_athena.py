"""Athena runs SQL with the caller's rights: what a reader was granted it reads, everything else is refused."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshare.catalogue import tables
from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.queries import (
    ADMIN,
    CONSUMER,
    READER,
    READER_POLICY,
    REGION,
    SHARED,
    Consumer,
    finish,
    open_account,
    run,
    share,
    start,
    value,
)


@pytest.fixture
def account(box: Sandbox, client: ClientMaker) -> Consumer:
    return open_account(box, client)


@pytest.fixture
def consumer(account: Consumer) -> Consumer:
    """The account with three tables of a lake shared, accepted and linked, and nothing granted."""
    return Consumer(account.box, account.client, share(account, SHARED, 60))


# --- who may read what -----------------------------------------------------------------------------------------------


@pytest.mark.refuses("lakeformation.access.permitted")
@pytest.mark.allows(
    "athena.query.get-data-access",
    "athena.query.glue-on-link-and-target",
    "lakeformation.access.permitted",
    "lakeformation.access.privilege-on-target",
)
def test_a_reader_reads_the_link_it_was_granted_and_is_refused_another(consumer: Consumer) -> None:
    """A role granted on one link reads it through Athena, and nothing else through the same database."""
    reader = consumer.reader()
    consumer.let_read("contact_record")

    granted = run(reader, "SELECT count(*), count(DISTINCT instance_id) FROM contact_record")
    refused = run(reader, "SELECT * FROM users LIMIT 1")

    assert granted.rows[1] == ["60", "1"]
    assert refused.state == "FAILED"
    assert refused.reason == "Insufficient Lake Formation permission(s): Required Describe on users"
    assert refused.execution["Status"]["AthenaError"]["ErrorType"] == 234


@pytest.mark.refuses("lakeformation.access.privilege-on-target")
def test_describing_a_link_is_not_reading_its_target(consumer: Consumer) -> None:
    """With DESCRIBE on the link alone the query fails: the principal has no privilege on the target."""
    reader = consumer.reader()
    consumer.grant("DESCRIBE", Database={"Name": "links"})
    consumer.grant("DESCRIBE", Table={"DatabaseName": "links", "Name": "users"})

    refused = run(reader, "SELECT * FROM users LIMIT 1")

    assert "Principal does not have any privilege on specified resource" in refused.reason


def test_a_column_restricted_reader_sees_its_columns_alone(consumer: Consumer) -> None:
    """SELECT * shows the granted columns, and another column cannot be told from one that does not exist."""
    reader = consumer.reader()
    consumer.let_read("users", ColumnNames=["user_id", "agent_username"])

    everything = run(reader, "SELECT * FROM users ORDER BY user_id LIMIT 2")
    personal = run(reader, "SELECT user_id,\n  u.agent_email FROM users u")
    misspelt = run(reader, "SELECT agent_emial FROM users")
    filtered = run(reader, "SELECT user_id FROM users WHERE last_name = 'Kim'")

    assert everything.rows[0] == ["user_id", "agent_username"]
    assert len(everything.rows) == 3
    text = "cannot be resolved or requester is not authorized to access requested resources"
    assert personal.reason == f"COLUMN_NOT_FOUND: line 2:3: Column 'u.agent_email' {text}"
    assert misspelt.reason == f"COLUMN_NOT_FOUND: line 1:8: Column 'agent_emial' {text}"
    assert filtered.reason == f"COLUMN_NOT_FOUND: line 1:33: Column 'last_name' {text}"
    assert personal.execution["Status"]["AthenaError"]["ErrorType"] == 1006


def test_a_join_needs_both_tables(consumer: Consumer) -> None:
    """A query over a granted and an ungranted link is refused; granted, it joins them."""
    reader = consumer.reader()
    sql = (
        "SELECT u.agent_username, count(*) AS handled FROM contact_record AS c "
        "JOIN links.users AS u ON c.agent_id = u.user_id GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    consumer.let_read("contact_record")
    assert run(reader, sql).state == "FAILED"
    consumer.let_read("users")

    joined = run(reader, sql)

    handled = value(reader, "SELECT count(agent_id) FROM contact_record")
    assert joined.rows[0] == ["agent_username", "handled"]
    assert str(sum(int(count or 0) for _, count in joined.rows[1:])) == handled


def test_what_was_revoked_cannot_be_read_any_more(consumer: Consumer) -> None:
    """Rights are asked for each time, whatever was read and fetched before."""
    reader = consumer.reader()
    consumer.let_read("users")
    assert run(reader, "SELECT * FROM users LIMIT 1").state == "SUCCEEDED"

    consumer.client("lakeformation", CONSUMER).revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": READER}, Resource=consumer.target("users"), Permissions=["SELECT"]
    )

    assert run(reader, "SELECT * FROM users LIMIT 1").state == "FAILED"


def test_athena_looks_at_the_default_database(consumer: Consumer) -> None:
    """Where a database "default" exists under Lake Formation, every reader needs DESCRIBE on it."""
    reader = consumer.reader()
    consumer.let_read("users")
    consumer.client("glue", CONSUMER).create_database(DatabaseInput={"Name": "default"})

    refused = run(reader, "SELECT * FROM users LIMIT 1")
    consumer.grant("DESCRIBE", Database={"Name": "default"})

    assert refused.reason == "Insufficient Lake Formation permission(s): Required Describe on default"
    assert run(reader, "SELECT * FROM users LIMIT 1").state == "SUCCEEDED"


def without(action: str) -> list[dict[str, Any]]:
    return [*READER_POLICY, {"Effect": "Deny", "Action": action, "Resource": "*"}]


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ("glue:GetTable", "is not authorized to perform: glue:GetTable on resource: "),
        ("glue:GetDatabase", "is not authorized to perform: glue:GetDatabase on resource: "),
        ("glue:GetPartitions", "is not authorized to perform: glue:GetPartitions on resource: "),
        pytest.param(
            "lakeformation:GetDataAccess",
            "is not authorized to perform: lakeformation:GetDataAccess on resource: *",
            marks=pytest.mark.refuses("athena.query.get-data-access"),
        ),
        ("s3:PutObject", "Access denied when writing output to url: s3://results-bucket/queries/"),
    ],
)
def test_iam_has_its_say_in_every_step(consumer: Consumer, action: str, text: str) -> None:
    """A reader with every grant still needs IAM's leave for each step that Athena takes in its name."""
    consumer.reader()
    consumer.let_read("users")

    refused = run(consumer.reader(without(action)), "SELECT * FROM users LIMIT 1")

    assert refused.state == "FAILED"
    assert text in refused.reason
    assert refused.execution["Status"]["AthenaError"]["ErrorCategory"] == 2


@pytest.mark.refuses("athena.query.results-key")
@pytest.mark.allows("athena.query.results-key")
def test_results_under_a_key_take_the_caller_s_right_to_it(consumer: Consumer) -> None:
    """kms:GenerateDataKey writes them and kms:Decrypt reads them; the key's default policy leaves both to IAM."""
    key = consumer.client("kms", CONSUMER).create_key()["KeyMetadata"]["Arn"]
    encrypted = {"EncryptionOption": "SSE_KMS", "KmsKey": key}
    asked = {"OutputLocation": "s3://results-bucket/queries/", "EncryptionConfiguration": encrypted}

    def may(*actions: str) -> Any:
        allowed = [{"Effect": "Allow", "Action": list(actions), "Resource": key}] if actions else []
        return consumer.reader([*READER_POLICY, *allowed])

    assert "ensure you are allowed to access your KMS key" in run(may(), "SELECT 1", ResultConfiguration=asked).reason
    with pytest.raises(ClientError, match="kms:Decrypt"):
        run(may("kms:GenerateDataKey"), "SELECT 1", ResultConfiguration=asked)
    both = may("kms:GenerateDataKey", "kms:Decrypt")
    assert run(both, "SELECT 1", ResultConfiguration=asked).state == "SUCCEEDED"


@pytest.mark.refuses("athena.query.glue-on-link-and-target")
def test_iam_is_asked_about_the_target_too(consumer: Consumer) -> None:
    """glue:GetTable in the reader's own catalog is not enough: the target's ARNs are the owner's."""
    near = {"Effect": "Allow", "Action": "glue:Get*", "Resource": f"arn:aws:glue:{REGION}:{CONSUMER}:*"}
    reader = consumer.reader([READER_POLICY[0], near, *READER_POLICY[2:]])
    consumer.let_read("users")

    refused = run(reader, "SELECT * FROM users LIMIT 1")

    assert f"glue:GetDatabase on resource: arn:aws:glue:{REGION}:{consumer.owner}:" in refused.reason


@pytest.mark.parametrize(
    ("action", "condition", "is_let"),
    [
        ("lakeformation:*", {"StringEquals": {"aws:RequestedRegion": REGION}}, False),
        ("lakeformation:*", {"StringNotEquals": {"aws:RequestedRegion": REGION}}, True),
        ("glue:*", {"StringEquals": {"aws:RequestedRegion": REGION}}, False),
        ("s3:PutObject", {"StringEquals": {"aws:RequestedRegion": REGION}}, False),
        ("glue:*", {"Bool": {"aws:ViaAWSService": "true"}}, False),
        ("glue:*", {"Bool": {"aws:ViaAWSService": "false"}}, True),
        ("glue:*", {"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}, False),
        ("*", {"StringNotEqualsIfExists": {"aws:CalledViaFirst": "athena.amazonaws.com"}}, True),
    ],
)
def test_what_athena_does_in_the_caller_s_name_says_so(
    consumer: Consumer, action: str, condition: dict[str, Any], *, is_let: bool
) -> None:
    """Calls that Athena makes bring their Region, and that Athena makes them; a deny can be about either."""
    consumer.reader()
    consumer.let_read("users")
    denied = {"Effect": "Deny", "Action": action, "Resource": "*", "Condition": condition}
    if action == "*":
        denied["NotAction"] = ["athena:*", "sts:*"]
        del denied["Action"]

    answered = run(consumer.reader([*READER_POLICY, denied]), "SELECT * FROM users LIMIT 1")

    assert (answered.state == "SUCCEEDED") == is_let, answered.reason


def test_starting_a_query_takes_leave_to_use_the_workgroup(consumer: Consumer) -> None:
    """athena:StartQueryExecution is asked on the workgroup's ARN, primary when none is named."""
    statements = [{**READER_POLICY[0], "Resource": f"arn:aws:athena:{REGION}:{CONSUMER}:workgroup/analysts"}]
    reader = consumer.reader([*statements, *READER_POLICY[1:]])

    with pytest.raises(ClientError) as refused:
        start(reader, "SELECT 1")

    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert ":workgroup/primary" in refused.value.response["Error"]["Message"]


def test_listings_show_what_may_be_seen(consumer: Consumer) -> None:
    """information_schema and SHOW leave out what the reader has no permission on."""
    reader = consumer.reader()
    consumer.let_read("users", ColumnNames=["user_id", "first_name"])

    named = run(reader, "SELECT table_schema, table_name FROM information_schema.tables")
    columns = run(reader, "SELECT column_name, data_type FROM information_schema.columns ORDER BY ordinal_position")

    assert named.rows[1:] == [["links", "users"]]
    assert columns.rows[1:] == [["user_id", "varchar"], ["first_name", "varchar"]]
    assert run(reader, "SHOW TABLES IN links").rows == [["users"]]
    assert run(consumer.admin(), "SHOW TABLES").rows == [[name] for name in sorted(SHARED)]
    assert run(consumer.admin(), "SHOW TABLES 'contact*'").rows == [["contact_record"], ["contact_statistic_record"]]


# --- every table -----------------------------------------------------------------------------------------------------


def test_every_table_of_the_lake_is_read_through_its_link(account: Consumer) -> None:
    """All 48 tables answer SELECT * with their columns, nested ones included, many queries at once."""
    names = list(tables())
    lake = Consumer(account.box, account.client, share(account, names, 40))
    for name in names:
        lake.let_read(name, to=ADMIN)
    athena = lake.admin()

    started = time.monotonic()
    with ThreadPoolExecutor(8) as clients:
        finished = clients.map(lambda name: run(athena, f"SELECT * FROM {name} LIMIT 5"), names)  # noqa: S608
        found = dict(zip(names, finished, strict=True))
    elapsed = time.monotonic() - started

    for name, query in found.items():
        assert query.state == "SUCCEEDED", (name, query.reason)
        assert query.rows[0] == [column.name for column in tables()[name].columns]
        assert 2 <= len(query.rows) <= 6
    assert elapsed < 15


def test_sixty_small_queries_at_once_take_a_few_seconds(consumer: Consumer) -> None:
    """Verifying many readers at once does not wait on files read again and again."""
    consumer.let_read("contact_record", to=ADMIN)
    athena = consumer.client("athena", CONSUMER, max_pool_connections=60)
    run(athena, "SELECT 1")

    started = time.monotonic()
    identifiers = [start(athena, "SELECT contact_id FROM contact_record LIMIT 1") for _ in range(60)]
    found = [finish(athena, identifier) for identifier in identifiers]

    assert {query.state for query in found} == {"SUCCEEDED"}
    assert time.monotonic() - started < 10


def test_a_registered_catalog_is_that_of_its_account(consumer: Consumer) -> None:
    """No link is needed: the names are the owner's, and the grants on them decide."""
    consumer.admin().create_data_catalog(Name="lake", Type="GLUE", Parameters={"catalog-id": consumer.owner})
    reader = consumer.reader()
    refused = run(reader, "SELECT count(*) FROM lake.connect_datalake.users")
    consumer.grant("SELECT", **consumer.target("users"))

    named = run(reader, 'SELECT count(*) FROM "lake"."connect_datalake"."users"')
    context = {"Database": "connect_datalake", "Catalog": "lake"}
    unnamed = run(reader, "SELECT count(users.user_id) FROM users", QueryExecutionContext=context)
    listed = consumer.admin().list_table_metadata(CatalogName="lake", DatabaseName="connect_datalake")

    assert refused.state == "FAILED"
    assert (named.state, int(named.rows[1][0] or "") > 0) == ("SUCCEEDED", True), named.reason
    assert unnamed.state == "SUCCEEDED", unnamed.reason
    assert "users" in {table["Name"] for table in listed["TableMetadataList"]}


def test_a_catalog_that_was_not_registered_is_not_found(consumer: Consumer) -> None:
    """Nor is one of a type that is no Data Catalog's."""
    consumer.admin().create_data_catalog(Name="made", Type="LAMBDA", Parameters={"function": "arn:aws:lambda:x"})
    for name in ("made", "nowhere"):
        found = run(consumer.admin(), f"SELECT 1 FROM {name}.links.users").reason  # noqa: S608
        assert found == f"CATALOG_NOT_FOUND: line 1:15: Catalog '{name}' not found"
