"""The ledger on the command line: listing, showing, forgetting, history."""

from __future__ import annotations

import pytest

from tests.functional.accounts import Accounts
from tests.functional.command_line import Desk

LINK = "consumer/ap-southeast-2/link:connect_analytics_consumer.users_link"


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """One table that is shared."""
    found = Desk(accounts, monkeypatch)
    found.share("users")
    assert found("apply", "--auto-approve").code == 0
    return found


def test_state_lists_what_is_ours(desk: Desk) -> None:
    """`state list` prints an address a line, and the same as rows of a document."""
    ran, document = desk("state", "list"), desk("state", "list", "--json").document

    assert LINK in ran.out.splitlines()
    assert [row["address"] for row in document["entries"]] == ran.out.splitlines()
    assert document["begun"] == []


def test_a_ledger_that_is_not_there_yet_is_empty(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first apply nothing is ours, and looking makes no file."""
    desk = Desk(accounts, monkeypatch)
    desk.share("users")

    ran = desk("state", "list")

    assert (ran.code, ran.out) == (0, "")
    assert "nothing is ours" in ran.err
    assert not (accounts.folder / ".lakeshare").exists()


def test_a_spec_under_a_new_name_is_told_of_the_ledger_of_the_old(desk: Desk) -> None:
    """The plan of a renamed spec says that a ledger lies beside it, and for how much; only while its own is empty."""
    own = desk("plan").out
    path = desk.accounts.folder / "lakeshare.yaml"
    path.write_text(path.read_text().replace("connect-analytics\n", "renamed\n"))

    notes = desk("plan", "--json").document["notes"]

    assert "has no ledger yet" not in own
    assert any("the one of connect-analytics beside it lists" in note for note in notes)


def test_state_shows_one_entry(desk: Desk) -> None:
    """`state show` prints what the ledger holds and remembers; an unknown address gets the nearest known one."""
    found = desk("state", "show", LINK, "--json").document["entry"]
    missed = desk("state", "show", LINK.replace("users", "user"))

    assert found["resource"]["target_table"] == "users"
    assert found["kind"] == "resource_link"
    assert found["guard"] == {"shares": ["contact-centre"], "protected_by": []}
    assert missed.code == 64
    assert f"did you mean {LINK}?" in " ".join(missed.err.split())


def test_history_tells_runs_newest_first(desk: Desk) -> None:
    """Each run has an id, a command, a status and what came of its steps."""
    listed = len(desk("state", "list").out.splitlines())
    desk("destroy", "--auto-approve")

    ran, document = desk("state", "history"), desk("state", "history", "--json").document

    assert [run["command"] for run in document["runs"]] == ["destroy", "apply"]
    assert document["runs"][1]["outcomes"] == {"made": listed}
    assert document["runs"][1]["run_id"] in ran.out


def test_forgetting_leaves_the_thing_alone(desk: Desk) -> None:
    """After `state rm` the link still stands, counts as somebody else's, and destroy leaves it."""
    removed = desk("state", "rm", LINK, "--force", "--json")
    planned = desk("plan", "--show-no-op", "--json").document

    assert removed.document["forgotten"] == [LINK]
    assert [item["reason"] for item in planned["no_ops"] if item["address"] == LINK] == ["exists, not ours"]
    assert LINK not in desk("state", "list").out


def test_forgetting_asks_and_knows_its_addresses(desk: Desk) -> None:
    """`state rm` needs --force where nobody can be asked, and refuses a glob that matches nothing."""
    unasked = desk("state", "rm", LINK)
    unknown = desk("state", "rm", "*/nothing:*", "--force")

    assert (unasked.code, unknown.code) == (64, 64)
    assert "--force" in unasked.err
    assert LINK in desk("state", "list").out


def test_unlocking_what_is_not_locked_says_so(desk: Desk) -> None:
    """`state unlock` on a free ledger changes nothing and is no failure."""
    ran = desk("state", "unlock", "--force")

    assert ran.code == 0
    assert "nobody holds the ledger" in ran.err


def test_a_ledger_is_named_by_its_path(desk: Desk) -> None:
    """With --state the spec is not even read."""
    ledger = desk.accounts.folder / ".lakeshare" / "connect-analytics.db"
    (desk.accounts.folder / "lakeshare.yaml").write_text("no spec at all")

    ran = desk("state", "list", "--state", f"sqlite:///{ledger}")

    assert ran.code == 0
    assert LINK in ran.out
