"""The demo: the whole story, with hostile AWS settings in the shell, in one document."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from lakeshare.catalogue import tables
from lakeshare.cli.commands import demo
from lakeshare.cli.demo.isolation import BASE_ACCOUNT, isolated
from tests.functional.command_line import lakeshare, lakeshare_process


@pytest.fixture
def hostile(tmp_path: Path) -> dict[str, str]:
    """An environment that points AWS at a real-looking account, and everything else at a proxy that is not there."""
    config = tmp_path / "config"
    config.write_text("[default]\nregion = us-east-1\nendpoint_url = http://192.0.2.1\n[profile real]\nrole_arn = x\n")
    return {
        **os.environ,
        "AWS_PROFILE": "real",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-for-the-demo",
        "AWS_SESSION_TOKEN": "neither",
        "AWS_CONFIG_FILE": str(config),
        "AWS_ENDPOINT_URL": "http://192.0.2.1",
        "AWS_ENDPOINT_URL_GLUE": "http://192.0.2.1",
        "AWS_CA_BUNDLE": "/nowhere",
        "AWS_DEFAULT_REGION": "us-east-1",
        "http_proxy": "http://192.0.2.2",
        "HTTPS_PROXY": "http://192.0.2.2",
    }


def test_the_whole_story_in_one_document(hostile: dict[str, str]) -> None:
    """All 48 tables are shared and proved, a second plan is empty, the query has an answer; all within a minute."""
    began = time.monotonic()
    ran = lakeshare_process("demo", "--json", environ=hostile)
    took = time.monotonic() - began

    document = ran.document
    assert (ran.code, document["status"], document["complaints"]) == (0, "ok", [])
    assert document["tables"] == len(tables()) == 48
    assert {item["status"] for item in document["apply"]["outcomes"]} == {"done"}
    assert (document["verify"]["passed"], document["verify"]["failed"]) == (96, 0)
    assert {proof["method"] for proof in document["verify"]["proofs"]} == {"query"}
    assert document["second_plan"]["has_changes"] is False
    assert document["query"]["columns"][:2] == ["queue", "contacts"]
    assert sum(int(row[1]) for row in document["query"]["rows"]) > 50
    assert took < 60


def test_a_small_story_is_told(hostile: dict[str, str]) -> None:
    """As text the demo shows its spec, the plan, the proofs and the answer, and keeps within 100 columns."""
    ran = lakeshare_process("demo", "--tables", "3", "--rows", "20", environ=hostile)

    assert ran.code == 0
    for sentence in (
        "create: {service: lambda.amazonaws.com}",
        "1. What would be done: lakeshare plan",
        " to create, 0 to change, 0 to replace, 0 to delete.",
        "✓ 3 tables: read (by query), 3 pass",
        "✓ 3 tables: refused, as they should be (by query), 3 pass",
        "No changes: everything is as the spec says.",
        "seconds_to_answer",
        "✓ 3 tables shared, 6 proofs passed (3 of them refusals)",
    ):
        assert sentence in ran.out
    told = ran.out.split("1. What would be done")[1]
    assert max(len(line) for line in told.splitlines()) <= 100


def test_the_demo_can_be_kept_to_look_around() -> None:
    """With --keep the sandbox answers, and the folder is there, until Ctrl-C; then both go and the exit code is 0."""
    command = [sys.executable, "-m", "lakeshare", "demo", "--tables", "2", "--rows", "5", "--keep"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as demo_:
        assert demo_.stdout is not None
        told = "".join(iter(demo_.stdout.readline, "    lakeshare destroy\n"))
        folder = Path(next(line for line in told.splitlines() if line.startswith("    cd "))[7:])
        url = told.split("AWS_ENDPOINT_URL=")[1].split()[0]
        with urlopen(f"{url}/_sandbox/health") as answer:  # noqa: S310 - our own server on loopback
            health = json.load(answer)
        was_there = (folder / "lakeshare.yaml").exists()
        demo_.send_signal(signal.SIGINT)
        code = demo_.wait(30)

    assert (code, health, was_there) == (0, {"status": "ready"}, True)
    assert not folder.exists()


def test_the_demo_offers_as_many_tables_as_there_are() -> None:
    """The limit of --tables is the catalogue's size."""
    assert len(tables()) == demo.ALL_TABLES


def test_the_demo_goes_nowhere_else() -> None:
    """An endpoint or a ledger of one's own is wrong usage, and says how to try a spec instead."""
    for flag in ("--endpoint-url", "--state"):
        ran = lakeshare("demo", flag, "https://example.com")

        assert ran.code == 64
        assert flag in ran.err


def test_isolation_lets_nothing_out_and_puts_everything_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside, the shell's settings are gone and other machines are out of reach; outside, all is as it was."""
    monkeypatch.setenv("AWS_PROFILE", "real")
    before = dict(os.environ)

    with isolated():
        inside = dict(os.environ)
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname()).close()
        with pytest.raises(ConnectionRefusedError, match=r"192\.0\.2\.1"):
            socket.create_connection(("192.0.2.1", 443), timeout=1)

    assert "AWS_PROFILE" not in inside
    assert inside["AWS_ACCESS_KEY_ID"] == BASE_ACCOUNT
    assert dict(os.environ) == before
