"""The command line as a test calls it: arguments in, exit code and both streams out."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from lakeshare.cli.ending import run
from tests.functional.accounts import Accounts


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did: its exit code, what it wrote on stdout and on stderr."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        found: dict[str, Any] = json.loads(self.out)
        return found


def lakeshare(*arguments: str, encoding: str = "utf-8", stdin: str = "") -> Ran:
    """Run the command line in this process, with streams that are no terminals."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    before, sys.stdin = sys.stdin, io.StringIO(stdin)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(list(arguments))
            out.flush()
            err.flush()
    finally:
        sys.stdin = before
    return Ran(code, *(stream.buffer.getvalue().decode(encoding) for stream in (out, err)))


def lakeshare_process(*arguments: str, environ: Mapping[str, str] | None = None, seconds: float = 120) -> Ran:
    """Run the command line in a process of its own, with nothing on stdin."""
    ended = subprocess.run(
        [sys.executable, "-m", "lakeshare", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=dict(environ) if environ is not None else None,
        timeout=seconds,
        check=False,
    )
    return Ran(ended.returncode, ended.stdout, ended.stderr)


@dataclass(frozen=True, slots=True)
class Desk:
    """A spec, the accounts that it speaks of, and the command line in front of them."""

    accounts: Accounts
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *arguments: str, **more: Any) -> Ran:
        """Run a command on the spec, against the sandbox."""
        return lakeshare(*arguments, *self.flags, **more)

    def alone(self, *arguments: str) -> Ran:
        """Run a command on the spec where nobody listens at the endpoint: that of a sandbox which was stopped."""
        return lakeshare(*arguments, *self.flags[:2], "--endpoint-url", "http://127.0.0.1:9")

    @property
    def flags(self) -> tuple[str, ...]:
        """The global flags that lead to the spec and to the sandbox."""
        return "-f", str(self.accounts.folder / "lakeshare.yaml"), "--endpoint-url", self.accounts.box.endpoint_url

    def share(self, *tables: str, **changes: Any) -> None:
        """Write a spec that shares *tables*."""
        for name, value in self.accounts.environ.items():
            self.monkeypatch.setenv(name, value)
        self.accounts.write({"contact-centre": self.accounts.share(*tables, **changes)})
