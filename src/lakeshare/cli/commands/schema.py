"""``lakeshare schema``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.shell import Shell

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page


@click.command
@click.pass_obj
def command(_shell: Shell) -> Answer:
    """
    Print the JSON Schema of the spec, for editors.

    `lakeshare schema > lakeshare.schema.json` puts it where the first line of a spec says it is.
    """
    from lakeshare.report.json import document
    from lakeshare.spec import json_schema

    schema = json_schema()

    def text(page: Page) -> None:
        page.console.out(json.dumps(schema, indent=2), highlight=False)

    return Answer(document("schema", "ok", schema=schema), text)
