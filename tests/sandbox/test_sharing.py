"""Sharing a table of Connect's lake: it takes every step, and each one that is missing refuses the reader."""

from __future__ import annotations

import pytest

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.services.lakeformation.access import (
    default_database_refusal,
    visible_databases,
    visible_tables,
)
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import (
    COLUMNS,
    CONSUMER,
    LINK,
    LINKS,
    OWNER,
    PRODUCER,
    READER,
    REGION,
    TARGET,
    Story,
    as_role,
    document,
    refused,
)


@pytest.fixture
def story(box: Sandbox, client: ClientMaker) -> Story:
    """The steps, none of them taken."""
    return Story(box, client)


@pytest.mark.allows(
    "lakeformation.access.exists",
    "lakeformation.access.one-hop",
    "lakeformation.access.select-on-target",
    "lakeformation.access.share-accepted",
    "lakeformation.grant.share-accepted",
    "ram.invitation.twelve-hours",
)
def test_a_reader_opens_the_target_through_the_link(story: Story) -> None:
    """With every step taken the reader opens the owner's table through the consumer's link, with all its columns."""
    story.tell()

    opened = story.read()

    assert (opened.owner, opened.database, opened.name) == (OWNER, "connect_datalake", "contact_record")
    assert opened.columns == tuple(COLUMNS)
    assert opened.location == "s3://lake/connect_datalake/contact_record/"
    assert opened.is_governed
    assert f"arn:aws:glue:{REGION}:{CONSUMER}:table/{LINKS}/{LINK}" in opened.glue_arns
    assert f"arn:aws:glue:{REGION}:{OWNER}:table/connect_datalake/contact_record" in opened.glue_arns


@pytest.mark.parametrize(
    ("missing", "rule", "words"),
    [
        ("grant_on_database", "lakeformation.access.permitted", f"Required Describe on {LINKS}"),
        ("grant_on_link", "lakeformation.access.permitted", f"Required Describe on {LINK}"),
        ("grant_on_target", "lakeformation.access.privilege-on-target", "does not have any privilege"),
    ],
)
def test_a_missing_grant_refuses_the_reader(story: Story, missing: str, rule: str, words: str) -> None:
    """The reader needs DESCRIBE on the database and on the link and SELECT on the target; none stands for another."""
    story.tell(without=missing)

    with pytest.raises(ServiceError, match=words) as refused:
        story.read()

    assert refused.value.code == "AccessDeniedException"
    assert refused.value.rule.id == rule  # type: ignore[attr-defined]


@pytest.mark.refuses("lakeformation.grant.share-accepted")
def test_an_invitation_that_was_not_accepted_refuses_the_administrator(story: Story) -> None:
    """Until the invitation is accepted the consumer's administrator cannot pass the table on."""
    with pytest.raises(story.client("lakeformation").exceptions.ClientError, match="Insufficient Glue permissions to"):
        story.tell(without="accept")


@pytest.mark.refuses("lakeformation.access.share-accepted")
def test_a_share_taken_back_refuses_the_reader(story: Story) -> None:
    """When the producer disassociates the data set, what the consumer's administrator granted no longer opens it."""
    story.tell()
    instance = story.client("connect", PRODUCER).list_instances()["InstanceSummaryList"][0]["Id"]

    story.client("connect", PRODUCER).disassociate_analytics_data_set(
        InstanceId=instance, DataSetId="contact_record", TargetAccountId=CONSUMER
    )

    with pytest.raises(ServiceError, match="no resource-based policy allows the glue:GetTable action"):
        story.read()


def test_an_association_that_was_not_made_leaves_nothing_to_accept(story: Story) -> None:
    """Without an association there is no invitation, and the link leads to a table that nobody shared."""
    story.seed()
    story.create_reader()
    story.become_admin(CreateDatabaseDefaultPermissions=[])
    story.create_links()
    story.grant_on_database()
    story.grant_on_link()

    assert story.invitations() == []
    with pytest.raises(ServiceError, match="no resource-based policy allows"):
        story.read()


def test_only_an_administrator_of_the_lake_passes_the_table_on(story: Story) -> None:
    """IAM's administrator is not the lake's: without PutDataLakeSettings its grant on the target is refused."""
    story.tell(without="grant_on_target")
    story.client("lakeformation", CONSUMER).put_data_lake_settings(DataLakeSettings={})

    with pytest.raises(story.client("lakeformation").exceptions.ClientError, match="requester is not authorized"):
        story.grant_on_target()


