"""Wrong usage, help and the global flags: what needs no AWS account at all."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lakeshare._version import __version__
from lakeshare.cli import sandbox_control
from lakeshare.cli.root import COMMANDS, NOT_BUILT
from tests.functional.command_line import lakeshare

WRONG_USAGES = [
    ["plann"],
    ["plan", "--nope"],
    ["plan", "--target"],
    ["plan", "extra", "words"],
    ["plan", "-o", "-"],
    ["query", "SELECT 1"],
    ["demo", "--tables", "49"],
    ["plan", "--endpoint-url", "foo"],
    ["plan", "--endpoint-url", "http://"],
    ["plan", "--endpoint-url", "http://host:port"],
    ["demo", "--endpoint-url", "https://athena.us-east-1.amazonaws.com"],
    ["apply"],
    ["destroy"],
    ["apply", "plan.json", "--target", "x", "--auto-approve"],
    ["--color", "purple", "plan"],
    ["tables", "--columns", "contact-recrod"],
    ["state"],
    ["state", "lst"],
    ["sandbox", "serve", "--port", "99999"],
    ["sandbox", "serve", "--switch", "glue.link-storage"],
    ["sandbox", "serve", "--switch", "glue.link-storage=maybe"],
    ["sandbox", "rules", "--service", "nope"],
    ["init", "--force", "--producer", "12"],
    [],
]


@pytest.mark.parametrize("arguments", WRONG_USAGES, ids=" ".join)
def test_wrong_usage_exits_with_64_and_a_line_about_it(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with the arguments: 64, never 2; nothing on stdout, no traceback, something on stderr."""
    monkeypatch.chdir(tmp_path)

    ran = lakeshare(*arguments)

    assert (ran.code, ran.out) == (64, "")
    assert ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("arguments", WRONG_USAGES, ids=" ".join)
