"""The reference of the command line says what the commands say."""

from __future__ import annotations

import runpy
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click
import pytest

from lakeshare.cli.root import COMMANDS

ROOT = Path(__file__).parents[2]
SCRIPT: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "build_cli_reference.py"))
EVERY_COMMAND = list(SCRIPT["commands"]())


def test_the_reference_is_up_to_date() -> None:
    """docs/reference/cli.md is what scripts/build_cli_reference.py writes."""
    written = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")

    assert written == SCRIPT["reference"](), "run: python scripts/build_cli_reference.py"


@pytest.mark.parametrize(("name", "command"), EVERY_COMMAND, ids=[name for name, _command in EVERY_COMMAND])
def test_every_command_has_help(name: str, command: click.Command) -> None:
    """Each command and each of its flags says what it is for, in sentences."""
    assert cleandoc(command.help or "").split("\n")[0].endswith((".", ":"))
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts}"
            assert option.help.endswith(".")


def test_every_command_is_documented() -> None:
    """Each command has a section of the reference, and a line of help that begins with a verb's capital."""
    page = SCRIPT["reference"]()

    for name, _command in EVERY_COMMAND:
        assert f"# `lakeshare {name}`\n" in page
    for summary in COMMANDS.values():
        assert summary[0].isupper()
        assert summary.endswith(".")
