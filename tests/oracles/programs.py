"""The AWS CLI and our own command line, run as people run them: each in a process and an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.functional.accounts import BASE, REGION, SECRET

DEADLINE_S = 120
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "PYTHONPATH")


def environment(endpoint_url: str, home: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which the sandbox is all of AWS, whatever the tests' own says; *more* is added."""
    empty = home / "empty"
    empty.touch()
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {
        "HOME": str(home),
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": str(empty),
        "AWS_SHARED_CREDENTIALS_FILE": str(empty),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        **more,
    }


def administrator(account: str) -> dict[str, str]:
    """Return the environment of *account*'s administrator: to the sandbox, a 12-digit key is that user."""
    return {"AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "x"}


def run(
    command: Sequence[str], environ: Mapping[str, str], folder: Path, *, expect: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run *command* and return what it said; another exit code than *expect* fails the test with all of that."""
    ended = subprocess.run(
        command, env=environ, cwd=folder, capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    told = f"{' '.join(command)} exited with {ended.returncode}, not {expect}\n{ended.stdout}\n{ended.stderr}"
    assert ended.returncode == expect, told
    return ended


@dataclass(frozen=True, slots=True)
class AwsCli:
    """The AWS command line as somebody: an account's administrator, or a role whose session's keys it holds."""

    executable: str
    endpoint_url: str
    home: Path
    keys: Mapping[str, str]

    def __call__(self, *arguments: str, **members: Any) -> Any:
        """Run ``aws ARGUMENTS`` and return its answer; *members* are options whose values are JSON."""
        ended = run(self._command(arguments, members), self._environ(), self.home)
        return json.loads(ended.stdout) if ended.stdout.strip() else {}

    def refused(self, *arguments: str, **members: Any) -> str:
        """Run what AWS has to refuse, and return its words. Exit codes differ between the major versions."""
        command = self._command(arguments, members)
        ended = subprocess.run(
            command, env=self._environ(), cwd=self.home, capture_output=True, text=True, timeout=DEADLINE_S, check=False
        )
        assert ended.returncode in (254, 255), f"{' '.join(command)} was not refused\n{ended.stdout}\n{ended.stderr}"
        return ended.stderr.strip()

    def knows(self, service: str, operation: str) -> bool:
        """Say whether this version of the AWS CLI has *operation*; the operation must need a parameter."""
        command = self._command((service, operation), {})
        ended = subprocess.run(
            command, env=self._environ(), cwd=self.home, capture_output=True, text=True, timeout=DEADLINE_S, check=False
        )
        return "required" in ended.stderr

    def administrator(self, account: str) -> AwsCli:
        """Return the command line as *account*'s administrator."""
        return replace(self, keys=administrator(account))

    def assume(self, role_arn: str, *, external_id: str = SECRET) -> AwsCli:
        """Return the command line in a session of the role, taken through ``aws sts assume-role``."""
        session = self(
            "sts", "assume-role", "--role-arn", role_arn, "--role-session-name", "oracle", "--external-id", external_id
        )["Credentials"]
        return replace(
            self,
            keys={
                "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
                "AWS_SESSION_TOKEN": session["SessionToken"],
            },
        )

    def _command(self, arguments: Sequence[str], members: Mapping[str, Any]) -> list[str]:
        options = [
            part
            for name, value in members.items()
            for part in (f"--{name.replace('_', '-')}", value if isinstance(value, str) else json.dumps(value))
        ]
        return [self.executable, "--output", "json", *arguments, *options]

    def _environ(self) -> dict[str, str]:
        return environment(self.endpoint_url, self.home, self.keys)


@dataclass(frozen=True, slots=True)
class Lakeshare:
    """Our command line on the spec of a folder, as the user whom both operators trust."""

    endpoint_url: str
    folder: Path
    environ: Mapping[str, str] = field(default_factory=lambda: {"EXTERNAL_ID": SECRET})

    def __call__(self, *arguments: str, expect: int = 0) -> Any:
        """Run ``lakeshare --json ARGUMENTS`` and return its document."""
        environ = environment(self.endpoint_url, self.folder, {**administrator(BASE), **self.environ})
        command = [sys.executable, "-m", "lakeshare", "--json", *arguments]
        return json.loads(run(command, environ, self.folder, expect=expect).stdout)

    def plan(self) -> tuple[list[tuple[str, str]], dict[str, str]]:
        """Return what `lakeshare plan` would do, as (action, address), and why it leaves the rest, by address."""
        document = self("plan", "--show-no-op")
        steps = [(step["action"], step["address"]) for step in document["steps"]]
        return steps, {item["address"]: item["reason"] for item in document["no_ops"]}
