"""A request's body, path, query and headers to the parameters boto3 users spell."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.wire.http import Request
from lakeshare.sandbox.wire.models import OperationModel, Shape, members_of, wire_name

_NOTHING: Mapping[str, str] = {}
Members: TypeAlias = Mapping[str, tuple[str, Shape]]
"""A structure's members by name, each with how it is spelt on the wire."""


def parse(operation: OperationModel, request: Request, path_values: Mapping[str, str] = _NOTHING) -> dict[str, Any]:
    """
    Return the parameters of *request*, typed by the operation's input shape.

    Members the model does not know are dropped, as AWS drops them. Raises SerializationException when the body is not
    what the protocol says, or a value is not of its member's type.
    """
    shape = operation.input_shape
    if shape is None:
        return {}
    match str(operation.service_model.protocol):
        case "query" | "ec2":
            return _query_structure(shape, request.form, "")
        case "json":
            return _json_structure(shape, _json_body(request))
        case _:
            return _rest(shape, request, path_values)


# --- rest-json -------------------------------------------------------------------------------------------------------


def _rest(shape: Shape, request: Request, path_values: Mapping[str, str]) -> dict[str, Any]:
    parsed = {}
    located, body_members = _placed(shape)
    for name, (spelt, member) in located.items():
        value = _located(member, member.serialization["location"], spelt, request, path_values)
        if value is not None:
            parsed[name] = value

    payload = shape.serialization.get("payload")
    if payload is None:
        return parsed | _json_members(body_members, _json_body(request)) if body_members else parsed
    member = shape.members[payload]
    if request.body:
        is_raw = member.type_name in {"blob", "string"}
        parsed[payload] = request.body if is_raw else _json_value(member, _json_body(request))
    return parsed


@cache
def _placed(shape: Shape) -> tuple[Members, Members]:
    """Part a structure's members into those that have a place outside the body, and those of the body."""
    members = members_of(shape)
    outside = {name for name, (_, member) in members.items() if "location" in member.serialization}
    return (
        {name: each for name, each in members.items() if name in outside},
        {name: each for name, each in members.items() if name not in outside},
    )


def _located(member: Shape, location: str, name: str, request: Request, path_values: Mapping[str, str]) -> Any:
    if location == "headers":
        prefix = name.lower()
        found = {key[len(prefix) :]: value for key, value in request.headers.items() if key.lower().startswith(prefix)}
        return found or None
    source = {"uri": path_values, "querystring": request.query, "header": request.headers}[location]
    if name not in source:
        return None
    if member.type_name == "list":
        return [_text_value(member.member, item) for item in _repeated(source, name, request, location)]
    return _text_value(member, source[name])


def _repeated(source: Mapping[str, str], name: str, request: Request, location: str) -> list[str]:
    if location == "header":
        return [item.strip() for item in source[name].split(",")]
    return parse_qs(request.target.partition("?")[2], keep_blank_values=True)[name]


# --- json ------------------------------------------------------------------------------------------------------------


def _json_body(request: Request) -> Any:
    if not request.body:
        return {}
    try:
        return json.loads(request.body)
    except ValueError:
        raise _unreadable("the body is not JSON") from None


def _json_structure(shape: Shape, body: Any) -> dict[str, Any]:
    return _json_members(members_of(shape), body)


def _json_members(members: Members, body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise _unreadable("Start of structure or map found where not expected.")
    return {
        name: _json_value(member, value)
        for name, (spelt, member) in members.items()
        if (value := body.get(spelt)) is not None
    }


def _json_value(shape: Shape, value: Any) -> Any:
    match shape.type_name:
        case "string":
            return _expect(str, value)
        case "structure":
            return value if getattr(shape, "is_document_type", False) else _json_structure(shape, value)
        case "list":
            return [_json_value(shape.member, item) for item in _expect(list, value) if item is not None]
        case "map":
            return {key: _json_value(shape.value, item) for key, item in _expect(dict, value).items()}
        case _:
            return _json_scalar(shape, value)


def _json_scalar(shape: Shape, value: Any) -> Any:
    match shape.type_name:
        case "timestamp":
            return _timestamp(value)
        case "blob":
            return _blob(_expect(str, value))
        case "boolean":
            return _expect(bool, value)
        case "integer" | "long" | "float" | "double":
            return _number(shape, value)
        case _:
            return _expect(str, value)


def _expect(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise _unreadable(f"{type(value).__name__} can not be converted to {kind.__name__}")
    return value


def _number(shape: Shape, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unreadable(f"{type(value).__name__} can not be converted to {shape.type_name}")
    return int(value) if shape.type_name in {"integer", "long"} else float(value)


# --- query -----------------------------------------------------------------------------------------------------------


def _query_structure(shape: Shape, form: Mapping[str, str], prefix: str) -> dict[str, Any]:
    parsed = {}
    for name, member in shape.members.items():
        value = _query_value(member, form, f"{prefix}{wire_name(name, member)}")
        if value is not None:
            parsed[name] = value
    return parsed


def _query_value(shape: Shape, form: Mapping[str, str], key: str) -> Any:
    match shape.type_name:
        case "structure":
            return _query_structure(shape, form, f"{key}.") or None
        case "list":
            step = key if shape.serialization.get("flattened") else f"{key}.{wire_name('member', shape.member)}"
            return _query_items(shape.member, form, step)
        case "map":
            step = key if shape.serialization.get("flattened") else f"{key}.entry"
            return _query_entries(shape, form, step)
        case _:
            return _text_value(shape, form[key]) if key in form else None


def _query_items(member: Shape, form: Mapping[str, str], step: str) -> list[Any] | None:
    items: list[Any] = []
    while (item := _query_value(member, form, f"{step}.{len(items) + 1}")) is not None:
        items.append(item)
    return items or None


def _query_entries(shape: Shape, form: Mapping[str, str], step: str) -> dict[str, Any] | None:
    entries: dict[str, Any] = {}
    while (key := form.get(f"{step}.{len(entries) + 1}.{wire_name('key', shape.key)}")) is not None:
        at = f"{step}.{len(entries) + 1}.{wire_name('value', shape.value)}"
        entries[key] = _query_value(shape.value, form, at)
    return entries or None


# --- scalars ---------------------------------------------------------------------------------------------------------


def _text_value(shape: Shape, text: str) -> Any:
    """Read a scalar that travelled as text: in a path, a query, a header or a form."""
    try:
        match shape.type_name:
            case "integer" | "long":
                return int(text)
            case "float" | "double":
                return float(text)
            case "boolean":
                return text.lower() == "true"
            case "timestamp":
                return _timestamp(text)
            case "blob":
                return _blob(text)
            case _:
                return text
    except ValueError:
        raise _unreadable(f"{text!r} can not be converted to {shape.type_name}") from None


def _timestamp(value: Any) -> datetime:
    from botocore.utils import parse_timestamp

    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        parsed: datetime = parse_timestamp(value)
    except (TypeError, ValueError, OverflowError, OSError):
        raise _unreadable(f"{value!r} can not be converted to timestamp") from None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _blob(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise _unreadable("a blob is not base64") from None


def _unreadable(message: str) -> ServiceError:
    return ServiceError("SerializationException", message, 400)
