"""IAM's condition operators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt

from lakeshare.sandbox.policy.context import Keys
from lakeshare.sandbox.policy.documents import Condition
from lakeshare.sandbox.policy.patterns import matches, matches_arn, substitute

Test = Callable[[str, str], bool]
"""Compares what a policy wants with what a request has."""


def hold(conditions: Iterable[Condition], context: Keys) -> bool:
    """Say whether every condition of a statement holds."""
    return all(_holds(condition, context) for condition in conditions)


def _holds(condition: Condition, context: Keys) -> bool:
    quantifier, _, name = condition.operator.rpartition(":")
    is_optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    found = context.values(condition.key)
    if name == "Null":
        return (not found) == (condition.values[0] == "true")
    if not found:
        return is_optional or quantifier == "ForAllValues" or (name in _NEGATED and quantifier != "ForAnyValue")

    wanted = [value for value in (substitute(value, context.values) for value in condition.values) if value is not None]
    if name in _NEGATED:
        return not any(_safely(_NEGATED[name], value, have) for have in found for value in wanted)
    if name not in _TESTS:
        return False  # an operator that we do not know allows nothing
    met = (any(_safely(_TESTS[name], value, have) for value in wanted) for have in found)
    return all(met) if quantifier == "ForAllValues" else any(met)


def _safely(test: Test, wanted: str, found: str) -> bool:
    """A value that is no number, date or address compares as unequal to all."""
    try:
        return test(wanted, found)
    except ValueError:
        return False


def _without_case(wanted: str, found: str) -> bool:
    return wanted.casefold() == found.casefold()


def _number(compare: Callable[[float, float], bool], wanted: str, found: str) -> bool:
    return compare(float(found), float(wanted))


def _date(compare: Callable[[float, float], bool], wanted: str, found: str) -> bool:
    return compare(_epoch(found), _epoch(wanted))


def _epoch(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _address(wanted: str, found: str) -> bool:
    return ip_address(found) in ip_network(wanted, strict=False)


_TESTS: Mapping[str, Test] = {
    "StringEquals": eq,
    "StringEqualsIgnoreCase": _without_case,
    "StringLike": matches,
    "ArnEquals": matches_arn,
    "ArnLike": matches_arn,
    "Bool": _without_case,
    "BinaryEquals": eq,
    "IpAddress": _address,
    "NumericEquals": partial(_number, eq),
    "NumericLessThan": partial(_number, lt),
    "NumericLessThanEquals": partial(_number, le),
    "NumericGreaterThan": partial(_number, gt),
    "NumericGreaterThanEquals": partial(_number, ge),
    "DateEquals": partial(_date, eq),
    "DateLessThan": partial(_date, lt),
    "DateLessThanEquals": partial(_date, le),
    "DateGreaterThan": partial(_date, gt),
    "DateGreaterThanEquals": partial(_date, ge),
}
_NEGATED: Mapping[str, Test] = {
    "StringNotEquals": eq,
    "StringNotEqualsIgnoreCase": _without_case,
    "StringNotLike": matches,
    "ArnNotEquals": matches_arn,
    "ArnNotLike": matches_arn,
    "NotIpAddress": _address,
    "NumericNotEquals": partial(_number, eq),
    "DateNotEquals": partial(_date, eq),
}
"""Each with the test that must fail; unlike the others they hold where the key is missing."""
