"""The wire protocols, judged by botocore itself, over every operation of the services that are ours."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from multidict import CIMultiDict

from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.registry import service_of
from lakeshare.sandbox.rules import all_rules, rule
from lakeshare.sandbox.wire.constraints import check
from lakeshare.sandbox.wire.http import Request
from lakeshare.sandbox.wire.meaning import meaning
from lakeshare.sandbox.wire.models import operation_model, operation_models, protocol
from lakeshare.sandbox.wire.parse import parse
from lakeshare.sandbox.wire.refusal import refuse
from lakeshare.sandbox.wire.routes import match
from lakeshare.sandbox.wire.serialise import serialise

SERVICES = ("athena", "connect", "glue", "iam", "lakeformation", "ram", "sts")
SIGNED = "AWS4-HMAC-SHA256 Credential=111111111111/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"


class Values:
    """Makes values of any shape, reproducibly; a shape inside itself is left out the second time."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - reproducible on purpose

    def of(self, shape: Any, inside: tuple[str, ...] = ()) -> Any:
        """A value of *shape*; None when it would go on for ever."""
        if shape.name in inside:
            return None
        inside = (*inside, shape.name)
        match shape.type_name:
            case "structure":
                if getattr(shape, "is_document_type", False):
                    return {"any": ["thing", 1]}
                made = {name: self.of(member, inside) for name, member in shape.members.items()}
                kept = {name: value for name, value in made.items() if value not in (None, [], {})}
                return dict(list(kept.items())[:1]) if shape.is_tagged_union else kept
            case "list":
                items = [self.of(shape.member, inside) for _ in range(self._chance.randint(1, 3))]
                return [item for item in items if item not in (None, {})]
            case "map":
                return {f"key {n}": value for n in range(2) if (value := self.of(shape.value, inside)) is not None}
            case _:
                return self._scalar(shape)

    def _scalar(self, shape: Any) -> Any:
        chance = self._chance
        match shape.type_name:
            case "boolean":
                return chance.random() < 0.5
            case "integer" | "long":
                return chance.randrange(1, 10_000)
            case "float" | "double":
                return chance.randrange(1, 10_000) / 8
            case "timestamp":
                return datetime.fromtimestamp(chance.randrange(1_700_000_000, 1_800_000_000), UTC)
            case "blob":
                return chance.randbytes(5)
            case _:
                return chance.choice(("plain", "a/b c+d", "<&\"'>", "Zürich", "100%", "{x}")) + str(chance.random())


def sent(operation: Any, params: dict[str, Any]) -> Request:
    """The request that botocore sends."""
    made = create_serializer(operation.service_model.protocol, include_validation=False).serialize_to_request(
        params, operation
    )
    query = made["query_string"]
    text = query if isinstance(query, str) else urlencode(query, doseq=True, quote_via=quote)
    body = made["body"]
    if isinstance(body, dict):
        body = urlencode(body)
    headers = CIMultiDict({key: str(value) for key, value in made["headers"].items()})
    headers["Authorization"] = SIGNED.format(operation.service_model.signing_name)
    content = body.encode() if isinstance(body, str) else body
    return Request(made["method"], made["url_path"] + (f"?{text}" if text else ""), headers, content)


def operations() -> Iterator[Any]:
    """All operations of the services that are ours, but for those whose answer is a stream."""
    for service in SERVICES:
        yield from (one for one in operation_models(service) if not one.has_streaming_output)


def test_every_request_is_understood() -> None:
    """What botocore serialises, our routes and parsers give back, for each of 1,000 operations."""
    values = Values(1)
    wrong = []
    for operation in operations():
        params = values.of(operation.input_shape) if operation.input_shape else {}
        meant, request = meaning(sent(operation, params))
        found = parse(operation, request, meant.path_values) if meant.operation == operation.name else None
        if found != params:
            wrong.append((operation.service_model.service_name, operation.name, meant.operation))

    assert wrong == []


