"""
S3 stays in moto; what we add is what AWS refuses: policies that name nobody, keys that are secret, of many deletes
those that are not allowed, and conditions on a write that S3 does not know or that the caller may not ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from lakeshare.sandbox.arns import s3_arn
from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.policy import authorize
from lakeshare.sandbox.registry import Around
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.iam.writing import Before, statements_of, unknown_principals
from lakeshare.sandbox.wire.http import Answer, Request

POLICY_PRINCIPAL = rule(
    "s3.policy.principal-exists",
    "A bucket's policy names accounts, and roles and users that exist and have become known everywhere.",
    tag="documented",
    source="https://repost.aws/knowledge-center/s3-invalid-principal-in-policy-error",
)

ABSENT_ONLY = rule(
    "s3.put.if-none-match-any",
    "A PutObject with If-None-Match takes `*` and nothing else: it asks whether there is an object, not which.",
    tag="documented",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html",
)

_S3: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
_NOTHING_DELETED: Final = f'<DeleteResult xmlns="{_S3}"/>'.encode()


def _check_policy(call: Call, request: Request) -> None:
    for unknown in unknown_principals(call, statements_of(request.body.decode("utf-8", "replace"))):
        raise POLICY_PRINCIPAL.refuse("MalformedPolicy", f"Invalid principal in policy: {unknown}")


def _check_missing_key(call: Call, request: Request) -> None:
    """
    Keep from a caller that may not list a bucket what it lacks: a missing key reads as one that may not be read.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, permissions.
    """
    bucket, _, key = unquote(request.path).lstrip("/").partition("/")
    if key and "versionId" not in request.query and not call.world.store(Moto).has_object(bucket, key):
        where = {"aws:RequestedRegion": call.region, "s3:prefix": key}
        authorize(call.world, call.caller, "s3:ListBucket", s3_arn(bucket, call.region), context=where)


def _check_condition(call: Call, request: Request) -> None:
    """
    Look at what a PutObject depends on; whether it is so, moto looks.

    If-Match asks about an object that is there, and so takes the right to read it as well:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    if request.headers.get("If-None-Match", "*") != "*":
        message = "A header you provided implies functionality that is not implemented"
        raise ABSENT_ONLY.refuse("NotImplemented", message, 501)
    if "If-Match" in request.headers:
        where = {"aws:RequestedRegion": call.region}
        authorize(
            call.world,
            call.caller,
            "s3:GetObject",
            s3_arn(unquote(request.path).lstrip("/"), call.region),
            context=where,
        )


def _allowed_deletes(call: Call, request: Request) -> tuple[Request, Callable[[Answer], Answer]]:
    """
    Leave to moto those keys of a DeleteObjects that the caller may delete; the others are errors within the answer.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html: each key stands by itself.
    """
    try:
        asked = ET.fromstring(request.body)  # noqa: S314 - expat bounds entities, and loopback sends this
    except ET.ParseError:
        return request, lambda answer: answer
    bucket = unquote(request.path).strip("/")
    errors, allowed = [], 0
    for wanted in [each for each in asked if _name(each) == "Object"]:
        members = {_name(each): each.text or "" for each in wanted}
        if (refusal := _delete_refusal(call, bucket, members)) is None:
            allowed += 1
            continue
        asked.remove(wanted)
        errors.append({**members, "Code": refusal.code, "Message": refusal.message})
    ET.register_namespace("", _S3)
    if errors and not allowed:
        # Deleting nothing is malformed; what is left to ask is whether there is such a bucket.
        request = replace(request, method="GET", target=f"{request.path}?location", body=b"")
        return request, lambda answer: _with_errors(answer, errors, _NOTHING_DELETED)
    return replace(request, body=ET.tostring(asked)), lambda answer: _with_errors(answer, errors)


def _delete_refusal(call: Call, bucket: str, wanted: Mapping[str, str]) -> ServiceError | None:
    """Return why the caller may not delete one key, or one version of it; None when it may."""
    action = "s3:DeleteObjectVersion" if wanted.get("VersionId") else "s3:DeleteObject"
    where = {"aws:RequestedRegion": call.region}
    try:
        authorize(
            call.world, call.caller, action, s3_arn(f"{bucket}/{wanted.get('Key', '')}", call.region), context=where
        )
    except ServiceError as refusal:
        return refusal
    return None


def _with_errors(answer: Answer, errors: list[dict[str, str]], body: bytes | None = None) -> Answer:
    """Add what was refused to the answer about what was not, or to *body* in its place."""
    if answer.status != 200 or not errors:
        return answer
    result = ET.fromstring(body or answer.body)  # noqa: S314 - moto or we have written it
    for members in errors:
        error = ET.SubElement(result, f"{{{_S3}}}Error")
        for name, text in members.items():
            ET.SubElement(error, f"{{{_S3}}}{name}").text = text
    return replace(answer, body=ET.tostring(result, encoding="utf-8", xml_declaration=True))


def _name(element: ET.Element) -> str:
    """Return an element's name without its namespace, which clients may leave out."""
    return element.tag.rpartition("}")[2]


OPERATIONS: Operations = {}
AROUND: Mapping[str, Around] = {"DeleteObjects": _allowed_deletes}
BEFORE: Mapping[str, Before] = {
    "GetObject": _check_missing_key,
    "HeadObject": _check_missing_key,
    "PutBucketPolicy": _check_policy,
    "PutObject": _check_condition,
}
"""What is looked at before moto answers an operation: called with the call and its request."""
