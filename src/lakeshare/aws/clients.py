"""
botocore's clients, made once for each service and Region of a configuration, and shared by all identities and threads.

Making a client takes milliseconds and connecting it a handshake, for each service in each of many accounts. So a client
has no credentials of its own: whoever calls signs, for the length of that call.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialResolver, Credentials, ReadOnlyCredentials
from botocore.exceptions import NoCredentialsError

from lakeshare._version import __version__
from lakeshare.aws.models import ModelLoader
from lakeshare.aws.whole_settings import keep_unknown_settings

_CONNECT_SECONDS = 10
_READ_SECONDS = 20
_CONNECTIONS = 128  # to one host that are kept: the most workers that a spec may ask for, and those who read for them
_POOLS_KEPT = 8  # that nobody uses, the latest

LOADER = ModelLoader()
"""All sessions read the service models through its cache."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs a call (None: nobody was found who could), and the run that it belongs to."""

    credentials: Credentials | None
    run_id: str


_SIGNS: ContextVar[Signature] = ContextVar("lakeshare_signs")


@contextmanager
def signed_by(signature: Signature) -> Iterator[None]:
    """Have the calls that this thread makes meanwhile signed by *signature*, whatever client they go through."""
    token = _SIGNS.set(signature)
    try:
        yield
    finally:
        _SIGNS.reset(token)


class Clients:
    """
    The clients of one identity.

    *open_pool* and *credentials* are asked when they are first needed, *credentials* again by ``renew``.
    """

    def __init__(
        self, open_pool: Callable[[], ClientPool], credentials: Callable[[], Credentials | None], *, run_id: str
    ) -> None:
        self._open_pool = open_pool
        self._credentials = credentials
        self._run_id = run_id
        self._lock = threading.Lock()
        self._pool: ClientPool | None = None
        self._signature: Signature | None = None

    def open(self) -> None:
        """Get the credentials now, so that those which cannot be had fail here rather than at the first call."""
        self.signature()

    def pool(self) -> ClientPool:
        """Return where the clients are; an identity that is assumed from this one shares it."""
        opened = self._pool
        if opened is not None:
            return opened
        with self._lock:
            if self._pool is None:
                self._pool = self._open_pool()
                self._pool.enter()
            return self._pool

    def get(self, service: str, region: str) -> Any:
        """Return the client of *service* in *region*, to be called in ``signed_by(signature())``."""
        return self.pool().get(service, region)

    def signature(self) -> Signature:
        """Return who signs, found on first use."""
        found = self._signature
        if found is not None:
            return found
        with self._lock:
            if self._signature is None:
                self._signature = Signature(self._credentials(), self._run_id)
            return self._signature

    def renew(self, stale: Signature) -> None:
        """Get new credentials, unless another thread has done so since *stale* was handed out."""
        with self._lock:
            if self._signature is stale:
                self._signature = None

    def close(self) -> None:
        """Close the connections, unless others use them."""
        with self._lock:
            if self._pool is not None:
                self._pool.leave()
            self._pool = self._signature = None


class ClientPool:
    """The clients of one configuration. Made under a lock: sessions are not thread-safe, clients are."""

    def __init__(self, profile: str | None, endpoint_url: str | None) -> None:
        self._profile = profile
        self._endpoint_url = endpoint_url
        self._lock = threading.Lock()
        self._session: botocore.session.Session | None = None
        self._made: dict[tuple[str, str], Any] = {}
        self._users = 0

    def get(self, service: str, region: str) -> Any:
        """Return the client of *service* in *region*, made on first use."""
        found = self._made.get((service, region))
        if found is not None:
            return found
        with self._lock:
            found = self._made.get((service, region))
            if found is None:
                found = self._made[service, region] = self._make(service, region)
            return found

    @property
    def is_used(self) -> bool:
        """Whether anybody has entered who has not left."""
        return self._users > 0

    def enter(self) -> None:
        """Tell that connections are needed until ``leave``."""
        with self._lock:
            self._users += 1

    def leave(self) -> None:
        """Close the connections when nobody else needs them; the clients stay."""
        with self._lock:
            self._users -= 1
            if not self._users:
                for client in self._made.values():
                    client.close()

    def _make(self, service: str, region: str) -> Any:
        if self._session is None:
            session = botocore.session.Session(profile=self._profile)
            session.register_component("data_loader", LOADER)
            session.register_component("credential_provider", CredentialResolver([_WhoeverCallsProvider()]))
            self._session = session
        config = _config(self._endpoint_url)
        made = self._session.create_client(service, region_name=region, endpoint_url=self._endpoint_url, config=config)
        made.meta.events.register("request-created", _name_the_run)
        if service == "lakeformation":
            keep_unknown_settings(made)
        return made


_pools: dict[str, ClientPool] = {}
_pools_lock = threading.Lock()


def pool_for(profile: str | None, endpoint_url: str | None) -> ClientPool:
    """
    Return the pool of *profile*'s configuration, as the files and the environment have it now.

    Whoever asks again finds the clients that are there already: a long-lived process makes them once. Raises
    botocore's ProfileNotFound.
    """
    key = _fingerprint(profile, endpoint_url)
    with _pools_lock:
        found = _pools.pop(key, None) or ClientPool(profile, endpoint_url)
        unused = [each for each, pool in _pools.items() if not pool.is_used]
        for each in unused[:-_POOLS_KEPT]:
            del _pools[each]
        _pools[key] = found
        return found


def _fingerprint(profile: str | None, endpoint_url: str | None) -> str:
    """Return a digest of all that botocore makes a client by; it holds secrets, which nobody gets back out of it."""
    # Without handlers a session is not fit to make clients, and twenty times as soon there.
    session = botocore.session.Session(profile=profile, include_builtin_handlers=False)
    told = {name: value for name, value in os.environ.items() if _concerns_clients(name)}
    # What the profile named by the environment says is looked up here, so that one that is missing is told.
    whole = [profile, endpoint_url, session.get_scoped_config(), session.full_config, told]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()


def _concerns_clients(variable: str) -> bool:
    name = variable.upper()
    return name.startswith("AWS_") or name.endswith("_PROXY") or name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


def _name_the_run(request: Any, **_: Any) -> None:
    agent = request.headers["User-Agent"]
    request.headers.replace_header("User-Agent", f"{agent} lakeshare-run/{_SIGNS.get().run_id}")


class _WhoeverCalls(Credentials):  # type: ignore[misc]
    """The credentials of the call that is being made in this thread."""

    def __init__(self) -> None:
        super().__init__("none", "none", method="lakeshare")

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return the keys with which to sign. Raises NoCredentialsError."""
        credentials = _SIGNS.get().credentials
        if credentials is None:
            raise NoCredentialsError
        return credentials.get_frozen_credentials()


class _WhoeverCallsProvider:
    """A credential provider, as botocore's resolver asks for one."""

    METHOD = "lakeshare"

    def load(self) -> Credentials:
        return _WhoeverCalls()


def _config(endpoint_url: str | None) -> Config:
    settings: dict[str, Any] = {
        "connect_timeout": _CONNECT_SECONDS,
        "read_timeout": _READ_SECONDS,
        "max_pool_connections": _CONNECTIONS,
        "retries": {"total_max_attempts": 1, "mode": "standard"},  # the pace retries, and nobody else
        "user_agent_extra": f"lakeshare/{__version__}",
    }
    if endpoint_url or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
        # Nobody has set up DNS for BUCKET.localhost.
        settings["s3"] = {"addressing_style": "path"}
    return Config(**settings)
