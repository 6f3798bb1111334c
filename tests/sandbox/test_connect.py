"""Connect's analytics half: which data sets an instance offers, and associating them with accounts."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.services.connect.lake import FIRST_INSTANCE, Instances, lake_owner
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, OWNER, PRODUCER, REGION, Story, keys_of_role, refused


@pytest.fixture
def story(box: Sandbox, client: ClientMaker) -> Story:
    """The seeded lake."""
    story = Story(box, client)
    story.seed()
    return story


@pytest.fixture
def connect(story: Story, client: ClientMaker) -> Any:
    """The producer's Connect."""
    return client("connect", PRODUCER)


def listed(connect: Any, **filters: Any) -> list[tuple[str, str]]:
    """List the associations of the instance as (data set, account)."""
    results = connect.list_analytics_data_associations(InstanceId=FIRST_INSTANCE, **filters)["Results"]
    return [(each["DataSetId"], each["TargetAccountId"]) for each in results]


@pytest.mark.refuses("connect.instance.exists")
@pytest.mark.allows("connect.instance.exists")
def test_an_instance_is_found_by_its_own_account(connect: Any, client: ClientMaker) -> None:
    """ListInstances and DescribeInstance show the seeded instance to its account and to nobody else."""
    (summary,) = connect.list_instances()["InstanceSummaryList"]

    assert summary["Id"] == FIRST_INSTANCE
    assert summary["Arn"] == f"arn:aws:connect:{REGION}:{PRODUCER}:instance/{FIRST_INSTANCE}"
    assert connect.describe_instance(InstanceId=FIRST_INSTANCE)["Instance"]["InstanceStatus"] == "ACTIVE"
    assert client("connect", CONSUMER).list_instances()["InstanceSummaryList"] == []
    with refused("ResourceNotFoundException"):
        client("connect", CONSUMER).describe_instance(InstanceId=FIRST_INSTANCE)


def test_ids_are_the_same_in_every_run(box: Sandbox) -> None:
    """The first instance has the example's id; further ones follow from account and Region; owners from the Region."""
    instances = box.world.store(Instances)
    first, second = instances.add(PRODUCER, REGION, {}), instances.add(CONSUMER, REGION, {})
    box.reset()
    again = box.world.store(Instances)

    assert (again.add(PRODUCER, REGION, {}), again.add(CONSUMER, REGION, {})) == (first, second)
    assert first == FIRST_INSTANCE != second
    assert lake_owner("us-east-1") != lake_owner(REGION)
    assert len(lake_owner(REGION)) == 12


def test_data_sets_list_by_page(connect: Any) -> None:
    """ListAnalyticsDataLakeDataSets names what can be associated, page by page."""
    first = connect.list_analytics_data_lake_data_sets(InstanceId=FIRST_INSTANCE, MaxResults=1)
    second = connect.list_analytics_data_lake_data_sets(
        InstanceId=FIRST_INSTANCE, MaxResults=1, NextToken=first["NextToken"]
    )

    assert first["Results"] == [{"DataSetId": "contact_record", "DataSetName": "Contact record"}]
    assert [each["DataSetId"] for each in second["Results"]] == ["agent_metrics"]
    assert "NextToken" not in second


@pytest.mark.allows("connect.association.account")
def test_one_data_set_is_associated_without_a_status(connect: Any) -> None:
    """AssociateAnalyticsDataSet answers with the share, whose owner is AWS's, and no status."""
    answer = connect.associate_analytics_data_set(
        InstanceId=FIRST_INSTANCE, DataSetId="contact_record", TargetAccountId=CONSUMER
    )

    assert answer["ResourceShareArn"].startswith(f"arn:aws:ram:{REGION}:{OWNER}:resource-share/")
    assert answer["ResourceShareArn"].endswith(answer["ResourceShareId"])
    assert "ResourceShareStatus" not in answer


