"""Athena's workgroups, and what it tells of catalogs, databases and tables."""

from __future__ import annotations

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.queries import (
    CONSUMER,
    REGION,
    RESULTS,
    Consumer,
    message,
    open_account,
    refusal,
    run,
    share,
    start,
)


@pytest.fixture
def account(box: Sandbox, client: ClientMaker) -> Consumer:
    return open_account(box, client)


def test_a_workgroup_is_made_read_changed_and_listed(account: Consumer) -> None:
    """Settings given are kept; an update changes what it names and removes what it says."""
    athena = account.admin()
    results = {"OutputLocation": "s3://results-bucket/a/", "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}}
    athena.create_work_group(
        Name="team",
        Description="readers",
        Configuration={"ResultConfiguration": results, "BytesScannedCutoffPerQuery": 10_000_000},
        Tags=[{"Key": "made-by", "Value": "lakeshare"}],
    )

    made = athena.get_work_group(WorkGroup="team")["WorkGroup"]
    updates = {
        "ResultConfigurationUpdates": {
            "RemoveEncryptionConfiguration": True,
            "OutputLocation": "s3://results-bucket/b/",
        },
        "RemoveBytesScannedCutoffPerQuery": True,
        "EnforceWorkGroupConfiguration": False,
    }
    athena.update_work_group(WorkGroup="team", ConfigurationUpdates=updates, Description="all")
    changed = athena.get_work_group(WorkGroup="team")["WorkGroup"]

    assert made["Configuration"]["ResultConfiguration"] == results
    assert made["Configuration"]["EnforceWorkGroupConfiguration"] is True
    assert made["Configuration"]["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"
    assert changed["Configuration"]["ResultConfiguration"] == {"OutputLocation": "s3://results-bucket/b/"}
    assert "BytesScannedCutoffPerQuery" not in changed["Configuration"]
    assert changed["Configuration"]["EnforceWorkGroupConfiguration"] is False
    assert changed["Description"] == "all"
    assert [each["Name"] for each in athena.list_work_groups()["WorkGroups"]] == ["primary", "team"]


def test_a_workgroup_carries_tags(account: Consumer) -> None:
    """Tags are set at the start, added and taken away by the workgroup's ARN."""
    athena = account.admin()
    arn = f"arn:aws:athena:{REGION}:{CONSUMER}:workgroup/team"
    athena.create_work_group(Name="team", Tags=[{"Key": "a", "Value": "1"}])

    athena.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    athena.untag_resource(ResourceARN=arn, TagKeys=["a"])

    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


@pytest.mark.refuses("athena.workgroup.exists")
@pytest.mark.allows("athena.workgroup.exists")
def test_workgroups_that_are_not_there_or_there_already_are_refused(account: Consumer) -> None:
    """The messages are those by which tools tell the cases apart."""
    athena = account.admin()
    athena.create_work_group(Name="team")

    assert message(athena.create_work_group, Name="team") == "WorkGroup team is already created"
    assert message(athena.get_work_group, WorkGroup="nobody") == "WorkGroup nobody is not found."
    assert message(athena.start_query_execution, QueryString="SELECT 1", WorkGroup="nobody").endswith("is not found.")


@pytest.mark.refuses("athena.workgroup.enabled")
def test_a_disabled_workgroup_runs_nothing(account: Consumer) -> None:
    """Disabling a workgroup stops new queries in it."""
    athena = account.admin()
    athena.create_work_group(Name="team")
    athena.update_work_group(WorkGroup="team", State="DISABLED")
    asked = {"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": RESULTS}}

    assert message(athena.start_query_execution, WorkGroup="team", **asked) == "WorkGroup team is disabled."


@pytest.mark.refuses("athena.workgroup.empty")
@pytest.mark.allows("athena.workgroup.empty")
def test_a_workgroup_with_queries_goes_only_recursively(account: Consumer) -> None:
    """DeleteWorkGroup refuses what is not empty, unless told to take the contents along; primary stays."""
    athena = account.admin()
    athena.create_work_group(Name="team")
    identifier = start(athena, "SELECT 1", WorkGroup="team")

    assert message(athena.delete_work_group, WorkGroup="team") == "WorkGroup team is not empty"
    athena.delete_work_group(WorkGroup="team", RecursiveDeleteOption=True)
    assert message(athena.get_work_group, WorkGroup="team") == "WorkGroup team is not found."
    assert message(athena.get_query_execution, QueryExecutionId=identifier).endswith("was not found")
    assert "primary" in message(athena.delete_work_group, WorkGroup="primary", RecursiveDeleteOption=True)


def test_a_query_over_the_cutoff_is_cancelled(account: Consumer) -> None:
    """A workgroup's byte cutoff ends what would scan more."""
    athena = account.admin()
    s3, glue = account.client("s3", CONSUMER), account.client("glue", CONSUMER)
    s3.put_object(Bucket="results-bucket", Key="big/rows.json", Body=b'{"a": 1}\n' * 1_300_000)
    glue.create_database(DatabaseInput={"Name": "links"})
    storage = {
        "Columns": [{"Name": "a", "Type": "int"}],
        "Location": "s3://results-bucket/big/",
        "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
    }
    glue.create_table(DatabaseName="links", TableInput={"Name": "big", "StorageDescriptor": storage})
    athena.create_work_group(Name="thrifty", Configuration={"BytesScannedCutoffPerQuery": 10_000_000})

    over = run(athena, "SELECT count(*) FROM big", WorkGroup="thrifty")
    free = run(athena, "SELECT count(*) FROM big")

    assert (over.state, over.reason) == ("CANCELLED", "Bytes scanned limit was exceeded")
    assert "AthenaError" not in over.execution["Status"]
    assert free.rows[1] == ["1300000"]
    assert free.execution["Statistics"]["DataScannedInBytes"] == 11_700_000


# --- metadata --------------------------------------------------------------------------------------------------------


@pytest.mark.refuses("athena.catalog.exists", "athena.metadata.glue-answers")
@pytest.mark.allows("athena.catalog.exists", "athena.metadata.glue-answers")
def test_athena_s_own_catalog_calls_ask_glue_in_the_caller_s_name(account: Consumer) -> None:
    """Databases and tables show as Glue shows them to the caller, and its refusals are MetadataExceptions."""
    athena = account.admin()
    lake = Consumer(account.box, account.client, share(account, ["users"], 0))
    lake.let_read("users", to=f"arn:aws:iam::{CONSUMER}:user/administrator")

    table = athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="links", TableName="users")
    listed = athena.list_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="links")
    missing = refusal(athena.get_table_metadata, CatalogName="AwsDataCatalog", DatabaseName="links", TableName="none")

    assert table["TableMetadata"]["Columns"][0] == {
        "Name": "user_id",
        "Type": "string",
        "Comment": "Connect user (agent) ID",
    }
    assert [each["Name"] for each in listed["TableMetadataList"]] == ["users"]
    assert athena.list_databases(CatalogName="AwsDataCatalog")["DatabaseList"] == [{"Name": "links"}]
    assert athena.get_database(CatalogName="AwsDataCatalog", DatabaseName="links")["Database"] == {"Name": "links"}
    assert athena.get_data_catalog(Name="AwsDataCatalog")["DataCatalog"]["Type"] == "GLUE"
    assert [each["CatalogName"] for each in athena.list_data_catalogs()["DataCatalogsSummary"]] == ["AwsDataCatalog"]
    assert missing["Error"]["Code"] == "MetadataException"
    assert "EntityNotFoundException" in missing["Error"]["Message"]
    assert "is not found" in message(athena.get_data_catalog, Name="elsewhere")