def test_wrong_usage_is_a_document_too(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --json wrong usage is a failed document with an error in it."""
    monkeypatch.chdir(tmp_path)

    document = lakeshare("--json", *arguments).document

    assert document["status"] == "failed"
    assert document["error"]["code"] == "usage"
    assert document["error"]["message"]


def test_a_name_that_is_no_command_gets_the_nearest_one() -> None:
    """A slip in a command's name is answered with the command that was probably meant."""
    assert "did you mean verify?" in lakeshare("verfy").err


def test_a_service_without_rules_gets_the_nearest_one() -> None:
    """A slip in a service's name is no empty list of rules."""
    assert "there is no service lakeformaton; did you mean lakeformation?" in " ".join(
        lakeshare("sandbox", "rules", "--service", "lakeformaton").err.split()
    )


def test_a_taken_port_is_named() -> None:
    """A sandbox on a port that another program holds says which, and how to get a free one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "lakeshare", "sandbox", "serve", "--port", port],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert ended.returncode == 1
    assert f"port {port} on 127.0.0.1 is taken" in ended.stderr
    assert "--port 0" in ended.stderr


@pytest.mark.parametrize(("host", "is_warned"), [("0.0.0.0", True), ("127.0.0.1", False)])  # noqa: S104 - that is it
def test_a_sandbox_that_others_can_reach_says_what_that_means(host: str, *, is_warned: bool) -> None:
    """Signatures are not checked, so listening beyond loopback comes with a warning; Ctrl-C ends it either way."""
    command = [sys.executable, "-m", "lakeshare", "sandbox", "serve", "--host", host, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        served.stdout.readline()
        served.send_signal(signal.SIGINT)
        _, told = served.communicate(timeout=60)

    assert served.returncode == 0
    assert ("signatures are not checked" in told) is is_warned


def test_a_sandbox_that_is_starting_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """`lakeshare sandbox serve &` and then `seed` at once is what anybody would type."""
    monkeypatch.setattr(sandbox_control, "PATIENCE", 60.0)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")

    with subprocess.Popen(
        [sys.executable, "-m", "lakeshare", "sandbox", "serve", "--port", str(port)], stdout=subprocess.DEVNULL
    ) as served:
        seeded = lakeshare("sandbox", "seed", "--rows", "0")
        served.send_signal(signal.SIGINT)

    assert "tables with 0 records" in seeded.err


def test_seeding_goes_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_ENDPOINT_URL names the sandbox to seed, as it does for every other client."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    assert "no sandbox answers at http://127.0.0.1:1" in lakeshare("sandbox", "seed").err


@pytest.mark.parametrize("name", NOT_BUILT)
def test_a_command_to_come_says_so(name: str) -> None:
    """Commands that are designed but not built are told apart from slips."""
    assert f"`lakeshare {name}` is not built yet" in lakeshare(name).err


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_without_a_terminal_the_flag_is_named(command: str) -> None:
    """On a pipe apply and destroy do not guess: the error names the flag that approves."""
    assert "--auto-approve" in lakeshare(command).err


def test_global_flags_stand_before_or_after_the_command(tmp_path: Path) -> None:
    """The spec's path, --json and --color mean the same on either side; the last one said counts."""
    here = str(tmp_path / "here.yaml")

    ran = [
        lakeshare("-f", here, "--json", "validate"),
        lakeshare("validate", "-f", here, "--json"),
        lakeshare("-f", "elsewhere.yaml", "validate", "--json", "-f", here),
    ]

    assert ran[0] == ran[1] == ran[2]
    assert ran[0].document["mistakes"][0]["file"] == here


def test_validate_names_every_mistake_with_its_place(tmp_path: Path) -> None:
    """Each mistake is FILE:LINE:COL: message on stdout, with FILE as it was given, and the exit code is 1."""
    path = tmp_path / "wrong.yaml"
    path.write_text("version: 1\nname: x y\naccounts: {}\nshars: {}\n")

    ran = lakeshare("validate", "-f", str(path))

    assert ran.code == 1
    lines = ran.out.splitlines()
    assert len(lines) > 1
    assert all(line.startswith(f"{path}:") for line in lines)
    assert f"{path}:4:1:" in ran.out


def test_other_commands_tell_the_mistakes_of_a_spec_on_stderr(tmp_path: Path) -> None:
    """A plan of a wrong spec has no result: its mistakes are on stderr, and in the document with --json."""
    path = tmp_path / "wrong.yaml"
    path.write_text("version: 1\n")

    text, document = lakeshare("plan", "-f", str(path)), lakeshare("plan", "-f", str(path), "--json").document

    assert (text.code, text.out) == (1, "")
    assert f"{path}:1:1:" in text.err
    assert document["error"]["code"] == "spec"
    assert document["mistakes"][0]["line"] == 1


def test_help_lists_every_command_and_flag() -> None:
    """--help is on stdout, exits with 0 and has a line for each command."""
    ran = lakeshare("--help")

    assert ran.code == 0
    for name, summary in COMMANDS.items():
        assert f"  {name} " in ran.out
        assert summary in ran.out


def test_the_version_is_printed_and_imports_nothing_of_ours() -> None:
    """--version costs no more than click: of lakeshare only what parses the line is loaded."""
    imported = _imported_by("--version")

    assert lakeshare("--version").out == f"lakeshare {__version__}\n"
    ours = {name for name in imported if name.startswith("lakeshare")}
    assert ours <= {
        "lakeshare",
        "lakeshare._version",
        "lakeshare.__main__",
        "lakeshare.cli",
        "lakeshare.cli.answer",
        "lakeshare.cli.ending",
        "lakeshare.cli.groups",
        "lakeshare.cli.log",
        "lakeshare.cli.root",
        "lakeshare.cli.shell",
        "lakeshare.errors",
    }


def test_help_imports_nothing_heavy() -> None:
    """--help answers without AWS's SDK, pydantic, rich or the sandbox's packages."""
    imported = {name.partition(".")[0] for name in _imported_by("--help")}

    assert imported.isdisjoint({"boto3", "botocore", "pydantic", "rich", "moto", "yaml", "aiohttp", "duckdb"})


def _imported_by(argument: str) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lakeshare", argument],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    return {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}


@pytest.mark.parametrize("beside", [["--max-deletes", "0"], ["-o", "plan.json"], ["--markdown"], ["--show-no-op"]])
def test_what_says_nothing_about_the_ledger_alone_is_refused_beside_it(beside: list[str]) -> None:
    """--refresh-only wants nothing, so a flag about what is wanted is wrong usage and not passed over."""
    ran = lakeshare("plan", "--refresh-only", *beside)

    assert ran.code == 64
    assert "do not go together" in " ".join(ran.err.split())
