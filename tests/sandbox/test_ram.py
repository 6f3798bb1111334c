"""RAM's shares and what is in them, seen from both sides."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.services.ram.shares import MOST_SHARES, Shares
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, OWNER, PRODUCER, REGION, Story, refused
from tests.sandbox.shares import TABLE, Lending, accept_at, table
from tests.sandbox.shares import consumer as consumer  # noqa: PLC0414 - a fixture, as those that follow
from tests.sandbox.shares import producer as producer  # noqa: PLC0414
from tests.sandbox.shares import share as share  # noqa: PLC0414


class TestShares:
    def test_a_share_can_be_renamed(self, producer: Any, consumer: Any, share: str) -> None:
        """UpdateResourceShare changes name and reach, and the time of the last change; only the owner may."""
        before = producer.get_resource_shares(resourceOwner="SELF")["resourceShares"][0]

        told = producer.update_resource_share(resourceShareArn=share, name="lake", allowExternalPrincipals=False)
        with refused("OperationNotPermittedException"):
            consumer.update_resource_share(resourceShareArn=share, name="mine")

        (after,) = producer.get_resource_shares(resourceOwner="SELF")["resourceShares"]
        assert (after["name"], after["allowExternalPrincipals"]) == ("lake", False)
        assert after["lastUpdatedTime"] > before["lastUpdatedTime"]
        assert told["resourceShare"] == {member: after[member] for member in after if member != "featureSet"}

    @pytest.mark.refuses("ram.resource.shareable")
    @pytest.mark.allows("ram.resource.shareable")
    def test_roles_are_not_shared(self, producer: Any) -> None:
        """A resource of a type that RAM does not share makes no share."""
        with refused("MalformedArnException", "cannot share the selected resource type"):
            producer.create_resource_share(name="role", resourceArns=[f"arn:aws:iam::{PRODUCER}:role/reader"])
        assert producer.get_resource_shares(resourceOwner="SELF")["resourceShares"] == []

        producer.create_resource_share(name="table", resourceArns=[TABLE])

    @pytest.mark.refuses("ram.principal.well-formed")
    @pytest.mark.allows("ram.principal.well-formed")
    @pytest.mark.parametrize(
        ("principal", "code", "said"),
        [
            ("somebody", "InvalidParameterException", "Principal ID somebody is malformed"),
            ("12345678901", "InvalidParameterException", "Principal ID 12345678901 is malformed"),
        ],
    )
    def test_what_is_no_principal_is_not_shared_with(
        self, producer: Any, share: str, principal: str, code: str, said: str
    ) -> None:
        """A principal that is none, and organisations, of which the sandbox has none, are refused."""
        with refused(code, said):
            producer.associate_resource_share(resourceShareArn=share, principals=[principal])

    @pytest.mark.refuses("ram.share.visible")
    @pytest.mark.allows("ram.share.visible")
    def test_a_share_shows_to_its_receiver_once_accepted(self, consumer: Any, share: str) -> None:
        """Before that, asking for it by ARN says that it does not exist."""
        with refused("UnknownResourceException"):
            consumer.get_resource_shares(resourceOwner="OTHER-ACCOUNTS", resourceShareArns=[share])

        accept_at(consumer)

        (found,) = consumer.get_resource_shares(resourceOwner="OTHER-ACCOUNTS", resourceShareArns=[share])[
            "resourceShares"
        ]
        assert (found["status"], found["owningAccountId"], found["featureSet"]) == ("ACTIVE", PRODUCER, "STANDARD")

    def test_its_owner_sees_it_from_the_start(self, producer: Any, consumer: Any, share: str) -> None:
        """SELF lists one's own shares, accepted or not, and nobody else's."""
        (own,) = producer.get_resource_shares(resourceOwner="SELF")["resourceShares"]

        assert (own["resourceShareArn"], own["status"]) == (share, "ACTIVE")
        assert consumer.get_resource_shares(resourceOwner="SELF")["resourceShares"] == []

    def test_resources_and_principals_list_on_both_sides(self, producer: Any, consumer: Any, share: str) -> None:
        """The owner lists what it shares with whom, the receiver what it has from whom, once accepted."""
        assert consumer.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"] == []
        accept_at(consumer)

        assert [each["arn"] for each in producer.list_resources(resourceOwner="SELF")["resources"]] == [TABLE]
        received = consumer.list_resources(resourceOwner="OTHER-ACCOUNTS", resourceType="glue:Table")["resources"]
        assert [each["arn"] for each in received] == [TABLE]
        assert consumer.list_resources(resourceOwner="OTHER-ACCOUNTS", resourceType="glue:Database")["resources"] == []
        assert [each["id"] for each in producer.list_principals(resourceOwner="SELF")["principals"]] == [CONSUMER]
        senders = consumer.list_principals(resourceOwner="OTHER-ACCOUNTS")["principals"]
        assert [each["id"] for each in senders] == [PRODUCER]

    def test_associations_come_by_kind_and_status(self, producer: Any, consumer: Any, share: str) -> None:
        """A resource is associated at once, an account once it has accepted."""

        def statuses(kind: str) -> list[str]:
            answer = producer.get_resource_share_associations(associationType=kind, resourceShareArns=[share])
            return [each["status"] for each in answer["resourceShareAssociations"]]

        assert (statuses("RESOURCE"), statuses("PRINCIPAL")) == (["ASSOCIATED"], ["ASSOCIATING"])
        accept_at(consumer)
        assert statuses("PRINCIPAL") == ["ASSOCIATED"]

    def test_a_share_takes_further_resources_and_gives_them_back(
        self, producer: Any, consumer: Any, share: str
    ) -> None:
        """What is associated later arrives without another invitation; what is disassociated is gone."""
        accept_at(consumer)
        more = TABLE.replace("orders", "returns")

        producer.associate_resource_share(resourceShareArn=share, resourceArns=[more])
        producer.disassociate_resource_share(resourceShareArn=share, resourceArns=[TABLE])

        received = consumer.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]
        assert [each["arn"] for each in received] == [more]
        assert len(consumer.get_resource_share_invitations()["resourceShareInvitations"]) == 1

    @pytest.mark.allows("ram.share.owner-changes")
    def test_a_deleted_share_is_gone_for_its_receiver(self, producer: Any, consumer: Any, share: str) -> None:
        """Its owner sees it as DELETED."""
        accept_at(consumer)

        producer.delete_resource_share(resourceShareArn=share)

        assert consumer.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []
        assert [each["status"] for each in producer.get_resource_shares(resourceOwner="SELF")["resourceShares"]] == [
            "DELETED"
        ]
        with refused("UnknownResourceException"):
            producer.delete_resource_share(resourceShareArn=share)

    @pytest.mark.refuses("ram.share.owner-changes")
    def test_only_its_owner_changes_a_share(self, consumer: Any, share: str) -> None:
        """A receiver can neither extend nor delete it."""
        accept_at(consumer)

        with refused("OperationNotPermittedException"):
            consumer.delete_resource_share(resourceShareArn=share)

    def test_connects_share_is_owned_by_nobody_one_can_sign_in_as(
        self, box: Sandbox, client: ClientMaker, consumer: Any
    ) -> None:
        """The share of Connect's lake comes from the Region's AWS-owned account, which the ARN names."""
        story = Story(box, client)
        story.seed()
        story.associate()

        (invitation,) = story.invitations()

        assert invitation["senderAccountId"] == OWNER == invitation["resourceShareArn"].split(":")[4]
        assert invitation["resourceShareName"].startswith("LakeFormation-")


class TestListing:
    @pytest.mark.refuses("ram.association.of-kind", "ram.arn.well-formed")
    @pytest.mark.allows("ram.association.of-kind")
    def test_associations_are_looked_for_among_their_kind(self, producer: Any, share: str) -> None:
        """By resource or by principal, each with its own kind; there are no sources."""
        ask = producer.get_resource_share_associations
        with refused("InvalidParameterException"):
            ask(associationType="PRINCIPAL", resourceArn=TABLE)
        with refused("InvalidParameterException"):
            ask(associationType="RESOURCE", principal=CONSUMER)
        with refused("MalformedArnException"):
            ask(associationType="RESOURCE", resourceArn="nonsense")
        with refused("MalformedArnException", "The specified resource share ARN is not valid"):
            ask(associationType="RESOURCE", resourceShareArns=[TABLE])

        (found,) = ask(associationType="RESOURCE", resourceArn=TABLE)["resourceShareAssociations"]

        assert (found["associatedEntity"], found["resourceShareArn"]) == (TABLE, share)
        assert len(ask(associationType="PRINCIPAL", principal=CONSUMER)["resourceShareAssociations"]) == 1
        assert ask(associationType="PRINCIPAL", principal="333333333333")["resourceShareAssociations"] == []
        assert ask(associationType="SOURCE")["resourceShareAssociations"] == []
        assert producer.list_source_associations()["sourceAssociations"] == []

    @pytest.mark.refuses("ram.resource.type-known")
    @pytest.mark.allows("ram.resource.type-known")
    def test_resources_are_looked_for_by_type_owner_and_region(self, producer: Any, consumer: Any, share: str) -> None:
        """A type knows no case, and one that there is not is refused; what is shared belongs to a Region."""
        accept_at(consumer)

        def listed(**asked: Any) -> list[str]:
            found = consumer.list_resources(resourceOwner="OTHER-ACCOUNTS", **asked)["resources"]
            return [each["arn"] for each in found]

        assert (
            listed(resourceType="GLUE:TABLE") == listed(principal=PRODUCER) == listed(resourceArns=[TABLE]) == [TABLE]
        )
        assert listed(principal="333333333333") == listed(resourceRegionScope="GLOBAL") == []
        for type_ in ("glue:View", "nonsense"):
            with refused("InvalidResourceTypeException"):
                listed(resourceType=type_)
        with refused("MalformedArnException"):
            listed(resourceArns=["nonsense"])
        of_tables = producer.list_principals(resourceOwner="SELF", resourceType="glue:table")["principals"]
        assert [each["id"] for each in of_tables] == [CONSUMER]
        assert producer.list_principals(resourceOwner="SELF", resourceType="glue:database")["principals"] == []


class TestLimits:
    @pytest.mark.refuses("ram.association.hundred-per-call")
    @pytest.mark.allows("ram.association.hundred-per-call")
    def test_a_call_takes_a_hundred_resources(self, producer: Any, share: str) -> None:
        """One more is refused, and no share is made and nothing added."""
        arns = [f"{TABLE}{number}" for number in range(101)]
        with refused("ResourceShareLimitExceededException", "up to 100 resources per call"):
            producer.create_resource_share(name="many", resourceArns=arns)
        with refused("ResourceShareLimitExceededException"):
            producer.associate_resource_share(resourceShareArn=share, resourceArns=arns)
        assert len(producer.get_resource_shares(resourceOwner="SELF")["resourceShares"]) == 1

        producer.associate_resource_share(resourceShareArn=share, resourceArns=arns[:100])

        assert len(producer.list_resources(resourceOwner="SELF")["resources"]) == 101

    @pytest.mark.refuses("ram.share.quota")
    def test_an_account_has_so_many_shares(self, box: Sandbox, client: ClientMaker, producer: Any) -> None:
        """At the quota neither RAM nor a grant makes another; a share that is deleted makes room."""
        lending = Lending(box, client)
        lending.open(1)
        lending.grant(table("orders"))
        shares = box.world.store(Shares)
        for number in range(MOST_SHARES - 1):
            shares.create(PRODUCER, REGION, name=f"s{number}")

        with refused("ResourceShareLimitExceededException"):
            producer.create_resource_share(name="more")
        with refused("ResourceShareLimitExceededException"):
            lending.grant(table("returns"))
        lending.revoke(table("orders"))
        lending.grant(table("returns"))

    @pytest.mark.allows("ram.share.quota")
    def test_there_is_room_for_another(self, producer: Any, share: str) -> None:
        """Below the quota there is room."""
        producer.create_resource_share(name="more")

    @pytest.mark.refuses("ram.resource.own")
    @pytest.mark.allows("ram.resource.own")
    def test_what_belongs_to_others_is_not_shared(self, producer: Any, consumer: Any, share: str) -> None:
        """A receiver cannot share on with RAM what it was given, nor anybody what is in another Region."""
        with refused("OperationNotPermittedException"):
            consumer.create_resource_share(name="on", resourceArns=[TABLE])
        with refused("InvalidParameterException", "another Region"):
            consumer.create_resource_share(
                name="far", resourceArns=[f"arn:aws:glue:eu-west-2:{CONSUMER}:table/sales/orders"]
            )
        assert consumer.get_resource_shares(resourceOwner="SELF")["resourceShares"] == []


class TestTags:
    @pytest.mark.refuses("ram.tag.limit")
    @pytest.mark.allows("ram.tag.limit")
    def test_shares_are_tagged_and_found_by_tag(self, producer: Any, share: str) -> None:
        """Tags are put, replaced and taken off; a filter names a key, and values if it likes; fifty is the most."""
        producer.tag_resource(
            resourceShareArn=share, tags=[{"key": "team", "value": "a"}, {"key": "cost", "value": "1"}]
        )
        producer.tag_resource(resourceShareArn=share, tags=[{"key": "team", "value": "b"}])
        producer.untag_resource(resourceShareArn=share, tagKeys=["cost", "absent"])

        def found(**filtered: Any) -> list[Any]:
            return [
                each["tags"]
                for each in producer.get_resource_shares(resourceOwner="SELF", tagFilters=[filtered])["resourceShares"]
            ]

        assert found(tagKey="team") == found(tagKey="team", tagValues=["b"]) == [[{"key": "team", "value": "b"}]]
        assert found(tagKey="team", tagValues=["a"]) == found(tagKey="cost") == []
        many = [{"key": f"k{number}", "value": ""} for number in range(51)]
        with refused("TagLimitExceededException"):
            producer.create_resource_share(name="tagged", tags=many)
        with refused("TagLimitExceededException"):
            producer.tag_resource(resourceShareArn=share, tags=many)

    @pytest.mark.refuses("ram.tag.key")
    @pytest.mark.allows("ram.tag.key")
    def test_a_tag_has_a_key(self, producer: Any, share: str) -> None:
        """A tag without one is refused on a share that is made, which then is not, and on one that is there."""
        with refused("InvalidParameterException", "key"):
            producer.create_resource_share(name="other", tags=[{"value": "a"}])
        with refused("InvalidParameterException", "key"):
            producer.tag_resource(resourceShareArn=share, tags=[{"key": "team"}, {"value": "a"}])
        producer.tag_resource(resourceShareArn=share, tags=[{"key": "team"}])

        (found,) = producer.get_resource_shares(resourceOwner="SELF")["resourceShares"]
        assert found["tags"] == [{"key": "team", "value": ""}]

    @pytest.mark.refuses("ram.tag.one-thing")
    @pytest.mark.allows("ram.tag.one-thing")
    def test_one_thing_is_tagged_at_a_time(self, producer: Any, share: str) -> None:
        """A share or a permission is named; a permission that is not there is told so; an ARN must be one."""
        tags, permission = [{"key": "team", "value": "a"}], f"arn:aws:ram:{REGION}:{PRODUCER}:permission/mine"

        with refused("InvalidParameterException", "not both"):
            producer.tag_resource(tags=tags)
        with refused("InvalidParameterException", "not both"):
            producer.tag_resource(resourceShareArn=share, resourceArn=permission, tags=tags)
        with refused("UnknownResourceException", permission):
            producer.untag_resource(resourceArn=permission, tagKeys=["team"])
        with refused("MalformedArnException"):
            producer.tag_resource(resourceArn="mine", tags=tags)
        producer.tag_resource(resourceShareArn=share, tags=tags)


class TestUpdating:
    def test_a_share_takes_another_name(self, producer: Any, consumer: Any, share: str) -> None:
        """The owner renames it, and closes it to outsiders, of whom those that are in stay; a receiver may not."""
        accept_at(consumer)

        updated = producer.update_resource_share(resourceShareArn=share, name="retail", allowExternalPrincipals=False)

        assert (updated["resourceShare"]["name"], updated["resourceShare"]["allowExternalPrincipals"]) == (
            "retail",
            False,
        )
        (received,) = consumer.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
        assert received["name"] == "retail"
        with refused("OperationNotPermittedException", "not in your AWS organization"):
            producer.associate_resource_share(resourceShareArn=share, principals=["333333333333"])
        with refused("OperationNotPermittedException"):
            consumer.update_resource_share(resourceShareArn=share, name="mine")

    @pytest.mark.allows("ram.share.owner-changes")
    def test_a_receiver_may_leave(self, producer: Any, consumer: Any, share: str) -> None:
        """It takes itself out, and nobody else; associated again it is invited again."""
        accept_at(consumer)

        gone = consumer.disassociate_resource_share(resourceShareArn=share, principals=[CONSUMER])

        assert [each["status"] for each in gone["resourceShareAssociations"]] == ["DISASSOCIATING"]
        assert consumer.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []
        assert producer.list_principals(resourceOwner="SELF")["principals"] == []
        producer.associate_resource_share(resourceShareArn=share, principals=[CONSUMER])
        accept_at(consumer)

    @pytest.mark.refuses("ram.share.owner-changes")
    def test_it_takes_nobody_else_out(self, consumer: Any, share: str) -> None:
        """Neither another account nor a resource, and not before it has accepted."""
        with refused("OperationNotPermittedException"):
            consumer.disassociate_resource_share(resourceShareArn=share, principals=[CONSUMER])
        accept_at(consumer)
        with refused("OperationNotPermittedException"):
            consumer.disassociate_resource_share(resourceShareArn=share, principals=["333333333333"])
        with refused("OperationNotPermittedException"):
            consumer.disassociate_resource_share(resourceShareArn=share, resourceArns=[TABLE])
