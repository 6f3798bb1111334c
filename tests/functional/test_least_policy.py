"""The operator's own rights: what `policy` prints is enough, and no less is."""

from __future__ import annotations

import pytest

from lakeshare import app
from lakeshare.errors import LakeshareError
from tests.functional.accounts import Accounts, apply_all, destroy_all
from tests.functional.own_tables import make_own_tables, open_to_iam, share
from tests.functional.rights import NUMBERS, actions, allow, allow_least, without


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
