"""What users can cause ends in one line and an exit code, never in a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lakeshare import app
from lakeshare.cli import extras
from lakeshare.state.ledger import LockOwner, open_ledger
from tests.functional.accounts import Accounts
from tests.functional.command_line import Desk, lakeshare


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """One table to share."""
    found = Desk(accounts, monkeypatch)
    found.share("users")
    return found


def test_a_ledger_that_another_run_holds_is_told_with_4(desk: Desk) -> None:
    """A locked ledger exits with 4 and says who holds it, in text and in the document."""
    with open_ledger(None, desk.accounts.folder, "connect-analytics", create=True) as ledger:
        owner = LockOwner.current(ledger.begin_run("apply", "digest"))
        with ledger.lock(owner):
            text, document = desk("apply", "--auto-approve"), desk("apply", "--auto-approve", "--json")

    assert (text.code, document.code) == (4, 4)
    assert f"pid {os.getpid()}" in text.err
    assert document.document["error"]["code"] == "locked"


def test_a_reader_that_goes_away_is_no_failure(desk: Desk) -> None:
    """`lakeshare tables | head` ends quietly, with the exit code of what the command did."""
    command = f"{sys.executable} -m lakeshare tables --columns contact_record; echo code $? >&2"

    ended = subprocess.run(
        ["bash", "-c", f"({command}) | head -1"], capture_output=True, text=True, check=True, timeout=60
    )

    assert ended.stdout.startswith("contact_record")
    assert ended.stderr == "code 0\n"


def test_a_full_disk_is_one_line() -> None:
    """When stdout cannot be written the system's reason is told, and the exit code is 1."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "lakeshare", "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )

    assert ended.returncode == 1
    assert ended.stderr == "error: No space left on device\n"


def test_a_log_file_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    """--log-file in a folder that is not there is told before anything is done."""
    ran = lakeshare("validate", "--log-file", str(tmp_path / "nowhere" / "log"))

    assert ran.code == 64
    assert "No such file or directory" in ran.err


def test_a_log_file_has_the_events_and_no_secrets(desk: Desk, tmp_path: Path) -> None:
    """The log names each step with the time, and the ExternalId is not in it."""
    log = tmp_path / "log"

    desk("apply", "--auto-approve", "--log-file", str(log))

    text = log.read_text()
    assert "Finished(address='consumer/ap-southeast-2/link:connect_analytics_consumer.users_link'" in text
    assert next(iter(desk.accounts.environ.values())) not in text


def test_what_nobody_expected_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours is one line; the traceback is where -v or --log-file puts it."""

    def broken(*_arguments: Any, **_more: Any) -> None:
        raise KeyError("unforeseen")

    monkeypatch.setattr(app, "plan", broken)
    log = tmp_path / "log"

    plain, loud, logged = lakeshare("plan"), lakeshare("plan", "-v"), lakeshare("plan", "--log-file", str(log))

    assert [ran.code for ran in (plain, loud, logged)] == [1, 1, 1]
    assert plain.err.startswith("error: this should not happen: KeyError: 'unforeseen'\n")
    assert "Traceback" not in plain.err + logged.err
    assert "Traceback" in loud.err
    assert str(log) in logged.err
    assert "Traceback" in log.read_text()


def test_a_missing_extra_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the sandbox's packages demo and sandbox say what to install."""
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "duckdb" else object())

    for arguments in (["demo"], ["sandbox", "serve"], ["sandbox", "rules"]):
        ran = lakeshare(*arguments)

        assert ran.code == 1
        assert "pip install 'lakeshare[sandbox]'" in " ".join(ran.err.split()), "however narrow the terminal is"


def test_credentials_that_are_not_there_are_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any credentials a plan says so, and about which account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    ran = desk("plan", "--json")

    assert ran.code == 1
    assert ran.document["error"]["code"] == "identity"
    assert ran.document["error"]["account"] in ("111111111111", "222222222222")


def test_a_caller_who_may_not_assume_the_role_is_told_where_to_look(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody whom the operator's trust does not name hears of both sides: the trust, and his own policies."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "888888888888")

    hint = desk("plan", "--json").document["error"]["hint"]

    assert "its trust policy names the caller" in hint
    assert hint.endswith("`lakeshare bootstrap --account producer` makes such a role")


def test_an_endpoint_where_nobody_answers_is_told(desk: Desk) -> None:
    """An unreachable endpoint is one line with the operation, not a traceback."""
    spec = str(desk.accounts.folder / "lakeshare.yaml")

    ran = lakeshare("plan", "-f", spec, "--endpoint-url", "nonsense")

    assert ran.code in (1, 64)
    assert "Traceback" not in ran.err
    assert ran.err.startswith("error: ")


def test_a_ledger_that_is_none_is_told(desk: Desk, tmp_path: Path) -> None:
    """--state on a file that is no ledger is an error of the ledger and leaves the file alone."""
    file = tmp_path / "notes.txt"
    file.write_text("not a ledger, but ten lines of notes\n" * 10)

    ran = desk("plan", "--state", str(file), "--json")

    assert ran.code == 1
    assert ran.document["error"]["code"] == "ledger"
    assert file.read_text().startswith("not a ledger")


@pytest.mark.parametrize("arguments", ["--json plan", "tables", "--help"])
@pytest.mark.parametrize("streams", [">/dev/full", ">&-", "2>&-", ">/dev/full 2>/dev/full", ">&- 2>&-"])
def test_streams_that_take_nothing_end_in_one_plain_line(arguments: str, streams: str, tmp_path: Path) -> None:
    """A full or closed stdout is one line on stderr and exit code 1; a closed stderr fails nothing; no traceback."""
    command = f"{sys.executable} -m lakeshare {arguments} {streams}"
    ended = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)

    is_wrong = arguments == "--json plan"
    assert ended.returncode == (1 if is_wrong or streams != "2>&-" else 0)
    assert "Traceback" not in ended.stderr
    assert len([line for line in ended.stderr.splitlines() if line.startswith("error: ")]) == (not streams.count("2>"))
