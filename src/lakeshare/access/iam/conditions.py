"""
Whether a condition holds for a call, as far as the call can be known beforehand. Pure.

(documented: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
reference_policies_condition-single-vs-multi-valued-context-keys.html)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_network
from typing import Final, TypeAlias

from lakeshare.access.iam.documents import Condition
from lakeshare.access.iam.logic import Known, all_of, any_of, negated
from lakeshare.access.iam.moments import moment
from lakeshare.access.iam.patterns import filled_in, fits

_OF_THEIR_OWN: Final = frozenset({"athena", "glue", "kms", "lakeformation", "s3"})
"""
Services whose keys come with their own actions alone (documented: https://docs.aws.amazon.com/service-authorization/);
those of others, such as ec2:SourceInstanceARN, may be a session's.
"""
_MOMENTS: Final = frozenset({"aws:currenttime", "aws:epochtime"})
_BEGINNING: Final = "aws:tokenissuetime"
_ABOUT_NOW_SECONDS: Final = 3600.0

Compare: TypeAlias = Callable[[str, str], Known]
"""Takes the value of the policy, then the value of the call."""


@dataclass(frozen=True, slots=True)
class Context:
    """
    What is known of a call: the values of keys, in lower case, and which keys it surely does not bring.

    Of every other key nothing is known: a source address, a session's tags. *now* is about when the call is, in seconds
    since the epoch: what holds from an hour before to an hour after it is taken to hold.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    now: float | None = None
    service: str = ""
    """Whose action is called: the keys of other services' own are not brought then. Empty where any may be."""
    session_seconds: float | None = None
    """How long ago a session of the caller may have begun; None where it has none."""

    def of(self, key: str) -> tuple[str, ...] | None:
        """Return the values of *key*, none where the call does not bring it, None where nobody can know."""
        name = key.lower()
        if name in self.absent or (self.service and name not in self.values and self._is_anothers(name)):
            return ()
        return self.values.get(name)

    def _is_anothers(self, name: str) -> bool:
        prefix = name.partition(":")[0]
        return prefix in _OF_THEIR_OWN and prefix != self.service

    def one(self, key: str) -> str | None:
        """Return the value that a policy variable of that name has, or None when it cannot be known."""
        found = self.of(key)
        return found[0] if found else None

    def with_values(self, **values: tuple[str, ...]) -> Context:
        """Return the same call with more known of it; ``aws_resourceaccount`` stands for ``aws:resourceaccount``."""
        more = {key.replace("_", ":", 1): value for key, value in values.items()}
        return replace(self, values={**self.values, **more}, absent=self.absent - set(more))


def holds(condition: Condition, context: Context) -> Known:
    """Tell whether *condition* holds; None when its operator, or the value of its key, cannot be judged from here."""
    name = condition.operator
    quantifier, _, plain = name.rpartition(":")
    if plain.lower() == "null":
        return _is_null(condition, context)
    if_exists = plain.lower().endswith("ifexists")
    operator = (plain[: -len("IfExists")] if if_exists else plain).lower()
    if operator not in _OPERATORS:
        return None
    given = context.of(condition.key)
    if given is None:
        return _at_any_time(condition, context)
    compare, is_negative = _OPERATORS[operator]
    if not given:
        # A key that is not there matches no value, which satisfies what is negative, and IfExists; but of any of its
        # values nothing holds (documented).
        return (
            if_exists or (is_negative and quantifier.lower() != "foranyvalue") or quantifier.lower() == "forallvalues"
        )
    return _over_values(condition, given, compare, context, quantifier.lower(), is_negative=is_negative)


def _at_any_time(condition: Condition, context: Context) -> Known:
    """Tell what holds about now; None of what is no condition on the time, and of what ends or begins in this hour."""
    key, before = condition.key.lower(), _ABOUT_NOW_SECONDS
    if key == _BEGINNING and context.session_seconds is not None:
        before += context.session_seconds
    elif key not in _MOMENTS:
        return None
    if context.now is None:
        return None
    ends = (f"{context.now + seconds}" for seconds in (-before, _ABOUT_NOW_SECONDS))
    early, late = (holds(condition, replace(context, values={**context.values, key: (end,)})) for end in ends)
    return early if early is late else None


def _over_values(
    condition: Condition,
    given: tuple[str, ...],
    compare: Compare,
    context: Context,
    quantifier: str,
    *,
    is_negative: bool,
) -> Known:
    def one(value: str) -> Known:
        found = any_of(_compared(wanted, value, compare, context) for wanted in condition.values)
        return negated(found) if is_negative else found

    answers = [one(value) for value in given]
    if quantifier == "foranyvalue":
        return any_of(answers)
    # Without a quantifier a key has one value; of several AWS's documents say nothing that would differ.
    return all_of(answers) if quantifier == "forallvalues" or len(answers) == 1 else None


def _compared(wanted: str, value: str, compare: Compare, context: Context) -> Known:
    known = filled_in(wanted, context.one)
    return None if known is None else compare(known, value)


def _is_null(condition: Condition, context: Context) -> Known:
    given = context.of(condition.key)
    if given is None:
        return None
    wanted = {value.lower() == "true" for value in condition.values}
    return (not given) in wanted


def _equal(wanted: str, value: str) -> Known:
    return wanted.replace("[*]", "*").replace("[?]", "?") == value


def _equal_in_any_case(wanted: str, value: str) -> Known:
    return wanted.lower() == value.lower()


def _like(wanted: str, value: str) -> Known:
    return fits(wanted, value)


def _like_arn(wanted: str, value: str) -> Known:
    """Compare the six fields of an ARN one by one; a wildcard stays within its field (documented)."""
    parts, given = wanted.split(":", 5), value.split(":", 5)
    if len(parts) != len(given):
        return fits(wanted, value) if wanted == "*" else False
    return all(fits(one, other) for one, other in zip(parts, given, strict=True))


def _by_number(compare: Callable[[float, float], bool]) -> Compare:
    def compared(wanted: str, value: str) -> Known:
        try:
            return compare(float(value), float(wanted))
        except ValueError:
            return False

    return compared


def _by_date(compare: Callable[[float, float], bool]) -> Compare:
    def compared(wanted: str, value: str) -> Known:
        mine, theirs = moment(wanted), moment(value)
        return None if mine is None or theirs is None else compare(theirs, mine)

    return compared


def _in_network(wanted: str, value: str) -> Known:
    try:
        return ip_address(value) in ip_network(wanted, strict=False)
    except ValueError:
        return False


def _ordered(name: str, build: Callable[[Callable[[float, float], bool]], Compare]) -> Iterable[tuple[str, Compare]]:
    yield f"{name}lessthan", build(lambda one, other: one < other)
    yield f"{name}lessthanequals", build(lambda one, other: one <= other)
    yield f"{name}greaterthan", build(lambda one, other: one > other)
    yield f"{name}greaterthanequals", build(lambda one, other: one >= other)


_OPERATORS: Final[Mapping[str, tuple[Compare, bool]]] = {
    "stringequals": (_equal, False),
    "stringnotequals": (_equal, True),
    "stringequalsignorecase": (_equal_in_any_case, False),
    "stringnotequalsignorecase": (_equal_in_any_case, True),
    "stringlike": (_like, False),
    "stringnotlike": (_like, True),
    "arnequals": (_like_arn, False),
    "arnnotequals": (_like_arn, True),
    "arnlike": (_like_arn, False),
    "arnnotlike": (_like_arn, True),
    "bool": (_equal_in_any_case, False),
    "ipaddress": (_in_network, False),
    "notipaddress": (_in_network, True),
    "numericequals": (_by_number(lambda one, other: one == other), False),
    "numericnotequals": (_by_number(lambda one, other: one == other), True),
    "dateequals": (_by_date(lambda one, other: one == other), False),
    "datenotequals": (_by_date(lambda one, other: one == other), True),
    **{name: (compare, False) for name, compare in _ordered("numeric", _by_number)},
    **{name: (compare, False) for name, compare in _ordered("date", _by_date)},
}
"""By name in lower case: how the operator compares, and whether it holds where nothing compares so."""
