"""The front door: any AWS client can talk to it, in each protocol."""

from __future__ import annotations

import asyncio
import io
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from multidict import CIMultiDict

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.front import Front, HangUpError
from lakeshare.sandbox.registry import MOTOS, Service
from lakeshare.sandbox.server import PortTakenError
from lakeshare.sandbox.trouble import Trouble
from lakeshare.sandbox.wire.http import Answer, Request
from lakeshare.sandbox.world import World

SERVE = """
import sys
from lakeshare.sandbox.server import serve
HEAVY = {"botocore", "moto", "duckdb", "sqlglot"}
serve("127.0.0.1", 0, lambda url: print(url, *HEAVY & set(sys.modules), flush=True))
"""


def test_a_twelve_digit_key_is_the_administrator_of_that_account(client: Any) -> None:
    """A 12-digit access key N is the user administrator of account N."""
    told = client("sts", "222222222222").get_caller_identity()

    assert told["Account"] == "222222222222"
    assert told["Arn"] == "arn:aws:iam::222222222222:user/administrator"
    assert told["UserId"].startswith("AIDA")


def test_an_unknown_key_is_the_default_account(client: Any) -> None:
    """Any other key is the administrator of moto's default account."""
    told = client("sts", {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x"}).get_caller_identity()

    assert told["Account"] == "123456789012"


def test_what_is_not_ours_goes_to_moto_as_the_callers_account(client: Any) -> None:
    """A bucket made with one account's key belongs to that account alone."""
    client("s3", "111111111111").create_bucket(
        Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"}
    )

    assert [bucket["Name"] for bucket in client("s3", "111111111111").list_buckets()["Buckets"]] == ["lake"]
    assert client("s3", "222222222222").list_buckets()["Buckets"] == []


def test_objects_survive_the_streaming_upload_and_come_back_whole(client: Any) -> None:
    """A multipart upload with trailing checksums, a HEAD and a ranged GET agree on the object's bytes."""
    s3 = client("s3", region="us-east-1")
    s3.create_bucket(Bucket="lake")
    body = bytes(range(256)) * 40_000

    s3.upload_fileobj(io.BytesIO(body), "lake", "a b/ü+c.parquet", ExtraArgs={"Metadata": {"my_key": "kept"}})

    assert s3.head_object(Bucket="lake", Key="a b/ü+c.parquet")["ContentLength"] == len(body)
    found = s3.get_object(Bucket="lake", Key="a b/ü+c.parquet")
    assert found["Body"].read() == body
    assert found["Metadata"] == {"my_key": "kept"}
    assert s3.get_object(Bucket="lake", Key="a b/ü+c.parquet", Range="bytes=1-3")["Body"].read() == b"\x01\x02\x03"


def test_a_presigned_url_works_without_headers(client: Any) -> None:
    """The key, Region and service of a presigned URL are read from its query."""
    s3 = client("s3", region="us-east-1")
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="k", Body=b"seen")

    url = s3.generate_presigned_url("get_object", Params={"Bucket": "lake", "Key": "k"})

    with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own loopback URL
        assert answer.read() == b"seen"


def test_a_reset_empties_moto_too(client: Any, box: Sandbox) -> None:
    """After a reset there are no roles."""
    client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')

    box.reset()

    with pytest.raises(ClientError, match="NoSuchEntity"):
        client("iam").get_role(RoleName="reader")


def test_only_one_sandbox_is_open_in_a_process(box: Sandbox) -> None:
    """A second Sandbox would share moto's state with the first, so it is refused."""
    with pytest.raises(RuntimeError, match="another Sandbox"), Sandbox():
        pass


def test_a_bucket_in_the_host_is_found(client: Any, box: Sandbox) -> None:
    """A virtual-host address reaches the bucket that the host names."""
    s3 = client("s3", region="us-east-1")
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="a b", Body=b"seen")
    host = box.endpoint_url.replace("http://127.0.0.1", "lake.localhost")

    url = s3.generate_presigned_url("get_object", Params={"Bucket": "lake", "Key": "a b"}).replace("/lake/", "/")
    request = urllib.request.Request(url, headers={"Host": host})  # noqa: S310 - our own loopback URL

    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own loopback URL
        assert answer.read() == b"seen"


