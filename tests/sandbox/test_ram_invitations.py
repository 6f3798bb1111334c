"""RAM's invitations: seeing, accepting and rejecting them, and what an expired one leaves."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, REGION, refused
from tests.sandbox.shares import TABLE, UNKNOWN, accept_at, invitation_to
from tests.sandbox.shares import consumer as consumer  # noqa: PLC0414 - a fixture, as those that follow
from tests.sandbox.shares import producer as producer  # noqa: PLC0414
from tests.sandbox.shares import share as share  # noqa: PLC0414


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
        accept_at(consumer)
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
        accept_at(consumer)
        box.clock.advance(24 * 3600)

        (invitation,) = consumer.get_resource_share_invitations()["resourceShareInvitations"]
        assert invitation["status"] == "ACCEPTED"

    def test_what_ram_lists_has_seven_days(self, consumer: Any, producer: Any, box: Sandbox) -> None:
        """A share of a transit gateway alone can be accepted for a week, with a table in it for twelve hours."""
        gateway = f"arn:aws:ec2:{REGION}:{PRODUCER}:transit-gateway/tgw-1"
        producer.create_resource_share(name="network", resourceArns=[gateway], principals=[CONSUMER])
        producer.create_resource_share(name="both", resourceArns=[gateway, TABLE], principals=[CONSUMER])

        def statuses() -> dict[str, str]:
            found = consumer.get_resource_share_invitations()["resourceShareInvitations"]
            return {each["resourceShareName"]: each["status"] for each in found}

        box.clock.advance(7 * 24 * 3600 - 1)
        assert statuses() == {"network": "PENDING", "both": "EXPIRED"}
        box.clock.advance(1)
        assert statuses()["network"] == "EXPIRED"

    def test_an_expired_one_is_recovered_by_associating_the_account_again(
        self, consumer: Any, producer: Any, share: str, box: Sandbox
    ) -> None:
        """After the expiry the account is disassociated; taken out and put in again it is invited anew."""
        box.clock.advance(12 * 3600)
        (dead,) = producer.get_resource_share_associations(associationType="PRINCIPAL")["resourceShareAssociations"]
        assert dead["status"] == "DISASSOCIATED"

        producer.disassociate_resource_share(resourceShareArn=share, principals=[CONSUMER])
        producer.associate_resource_share(resourceShareArn=share, principals=[CONSUMER])
        accept_at(consumer)

        assert consumer.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"][0]["status"] == "ACTIVE"

    @pytest.mark.refuses("ram.share.visible")
    def test_one_that_is_over_shows_nothing_any_more(
        self, consumer: Any, producer: Any, share: str, box: Sandbox
    ) -> None:
        """What a rejected or an expired invitation would bring is not listed; of no share at all there are none."""
        producer.create_resource_share(name="later", resourceArns=[TABLE], principals=[CONSUMER])
        first, second = [
            each["resourceShareInvitationArn"]
            for each in consumer.get_resource_share_invitations()["resourceShareInvitations"]
        ]
        consumer.reject_resource_share_invitation(resourceShareInvitationArn=first)

        with refused("ResourceShareInvitationAlreadyRejectedException"):
            consumer.list_pending_invitation_resources(resourceShareInvitationArn=first)
        box.clock.advance(12 * 3600)
        with refused("ResourceShareInvitationExpiredException"):
            consumer.list_pending_invitation_resources(resourceShareInvitationArn=second)
        with refused("UnknownResourceException"):
            consumer.get_resource_share_invitations(
                resourceShareArns=[f"arn:aws:ram:{REGION}:{PRODUCER}:resource-share/{UNKNOWN}"]
            )

    def test_nobody_is_invited_to_a_share_of_its_own_account(self, client: ClientMaker, producer: Any) -> None:
        """One's own account, and a role of it, is associated at once, and receives nothing."""
        role = f"arn:aws:iam::{PRODUCER}:role/reader"

        producer.create_resource_share(name="mine", resourceArns=[TABLE], principals=[PRODUCER, role])

        assert producer.get_resource_share_invitations()["resourceShareInvitations"] == []
        found = producer.get_resource_share_associations(associationType="PRINCIPAL")["resourceShareAssociations"]
        assert {(each["associatedEntity"], each["status"], each["external"]) for each in found} == {
            (PRODUCER, "ASSOCIATED", False),
            (role, "ASSOCIATED", False),
        }
        assert producer.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []

    def test_a_role_is_invited_through_its_account(self, consumer: Any, producer: Any) -> None:
        """The account answers for it, once for all of its roles; the last one out takes the invitation with it."""
        roles = [f"arn:aws:iam::{CONSUMER}:role/{name}" for name in ("reader", "writer")]
        made = producer.create_resource_share(name="roles", resourceArns=[TABLE], principals=roles)["resourceShare"]
        (invitation,) = consumer.get_resource_share_invitations()["resourceShareInvitations"]
        assert (invitation["receiverAccountId"], invitation["receiverArn"]) == (CONSUMER, roles[0])

        accept_at(consumer)

        assert [each["id"] for each in producer.list_principals(resourceOwner="SELF")["principals"]] == roles
        share = made["resourceShareArn"]
        producer.disassociate_resource_share(resourceShareArn=share, principals=roles[:1])
        assert len(consumer.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]) == 1
        producer.disassociate_resource_share(resourceShareArn=share, principals=roles[1:])
        assert consumer.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []

    @pytest.mark.refuses("front.parameters.modelled")
    def test_the_size_of_a_page_has_a_refusal_of_its_own(self, client: ClientMaker) -> None:
        """GetResourceShareInvitations declares InvalidMaxResultsException, other listings say InvalidParameter."""
        ram = client("ram", CONSUMER, parameter_validation=False)
        for size in (0, 501):
            with refused("InvalidMaxResultsException"):
                ram.get_resource_share_invitations(maxResults=size)
            with refused("InvalidParameterException"):
                ram.get_resource_shares(resourceOwner="SELF", maxResults=size)
