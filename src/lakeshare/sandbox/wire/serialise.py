"""An operation's answer, spelt as boto3 users read it, to the bytes of its protocol."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

from lakeshare.sandbox.wire.http import Answer
from lakeshare.sandbox.wire.models import OperationModel, Shape, members_of, wire_name

_AS_IT_IS = frozenset({"string", "boolean", "integer", "long", "float", "double"})
"""The types that JSON carries as Python has them."""


def serialise(operation: OperationModel, members: Mapping[str, Any], request_id: str) -> Answer:
    """
    Return the answer that botocore parses back to *members*.

    Members that are None are left out. A member that the output shape does not have is our own mistake: TypeError.
    """
    shape = operation.output_shape
    match str(operation.service_model.protocol):
        case "query":
            return _query(operation, members, request_id)
        case "json":
            version = operation.service_model.metadata.get("jsonVersion", "1.1")
            body = {} if shape is None else _json_structure(shape, members)
            headers = (("Content-Type", f"application/x-amz-json-{version}"), ("x-amzn-RequestId", request_id))
            return Answer(200, headers, json.dumps(body).encode())
        case _:
            return _rest(operation, members, request_id)


# --- json ------------------------------------------------------------------------------------------------------------


def _json_structure(shape: Shape, members: Mapping[str, Any]) -> dict[str, Any]:
    # Long listings pass here member by member, so what needs no conversion is not called for.
    return {
        spelt: value if member.type_name in _AS_IT_IS else json_value(member, value)
        for _, spelt, member, value in _known(shape, members)
    }


def _known(shape: Shape, members: Mapping[str, Any]) -> Iterator[tuple[str, str, Shape, Any]]:
    """Pair the members that are there with how they are spelt and with their shapes."""
    modelled = members_of(shape)
    for name, value in members.items():
        if name not in modelled:
            raise TypeError(f"{shape.name} has no member {name}")
        if value is not None:
            yield name, *modelled[name], value


def json_value(shape: Shape, value: Any) -> Any:
    """Return *value* as JSON carries it: timestamps as seconds since the epoch, blobs as base64."""
    match shape.type_name:
        case "structure":
            return value if getattr(shape, "is_document_type", False) else _json_structure(shape, value)
        case "list":
            return list(value) if shape.member.type_name in _AS_IT_IS else [json_value(shape.member, e) for e in value]
        case "map":
            return {key: json_value(shape.value, item) for key, item in value.items()}
        case "timestamp":
            return _timestamp(value, shape.serialization.get("timestampFormat", "unixTimestamp"))
        case "blob":
            return base64.b64encode(value).decode()
        case _:
            return value


# --- rest-json -------------------------------------------------------------------------------------------------------


def _rest(operation: OperationModel, members: Mapping[str, Any], request_id: str) -> Answer:
    status = int(operation.http.get("responseCode", 200))
    headers = [("x-amzn-RequestId", request_id)]
    shape = operation.output_shape
    if shape is None:
        return Answer(status, tuple(headers), b"")

    body: dict[str, Any] = {}
    for name, spelt, member, value in _known(shape, members):
        match member.serialization.get("location"):
            case "header":
                headers.append((spelt, _header_text(member, value)))
            case "headers":
                headers.extend((spelt + key, text) for key, text in value.items())
            case "statusCode":
                status = int(value)
            case _:
                body[name] = value
    content_type, content = _rest_body(shape, body)
    return Answer(status, (("Content-Type", content_type), *headers), content)


def _rest_body(shape: Shape, members: Mapping[str, Any]) -> tuple[str, bytes]:
    payload = shape.serialization.get("payload")
    if payload is None:
        return "application/json", json.dumps(_json_structure(shape, members)).encode()
    value = members.get(payload, b"")
    if isinstance(value, bytes | str):
        return "application/octet-stream", value if isinstance(value, bytes) else value.encode()
    return "application/json", json.dumps(json_value(shape.members[payload], value)).encode()


def _header_text(shape: Shape, value: Any) -> str:
    if isinstance(value, datetime):
        return str(_timestamp(value, shape.serialization.get("timestampFormat", "rfc822")))
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- query -----------------------------------------------------------------------------------------------------------


def _query(operation: OperationModel, members: Mapping[str, Any], request_id: str) -> Answer:
    name, shape = operation.name, operation.output_shape
    result = ""
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{name}Result")
        result = f"<{wrapper}>{_xml_members(shape, members)}</{wrapper}>"
    namespace = operation.service_model.metadata.get("xmlNamespace", "")
    metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    body = f'<{name}Response xmlns="{namespace}">{result}{metadata}</{name}Response>'
    return Answer(200, (("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id)), body.encode())


def _xml_members(shape: Shape, members: Mapping[str, Any]) -> str:
    return "".join(_xml(spelt, member, value) for _, spelt, member, value in _known(shape, members))


def _xml(tag: str, shape: Shape, value: Any) -> str:
    match shape.type_name:
        case "structure":
            return f"<{tag}>{_xml_members(shape, value)}</{tag}>"
        case "list":
            if shape.serialization.get("flattened"):
                return "".join(_xml(tag, shape.member, item) for item in value)
            inner = wire_name("member", shape.member)
            return f"<{tag}>{''.join(_xml(inner, shape.member, item) for item in value)}</{tag}>"
        case "map":
            return f"<{tag}>{''.join(_xml_entry(shape, key, item) for key, item in value.items())}</{tag}>"
        case _:
            return f"<{tag}>{escape(_xml_text(shape, value))}</{tag}>"


def _xml_entry(shape: Shape, key: str, value: Any) -> str:
    named = _xml(wire_name("key", shape.key), shape.key, key)
    return f"<entry>{named}{_xml(wire_name('value', shape.value), shape.value, value)}</entry>"


def _xml_text(shape: Shape, value: Any) -> str:
    if isinstance(value, datetime):
        return str(_timestamp(value, shape.serialization.get("timestampFormat", "iso8601")))
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- scalars ---------------------------------------------------------------------------------------------------------


def _timestamp(value: datetime, style: str) -> float | str:
    moment = value.astimezone(UTC)
    match style.lower():
        case "iso8601":
            return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case "rfc822":
            return format_datetime(moment, usegmt=True)
        case _:
            return round(moment.timestamp(), 3)
