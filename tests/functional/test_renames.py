"""Accounts and shares that get another name: nothing happens to what was made."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import pytest
import yaml

from lakeshare import app
from lakeshare.errors import BlockedError, LakeshareError
from lakeshare.state.external_ids import ExternalIds
from lakeshare.state.ledger import Entry, Ledger
from tests.functional.accounts import (
    BASE,
    CONSUMER,
    OPERATOR,
    PRODUCER,
    REGION,
    Accounts,
    apply_all,
    destroy_all,
    steps,
)


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


def entries(accounts: Accounts) -> dict[str, Entry]:
    with Ledger.open(accounts.folder / ".lakeshare" / "connect-analytics.db", create=False) as ledger:
        return ledger.entries()


def test_without_a_word_of_it_the_way_out_is_told(accounts: Accounts) -> None:
    """A renamed account that does not say so stops the plan, with the line that is missing in the hint."""
    apply_all(accounts.write({"s": accounts.share("users")}))
    settings = renamed(accounts, {"consumer": "analytics"}, moved=False)

    with pytest.raises(LakeshareError) as caught:
        app.plan(settings)

    assert "no longer has under the name consumer" in caught.value.message
    assert "accounts.analytics: `moved: {from: consumer}`" in str(caught.value.hint)


def test_looking_and_declining_leave_the_ledger_alone(accounts: Accounts) -> None:
    """plan, drift and an apply that is declined see the new names, and write none of them down."""
    shares = {"s": accounts.share("users", "contact_record")}
    apply_all(accounts.write(shares))
    before = entries(accounts)
    accounts.write({"s": accounts.share("users")})
    fewer = renamed(accounts, {"producer": "telephony", "consumer": "analytics"})

    planned = app.plan(fewer)
    declined = app.apply(fewer, confirm=lambda _plan: False)
    accounts.write(shares)
    drifted = app.drift(renamed(accounts, {"producer": "telephony", "consumer": "analytics"}))

    assert {address.split("/")[0] for _, address in steps(planned.plan)} == {"telephony", "analytics"}
    assert not declined.is_confirmed
    assert not drifted.has_changes
    assert entries(accounts) == before


def test_a_rename_and_a_change_go_together(accounts: Accounts) -> None:
    """What is dropped in the same edit goes, from a plan file, and nothing else; the old names may come back."""
    apply_all(accounts.write({"s": accounts.share("users", "contact_record")}))
    accounts.write({"s": accounts.share("users")})
    settings = renamed(accounts, {"consumer": "analytics"})
    file = accounts.folder / "plan.json"

    planned = app.plan_to_file(settings, file)
    app.apply_from_file(settings, file, confirm=lambda _plan: True)
    again = app.plan(settings)
    back = app.plan(renamed(accounts, {"analytics": "consumer"}))

    assert {action for action, _ in steps(planned.plan)} <= {"delete", "update"}
    assert all("users" not in address for action, address in steps(planned.plan) if action == "delete")
    assert steps(again.plan) == []
    assert steps(back.plan) == []
    assert not any("consumer" in address.split("/")[0] for address in entries(accounts))


def test_a_move_that_is_done_is_in_nobodys_way(accounts: Accounts) -> None:
    """From a to b, later from b to c; each move stays in the file after it is done."""
    apply_all(accounts.write({"s": accounts.share("users")}))

    for names in ({"consumer": "b"}, {"b": "c"}):
        settings = renamed(accounts, names)
        assert apply_all(settings).outcomes == ()
        assert app.plan(settings).plan.notes == ()

    destroy_all(settings)
    assert entries(accounts) == {}


APPLY = """
import sys
from pathlib import Path
from lakeshare import app
app.apply(app.Settings(Path(sys.argv[1]), endpoint_url=sys.argv[2], environ={"EXTERNAL_ID": "a-secret-external-id"}))
"""


def test_what_was_begun_is_found_under_its_new_name(accounts: Accounts) -> None:
    """An apply that is killed, then a rename: what it had made by then is ours, and goes with the rest."""
    before = accounts.everything()
    settings = accounts.write({"s": accounts.share("users", "contact_record")})
    accounts.control("latency", {"ms": 100})
    with subprocess.Popen([sys.executable, "-c", APPLY, str(settings.spec_path), accounts.box.endpoint_url]) as run:
        begun = until_begun(accounts, "resource_link")
        run.kill()
    accounts.control("latency", {"ms": 0})
    settings = renamed(accounts, {"producer": "telephony", "consumer": "analytics"})

    noted = app.plan(settings).plan.notes
    apply_all(settings)
    destroy_all(settings)

    assert begun
    assert any("account consumer is called analytics now" in note for note in noted)
    assert accounts.everything() == before


def until_begun(accounts: Accounts, kind: str) -> list[str]:
    """Return what is begun, as soon as something of *kind* is."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with Ledger.open(accounts.folder / ".lakeshare" / "connect-analytics.db", create=False) as ledger:
            begun = ledger.intents()
        if any(intent.kind == kind for intent in begun.values()):
            return list(begun)
        time.sleep(0.01)
    pytest.fail(f"no {kind} was ever begun")


