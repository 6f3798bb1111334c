"""The commands of the main job, from the first plan to the last destroy, as text and as documents."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.functional.accounts import CONSUMER, PRODUCER, READER, Accounts
from tests.functional.command_line import Desk, lakeshare

DENIED = "lakeshare-connect-analytics-denied"


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two tables to share, with a proof of denial."""
    found = Desk(accounts, monkeypatch)
    found.share("users", "contact_record", prove_denial=True)
    return found


def test_plan_shows_a_tree_and_changes_nothing(desk: Desk) -> None:
    """Plan prints accounts, kinds and addresses, and both accounts are as they were."""
    before = desk.accounts.everything()

    ran = desk("plan")

    assert ran.code == 0
    assert f"producer/ap-southeast-2  account {PRODUCER}" in ran.out
    assert "  resource links: 2 to create\n    + link:connect_analytics_consumer.contact_record_link\n" in ran.out
    assert f"+ grant:role/{READER}/SELECT/connect:connect_datalake.*\n        2: contact_record, users\n" in ran.out
    assert re.search(r"\nPlan: \d+ to create, 0 to change, 0 to replace, 0 to delete\.\n$", ran.out)
    assert "\x1b" not in ran.out
    assert desk.accounts.everything() == before


def test_plan_imports_nothing_that_it_has_no_use_for(desk: Desk) -> None:
    """A plan of two accounts loads neither the sandbox nor what only the sandbox, proofs and S3 need."""
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lakeshare", "plan", *desk.flags],
        capture_output=True,
        text=True,
        check=True,
    )

    imported = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert "lakeshare.planning.build" in imported
    assert "lakeshare.sandbox" not in imported
    assert {name.partition(".")[0] for name in imported}.isdisjoint(
        {"aiohttp", "boto3", "duckdb", "moto", "sqlglot", "werkzeug", "pyarrow", "pandas"}
    )


def test_plan_says_with_its_exit_code_whether_there_are_changes(desk: Desk) -> None:
    """--detailed-exitcode is 2 before an apply and 0 after it; without the flag it is 0 both times."""
    before = desk("plan", "--detailed-exitcode").code, desk("plan").code
    desk("apply", "--auto-approve")
    after = desk("plan", "--detailed-exitcode").code, desk("plan").code

    assert (before, after) == ((2, 0), (0, 0))


def test_the_whole_job_as_documents(desk: Desk) -> None:
    """plan, apply, verify, query and destroy each print one document with what was promised in it."""
    planned = desk("plan", "--json").document
    applied = desk("apply", "--auto-approve", "--json").document
    verified = desk("verify", "--json").document
    again = desk("plan", "--json", "--show-no-op").document
    asked = desk("query", "--as", READER, "SELECT count(*) AS n FROM users_link", "--json").document
    destroyed = desk("destroy", "--auto-approve", "--json").document

    assert (planned["command"], planned["status"], planned["has_changes"]) == ("plan", "ok", True)
    assert {step["action"] for step in planned["steps"]} == {"create"}
    assert planned["calls"][PRODUCER]["connect:ListAnalyticsDataLakeDataSets"] == 1
    assert {item["status"] for item in applied["outcomes"]} == {"done"}
    assert [item["address"] for item in applied["outcomes"]] == [step["address"] for step in planned["steps"]]
    assert applied["calls"][CONSUMER]["glue:CreateTable"] == 2
    assert (verified["status"], verified["passed"], verified["failed"]) == ("ok", 4, 0)
    assert {(proof["reader"], proof["expect"], proof["method"]) for proof in verified["proofs"]} == {
        (READER, "allow", "query"),
        (DENIED, "deny", "query"),
    }
    assert (again["has_changes"], again["no_op"]) == (False, len(planned["steps"]))
    assert {item["is_ours"] for item in again["no_ops"]} == {True}
    assert asked["columns"] == ["n"]
    assert int(asked["rows"][0][0]) > 0
    acceptances = [step for step in planned["steps"] if step["kind"] == "ram_invitation"]
    assert len(destroyed["outcomes"]) == len(planned["steps"]) - len(acceptances)
    assert {item["action"] for item in destroyed["outcomes"]} == {"delete"}


def test_every_document_begins_alike(desk: Desk) -> None:
    """Each document has the format version, the command and a status, and nothing else is on stdout."""
    for command in (["plan"], ["validate"], ["tables"], ["schema"], ["state", "list"], ["state", "history"]):
        document = desk(*command, "--json").document

        assert list(document)[:3] == ["format_version", "command", "status"]
        assert (document["format_version"], document["command"]) == ("1.0", " ".join(command))


