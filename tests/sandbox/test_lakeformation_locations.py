"""Registered locations, and the right to point to what is in them."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, READER, as_role, refused
from tests.sandbox.ruled import Lake, ruled_lake

SALES = "arn:aws:s3:::sales"
AT_SALES = {"DataLocation": {"ResourceArn": SALES}}


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

    @pytest.mark.refuses("lakeformation.location.service-linked")
    def test_what_the_service_linked_role_reaches_is_not_edited(self, lake: Lake) -> None:
        """One deregisters it and registers it anew."""
        lake.client.register_resource(ResourceArn=SALES, UseServiceLinkedRole=True)

        with refused("InvalidInputException", "service-linked role"):
            lake.client.update_resource(ResourceArn=SALES, RoleArn=READER)

    @pytest.mark.allows("lakeformation.location.service-linked")
    def test_what_a_role_reaches_is_edited(self, lake: Lake) -> None:
        """Another role, and hybrid access."""
        lake.client.register_resource(ResourceArn=SALES, RoleArn=READER)

        maker = f"arn:aws:iam::{CONSUMER}:role/maker"
        lake.client.update_resource(ResourceArn=SALES, RoleArn=maker, HybridAccessEnabled=True)

        found = lake.client.describe_resource(ResourceArn=SALES)["ResourceInfo"]
        assert (found["RoleArn"], found["HybridAccessEnabled"]) == (maker, True)

    @pytest.mark.allows("lakeformation.location.condition")
    @pytest.mark.parametrize(
        ("field", "operator", "values", "wanted"),
        [
            ("RESOURCE_ARN", "EQ", [f"{SALES}/1"], ["1"]),
            ("RESOURCE_ARN", "NE", [f"{SALES}/1"], ["0", "2"]),
            ("RESOURCE_ARN", "BEGINS_WITH", [SALES], ["0", "1", "2"]),
            ("RESOURCE_ARN", "IN", [f"{SALES}/0", f"{SALES}/2"], ["0", "2"]),
            ("RESOURCE_ARN", "BETWEEN", [f"{SALES}/0", f"{SALES}/1"], ["0", "1"]),
            ("RESOURCE_ARN", "CONTAINS", ["les/2"], ["2"]),
            ("RESOURCE_ARN", "NOT_CONTAINS", ["les/2"], ["0", "1"]),
            ("RESOURCE_ARN", "LT", [f"{SALES}/1"], ["0"]),
            ("RESOURCE_ARN", "LE", [f"{SALES}/1"], ["0", "1"]),
            ("RESOURCE_ARN", "GT", [f"{SALES}/1"], ["2"]),
            ("RESOURCE_ARN", "GE", [f"{SALES}/1"], ["1", "2"]),
            ("ROLE_ARN", "EQ", [READER], ["0", "1", "2"]),
            ("LAST_MODIFIED", "GT", ["2100"], []),
        ],
    )
    def test_locations_are_listed_under_conditions(
        self, lake: Lake, field: str, operator: str, values: list[str], wanted: list[str]
    ) -> None:
        """Each comparison of the service model."""
        for number in range(3):
            lake.client.register_resource(ResourceArn=f"{SALES}/{number}", RoleArn=READER)

        condition = {"Field": field, "ComparisonOperator": operator, "StringValueList": values}
        found = lake.client.list_resources(FilterConditionList=[condition])["ResourceInfoList"]

        assert sorted(each["ResourceArn"].removeprefix(f"{SALES}/") for each in found) == wanted

    @pytest.mark.refuses("lakeformation.location.condition")
    def test_a_condition_has_a_value(self, lake: Lake) -> None:
        """Comparing with nothing is refused."""
        lake.client.register_resource(ResourceArn=SALES, RoleArn=READER)

        with refused("InvalidInputException"):
            lake.client.list_resources(FilterConditionList=[{"Field": "ROLE_ARN", "ComparisonOperator": "EQ"}])


class TestDataLocations:
    @pytest.mark.refuses("lakeformation.location.granted-on")
    def test_a_place_that_is_not_registered_is_not_granted_on(self, lake: Lake) -> None:
        """The refusal is the one for which Terraform waits."""
        with refused("InvalidInputException", "register the S3 path"):
            lake.grant(READER, AT_SALES, "DATA_LOCATION_ACCESS")

    @pytest.mark.allows("lakeformation.location.granted-on")
    def test_a_right_on_a_place_holds_below_it(self, lake: Lake, client: ClientMaker) -> None:
        """To make tables there, and with the grant option to grant it on."""
        lake.client.register_resource(ResourceArn=SALES, RoleArn=READER)
        as_role(client, "glue", "other")
        other = f"arn:aws:iam::{CONSUMER}:role/other"
        below = {"DataLocation": {"ResourceArn": f"{SALES}/new"}}

        lake.grant(READER, AT_SALES, "DATA_LOCATION_ACCESS", options=("DATA_LOCATION_ACCESS",))
        Lake(as_role(client, "lakeformation", "reader")).grant(other, below, "DATA_LOCATION_ACCESS")
        lake.grant(other, {"Database": {"Name": "ruled"}}, "CREATE_TABLE")
        storage = {"Columns": [], "Location": "s3://sales/new/n/"}
        glue = as_role(client, "glue", "other")
        glue.create_table(DatabaseName="ruled", TableInput={"Name": "n", "StorageDescriptor": storage})

        with refused("AccessDeniedException", "Insufficient Lake Formation permission"):
            storage = {"Columns": [], "Location": "s3://sales/newer/"}
            glue.create_table(DatabaseName="ruled", TableInput={"Name": "m", "StorageDescriptor": storage})

    @pytest.mark.refuses("glue.table.data-location")
    def test_hybrid_access_does_not_open_a_place(self, lake: Lake, client: ClientMaker) -> None:
        """Making a table at a hybrid location takes the right on it, whoever has opted in."""
        lake.client.register_resource(ResourceArn=SALES, RoleArn=READER, HybridAccessEnabled=True)
        lake.grant(READER, {"Database": {"Name": "ruled"}}, "CREATE_TABLE")
        given = {"Name": "n", "StorageDescriptor": {"Columns": [], "Location": "s3://sales/n/"}}
        glue = as_role(client, "glue", "reader")

        with refused("AccessDeniedException", "Insufficient Lake Formation permission"):
            glue.create_table(DatabaseName="ruled", TableInput=given)
        lake.grant(READER, AT_SALES, "DATA_LOCATION_ACCESS")
        glue.create_table(DatabaseName="ruled", TableInput=given)

    def test_a_consumer_passes_a_place_on_under_its_owners_catalog(self, lake: Lake, client: ClientMaker) -> None:
        """Places are not in shares: the grant to the account is all that the consumer needs."""
        owner = Lake(client("lakeformation", PRODUCER))
        owner.put(f"arn:aws:iam::{PRODUCER}:user/administrator")
        owner.client.register_resource(ResourceArn=SALES, UseServiceLinkedRole=True)
        right = "DATA_LOCATION_ACCESS"
        owner.grant(CONSUMER, AT_SALES, right, options=(right,))

        lake.grant(READER, {"DataLocation": {"CatalogId": PRODUCER, "ResourceArn": SALES}}, right)

        assert [permissions for _, permissions, _ in lake.held(READER)] == [[right]]
