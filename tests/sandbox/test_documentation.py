"""docs/sandbox.md does what it says: each of its examples is run as it stands there, but for the port."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
PROGRAMS = [text for language, text in BLOCKS if language == "python" and "def test_" not in text]
TESTS = [text for language, text in BLOCKS if language == "python" and "def test_" in text]
SCRIPTS = [text for language, text in BLOCKS if not language and "pytest" not in text]
UNDER_PYTEST = [text for language, text in BLOCKS if not language and "pytest" in text]
DOCUMENTED_PORT = "5000"
NEEDS_CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="the page's commands use curl")

# Where the AWS CLI is not installed; it stands in for what the page asks of it, by the same parameters.
AWS_CLI = f"""#!{sys.executable}
import json, sys
import boto3
from botocore import xform_name
service, operation, *given = sys.argv[1:]
client = boto3.client(service)
model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation.replace("-", "_")])
members = {{xform_name(name, "-"): name for name in model.input_shape.members}}
params = {{members[name[2:]]: value for name, value in zip(given[::2], given[1::2], strict=True)}}
print(json.dumps(getattr(client, operation.replace("-", "_"))(**params), default=str))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a user whose commands are those of this installation, and who has said nothing of AWS yet."""
    bin_ = Path(sys.executable).parent
    tools = tmp_path / "tools"
    tools.mkdir()
    if not (bin_ / "aws").exists():
        (tools / "aws").write_text(AWS_CLI, encoding="utf-8")
        (tools / "aws").chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAKESHARE_", "PYTEST_"))}
    return kept | {"PATH": os.pathsep.join([str(tools), str(bin_), os.environ["PATH"]]), "NO_PROXY": "*"}


def run_script(text: str, folder: Path, environment: dict[str, str]) -> str:
    """
    Run shell commands, against a port that is free, and return what they print; what they started ends with them.

    What is started is waited for, for longer than the commands would by themselves: the machine may be a busy one.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    up = f"&\nuntil curl -s localhost:{port}/_sandbox/health; do sleep 0.1; done\n"
    script = "trap 'kill $(jobs -p)' EXIT\n" + text.replace(DOCUMENTED_PORT, port).replace("&\n", up)
    ran = subprocess.run(
        ["bash", "-e"],
        input=script,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_page_has_an_example_of_each() -> None:
    """Programs, tests in the process and as a server, and commands; a block that nothing here runs would be told."""
    assert (len(PROGRAMS), len(TESTS), len(SCRIPTS), len(UNDER_PYTEST)) == (2, 2, 3, 1)
    assert len(BLOCKS) == 8


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        (0, r"\d+ data sets are offered by arn:aws:connect:ap-southeast-2:111111111111:.*\n"),
        (1, r"the analyst sees \['customer'\]\n"),
    ],
)
def test_the_programs(number: int, printed: str, tmp_path: Path, environment: dict[str, str]) -> None:
    """A sandbox in one's own process, with a lake, and with LF-tags in it."""
    program = [sys.executable, "-c", PROGRAMS[number]]

    told = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)

    assert re.fullmatch(printed, told.stdout)


@NEEDS_CURL
def test_the_commands(tmp_path: Path, environment: dict[str, str]) -> None:
    """Serve, seed, ask as two accounts, and control, one block after the other."""
    told = run_script("\n".join(SCRIPTS), tmp_path, environment)

    assert "contact_record" in told
    assert '"advance_seconds": 43201' in told
    assert '"charge": "call"' in told
    assert '"nth": 3' in told
    assert '"lakeformation.settings-left-out": "kept"' in told
    assert '"error":' not in told.replace('"error": "ThrottlingException"', "")


def test_the_tests(tmp_path: Path, environment: dict[str, str]) -> None:
    """The fixtures in the process of the tests, and with a program that the tests start."""
    for number, text in enumerate(TESTS):
        (tmp_path / f"test_{number}.py").write_text(text, encoding="utf-8")

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert f"{len(TESTS)} passed" in ran.stdout, ran.stdout


@NEEDS_CURL
def test_the_tests_against_a_server_that_is_up(tmp_path: Path, environment: dict[str, str]) -> None:
    """The option of pytest names it."""
    (tmp_path / "test_documented.py").write_text(TESTS[0], encoding="utf-8")

    assert "1 passed" in run_script(UNDER_PYTEST[0], tmp_path, environment)
