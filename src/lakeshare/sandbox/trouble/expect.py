"""Reading what the control interface was sent: every mistake says what was expected."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import Any

from lakeshare.catalogue import nearest
from lakeshare.sandbox.wire.models import service_model

_OPERATION = re.compile(r"\*|[a-z0-9-]+:[A-Za-z0-9*]+")


class UnexpectedError(ValueError):
    """Control input that cannot be read; its text says what was expected where."""


def fields(body: Any, known: Collection[str], where: str) -> Mapping[str, Any]:
    """Return *body* if it is an object with none but *known* fields."""
    if not isinstance(body, dict):
        raise UnexpectedError(f"expected {where} to be an object, not {body!r}")
    if unknown := set(body).difference(known):
        raise UnexpectedError(f"{where} has no field {min(unknown)!r}; it has {', '.join(sorted(known))}")
    return body


def number(value: Any, where: str, least: float = 0) -> float:
    """Return *value* if it is a number that is not below *least*."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < least:
        raise UnexpectedError(f"expected {where} to be a number from {least:g} up, not {value!r}")
    return value


def whole(value: Any, where: str, least: int = 1) -> int:
    """Return *value* if it is a whole number that is not below *least*."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UnexpectedError(f"expected {where} to be a whole number from {least} up, not {value!r}")
    return value


def text(value: Any, where: str) -> str:
    """Return *value* if it is a string that is not empty."""
    if not isinstance(value, str) or not value:
        raise UnexpectedError(f"expected {where} to be a string, not {value!r}")
    return value


def names(pattern: str, called: str) -> bool:
    """Whether *pattern*, an ``operation`` as it was read, means the operation *called*."""
    return pattern == called or ("*" in pattern and fnmatchcase(called, pattern))


def operation(value: Any, where: str) -> str:
    """Return *value* if it names an operation or several: those of a service, those that begin alike, or all."""
    if not isinstance(value, str) or not _OPERATION.fullmatch(value):
        raise UnexpectedError(f"expected {where} to be SERVICE:OPERATION, SERVICE:*, SERVICE:Get* or *, not {value!r}")
    if value != "*":
        service, _, pattern = value.partition(":")
        _check_known(service, pattern, where)
    return value


def _check_known(service: str, pattern: str, where: str) -> None:
    """Refuse what no call could ever be: a slip would make trouble that never comes."""
    model = service_model(service)
    if model is None:
        raise UnexpectedError(f"{where} names no service of AWS: {service!r}")
    if not any(names(pattern, each) for each in model.operation_names):
        guess = nearest(pattern, model.operation_names)
        hint = f"; did you mean {service}:{guess}?" if guess else ""
        raise UnexpectedError(f"{where} is {service}:{pattern}, but {service} has no such operation{hint}")
