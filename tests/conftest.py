"""One sandbox server for all tests of a process: it holds moto's state, of which a process has only one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from lakeshare.sandbox import Sandbox

# How long an example takes says more about who else uses the machine than about the code.
settings.register_profile("lakeshare", deadline=None)
settings.load_profile("lakeshare")


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Sandbox]:
    """A running sandbox. Tests empty it before they use it."""
    with Sandbox() as box:
        yield box
