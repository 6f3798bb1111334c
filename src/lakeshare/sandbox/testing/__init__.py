"""
The sandbox in other people's tests: a pytest plugin, which pytest finds by itself where lakeshare is installed.

    def test_a_reader_is_refused(lakeshare_sandbox):
        lakeformation = lakeshare_sandbox.client("lakeformation", account="222222222222")
        ...

The server runs in the process of the tests and begins when a test first asks for it, or it is one that runs already:
``pytest --lakeshare-sandbox-url http://127.0.0.1:5000``. Until then this module costs its own lines and no more:
whoever has lakeshare installed imports it in every run of pytest, whether or not there is a lake to test.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lakeshare.sandbox.testing.running import RunningSandbox

__all__ = ["RunningSandbox"]

OPTION = "--lakeshare-sandbox-url"
VARIABLE = "LAKESHARE_SANDBOX_URL"


def __getattr__(name: str) -> Any:
    """Import what fixtures are annotated with only for those who write it down."""
    if name == "RunningSandbox":
        from lakeshare.sandbox.testing.running import RunningSandbox

        return RunningSandbox
    raise AttributeError(name)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the option that names a running server."""
    parser.getgroup("lakeshare").addoption(
        OPTION,
        metavar="URL",
        help=f"Test against this running sandbox, which each test empties, not one of this process (or {VARIABLE}).",
    )


@pytest.fixture(scope="session")
def lakeshare_sandbox_server(pytestconfig: pytest.Config) -> Iterator[RunningSandbox]:
    """One sandbox server for all tests of a process, with whatever earlier tests left in it."""
    url = pytestconfig.getoption(OPTION) or os.environ.get(VARIABLE)
    if url:
        yield _elsewhere(str(url), pytestconfig)
    else:
        yield from _here()


@pytest.fixture
def lakeshare_sandbox(lakeshare_sandbox_server: RunningSandbox) -> Iterator[RunningSandbox]:
    """An empty AWS that says no, for this test alone."""
    lakeshare_sandbox_server.reset()
    yield lakeshare_sandbox_server
    lakeshare_sandbox_server.close_clients()


def _here() -> Iterator[RunningSandbox]:
    """Run a server in this process, until its last test is done."""
    from lakeshare.sandbox.testing.running import RunningSandbox

    try:
        from lakeshare.sandbox.server import Sandbox
    except ModuleNotFoundError as error:
        pytest.fail(f"the sandbox needs {error.name}: pip install 'lakeshare[sandbox]'", pytrace=False)
    with Sandbox() as box:
        yield RunningSandbox(box.endpoint_url)


def _elsewhere(url: str, config: pytest.Config) -> RunningSandbox:
    """Return the sandbox that runs at *url*, if there is one, and for these tests alone."""
    from lakeshare.sandbox.testing.running import ControlError, RunningSandbox

    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        reason = f"{workers} workers share the sandbox at {url}, and each would empty it under the others"
        pytest.fail(f"{reason}; leave out {OPTION}, or -n", pytrace=False)
    running, missing = RunningSandbox(url), ""
    try:
        running.check_ready()
    except ControlError as error:
        missing = str(error)
    if missing:  # told by itself, without the errors that led to it
        pytest.fail(missing, pytrace=False)
    return running
