"""The AWS CLI looks at what lakeshare made, and reads through it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.functional.accounts import CONSUMER, DATABASE, OPERATOR, READER, REGION, SECRET
from tests.oracles.programs import AwsCli
from tests.oracles.scene import ADMINISTRATOR, OPERATOR_ROLE, TABLES, Scene, set_scene

pytestmark = pytest.mark.oracle

DENIED = "lakeshare-connect-analytics-denied"
POLICY = "lakeshare-connect-analytics"
WORKGROUP = "lakeshare-connect-analytics"
BUCKET = f"lakeshare-{CONSUMER}-{REGION}-connect-analytics"
QUERY_DEADLINE_S = 60


@pytest.fixture(scope="module")
def shared(aws_executable: str, sandbox_server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Both accounts after `lakeshare apply`; for tests that only look."""
    scene = set_scene(sandbox_server, tmp_path_factory.mktemp("shared"), aws_executable)
    scene.accounts.write({"s": scene.accounts.share(*TABLES, prove_denial=True)})
    scene.lakeshare("apply", "--auto-approve")
    return scene


def query(aws: AwsCli, sql: str) -> tuple[dict[str, str], str]:
    """Run *sql* in our workgroup until it ends; return its status and its id."""
    started = aws(
        "athena",
        "start-query-execution",
        query_string=sql,
        query_execution_context={"Database": DATABASE},
        work_group=WORKGROUP,
    )["QueryExecutionId"]
    deadline = time.monotonic() + QUERY_DEADLINE_S
    while time.monotonic() < deadline:
        execution = aws("athena", "get-query-execution", query_execution_id=started)["QueryExecution"]
        if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
            return execution["Status"], started
    raise AssertionError(f"the query did not end within {QUERY_DEADLINE_S} s")


def test_the_producer_shows_the_associations(shared: Scene) -> None:
    """Exactly the tables of the spec are associated, with the consumer."""
    assert shared.associations() == [(table, CONSUMER) for table in TABLES]


def test_the_consumer_shows_the_accepted_share(shared: Scene) -> None:
    """What AWS's own account shares is active and holds the tables, and no invitation waits."""
    invitations = shared.consumer("ram", "get-resource-share-invitations")["resourceShareInvitations"]

    assert set(shared.active_shares()) == {shared.accounts.lake_account}
    assert shared.shared_tables() == TABLES
    assert {row["status"] for row in invitations} == {"ACCEPTED"}


def test_the_database_leaves_its_tables_to_lake_formation(shared: Scene) -> None:
    """New tables in the database are open to nobody by default."""
    database = shared.consumer("glue", "get-database", name=DATABASE)["Database"]

    assert database["CreateTableDefaultPermissions"] == []
    assert "TargetDatabase" not in database


def test_each_link_names_the_owner_of_the_lake(shared: Scene) -> None:
    """The database holds one link per table and nothing else, each with the catalog of the AWS-owned account."""
    tables = shared.consumer("glue", "get-tables", database_name=DATABASE)["TableList"]

    assert {table["Name"]: table["TargetTable"] for table in tables} == {
        f"{name}_link": {
            "CatalogId": shared.accounts.lake_account,
            "DatabaseName": "connect_datalake",
            "Name": name,
        }
        for name in TABLES
    }


def test_the_role_trusts_its_service_and_the_proof(shared: Scene) -> None:
    """Lambda may run as the reader, and the exact operator may with the ExternalId; nobody else."""
    role = shared.consumer("iam", "get-role", role_name=READER)["Role"]

    trusted = [
        (statement["Effect"], statement["Action"], statement["Principal"], statement.get("Condition"))
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
    ]
    assert trusted == [
        ("Allow", "sts:AssumeRole", {"Service": "lambda.amazonaws.com"}, None),
        ("Allow", "sts:AssumeRole", {"AWS": OPERATOR_ROLE}, {"StringEquals": {"sts:ExternalId": SECRET}}),
    ]


def test_the_role_has_one_policy_that_names_its_tables(shared: Scene) -> None:
    """The one inline policy allows no action by a wildcard, and reads both the links and their targets."""
    names = shared.consumer("iam", "list-role-policies", role_name=READER)["PolicyNames"]
    attached = shared.consumer("iam", "list-attached-role-policies", role_name=READER)["AttachedPolicies"]
    policy = shared.consumer("iam", "get-role-policy", role_name=READER, policy_name=POLICY)["PolicyDocument"]

    allowed: dict[str, list[str]] = {}
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in listed(statement["Action"]):
            allowed.setdefault(action, []).extend(listed(statement["Resource"]))
    assert (names, attached) == ([POLICY], [])
    assert not [action for action in allowed if "*" in action]
    assert allowed["lakeformation:GetDataAccess"] == ["*"]
    assert {arn for arn in allowed["glue:GetTable"] if ":table/" in arn} == {
        *(f"arn:aws:glue:{REGION}:{CONSUMER}:table/{DATABASE}/{name}_link" for name in TABLES),
        *(f"arn:aws:glue:{REGION}:{shared.accounts.lake_account}:table/connect_datalake/{name}" for name in TABLES),
    }


