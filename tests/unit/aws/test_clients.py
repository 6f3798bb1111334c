"""One client for all who call: each call is signed by whoever makes it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials
from botocore.session import Session

from lakeshare.aws.access import AccountAccess, Aws
from lakeshare.aws.clients import pool_for
from lakeshare.errors import IdentityError
from tests.unit.aws.conftest import REGION
from tests.unit.aws.endpoint import Answer, Asked, FakeEndpoint, identity

SignedIn = Callable[..., tuple[Aws, FakeEndpoint]]
IDS = {f"a{number}": f"{number:012}" for number in range(1, 9)}
ACCOUNTS = [AccountAccess(alias, account_id, REGION) for alias, account_id in IDS.items()]


def whoever_asks(asked: Asked) -> Answer:
    """Answer that each is in the account that its key is named after, and has a database of that name."""
    if asked.operation == "GetCallerIdentity":
        return identity(asked.access_key, f"arn:aws:iam::{asked.access_key}:user/u")
    return {"DatabaseList": [{"Name": asked.access_key}]}


def own_keys(access: AccountAccess) -> Credentials:
    return Credentials(access.account_id, "secret")


def test_each_call_is_signed_by_its_account(signed_in: SignedIn):
    """Many threads that call for many accounts through the same client each sign for their own."""
    aws, endpoint = signed_in(whoever_asks, *ACCOUNTS, credentials=own_keys)
    asked = list(IDS) * 10

    answers = aws.in_parallel(lambda alias: aws.call(alias, REGION, "glue", "get_databases"), asked)

    assert [answer["DatabaseList"][0]["Name"] for answer in answers] == [IDS[alias] for alias in asked]
    keys = Counter(call.access_key for call in endpoint.asked if call.operation == "GetDatabases")
    assert keys == dict.fromkeys(IDS.values(), 10)


def test_accounts_share_their_clients(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch):
    """However many accounts there are, a client is made once for each service and Region."""
    made: list[str] = []
    create = Session.create_client

    def counted(session: Session, service: str, **options: Any) -> Any:
        made.append(service)
        return create(session, service, **options)

    monkeypatch.setattr(Session, "create_client", counted)
    aws, _ = signed_in(whoever_asks, *ACCOUNTS, credentials=own_keys)

    for alias in IDS:
        aws.call(alias, REGION, "glue", "get_databases")

    assert sorted(made) == ["glue", "sts"]


def test_credentials_of_a_profile_are_looked_for_once(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Accounts that are entered by one profile ask its credential process once, not once each."""
    log, keys = tmp_path / "log", {"Version": 1, "AccessKeyId": "AKIAPROFILE", "SecretAccessKey": "secret"}
    program = f"open({str(log)!r}, 'a').write('asked\\n'); print('''{json.dumps(keys)}''')"
    script, config = tmp_path / "process.py", tmp_path / "config"
    script.write_text(program)
    config.write_text(f"[profile ops]\ncredential_process = {sys.executable} {script}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    accounts = [AccountAccess(alias, "000000000001", REGION, profile="ops") for alias in IDS]

    def play(asked: Asked) -> Answer:
        return identity("000000000001", "arn:aws:iam::000000000001:user/u") if "Identity" in asked.operation else {}

    aws, endpoint = signed_in(play, *accounts, credentials=None)
    aws.in_parallel(aws.sign_in, IDS)

    assert log.read_text() == "asked\n"
    assert {call.access_key for call in endpoint.asked} == {"AKIAPROFILE"}


def test_an_unknown_profile_is_told(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch):
    """A profile that nobody wrote down is named, be it the spec's or the environment's."""
    by_spec, _ = signed_in(whoever_asks, AccountAccess("a1", IDS["a1"], REGION, profile="nope"), credentials=None)
    with pytest.raises(IdentityError, match="nope"):
        by_spec.sign_in("a1")

    monkeypatch.setenv("AWS_PROFILE", "nope-either")
    by_environment, _ = signed_in(whoever_asks, ACCOUNTS[0], credentials=None)
    with pytest.raises(IdentityError, match="nope-either"):
        by_environment.sign_in("a1")


@pytest.mark.parametrize(
    "name", ["AWS_CA_BUNDLE", "AWS_USE_FIPS_ENDPOINT", "HTTPS_PROXY", "https_proxy", "AWS_PROFILE"]
)
def test_another_configuration_gets_other_clients(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Clients are shared by those whom botocore would give the same ones, and by nobody else."""
    config = tmp_path / "config"
    config.write_text("[default]\n[profile true]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    before = pool_for(None, None)

    assert pool_for(None, None) is before
    assert pool_for("true", None) is not before
    assert pool_for(None, "http://127.0.0.1:9") is not before
    with monkeypatch.context() as meanwhile:
        meanwhile.setenv(name, "true")
        assert pool_for(None, None) is not before
    assert pool_for(None, None) is before
    config.write_text("[default]\nuse_dualstack_endpoint = true\n[profile true]\n")
    assert pool_for(None, None) is not before


def test_pools_that_nobody_uses_are_given_up():
    """A process that meets ever new configurations keeps a few pools, and each that is in use."""
    used = pool_for(None, "http://127.0.0.1:1")
    used.enter()
    early_on, *_, lately = [pool_for(None, f"http://127.0.0.1:{port}") for port in range(2, 40)]

    early, late = pool_for(None, "http://127.0.0.1:2"), pool_for(None, "http://127.0.0.1:39")

    assert pool_for(None, "http://127.0.0.1:1") is used
    assert late is lately
    assert early is not early_on
    used.leave()


def test_a_run_that_ends_leaves_others_their_clients(signed_in: SignedIn):
    """Of two runs that share clients the one that ends first does not take the other's away."""
    first, endpoint = signed_in(whoever_asks, *ACCOUNTS, credentials=own_keys)
    second = Aws(
        {access.alias: access for access in ACCOUNTS},
        run_id="another",
        pace=first._pace,
        endpoint_url=endpoint.url,
        credentials=own_keys,
    )
    second.call("a1", REGION, "glue", "get_databases")
    second.close()

    for alias in IDS:
        first.call(alias, REGION, "glue", "get_databases")

    runs = [asked.user_agent.rpartition("lakeshare-run/")[2] for asked in endpoint.asked]
    assert Counter(runs) == {"another": 2, "20260101T000000-abcd": 16}
