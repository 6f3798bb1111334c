"""LF-tags across accounts: what is granted by them, how it comes there, and what the consumer may do with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, PRODUCER, as_role, document, refused
from tests.sandbox.queries import Query, finish, start
from tests.sandbox.tags import ANALYST, DATABASE, TABLE, TaggedLake, columns, expression, policy, set_switch, tag

SHARED = {"CatalogId": PRODUCER, "DatabaseName": "lake", "Name": "calls"}


def at_producer(resource: dict[str, Any]) -> dict[str, Any]:
    """Return *resource* as one names it from another account: with the owner's catalog."""
    ((member, value),) = resource.items()
    return {member: {"CatalogId": PRODUCER, **value}}


class Two:
    """A producer with a tagged lake, and a consumer with an administrator, an analyst and a link to its table."""

    def __init__(self, client: ClientMaker, version: str, consumers: str = "") -> None:
        self.client = client
        as_role(client, "glue", "analyst")
        self.producer = TaggedLake(client, PRODUCER)
        self.producer.make_tags(module=["sales", "orders"])
        self.producer.assign(DATABASE, module="sales")
        self.consumer = client("lakeformation", CONSUMER)
        self.settle(PRODUCER, version)
        self.settle(CONSUMER, consumers or version)
        glue = client("glue", CONSUMER)
        glue.create_database(DatabaseInput={"Name": "links", "CreateTableDefaultPermissions": []})
        glue.create_table(DatabaseName="links", TableInput={"Name": "calls", "TargetTable": SHARED})
        self.pass_on({"Database": {"Name": "links"}}, "DESCRIBE")
        self.pass_on({"Table": {"DatabaseName": "links", "Name": "calls"}}, "DESCRIBE")

    def settle(self, account: str, version: str) -> None:
        """Put an account at a CROSS_ACCOUNT_VERSION, with its administrator."""
        admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:user/administrator"}
        self.client("lakeformation", account).put_data_lake_settings(
            DataLakeSettings={"DataLakeAdmins": [admin], "Parameters": {"CROSS_ACCOUNT_VERSION": version}}
        )

    def share(self, *permissions: str, to: str = CONSUMER, option: bool = True) -> None:
        """Grant on the tables that carry the tag to another account."""
        self.producer.grant(to, policy("TABLE", module="sales"), *permissions, option=option)

    def invitations(self) -> list[dict[str, Any]]:
        """Return what the consumer was invited to and has not answered."""
        found = self.client("ram", CONSUMER).get_resource_share_invitations()["resourceShareInvitations"]
        return [each for each in found if each["status"] == "PENDING"]

    def accept(self) -> None:
        """Accept every invitation."""
        for invitation in self.invitations():
            arn = invitation["resourceShareInvitationArn"]
            self.client("ram", CONSUMER).accept_resource_share_invitation(resourceShareInvitationArn=arn)

    def pass_on(self, resource: dict[str, Any], *permissions: str, to: str = ANALYST, by: Any = None) -> None:
        """Grant to the consumer's analyst, as its administrator."""
        (by or self.consumer).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": to}, Resource=resource, Permissions=list(permissions)
        )

    def read(self, sql: str = "SELECT agent FROM calls ORDER BY 1") -> Query:
        """Ask as the analyst, through the link."""
        self.client("s3", CONSUMER, region="us-east-1").create_bucket(Bucket="results-bucket")
        athena = as_role(self.client, "athena", "analyst")
        return finish(athena, start(athena, sql))


BY_TAG = at_producer(policy("TABLE", module="sales"))
READ = [["agent"], ["ann"], ["bob"]]


