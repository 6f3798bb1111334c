"""RAM's client tokens: a request that is sent again is done once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, refused
from tests.sandbox.shares import TABLE, invitation_to


@pytest.fixture
def producer(client: ClientMaker) -> Any:
    """The producer's RAM."""
    return client("ram", PRODUCER)


@pytest.fixture
def consumer(client: ClientMaker) -> Any:
    """The consumer's RAM."""
    return client("ram", CONSUMER)


@pytest.mark.allows("ram.token.well-formed", "ram.token.same-request")
def test_a_request_sent_again_is_done_once(producer: Any, consumer: Any) -> None:
    """Every step of a share's life answers as it did before, and changes nothing more."""

    def twice(ask: Any, **asked: Any) -> dict[str, Any]:
        told = [ask(clientToken="once", **asked) for _ in range(2)]
        first, second = [{key: value for key, value in each.items() if key != "ResponseMetadata"} for each in told]
        assert first == second
        assert first["clientToken"] == "once"
        return first

    share = twice(producer.create_resource_share, name="sales")["resourceShare"]["resourceShareArn"]
    twice(producer.associate_resource_share, resourceShareArn=share, resourceArns=[TABLE], principals=[CONSUMER])
    twice(consumer.accept_resource_share_invitation, resourceShareInvitationArn=invitation_to(consumer))
    twice(producer.update_resource_share, resourceShareArn=share, name="lake")
    twice(producer.disassociate_resource_share, resourceShareArn=share, principals=[CONSUMER])
    other = producer.create_resource_share(name="other", principals=[CONSUMER])["resourceShare"]["resourceShareArn"]
    twice(consumer.reject_resource_share_invitation, resourceShareInvitationArn=invitation_to(consumer))
    permission = "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionGlueTable"
    twice(producer.associate_resource_share_permission, resourceShareArn=other, permissionArn=permission)
    twice(producer.disassociate_resource_share_permission, resourceShareArn=other, permissionArn=permission)
    twice(producer.delete_resource_share, resourceShareArn=share)

    statuses = {
        each["name"]: each["status"] for each in producer.get_resource_shares(resourceOwner="SELF")["resourceShares"]
    }
    assert statuses == {"lake": "DELETED", "other": "ACTIVE"}


@pytest.mark.refuses("ram.token.same-request")
def test_a_token_stands_for_one_request(producer: Any, consumer: Any) -> None:
    """With other parameters it is refused; another account's, another operation's and another Region's is another."""
    made = producer.create_resource_share(name="sales", clientToken="once")["resourceShare"]["resourceShareArn"]

    with refused("IdempotentParameterMismatchException"):
        producer.create_resource_share(name="stock", clientToken="once")

    assert len(producer.get_resource_shares(resourceOwner="SELF")["resourceShares"]) == 1
    consumer.create_resource_share(name="stock", clientToken="once")
    producer.delete_resource_share(resourceShareArn=made, clientToken="once")


def test_what_was_refused_may_be_tried_again(producer: Any) -> None:
    """A token is used up by what went well only."""
    with refused("InvalidParameterException"):
        producer.create_resource_share(name="sales", principals=["nobody"], clientToken="once")

    producer.create_resource_share(name="sales", principals=[CONSUMER], clientToken="once")


@pytest.mark.refuses("ram.token.well-formed")
@pytest.mark.parametrize("token", ["", "t" * 65, "tökén"])
def test_a_token_has_a_form(producer: Any, token: str) -> None:
    """Printable ASCII, 64 characters at most."""
    with refused("InvalidClientTokenException"):
        producer.create_resource_share(name="sales", clientToken=token)
