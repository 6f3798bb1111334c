"""Calls of services that are ours about things that moto keeps."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, REGION, refused


def test_crawlers_and_jobs_carry_tags(client: ClientMaker) -> None:
    """Glue's tags of what is no part of the Data Catalog are kept where the thing is."""
    glue: Any = client("glue", CONSUMER)
    glue.create_crawler(Name="spider", Role="crawls", DatabaseName="sales", Targets={}, Tags={"team": "cc"})
    arn = f"arn:aws:glue:{REGION}:{CONSUMER}:crawler/spider"

    glue.tag_resource(ResourceArn=arn, TagsToAdd={"cost": "42"})
    glue.untag_resource(ResourceArn=arn, TagsToRemove=["team"])

    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"cost": "42"}
    assert glue.list_crawlers(Tags={"cost": "42"})["CrawlerNames"] == ["spider"]


def test_a_table_that_is_made_as_icebergs_says_so(client: ClientMaker) -> None:
    """CreateTable with IcebergInput gives the table the parameter by which engines know it."""
    glue: Any = client("glue", CONSUMER)
    glue.create_database(DatabaseInput={"Name": "sales"})
    iceberg = {"IcebergInput": {"MetadataOperation": "CREATE", "Version": "2"}}
    table = {"Name": "orders", "Parameters": {"owner": "cc"}}

    glue.create_table(DatabaseName="sales", TableInput=table, OpenTableFormatInput=iceberg)

    found = glue.get_table(DatabaseName="sales", Name="orders")["Table"]
    assert found["Parameters"] == {"owner": "cc", "table_type": "ICEBERG"}


@pytest.mark.allows("athena.catalog.exists")
def test_data_catalogs_that_were_made_stand_beside_athenas_own(client: ClientMaker) -> None:
    """Each account has AwsDataCatalog; those that it makes are listed, read and tagged."""
    athena: Any = client("athena", CONSUMER)
    tags = [{"Key": "team", "Value": "cc"}]
    athena.create_data_catalog(Name="other", Type="GLUE", Parameters={"catalog-id": PRODUCER}, Tags=tags)
    arn = f"arn:aws:athena:{REGION}:{CONSUMER}:datacatalog/other"

    listed = athena.list_data_catalogs()["DataCatalogsSummary"]

    assert [(each["CatalogName"], each["Type"]) for each in listed] == [("AwsDataCatalog", "GLUE"), ("other", "GLUE")]
    assert athena.get_data_catalog(Name="other")["DataCatalog"]["Parameters"] == {"catalog-id": PRODUCER}
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == tags
    assert client("athena", PRODUCER).list_data_catalogs()["DataCatalogsSummary"] == listed[:1]


def test_a_new_workgroup_has_the_settings_of_nobody(client: ClientMaker) -> None:
    """What a workgroup was not given, it answers with AWS's defaults."""
    athena: Any = client("athena", CONSUMER)
    athena.create_work_group(Name="plain")

    assert athena.get_work_group(WorkGroup="plain")["WorkGroup"]["Configuration"] == {
        "EnableMinimumEncryptionConfiguration": False,
        "EnforceWorkGroupConfiguration": True,
        "EngineVersion": {
            "SelectedEngineVersion": "AUTO",
            "EffectiveEngineVersion": "Athena engine version 3",
        },
        "PublishCloudWatchMetricsEnabled": False,
        "RequesterPaysEnabled": False,
    }


def test_connect_instances_carry_tags(client: ClientMaker) -> None:
    """Tags are given at creation, added and taken away by ARN."""
    connect: Any = client("connect", CONSUMER)
    made = connect.create_instance(
        IdentityManagementType="CONNECT_MANAGED",
        InboundCallsEnabled=True,
        OutboundCallsEnabled=True,
        Tags={"team": "cc"},
    )

    connect.tag_resource(resourceArn=made["Arn"], tags={"cost": "42"})
    connect.untag_resource(resourceArn=made["Arn"], tagKeys=["team"])

    assert connect.list_tags_for_resource(resourceArn=made["Arn"])["tags"] == {"cost": "42"}
    assert connect.describe_instance(InstanceId=made["Id"])["Instance"]["Tags"] == {"cost": "42"}


@pytest.mark.refuses("front.parameters.modelled")
def test_ram_has_its_own_words_for_owners_and_associations(client: ClientMaker) -> None:
    """RAM looks at some enumerations itself, and says what they take."""
    ram: Any = client("ram", CONSUMER, parameter_validation=False)

    with refused("InvalidParameterException", "nobody is not a valid resource owner. Specify either SELF or OTHER"):
        ram.get_resource_shares(resourceOwner="nobody")
    with refused("InvalidParameterException", "all is not a valid association type"):
        ram.get_resource_share_associations(associationType="all")


def test_the_tagging_api_shows_what_is_tagged_of_ours(client: ClientMaker) -> None:
    """Workgroups, instances and databases stand beside moto's things, each account's in each Region by themselves."""
    tags = {"team": "cc"}
    client("athena", CONSUMER).create_work_group(Name="analysts", Tags=[{"Key": "team", "Value": "cc"}])
    client("glue", CONSUMER).create_database(DatabaseInput={"Name": "sales"}, Tags=tags)
    client("glue", CONSUMER).create_database(DatabaseInput={"Name": "untagged"})
    client("glue", CONSUMER).create_crawler(Name="spider", Role="crawls", DatabaseName="sales", Targets={}, Tags=tags)
    tagging: Any = client("resourcegroupstaggingapi", CONSUMER)

    found = tagging.get_resources(TagFilters=[{"Key": "team", "Values": ["cc"]}])["ResourceTagMappingList"]
    databases = tagging.get_resources(ResourceTypeFilters=["glue:database"])["ResourceTagMappingList"]

    here = f"{REGION}:{CONSUMER}"
    assert {each["ResourceARN"] for each in found} == {
        f"arn:aws:athena:{here}:workgroup/analysts",
        f"arn:aws:glue:{here}:crawler/spider",
        f"arn:aws:glue:{here}:database/sales",
    }
    assert [each["ResourceARN"] for each in databases] == [f"arn:aws:glue:{here}:database/sales"]
    assert client("resourcegroupstaggingapi", PRODUCER).get_resources()["ResourceTagMappingList"] == []