class TestByCatalogPolicy:
    @pytest.mark.parametrize("version", ["1", "2"])
    @pytest.mark.allows("lakeformation.tag.put-resource-policy", "lakeformation.tag.versions-meet")
    def test_below_version_3_nobody_is_invited(self, client: ClientMaker, version: str) -> None:
        """What was granted by a tag is there at once, the consumer passes it on, and with the grant it is gone."""
        two = Two(client, version)
        two.share("SELECT")

        two.pass_on(BY_TAG, "SELECT")
        read = two.read()
        two.producer.revoke(CONSUMER, policy("TABLE", module="sales"), "SELECT")

        assert two.invitations() == []
        assert read.rows == READ
        assert two.read().state == "FAILED"

    @pytest.mark.refuses("lakeformation.tag.put-resource-policy")
    def test_the_grantor_may_put_the_policy(self, client: ClientMaker) -> None:
        """Without IAM's glue:PutResourcePolicy the grant is refused."""
        two = Two(client, "1")
        grantor = as_role(client, "lakeformation", "grantor", PRODUCER)
        role = f"arn:aws:iam::{PRODUCER}:role/grantor"
        two.producer.grant(role, tag("module"), "GRANT_WITH_LF_TAG_EXPRESSION")
        denied = document({"Effect": "Deny", "Action": "glue:PutResourcePolicy", "Resource": "*"})
        client("iam", PRODUCER).put_role_policy(RoleName="grantor", PolicyName="denied", PolicyDocument=denied)

        with refused("AccessDeniedException", "glue:PutResourcePolicy"):
            two.pass_on(policy("TABLE", module="sales"), "SELECT", to=CONSUMER, by=grantor)

    def test_the_policy_put_by_hand(self, client: ClientMaker, box: Sandbox) -> None:
        """Where the switch says so the consumer is let in by a statement in the owner's policy, and not without."""
        set_switch(box, "lakeformation.tag-catalog-policy", "by-hand")
        two = Two(client, "2")
        two.share("SELECT")
        with refused("AccessDeniedException"):
            two.pass_on(BY_TAG, "SELECT")

        arn = f"arn:aws:glue:ap-southeast-2:{PRODUCER}"
        statement = {
            "Effect": "Allow",
            "Action": ["glue:*"],
            "Principal": {"AWS": [CONSUMER]},
            "Resource": [f"{arn}:table/*", f"{arn}:database/*", f"{arn}:catalog"],
            "Condition": {"Bool": {"glue:EvaluatedByLakeFormationTags": True}},
        }
        client("glue", PRODUCER).put_resource_policy(PolicyInJson=document(statement))
        two.pass_on(BY_TAG, "SELECT")

        assert two.read().rows == READ

    @pytest.mark.refuses("lakeformation.tag.versions-meet")
    def test_versions_that_do_not_meet(self, client: ClientMaker) -> None:
        """An owner below 3 cannot grant by tags to an account at 3 or above; named things are another matter."""
        two = Two(client, "2", consumers="3")

        with refused("InvalidInputException", "Consumer account has opt-in to cross account version: v3"):
            two.share("SELECT")
        two.producer.grant(CONSUMER, TABLE, "SELECT", option=True)

    @pytest.mark.refuses("lakeformation.grant.direct-version")
    def test_principals_of_other_accounts_take_version_3(self, client: ClientMaker) -> None:
        """Below it neither a role nor an organisation is granted by tags."""
        two = Two(client, "2")

        with refused("InvalidInputException"):
            two.share("SELECT", to=ANALYST)

    @pytest.mark.refuses("lakeformation.tag.organisation-version")
    def test_organisations_take_version_3(self, client: ClientMaker) -> None:
        """An owner's organisation can be granted on by name at version 2, by tags not."""
        two = Two(client, "2")
        organisation = client("organizations", PRODUCER).create_organization(FeatureSet="ALL")["Organization"]["Arn"]
        client("ram", PRODUCER).enable_sharing_with_aws_organization()

        with refused("InvalidInputException"):
            two.share("SELECT", to=organisation)


