"""--target on every command that takes it, and what it pulls in told apart."""

from __future__ import annotations

import re

import pytest

from tests.functional.accounts import DATABASE, READER, Accounts
from tests.functional.command_line import Desk
from tests.functional.slips import as_operator

PLACE = "consumer/ap-southeast-2"
LINK = f"{PLACE}/link:{DATABASE}.users_link"
SELECT = f"{PLACE}/grant:role/{READER}/SELECT/connect:connect_datalake.users"


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two tables to share, with a proof of denial."""
    found = Desk(accounts, monkeypatch)
    found.share("users", "contact_record", prove_denial=True)
    return found


def test_a_plan_shows_what_a_target_pulls_in(desk: Desk) -> None:
    """Text marks each line that no target named, and the document says which steps it is there for."""
    ran, document = desk("plan", "--target", LINK), desk("plan", "--target", LINK, "--json").document
    markdown = desk("plan", "--target", LINK, "--markdown").out

    steps = {step["address"]: step for step in document["steps"]}
    assert not steps[LINK]["is_pulled_in"]
    assert steps[LINK]["because_of"] == []
    others = [step for address, step in steps.items() if address != LINK]
    assert others
    assert all(step["is_pulled_in"] and step["because_of"] for step in others)
    assert ran.out.count("pulled in for") == len(others)
    text = " ".join(ran.out.split())
    assert re.search(rf" \+ database:{DATABASE} [^+]* pulled in for link:{DATABASE}\.users_link ", text)
    assert text.endswith(f"; {len(others)} of these pulled in, the others are what --target names.")
    assert markdown.count("(pulled in for ") == len(others)


def test_an_apply_of_a_target_makes_what_the_plan_showed(desk: Desk) -> None:
    """What the narrowed plan lists is made, and after that the same target has nothing to do."""
    planned = [step["address"] for step in desk("plan", "--target", SELECT, "--json").document["steps"]]

    applied = desk("apply", "--auto-approve", "--target", SELECT, "--json").document

    assert [item["address"] for item in applied["outcomes"]] == planned
    assert desk("plan", "--target", SELECT, "--detailed-exitcode").code == 0
    assert desk("plan", "--detailed-exitcode").code == 2


def test_a_destroy_of_a_target_shows_and_takes_what_rests_on_it(desk: Desk) -> None:
    """To take a link away the grants on it go too, which is shown; the rest stays."""
    desk("apply", "--auto-approve")

    destroyed = desk("destroy", "--auto-approve", "--target", LINK)

    listed = {entry["address"] for entry in desk("state", "list", "--json").document["entries"]}
    assert destroyed.code == 0
    assert f"- revoke grant:role/{READER}/DESCRIBE/{DATABASE}.users_link\n" in destroyed.out
    assert f"        pulled in for link:{DATABASE}.users_link\n" in destroyed.out
    assert LINK not in listed
    assert f"{PLACE}/database:{DATABASE}" in listed
    assert desk("apply", "--auto-approve").code == 0
    assert desk("drift").code == 0


def test_proofs_of_a_target(desk: Desk) -> None:
    """Verify --target asks about one link only: its reader, and the one who must be refused."""
    desk("apply", "--auto-approve")

    ran = desk("verify", "--target", LINK, "--json")

    assert ran.code == 0
    assert {proof["link"] for proof in ran.document["proofs"]} == {"users_link"}
    assert {proof["expect"] for proof in ran.document["proofs"]} == {"allow", "deny"}


@pytest.mark.parametrize("command", ["plan", "plan --refresh-only", "apply --auto-approve", "drift", "verify"])
def test_a_slip_in_a_target_is_told_with_what_was_meant(desk: Desk, command: str) -> None:
    """Every command refuses a target that matches nothing, and names the nearest address."""
    desk("apply", "--auto-approve")

    ran = desk(*command.split(), "--target", LINK.replace("users", "user"))

    assert ran.code == 64
    assert f"did you mean '{LINK}'?" in " ".join(ran.err.split())


def test_a_slip_in_a_target_of_destroy(desk: Desk) -> None:
    """Destroy knows what the ledger lists, names the nearest of it, and takes nothing away."""
    desk("apply", "--auto-approve")

    ran = desk("destroy", "--auto-approve", "--target", LINK.replace("users", "user"))

    assert ran.code == 64
    assert f"did you mean '{LINK}'?" in " ".join(ran.err.split())
    assert "hint: `lakeshare state list` lists what is ours" in ran.err
    assert desk("drift").code == 0


def test_what_a_target_left_out_is_not_called_in_order(desk: Desk) -> None:
    """Where a target finds nothing to do, the answer speaks of the target and not of the whole."""
    desk("apply", "--auto-approve")
    as_operator(desk, "glue").delete_table(DatabaseName=DATABASE, Name="users_link")

    commands = [("plan",), ("apply", "--auto-approve"), ("drift",), ("plan", "--refresh-only")]
    ended = [desk(*command, "--target", "*/role:*") for command in commands]
    document = desk("plan", "--target", "*/role:*", "--json").document

    assert [ran.code for ran in ended] == [0, 0, 0, 0]
    assert all("what --target names is as the " in ran.out for ran in ended)
    assert (document["has_changes"], document["targets"]) == (False, ["*/role:*"])
    assert desk("plan", "--json").document["targets"] == []