def test_apply_says_what_it_did_and_that_nothing_is_left(desk: Desk) -> None:
    """The first apply counts what it created; the second one says that everything is as the spec says."""
    first, second = desk("apply", "--auto-approve"), desk("apply", "--auto-approve")

    assert (first.code, second.code) == (0, 0)
    [made] = re.findall(r"Done: (\d+) created\.\n$", first.out)
    assert second.out.endswith(f"{made} in place, all ours.\nNo changes: everything is as the spec says.\n")


def test_apply_can_prove_what_it_did(desk: Desk) -> None:
    """--verify asks as each reader afterwards and reports both in one text and in one document."""
    text = desk("apply", "--auto-approve", "--verify")
    document = desk("apply", "--auto-approve", "--verify", "--json").document

    assert re.search(r"Done: \d+ created\.", text.out)
    assert text.out.endswith("Verify: 4 passed, 0 failed.\n")
    assert (document["status"], document["verify"]["passed"]) == ("ok", 4)


def test_verify_fails_with_3_and_names_what_fails(desk: Desk, tmp_path: Path) -> None:
    """A grant that somebody took away shows as a failed proof, in text, in JUnit's words and as exit code 3."""
    desk("apply", "--auto-approve")
    lake = desk.accounts.client("lakeformation")
    lake.put_data_lake_settings(
        DataLakeSettings={
            "DataLakeAdmins": [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:user/administrator"}]
        }
    )
    table = {
        "CatalogId": desk.accounts.lake_account,
        "DatabaseName": "connect_datalake",
        "Name": "users",
    }
    lake.revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/{READER}"},
        Resource={"Table": table},
        Permissions=["SELECT"],
    )

    ran = desk("verify", "--junit", str(tmp_path / "proofs.xml"))

    assert ran.code == 3
    assert "✗ users_link  should be readable: fails (query, table users)" in ran.out
    assert "Verify: 3 passed, 1 failed." in ran.out
    suites = ET.fromstring((tmp_path / "proofs.xml").read_text())  # noqa: S314 - we wrote it
    assert suites.attrib == {"name": "lakeshare verify", "tests": "4", "failures": "1", "errors": "0"}
    assert [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None] == [
        "reads users_link (query)"
    ]


def test_the_endpoint_may_come_from_the_environment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_ENDPOINT_URL, which botocore reads by itself, leads to the sandbox as well as the flag does."""
    spec, flag, url = desk.flags[:2], *desk.flags[2:]
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    ran = lakeshare("plan", *spec)

    assert flag == "--endpoint-url"
    assert re.search(r"\d+ to create", ran.out)


def test_query_prints_a_table(desk: Desk) -> None:
    """An answer is a table on stdout; how much was scanned is said on stderr."""
    desk("apply", "--auto-approve")

    ran = desk("query", "--as", READER, "SELECT 'a' AS letter, 1 AS number UNION ALL SELECT 'b', 23 ORDER BY 1")

    assert ran.code == 0
    assert [line.split() for line in ran.out.splitlines()] == [
        ["letter", "number"],
        ["─" * 15],
        ["a", "1"],
        ["b", "23"],
    ]
    assert ran.err.startswith("2 rows, ")


def test_a_query_that_fails_says_what_athena_said(desk: Desk) -> None:
    """A mistake in SQL is Athena's sentence on stderr and exit code 1."""
    desk("apply", "--auto-approve")

    ran = desk("query", "--as", READER, "SELECT nothing FROM users_link")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error: ")
    assert "COLUMN_NOT_FOUND" in ran.err


def test_a_reader_that_is_none_gets_the_names_of_those_that_are(desk: Desk) -> None:
    """A query as somebody unknown is wrong usage and lists the readers."""
    ran = desk("query", "--as", "nobody", "SELECT 1")

    assert ran.code == 64
    assert READER in ran.err


def test_destroy_revokes_and_deletes(desk: Desk) -> None:
    """Destroy shows grants as revoked, and leaves both accounts as they were found."""
    before = desk.accounts.everything()
    desk("apply", "--auto-approve")

    ran = desk("destroy", "--auto-approve")

    assert ran.code == 0
    [revoked] = re.findall(r"  grants: (\d+) to revoke\n", ran.out)
    assert f"    - revoke grant:role/{READER}/SELECT/connect:connect_datalake.*\n" in ran.out
    assert "2 gone, or going with the rest: the ledger will forget them.\n" in ran.out
    [(gone, of_these)] = re.findall(r"\nPlan: .*, (\d+) to delete \((\d+) of them revoked\)\.", ran.out)
    assert of_these == revoked
    assert ran.out.endswith(f"Done: {gone} deleted.\n")
    assert desk.accounts.everything() == before


def test_destroying_nothing_says_that_nothing_is_ours(desk: Desk) -> None:
    """An empty ledger is told as such, and not as a spec that is carried out."""
    ran = desk("destroy", "--auto-approve")

    assert ran.code == 0
    assert "Nothing here is ours: the ledger lists nothing to take away." in ran.out
    assert "No changes" not in ran.out