@pytest.mark.refuses("lakeformation.access.exists")
def test_a_link_that_was_not_made_is_not_found(story: Story) -> None:
    """Without the link the reader's query has nothing to name."""
    story.tell()
    story.client("glue", CONSUMER).delete_table(DatabaseName=LINKS, Name=LINK)

    with pytest.raises(ServiceError, match="not found") as refused:
        story.read()

    assert refused.value.code == "EntityNotFoundException"


@pytest.mark.refuses("lakeformation.access.select-on-target")
def test_describe_on_the_target_does_not_read_it(story: Story) -> None:
    """DESCRIBE on the target shows the table; reading it takes SELECT."""
    story.tell(without="grant_on_target")
    story.grant({"Table": TARGET}, "DESCRIBE")

    with pytest.raises(ServiceError, match="Required Select on contact_record"):
        story.read()


def test_the_reader_reads_the_columns_it_was_granted(story: Story) -> None:
    """SELECT on some columns opens those columns and says which others there are."""
    story.tell(without="grant_on_target")
    story.grant(
        {"TableWithColumns": {**TARGET, "ColumnWildcard": {"ExcludedColumnNames": ["customer_number"]}}}, "SELECT"
    )

    opened = story.read()

    assert opened.columns == tuple(COLUMNS[:2])
    assert opened.all_columns == tuple(COLUMNS)


@pytest.mark.refuses("lakeformation.grant.link-permissions")
@pytest.mark.allows("lakeformation.grant.link-permissions")
def test_select_on_the_link_is_refused(story: Story) -> None:
    """A link takes DESCRIBE and DROP; SELECT is granted on the target."""
    story.tell()

    with pytest.raises(
        story.client("lakeformation").exceptions.InvalidInputException, match="cannot be granted on a resource link"
    ):
        story.grant({"Table": {"DatabaseName": LINKS, "Name": LINK}}, "SELECT")


@pytest.mark.refuses("ram.invitation.twelve-hours")
def test_an_invitation_dies_after_twelve_hours(story: Story) -> None:
    """An invitation that nobody accepted is EXPIRED after 12 hours and can no longer be accepted."""
    story.seed()
    story.associate()
    (invitation,) = story.invitations()

    story.box.clock.advance(12 * 3600 + 1)

    assert [each["status"] for each in story.invitations()] == ["EXPIRED"]
    ram = story.client("ram", CONSUMER)
    with pytest.raises(ram.exceptions.ResourceShareInvitationExpiredException):
        ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])


def test_an_expired_share_swallows_later_associations_until_it_is_emptied(story: Story) -> None:
    """What is associated after the expiry joins the dead share; once everything on it is gone there is a new one."""
    story.seed()
    (first,) = story.associate("contact_record")
    story.box.clock.advance(12 * 3600 + 1)

    (second,) = story.associate("agent_metrics")
    connect = story.client("connect", PRODUCER)
    instance = connect.list_instances()["InstanceSummaryList"][0]["Id"]
    connect.batch_disassociate_analytics_data_set(
        InstanceId=instance, DataSetIds=["contact_record", "agent_metrics"], TargetAccountId=CONSUMER
    )
    (third,) = story.associate("contact_record")

    assert first["ResourceShareArn"] == second["ResourceShareArn"] != third["ResourceShareArn"]
    assert [(each["resourceShareArn"], each["status"]) for each in story.invitations()] == [
        (third["ResourceShareArn"], "PENDING")
    ]


def test_an_accepted_share_takes_further_tables_silently(story: Story) -> None:
    """A data set associated after the acceptance needs no second invitation."""
    story.tell()

    (created,) = story.associate("agent_metrics")
    story.client("glue", CONSUMER).create_table(
        DatabaseName=LINKS, TableInput={"Name": "agent_metrics", "TargetTable": {**TARGET, "Name": "agent_metrics"}}
    )
    story.grant({"Table": {"DatabaseName": LINKS, "Name": "agent_metrics"}}, "DESCRIBE")
    story.grant({"Table": {**TARGET, "Name": "agent_metrics"}}, "SELECT")

    assert len(story.invitations()) == 1
    assert created["ResourceShareArn"] == story.invitations()[0]["resourceShareArn"]
    assert story.read(name="agent_metrics").name == "agent_metrics"