def listed(value: Any) -> list[str]:
    """Return what a policy may write as one string or as a list, as a list."""
    return [value] if isinstance(value, str) else list(value)


def test_the_grants_are_the_pairs_and_no_more(shared: Scene) -> None:
    """The reader has DESCRIBE on the database and links and SELECT on the targets; the denied role has nothing."""
    lake = shared.accounts.lake_account
    grants = shared.grants() | shared.grants(lake)

    arn = f"arn:aws:iam::{CONSUMER}:role/"
    assert {(who, what, on) for who, what, on in grants if who.startswith(arn) and OPERATOR not in who} == {
        (f"{arn}{READER}", "DESCRIBE", f"{CONSUMER} {DATABASE}"),
        *((f"{arn}{READER}", "DESCRIBE", f"{CONSUMER} {DATABASE}.{name}_link") for name in TABLES),
        *((f"{arn}{READER}", "SELECT", f"{lake} connect_datalake.{name}") for name in TABLES),
    }


def test_the_operator_is_an_administrator_beside_the_first(shared: Scene) -> None:
    """The administrator who was there before still is, and the operator's role is added."""
    assert shared.administrators() == [ADMINISTRATOR, OPERATOR_ROLE]


def test_the_workgroup_enforces_its_results_and_its_cutoff(shared: Scene) -> None:
    """Queries in the workgroup write to our bucket, encrypted, and stop at the byte cutoff, whatever a client asks."""
    workgroup = shared.consumer("athena", "get-work-group", work_group=WORKGROUP)["WorkGroup"]

    configuration = workgroup["Configuration"]
    assert workgroup["State"] == "ENABLED"
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] >= 10_000_000
    assert configuration["ResultConfiguration"] == {
        "OutputLocation": f"s3://{BUCKET}/results/",
        "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
    }


def test_the_bucket_is_encrypted_closed_and_forgets(shared: Scene) -> None:
    """Results are encrypted, closed to the public in all four ways, and expire."""

    def setting(operation: str, member: str) -> Any:
        return shared.consumer("s3api", operation, bucket=BUCKET)[member]

    encryption = setting("get-bucket-encryption", "ServerSideEncryptionConfiguration")["Rules"]
    closed = setting("get-public-access-block", "PublicAccessBlockConfiguration")
    [rule] = setting("get-bucket-lifecycle-configuration", "Rules")

    assert [rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in encryption] == ["AES256"]
    assert len(closed) == 4
    assert all(closed.values())
    assert (rule["Status"], rule["Filter"]) == ("Enabled", {"Prefix": "results/"})
    assert rule["Expiration"]["Days"] > 0


def test_the_reader_reads_through_the_link(shared: Scene) -> None:
    """A session of the reader, taken with the ExternalId, gets rows of its own instance through the link."""
    reader = shared.reader(READER)

    status, query_id = query(reader, "SELECT instance_id, count(*) FROM contact_record_link GROUP BY instance_id")
    rows = reader("athena", "get-query-results", query_execution_id=query_id)["ResultSet"]["Rows"]

    assert status["State"] == "SUCCEEDED"
    header, *found = [[cell["VarCharValue"] for cell in row["Data"]] for row in rows]
    assert header[0] == "instance_id"
    assert [(instance, int(count) > 0) for instance, count in found] == [(shared.accounts.instance, True)]


def test_the_role_that_was_granted_nothing_is_refused(shared: Scene) -> None:
    """The denied role may ask Athena, and Lake Formation refuses it."""
    status, _ = query(shared.reader(DENIED), "SELECT * FROM contact_record_link LIMIT 1")

    assert status["State"] == "FAILED"
    assert "Lake Formation" in status["StateChangeReason"]


def test_a_wrong_external_id_is_refused(shared: Scene) -> None:
    """Without the ExternalId of the spec, not even the trusted user becomes the operator."""
    words = shared.base.refused(
        "sts", "assume-role", role_arn=OPERATOR_ROLE, role_session_name="oracle", external_id="another"
    )

    assert "AccessDenied" in words