def test_the_made_up_external_id_goes_along(accounts: Accounts) -> None:
    """Where the spec names no ExternalId, roles keep the one that was made up, and proofs by query still work."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{BASE}:user/administrator"},
        "Action": "sts:AssumeRole",
    }
    accounts.client("iam").update_assume_role_policy(
        RoleName=OPERATOR, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    consumer = {"id": CONSUMER, "region": REGION, "role": OPERATOR}
    apply_all(accounts.write({"s": accounts.share("users")}, consumer=consumer))
    settings = renamed(accounts, {"consumer": "analytics"})

    planned = app.plan(settings)
    # A run that dies right after the ids are written, before the ledger is, leaves this.
    ids = ExternalIds(accounts.folder / ".lakeshare" / "connect-analytics.external-ids")
    ids.rename({"consumer": "analytics"}, in_use={"consumer"})
    ids.keep()
    applied = apply_all(settings)
    verified = app.verify(settings)

    assert (steps(planned.plan), applied.outcomes) == ([], ())
    assert {proof.status for proof in verified.proofs} == {"pass"}


def test_a_renamed_share_changes_nothing(accounts: Accounts) -> None:
    """No address and no tag has a share's name; one that is protected hands that over with `moved`."""
    apply_all(accounts.write({"s": accounts.share("users", "contact_record", protect=True)}))

    renamed_share = accounts.write({"t": accounts.share("users", "contact_record", moved={"from": "s"})})
    planned = app.plan(renamed_share)
    apply_all(renamed_share)
    apply_all(accounts.write({"t": accounts.share("users", moved={"from": "s"})}))

    assert steps(planned.plan) == []
    assert accounts.everything()[PRODUCER]["associations"] == [("users", CONSUMER)]


def test_a_ledger_in_s3_is_renamed_and_remembers(accounts: Accounts) -> None:
    """Names and guards lie where the ledger does: the next run finds them there."""
    where = {"LocationConstraint": REGION}
    accounts.client("s3", BASE).create_bucket(Bucket="team-ledgers", CreateBucketConfiguration=where)
    state = "s3://team-ledgers/connect-analytics"
    apply_all(replace(accounts.write({"s": accounts.share("users", protect=True)}), state=state))
    settings = replace(renamed(accounts, {"consumer": "analytics"}), state=state)

    applied = apply_all(settings)
    again = app.plan(settings).plan
    accounts.write({"s": accounts.share("users")})
    unprotected = replace(renamed(accounts, {"consumer": "analytics"}), state=state)
    with pytest.raises(BlockedError) as caught:
        app.destroy(unprotected, confirm=lambda _plan: True)

    assert applied.outcomes == ()
    assert (steps(again), again.notes) == ([], ())
    assert all("shares.s said `protect: true` when last applied" in text for text in caught.value.blockers)