def test_every_answer_is_understood() -> None:
    """What our serialisers write, botocore's parsers give back."""
    values = Values(2)
    wrong = []
    for operation in operations():
        members = values.of(operation.output_shape) if operation.output_shape else {}
        answer = serialise(operation, members, "id")
        parsed = create_parser(operation.service_model.protocol).parse(
            {"status_code": answer.status, "headers": CIMultiDict(answer.headers), "body": answer.body},
            operation.output_shape,
        )
        del parsed["ResponseMetadata"]
        if parsed != members:
            wrong.append((operation.service_model.service_name, operation.name))

    assert wrong == []


@pytest.mark.parametrize("service", [*SERVICES, "s3", "ec2", "sqs"])
def test_every_error_is_understood(service: str) -> None:
    """A client reads the code, the message and the request's id out of a refusal, and the rule out of a header."""
    broken = rule("test.any", "A rule for this test.", tag="inferred", source="none")
    json_target = {"X-Amz-Target": "X.Y"} if protocol(service) == "json" else {}
    body = b"Action=Y" if protocol(service) in {"query", "ec2"} else b""
    headers = CIMultiDict({"Content-Type": "application/x-www-form-urlencoded", **json_target})
    error = broken.refuse("AccessDeniedException", "Not <you>", 403)

    answer = refuse(service, Request("POST", "/", headers, body), error, "id-1")
    parser: Any = create_parser(protocol(service))
    parsed = parser.parse(
        {"status_code": answer.status, "headers": CIMultiDict(answer.headers), "body": answer.body}, None
    )

    assert parsed["Error"]["Code"] == "AccessDeniedException"
    assert parsed["Error"]["Message"] == "Not <you>"
    assert parsed["ResponseMetadata"]["RequestId"] == "id-1"
    assert dict(answer.headers)["x-lakeshare-rule"] == "test.any"


def test_a_modelled_error_has_its_modelled_status_and_members() -> None:
    """Connect's ResourceNotFoundException is a 404 whatever the service said, and its fields keep their shape."""
    request = Request("GET", "/", CIMultiDict(), b"")
    missing = refuse("connect", request, ServiceError("ResourceNotFoundException", "gone"), "id")
    conflict = refuse("connect", request, ServiceError("ResourceInUseException", "busy", ResourceId="r-1"), "id")

    assert missing.status == 404
    assert json.loads(missing.body) == {"Message": "gone"}
    assert json.loads(conflict.body) == {"Message": "busy", "ResourceId": "r-1"}


@pytest.mark.parametrize(
    ("method", "target", "headers", "operation"),
    [
        ("GET", "/", {}, "ListBuckets"),
        ("PUT", "/lake", {}, "CreateBucket"),
        ("GET", "/lake?list-type=2&prefix=a%2F", {}, "ListObjectsV2"),
        ("GET", "/lake/", {}, "ListObjects"),
        ("GET", "/lake?acl", {}, "GetBucketAcl"),
        ("PUT", "/lake?lifecycle", {}, "PutBucketLifecycleConfiguration"),
        ("GET", "/lake?analytics&id=1", {}, "GetBucketAnalyticsConfiguration"),
        ("GET", "/lake?analytics", {}, "ListBucketAnalyticsConfigurations"),
        ("POST", "/lake?delete", {}, "DeleteObjects"),
        ("GET", "/lake/a/b%2Fc?x-id=GetObject", {}, "GetObject"),
        ("PUT", "/lake/a", {}, "PutObject"),
        ("PUT", "/lake/a", {"x-amz-copy-source": "/lake/b"}, "CopyObject"),
        ("POST", "/lake/a?uploads", {}, "CreateMultipartUpload"),
        ("PUT", "/lake/a?partNumber=1&uploadId=u", {}, "UploadPart"),
        ("PUT", "/lake/a?partNumber=1&uploadId=u", {"x-amz-copy-source": "/lake/b"}, "UploadPartCopy"),
        ("POST", "/lake/a?uploadId=u", {}, "CompleteMultipartUpload"),
        ("GET", "/lake/a?uploadId=u", {}, "ListParts"),
        ("DELETE", "/lake/a?uploadId=u", {}, "AbortMultipartUpload"),
        ("DELETE", "/lake/a", {}, "DeleteObject"),
        ("HEAD", "/lake/a", {}, "HeadObject"),
        ("HEAD", "/lake", {}, "HeadBucket"),
    ],
)
def test_s3_calls_are_told_apart(method: str, target: str, headers: dict[str, str], operation: str) -> None:
    """Method, path, flags and headers together say which of S3's operations is meant."""
    found = match("s3", Request(method, target, CIMultiDict(headers), b""))

    assert found is not None
    assert found.operation == operation


