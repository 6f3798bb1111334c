"""Accounts and shares that get another name: nothing happens to what was made."""

from __future__ import annotations

from typing import Any

import yaml

from lakeshare import app
from tests.functional.accounts import Accounts, apply_all, steps


def renamed(accounts: Accounts, names: dict[str, str], *, moved: bool = True) -> app.Settings:
    """Give the accounts of the spec that lies there new *names* (by old ones), and say so with *moved*."""
    path = accounts.folder / "lakeshare.yaml"
    document = yaml.safe_load(path.read_text())
    document["accounts"] = {
        names.get(alias, alias): _account(entry, alias if moved and alias in names else None)
        for alias, entry in document["accounts"].items()
    }
    for share in document["shares"].values():
        for side in ("from", "to"):
            share[side]["account"] = names.get(share[side]["account"], share[side]["account"])
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return app.Settings(path, endpoint_url=accounts.box.endpoint_url, environ=accounts.environ)


def _account(entry: dict[str, Any], before: str | None) -> dict[str, Any]:
    bare = {key: value for key, value in entry.items() if key != "moved"}
    return {**bare, "moved": {"from": before}} if before else bare


def test_a_renamed_account_keeps_everything(accounts: Accounts) -> None:
    """Both accounts renamed: the plan is empty and says so, apply writes it down, and destroy finds everything."""
    before = accounts.everything()
    apply_all(accounts.write({"s": accounts.share("contact_record", "users", prove_denial=True)}))
    settings = renamed(accounts, {"producer": "telephony", "consumer": "analytics"})

    planned = app.plan(settings)
    applied = apply_all(settings)
    again = app.plan(settings)
    destroyed = app.destroy(settings, confirm=lambda _plan: True)

    assert steps(planned.plan) == []
    assert any("consumer is called analytics now" in note for note in planned.plan.notes)
    assert applied.outcomes == ()
    assert (steps(again.plan), again.plan.notes) == ([], ())
    assert {item.address.split("/")[0] for item in destroyed.outcomes} == {"telephony", "analytics"}
    assert destroyed.failures == ()
    assert accounts.everything() == before
