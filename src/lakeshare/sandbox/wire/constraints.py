"""What a service model asks of a call's parameters, and each service's way of saying that they fall short."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.wire.models import OperationModel, Shape

_CODES = {
    "access-analyzer": "ValidationException",
    "athena": "InvalidRequestException",
    "connect": "InvalidParameterException",
    "iam": "ValidationError",
    "lakeformation": "InvalidInputException",
    "ram": "InvalidParameterException",
    "sts": "ValidationError",
}

_PAGE_SIZE = "InvalidMaxResultsException"
# Elsewhere the services have refusals of their own for what a pattern rules out (STS for a session's name).
_PATTERNED: Final = {"glue", "lakeformation"}
# How Java's 16-bit characters spell the rest of Unicode.
_BEYOND_JAVAS_CHAR: Final = r"\uD800\uDC00-\uDBFF\uDFFF"
_OWN_WORDS = {
    "ram": {
        "resourceOwner": "{} is not a valid resource owner. Specify either SELF or OTHER-ACCOUNTS and try again.",
        "associationType": "{} is not a valid association type. Specify a valid value and try again.",
        "associationStatus": "{} is not a valid association status. Specify a valid value and try again.",
    },
}
"""How services that look at some enumerations themselves refuse a value that is none of them (observed)."""

_MISSING: Final = "Member must not be null"

VALID_PARAMETERS = rule(
    "front.parameters.modelled",
    "Required members, lengths, patterns and enumerations of the service model are checked before anything else.",
    tag="documented",
    source="botocore service models; the wording is that of AWS's common validation error",
)


def check(service: str, operation: OperationModel, params: Mapping[str, Any]) -> None:
    """Raise the service's validation error when *params* break what the input shape says."""
    if operation.input_shape is None:
        return
    for name, words in _OWN_WORDS.get(service, {}).items():
        if name in params and params[name] not in operation.input_shape.members[name].enum:
            raise VALID_PARAMETERS.refuse(_CODES[service], words.format(params[name]))
    broken = list(_structure(operation.input_shape, params, "", with_patterns=service in _PATTERNED))
    if broken:
        count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected: "
        raise VALID_PARAMETERS.refuse(_code(service, operation, broken), count + "; ".join(broken))


def check_required(service: str, operation: OperationModel | None, params: Mapping[str, Any]) -> None:
    """Raise the service's validation error when *params* lack what every client has to give, and look no further."""
    if operation is None or operation.input_shape is None:
        return
    found = _structure(operation.input_shape, params, "", with_patterns=False)
    broken = [each for each in found if each.endswith(_MISSING)]
    if broken:
        count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected: "
        raise VALID_PARAMETERS.refuse(_code(service, operation, broken), count + "; ".join(broken))


def _code(service: str, operation: OperationModel, broken: list[str]) -> str:
    """Return the code of the refusal: an operation may declare one for the size of its pages."""
    declared = {shape.name for shape in operation.error_shapes}
    if _PAGE_SIZE in declared and all(" at 'maxResults' " in each for each in broken):
        return _PAGE_SIZE
    return _CODES.get(service, "ValidationException")


def _structure(shape: Shape, params: Mapping[str, Any], at: str, *, with_patterns: bool) -> Iterator[str]:
    for name in shape.required_members:
        if name not in params:
            yield _broken("null", _join(at, name), _MISSING)
    for name, value in params.items():
        yield from _value(shape.members[name], value, _join(at, name), with_patterns=with_patterns)


def _value(shape: Shape, value: Any, at: str, *, with_patterns: bool) -> Iterator[str]:
    match shape.type_name:
        case "structure" if not getattr(shape, "is_document_type", False):
            yield from _structure(shape, value, at, with_patterns=with_patterns)
        case "list":
            yield from _length(shape, value, at)
            for number, item in enumerate(value, 1):
                yield from _value(shape.member, item, f"{at}.{number}.member", with_patterns=with_patterns)
        case "map":
            for key, item in value.items():
                yield from _value(shape.value, item, f"{at}.{key}.member", with_patterns=with_patterns)
        case "string":
            yield from _length(shape, value, at)
            pattern = shape.metadata.get("pattern") if with_patterns else None
            if pattern is not None and not _matches(pattern, value):
                yield _broken(repr(value), at, f"Member must satisfy regular expression pattern: {pattern}")
            if shape.enum and value not in shape.enum:
                yield _broken(repr(value), at, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
        case "integer" | "long":
            yield from _range(shape, value, at)


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Return a model's pattern, which is Java's, for Python; None for the few that only Java understands."""
    try:
        return re.compile(pattern.replace(_BEYOND_JAVAS_CHAR, r"\U00010000-\U0010FFFF"), re.ASCII)
    except re.error:
        return None


def _length(shape: Shape, value: str | list[Any], at: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and len(value) < least:
        yield _broken(repr(value), at, f"Member must have length greater than or equal to {least}")
    if most is not None and len(value) > most:
        yield _broken(repr(value), at, f"Member must have length less than or equal to {most}")


def _range(shape: Shape, value: int, at: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield _broken(repr(value), at, f"Member must have value greater than or equal to {least}")
    if most is not None and value > most:
        yield _broken(repr(value), at, f"Member must have value less than or equal to {most}")


def _join(at: str, name: str) -> str:
    """AWS's messages spell members as Java does: ``tableInput.name``."""
    spelt = name[:1].lower() + name[1:]
    return f"{at}.{spelt}" if at else spelt


def _broken(value: str, at: str, constraint: str) -> str:
    return f"Value {value} at '{at}' failed to satisfy constraint: {constraint}"
