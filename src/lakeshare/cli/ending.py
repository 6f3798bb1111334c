"""From an answer or an error to what is printed, and to an exit code."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TextIO

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.groups import NoCommandError
from lakeshare.cli.log import LOGGER, close_log
from lakeshare.cli.root import root
from lakeshare.cli.shell import Shell
from lakeshare.errors import LakeshareError, UsageError

INTERRUPTED: Final = 130


def run(arguments: list[str]) -> int:
    """Run the command line *arguments* and return the exit code. Raises nothing that a user can cause."""
    shell = Shell(json="--json" in arguments)
    stdout_is_open = _replace_closed_streams()
    _survive_odd_characters()
    try:
        code = _ended(shell, arguments)
    except BrokenPipeError:
        return _nobody_listens(shell)
    except OSError as error:
        return _cannot_be_written(error)
    finally:
        close_log()
    return code if code or stdout_is_open else _cannot_be_written(OSError("stdout is closed"))


def _ended(shell: Shell, arguments: list[str]) -> int:
    try:
        answer = root.main(arguments, "lakeshare", standalone_mode=False, obj=shell)
        code = _answered(shell, answer) if isinstance(answer, Answer) else int(answer or 0)
    except LakeshareError as error:
        code = _failed(shell, error)
    except NoCommandError as error:
        code = _without_a_command(shell, error)
    except click.UsageError as error:
        code = _failed(shell, _usage_error(error))
    except click.ClickException as error:
        code = _failed(shell, UsageError(error.format_message()))
    except (click.Abort, KeyboardInterrupt):
        code = _interrupted(shell)
    except BrokenPipeError:
        raise
    except OSError as error:
        code = _failed(shell, _from_the_system(error))
    except Exception as error:  # noqa: BLE001 - a bug of ours must not look like one
        code = _failed(shell, _unexpected(shell, error))
    sys.stdout.flush()
    return code


def _answered(shell: Shell, answer: Answer) -> int:
    shell.exit_code = answer.exit_code
    if shell.json:
        _print_document(answer.document)
    else:
        answer.text(shell.out)
        answer.remark(shell.err)
    return answer.exit_code


def _failed(shell: Shell, error: LakeshareError) -> int:
    from lakeshare.report.json import error_document
    from lakeshare.report.text.errors import render_error

    shell.exit_code = error.exit_code
    if shell.json:
        _print_document(error_document(shell.command, error))
    render_error(error, shell.err, lists_all=shell.lists_all)
    return error.exit_code


def _interrupted(shell: Shell) -> int:
    shell.exit_code = INTERRUPTED
    if shell.json:
        from lakeshare.report.json import document

        _print_document(document(shell.command or "lakeshare", "interrupted"))
    sys.stderr.write("interrupted; safe to run again\n")
    sys.stderr.flush()
    sys.stdout.flush()
    return INTERRUPTED


def _without_a_command(shell: Shell, error: NoCommandError) -> int:
    if shell.json:
        return _failed(shell, UsageError("which command?", hint="`lakeshare --help` lists them"))
    sys.stderr.write(error.help + "\n")
    return UsageError.exit_code


def _usage_error(error: click.UsageError) -> UsageError:
    path = error.ctx.command_path if error.ctx else "lakeshare"
    return UsageError(error.format_message(), hint=f"`{path} --help` tells what it takes")


def _from_the_system(error: OSError) -> LakeshareError:
    """Turn a full disk, a folder that may not be read and the like into one line."""
    where = f"{error.filename}: " if error.filename else ""
    return LakeshareError(f"{where}{error.strerror or error}")


def _unexpected(shell: Shell, error: Exception) -> LakeshareError:
    """Turn what nobody expected into one line, and say where the traceback is."""
    import traceback

    where = "run again with -v, or with --log-file PATH, to see where it happened"
    if shell.log_file:
        LOGGER.error("unexpected", exc_info=error)
        where = f"the traceback is in {shell.log_file}"
    if shell.verbosity:
        sys.stderr.write("".join(traceback.format_exception(error)))
        where = "the traceback is above"
    return LakeshareError(f"this should not happen: {type(error).__name__}: {error}", hint=where)


def _print_document(document: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=True) + "\n")


def _survive_odd_characters() -> None:
    """Write what a stream's encoding does not have as an escape, rather than fail over it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _replace_closed_streams() -> bool:
    """Give what was started without stdout or stderr (`>&-`) a place to write to; tell whether there was a stdout."""
    stdout_is_open = sys.stdout is not None
    if not stdout_is_open:
        sys.stdout = _nowhere()
    if sys.stderr is None:
        sys.stderr = _nowhere()
    return stdout_is_open


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _cannot_be_written(error: OSError) -> int:
    """Say on stderr, if that takes it, that the answer was lost; 1 whatever the command came to."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"error: the answer cannot be written: {error.strerror or error}\n")
        sys.stderr.flush()
    for stream in (sys.stdout, sys.stderr):
        _leave_unwritten(stream)
    return LakeshareError.exit_code


def _nobody_listens(shell: Shell) -> int:
    """End quietly when whoever reads us has gone (`| head`); the exit code still tells what the command did."""
    _leave_unwritten(sys.stdout)
    return shell.exit_code


def _leave_unwritten(stream: TextIO) -> None:
    """Turn *stream* away when it takes no more: Python flushes it once more when it ends, and would complain."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
