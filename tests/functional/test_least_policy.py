"""The operator's own rights: what `policy` prints is enough, and no less is."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from lakeshare import app
from lakeshare.errors import LakeshareError
from tests.functional.accounts import CONSUMER, Accounts, apply_all, destroy_all
from tests.functional.examined import make_role
from tests.functional.own_tables import make_own_tables, open_to_iam, share
from tests.functional.rights import NUMBERS, Asked, actions, allow, allow_least, without


def of_connect(accounts: Accounts) -> app.Settings:
    """Write a spec that shares Connect's lake."""
    return accounts.write({"contact-centre": accounts.share("contact_record", "users", prove_denial=True)})


def of_own_tables(accounts: Accounts) -> app.Settings:
    """Write a spec that shares tables which the producer already has, one of them open to IAM alone."""
    make_own_tables(accounts)
    open_to_iam(accounts, "contacts")
    return accounts.write({"own": share(accounts)})


SPECS = {"connect": of_connect, "catalog": of_own_tables}


@pytest.mark.parametrize("source", SPECS)
def test_the_printed_policies_are_enough_for_the_whole_story(accounts: Accounts, source: str) -> None:
    """An operator with exactly what is printed plans, applies, plans again, verifies and destroys."""
    settings = SPECS[source](accounts)

    allow_least(accounts, settings, "apply")
    apply_all(settings)
    assert not app.plan(settings).plan.has_changes
    allow_least(accounts, settings, "verify")
    assert not app.verify(settings).failed
    allow_least(accounts, settings, "destroy")
    destroy_all(settings)


@pytest.mark.parametrize("source", SPECS)
@pytest.mark.parametrize("alias", NUMBERS)
def test_an_apply_with_one_action_less_is_refused_before_the_first_write(
    accounts: Accounts, source: str, alias: str
) -> None:
    """Whichever action is missing is named, and nothing is written."""
    settings = SPECS[source](accounts)
    allow_least(accounts, settings, "apply")
    document = app.policy(settings, alias, "apply")
    before = accounts.everything()

    for action in actions(document):
        allow(accounts, NUMBERS[alias], without(document, action))
        with pytest.raises(LakeshareError) as refused:
            app.apply(settings)
        assert action in str((refused.value, getattr(refused.value, "blockers", ())))
    assert accounts.everything() == before


@pytest.mark.parametrize("source", SPECS)
@pytest.mark.parametrize("alias", NUMBERS)
def test_a_destroy_with_one_action_less_is_refused_before_the_first_write(
    accounts: Accounts, source: str, alias: str
) -> None:
    """Whichever action is missing is named, and nothing is taken away."""
    settings = SPECS[source](accounts)
    apply_all(settings)
    allow_least(accounts, settings, "destroy")
    document = app.policy(settings, alias, "destroy")
    before = accounts.everything()

    for action in actions(document):
        allow(accounts, NUMBERS[alias], without(document, action))
        with pytest.raises(LakeshareError) as refused:
            app.destroy(settings, confirm=lambda _plan: True)
        assert action in str((refused.value, getattr(refused.value, "blockers", ())))
    assert accounts.everything() == before


def reporting(accounts: Accounts) -> None:
    """Make a role that others made, with a managed policy."""
    iam = accounts.client("iam")
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    policy = iam.create_policy(PolicyName="theirs", PolicyDocument=document)["Policy"]["Arn"]
    make_role(accounts, CONSUMER, "reporting", Path="/theirs/")
    iam.attach_role_policy(RoleName="reporting", PolicyArn=policy)


def readers_that_exist(accounts: Accounts) -> app.Settings:
    """Write a spec whose readers others made: a role, a permission set's role, and a user."""
    reporting(accounts)
    sso = "/aws-reserved/sso.amazonaws.com/ap-southeast-2/"
    make_role(accounts, CONSUMER, "AWSReservedSSO_Analyst_0123456789abcdef", Path=sso)
    accounts.client("iam").create_user(UserName="jane")
    readers = [{"role": "reporting"}, {"sso": "Analyst"}, {"user": "jane"}]
    return accounts.write({"cc": accounts.share("users", readers=readers)})


def readers_completed_and_assumed(accounts: Accounts) -> app.Settings:
    """Write a spec that completes a role of others' and makes one for people."""
    reporting(accounts)
    make_role(accounts, CONSUMER, "team")
    people = {"roles": ["team"], "accounts": {"444444444444": {"organization": "o-a1b2c3d4e5"}}}
    readers = [{"role": "reporting", "complete": True}, {"role": "analysts", "create": {"people": people}}]
    return accounts.write({"cc": accounts.share("users", readers=readers)})


@pytest.mark.parametrize("write", [readers_that_exist, readers_completed_and_assumed])
def test_what_readers_take_is_asked_for_too(accounts: Accounts, write: Callable[[Accounts], app.Settings]) -> None:
    """Of the actions that looking up such readers takes each is called, is missed by name, and all are enough."""
    base = actions(app.policy(of_connect(accounts), "consumer"))
    settings = write(accounts)
    document = app.policy(settings, "consumer")
    more = [action for action in actions(document) if action not in base]
    before = accounts.everything()

    for action in more:
        allow(accounts, CONSUMER, without(document, action))
        with pytest.raises(LakeshareError) as refused:
            app.apply(settings)
        assert action in str((refused.value, getattr(refused.value, "blockers", ())))
    assert accounts.everything() == before
    asked = Asked(accounts)
    allow(accounts, CONSUMER, document)
    apply_all(settings)
    asked.collect()

    assert more
    assert set(more) <= asked.actions["consumer"]
    assert asked.actions["consumer"] <= set(actions(document))
