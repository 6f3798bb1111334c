"""The sandbox with two accounts, one per test; the server itself is shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeshare.sandbox import Sandbox
from tests.functional.accounts import BASE, CONSUMER, PRODUCER, Accounts


@pytest.fixture
def bare(sandbox_server: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    """Two accounts with operator roles, and no Connect instance yet."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", BASE)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    sandbox_server.reset()
    accounts = Accounts(sandbox_server, tmp_path)
    accounts.make_operator(PRODUCER)
    accounts.make_operator(CONSUMER)
    return accounts


@pytest.fixture
def accounts(bare: Accounts) -> Accounts:
    """Two accounts with operator roles; the producer has a Connect instance with four tables in its lake."""
    bare.seed(["contact_record", "users", "agent_event", "routing_profiles"])
    return bare
