"""What statements are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lakeshare.sandbox.services.accessanalyzer.actions import check_actions, check_passing
from lakeshare.sandbox.services.accessanalyzer.conditions import check_condition
from lakeshare.sandbox.services.accessanalyzer.issues import Issue, Issues, Path
from lakeshare.sandbox.services.accessanalyzer.parts import mismatch, texts
from lakeshare.sandbox.services.accessanalyzer.principals import check_principals

_PAIRS: Final = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
_ELEMENTS: Final = frozenset({"Sid", "Effect", "Condition"} | {name for pair in _PAIRS for name in pair})
_SID: Final = re.compile(r"[a-zA-Z0-9]+")
_ACCOUNT: Final = re.compile(r"\d{12}|aws|[\d*?]*[*?][\d*?]*|")
_FIELDS: Final = 6


@dataclass(frozen=True, slots=True)
class Policy:
    """What is validated: any JSON, the policy type, and whether it says who may assume a role."""

    content: Any
    sort: str
    is_trust: bool

    @property
    def is_identity(self) -> bool:
        """Whether it belongs to whoever it is for."""
        return self.sort == "IDENTITY_POLICY"

    def statements(self) -> Iterator[tuple[Path, Any]]:
        """Yield each statement and where it is."""
        said = self.content["Statement"]
        if isinstance(said, list):
            yield from ((("Statement", number), one) for number, one in enumerate(said))
        else:
            yield ("Statement",), said


def check_statements(policy: Policy) -> Issues:
    """Yield what is found in the statements, in their order."""
    seen: set[str] = set()
    for path, statement in policy.statements():
        if not isinstance(statement, dict):
            yield Issue("DATA_TYPE_MISMATCH", path, ("Object",))
            continue
        yield from _elements(policy, path, statement)
        yield from _effect(path, statement)
        yield from _missing(policy, path, statement)
        yield from _sid(policy, path, statement, seen)
        yield from check_actions(path, statement)
        yield from _resources(path, statement)
        if not policy.is_identity:
            yield from check_principals(path, statement, is_trust=policy.is_trust)
        elif statement.get("Effect") == "Allow":
            yield from check_passing(path, statement)
        yield from check_condition(path, statement)


def _elements(policy: Policy, path: Path, statement: dict[str, Any]) -> Issues:
    for name in statement:
        if name not in _ELEMENTS or (policy.is_trust and name in ("Resource", "NotResource")):
            yield Issue("INVALID_POLICY_ELEMENT", (*path, name), (name,))
    for one, other in _PAIRS:
        if one in statement and other in statement:
            yield Issue("UNSUPPORTED_ELEMENT_COMBINATION", path, (one, other))


def _effect(path: Path, statement: dict[str, Any]) -> Issues:
    if "Effect" not in statement:
        yield Issue("MISSING_EFFECT", path)
    elif not isinstance(statement["Effect"], str):
        yield Issue("DATA_TYPE_MISMATCH", (*path, "Effect"), ("String",))
    elif statement["Effect"] not in ("Allow", "Deny"):
        yield Issue("INVALID_EFFECT", (*path, "Effect"), (statement["Effect"],))


def _missing(policy: Policy, path: Path, statement: dict[str, Any]) -> Issues:
    if not {"Action", "NotAction"} & set(statement):
        yield Issue("MISSING_ACTION", path)
    if not policy.is_trust and not {"Resource", "NotResource"} & set(statement):
        yield Issue("MISSING_RESOURCE", path)
    named = [name for name in ("Principal", "NotPrincipal") if name in statement]
    if policy.is_identity:
        yield from (Issue("UNSUPPORTED_PRINCIPAL", (*path, name), (policy.sort,)) for name in named)
    elif not named:
        yield Issue("MISSING_PRINCIPAL", path)


def _sid(policy: Policy, path: Path, statement: dict[str, Any], seen: set[str]) -> Issues:
    sid, where = statement.get("Sid"), (*path, "Sid")
    if sid is None:
        return
    if not isinstance(sid, str):
        yield Issue("DATA_TYPE_MISMATCH", where, ("String",))
    elif not sid:
        yield Issue("EMPTY_SID_VALUE", where)
    else:
        if policy.is_identity and not _SID.fullmatch(sid):
            yield Issue("UNSUPPORTED_SID", where)
        if sid in seen:
            yield Issue("UNIQUE_SIDS_REQUIRED", where)
        seen.add(sid)


def _resources(path: Path, statement: dict[str, Any]) -> Issues:
    for element in ("Resource", "NotResource"):
        if statement.get(element) == []:
            yield Issue("EMPTY_ARRAY_RESOURCE", (*path, element))
        for where, arn in texts(statement, path, element):
            yield from _resource(where, arn) if isinstance(arn, str) else mismatch(where)


def _resource(where: Path, arn: str) -> Issues:
    if arn == "*" or arn.startswith("${"):
        return
    fields = arn.split(":", _FIELDS - 1)
    if fields[0] != "arn":
        yield Issue("INVALID_ARN_PREFIX", where)
    elif len(fields) < _FIELDS:
        # A wildcard may stand for the fields that are left out: arn:aws:s3:*
        if not arn.endswith("*"):
            yield Issue("MISSING_ARN_FIELD", where)
    elif "$" not in fields[4] and not _ACCOUNT.fullmatch(fields[4]):
        yield Issue("INVALID_ARN_ACCOUNT", where, (fields[4],))
