"""Registered locations."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, READER, as_role, refused
from tests.sandbox.ruled import Lake, ruled_lake


@pytest.fixture
def lake(client: ClientMaker) -> Lake:
    """The consumer's lake."""
    return ruled_lake(client)


class TestLocations:
    @pytest.mark.refuses("lakeformation.location.once", "lakeformation.location.registered")
    @pytest.mark.allows("lakeformation.location.once", "lakeformation.location.registered", "lakeformation.location.s3")
    def test_a_location_is_registered_once(self, lake: Lake) -> None:
        """Registered, described, listed, and gone again."""
        arn = "arn:aws:s3:::sales/t"
        lake.client.register_resource(ResourceArn=arn, RoleArn=READER)

        with refused("AlreadyExistsException"):
            lake.client.register_resource(ResourceArn=arn, RoleArn=READER)
        assert lake.client.describe_resource(ResourceArn=arn)["ResourceInfo"]["RoleArn"] == READER
        assert [each["ResourceArn"] for each in lake.client.list_resources()["ResourceInfoList"]] == [arn]
        lake.client.deregister_resource(ResourceArn=arn)
        with refused("EntityNotFoundException"):
            lake.client.deregister_resource(ResourceArn=arn)

    def test_get_table_tells_whether_its_location_is_registered(self, lake: Lake, client: ClientMaker) -> None:
        """IsRegisteredWithLakeFormation is right in GetTable and always false in GetTables."""
        lake.client.register_resource(ResourceArn="arn:aws:s3:::sales", UseServiceLinkedRole=True)
        glue = as_role(client, "glue", "maker")

        assert glue.get_table(DatabaseName="ruled", Name="t")["Table"]["IsRegisteredWithLakeFormation"] is True
        found = {each["Name"]: each for each in glue.get_tables(DatabaseName="ruled")["TableList"]}
        assert found["t"]["IsRegisteredWithLakeFormation"] is False

    @pytest.mark.refuses("lakeformation.location.s3")
    def test_a_table_is_no_location(self, lake: Lake) -> None:
        """What is registered is a place in S3."""
        with refused("InvalidInputException"):
            lake.client.register_resource(ResourceArn=f"arn:aws:glue:x:{CONSUMER}:table/a/b", RoleArn=READER)
