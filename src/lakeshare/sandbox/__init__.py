"""
An AWS that says no: an HTTP endpoint with accounts, Regions and enforced permissions, for tests and demonstrations.

    from lakeshare.sandbox import Sandbox

    with Sandbox() as box:
        print(box.endpoint_url)

Our Lake Formation, RAM, Connect analytics, Athena, Glue and STS stand in front of moto, which answers the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lakeshare.sandbox.server import Sandbox

__all__ = ["Sandbox"]


def __getattr__(name: str) -> Any:
    """Import the server only for those who want it: the services beneath it are usable without aiohttp."""
    if name == "Sandbox":
        from lakeshare.sandbox.server import Sandbox

        return Sandbox
    raise AttributeError(name)
