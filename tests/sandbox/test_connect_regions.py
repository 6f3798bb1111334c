"""Which data sets Connect offers where."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from lakeshare.catalogue import table_names_in, tables
from lakeshare.catalogue.regions import LAKE_REGIONS, tables_in
from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.services.connect.lake import FIRST_INSTANCE
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, refused

CAPE_TOWN, GOVCLOUD, IRELAND = "af-south-1", "us-gov-west-1", "eu-west-1"


def offered(connect: Any, instance: str = FIRST_INSTANCE) -> set[str]:
    """Return the ids of the data sets that an instance offers."""
    return {each["DataSetId"] for each in connect.list_analytics_data_lake_data_sets(InstanceId=instance)["Results"]}


@pytest.mark.parametrize("region", sorted(LAKE_REGIONS - {CAPE_TOWN, GOVCLOUD}))
def test_most_regions_have_every_table(region: str) -> None:
    """Where no feature is lacking, all tables are there."""
    assert tables_in(region) == tables()


@pytest.mark.parametrize(
    ("region", "lacking"),
    [
        (CAPE_TOWN, ["ai_agent", "forecasting", "scheduling"]),
        (GOVCLOUD, ["ai_agent", "cases", "outbound_campaigns"]),
    ],
)
@pytest.mark.refuses("connect.data-set.offered")
@pytest.mark.allows("connect.data-set.offered")
def test_a_region_without_a_feature_lacks_its_data_sets(
    box: Sandbox, client: ClientMaker, region: str, lacking: list[str]
) -> None:
    """They are not listed, refused singly, and fail in a batch without a word on which they were."""
    box.seed(instance_account=PRODUCER, region=region, rows=0)
    connect = client("connect", PRODUCER, region)
    missing = {name for category in lacking for name in table_names_in(category)}
    one = min(missing)

    assert offered(connect) == set(tables()) - missing
    with refused("InvalidParameterException", one):
        connect.associate_analytics_data_set(InstanceId=FIRST_INSTANCE, DataSetId=one, TargetAccountId=CONSUMER)
    answer = connect.batch_associate_analytics_data_set(
        InstanceId=FIRST_INSTANCE, DataSetIds=["users", one], TargetAccountId=CONSUMER
    )
    assert [each["DataSetId"] for each in answer["Created"]] == ["users"]
    assert [set(each) for each in answer["Errors"]] == [{"ErrorCode", "ErrorMessage"}]


@pytest.mark.refuses("connect.data-set.offered")
def test_a_region_without_connect_has_no_lake(client: ClientMaker) -> None:
    """An instance that is made there all the same offers nothing."""
    connect = client("connect", PRODUCER, IRELAND)
    made = connect.create_instance(
        IdentityManagementType="CONNECT_MANAGED", InboundCallsEnabled=True, OutboundCallsEnabled=True
    )

    assert offered(connect, made["Id"]) == set()
    with refused("InvalidParameterException", "users"):
        connect.associate_analytics_data_set(InstanceId=made["Id"], DataSetId="users")


def test_a_region_of_which_no_lake_is_known_can_be_given_one(box: Sandbox, client: ClientMaker) -> None:
    """AWS adds Regions; where the one who seeds says that there is a lake, it has every table."""
    seeded = box.seed(instance_account=PRODUCER, region=IRELAND, rows=0)

    assert offered(client("connect", PRODUCER, IRELAND), seeded["instance_id"]) == set(tables())


def test_seeding_what_a_region_does_not_have_is_told(box: Sandbox) -> None:
    """The control interface answers 400 and says what there is."""
    body = json.dumps({"instance_account": PRODUCER, "region": CAPE_TOWN, "tables": ["staff_shifts"]}).encode()

    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.urlopen(f"{box.endpoint_url}/_sandbox/seed", body)  # noqa: S310 - it is the sandbox

    assert told.value.code == 400
    assert "no table of the lake in af-south-1 is called" in json.loads(told.value.read())["error"]
