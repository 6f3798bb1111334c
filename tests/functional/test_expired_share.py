"""Invitations that nobody accepted within twelve hours."""

from __future__ import annotations

import pytest

from lakeshare import app
from lakeshare.errors import BlockedError
from tests.functional.accounts import CONSUMER, PRODUCER, Accounts, apply_all

HALF_A_DAY = 12 * 3600 + 1


def associate(accounts: Accounts, *tables: str) -> str:
    """Associate *tables* as somebody else would; returns the ARN of their share."""
    created = accounts.client("connect", PRODUCER).batch_associate_analytics_data_set(
        InstanceId=accounts.instance, DataSetIds=list(tables), TargetAccountId=CONSUMER
    )["Created"]
    arn: str = created[0]["ResourceShareArn"]
    return arn


def lose_the_invitation(accounts: Accounts, settings: app.Settings) -> None:
    """Apply only as far as the associations, and let the invitation expire."""
    apply_all(settings, targets=("producer/*",))
    accounts.box.clock.advance(HALF_A_DAY)


def test_an_expired_share_of_ours_is_made_anew(accounts: Accounts) -> None:
    """When every data set on it is ours, all come off the share and are associated again, by themselves."""
    settings = accounts.write({"s": accounts.share("contact_record", "users")})
    lose_the_invitation(accounts, settings)

    planned = app.plan(settings).plan
    apply_all(settings)

    replaced = [step.address for step in planned.steps if step.action == "replace"]
    assert len(replaced) == 2
    assert all("association" in address for address in replaced)
    assert not app.plan(settings).plan.has_changes
    assert not app.plan(settings).plan.blockers


def test_an_expired_share_with_others_on_it_waits_for_a_word(accounts: Accounts) -> None:
    """With a data set on it that is not ours the plan stops, lists it, and names --recover-share; the word mends it."""
    arn = associate(accounts, "users")
    settings = accounts.write({"s": accounts.share("contact_record", "users")})
    lose_the_invitation(accounts, settings)

    with pytest.raises(BlockedError) as caught:
        app.apply(settings)
    apply_all(settings, recover_shares=frozenset({arn}))

    assert len(caught.value.blockers) == 1
    assert f"--recover-share {arn}" in caught.value.blockers[0]
    assert "users" in caught.value.blockers[0]
    assert not app.plan(settings).plan.has_changes


def test_a_dead_share_with_strange_data_sets_tells_the_way_that_works(accounts: Accounts) -> None:
    """While something that the spec does not have is on it, that comes first; the word that helps comes after."""
    arn = associate(accounts, "users", "agent_event")
    settings = accounts.write({"s": accounts.share("users")})
    accounts.box.clock.advance(HALF_A_DAY)

    (first,) = app.plan(settings).plan.blockers
    accounts.client("connect", PRODUCER).disassociate_analytics_data_set(
        InstanceId=accounts.instance, DataSetId="agent_event", TargetAccountId=CONSUMER
    )
    (second,) = app.plan(settings).plan.blockers
    apply_all(settings, recover_shares=frozenset({arn}))

    assert "agent_event" in first.reason
    assert "--recover-share" not in first.way_out
    assert f"--recover-share {arn}" in second.way_out
    assert not app.plan(settings).plan.has_changes


def test_a_rejected_share_names_the_call_that_takes_it_away(accounts: Accounts) -> None:
    """For associations that others made it is the AWS CLI's, ready to be run in the producer's account."""
    associate(accounts, "users")
    ram = accounts.client("ram")
    (invitation,) = ram.get_resource_share_invitations()["resourceShareInvitations"]
    ram.reject_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])

    (blocker,) = app.plan(accounts.write({"s": accounts.share("users")})).plan.blockers

    assert (
        f"`aws connect disassociate-analytics-data-set --instance-id {accounts.instance} --data-set-id users"
        f" --target-account-id {CONSUMER}`" in blocker.way_out
    )


def test_what_came_off_a_dead_share_already_comes_back_last(accounts: Accounts) -> None:
    """After a recovery that was cut short, what is missing waits for the rest: it would join the dead share."""
    settings = accounts.write({"s": accounts.share("contact_record", "users", "agent_event")})
    lose_the_invitation(accounts, settings)
    accounts.client("connect", PRODUCER).disassociate_analytics_data_set(
        InstanceId=accounts.instance, DataSetId="users", TargetAccountId=CONSUMER
    )

    planned = {step.address: step for step in app.plan(settings).plan.steps if "/association:" in step.address}
    apply_all(settings)

    missing = [step for step in planned.values() if step.action == "create"]
    replaced = {address for address, step in planned.items() if step.action == "replace"}
    assert [step.resource.data_set for step in missing] == ["users"]
    assert len(replaced) == 2
    assert set(missing[0].depends_on) == replaced
    assert not app.plan(settings).plan.has_changes


def test_a_share_that_others_accepted_is_left_alone(accounts: Accounts) -> None:
    """An association and an acceptance that were there before are no-ops, and stay after destroy."""
    associate(accounts, "users")
    ram = accounts.client("ram")
    invitation = ram.get_resource_share_invitations()["resourceShareInvitations"][0]
    ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
    settings = accounts.write({"s": accounts.share("users")})

    planned = app.plan(settings).plan
    apply_all(settings)
    app.destroy(settings, confirm=lambda _plan: True)

    theirs = {item.address for item in planned.no_ops if item.reason == "exists, not ours"}
    assert len([address for address in theirs if "association" in address or "invitation" in address]) == 2
    assert accounts.everything()[PRODUCER]["associations"] == [("users", CONSUMER)]


def test_slow_shares_and_new_roles_are_waited_for(accounts: Accounts) -> None:
    """While RAM and IAM take their time the apply waits for the condition instead of failing."""
    accounts.control("delays", {"ram_s": 2, "iam_s": 2})
    settings = accounts.write({"s": accounts.share("users")})

    apply_all(settings)

    assert not app.plan(settings).plan.has_changes
