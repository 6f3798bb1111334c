# ruff: noqa: INP001, E501 - a script, no package; tables of Markdown are long
"""
Write docs/reference/cli.md from the commands themselves.

Run it after changing a command: ``python scripts/build_cli_reference.py``. A test says when that was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Final

import click

from lakeshare.cli.root import root

TARGET: Final = Path(__file__).parent.parent / "docs" / "reference" / "cli.md"

HEAD: Final = """\
# The command line

<!-- Written by scripts/build_cli_reference.py from the commands themselves; edit those. -->

One word per job. Results go to stdout, everything else (progress, questions, errors) to stderr. Nothing asks where
there is no terminal to answer on.
"""

EXIT_CODES: Final = {
    0: "done; with `plan --detailed-exitcode`: no changes",
    1: "it failed, or something is in the way; what was done is in the ledger and in the output",
    2: "only from `plan --detailed-exitcode` and `drift`: there are changes",
    3: "`verify`: a proof failed",
    4: "another run holds the ledger; the message says who, where and since when",
    5: "the plan file is stale, or not what it says it is",
    64: "wrong usage",
    130: "interrupted; safe to run again",
}

DOCUMENTS: Final = """\
## `--json`

Every command then prints one document on stdout, also when it fails, and nothing else:

```json
{"format_version": "1.0", "command": "plan", "status": "ok"}
```

Each command adds members of its own. Things may be added to a format version, and nothing is taken away or renamed.

| command | members |
| --- | --- |
| any that fails as a whole | `status`: `failed`; `error`: `{code, message, hint, account, region, operation, request_id, address}`, each but the first two null where it says nothing; for a wrong spec `mistakes`: a list of `{file, line, column, message}`; for one that something is in the way of `blockers`: a list of sentences |
| `plan` | `status`: `ok` or `blocked`; `has_changes`; `is_complete`; `counts` by action; `steps`: a list of `{address, kind, action, reason, depends_on, is_provisional, is_pulled_in, because_of}`; `targets` that it was narrowed to; `no_op`: a count; `no_ops` with `--show-no-op`: a list of `{address, kind, reason, is_ours}`; `blockers`: a list of `{address, kind, reason, way_out}`; `notes`; `calls`: counts by account and `service:Operation`; with `--refresh-only` also `refresh_only`: true, and `differences` as of `drift` |
| `apply`, `destroy` | `status`: `ok`, `failed`, `interrupted` or `declined`; `run_id`; `outcomes`: a list of `{address, action, status, error}`, with `because` (the address whose failure it waited for in vain) and `note` where there is one: when steps failed, their errors stand there, each shaped as above; `notes` of the plan; `calls`; with `--verify` also `verify` |
| `verify` | `status`: `ok`, `failed` or `not-proved`; `passed`; `failed`; `not_proved`; `has_changes`; `proofs`: a list of `{reader, account, share, table, link, column, expect, method, status, rows, error}`; `calls` |
| `drift` | `status`: `ok` or `blocked`; `has_changes`; `is_complete`; `counts` by change; `differences`: a list of `{address, kind, change, reason, action, account, is_ours, made_at, run_id, by, host, way_out, line, depends_on}`; `in_place`: a count; `kept`; `notes`; `calls` |
| `doctor` | `status`: `ok` or `blocked`; `counts` by status; `checks`: a list of `{id, title, status, account, account_id, saw, fix}`, with `detail` where there is more to say; `calls` |
| `query` | `reader`; `columns`; `rows`; `scanned_bytes`; `query_id` |
| `demo` | `tables`; `plan`, `apply`, `verify`, `second_plan`, `query`: as above; `complaints`; `seconds` |
| `tables` | `tables`, or `table` and `columns` |
| `state` | `list`: `serial`, `entries`, `begun`; `show`: `entry`; `history`: `runs`; `rm`: `forgotten`; `unlock`: `holder`; `adopt`: `run_id`, `adopted`: a list of `{address, reason}`, `left`: a list of `{address, status, reason}`, and `status`: `failed` when there was nothing to take over |
"""

INTERRUPTING: Final = """\
## Ctrl-C

The first one lets what has been sent to AWS end, writes it into the ledger, lists what was not begun, and exits with
130. The second one leaves at once; with `--json` the document then has `"status": "interrupted"` and nothing else. Either
way the next run goes on from there.
"""


def reference() -> str:
    """Return the whole page."""
    return "\n".join(_page()).rstrip() + "\n"


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield each command with its full name, subcommands right after their group."""
    context = click.Context(root, info_name="lakeshare")
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", found) for below, found in command.commands.items())


def _page() -> Iterator[str]:
    yield HEAD
    yield "## Global flags\n\nThey may stand before or after the command; the last one said counts.\n"
    yield from _options(root)
    yield "\n## Exit codes\n\n| code | means |\n| --- | --- |"
    yield from (f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    yield ""
    yield DOCUMENTS
    yield INTERRUPTING
    for name, command in commands():
        yield from _command(name, command)


def _command(name: str, command: click.Command) -> Iterator[str]:
    yield f"{'##' if ' ' not in name else '###'} `lakeshare {name}`\n"
    context = click.Context(command, info_name=f"lakeshare {name}")
    yield f"```\n{' '.join([f'lakeshare {name}', *command.collect_usage_pieces(context)])}\n```\n"
    yield cleandoc(command.help or "") + "\n"
    options = list(_options(command))
    if options:
        yield from options
        yield ""


def _options(command: click.Command) -> Iterator[str]:
    context = click.Context(command)
    shown = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    for option in shown:
        record = option.get_help_record(context)
        assert record is not None
        names, text = record
        yield f"- `{names}`: {text}"


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(reference(), encoding="utf-8")
