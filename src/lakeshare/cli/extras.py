"""What takes more than the plain installation."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from lakeshare.errors import LakeshareError

SANDBOX_PACKAGES: Final = ("aiohttp", "duckdb", "moto", "sqlglot")
"""What ``lakeshare[sandbox]`` brings."""


def require_sandbox() -> None:
    """Raise LakeshareError when the packages that the sandbox stands on are not installed."""
    missing = [name for name in SANDBOX_PACKAGES if find_spec(name) is None]
    if missing:
        raise LakeshareError(
            f"the sandbox needs {', '.join(missing)}; install it with: pip install 'lakeshare[sandbox]'"
        )
