"""``lakeshare validate``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.shell import Shell
from lakeshare.errors import SpecError

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page
    from lakeshare.spec import Spec


@click.command
@click.pass_obj
def command(shell: Shell) -> Answer:
    """
    Check the spec alone; asks nothing of AWS.

    Prints every mistake as FILE:LINE:COL: message, and exits with 1 when there is one.
    """
    from lakeshare.report.json import document
    from lakeshare.report.words import counted
    from lakeshare.spec import load_spec

    try:
        spec = load_spec(Path(shell.file), os.environ, shown_as=shell.file)
    except SpecError as error:
        return _wrong(error)

    counts = {"accounts": len(spec.accounts), "shares": len(spec.shares), "readers": _readers(spec)}

    def remark(page: Page) -> None:
        told = ", ".join(counted(count, noun.removesuffix("s")) for noun, count in counts.items())
        page.line((f"{page.signs.passed} ", "green"), f"{shell.file}: {told}; no mistakes")

    return Answer(document("validate", "ok", file=shell.file, **counts), remark=remark)


def _readers(spec: Spec) -> int:
    return sum(len(share.readers) for share in spec.shares.values())


def _wrong(error: SpecError) -> Answer:
    from lakeshare.report.json import error_document

    def text(page: Page) -> None:
        for mistake in error.mistakes:
            page.line(str(mistake))

    return Answer(error_document("validate", error), text, exit_code=error.exit_code)
