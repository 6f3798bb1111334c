"""RAM: shares, invitations and what they bring, seen from both sides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, OWNER, PRODUCER, REGION, Story, refused

TABLE = f"arn:aws:glue:{REGION}:{PRODUCER}:table/sales/orders"
UNKNOWN = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def producer(client: ClientMaker) -> Any:
    """The producer's RAM."""
    return client("ram", PRODUCER)


@pytest.fixture
def consumer(client: ClientMaker) -> Any:
    """The consumer's RAM."""
    return client("ram", CONSUMER)


@pytest.fixture
def share(producer: Any) -> str:
    """A share of a table with the consumer; its ARN."""
    made = producer.create_resource_share(name="sales", resourceArns=[TABLE], principals=[CONSUMER])
    arn: str = made["resourceShare"]["resourceShareArn"]
    return arn


def invitation_to(consumer: Any) -> str:
    """Return the ARN of the only invitation."""
    (invitation,) = consumer.get_resource_share_invitations()["resourceShareInvitations"]
    arn: str = invitation["resourceShareInvitationArn"]
    return arn


def accept(consumer: Any) -> None:
    """Accept the only invitation."""
    consumer.accept_resource_share_invitation(resourceShareInvitationArn=invitation_to(consumer))


class TestInvitations:
    def test_the_receiver_sees_who_shares_what(self, consumer: Any, share: str) -> None:
        """An invitation names sender, receiver and share, and is pending."""
        (invitation,) = consumer.get_resource_share_invitations()["resourceShareInvitations"]

        assert (invitation["senderAccountId"], invitation["receiverAccountId"]) == (PRODUCER, CONSUMER)
        assert (invitation["resourceShareArn"], invitation["resourceShareName"]) == (share, "sales")
        assert invitation["status"] == "PENDING"

    def test_what_it_would_bring_shows_before_it_is_accepted(self, consumer: Any, share: str) -> None:
        """ListPendingInvitationResources lists the tables behind an invitation."""
        (resource,) = consumer.list_pending_invitation_resources(resourceShareInvitationArn=invitation_to(consumer))[
            "resources"
        ]

        assert (resource["arn"], resource["type"], resource["resourceShareArn"]) == (TABLE, "glue:Table", share)

    @pytest.mark.refuses("ram.arn.well-formed")
    @pytest.mark.allows("ram.arn.well-formed")
    def test_filters_by_share_and_by_invitation(self, consumer: Any, producer: Any, share: str) -> None:
        """Both filters choose; an invitation that is none is not found."""
        other = producer.create_resource_share(name="other", principals=[CONSUMER])["resourceShare"]

        chosen = consumer.get_resource_share_invitations(resourceShareArns=[other["resourceShareArn"]])

        assert [each["resourceShareName"] for each in chosen["resourceShareInvitations"]] == ["other"]
        unknown = f"arn:aws:ram:{REGION}:{PRODUCER}:resource-share-invitation/{UNKNOWN}"
        with refused("ResourceShareInvitationArnNotFoundException"):
            consumer.get_resource_share_invitations(resourceShareInvitationArns=[unknown])
        with refused("MalformedArnException"):
            consumer.get_resource_share_invitations(resourceShareArns=["nonsense"])

    @pytest.mark.refuses("ram.list.token")
    @pytest.mark.allows("ram.list.token")
    def test_pages_hold_what_was_asked_for(self, consumer: Any, producer: Any) -> None:
        """Invitations page by maxResults."""
        for number in range(3):
            producer.create_resource_share(name=f"s{number}", principals=[CONSUMER])

        pages = consumer.get_paginator("get_resource_share_invitations").paginate(PaginationConfig={"PageSize": 2})

        assert [len(page["resourceShareInvitations"]) for page in pages] == [2, 1]
        with refused("InvalidNextTokenException"):
            consumer.get_resource_share_invitations(nextToken="nonsense")

    @pytest.mark.refuses("ram.invitation.answered-once")
    @pytest.mark.allows("ram.invitation.answered-once", "ram.invitation.known")
    def test_it_is_answered_once(self, consumer: Any, share: str) -> None:
        """Accepting again says that it has been accepted; rejecting then says so too."""
        accept(consumer)
        arn = invitation_to(consumer)

        with refused("ResourceShareInvitationAlreadyAcceptedException"):
            consumer.accept_resource_share_invitation(resourceShareInvitationArn=arn)
        with refused("ResourceShareInvitationAlreadyAcceptedException"):
            consumer.reject_resource_share_invitation(resourceShareInvitationArn=arn)

    def test_a_rejected_one_brings_nothing(self, consumer: Any, producer: Any, share: str) -> None:
        """After a rejection there is no share, and the account is no longer associated."""
        arn = invitation_to(consumer)
        consumer.reject_resource_share_invitation(resourceShareInvitationArn=arn)

        assert consumer.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []
        with refused("ResourceShareInvitationAlreadyRejectedException"):
            consumer.accept_resource_share_invitation(resourceShareInvitationArn=arn)
        (principal,) = producer.get_resource_share_associations(associationType="PRINCIPAL")[
            "resourceShareAssociations"
        ]
        assert principal["status"] == "DISASSOCIATED"

    @pytest.mark.refuses("ram.invitation.known")
    def test_nobody_else_answers_it_and_nowhere_else(self, client: ClientMaker, consumer: Any, share: str) -> None:
        """An invitation is found by its receiver, in the Region of the share."""
        arn = invitation_to(consumer)

        for stranger in (client("ram", "333333333333"), client("ram", CONSUMER, "eu-west-2")):
            with refused("ResourceShareInvitationArnNotFoundException"):
                stranger.accept_resource_share_invitation(resourceShareInvitationArn=arn)
        assert client("ram", CONSUMER, "eu-west-2").get_resource_share_invitations()["resourceShareInvitations"] == []

    def test_it_can_be_accepted_until_twelve_hours_have_passed(self, consumer: Any, share: str, box: Sandbox) -> None:
        """A minute before the twelve hours it is still pending; accepted, it does not expire."""
        box.clock.advance(12 * 3600 - 60)
        accept(consumer)
        box.clock.advance(24 * 3600)

        (invitation,) = consumer.get_resource_share_invitations()["resourceShareInvitations"]
        assert invitation["status"] == "ACCEPTED"

    def test_an_expired_one_is_recovered_by_associating_the_account_again(
        self, consumer: Any, producer: Any, share: str, box: Sandbox
    ) -> None:
        """After the expiry the account is disassociated; taken out and put in again it is invited anew."""
        box.clock.advance(12 * 3600)
        (dead,) = producer.get_resource_share_associations(associationType="PRINCIPAL")["resourceShareAssociations"]
        assert dead["status"] == "DISASSOCIATED"

        producer.disassociate_resource_share(resourceShareArn=share, principals=[CONSUMER])
        producer.associate_resource_share(resourceShareArn=share, principals=[CONSUMER])
        accept(consumer)

        assert consumer.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"][0]["status"] == "ACTIVE"


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

        accept(consumer)

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
        accept(consumer)

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
        accept(consumer)
        assert statuses("PRINCIPAL") == ["ASSOCIATED"]

    def test_a_share_takes_further_resources_and_gives_them_back(
        self, producer: Any, consumer: Any, share: str
    ) -> None:
        """What is associated later arrives without another invitation; what is disassociated is gone."""
        accept(consumer)
        more = TABLE.replace("orders", "returns")

        producer.associate_resource_share(resourceShareArn=share, resourceArns=[more])
        producer.disassociate_resource_share(resourceShareArn=share, resourceArns=[TABLE])

        received = consumer.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]
        assert [each["arn"] for each in received] == [more]
        assert len(consumer.get_resource_share_invitations()["resourceShareInvitations"]) == 1

    @pytest.mark.allows("ram.share.owner-changes")
    def test_a_deleted_share_is_gone_for_its_receiver(self, producer: Any, consumer: Any, share: str) -> None:
        """Its owner sees it as DELETED."""
        accept(consumer)

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
        accept(consumer)

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


