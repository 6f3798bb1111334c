"""A real server, emptied before each test, and boto3 clients that talk to it over HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Protocol

import boto3
import pytest
from botocore.config import Config

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.rules import refusals
from lakeshare.sandbox.trouble import Trouble

ACCOUNT = "111111111111"


class ClientMaker(Protocol):
    """Makes a client for *service* as an account's administrator, or with the keys that AssumeRole answered."""

    def __call__(
        self,
        service: str,
        account_or_keys: str | Mapping[str, Any] = ACCOUNT,
        region: str = "ap-southeast-2",
        **config: Any,
    ) -> Any: ...


@pytest.fixture(autouse=True)
def shown_rules(request: pytest.FixtureRequest) -> Iterator[None]:
    """
    Hold a test to its marks, by which docs/reference/sandbox-rules.md names it.

    A rule that it is said to see refuse has refused; one that it only sees allow has not, and some call was accepted.
    """
    refusing, allowing = _marked(request, "refuses"), _marked(request, "allows")
    uses_server = bool(allowing) and "box" in request.fixturenames
    server = request.getfixturevalue("sandbox_server") if uses_server else None
    before = Counter(refusals)

    yield

    refused = refusals - before
    assert refusing <= set(refused), f"not refused by {refusing - set(refused)}"
    assert not (allowing - refusing) & set(refused), f"refused by {(allowing - refusing) & set(refused)}"
    if server is not None:
        counted = server.world.store(Trouble).counts.document()
        assert any(count["accepted"] for calls in counted.values() for count in calls.values()), "nothing was allowed"


def _marked(request: pytest.FixtureRequest, name: str) -> set[str]:
    """Return the rules that a test's marks of that *name* list."""
    return {rule for mark in request.node.iter_markers(name) for rule in mark.args}


@pytest.fixture
def box(sandbox_server: Sandbox) -> Sandbox:
    """An empty sandbox."""
    sandbox_server.reset()
    return sandbox_server


@pytest.fixture
def client(box: Sandbox) -> Iterator[ClientMaker]:
    """Make clients that try each call once, so that every refusal is seen."""
    made: list[Any] = []

    def make(
        service: str,
        account_or_keys: str | Mapping[str, Any] = ACCOUNT,
        region: str = "ap-southeast-2",
        **config: Any,
    ) -> Any:
        if isinstance(account_or_keys, str):
            return _administrators(service, account_or_keys, region, box.endpoint_url, tuple(config.items()))
        keys = account_or_keys
        made.append(
            _client(
                service,
                region,
                box.endpoint_url,
                config,
                (keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken")),
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


@lru_cache(maxsize=200)  # a client holds nothing of a test, and to make one takes longer than most calls
def _administrators(
    service: str, account: str, region: str, endpoint_url: str, config: tuple[tuple[str, Any], ...]
) -> Any:
    return _client(service, region, endpoint_url, dict(config), (account, "unchecked", None))


def _client(
    service: str, region: str, endpoint_url: str, config: Mapping[str, Any], keys: tuple[str, str, str | None]
) -> Any:
    untyped: Any = boto3  # its stubs want each service spelt out
    return untyped.client(
        service,
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        aws_session_token=keys[2],
        config=Config(retries={"total_max_attempts": 1}, **config),
    )
