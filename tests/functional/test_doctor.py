"""What doctor says of who an account lets in, of its invitations and of its limits."""

from __future__ import annotations

import json

import pytest

from lakeshare import app
from lakeshare.sandbox.services.service_quotas import AppliedQuotas
from tests.functional.accounts import BASE, CONSUMER, OPERATOR, PRODUCER, SECRET, Accounts, apply_all
from tests.functional.examined import (
    ELSEWHERE,
    administer,
    connect,
    found,
    full_role,
    inline,
    make_role,
    mend,
    statuses,
    trust,
)


def test_a_dead_administrator_blocks(accounts: Accounts) -> None:
    """An entry whose role was deleted is named, with the command that takes it out; a living one is not."""
    gone, stays = (make_role(accounts, CONSUMER, name) for name in ("gone", "stays"))
    administer(accounts, CONSUMER, gone, stays)
    accounts.client("iam").delete_role(RoleName="gone")

    told = found(connect(accounts), "administrators", "consumer")

    (dead,) = [item for item in told if item.status != "ok"]
    assert (dead.status, dead.id) == ("blocker", "administrators.dead")
    assert gone in dead.finding.saw
    assert stays not in dead.finding.saw
    assert f"--remove-administrator {gone}" in mend(dead)


def test_the_wrong_account_blocks_and_hides_nothing_of_the_others(accounts: Accounts) -> None:
    """Both accounts are named where credentials lead elsewhere; the other account is looked at all the same."""
    settings = accounts.write(
        {"contact-centre": accounts.share("users")},
        consumer={"id": CONSUMER, "region": "ap-southeast-2"},
    )

    examined = app.doctor(settings)

    (wrong,) = [item for item in examined.checks if item.account == "consumer"]
    assert (wrong.id, wrong.status) == ("identity", "blocker")
    assert CONSUMER in wrong.finding.saw
    assert BASE in wrong.finding.saw
    (right,) = [item for item in examined.checks if (item.account, item.id) == ("producer", "identity")]
    assert (right.status, right.finding.saw) == ("ok", f"arn:aws:iam::{PRODUCER}:role/{OPERATOR} in account {PRODUCER}")
    assert len({item.id for item in examined.checks if item.account == "producer"}) > 3


def test_a_missing_external_id_blocks(accounts: Accounts) -> None:
    """Where the role may not be assumed without one, the spec's line that is missing is named; no secret is shown."""
    operator = {"id": CONSUMER, "region": "ap-southeast-2", "role": OPERATOR}
    share = {"contact-centre": accounts.share("users")}

    (missing,) = found(accounts.write(share, consumer=operator), "identity", "consumer")
    (wrong,) = found(
        accounts.write(share, consumer={**operator, "external_id": "not-that-one"}), "identity", "consumer"
    )

    assert (missing.status, wrong.status) == ("blocker", "blocker")
    assert "accounts.consumer.external_id" in mend(missing)
    assert "sha256:" in mend(wrong)
    assert "not-that-one" not in str(wrong)
    assert SECRET not in str((missing, wrong))


def test_a_healthy_world_is_all_ok(accounts: Accounts) -> None:
    """Before and after an apply nothing blocks."""
    settings = connect(accounts)

    before = app.doctor(settings)
    apply_all(settings)
    after = app.doctor(settings)

    assert {item.status for item in (*before.checks, *after.checks)} == {"ok"}


ORGANISATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}
EXTERNAL_ID = {"StringEquals": {"sts:ExternalId": SECRET}}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (trust(ELSEWHERE), "blocker"),
        (trust("*"), "warning"),
        (trust(ELSEWHERE, condition={"StringEqualsIfExists": {"sts:ExternalId": SECRET}}), "blocker"),
        (trust(f"arn:aws:iam::{BASE}:user/administrator"), "warning"),
        (trust(ELSEWHERE, condition=EXTERNAL_ID), None),
        (trust(ELSEWHERE, condition=ORGANISATION), None),
        (trust(f"arn:aws:iam::{CONSUMER}:root"), None),
    ],
    ids=["bare root", "everybody", "id only if given", "no id", "root and id", "root and organisation", "own root"],
)
def test_trust_of_a_readers_role(accounts: Accounts, document: str, expected: str | None) -> None:
    """The whole of another account without a condition blocks; a foreign principal without an ExternalId is told."""
    make_role(accounts, CONSUMER, "analyst", AssumeRolePolicyDocument=document)
    settings = accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})

    told = statuses(settings, "trust", "consumer")

    assert told == ([expected] if expected else [])


def test_a_bare_root_in_the_operators_trust_blocks(accounts: Accounts) -> None:
    """The operator's own role is looked at as readers' are; no ExternalId of its trust is shown."""
    document = json.loads(trust(f"arn:aws:iam::{BASE}:user/administrator", condition=EXTERNAL_ID))
    document["Statement"].append(json.loads(trust(ELSEWHERE))["Statement"][0])
    iam = accounts.client("iam", PRODUCER)
    iam.update_assume_role_policy(RoleName=OPERATOR, PolicyDocument=json.dumps(document))
    settings = connect(accounts)

    (bare,) = [item for item in found(settings, "trust", "producer") if item.status != "ok"]

    assert (bare.id, bare.status) == ("trust.cross-account-root", "blocker")
    assert OPERATOR in bare.finding.saw
    assert "444444444444" in bare.finding.saw
    assert SECRET not in str(bare)
    assert statuses(settings, "trust", "consumer") == []