def test_a_gzipped_object_stays_as_it_was_put(client: Any) -> None:
    """The encoding of an object's content is its owner's business."""
    s3 = client("s3", region="us-east-1")
    s3.create_bucket(Bucket="lake")
    body = b"\x1f\x8b not really gzip"

    s3.put_object(Bucket="lake", Key="k", Body=body, ContentEncoding="gzip")

    found = s3.get_object(Bucket="lake", Key="k")
    assert found["ContentEncoding"] == "gzip"
    assert found["Body"].read() == body


def test_what_nobody_answers_is_told_at_once(client: Any) -> None:
    """An operation that neither we nor moto have is a 501 that names it, which no client retries."""
    with pytest.raises(ClientError) as refused:
        client("service-quotas").list_service_quotas(ServiceCode="vpc")

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "servicequotas:ListServiceQuotas" in refused.value.response["Error"]["Message"]
    with pytest.raises(ClientError, match="does not answer lakeformation:StartTransaction") as unrouted:
        client("lakeformation").start_transaction()
    assert unrouted.value.response["Error"]["Code"] == "NotImplemented"


def test_an_empty_body_has_no_parameters_for_moto_either(box: Sandbox) -> None:
    """What moto answers of a service of ours is read as ours is: no body, no parameters."""
    scope = "Credential=111111111111/20260101/eu-west-1/glue/aws4_request"
    asked = urllib.request.Request(  # noqa: S310 - our own loopback URL
        box.endpoint_url,
        data=b"",
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AWSGlue.GetDataCatalogEncryptionSettings",
        },
    )
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own loopback URL
        assert b"DataCatalogEncryptionSettings" in answer.read()


def test_a_parameter_that_the_query_lacks_is_missed(box: Sandbox) -> None:
    """A path that can mean one operation alone means it without its query too, and what is missing is named."""
    scope = "Credential=111111111111/20260101/eu-west-1/ram/aws4_request"
    asked = urllib.request.Request(  # noqa: S310 - our own loopback URL
        f"{box.endpoint_url}/deleteresourceshare",
        headers={"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"},
        method="DELETE",
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)  # noqa: S310 - our own loopback URL

    assert refused.value.code == 400
    assert b"resourceShareArn" in refused.value.read()