class TestByRam:
    def test_the_invitation_is_accepted_first(self, client: ClientMaker) -> None:
        """From version 3 on RAM invites, and until it is accepted nothing by the tag is passed on or seen."""
        two = Two(client, "3")
        two.share("SELECT")
        with refused("AccessDeniedException"):
            two.pass_on(BY_TAG, "SELECT")

        assert len(two.invitations()) == 1
        two.accept()
        two.pass_on(BY_TAG, "SELECT")

        assert two.read().rows == READ

    def test_at_most_two_shares_for_tags(self, client: ClientMaker) -> None:
        """One for databases and one for tables, beside those for named things, are kept for a pair of accounts."""
        two = Two(client, "4")
        two.producer.make_table("other")

        for kind, value in (("DATABASE", "sales"), ("TABLE", "sales"), ("DATABASE", "orders"), ("TABLE", "orders")):
            two.producer.grant(CONSUMER, policy(kind, module=value), "DESCRIBE", option=True)
        by_tags = len(two.invitations())
        two.producer.grant(CONSUMER, TABLE, "SELECT", option=True)
        two.producer.grant(CONSUMER, {"Table": {"DatabaseName": "lake", "TableWildcard": {}}}, "SELECT", option=True)

        assert by_tags == 2
        assert len(two.invitations()) <= 5

    def test_the_last_grant_takes_the_share_away(self, client: ClientMaker) -> None:
        """Revoked by the owner, what the consumer passed on is gone as well, and so is the share."""
        two = Two(client, "3")
        two.share("SELECT")
        two.accept()
        two.pass_on(BY_TAG, "SELECT")
        two.pass_on({"Table": SHARED}, "SELECT")

        two.producer.revoke(CONSUMER, policy("TABLE", module="sales"), "SELECT")

        assert two.read().state == "FAILED"
        assert client("ram", CONSUMER).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []
        rows = two.consumer.list_permissions()["PrincipalResourcePermissions"]
        assert not [row for row in rows if PRODUCER in json.dumps(row["Resource"])]

    def test_what_hung_on_the_same_policy_goes_with_it(self, client: ClientMaker) -> None:
        """Though the consumer may grant by its tags too: granted again by the owner, it is to be passed on again."""
        two = Two(client, "3")
        two.producer.grant(CONSUMER, tag("module", "sales"), "DESCRIBE", option=True)
        two.share("SELECT")
        two.accept()
        two.pass_on(BY_TAG, "SELECT")
        read = two.read()

        two.producer.revoke(CONSUMER, policy("TABLE", module="sales"), "SELECT")
        two.share("SELECT")
        two.accept()

        assert read.rows == READ
        assert two.read().state == "FAILED"
        two.pass_on(BY_TAG, "SELECT")
        assert two.read().rows == READ

    def test_a_role_is_granted_directly(self, client: ClientMaker) -> None:
        """A role of the other account reads once its account has accepted; its administrator sees nothing of it."""
        two = Two(client, "3")
        two.share("SELECT", to=ANALYST, option=False)
        before = two.read()
        two.accept()

        assert before.state == "FAILED"
        assert two.read().rows == READ
        with refused("AccessDeniedException"):
            client("glue", CONSUMER).get_table(**{**SHARED, "DatabaseName": "lake"})

    def test_an_organisation_is_granted_by_tags(self, client: ClientMaker) -> None:
        """Within an organisation that shares it arrives without an invitation."""
        two = Two(client, "3")
        organizations = client("organizations", PRODUCER)
        organisation = organizations.create_organization(FeatureSet="ALL")["Organization"]["Arn"]
        made = organizations.create_account(AccountName="member", Email="member@example.com")
        member = made["CreateAccountStatus"]["AccountId"]
        two.settle(member, "3")
        client("ram", PRODUCER).enable_sharing_with_aws_organization()
        glue = as_role(client, "glue", "analyst", member)

        two.share("SELECT", to=organisation)
        to = f"arn:aws:iam::{member}:role/analyst"
        two.pass_on(BY_TAG, "SELECT", to=to, by=client("lakeformation", member))

        assert client("ram", member).get_resource_share_invitations()["resourceShareInvitations"] == []
        assert glue.get_table(CatalogId=PRODUCER, DatabaseName="lake", Name="calls")["Table"]


