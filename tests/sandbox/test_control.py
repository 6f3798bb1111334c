"""The control interface: what a test asks of the sandbox itself."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.trouble.faults import Fault, Faults
from lakeshare.sandbox.trouble.limits import Limit, Limits

Ask = Callable[..., tuple[int, Any]]
SIGNING_NAMES = {"cloudwatch": "monitoring"}
TRUST_NOBODY = '{"Version": "2012-10-17", "Statement": []}'


@pytest.fixture
def ask(box: Sandbox) -> Ask:
    """Call the control interface: method, path, body -> status, answer."""

    def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{box.endpoint_url}{path}", content, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own loopback URL
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    return call


def test_health_says_ready(ask: Ask) -> None:
    """The health of a sandbox that serves is ready."""
    assert ask("GET", "/_sandbox/health") == (200, {"status": "ready"})


def test_calls_are_counted_by_account_and_operation(ask: Ask, client: Any) -> None:
    """Each account's calls are counted as accepted or failed, ours and moto's alike, until they are forgotten."""
    client("sts", "111111111111").get_caller_identity()
    client("sts", "222222222222").get_caller_identity()
    client("sts", "222222222222").get_caller_identity()
    with pytest.raises(ClientError, match="NoSuchEntity"):
        client("iam", "222222222222").get_role(RoleName="nobody")

    assert ask("GET", "/_sandbox/calls") == (
        200,
        {
            "111111111111": {"sts:GetCallerIdentity": {"accepted": 1, "throttled": 0, "failed": 0}},
            "222222222222": {
                "iam:GetRole": {"accepted": 0, "throttled": 0, "failed": 1},
                "sts:GetCallerIdentity": {"accepted": 2, "throttled": 0, "failed": 0},
            },
        },
    )
    assert ask("DELETE", "/_sandbox/calls") == (200, {})
    assert ask("GET", "/_sandbox/calls") == (200, {})


@pytest.mark.refuses("front.rate.exceeded")
@pytest.mark.allows("front.rate.exceeded")
def test_a_call_over_the_limit_is_throttled_per_account(ask: Ask, client: Any) -> None:
    """The third call of one account is refused in STS's words while another account's first is let through."""
    held = ask("PUT", "/_sandbox/limits", {"sts:*": {"rate": 0, "burst": 2}})
    assert held == (200, {"sts:*": {"rate": 0, "burst": 2, "charge": "call"}})
    sts = client("sts", "111111111111")
    sts.get_caller_identity()
    sts.get_caller_identity()

    with pytest.raises(ClientError) as refused:
        sts.get_caller_identity()
    client("sts", "222222222222").get_caller_identity()

    assert refused.value.response["Error"]["Code"] == "Throttling"
    assert refused.value.response["Error"]["Message"] == "Rate exceeded"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert refused.value.response["ResponseMetadata"]["HTTPHeaders"]["x-lakeshare-rule"] == "front.rate.exceeded"
    assert ask("GET", "/_sandbox/calls")[1]["111111111111"]["sts:GetCallerIdentity"]["throttled"] == 1


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("athena", lambda it: it.list_work_groups(), "TooManyRequestsException"),
        ("connect", lambda it: it.list_instances(), "ThrottlingException"),
        ("glue", lambda it: it.get_databases(), "ThrottlingException"),
        ("iam", lambda it: it.list_roles(), "Throttling"),
        ("lakeformation", lambda it: it.list_permissions(), "ThrottlingException"),
        ("ram", lambda it: it.get_resource_shares(resourceOwner="SELF"), "ThrottlingException"),
        ("s3", lambda it: it.list_buckets(), "SlowDown"),
        ("cloudwatch", lambda it: it.list_metrics(), "ThrottlingException"),
        ("sqs", lambda it: it.list_queues(), "ThrottlingException"),
    ],
)
def test_each_service_throttles_in_its_own_protocol(ask: Ask, client: Any, service: str, call: Any, code: str) -> None:
    """A throttle is parsed by that service's client, with that service's code."""
    ask("PUT", "/_sandbox/limits", {f"{SIGNING_NAMES.get(service, service)}:*": {"rate": 0, "burst": 1}})
    it = client(service)
    with suppress(ClientError):  # whatever the first call itself has to say
        call(it)

    with pytest.raises(ClientError) as refused:
        call(it)

    assert refused.value.response["Error"]["Code"] == code


def test_a_bucket_refills_at_its_rate_and_never_beyond_its_burst() -> None:
    """After two seconds at three a second, six calls more are let through, and after an hour only the burst."""
    now = [0.0]
    limits = Limits({"glue:*": Limit(rate=3, burst=10)}, clock=lambda: now[0])

    def admitted() -> int:
        return sum(limits.admit("1", "r", "glue:GetTable", 1) for _ in range(50))

    assert admitted() == 10
    now[0] += 2
    assert admitted() == 6
    now[0] += 3600
    assert admitted() == 10


def test_a_batch_charged_by_entry_may_take_the_bucket_into_debt() -> None:
    """A batch of twenty is admitted on one token, and the next call waits until the debt is paid."""
    now = [0.0]
    limits = Limits({"lakeformation:*": Limit(rate=5, burst=5, charge="entry")}, clock=lambda: now[0])

    assert limits.admit("1", "r", "lakeformation:BatchGrantPermissions", 20)
    now[0] += 3.1
    assert not limits.admit("1", "r", "lakeformation:GrantPermissions", 1)
    now[0] += 0.2
    assert limits.admit("1", "r", "lakeformation:GrantPermissions", 1)


def test_a_refused_call_spends_nothing() -> None:
    """A call that one bucket refuses leaves the other as it was."""
    limits = Limits({"glue:*": Limit(0, 2), "glue:GetTable": Limit(0, 1)}, clock=lambda: 0)

    assert limits.admit("1", "r", "glue:GetTable", 1)
    assert not limits.admit("1", "r", "glue:GetTable", 1)
    assert limits.admit("1", "r", "glue:GetDatabase", 1)
    assert not limits.admit("1", "r", "glue:GetDatabase", 1)


def test_latency_is_added_to_each_call(ask: Ask, client: Any) -> None:
    """A call takes at least the latency that was set, and control calls do not."""
    from time import monotonic

    assert ask("PUT", "/_sandbox/latency", {"ms": 120}) == (200, {"ms": 120})
    sts = client("sts")
    start = monotonic()
    sts.get_caller_identity()

    assert monotonic() - start >= 0.12
    assert ask("PUT", "/_sandbox/latency", {"ms": 0}) == (200, {"ms": 0})


def test_a_fault_fires_once_at_the_nth_call_over_all_accounts(ask: Ask, client: Any) -> None:
    """The second call fails, whoever makes it; the first and the third are answered."""
    ask(
        "PUT",
        "/_sandbox/faults",
        [{"operation": "sts:GetCallerIdentity", "nth": 2, "error": "ConcurrentModificationException"}],
    )
    client("sts", "111111111111").get_caller_identity()
    with pytest.raises(ClientError, match="ConcurrentModificationException"):
        client("sts", "222222222222").get_caller_identity()
    assert ask("GET", "/_sandbox/faults") == (200, [])
    client("sts", "111111111111").get_caller_identity()


def test_kill_before_breaks_the_connection_and_nothing_was_done(ask: Ask, client: Any) -> None:
    """After kill_before the role does not exist."""
    ask("PUT", "/_sandbox/faults", [{"operation": "iam:CreateRole", "error": "kill_before"}])

    with pytest.raises(BotoCoreError):
        client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST_NOBODY)

    with pytest.raises(ClientError, match="NoSuchEntity"):
        client("iam").get_role(RoleName="reader")


def test_kill_after_breaks_the_connection_and_the_call_has_acted(ask: Ask, client: Any) -> None:
    """After kill_after the role exists, and the call counts as accepted."""
    ask("PUT", "/_sandbox/faults", [{"operation": "iam:CreateRole", "error": "kill_after"}])

    with pytest.raises(BotoCoreError):
        client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST_NOBODY)

    assert client("iam").get_role(RoleName="reader")["Role"]["RoleName"] == "reader"
    assert ask("GET", "/_sandbox/calls")[1]["111111111111"]["iam:CreateRole"]["accepted"] == 1


def test_faults_count_each_operation_by_itself() -> None:
    """A fault on a whole service counts all its calls, one on an operation only that."""
    faults = Faults([Fault("glue:*", 3, "A"), Fault("glue:GetTable", 2, "B")])

    met = [faults.next(called) for called in ("glue:GetTable", "glue:GetDatabase", "sts:X", "glue:GetTable")]

    assert [fault and fault.error for fault in met] == [None, None, None, "A"]
    assert [fault.error for fault in faults.pending] == ["B"]


def test_a_limit_is_for_the_operations_that_its_pattern_means() -> None:
    """Those that begin alike share a bucket, and every bucket that counts a call is spent."""
    limits = Limits({"glue:Get*": Limit(0, 2), "glue:GetTable": Limit(0, 1), "*": Limit(0, 4)}, clock=lambda: 0.0)

    def admitted(called: str) -> bool:
        return limits.admit("111111111111", "us-east-1", called, 1)

    assert admitted("glue:GetTable")
    assert not admitted("glue:GetTable")
    assert admitted("glue:GetDatabase")
    assert not admitted("glue:GetDatabase")
    assert admitted("glue:CreateTable")
    assert admitted("sts:GetCallerIdentity")
    assert not admitted("sts:GetCallerIdentity")


def test_a_fault_speaks_as_the_service_does_where_that_was_seen() -> None:
    """Lake Formation's conflicts have AWS's words; elsewhere the words are ours."""
    error = "ConcurrentModificationException"

    assert Fault("lakeformation:*", 1, error).refusal().message == "Permission update/Delete failed for Resource"
    assert "control interface" in Fault("glue:UpdateTable", 1, error).refusal().message


def test_a_fault_meets_what_begins_alike() -> None:
    """All operations that a pattern means are counted together."""
    faults = Faults([Fault("glue:Get*", 2, "A"), Fault("*", 4, "B")])

    called = ("glue:GetTable", "glue:CreateTable", "glue:GetDatabase", "sts:GetCallerIdentity")
    met = [faults.next(each) for each in called]

    assert [fault and fault.error for fault in met] == [None, None, "A", "B"]


def test_the_clock_is_set_and_not_added_to(ask: Ask, box: Sandbox) -> None:
    """Each PUT replaces what was set before, the clock's too."""
    ask("PUT", "/_sandbox/clock", {"advance_seconds": 43201})
    status, held = ask("PUT", "/_sandbox/clock", {"advance_seconds": 60})

    assert (status, held["advance_seconds"]) == (200, 60)
    assert box.clock.offset_seconds == 60


