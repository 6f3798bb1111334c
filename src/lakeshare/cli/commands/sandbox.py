"""``lakeshare sandbox``."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.groups import Group
from lakeshare.cli.shell import Shell
from lakeshare.errors import LakeshareError, UsageError

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page

PORT: Final = 4577


@click.group(cls=Group)
def command() -> None:
    """An AWS that says no, on this machine: for tests, and to try a spec on."""


@command.command
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="N", default=PORT, show_default=True, help="0: any free one."
)
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--switch",
    "switches",
    multiple=True,
    metavar="NAME=POSITION",
    help="Follow another of the sources that contradict each other. Repeatable.",
)
@click.pass_obj
def serve(shell: Shell, *, port: int, host: str, switches: tuple[str, ...]) -> None:
    """
    Serve the sandbox until Ctrl-C; prints its URL when it answers.

    Any AWS client can talk to it. A 12-digit access key is the administrator of that account; secrets are not checked.
    `lakeshare sandbox rules` lists the switches and their positions.
    """
    from lakeshare.cli.extras import require_sandbox

    require_sandbox()
    from lakeshare.report.json import document
    from lakeshare.sandbox.server import PortTakenError
    from lakeshare.sandbox.server import serve as serve_sandbox
    from lakeshare.sandbox.trouble.expect import UnexpectedError

    def ready(url: str) -> None:
        sys.stdout.write(json.dumps(document("sandbox serve", "ok", endpoint_url=url)) if shell.json else url)
        sys.stdout.write("\n")
        sys.stdout.flush()
        if not _is_loopback(host):
            shell.err.line(
                ("warning: ", "yellow"), f"signatures are not checked: whoever reaches {host} is any account"
            )
        shell.err.line(("ready; Ctrl-C ends it", "dim"))

    try:
        serve_sandbox(host, port, ready, _positions(switches))
    except PortTakenError as error:
        raise LakeshareError(str(error), hint="--port 0 takes any free one") from error
    except OSError as error:
        raise LakeshareError(f"cannot listen on {host}, port {port}: {error}") from error
    except UnexpectedError as error:
        raise UsageError(f"--switch: {error}", hint="`lakeshare sandbox rules` lists them") from error


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _positions(switches: tuple[str, ...]) -> dict[str, str]:
    """Return what --switch was given, by name."""
    given = {}
    for each in switches:
        name, equals, position = each.partition("=")
        if not equals:
            raise UsageError(f"--switch {each}: expected NAME=POSITION", hint="`lakeshare sandbox rules` lists them")
        given[name] = position
    return given


@command.command
@click.option("--instance-account", metavar="ID", default="111111111111", show_default=True, help="Whose instance.")
@click.option("--region", metavar="REGION", default="ap-southeast-2", show_default=True, help="Where.")
@click.option("--table", "tables", multiple=True, metavar="TABLE", help="Only this table. Repeatable.")
@click.option(
    "--rows", type=click.IntRange(min=0), metavar="N", default=100, show_default=True, help="Contacts to make up."
)
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Another number makes other records.")
@click.pass_obj
def seed(
    shell: Shell, *, instance_account: str, region: str, tables: tuple[str, ...], rows: int, seed: int | None
) -> Answer:
    """
    Give a running sandbox a Connect instance with synthetic records.

    --endpoint-url, or AWS_ENDPOINT_URL, says which sandbox; without either, the one on the default port.
    """
    from lakeshare.cli.sandbox_control import ask
    from lakeshare.report.json import document

    wanted: dict[str, Any] = {"instance_account": instance_account, "region": region, "rows": rows}
    wanted |= {"tables": list(tables)} if tables else {}
    wanted |= {"seed": seed} if seed is not None else {}
    address = shell.endpoint_url or os.environ.get("AWS_ENDPOINT_URL") or f"http://127.0.0.1:{PORT}"
    seeded = ask(address, "seed", wanted)

    def text(page: Page) -> None:
        page.line(seeded["instance_id"])

    def remark(page: Page) -> None:
        records = sum(seeded["tables"].values())
        page.line(f"{len(seeded['tables'])} tables with {records} records, in the account {seeded['lake_account']}")

    return Answer(document("sandbox seed", "ok", **seeded), text, remark)


@command.command
@click.option("--service", metavar="NAME", help="Only what this service refuses.")
@click.pass_obj
def rules(_shell: Shell, *, service: str | None) -> Answer:
    """List what the sandbox refuses, each with its evidence: documented, observed or inferred; and its switches."""
    from dataclasses import asdict

    from lakeshare.cli.extras import require_sandbox

    require_sandbox()
    from lakeshare.report.json import document
    from lakeshare.sandbox.rules import all_rules
    from lakeshare.sandbox.switches import all_switches

    services = {rule.service for rule in all_rules()}
    if service is not None and service not in services:
        from lakeshare.catalogue.nearest import nearest

        meant = nearest(service, services)
        raise UsageError(
            f"there is no service {service}" + (f"; did you mean {meant}?" if meant else ""),
            hint=f"the services with rules are {', '.join(sorted(services))}",
        )
    found = [rule for rule in all_rules() if service in (None, rule.service)]
    switches = [switch for switch in all_switches() if switch.concerns in found]

    def text(page: Page) -> None:
        for rule in found:
            page.line((rule.id, "bold"), (f"  {rule.tag}", "dim"))
            page.folded(rule.text, indent=4)
            page.folded(rule.source, indent=4, style="dim")
            for switch in switches:
                if switch.concerns == rule:
                    page.folded(f"switch {switch.name}: {' | '.join(switch.positions)}", indent=4)
        page.line(f"{len(found)} rules, {len(switches)} switches; a switch stands at the first of its positions")

    listed = [{**asdict(switch), "concerns": switch.concerns.id, "default": switch.default} for switch in switches]
    return Answer(document("sandbox rules", "ok", rules=[asdict(rule) for rule in found], switches=listed), text)