def test_without_a_target_it_is_the_instances_own_account(connect: Any, client: ClientMaker) -> None:
    """TargetAccountId left out is the own account, which must accept the invitation like any other."""
    answer = connect.associate_analytics_data_set(InstanceId=FIRST_INSTANCE, DataSetId="contact_record")

    assert answer["TargetAccountId"] == PRODUCER
    assert len(client("ram", PRODUCER).get_resource_share_invitations()["resourceShareInvitations"]) == 1


@pytest.mark.refuses("connect.data-set.offered")
@pytest.mark.allows("connect.data-set.offered")
def test_a_batch_creates_what_it_can_and_does_not_say_what_failed(connect: Any) -> None:
    """Errors of a batch carry no data set: the caller compares what it asked for with what was created."""
    answer = connect.batch_associate_analytics_data_set(
        InstanceId=FIRST_INSTANCE, DataSetIds=["contact_record", "nothing"], TargetAccountId=CONSUMER
    )

    (created,) = answer["Created"]
    (error,) = answer["Errors"]
    assert (created["DataSetId"], created["ResourceShareStatus"]) == ("contact_record", "ACTIVE")
    assert set(error) == {"ErrorCode", "ErrorMessage"}
    assert "nothing" not in error["ErrorMessage"]


def test_associating_again_changes_nothing_and_is_listed_as_created(connect: Any, story: Story) -> None:
    """A repeated association answers with the same share, and nobody is invited twice."""
    (first,) = story.associate("contact_record")

    (again,) = story.associate("contact_record")

    assert again == first
    assert len(story.invitations()) == 1


@pytest.mark.refuses("connect.association.account")
def test_single_calls_say_what_is_wrong(connect: Any) -> None:
    """An unknown data set, instance or account, and an association that is not there."""
    with refused("InvalidParameterException", "nothing is not available"):
        connect.associate_analytics_data_set(InstanceId=FIRST_INSTANCE, DataSetId="nothing")
    with refused("ResourceNotFoundException", "Instance with id elsewhere not found"):
        connect.associate_analytics_data_set(InstanceId="elsewhere", DataSetId="contact_record")
    with refused("InvalidParameterException", "TargetAccountId"):
        connect.associate_analytics_data_set(
            InstanceId=FIRST_INSTANCE, DataSetId="contact_record", TargetAccountId="12345"
        )
    with refused("ResourceNotFoundException", "is not associated"):
        connect.disassociate_analytics_data_set(InstanceId=FIRST_INSTANCE, DataSetId="contact_record")


def test_associations_list_over_all_accounts_and_by_data_set(connect: Any) -> None:
    """A data set can go to many accounts; the list is per instance and filters by data set alone."""
    wanted = [("contact_record", CONSUMER), ("contact_record", "333333333333"), ("agent_metrics", CONSUMER)]
    for data_set, target in wanted:
        connect.associate_analytics_data_set(InstanceId=FIRST_INSTANCE, DataSetId=data_set, TargetAccountId=target)

    assert listed(connect) == wanted
    assert listed(connect, DataSetId="agent_metrics") == [("agent_metrics", CONSUMER)]


def test_each_account_has_one_share(connect: Any, story: Story) -> None:
    """Data sets for one account come in one share."""
    shares = {each["ResourceShareArn"] for each in story.associate("contact_record", "agent_metrics")}

    assert len(shares) == len(story.invitations()) == 1


@pytest.mark.refuses("connect.association.exists")
@pytest.mark.allows("connect.association.exists")
def test_the_last_disassociation_takes_the_share_along(connect: Any, story: Story) -> None:
    """Disassociating takes one data set out of the share, and with the last one the share goes."""
    story.associate("contact_record", "agent_metrics")
    story.accept()
    ram = story.client("ram", CONSUMER)

    connect.disassociate_analytics_data_set(
        InstanceId=FIRST_INSTANCE, DataSetId="contact_record", TargetAccountId=CONSUMER
    )
    (left,) = ram.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]
    answer = connect.batch_disassociate_analytics_data_set(
        InstanceId=FIRST_INSTANCE, DataSetIds=["agent_metrics", "contact_record"], TargetAccountId=CONSUMER
    )

    assert left["arn"].endswith("table/connect_datalake/agent_metrics")
    assert (answer["Deleted"], len(answer["Errors"])) == (["agent_metrics"], 1)
    assert ram.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []
    assert listed(connect) == []


