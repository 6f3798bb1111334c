"""
A plugin for the pytest that runs moto's own tests: each of its processes has a sandbox, and notes what was refused.

It is loaded by that pytest from this folder, beside moto's package of tests, so it imports nothing of ours but the
sandbox; run as a program it is the sandbox, which answers each line that it reads with the refusals up to then.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

RESULTS = "LAKESHARE_MOTO_RESULTS"
"""The environment variable that names the folder for the results, one file for each process."""

MOTOS_PORT = "http://localhost:5000"
"""Where some of moto's tests look for the server, wherever they are told that it is."""


class Recorder:
    """What each test came to, and the rules by which the sandbox refused meanwhile."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server
        self._tests: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Note which rules refused while a test ran."""
        before = self._refusals()
        noted = self._tests[item.nodeid] = {"outcome": "passed", "rules": [], "message": ""}
        result = yield
        noted["rules"] = sorted(self._refusals() - before)
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what became of a test: of its setting up, itself and its tearing down the worst."""
        noted = self._tests.get(report.nodeid)
        if noted is not None and not report.passed and noted["outcome"] != "failed":
            noted.update(outcome=report.outcome, message=str(report.longrepr)[-400:])

    def pytest_sessionfinish(self) -> None:
        """Write the notes down."""
        folder = Path(os.environ[RESULTS])
        (folder / f"{os.getpid()}.json").write_text(json.dumps(self._tests))
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait()

    def _refusals(self) -> Counter[str]:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write("\n")
        self._server.stdin.flush()
        return Counter(json.loads(self._server.stdout.readline()))


def pytest_configure(config: pytest.Config) -> None:
    """Start the sandbox of this process, if it is one that runs tests."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        return  # the process that hands out the tests
    server = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    endpoint = server.stdout.readline().strip()
    os.environ["TEST_SERVER_MODE_ENDPOINT"] = endpoint
    _lead_there(endpoint)
    config.pluginmanager.register(Recorder(server))


def _lead_there(endpoint: str) -> None:
    """Lead requests to moto's usual port to the sandbox."""
    import requests

    send: Any = requests.Session.request

    def request(self: requests.Session, method: str, url: str, *arguments: Any, **named: Any) -> Any:
        return send(self, method, url.replace(MOTOS_PORT, endpoint), *arguments, **named)

    requests.Session.request = request  # type: ignore[method-assign, assignment]


def serve() -> None:
    """Be the sandbox until nobody asks any more."""
    from lakeshare.sandbox import Sandbox
    from lakeshare.sandbox.rules import refusals

    with Sandbox() as box:
        say(box.endpoint_url.replace("127.0.0.1", "localhost"))
        for _ in sys.stdin:
            say(json.dumps(refusals))


def say(line: str) -> None:
    """Write a line for whoever started this program."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve()
