"""Commands that need no account: init, tables, schema, and the sandbox on its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jsonschema
import pytest
import yaml

from lakeshare.catalogue import tables
from tests.functional.command_line import lakeshare


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_writes_a_file_that_is_valid(here: Path) -> None:
    """What init writes from its flags passes validate, says what was chosen, and fits the schema that is printed."""
    chosen = ["--producer", "123456789012", "--consumer", "210987654321", "--region", "eu-west-2"]

    written = lakeshare("init", *chosen, "--table", "users", "--table", "agent_*", "--reader", "analyst")
    validated = lakeshare("validate")
    schema = json.loads(lakeshare("schema").out)

    assert (written.code, validated.code) == (0, 0)
    assert "2 accounts, 1 share, 1 reader" in validated.err
    spec = yaml.safe_load((here / "lakeshare.yaml").read_text())
    assert spec["accounts"]["consumer"]["id"] == "210987654321"
    [share] = spec["shares"].values()
    assert share["from"]["connect"]["tables"] == ["users", "agent_*"]
    jsonschema.validate(spec, schema)


def test_init_overwrites_nothing(here: Path) -> None:
    """A file that is there stays as it is, unless --force says otherwise."""
    path = here / "lakeshare.yaml"
    path.write_text("mine")

    refused = lakeshare("init")
    kept = path.read_text()
    forced = lakeshare("init", "--force")

    assert (refused.code, kept, forced.code) == (64, "mine", 0)
    assert path.read_text() != "mine"


def test_init_writes_no_file_that_would_be_wrong(here: Path) -> None:
    """A choice that the spec does not take is told, and no file is left."""
    ran = lakeshare("init", "--producer", "12")

    assert ran.code == 64
    assert "accounts.producer.id" in ran.err
    assert list(here.iterdir()) == []


def test_tables_lists_the_catalogue() -> None:
    """Every table is listed under its category, and the document holds as many."""
    ran, document = lakeshare("tables"), lakeshare("tables", "--json").document

    for name, table in tables().items():
        assert f"  {name} " in ran.out
        assert f"group:{table.category}" in ran.out
    assert [item["name"] for item in document["tables"]] == list(tables())
    assert max(len(line) for line in ran.out.splitlines()) <= 100


def test_tables_lists_the_columns_of_one() -> None:
    """--columns lists a table's columns with their types and what they join."""
    ran = lakeshare("tables", "--columns", "users")
    document = lakeshare("tables", "--columns", "users", "--json").document

    assert "* user_id " in ran.out
    assert "joins contact_record.agent_id" in ran.out
    assert [column["name"] for column in document["columns"]] == [column.name for column in tables()["users"].columns]


def test_rules_are_listed_with_their_evidence() -> None:
    """`sandbox rules` prints each rule with its tag and source; --service narrows it."""
    everything = lakeshare("sandbox", "rules", "--json").document["rules"]
    glue = lakeshare("sandbox", "rules", "--service", "glue", "--json").document["rules"]

    assert {rule["tag"] for rule in everything} <= {"documented", "observed", "inferred"}
    assert all(rule["source"] for rule in everything)
    assert glue == [rule for rule in everything if rule["id"].startswith("glue.")]
    assert glue


def test_switches_are_listed_with_the_rules_they_concern() -> None:
    """`sandbox rules` prints a switch under its rule, the default position first; --service narrows it."""
    switches = lakeshare("sandbox", "rules", "--json").document["switches"]
    glue = lakeshare("sandbox", "rules", "--service", "glue", "--json").document["switches"]

    storage = next(switch for switch in switches if switch["name"] == "glue.link-storage")
    assert (storage["concerns"], storage["default"], list(storage["positions"])) == (
        "glue.link.no-storage",
        "refuse",
        ["refuse", "mask"],
    )
    assert glue == [switch for switch in switches if switch["name"].startswith("glue.")]
    assert "switch glue.link-storage: refuse | mask" in lakeshare("sandbox", "rules").out


def test_a_sandbox_is_served_with_a_switch() -> None:
    """`sandbox serve --switch` sets positions that a reset does not change."""
    with serving("--switch", "glue.link-storage=mask", "--switch", "glue.orphan-links=refuse") as url:
        with urllib.request.urlopen(f"{url}/_sandbox/reset", b"", timeout=30) as answer:  # noqa: S310 - our own URL
            assert answer.status == 200
        with urllib.request.urlopen(f"{url}/_sandbox/switches", timeout=30) as answer:  # noqa: S310 - the same
            stand = json.load(answer)

    assert (stand["glue.link-storage"], stand["glue.orphan-links"]) == ("mask", "refuse")
    assert stand["lakeformation.super-on-link"] == "refuse"


@pytest.fixture
def served() -> Iterator[str]:
    """A sandbox in a process of its own; gives its URL."""
    with serving() as url:
        yield url


@contextmanager
def serving(*flags: str) -> Iterator[str]:
    """Serve a sandbox from a process of its own, until the block ends; gives its URL."""
    command = [sys.executable, "-m", "lakeshare", "sandbox", "serve", "--port", "0", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == 0


def test_a_served_sandbox_can_be_seeded(served: str) -> None:
    """`sandbox serve` prints where it listens, `sandbox seed` gives it an instance, and a second server is refused."""
    seeded = lakeshare("sandbox", "seed", "--endpoint-url", served, "--table", "users", "--rows", "10", "--json")
    wrong = lakeshare("sandbox", "seed", "--endpoint-url", served, "--table", "user")
    taken = lakeshare("sandbox", "serve", "--port", served.rpartition(":")[2])

    assert seeded.code == 0
    assert list(seeded.document["tables"]) == ["users"]
    assert wrong.code == 64
    assert "did you mean users?" in " ".join(wrong.err.split())
    assert taken.code == 1
    assert "is taken by another program" in taken.err


def test_a_sandbox_that_is_not_there_is_told() -> None:
    """Seeding where nobody answers says how to start a sandbox."""
    ran = lakeshare("sandbox", "seed", "--endpoint-url", "http://127.0.0.1:1")

    assert ran.code == 1
    assert "lakeshare sandbox serve" in ran.err