@pytest.mark.parametrize(
    ("host", "target", "bucket", "key"),
    [
        ("127.0.0.1:5000", "/lake/a/b", "lake", "a/b"),
        ("lake.localhost:5000", "/a/b", "lake", "a/b"),
        ("lake.s3.localhost", "/a/b", "lake", "a/b"),
        ("my.lake.s3.ap-southeast-2.amazonaws.com", "/a", "my.lake", "a"),
        ("lake.s3.amazonaws.com", "/a", "lake", "a"),
        ("s3.ap-southeast-2.amazonaws.com", "/lake/a", "lake", "a"),
        ("s3.localhost:5000", "/lake/a", "lake", "a"),
        ("localhost:5000", "/lake/a%20b", "lake", "a b"),
    ],
)
def test_buckets_stand_in_the_path_or_in_the_host(host: str, target: str, bucket: str, key: str) -> None:
    """Path style and virtual-host style name the same bucket and key."""
    meant, _ = meaning(Request("GET", target, CIMultiDict({"Host": host, "Authorization": SIGNED.format("s3")}), b""))

    assert meant.path_values == {"Bucket": bucket, "Key": key}


def test_what_the_model_requires_is_asked_for() -> None:
    """A missing member, an unknown enumeration and a list that is too long are all told, where they stand."""
    grant = operation_model("lakeformation", "GrantPermissions")
    assert grant is not None

    with pytest.raises(ServiceError) as refused:
        check("lakeformation", grant, {"Resource": {"Database": {}}, "Permissions": ["READ"]})

    assert refused.value.code == "InvalidInputException"
    assert refused.value.message.startswith("3 validation errors detected: Value null at 'principal' failed")
    assert "Value null at 'resource.database.name'" in refused.value.message
    assert "Value 'READ' at 'permissions.1.member' failed to satisfy constraint: Member must satisfy enum" in str(
        refused.value
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"DatabaseName": 5}',
        b'{"TableInput": "t"}',
        b'{"TableInput": [1]}',
        b'{"TableInput": {"LastAccessTime": 1e30}}',
        b'{"TableInput": {"LastAccessTime": NaN}}',
    ],
)
def test_a_body_that_is_not_of_its_shape_is_refused(body: bytes) -> None:
    """What is not JSON, or not of a member's type, is a SerializationException and no traceback."""
    with pytest.raises(ServiceError, match="SerializationException"):
        parse(operation_model("glue", "CreateTable"), Request("POST", "/", CIMultiDict(), body))


def test_a_member_that_does_not_exist_is_our_own_mistake() -> None:
    """An operation that answers with a misspelt member is found out."""
    with pytest.raises(TypeError, match="GetTableResponse has no member Tabel"):
        serialise(operation_model("glue", "GetTable"), {"Tabel": {}}, "id")


@pytest.mark.parametrize("service", [*SERVICES, "sns"])
def test_every_operation_of_ours_is_modelled(service: str) -> None:
    """No misspelt operation waits in a service's exports, for its calls would go to moto."""
    ours = service_of(service)
    named = {*ours.operations, *ours.slow, *ours.resources, *ours.after}

    assert {name for name in named if operation_model(service, name) is None} == set()


def test_every_rule_has_its_evidence() -> None:
    """Rules are found in all of the sandbox's modules, each with a sentence and a source."""
    found = {one.id: one for one in all_rules()}

    assert {"front.rate.exceeded", "iam.identity.allows", "sts.assume-role.trusted"} <= found.keys()
    assert all(one.text.endswith(".") and one.source for one in found.values())


def test_a_rules_id_is_its_own() -> None:
    """A second rule under the same id is refused."""
    rule("test.twice", "One.", tag="inferred", source="none")

    with pytest.raises(ValueError, match=r"test\.twice"):
        rule("test.twice", "Another.", tag="inferred", source="none")