class TestPassingOn:
    @pytest.fixture
    def two(self, client: ClientMaker) -> Two:
        """A producer that shared by a tag, with the grant option, and a consumer that accepted."""
        two = Two(client, "3")
        two.share("SELECT", "DESCRIBE")
        two.accept()
        return two

    def test_by_name_what_carries_the_tag(self, two: Two) -> None:
        """The consumer's administrator grants on the shared table itself; the grant lives while the tag is carried."""
        two.pass_on({"Table": SHARED}, "SELECT")
        read = two.read()

        two.producer.assign(DATABASE, module="orders")

        assert read.rows == READ
        assert two.read().state == "FAILED"

    @pytest.mark.refuses("lakeformation.grant.own-principals", "lakeformation.grant.authorised")
    def test_only_within_the_account_and_what_was_given(self, two: Two) -> None:
        """Not to other accounts, not what was not granted, not by other tags, and not on what carries none."""
        two.producer.make_database("untagged")
        two.producer.make_table("calls", "untagged")

        for resource, permission, to in (
            (BY_TAG, "SELECT", "333333333333"),
            (BY_TAG, "ALTER", ANALYST),
            (at_producer(policy("TABLE", module="orders")), "SELECT", ANALYST),
            (at_producer(policy("DATABASE", module="sales")), "DESCRIBE", ANALYST),
            ({"Table": {**SHARED, "DatabaseName": "untagged"}}, "SELECT", ANALYST),
        ):
            with refused("AccessDeniedException"):
                two.pass_on(resource, permission, to=to)

    def test_without_the_grant_option_nothing_is_passed_on(self, client: ClientMaker) -> None:
        """The very policy takes the grant option, DESCRIBE on its tags or not."""
        two = Two(client, "3")
        two.share("SELECT", option=False)
        two.producer.grant(CONSUMER, tag("module"), "DESCRIBE", option=True)
        two.accept()

        with refused("AccessDeniedException"):
            two.pass_on(BY_TAG, "SELECT")

    def test_of_the_same_policy_only_what_came_is_passed_on(self, client: ClientMaker) -> None:
        """Another permission is not, though the consumer may describe the tag."""
        two = Two(client, "3")
        two.share("SELECT")
        two.producer.grant(CONSUMER, tag("module", "sales"), "DESCRIBE", option=True)
        two.accept()

        two.pass_on(BY_TAG, "SELECT")
        with refused("AccessDeniedException"):
            two.pass_on(BY_TAG, "ALTER")

    def test_another_expression_takes_describe_on_its_tags(self, client: ClientMaker) -> None:
        """It is passed on without the grant option, and gives no more than the account has."""
        two = Two(client, "3")
        two.producer.make_table("other")
        two.producer.assign({"Table": {"DatabaseName": "lake", "Name": "other"}}, module="orders")
        two.share("SELECT", option=False)
        two.accept()
        wider = at_producer(policy("TABLE", module=["sales", "orders"]))
        with refused("AccessDeniedException"):
            two.pass_on(wider, "SELECT")

        two.producer.grant(CONSUMER, tag("module", "sales", "orders"), "DESCRIBE", option=True)
        two.pass_on(wider, "SELECT")

        assert two.read().rows == READ
        glue = as_role(client, "glue", "analyst")
        with refused("AccessDeniedException"):
            glue.get_table(CatalogId=PRODUCER, DatabaseName="lake", Name="other")

    def test_some_columns_arrive(self, two: Two) -> None:
        """A column with another value stays with its owner."""
        two.producer.assign(columns("agent"), module="orders")
        two.pass_on(BY_TAG, "SELECT")

        assert two.read("SELECT * FROM calls ORDER BY seconds").rows == [
            ["queue", "seconds"],
            ["sales", "10"],
            ["billing", "20"],
        ]

    def test_an_engine_gets_keys_for_what_a_tag_brings(self, two: Two) -> None:
        """Credentials for the place of the shared table are vended to who may read it by a tag."""
        two.pass_on(BY_TAG, "SELECT")
        for formation in (two.producer.formation, two.consumer):
            settings = formation.get_data_lake_settings()["DataLakeSettings"]
            formation.put_data_lake_settings(DataLakeSettings=settings | {"AllowFullTableExternalDataAccess": True})
        engine = as_role(two.client, "lakeformation", "analyst")

        vended = engine.get_temporary_data_location_credentials(DataLocations=[f"s3://calls-{PRODUCER}/calls/"])

        assert vended["Credentials"]["AccessKeyId"]
        with refused("AccessDeniedException"):
            as_role(two.client, "lakeformation", "other").get_temporary_data_location_credentials(
                DataLocations=[f"s3://calls-{PRODUCER}/calls/"]
            )

    def test_what_was_shared_by_tags_is_listed(self, two: Two) -> None:
        """GetDatabases and SearchTables show the administrator what carries the tags, if asked for others' as well."""
        two.producer.grant(CONSUMER, policy("DATABASE", module="sales"), "DESCRIBE", option=True)
        two.accept()
        glue = two.client("glue", CONSUMER)

        databases = glue.get_databases(ResourceShareType="FOREIGN")["DatabaseList"]
        tables = glue.search_tables(ResourceShareType="FOREIGN")["TableList"]

        assert [(each["CatalogId"], each["Name"]) for each in databases] == [(PRODUCER, "lake")]
        assert [(each["CatalogId"], each["Name"]) for each in tables] == [(PRODUCER, "calls")]

    def test_grants_by_tags_of_others_list_with_their_catalog(self, two: Two) -> None:
        """The consumer sees what it was granted and what it passed on; the owner what it granted, with its share."""
        two.pass_on(BY_TAG, "SELECT")

        here = two.consumer.list_permissions(ResourceType="LF_TAG_POLICY_TABLE")["PrincipalResourcePermissions"]
        (there,) = two.producer.rows(ResourceType="LF_TAG_POLICY_TABLE")

        assert [row["Principal"]["DataLakePrincipalIdentifier"] for row in here] == [CONSUMER, ANALYST]
        assert {row["Resource"]["LFTagPolicy"]["CatalogId"] for row in here} == {PRODUCER}
        assert len(there["AdditionalDetails"]["ResourceShare"]) == 1