def test_athena_lists_what_the_reader_can_see(story: Story) -> None:
    """The names that SHOW TABLES gives are those on which the reader holds something, of links too."""
    story.tell(without="grant_on_link")
    reader = Caller(CONSUMER, READER, READER, "role")

    def seen() -> tuple[list[str], list[str]]:
        databases = visible_databases(story.box.world, reader, REGION, CONSUMER)
        return databases, visible_tables(story.box.world, reader, REGION, CONSUMER, LINKS)

    assert seen() == ([LINKS], [])
    story.grant_on_link()
    assert seen() == ([LINKS], [LINK])


def test_the_default_database_stands_in_the_way_where_it_exists(story: Story) -> None:
    """Athena's look at ``default`` is refused where Lake Formation rules it and the reader holds nothing on it."""
    story.tell()
    reader = Caller(CONSUMER, READER, READER, "role")

    def refusal() -> ServiceError | None:
        return default_database_refusal(story.box.world, reader, REGION, CONSUMER)

    assert refusal() is None
    story.client("glue", CONSUMER).create_database(DatabaseInput={"Name": "default"})
    refused = refusal()
    assert refused is not None
    assert refused.message == "Insufficient Lake Formation permission(s): Required Describe on default"
    story.grant({"Database": {"Name": "default"}}, "DESCRIBE")
    assert refusal() is None


@pytest.mark.refuses("lakeformation.access.one-hop")
def test_a_link_to_a_link_is_not_read(story: Story) -> None:
    """A second hop is not followed: there is nothing to read behind the first."""
    story.tell()
    twice = {"CatalogId": CONSUMER, "DatabaseName": LINKS, "Name": LINK}
    story.client("glue", CONSUMER).create_table(DatabaseName=LINKS, TableInput={"Name": "twice", "TargetTable": twice})
    story.grant({"Table": {"DatabaseName": LINKS, "Name": "twice"}}, "DESCRIBE")

    with pytest.raises(ServiceError, match="StorageDescriptor is null"):
        story.read(name="twice")


def test_a_database_link_opens_the_shared_tables_of_its_target(story: Story) -> None:
    """Through a database link the reader reads what it holds SELECT on, with no grant for each table at home."""
    story.tell()
    story.client("glue", CONSUMER).create_database(
        DatabaseInput={"Name": "lake", "TargetDatabase": {"CatalogId": OWNER, "DatabaseName": "connect_datalake"}}
    )
    story.grant({"Database": {"Name": "lake"}}, "DESCRIBE")

    assert story.read("lake", "contact_record").columns == tuple(COLUMNS)
    with pytest.raises(ServiceError, match="no resource-based policy allows"):
        story.read("lake", "agent_metrics")


@pytest.mark.refuses("lakeformation.grant.glue-read")
@pytest.mark.allows("lakeformation.grant.glue-read")
def test_a_grantor_must_be_let_look_at_the_target(story: Story) -> None:
    """A lake's administrator whose own policy lacks glue:GetTable on the owner's table cannot pass it on."""
    story.tell(without="grant_on_target")
    allowed = {"Effect": "Allow", "Action": "lakeformation:*", "Resource": "*"}
    operator = as_role(story.client, "lakeformation", "operator")
    story.client("iam", CONSUMER).put_role_policy(
        RoleName="operator", PolicyName="everything", PolicyDocument=document(allowed)
    )
    admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/operator"}
    operator.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": [admin]})

    with refused("AccessDeniedException", "Insufficient Glue permissions to access table contact_record"):
        operator.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": READER}, Resource={"Table": TARGET}, Permissions=["SELECT"]
        )


def test_a_delay_keeps_the_association_back(story: Story, box: Sandbox) -> None:
    """With ram_s set an invitation takes that long to appear, and the share that long to open once accepted."""
    story.seed()
    story.become_admin()
    story.create_reader()
    story.set_delays(ram_s=30)
    story.associate()
    assert story.invitations() == []

    box.clock.advance(31)
    story.accept()
    lake_formation = story.client("lakeformation", CONSUMER)
    with pytest.raises(lake_formation.exceptions.ClientError, match="Insufficient Glue permissions to access table"):
        story.grant_on_target()
    box.clock.advance(31)
    story.grant_on_target()

    assert story.client("ram", CONSUMER).list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]
