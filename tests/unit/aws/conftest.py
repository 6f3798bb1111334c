from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from botocore.credentials import Credentials

from lakeshare.aws.access import AccountAccess, Aws
from lakeshare.aws.quotas import Quotas
from lakeshare.engine.pace import Pace
from tests.fakes.clock import FakeClock
from tests.unit.aws.endpoint import Answer, Asked, FakeEndpoint, identity

ACCOUNT = "111111111111"
REGION = "ap-southeast-2"
PRODUCER = AccountAccess("producer", ACCOUNT, REGION)


def with_static_keys(_access: AccountAccess) -> Credentials:
    return Credentials("AKIABASE", "secret")


@pytest.fixture(autouse=True)
def no_settings_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of whoever runs the tests reaches botocore."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere/config")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def signed_in(clock: FakeClock) -> Iterator[Callable[..., tuple[Aws, FakeEndpoint]]]:
    """Makes an Aws whose calls are answered by a function; GetCallerIdentity is answered with the base account."""
    with ExitStack() as stack:

        def make(play: Callable[[Asked], Answer], *accounts: AccountAccess, **options: Any) -> tuple[Aws, FakeEndpoint]:
            def answer(asked: Asked) -> Answer:
                if asked.operation == "GetCallerIdentity" and asked.access_key == "AKIABASE":
                    return identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ops/alice")
                return play(asked)

            endpoint = stack.enter_context(FakeEndpoint(answer))
            settings: dict[str, Any] = {"endpoint_url": endpoint.url, "credentials": with_static_keys, **options}
            aws = Aws(
                {access.alias: access for access in accounts or (PRODUCER,)},
                run_id="20260101T000000-abcd",
                pace=Pace(Quotas().rate, clock=clock, jitter=lambda: 1.0),
                **settings,
            )
            return stack.enter_context(aws), endpoint

        yield make