def test_deletes_can_be_limited(desk: Desk) -> None:
    """--max-deletes refuses a destroy that takes more than that, and nothing is taken."""
    desk("apply", "--auto-approve")
    made = desk.accounts.everything()

    ran = desk("destroy", "--auto-approve", "--max-deletes", "3")

    assert ran.code == 1
    assert "--max-deletes 3" in ran.err
    assert desk.accounts.everything() == made


def test_a_target_narrows_a_plan(desk: Desk) -> None:
    """--target takes a glob and keeps what it matches and what that needs."""
    ran = desk("plan", "--json", "--target", "*/link:*.users_link")

    addresses = [step["address"] for step in ran.document["steps"]]
    assert "consumer/ap-southeast-2/link:connect_analytics_consumer.users_link" in addresses
    assert not any("contact_record" in address for address in addresses)


def test_something_in_the_way_is_told_with_its_way_out(desk: Desk) -> None:
    """A database link under the wanted name blocks plan and apply, which exit with 1 and change nothing."""
    role = desk.accounts.client("iam").create_role(RoleName=READER, AssumeRolePolicyDocument="{}")
    assert role["Role"]["RoleName"] == READER
    before = desk.accounts.everything()

    planned, document = desk("plan"), desk("plan", "--json").document
    applied = desk("apply", "--auto-approve")

    assert (planned.code, applied.code) == (1, 1)
    assert "In the way: nothing is changed until this is decided" in planned.out
    assert f"✗ consumer/global/role:{READER}" in planned.out
    assert document["status"] == "blocked"
    assert {item["address"] for item in document["blockers"]} == {f"consumer/global/role:{READER}"}
    assert "way out" in planned.out
    assert "nothing was changed" in applied.err
    assert desk.accounts.everything() == before


def test_a_failed_step_is_told_once_with_its_hint(desk: Desk) -> None:
    """A refused call is reported with account, operation and request id, what waited for it is counted, exit code 1."""
    refusals = [{"operation": "glue:CreateDatabase", "nth": n, "error": "AccessDeniedException"} for n in (1, 2)]
    desk.accounts.control("faults", refusals)

    ran = desk("apply", "--auto-approve")
    again = desk("apply", "--auto-approve", "--json")

    assert ran.code == 1
    assert ran.out.count("✗ consumer/ap-southeast-2/database:connect_analytics_consumer") == 1
    assert f"account {CONSUMER}" in ran.out
    assert "operation glue:CreateDatabase" in ran.out
    assert "steps were not begun because of this" in ran.out
    assert "run again to go on from there" in ran.out
    assert {item["status"] for item in again.document["outcomes"]} == {"failed", "skipped"}
    [failed] = [item for item in again.document["outcomes"] if item["status"] == "failed"]
    assert failed["error"]["operation"] == "glue:CreateDatabase"
    assert failed["error"]["request_id"]


def test_a_plan_file_is_carried_out_or_refused(desk: Desk, tmp_path: Path) -> None:
    """A kept plan applies as shown; applied again it is stale, and changed by hand it is refused; both exit with 5."""
    kept, changed = tmp_path / "plan.json", tmp_path / "changed.json"
    desk("plan", "-o", str(kept))
    changed.write_text(kept.read_text().replace('"create"', '"delete"', 1))

    tampered = desk("apply", str(changed), "--auto-approve")
    done = desk("apply", str(kept), "--auto-approve")
    stale = desk("apply", str(kept), "--auto-approve", "--json")

    assert (tampered.code, done.code, stale.code) == (5, 0, 5)
    assert re.search(r"Done: \d+ created\.", done.out)
    assert stale.document["error"]["code"] == "stale_plan"


def test_a_plan_can_be_markdown(desk: Desk) -> None:
    """--markdown gives a heading with the totals and a diff per place."""
    ran = desk("plan", "--markdown")

    assert ran.out.startswith("### lakeshare plan: ")
    assert "@@ resource links @@\n+ link:connect_analytics_consumer.contact_record_link" in ran.out
    assert ran.out.count("```diff") == ran.out.count("</details>") == 3


def test_signs_degrade_where_the_stream_has_no_such_characters(desk: Desk) -> None:
    """On an ASCII stdout the report keeps to ASCII."""
    desk("apply", "--auto-approve")

    ran = desk("verify", encoding="ascii")

    assert ran.code == 0
    assert "ok 2 tables: read (by query), 2 pass" in ran.out
    assert ran.out.isascii()


def test_a_plan_is_not_written_into_a_folder_that_is_not_there(desk: Desk, tmp_path: Path) -> None:
    """A slip in the path is told; no folder is made for it."""
    ran = desk("plan", "-o", str(tmp_path / "nothing" / "plan.json"))

    assert ran.code == 64
    assert "cannot be written" in " ".join(ran.err.split())
    assert not (tmp_path / "nothing").exists()
