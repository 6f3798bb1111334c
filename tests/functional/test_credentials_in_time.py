"""Credentials that end while a run is on its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lakeshare import app
from lakeshare.engine.events import Event, Finished
from tests.functional.accounts import BASE, Accounts, apply_all

AN_HOUR = 3601


def after_the_first_step(act: Callable[[], None]) -> Callable[[Event], None]:
    """Listen to a run, and *act* once when its first step is over."""
    done: list[Event] = []

    def listen(event: Event) -> None:
        if isinstance(event, Finished) and not done:
            done.append(event)
            act()

    return listen


def test_a_run_outlives_its_roles_sessions(accounts: Accounts) -> None:
    """When an hour passes in the middle of an apply the roles are assumed again and the run goes on."""
    settings = accounts.write({"contact-centre": accounts.share("users", "contact_record")})
    hour = after_the_first_step(lambda: accounts.control("clock", {"advance_seconds": AN_HOUR}))

    apply_all(replace(settings, listener=hour))

    assert not app.plan(settings).plan.has_changes


def test_a_throttled_renewal_is_repeated(accounts: Accounts) -> None:
    """When assuming the role again is throttled it is tried again, like any other call."""
    settings = accounts.write({"contact-centre": accounts.share("users")})

    def act() -> None:
        throttles = [{"operation": "sts:AssumeRole", "nth": nth, "error": "Throttling"} for nth in (1, 2, 3)]
        accounts.control("faults", throttles)
        accounts.control("clock", {"advance_seconds": AN_HOUR})

    apply_all(replace(settings, listener=after_the_first_step(act)))

    assert not app.plan(settings).plan.has_changes


def test_credentials_that_nobody_can_renew_end_the_run_truly(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    When the credentials of the shell themselves expire each step says so, and to sign in again; what was done is in the
    ledger, and with new credentials the next run does the rest.
    """
    settings = accounts.write({"contact-centre": accounts.share("users", "contact_record")})
    keys = accounts.client("sts", BASE).get_session_token()["Credentials"]
    with monkeypatch.context() as shell:
        shell.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
        shell.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
        shell.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])
        two_days = after_the_first_step(lambda: accounts.control("clock", {"advance_seconds": 172_800}))
        ended = app.apply(replace(settings, listener=two_days))

    done = [item for item in ended.outcomes if item.status == "done"]
    assert done
    assert ended.failures
    for item in ended.failures:
        assert item.error is not None
        assert "sign in" in (item.error.hint or "")
    again = app.plan(settings).plan
    assert {item.address for item in done}.isdisjoint(step.address for step in again.steps if step.action == "create")
    apply_all(settings)
