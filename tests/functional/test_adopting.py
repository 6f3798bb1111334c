"""A lost ledger: taking over what exists, what is not taken over, and that nothing of others' goes with it."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from lakeshare import app
from tests.functional.accounts import CONSUMER, DATABASE, READER, Accounts, apply_all, destroy_all, steps
from tests.functional.command_line import Desk

LINK = f"consumer/ap-southeast-2/link:{DATABASE}.users_link"
ROLE = f"consumer/global/role:{READER}"
POLICY = f"consumer/global/policy:{READER}/lakeshare-connect-analytics"


def lose_the_ledger(accounts: Accounts, *, with_ids: bool = False) -> None:
    """Lose the database, or all that lies in its folder."""
    for file in (accounts.folder / ".lakeshare").glob("*" if with_ids else "*.db*"):
        file.unlink()


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The command line on a spec of two tables that was applied, and whose ledger was then lost."""
    found = Desk(accounts, monkeypatch)
    found.share("users", "contact_record")
    assert found("apply", "--auto-approve").code == 0
    lose_the_ledger(accounts)
    return found


def adopted(ran: Any) -> set[str]:
    """Return the addresses that a run took over."""
    return {item["address"] for item in ran.document["adopted"]}


def left(ran: Any) -> dict[str, tuple[str, str]]:
    """Return what a run left: status and reason by address."""
    return {item["address"]: (item["status"], item["reason"]) for item in ran.document["left"]}


@pytest.mark.parametrize("state", [None, "s3://team-ledgers/cc"])
def test_after_adopting_everything_it_is_as_if_the_ledger_had_never_been_lost(
    accounts: Accounts, state: str | None
) -> None:
    """Once all is taken over the plan is empty, and destroy leaves the accounts as they were before the first apply."""
    where = {"LocationConstraint": "ap-southeast-2"}
    accounts.client("s3", "999999999999").create_bucket(Bucket="team-ledgers", CreateBucketConfiguration=where)
    columns = {"users": {"except": ["last_name"]}}
    reader = {"role": READER, "create": {"service": "lambda.amazonaws.com"}, "columns": columns}
    settings = accounts.write({"s": accounts.share("users", "contact_record", readers=[reader])})
    before, grants = accounts.everything(), accounts.grants()
    apply_all(settings)
    lose_the_ledger(accounts)
    settings = app.Settings(settings.spec_path, state, settings.endpoint_url, settings.environ)

    taken = app.adopt(settings, ["*"])
    again = app.plan(settings).plan
    destroy_all(settings)

    assert taken.left == ()
    assert steps(again) == []
    assert {item.reason for item in again.no_ops} == {"as it should be"}
    assert accounts.everything() == before
    assert accounts.grants() == grants


def test_without_adopting_nothing_is_ours(desk: Desk) -> None:
    """After a loss the plan has nothing to do, says how to take things over, and destroy takes nothing away."""
    before = desk.accounts.everything()

    planned = desk("plan", "--json").document
    applied = desk("apply", "--auto-approve", "--json").document
    destroyed = desk("destroy", "--auto-approve")

    assert planned["has_changes"] is False
    assert applied["outcomes"] == []
    assert applied["notes"] == planned["notes"]
    assert any("lakeshare state adopt '*'" in note for note in planned["notes"])
    assert destroyed.code == 0
    assert desk.accounts.everything() == before


def test_history_tells_who_took_things_over(desk: Desk) -> None:
    """The run that adopted stands in the history like any other, with how many, and the entries name it."""
    ran = desk("state", "adopt", "*link:*", "--force", "--json")
    history = desk("state", "history", "--json").document["runs"][0]
    entry = desk("state", "show", LINK, "--json").document["entry"]

    assert ran.code == 0
    assert (history["command"], history["status"], history["outcomes"]) == ("adopt", "ended", {"adopted": 2})
    assert entry["run_id"] == history["run_id"] == ran.document["run_id"]
    assert entry["depends_on"]


def test_only_what_was_asked_for_is_taken_over(desk: Desk) -> None:
    """Adopting one link and the grant on it leaves the other link a stranger's; destroy then takes the one."""
    ran = desk("state", "adopt", LINK, "*grant:*.users_link", "--force", "--json")
    destroyed = desk("destroy", "--auto-approve", "--json")
    planned = desk("plan", "--show-no-op", "--json").document

    assert len(adopted(ran)) == 2
    assert adopted(ran) == {item["address"] for item in destroyed.document["outcomes"]}
    assert {item["address"] for item in planned["steps"]} == adopted(ran)
    assert {item["reason"] for item in planned["no_ops"]} == {"exists, not ours"}


def test_what_differs_is_told_and_left(desk: Desk) -> None:
    """A policy that somebody changed, a link that is gone, a link that is ours: each says why, and the rest is ours."""
    other = LINK.replace("users", "contact_record")
    desk("state", "adopt", other, "*grant:*.contact_record_link", "--force")
    assert desk("destroy", "--auto-approve").code == 0
    desk("state", "adopt", LINK, "--force")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    desk.accounts.client("iam").put_role_policy(
        RoleName=READER, PolicyName="lakeshare-connect-analytics", PolicyDocument=json.dumps(document)
    )

    ran = desk("state", "adopt", "*", "--force", "--json")
    told = left(ran)

    assert ran.code == 0
    assert told[LINK] == ("ours", "it is in the ledger already")
    assert told[other] == ("absent", "it is not there")
    assert told[POLICY][0] == "differs"
    assert "s3:* on *" in told[POLICY][1]
    assert ROLE in adopted(ran)
    assert not adopted(ran) & set(told)


