"""The same room against the sandbox, which knows nothing of it: expiry, lost answers, unknown limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from botocore.credentials import Credentials

from lakeshare.aws.access import AccountAccess, Aws
from lakeshare.aws.quotas import Quotas
from lakeshare.engine.events import Event, Throttled
from lakeshare.engine.pace import Pace
from lakeshare.errors import CallError
from lakeshare.sandbox import Sandbox

ACCOUNT = "222222222222"
REGION = "ap-southeast-2"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    ],
}


def administrator(_access: AccountAccess) -> Credentials:
    return Credentials(ACCOUNT, "secret")


@pytest.fixture
def box(sandbox_server: Sandbox) -> Sandbox:
    sandbox_server.reset()
    return sandbox_server


@pytest.fixture
def put(box: Sandbox) -> Callable[[str, Any], None]:
    """Asks the sandbox for trouble."""

    def ask(path: str, body: Any) -> None:
        request = Request(f"{box.endpoint_url}/_sandbox/{path}", json.dumps(body).encode(), method="PUT")  # noqa: S310
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            assert answer.status == 200

    return ask


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def aws(box: Sandbox, events: list[Event]) -> Iterator[Aws]:
    accounts = {
        "plain": AccountAccess("plain", ACCOUNT, REGION),
        "by role": AccountAccess("by role", ACCOUNT, REGION, role="ops/operator"),
    }
    pace = Pace(Quotas().rate, listener=events.append)
    with Aws(accounts, run_id="r1", pace=pace, endpoint_url=box.endpoint_url, credentials=administrator) as opened:
        yield opened


@pytest.fixture
def operator(aws: Aws) -> str:
    """The role behind the account "by role"; it may use Glue and look itself up."""
    names = {"RoleName": "operator"}
    role = aws.call(
        "plain", REGION, "iam", "create_role", Path="/ops/", AssumeRolePolicyDocument=json.dumps(TRUST), **names
    )
    allowed = {"Effect": "Allow", "Action": ["glue:*", "iam:GetRole"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    aws.call("plain", REGION, "iam", "put_role_policy", PolicyName="p", PolicyDocument=policy, **names)
    return str(role["Role"]["Arn"])


def test_role_is_known_by_its_path(aws: Aws, operator: str):
    """Signed in by a role, our principal is the role's ARN with its path."""
    assert aws.identity("by role").principal_arn == operator == f"arn:aws:iam::{ACCOUNT}:role/ops/operator"


def test_run_outlives_its_credentials(aws: Aws, operator: str, put: Callable[[str, Any], None]):
    """When the role's keys expire in the middle of a run the role is assumed again and the run goes on."""
    assert operator
    before = aws.call("by role", REGION, "glue", "get_databases")

    put("clock", {"advance_seconds": 2 * 3600})
    after = aws.call("by role", REGION, "glue", "get_databases")

    assert after == before
    assert aws.counts()[ACCOUNT]["sts:AssumeRole"] == 2


def test_lost_answer_shows_in_the_error(aws: Aws, put: Callable[[str, Any], None]):
    """
    When AWS acts but its answer is lost, the repeat finds the thing there and the error says that we may have
    made it.
    """
    put("faults", [{"operation": "glue:CreateDatabase", "nth": 1, "error": "kill_after"}])

    with pytest.raises(CallError) as caught:
        aws.call("plain", REGION, "glue", "create_database", DatabaseInput={"Name": "lake"})

    assert caught.value.aws_code == "AlreadyExistsException"
    assert caught.value.broke_before


def test_lost_question_is_asked_again(aws: Aws, put: Callable[[str, Any], None]):
    """When the connection breaks before AWS has acted, the call is repeated and nobody notices."""
    put("faults", [{"operation": "glue:CreateDatabase", "nth": 1, "error": "kill_before"}])

    aws.call("plain", REGION, "glue", "create_database", DatabaseInput={"Name": "lake"})

    assert aws.counts()[ACCOUNT]["glue:CreateDatabase"] == 2


def test_unknown_limit_is_kept_to(aws: Aws, events: list[Event], put: Callable[[str, Any], None]):
    """Sixteen workers under a limit that nobody told them of get everything done with few throttles."""
    put("limits", {"lakeformation:*": {"rate": 5, "burst": 5, "charge": "call"}})

    aws.in_parallel(lambda _number: aws.call("plain", REGION, "lakeformation", "get_data_lake_settings"), range(40))

    throttled = sum(isinstance(event, Throttled) for event in events)
    assert throttled <= 10
    assert aws.counts()[ACCOUNT]["lakeformation:GetDataLakeSettings"] == 40 + throttled