def test_delays_left_out_are_none(ask: Ask) -> None:
    """A PUT of one delay sets the others to 0."""
    ask("PUT", "/_sandbox/delays", {"iam_s": 5, "ram_s": 3, "lf_list_s": 2})

    assert ask("PUT", "/_sandbox/delays", {"ram_s": 1}) == (200, {"iam_s": 0.0, "ram_s": 1, "lf_list_s": 0.0})


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("PUT", "/_sandbox/limits", {"lakeformation": {"rate": 1, "burst": 1}}, 400, "SERVICE:OPERATION"),
        ("PUT", "/_sandbox/limits", {"glue:*": {"rate": -1, "burst": 1}}, 400, "the rate of glue:*"),
        ("PUT", "/_sandbox/limits", {"glue:*": {"rate": 1, "burst": 1, "charge": "x"}}, 400, '"call" or "entry"'),
        ("PUT", "/_sandbox/limits", {"gleu:*": {"rate": 1, "burst": 1}}, 400, "names no service of AWS: 'gleu'"),
        ("PUT", "/_sandbox/limits", {"glue:Gets*": {"rate": 1, "burst": 1}}, 400, "but glue has no such operation"),
        ("PUT", "/_sandbox/limits", [], 400, "limits by operation"),
        ("PUT", "/_sandbox/latency", {"seconds": 1}, 400, "latency has no field 'seconds'; it has ms"),
        ("PUT", "/_sandbox/delays", {"iam_s": "5"}, 400, "iam_s to be a number"),
        ("PUT", "/_sandbox/clock", None, 400, "the clock to be an object"),
        ("PUT", "/_sandbox/clock", {"advance_seconds": 1e300}, 400, "advance_seconds is 3153600000 at most"),
        ("PUT", "/_sandbox/faults", {"operation": "glue:GetTable"}, 400, "list of faults"),
        (
            "PUT",
            "/_sandbox/faults",
            [{"operation": "glue:GetDatabse", "nth": 3, "error": "ThrottlingException"}],
            400,
            "is glue:GetDatabse, but glue has no such operation; did you mean glue:GetDatabase?",
        ),
        (
            "PUT",
            "/_sandbox/faults",
            [{"operation": "glue:GetTable", "nth": 0, "error": "X"}],
            400,
            "the nth of fault 1",
        ),
        ("POST", "/_sandbox/seed", {"instance_account": "1", "region": "us-east-1"}, 400, "12 digits"),
        ("PATCH", "/_sandbox/clock", None, 405, "GET, PUT"),
        ("GET", "/_sandbox/weather", None, 404, "/_sandbox/health"),
    ],
)
def test_bad_control_input_is_told_what_was_expected(
    ask: Ask, method: str, path: str, body: Any, status: int, said: str
) -> None:
    """What cannot be read is refused in JSON, and says what would have been right."""
    answered, told = ask(method, path, body)

    assert answered == status
    assert said in told["error"]