class TestPermissions:
    def test_a_share_has_one_permission_for_each_sort_of_thing(self, producer: Any, consumer: Any, share: str) -> None:
        """Tables, databases and all tables of a database go by permissions of their own; the receiver sees them too."""
        database = TABLE.replace("table/sales/orders", "database/sales")
        producer.associate_resource_share(resourceShareArn=share, resourceArns=[f"{TABLE}2", database])
        producer.associate_resource_share(resourceShareArn=share, resourceArns=[TABLE.replace("orders", "*")])

        found = producer.list_resource_share_permissions(resourceShareArn=share)["permissions"]

        assert [(each["name"], each["resourceType"]) for each in found] == [
            ("AWSRAMLFEnabledGlueTableReadWrite", "glue:Table"),
            ("AWSRAMLFEnabledGlueDatabaseReadWrite", "glue:Database"),
            ("AWSRAMLFEnabledGlueAllTablesReadWriteForDatabase", "glue:Database"),
        ]
        assert found[0]["arn"] == "arn:aws:ram::aws:permission/AWSRAMLFEnabledGlueTableReadWrite"
        with refused("UnknownResourceException"):
            consumer.list_resource_share_permissions(resourceShareArn=share)
        accept(consumer)
        assert consumer.list_resource_share_permissions(resourceShareArn=share)["permissions"] == found

    def test_the_permissions_there_are(self, producer: Any) -> None:
        """They list by resource type, whose name knows no case; an account has none of its own."""
        named = producer.list_permissions(resourceType="GLUE:table")["permissions"]

        assert [each["name"] for each in named] == ["AWSRAMLFEnabledGlueTableReadWrite"]
        assert len(producer.list_permissions()["permissions"]) == 3
        assert producer.list_permissions(permissionType="CUSTOMER_MANAGED")["permissions"] == []

    @pytest.mark.refuses("ram.policy.resource-shared")
    @pytest.mark.allows("ram.policy.resource-shared")
    def test_policies_are_read_by_resource(self, producer: Any, consumer: Any, share: str) -> None:
        """The owner reads what RAM has written once the share is accepted; of what it does not share there is none."""
        assert producer.get_resource_policies(resourceArns=[TABLE])["policies"] == []
        accept(consumer)

        (policy,) = producer.get_resource_policies(resourceArns=[TABLE])["policies"]

        (statement,) = json.loads(policy)["Statement"]
        assert (statement["Effect"], statement["Resource"]) == ("Allow", TABLE)
        assert statement["Principal"] == {"AWS": [f"arn:aws:iam::{CONSUMER}:root"]}
        with refused("ResourceArnNotFoundException"):
            producer.get_resource_policies(resourceArns=[f"{TABLE}2"])
        with refused("ResourceArnNotFoundException"):
            consumer.get_resource_policies(resourceArns=[TABLE])


class TestUpdating:
    def test_a_share_takes_another_name(self, producer: Any, consumer: Any, share: str) -> None:
        """The owner renames it, and closes it to outsiders, of whom those that are in stay; a receiver may not."""
        accept(consumer)

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
