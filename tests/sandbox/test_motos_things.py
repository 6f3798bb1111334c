"""Calls of services that are ours about things that moto keeps."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, REGION


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
