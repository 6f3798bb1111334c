"""
Actions: whether they exist, and whether roles are passed on.

Which exist is told by botocore's service models (operations) together with AWS's own managed policies, of which moto
keeps a copy (permissions that are no operation, as lakeformation:GetDataAccess). A service of which botocore has no
model by that name is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

from lakeshare.catalogue.nearest import nearest
from lakeshare.sandbox.moto_bridge.managed import managed_actions
from lakeshare.sandbox.services.accessanalyzer.issues import Issue, Issues, Path
from lakeshare.sandbox.services.accessanalyzer.parts import mismatch, texts
from lakeshare.sandbox.wire.models import operation_models

_PASSING: Final = "iam:passrole"


def check_actions(path: Path, statement: Mapping[str, Any]) -> Issues:
    """Yield the actions of a statement that AWS does not have."""
    for element in ("Action", "NotAction"):
        if statement.get(element) == []:
            yield Issue("EMPTY_ARRAY_ACTION", (*path, element))
        for where, action in texts(statement, path, element):
            yield from _action(where, action) if isinstance(action, str) else mismatch(where)


def _action(where: Path, action: str) -> Issues:
    if action == "*":
        return
    prefix, colon, name = action.partition(":")
    service = prefix.lower()
    if not colon:
        yield Issue("INVALID_ACTION", where, (action,))
    elif service not in managed_actions():
        close = nearest(service, sorted(managed_actions()))
        yield Issue("INVALID_SERVICE_IN_ACTION", where, (prefix,), f" Did you mean {close}?" if close else "")
    elif not _exists(service, name.lower()):
        close = nearest(name, [*sorted(_operations(service)), *sorted(managed_actions()[service])])
        yield Issue("INVALID_ACTION", where, (action,), f" Did you mean {service}:{close}?" if close else "")


def _exists(service: str, name: str) -> bool:
    pattern = _pattern(name)
    operations = _operations(service)
    return not operations or any(pattern.fullmatch(each) for each in operations | managed_actions()[service])


@cache
def _operations(service: str) -> frozenset[str]:
    return frozenset(model.name for model in operation_models(service))


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE)


def check_passing(path: Path, statement: Mapping[str, Any]) -> Issues:
    """Yield that any role may be passed, in a statement that allows; a condition on iam:PassedToService is enough."""
    actions = [action for _, action in texts(statement, path, "Action") if isinstance(action, str)]
    passing = [action for action in actions if _pattern(action).fullmatch(_PASSING)]
    if not passing or _is_held_to_services(statement):
        return
    is_by_name = any(action.lower() == _PASSING for action in passing)
    if "NotResource" in statement and is_by_name:
        yield Issue("PASS_ROLE_WITH_NOT_RESOURCE", path)
    wild = [where for where, arn in texts(statement, path, "Resource") if isinstance(arn, str) and _any_role(arn)]
    if wild:
        code = "PASS_ROLE_WITH_STAR_IN_RESOURCE" if is_by_name else "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE"
        yield Issue(code, wild[0])


def _any_role(arn: str) -> bool:
    """Tell whether *arn* stands for all roles; one whose name begins as a service's does may be left (documented)."""
    return arn == "*" or bool(re.fullmatch(r"arn:[\w*-]+:iam::[\d*]+:(?:\*|role/\*)", arn))


def _is_held_to_services(statement: Mapping[str, Any]) -> bool:
    block = statement.get("Condition")
    lines = block.values() if isinstance(block, dict) else ()
    return any(str(key).lower() == "iam:passedtoservice" for line in lines if isinstance(line, dict) for key in line)
