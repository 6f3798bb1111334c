"""
The grammar of policies, as IAM reads it: what it would refuse with MalformedPolicyDocument, said before it is sent.

cfn-lint's schemas of policies, which AWS keeps, judge the same documents in tests/unit/planning/policy_checks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from lakeshare.catalogue.nearest import nearest
from lakeshare.planning.policy_checks.conditions import all_operators, operator_exists
from lakeshare.planning.policy_checks.documents import Document, Sort, Statement
from lakeshare.planning.policy_checks.findings import Remark

_TOP: Final = ("Version", "Id", "Statement")
_ELEMENTS: Final = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
)  # fmt: skip
_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_PRINCIPALS: Final = ("AWS", "Service", "Federated", "CanonicalUser")
_ACTION: Final = re.compile(r"\*|[\w*?-]+:[\w*?]+")
_TRUST_ACTION: Final = re.compile(r"\*|sts:[\w*?]+", re.IGNORECASE)
_ARN: Final = re.compile(r"\*|arn:(?:aws[\w-]*|\*):[^:]+:[^:]*:[^:]*:.+", re.DOTALL)
_SID: Final = re.compile(r"[A-Za-z0-9]*")
_AWS_PRINCIPAL: Final = re.compile(
    r"\*|\d{12}|A[A-Z0-9]{15,}|arn:aws[\w-]*:(?:iam::\d{12}:(?:root|(?:user|role)/.+)"
    r"|sts::\d{12}:(?:assumed-role/.+/.+|federated-user/.+|self))"
)
_SERVICE: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)")


def check_grammar(document: Document) -> Iterator[Remark]:
    """Yield what IAM would refuse in *document*, and the two things about versions that it takes and should not."""
    content = document.content
    if not isinstance(content, Mapping):
        yield Remark("grammar.type", "the policy is no JSON object")
        return
    yield from _elements(content, _TOP, None)
    yield from _version(content)
    members = content.get("Statement")
    if members is None or members == []:
        yield Remark("grammar.statement", "the policy has no Statement")
        return
    for number, member in enumerate(members if isinstance(members, list | tuple) else [members]):
        if isinstance(member, Mapping):
            yield from _statement(document.sort, Statement(number, member))
        else:
            yield Remark("grammar.type", f"a statement is an object, not {_said(member)}", number)
    yield from _shared_sids(document)


def _version(content: Mapping[str, Any]) -> Iterator[Remark]:
    version = content.get("Version")
    if version is None or version == _VERSIONS[1]:
        said = "there is no Version" if version is None else f"the Version is {version}"
        yield Remark("grammar.version-old", f"{said}, so that ${{variables}} are plain text")
    elif version not in _VERSIONS:
        yield Remark("grammar.version", f"{_said(version)} is no Version of the policy language")


def _elements(content: Mapping[str, Any], known: tuple[str, ...], number: int | None) -> Iterator[Remark]:
    spelt = Counter(str(name).lower() for name in content)
    for name in content:
        if name not in known:
            close = nearest(str(name), known)
            is_case = close is not None and close.lower() == str(name).lower()
            if not (is_case and spelt[str(name).lower()] == 1):
                meant = f"; did you mean {close}?" if close else ""
                yield Remark("grammar.element", f"there is no element {name}{meant}", number)
            else:
                yield Remark("grammar.element", f"{name} is written {close}", number)


def _statement(sort: Sort, statement: Statement) -> Iterator[Remark]:
    content, number = statement.content, statement.number
    yield from _elements(content, _ELEMENTS, number)
    if content.get("Effect") not in ("Allow", "Deny"):
        said = _said(content["Effect"]) if "Effect" in content else "missing"
        yield Remark("grammar.effect", f"the Effect is {said}", number)
    yield from _one_of(statement, "Action", "grammar.action")
    yield from _texts(statement, ("Action", "NotAction"), _is_action, "grammar.action-form")
    yield from _sid(sort, statement)
    yield from (_trust if sort == "trust" else _identity)(statement)
    yield from _condition(statement)


def _one_of(statement: Statement, element: str, id_: str) -> Iterator[Remark]:
    there = [name for name in (element, f"Not{element}") if name in statement.content]
    if len(there) != 1:
        yield Remark(id_, f"{' and '.join(there) or f'no {element}'} in one statement", statement.number)


def _is_action(text: str) -> bool:
    return _ACTION.fullmatch(text) is not None


def _is_resource(text: str) -> bool:
    # A variable may stand for the part that would make it one.
    return "${" in text or _ARN.fullmatch(text) is not None


def _texts(
    statement: Statement, elements: tuple[str, ...], is_right: Callable[[str], bool], id_: str
) -> Iterator[Remark]:
    for element in elements:
        if element not in statement.content:
            continue
        value = statement.content[element]
        members = value if isinstance(value, list | tuple) else [value]
        if not members:
            yield Remark("grammar.empty", f"{element} is an empty list", statement.number, element)
        for member in members:
            if not isinstance(member, str):
                said = f"{element} holds texts, not {_said(member)}"
                yield Remark("grammar.type", said, statement.number, element)
            elif not is_right(member):
                yield Remark(id_, f"{_said(member)} in {element}", statement.number, element)


def _sid(sort: Sort, statement: Statement) -> Iterator[Remark]:
    sid = statement.content.get("Sid", "")
    if not isinstance(sid, str):
        yield Remark("grammar.type", f"a Sid is a text, not {_said(sid)}", statement.number, "Sid")
    elif sort != "trust" and not _SID.fullmatch(sid):
        # Resource policies, trust among them, take more letters (documented: Sid).
        yield Remark("grammar.sid", f"{_said(sid)} has more than letters and digits", statement.number, "Sid")


def _shared_sids(document: Document) -> Iterator[Remark]:
    first: dict[str, int] = {}
    for statement in document.statements():
        sid = statement.content.get("Sid")
        if isinstance(sid, str) and sid and first.setdefault(sid, statement.number) != statement.number:
            said = f"{_said(sid)} is the Sid of statement {first[sid]} too"
            yield Remark("grammar.sid", said, statement.number, "Sid")


def _identity(statement: Statement) -> Iterator[Remark]:
    for element in ("Principal", "NotPrincipal"):
        if element in statement.content:
            yield Remark(
                "grammar.principal-in-identity-policy",
                f"{element} in a policy that is for whoever carries it; IAM answers"
                " `MalformedPolicyDocument: Policy document should not specify a principal.`",
                statement.number,
                element,
            )
    yield from _one_of(statement, "Resource", "grammar.resource")
    yield from _texts(statement, ("Resource", "NotResource"), _is_resource, "grammar.resource-form")


def _trust(statement: Statement) -> Iterator[Remark]:
    number = statement.number
    yield from (
        Remark("grammar.resource", f"IAM answers `Has prohibited field {element}.`", number, element)
        for element in ("Resource", "NotResource")
        if element in statement.content
    )
    named = [element for element in ("Principal", "NotPrincipal") if element in statement.content]
    if len(named) != 1:
        yield Remark("grammar.principal", f"{' and '.join(named) or 'no Principal'} in one statement", number)
    for element in named:
        yield from _principal(statement, element)
    yield from (
        Remark("grammar.trust-action", f"{action} in a trust policy", number, element)
        for element in ("Action", "NotAction")
        for action in statement.listed(element)
        if _is_action(action) and not _TRUST_ACTION.fullmatch(action)
    )


def _principal(statement: Statement, element: str) -> Iterator[Remark]:
    named, number = statement.content[element], statement.number
    if not isinstance(named, Mapping):
        if named != "*":
            yield Remark("grammar.principal-form", f"{_said(named)} as {element}", number, element)
        return
    for sort, value in named.items():
        part = f"{element}.{sort}"
        if sort not in _PRINCIPALS:
            close = nearest(str(sort), _PRINCIPALS)
            meant = f"; did you mean {close}?" if close else ""
            yield Remark("grammar.principal-form", f"{sort} is no sort of principal{meant}", number, part)
            continue
        members = value if isinstance(value, list | tuple) else [value]
        if not members:
            yield Remark("grammar.empty", f"{part} is an empty list", number, part)
        for member in members:
            if not isinstance(member, str):
                yield Remark("grammar.type", f"{part} holds texts, not {_said(member)}", number, part)
            elif not _is_principal(sort, member):
                yield Remark("grammar.principal-form", f"{_said(member)} as {sort}", number, part)


def _is_principal(sort: str, member: str) -> bool:
    match sort:
        case "AWS":
            return _AWS_PRINCIPAL.fullmatch(member) is not None
        case "Service":
            return member == "*" or _SERVICE.fullmatch(member) is not None
        case _:
            return bool(member)


def _condition(statement: Statement) -> Iterator[Remark]:
    block, number = statement.content.get("Condition", {}), statement.number
    if not isinstance(block, Mapping):
        yield Remark("grammar.type", f"a Condition is an object, not {_said(block)}", number, "Condition")
        return
    for operator, lines in block.items():
        part = f"Condition.{operator}"
        if not operator_exists(str(operator)):
            close = nearest(str(operator), all_operators())
            meant = f"; did you mean {close}?" if close else ""
            yield Remark("grammar.condition-operator", f"there is no operator {operator}{meant}", number, part)
        if not isinstance(lines, Mapping):
            yield Remark("grammar.type", f"{part} is an object, not {_said(lines)}", number, part)
            continue
        for key, value in lines.items():
            members = value if isinstance(value, list | tuple) else [value]
            if not all(isinstance(member, str | int | float) for member in members):
                yield Remark("grammar.type", f"{part}.{key} holds texts, numbers or truth values", number, part)


def _said(value: Any) -> str:
    """Return *value* as it may stand in a message: objects and long texts by what they are."""
    if isinstance(value, str):
        return f"`{value[:77]}...`" if len(value) > 80 else f"`{value}`"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else f"`{value}`"