@pytest.mark.parametrize("path", ["/_sandbox/reset", "/moto-api/reset"])
def test_a_reset_forgets_everything(ask: Ask, client: Any, path: str) -> None:
    """Limits, latency, delays, faults, the clock, the calls and the roles are gone."""
    ask("PUT", "/_sandbox/limits", {"glue:*": {"rate": 1, "burst": 1}})
    ask("PUT", "/_sandbox/delays", {"iam_s": 5})
    ask("PUT", "/_sandbox/clock", {"advance_seconds": 5})
    ask("PUT", "/_sandbox/faults", [{"operation": "glue:GetTable", "error": "X"}])
    client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST_NOBODY)

    assert ask("POST", path) == (200, {"status": "ok"})

    assert ask("GET", "/_sandbox/limits") == (200, {})
    assert ask("GET", "/_sandbox/delays")[1]["iam_s"] == 0
    assert ask("GET", "/_sandbox/clock")[1]["advance_seconds"] == 0
    assert ask("GET", "/_sandbox/faults") == (200, [])
    assert ask("GET", "/_sandbox/calls") == (200, {})
    assert client("iam").list_roles()["Roles"] == []


def test_the_actions_that_iam_was_asked_about_are_told(ask: Ask, client: Any) -> None:
    """Actions are not calls: HeadBucket is s3:ListBucket; refusals count too; and all are forgotten on demand."""
    s3 = client("s3", "111111111111")
    s3.create_bucket(Bucket="shelf", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"})
    client("sts", "111111111111").get_caller_identity()
    ask("DELETE", "/_sandbox/actions")

    s3.head_bucket(Bucket="shelf")
    with pytest.raises(ClientError):
        client("s3", "222222222222").head_bucket(Bucket="shelf")

    mine = {"s3:ListBucket": {"allowed": 1, "refused": 0, "resources": ["arn:aws:s3:::shelf"]}}
    theirs = {"s3:ListBucket": {"allowed": 0, "refused": 1, "resources": ["arn:aws:s3:::shelf"]}}
    assert ask("GET", "/_sandbox/actions") == (
        200,
        {
            "111111111111": {"arn:aws:iam::111111111111:user/administrator": mine},
            "222222222222": {"arn:aws:iam::222222222222:user/administrator": theirs},
        },
    )
    assert ask("DELETE", "/_sandbox/actions") == (200, {})