@pytest.mark.refuses("athena.question.exists")
@pytest.mark.allows("athena.question.exists")
def test_describe_shows_columns_in_hive_s_layout(account: Consumer) -> None:
    """DESCRIBE and SHOW COLUMNS answer padded lines; a table that is not there is refused at once."""
    athena = account.admin()
    lake = Consumer(account.box, account.client, share(account, ["users"], 0))
    lake.let_read("users", to=f"arn:aws:iam::{CONSUMER}:user/administrator")

    described = run(athena, "DESCRIBE `links`.`users`").rows
    columns = run(athena, "SHOW COLUMNS IN users").rows
    created = run(athena, "SHOW CREATE TABLE users").rows

    assert described[0] == ["user_id             \tstring              \tConnect user (agent) ID"]
    assert columns[1] == ["user_arn            "]
    assert created[0] == ["CREATE EXTERNAL TABLE `links.users`("]
    assert len(described) == len(columns) == 31
    asked = {"ResultConfiguration": {"OutputLocation": RESULTS}, "QueryExecutionContext": {"Database": "links"}}
    assert "Entity Not Found" in message(athena.start_query_execution, QueryString="DESCRIBE nothing", **asked)


@pytest.mark.refuses("athena.list.token")
@pytest.mark.allows("athena.list.token")
def test_a_page_goes_on_from_a_token_that_was_given(account: Consumer) -> None:
    """The token of one page of workgroups begins the next; any other is refused."""
    athena = account.admin()
    athena.create_work_group(Name="second")
    first = athena.list_work_groups(MaxResults=1)

    rest = athena.list_work_groups(NextToken=first["NextToken"])
    told = message(athena.list_work_groups, NextToken="of no page")

    assert [each["Name"] for each in (*first["WorkGroups"], *rest["WorkGroups"])] == ["primary", "second"]
    assert told == "Invalid NextToken"