def test_two_instances_share_one_table(connect: Any, story: Story, client: ClientMaker) -> None:
    """The lake's table stays shared while any instance of the Region shares it with the account."""
    other = story.box.world.store(Instances).add("333333333333", REGION, {"contact_record": "Contact record"})
    third = client("connect", "333333333333")
    story.associate("contact_record")
    third.associate_analytics_data_set(InstanceId=other, DataSetId="contact_record", TargetAccountId=CONSUMER)
    story.accept()

    connect.disassociate_analytics_data_set(
        InstanceId=FIRST_INSTANCE, DataSetId="contact_record", TargetAccountId=CONSUMER
    )

    assert len(client("ram", CONSUMER).list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]) == 1


@pytest.mark.refuses("connect.list.token")
@pytest.mark.allows("connect.list.token")
def test_a_page_goes_on_from_a_token_that_was_given(connect: Any) -> None:
    """The token of one page of data sets begins the next; any other is refused."""
    first = connect.list_analytics_data_lake_data_sets(InstanceId=FIRST_INSTANCE, MaxResults=1)

    rest = connect.list_analytics_data_lake_data_sets(InstanceId=FIRST_INSTANCE, NextToken=first["NextToken"])
    with refused("InvalidParameterException", "NextToken"):
        connect.list_analytics_data_lake_data_sets(InstanceId=FIRST_INSTANCE, NextToken="of no page")

    assert len(first["Results"]) == len(rest["Results"]) == 1
    assert first["Results"] != rest["Results"]


def test_instances_are_made_and_deleted(connect: Any, client: ClientMaker) -> None:
    """CreateInstance's instance is described as it was asked for, shares at once, and takes all back when deleted."""
    made = connect.create_instance(
        IdentityManagementType="SAML",
        InstanceAlias="second",
        InboundCallsEnabled=True,
        OutboundCallsEnabled=False,
        Tags={"team": "lake"},
    )
    described = connect.describe_instance(InstanceId=made["Id"])["Instance"]
    summaries = connect.list_instances()["InstanceSummaryList"]

    assert (described["Arn"], described["IdentityManagementType"]) == (made["Arn"], "SAML")
    assert (described["InstanceAlias"], described["OutboundCallsEnabled"]) == ("second", False)
    assert described["Tags"] == {"team": "lake"}
    assert described["ServiceRole"].startswith(f"arn:aws:iam::{PRODUCER}:role/aws-service-role/")
    assert [each["Id"] for each in summaries] == [FIRST_INSTANCE, made["Id"]]
    assert not any("Tags" in each for each in summaries)

    connect.associate_analytics_data_set(InstanceId=made["Id"], DataSetId="users", TargetAccountId=CONSUMER)
    assert client("ram", CONSUMER).get_resource_share_invitations()["resourceShareInvitations"]
    connect.delete_instance(InstanceId=made["Id"])

    assert not client("ram", CONSUMER).get_resource_share_invitations()["resourceShareInvitations"]
    with refused("ResourceNotFoundException"):
        connect.describe_instance(InstanceId=made["Id"])


@pytest.mark.refuses("iam.identity.allows")
@pytest.mark.allows("iam.identity.allows")
def test_listing_instances_reads_directories_as_well(story: Story, client: ClientMaker) -> None:
    """ListInstances takes ds:DescribeDirectories beside its own right; the analytics operations do not."""
    operator = keys_of_role(client, PRODUCER, "operator", "connect:*")
    lister = keys_of_role(client, PRODUCER, "lister", "connect:ListInstances", "ds:DescribeDirectories")

    with refused("AccessDeniedException", "because no identity-based policy allows the ds:DescribeDirectories action"):
        client("connect", operator).list_instances()
    assert listed(client("connect", operator)) == []
    assert client("connect", lister).list_instances()["InstanceSummaryList"]
