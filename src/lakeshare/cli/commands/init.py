"""``lakeshare init``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.shell import Shell
from lakeshare.errors import LakeshareError, SpecError, UsageError

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page


@click.command
@click.option("--name", metavar="NAME", help="What the whole is called.")
@click.option("--producer", metavar="ID", help="The account of the Connect instance.")
@click.option("--consumer", metavar="ID", help="The account that reads.")
@click.option("--region", metavar="REGION", help="The Region of both.")
@click.option("--operator-role", metavar="ROLE", help="The role that lakeshare assumes in both accounts.")
@click.option("--instance", metavar="ID", help="The Connect instance.")
@click.option("--table", "tables", multiple=True, metavar="TABLE", help="A table, pattern or group:NAME. Repeatable.")
@click.option("--database", metavar="NAME", help="The consumer's database for the links.")
@click.option("--reader", metavar="ROLE", help="The role that reads.")
@click.option("--force", is_flag=True, help="Overwrite the file that is there.")
@click.pass_obj
def command(shell: Shell, /, *, force: bool, **choices: Any) -> Answer:
    """
    Write a commented lakeshare.yaml to begin with.

    Asks for what no flag says when there is a terminal to ask on, and takes examples otherwise. Never overwrites a file
    without --force.
    """
    from lakeshare.report.json import document

    path = Path(shell.file)
    if path.exists() and not force:
        raise UsageError(f"{shell.file} exists already", hint="--force overwrites it, -f PATH writes another")
    given = {name: value for name, value in choices.items() if value}
    answers = given if shell.json or not sys.stdin.isatty() else _asked(given)
    text = _rendered(answers, shell.file)
    _write(path, text)

    def remark(page: Page) -> None:
        page.line((f"{page.signs.passed} ", "green"), f"{shell.file} is written")
        page.line("Look it over, then: lakeshare validate, lakeshare plan")

    return Answer(document("init", "ok", file=shell.file), remark=remark)


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    """Ask for what *given* does not say; a bare Enter takes what is suggested."""
    questions = {
        "name": ("What the whole is called", "connect-analytics"),
        "producer": ("Account of the Connect instance (12 digits)", "111111111111"),
        "consumer": ("Account that reads (12 digits)", "222222222222"),
        "region": ("Region of both", "us-east-1"),
        "instance": ("Id of the Connect instance", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"),
        "tables": ("Tables (all, or names and patterns with commas)", "all"),
        "database": ("Database for the links", "connect_analytics"),
        "reader": ("Role that reads", "connect-analytics-reader"),
    }
    answers = dict(given)
    for name, (question, suggested) in questions.items():
        if name not in given:
            answer = click.prompt(question, default=suggested, err=True).strip()
            answers[name] = tuple(filter(None, answer.replace(",", " ").split())) if name == "tables" else answer
    return answers


def _rendered(answers: dict[str, Any], shown_as: str) -> str:
    """Return the file for *answers*. Raises UsageError when it would not be a valid one."""
    from lakeshare.spec import AccountChoice, parse_spec, render_template

    region, role = answers.get("region", "us-east-1"), answers.get("operator_role")
    rest = {name: answers[name] for name in ("name", "instance", "tables", "database", "reader") if name in answers}
    text = render_template(
        producer=AccountChoice(answers.get("producer", "111111111111"), region, role),
        consumer=AccountChoice(answers.get("consumer", "222222222222"), region, role),
        **rest,
    )
    try:
        parse_spec(text, os.environ, shown_as=shown_as)
    except SpecError as error:
        told = "; ".join(mistake.message for mistake in error.mistakes)
        raise UsageError(f"nothing was written, since the file would be wrong: {told}") from error
    return text


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LakeshareError(f"{path} cannot be written: {error.strerror}") from error
