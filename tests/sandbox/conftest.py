"""A real server, emptied before each test, and boto3 clients that talk to it over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import boto3
import pytest
from botocore.config import Config

from lakeshare.sandbox import Sandbox

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
        keys = account_or_keys
        if isinstance(keys, str):
            keys = {"AccessKeyId": keys, "SecretAccessKey": "unchecked", "SessionToken": None}
        untyped: Any = boto3  # its stubs want each service spelt out
        made.append(
            untyped.client(
                service,
                endpoint_url=box.endpoint_url,
                region_name=region,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys.get("SessionToken"),
                config=Config(retries={"total_max_attempts": 1}, **config),
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.close()