def test_a_role_that_others_may_assume_too_is_not_taken_over(desk: Desk) -> None:
    """A trust statement of somebody else's makes the role another one than the spec's: it stays theirs."""
    iam = desk.accounts.client("iam")
    trust = iam.get_role(RoleName=READER)["Role"]["AssumeRolePolicyDocument"]
    stranger = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:root"}, "Action": "sts:AssumeRole"}
    trust["Statement"].append(stranger)
    iam.update_assume_role_policy(RoleName=READER, PolicyDocument=json.dumps(trust))

    ran = desk("state", "adopt", "*", "--force", "--json")

    assert left(ran)[ROLE][0] == "differs"
    assert "others may assume it too" in left(ran)[ROLE][1]


def test_of_columns_only_the_specs_are_taken_over(accounts: Accounts) -> None:
    """Columns that somebody else granted to the same reader are not ours by adopting, and destroy leaves them."""
    columns = {"users": ["user_id", "first_name"]}
    reader = {"role": READER, "create": {"service": "lambda.amazonaws.com"}, "columns": columns}
    settings = accounts.write({"s": accounts.share("users", readers=[reader])})
    apply_all(settings)
    principal = f"arn:aws:iam::{CONSUMER}:role/{READER}"
    _grant_column(accounts, principal, "last_name")
    lose_the_ledger(accounts)

    taken = app.adopt(settings, ["*grant:*SELECT*"])
    apply_all(settings)
    destroy_all(settings)

    assert len(taken.taken) == 1
    assert taken.taken[0].resource.columns == {"user_id", "first_name"}
    assert {
        (what, permission)
        for who, permission, what in accounts.grants(CONSUMER, accounts.lake_account)
        if who == principal
    } == {("connect_datalake.users(last_name)", "SELECT")}


def _grant_column(accounts: Accounts, principal: str, column: str) -> None:
    lake = accounts.client("lakeformation")
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    me = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:user/administrator"}
    lake.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": [*settings["DataLakeAdmins"], me]})
    table = {
        "CatalogId": accounts.lake_account,
        "DatabaseName": "connect_datalake",
        "Name": "users",
        "ColumnNames": [column],
    }
    lake.grant_permissions(
        Principal={"DataLakePrincipalIdentifier": principal},
        Resource={"TableWithColumns": table},
        Permissions=["SELECT"],
    )
    lake.put_data_lake_settings(DataLakeSettings=settings)


def test_a_bucket_that_the_spec_names_takes_its_whole_address(accounts: Accounts) -> None:
    """What the spec names as somebody's own is not swept in by a glob: it may well have been there before."""
    to = {"account": "consumer", "database": DATABASE, "athena": {"results_bucket": "the-teams-results"}}
    settings = accounts.write({"s": accounts.share("users", to=to)})
    apply_all(settings)
    lose_the_ledger(accounts)
    bucket = "consumer/ap-southeast-2/bucket:the-teams-results"

    swept = app.adopt(settings, ["*"])
    named = app.adopt(settings, [bucket])

    assert [item.status for item in swept.left if item.address == bucket] == ["theirs"]
    assert [item.address for item in named.taken] == [bucket]


def test_another_external_id_is_written_where_the_spec_names_one(accounts: Accounts) -> None:
    """When the spec's ExternalId is not the role's, the role is taken over as it is and the next apply mends it."""
    settings = accounts.write({"s": accounts.share("users")})
    before = accounts.everything()
    apply_all(settings)
    lose_the_ledger(accounts)
    iam = accounts.client("iam")
    trust = iam.get_role(RoleName=READER)["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][-1]["Condition"]["StringEquals"]["sts:ExternalId"] = "of-another-day"
    iam.update_assume_role_policy(RoleName=READER, PolicyDocument=json.dumps(trust))

    blocked = app.plan(settings).plan.blockers
    taken = app.adopt(settings, ["*"])
    pending = app.plan(settings).plan
    apply_all(settings)
    proofs = app.verify(settings)
    destroy_all(settings)

    assert [item.address for item in blocked] == [ROLE]
    assert "lakeshare state adopt" in blocked[0].way_out
    assert taken.left == ()
    assert [(item.address, item.is_whole) for item in taken.taken if not item.is_whole] == [(ROLE, False)]
    assert steps(pending) == [("update", ROLE)]
    assert proofs.failed == ()
    assert accounts.everything() == before


def test_it_asks_and_knows_its_addresses(desk: Desk) -> None:
    """`state adopt` needs --force where nobody can be asked, and refuses what the spec does not ask for."""
    unasked = desk("state", "adopt", "*")
    unknown = desk("state", "adopt", LINK.replace("users", "user"), "--force")
    nothing = desk("state", "list").out

    assert (unasked.code, unknown.code, nothing) == (64, 64, "")
    assert "--force" in unasked.err
    assert f"did you mean {LINK}?" in " ".join(unknown.err.split())


def test_nothing_to_take_over_is_a_failure(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is there yet, and where all is ours already, the exit code is 1 and each address says why."""
    desk = Desk(accounts, monkeypatch)
    desk.share("users")
    early = desk("state", "adopt", "*", "--force", "--json")
    desk("apply", "--auto-approve")

    late = desk("state", "adopt", "*", "--force", "--json")

    assert (early.code, late.code) == (1, 1)
    assert {status for status, _ in left(early).values()} <= {"absent", "unclear"}
    assert {status for status, _ in left(late).values()} == {"ours"}


def test_a_whole_folder_may_be_lost(desk: Desk) -> None:
    """Nothing but the spec is needed when the spec has the ExternalId."""
    shutil.rmtree(desk.accounts.folder / ".lakeshare")

    ran = desk("state", "adopt", "*", "--force", "--json")

    assert (ran.code, left(ran)) == (0, {})
    assert desk("plan", "--detailed-exitcode").code == 0
