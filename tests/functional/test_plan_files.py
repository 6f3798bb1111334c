"""Plans kept in files: applied exactly as they were shown, or refused with what changed since."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.functional.accounts import CONSUMER, DATABASE, READER, REGION, SECRET, Accounts
from tests.functional.command_line import Desk, Ran
from tests.functional.slips import PLACE, as_operator, open_database

LINK = f"{PLACE}/link:{DATABASE}.users_link"
HALF_A_DAY = 12 * 3600 + 1


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """One table that is shared, and a second that the spec asks for by now."""
    found = Desk(accounts, monkeypatch)
    found.share("contact_record", prove_denial=True)
    applied = found("apply", "--auto-approve")
    assert applied.code == 0, applied.err
    found.share("contact_record", "users", prove_denial=True)
    return found


@pytest.fixture
def kept(desk: Desk, tmp_path: Path) -> Path:
    """The plan for the second table, in a file."""
    path = tmp_path / "plan.json"
    planned = desk("plan", "-o", str(path))
    assert planned.code == 0
    assert f"`lakeshare apply {path}`" in planned.err
    return path


def carried_out(desk: Desk, path: Path) -> Ran:
    return desk("apply", str(path), "--auto-approve", "--json")


def stale(desk: Desk, path: Path) -> str:
    before = desk.accounts.everything()
    ran = carried_out(desk, path)
    assert ran.code == 5
    assert ran.document["error"]["code"] == "stale_plan"
    assert desk.accounts.everything() == before
    return str(ran.document["error"]["message"])


def test_a_plan_file_is_applied_exactly(desk: Desk, kept: Path) -> None:
    """The steps of the file are done, these and no others, and nothing is left to do."""
    document = json.loads(kept.read_text())

    applied = carried_out(desk, kept)

    assert applied.code == 0
    outcomes = [(item["action"], item["address"]) for item in applied.document["outcomes"]]
    assert outcomes == [(step["action"], step["address"]) for step in document["steps"]]
    assert document["has_changes"] is True
    assert desk("plan", "--detailed-exitcode").code == 0


def test_a_plan_file_is_for_its_owner_and_holds_no_secret(desk: Desk, kept: Path) -> None:
    """Mode 0600, and of the ExternalId no more than a digest."""
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert SECRET not in kept.read_text()


def test_the_command_to_apply_a_file_can_be_pasted(desk: Desk, tmp_path: Path) -> None:
    """A path with a blank in it is quoted in the sentence that says how to go on."""
    path = tmp_path / "the plan.json"

    said = " ".join(desk("plan", "-o", str(path)).err.split())

    assert f"`lakeshare apply '{path}'` carries out exactly that" in said


def test_a_plan_without_changes_is_a_plan_too(desk: Desk, tmp_path: Path) -> None:
    """It says that it has none, and applying it does nothing and succeeds."""
    desk("apply", "--auto-approve")
    path = tmp_path / "plan.json"
    desk("plan", "-o", str(path))

    applied = carried_out(desk, path)

    assert json.loads(path.read_text())["has_changes"] is False
    assert (applied.code, applied.document["outcomes"]) == (0, [])


def test_what_others_do_beside_it_leaves_a_plan_as_it_was(desk: Desk, kept: Path) -> None:
    """Somebody else's grant on another thing, tag, role and administrator: none of them makes a plan stale."""
    lake, iam = as_operator(desk, "lakeformation"), desk.accounts.client("iam")
    iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}))
    theirs = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/theirs"}
    lake.grant_permissions(Principal=theirs, Resource={"Database": {"Name": DATABASE}}, Permissions=["DESCRIBE"])
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": [*settings["DataLakeAdmins"], theirs]})
    arn = f"arn:aws:glue:{REGION}:{CONSUMER}:database/{DATABASE}"
    as_operator(desk, "glue").tag_resource(ResourceArn=arn, TagsToAdd={"cost-centre": "7"})

    applied = carried_out(desk, kept)

    assert applied.code == 0, applied.out


def test_looking_and_a_run_without_steps_leave_a_plan_as_it_was(desk: Desk, kept: Path) -> None:
    """plan, drift, verify, state history, and an apply that has nothing to do: the ledger's serial stays."""
    serial = desk("state", "list", "--json").document["serial"]
    desk.share("contact_record", prove_denial=True)
    assert desk("apply", "--auto-approve", "--json").document["outcomes"] == []
    desk.share("contact_record", "users", prove_denial=True)
    for command in ("plan", "drift", "verify", "state history"):
        desk(*command.split())

    assert desk("state", "list", "--json").document["serial"] == serial
    assert carried_out(desk, kept).code == 0


def test_another_spec_makes_a_plan_stale(desk: Desk, kept: Path) -> None:
    """A plan is for the spec that it was made of."""
    desk.share("contact_record", "users")

    assert "is stale: the spec changed since it was made" in stale(desk, kept)


def test_another_layout_of_the_spec_is_the_same_spec(desk: Desk, kept: Path) -> None:
    """Comments and blank lines change nothing that a plan rests on."""
    spec = desk.accounts.folder / "lakeshare.yaml"
    spec.write_text("# said by the way\n\n" + spec.read_text())

    assert carried_out(desk, kept).code == 0