def associated(accounts: Accounts, *tables: str) -> None:
    """Associate *tables* as somebody else would."""
    accounts.client("connect", PRODUCER).batch_associate_analytics_data_set(
        InstanceId=accounts.instance, DataSetIds=list(tables), TargetAccountId=CONSUMER
    )


def test_an_invitation_that_waits_is_told_with_its_end(accounts: Accounts) -> None:
    """Until when it can be accepted, and by what; one to a share of another spec's is not told."""
    settings = connect(accounts)
    apply_all(settings, targets=("producer/*",))

    (waiting,) = [item for item in found(settings, "invitations", "consumer") if item.status != "ok"]

    assert (waiting.id, waiting.status) == ("invitations.pending", "warning")
    assert "UTC" in waiting.finding.saw
    assert "contact_record, users" in waiting.finding.saw
    assert "accept-resource-share-invitation" in mend(waiting)
    other = accounts.write({"s": accounts.share("agent_event")})
    assert statuses(other, "invitations", "consumer") == []


def test_an_expired_invitation_is_told(accounts: Accounts) -> None:
    """Where an apply makes the share anew it is a warning; where that takes a person's word it blocks."""
    associated(accounts, "users", "agent_event")
    settings = accounts.write({"s": accounts.share("users")})
    accounts.box.clock.advance(12 * 3600 + 1)

    (theirs,) = [item for item in found(settings, "invitations", "consumer") if item.status != "ok"]
    accounts.client("connect", PRODUCER).disassociate_analytics_data_set(
        InstanceId=accounts.instance, DataSetId="agent_event", TargetAccountId=CONSUMER
    )
    (word,) = [item for item in found(settings, "invitations", "consumer") if item.status != "ok"]

    assert (theirs.id, theirs.status) == ("invitations.expired", "blocker")
    assert "agent_event" in theirs.finding.saw
    assert "--recover-share" in mend(word)


def test_an_expired_invitation_to_what_is_ours_is_a_warning(accounts: Accounts) -> None:
    """The next apply makes such a share anew by itself, and nothing blocks it."""
    settings = connect(accounts)
    apply_all(settings, targets=("producer/*",))
    accounts.box.clock.advance(12 * 3600 + 1)

    told = [item for item in app.doctor(settings).checks if item.status != "ok"]

    assert [(item.id, item.status) for item in told] == [("invitations.expired", "warning")]


def test_a_rejected_invitation_blocks(accounts: Accounts) -> None:
    """With the call that takes the data set off the share."""
    associated(accounts, "users")
    ram = accounts.client("ram")
    (invitation,) = ram.get_resource_share_invitations()["resourceShareInvitations"]
    ram.reject_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])

    (told,) = [
        item for item in app.doctor(accounts.write({"s": accounts.share("users")})).checks if item.status != "ok"
    ]

    assert (told.id, told.status) == ("invitations.rejected", "blocker")
    assert "disassociate-analytics-data-set" in mend(told)


@pytest.mark.parametrize(("characters", "expected"), [(10_000, ["warning"]), (8_192, ["warning"]), (8_000, [])])
def test_full_inline_policies_are_told(accounts: Accounts, characters: int, expected: list[str]) -> None:
    """From four fifths of 10,240 characters on, of a role that lakeshare leaves alone."""
    make_role(accounts, CONSUMER, "analyst")
    inline(accounts, "analyst", characters)
    settings = accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})

    told = [item for item in found(settings, "room", "consumer") if item.status != "ok"]

    assert [item.status for item in told] == expected
    assert {item.id for item in told} <= {"room.inline-policies"}
    assert all(f"{characters:,} of 10,240" in item.finding.saw for item in told)


def test_a_policy_that_does_not_fit_any_more_blocks(accounts: Accounts) -> None:
    """Where lakeshare's own policy goes onto a role that others have filled meanwhile."""
    settings = full_role(accounts)

    (told,) = [item for item in app.doctor(settings).checks if item.status == "blocker"]

    assert told.id == "room.inline-policies"
    assert "delete-role-policy" in mend(told)


def test_a_full_trust_policy_is_told(accounts: Accounts) -> None:
    """From four fifths of what IAM itself says that it may have."""
    condition = {"StringEquals": {"sts:ExternalId": ["x" * 900, "y" * 900]}}
    document = trust(f"arn:aws:iam::{BASE}:user/administrator", condition=condition)
    make_role(accounts, CONSUMER, "analyst", AssumeRolePolicyDocument=document)
    settings = accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})

    (told,) = [item for item in found(settings, "quotas", "consumer") if item.status != "ok"]

    assert (told.id, told.status) == ("quotas.trust-policy", "warning")
    assert "of 2,048" in told.finding.saw


def test_what_service_quotas_says_counts(accounts: Accounts) -> None:
    """A quota that AWS tells of the account wins over our own table, with the plan's databases added."""
    settings = connect(accounts)
    raised = accounts.box.world.store(AppliedQuotas)
    raised.apply(CONSUMER, "glue", "Max databases per account", 1)
    at_its_end = [item.id for item in found(settings, "quotas", "consumer") if item.status == "warning"]
    raised.apply(CONSUMER, "glue", "Max databases per account", 0)
    (beyond,) = [item for item in found(settings, "quotas", "consumer") if item.status == "blocker"]

    assert at_its_end == ["quotas.databases"]
    assert beyond.id == "quotas.databases"
    assert "request-service-quota-increase" in mend(beyond)