def test_a_taken_port_is_told_in_one_line(box: Sandbox) -> None:
    """A server on a port that somebody else has says which."""
    port = int(box.endpoint_url.rpartition(":")[2])
    asked = f"from lakeshare.sandbox.server import serve\nserve('127.0.0.1', {port}, print)"

    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)

    assert ended.stderr.splitlines()[-1].endswith(
        f"{PortTakenError.__name__}: port {port} on 127.0.0.1 is taken by another program"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_starts_light_and_ends_on_a_signal(number: int) -> None:
    """It is ready without moto or DuckDB, and a signal ends it cleanly, with nothing on stderr."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as serving:
        assert serving.stdout is not None
        url, *heavy = serving.stdout.readline().split()
        with urllib.request.urlopen(f"{url}/_sandbox/health") as answer:  # noqa: S310 - our own loopback URL
            assert answer.status == 200
        serving.send_signal(number)
        _, errors = serving.communicate(timeout=10)

    assert heavy == []
    assert (serving.returncode, errors) == (0, "")


def signed(service: str, form: bytes) -> Request:
    """A signed query-protocol call of account 111111111111."""
    scope = f"Credential=111111111111/20260101/us-east-1/{service}/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}", "Content-Type": "application/x-www-form-urlencoded"}
    return Request("POST", "/", CIMultiDict(headers), form)


def service(operation: Any, *, slow: bool) -> Service:
    """A service with one operation, in the place of STS."""
    name = "GetCallerIdentity"
    return Service({name: operation}, slow=frozenset({name} if slow else ()))


def test_a_slow_operation_holds_back_our_own_calls_and_nothing_else() -> None:
    """While it runs, health and moto answer; our next call waits until it is done, so that no store is shared."""
    started, release = threading.Event(), threading.Event()
    running, overlaps = [0], [0]

    def slow(call: Call) -> dict[str, Any]:
        running[0] += 1
        overlaps[0] = max(overlaps[0], running[0])
        started.set()
        release.wait(10)
        running[0] -= 1
        return {"Account": call.caller.account}

    async def story() -> tuple[list[Answer], list[bool]]:
        front = Front(World(), lambda name: service(slow, slow=True) if name == "sts" else MOTOS)
        ours = [
            asyncio.create_task(front.answer(signed("sts", b"Action=GetCallerIdentity&Version=2011-06-15")))
            for _ in range(2)
        ]
        await asyncio.to_thread(started.wait, 10)
        others = [
            await front.answer(Request("GET", "/_sandbox/health", CIMultiDict(), b"")),
            await front.answer(signed("sns", b"Action=ListTopics&Version=2010-03-31")),
        ]
        waiting = [task.done() for task in ours]
        release.set()
        answers = [*others, *await asyncio.gather(*ours)]
        front.close()
        return answers, waiting

    answers, were_done = asyncio.run(story())

    assert were_done == [False, False]
    assert [answer.status for answer in answers] == [200, 200, 200, 200]
    assert overlaps == [1]


def test_a_delayed_call_does_not_outlive_its_world() -> None:
    """A call whose latency has not passed when the world is emptied is broken off, whoever still waits for it."""
    acted: list[str] = []

    def act(call: Call) -> dict[str, Any]:
        acted.append(call.operation)
        return {"Account": call.caller.account}

    async def story() -> object:
        front = Front(World(), lambda _name: service(act, slow=False))
        front.world.store(Trouble).latency_ms = 50
        call = asyncio.create_task(front.answer(signed("sts", b"Action=GetCallerIdentity")))
        await asyncio.sleep(0)
        await front.reset()
        (ended,) = await asyncio.gather(call, return_exceptions=True)
        front.close()
        return ended

    assert isinstance(asyncio.run(story()), HangUpError)
    assert acted == []


def test_a_waiting_call_does_not_outlive_its_world() -> None:
    """A call that came while the world was about to be emptied does nothing to the one that comes after."""
    started, release = threading.Event(), threading.Event()
    acted: list[str] = []

    def act(call: Call) -> dict[str, Any]:
        acted.append(call.operation)
        started.set()
        release.wait(10)
        return {"Account": call.caller.account}

    async def story() -> list[object]:
        front = Front(World(), lambda _name: service(act, slow=True))
        ask = signed("sts", b"Action=GetCallerIdentity")
        first = asyncio.create_task(front.answer(ask))
        await asyncio.to_thread(started.wait, 10)
        emptied = asyncio.create_task(front.reset())
        await asyncio.sleep(0)
        second = asyncio.create_task(front.answer(ask))
        await asyncio.sleep(0)
        release.set()
        ended: list[object] = [*await asyncio.gather(first, second, return_exceptions=True)]
        await emptied
        front.close()
        return ended

    first, second = asyncio.run(story())

    assert isinstance(first, Answer)
    assert isinstance(second, HangUpError)
    assert acted == ["GetCallerIdentity"]


def test_a_broken_operation_is_an_internal_failure(caplog: pytest.LogCaptureFixture) -> None:
    """A fault of our own is a 500 that says where to look, and the server lives on."""

    def broken(_call: Call) -> dict[str, Any]:
        raise ZeroDivisionError

    async def story() -> Answer:
        front = Front(World(), lambda _name: service(broken, slow=False))
        answer = await front.answer(signed("sts", b"Action=GetCallerIdentity"))
        front.close()
        return answer

    answer = asyncio.run(story())

    assert answer.status == 500
    assert re.search(rb"<Code>InternalFailure</Code>", answer.body)
    assert "ZeroDivisionError" in caplog.text


def test_clients_at_the_same_time_are_all_answered(client: Any) -> None:
    """Eight threads that make roles, objects and calls of ours at once get what they asked for."""
    client("s3", region="us-east-1").create_bucket(Bucket="lake")
    failures: list[Exception] = []
    clients = [(client("s3", region="us-east-1"), client("iam"), client("sts")) for _ in range(8)]

    def work(number: int) -> None:
        s3, iam, sts = clients[number]
        try:
            for turn in range(5):
                key = f"{number}-{turn}"
                s3.put_object(Bucket="lake", Key=key, Body=key.encode())
                iam.create_role(RoleName=key, AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')
                assert sts.get_caller_identity()["Account"] == "111111111111"
                assert s3.get_object(Bucket="lake", Key=key)["Body"].read() == key.encode()
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(client("iam").list_roles()["Roles"]) == 40


@pytest.mark.parametrize(
    ("service", "target", "body", "status", "said"),
    [
        ("iam", "", b"", 400, b"<Code>MissingAction</Code>"),
        ("sts", "", b"\xff\xfe", 400, b"<Code>MissingAction</Code>"),
        ("glue", "AWSGlue.ListCrawlers", b"", 200, b"CrawlerNames"),
        ("glue", "AWSGlue.ListCrawlers", b"[]", 400, b"SerializationException"),
        ("glue", "AWSGlue.BatchGetCrawlers", b"{}", 400, b"'crawlerNames' failed"),
        ("iam", "", b"Action=TagRole&RoleName=reader&Tags.member.1.Key=team", 400, b"ValidationError"),
        ("athena", "AmazonAthena.CreateWorkGroup", b'{"Name": "w", "Tags": [{"Value": "1"}]}', 400, b"must have a key"),
    ],
)
def test_what_cannot_be_read_is_refused(
    box: Sandbox, service: str, target: str, body: bytes, status: int, said: bytes
) -> None:
    """A call without an action, a body that is not JSON and a tag without a key are the caller's fault."""
    request = signed(service, body)
    headers = dict(request.headers)
    if target:
        headers |= {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    asked = urllib.request.Request(f"{box.endpoint_url}/", data=body, headers=headers, method="POST")  # noqa: S310

    try:
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own loopback URL
            found = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            found = error.code, error.read()

    assert found[0] == status
    assert said in found[1]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/CancelTransaction", 501, b"NotImplemented"), ("/CancelEverything", 404, b"UnknownOperationException")],
)
def test_a_path_that_nobody_serves_is_told_as_an_error(box: Sandbox, path: str, status: int, code: bytes) -> None:
    """Operations that the sandbox lacks and those that do not exist are refused in the service's protocol."""
    request = signed("lakeformation", b"{}")
    asked = urllib.request.Request(f"{box.endpoint_url}{path}", data=b"{}", headers=dict(request.headers))  # noqa: S310

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)  # noqa: S310 - our own loopback URL

    refused.value.close()
    assert refused.value.code == status
    assert refused.value.headers["x-amzn-ErrorType"].encode() == code


def test_a_caller_who_leaves_in_the_middle_of_asking_is_no_error(box: Sandbox, caplog: pytest.LogCaptureFixture):
    """A connection that is reset before the whole body has come leaves no trace; the next caller is answered."""
    at = urlsplit(box.endpoint_url)
    for _ in range(5):
        with socket.create_connection((at.hostname, at.port)) as caller:
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing resets
            caller.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
            time.sleep(0.05)
    time.sleep(0.2)

    with urllib.request.urlopen(f"{box.endpoint_url}/_sandbox/calls") as answer:  # noqa: S310 - our own server on loopback
        assert answer.status == 200
    assert [record.getMessage() for record in caplog.records if record.name.startswith("aiohttp")] == []