def test_another_run_makes_a_plan_stale(desk: Desk, kept: Path) -> None:
    """Once another run has changed what is ours, the plan says that the ledger changed, and where to look."""
    other = desk("apply", "--auto-approve", "--target", f"producer/{REGION}/association:*")
    assert other.code == 0, other.err

    message = stale(desk, kept)

    assert "the ledger changed since it was made (serial " in message
    assert "`lakeshare state history`" in message


def test_a_thing_that_it_rests_on_makes_a_plan_stale(desk: Desk, kept: Path) -> None:
    """A setting of the database that the new link goes into, changed by hand, is named with what changed of it."""
    open_database(desk)

    assert f"{PLACE}/database:{DATABASE} changed since it was made (is_open_to_iam)" in stale(desk, kept)


def test_a_thing_that_is_there_by_now_makes_a_plan_stale(desk: Desk, kept: Path) -> None:
    """What the plan would make and somebody else made in the meantime is not made twice."""
    desk.accounts.client("connect", "111111111111").associate_analytics_data_set(
        InstanceId=desk.accounts.instance, DataSetId="users", TargetAccountId=CONSUMER
    )

    message = stale(desk, kept)

    association = f"producer/{REGION}/association:{desk.accounts.instance}/users/{CONSUMER}"
    assert f"{association} was absent when it was made, and is there now" in message


def test_a_plan_that_somebody_edited_is_refused(desk: Desk, kept: Path) -> None:
    """A step taken out by hand is no plan that anybody was shown."""
    document = json.loads(kept.read_text())
    kept.write_text(json.dumps({**document, "steps": document["steps"][1:]}))

    assert "was changed after it was written" in stale(desk, kept)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[" * 100_000, b"{}", b"", b'{"digest": "sha256:0"}'])
def test_what_is_no_plan_is_refused(desk: Desk, kept: Path, content: bytes) -> None:
    """Bytes of any other kind are refused with 5, and nothing is changed."""
    kept.write_bytes(content)

    assert "is not a plan file" in stale(desk, kept)


def test_a_plan_of_a_newer_format_is_refused(desk: Desk, kept: Path) -> None:
    """What a newer lakeshare wrote is not guessed at."""
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "format_version": "1.1"}))

    assert "has format 1.1, and this version of lakeshare knows 1.0" in stale(desk, kept)


def test_a_plan_file_keeps_its_targets(desk: Desk, tmp_path: Path) -> None:
    """A plan for some addresses is applied for these, though the command line does not say so again."""
    path = tmp_path / "plan.json"
    desk("plan", "-o", str(path), "--target", LINK)

    applied = carried_out(desk, path)

    done = {item["address"] for item in applied.document["outcomes"]}
    assert json.loads(path.read_text())["targets"] == [LINK]
    assert LINK in done
    assert not any("/grant:" in address for address in done)
    assert desk("plan", "--detailed-exitcode").code == 2


@pytest.mark.parametrize("flag", ["--target", "--recover-share", "--remove-administrator"])
def test_a_plan_file_takes_no_other_narrowing(desk: Desk, kept: Path, flag: str) -> None:
    """A file is carried out as it is; flags that would make it another plan are wrong usage."""
    ran = desk("apply", str(kept), "--auto-approve", flag, "x")

    assert ran.code == 64
    assert flag in ran.err


def test_a_plan_file_keeps_the_word_about_a_dead_share(accounts: Accounts, monkeypatch: Any, tmp_path: Path) -> None:
    """The word that was given with --recover-share when planning holds when the file is applied."""
    desk = Desk(accounts, monkeypatch)
    desk.share("users", "contact_record")
    accounts.client("connect", "111111111111").associate_analytics_data_set(
        InstanceId=accounts.instance, DataSetId="users", TargetAccountId=CONSUMER
    )
    accounts.box.clock.advance(HALF_A_DAY)
    [blocker] = desk("plan", "--json").document["blockers"]
    path = tmp_path / "plan.json"
    desk("plan", "-o", str(path), "--recover-share", blocker["address"])

    applied = carried_out(desk, path)

    assert applied.code == 0, applied.out
    assert json.loads(path.read_text())["recover_shares"] == [blocker["address"]]
    assert desk("drift").code == 0
    assert READER in {row["RoleName"] for row in accounts.client("iam").list_roles()["Roles"]}


def test_a_plan_that_something_is_in_the_way_of_is_not_applied(desk: Desk, tmp_path: Path) -> None:
    """A blocked plan can be kept and looked at; applying it says what is in the way and changes nothing."""
    columns = [{"Name": "a", "Type": "string"}]
    table = {"Name": "users_link", "StorageDescriptor": {"Columns": columns}}
    as_operator(desk, "glue").create_table(DatabaseName=DATABASE, TableInput=table)
    path = tmp_path / "plan.json"
    planned = desk("plan", "-o", str(path))

    applied = carried_out(desk, path)

    assert (planned.code, applied.code) == (1, 1)
    assert json.loads(path.read_text())["blockers"] == [LINK]
    assert applied.document["error"]["code"] == "blocked"


def test_a_plan_file_still_asks_and_counts_what_it_takes_away(desk: Desk, kept: Path) -> None:
    """Without a terminal and without --auto-approve a plan file is not carried out either."""
    ran = desk("apply", str(kept))

    assert ran.code == 64
    assert "--auto-approve" in ran.err