class TestTags:
    @pytest.mark.refuses("lakeformation.tag.permissions-abroad")
    def test_what_can_be_granted_on_tags(self, client: ClientMaker) -> None:
        """DESCRIBE and ASSOCIATE leave the account; changing tags, granting with them and making them do not."""
        two = Two(client, "3")

        for permission in ("ALTER", "DROP", "GRANT_WITH_LF_TAG_EXPRESSION"):
            with refused("InvalidInputException"):
                two.producer.grant(CONSUMER, tag("module"), permission, option=True)
        with refused("InvalidInputException"):
            two.producer.grant(CONSUMER, {"Catalog": {}}, "CREATE_LF_TAG", option=True)

    @pytest.mark.refuses("lakeformation.tag.option-abroad")
    def test_tags_are_granted_with_the_option(self, client: ClientMaker, box: Sandbox) -> None:
        """Without it the grant is refused, unless the switch follows the example."""
        two = Two(client, "3")

        with refused("InvalidInputException"):
            two.producer.grant(CONSUMER, tag("module"), "DESCRIBE")
        set_switch(box, "lakeformation.tag-option-abroad", "may")
        two.producer.grant(CONSUMER, tag("module"), "DESCRIBE")

    @pytest.mark.allows(
        "lakeformation.tag.option-abroad",
        "lakeformation.tag.organisation-version",
        "lakeformation.tag.permissions-abroad",
    )
    def test_tags_are_seen_and_passed_on_with_their_owners_catalog(self, client: ClientMaker) -> None:
        """They list where others' are asked for, with the values that were granted, and the consumer passes them on."""
        two = Two(client, "3")
        analyst = as_role(client, "lakeformation", "analyst")
        shared = [{"CatalogId": PRODUCER, "TagKey": "module", "TagValues": ["sales"]}]
        two.producer.grant(CONSUMER, tag("module", "sales"), "DESCRIBE", "ASSOCIATE", option=True)
        two.consumer.create_lf_tag(TagKey="own", TagValues=["a"])

        foreign = two.consumer.list_lf_tags(ResourceShareType="FOREIGN")["LFTags"]
        every = two.consumer.list_lf_tags(ResourceShareType="ALL")["LFTags"]
        before = analyst.list_lf_tags(CatalogId=PRODUCER)["LFTags"]
        two.pass_on(at_producer(tag("module", "sales")), "DESCRIBE")

        assert foreign == shared
        assert [each["TagKey"] for each in every] == ["own", "module"]
        assert before == []
        assert analyst.get_lf_tag(CatalogId=PRODUCER, TagKey="module")["TagValues"] == ["sales"]
        with pytest.raises(Exception, match="EntityNotFoundException"):
            two.consumer.get_lf_tag(TagKey="module")

    @pytest.mark.refuses("lakeformation.grant.authorised")
    def test_values_that_were_not_granted_are_not_passed_on(self, client: ClientMaker) -> None:
        """One value does not let the consumer grant on another, or on all."""
        two = Two(client, "3")
        two.producer.grant(CONSUMER, tag("module", "sales"), "DESCRIBE", option=True)

        for resource in (tag("module", "orders"), tag("module")):
            with refused("AccessDeniedException"):
                two.pass_on(at_producer(resource), "DESCRIBE")

    def test_a_consumer_tags_what_was_shared(self, client: ClientMaker) -> None:
        """With ASSOCIATE on the owner's tag, and everything on the table, its administrator assigns the tag there."""
        two = Two(client, "3")
        everything = ("DESCRIBE", "ALTER", "DROP", "INSERT", "SELECT", "DELETE")
        two.producer.grant(CONSUMER, TABLE, *everything, option=True)
        two.producer.grant(CONSUMER, tag("module", "orders"), "ASSOCIATE", option=True)
        two.accept()
        two.pass_on(at_producer(tag("module", "orders")), "ASSOCIATE", to=ADMIN)
        given = [{"CatalogId": PRODUCER, **each} for each in expression(module="orders")]

        answer = two.consumer.add_lf_tags_to_resource(Resource={"Table": SHARED}, LFTags=given)

        assert answer["Failures"] == []
        on_table = two.producer.formation.get_resource_lf_tags(Resource=TABLE)["LFTagsOnTable"]
        assert on_table == given
