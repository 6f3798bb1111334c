"""botocore's clients: made once for each service and Region, shared by all threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.config import Config

from lakeshare._version import __version__
from lakeshare.aws.models import ModelLoader
from lakeshare.aws.whole_settings import keep_unknown_settings

_CONNECT_SECONDS = 10
_READ_SECONDS = 20

LOADER = ModelLoader()
"""All sessions read the service models through its cache."""


class Clients:
    """
    The clients of one identity.

    Clients are made under a lock (sessions are not thread-safe, clients are). ``renew`` begins again with fresh
    credentials.
    """

    def __init__(
        self,
        open_session: Callable[[], botocore.session.Session],
        *,
        run_id: str,
        workers: int,
        endpoint_url: str | None,
    ) -> None:
        self._open_session = open_session
        self._endpoint_url = endpoint_url
        self._config = _config(run_id, workers, endpoint_url)
        self._lock = threading.Lock()
        self._session: botocore.session.Session | None = None
        self._made: dict[tuple[str, str], Any] = {}
        self._retired: list[Any] = []

    def open(self) -> None:
        """Open the session now, so that credentials which cannot be had fail here rather than at the first call."""
        with self._lock:
            self._opened()

    def get(self, service: str, region: str) -> Any:
        """Return the client of *service* in *region*, made on first use."""
        found = self._made.get((service, region))
        if found is not None:
            return found
        with self._lock:
            found = self._made.get((service, region))
            if found is None:
                found = self._opened().create_client(
                    service, region_name=region, endpoint_url=self._endpoint_url, config=self._config
                )
                if service == "lakeformation":
                    keep_unknown_settings(found)
                self._made[service, region] = found
            return found

    def renew(self, stale: Any) -> None:
        """Get new credentials, unless another thread has done so since *stale* was handed out."""
        with self._lock:
            if not any(client is stale for client in self._made.values()):
                return
            self._retired.extend(self._made.values())
            self._made = {}
            self._session = None

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in (*self._made.values(), *self._retired):
                client.close()
            self._made, self._retired, self._session = {}, [], None

    def _opened(self) -> botocore.session.Session:
        if self._session is None:
            self._session = self._open_session()
            self._session.register_component("data_loader", LOADER)
        return self._session


def _config(run_id: str, workers: int, endpoint_url: str | None) -> Config:
    settings: dict[str, Any] = {
        "connect_timeout": _CONNECT_SECONDS,
        "read_timeout": _READ_SECONDS,
        "max_pool_connections": 2 * workers,  # those who write, and the pool that they ask to read for them
        "retries": {"total_max_attempts": 1, "mode": "standard"},  # the pace retries, and nobody else
        "user_agent_extra": f"lakeshare/{__version__} lakeshare-run/{run_id}",
    }
    if endpoint_url or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
        # Nobody has set up DNS for BUCKET.localhost.
        settings["s3"] = {"addressing_style": "path"}
    return Config(**settings)
