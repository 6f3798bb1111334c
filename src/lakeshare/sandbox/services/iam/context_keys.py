"""GetContextKeysForCustomPolicy and GetContextKeysForPrincipalPolicy: which keys policies look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.policy.documents import Statement
from lakeshare.sandbox.services.iam.simulating import parsed, policies_of

_VARIABLE: Final = re.compile(r"\$\{(?P<key>[^},*?$][^},]*)")


def custom_keys(call: Call) -> Mapping[str, Any]:
    """Answer GetContextKeysForCustomPolicy: of the policies that the call carries."""
    return _answer(parsed(text) for text in call.params["PolicyInputList"])


def principal_keys(call: Call) -> Mapping[str, Any]:
    """Answer GetContextKeysForPrincipalPolicy: of an entity's own policies, with those of the call beside them."""
    own = [source.statements for source in policies_of(call, call.params["PolicySourceArn"])]
    return _answer([*own, *(parsed(text) for text in call.params.get("PolicyInputList", []))])


def _answer(policies: Iterable[Iterable[Statement]]) -> Mapping[str, Any]:
    """Return the keys in their order, each once; their names know no case."""
    kept: dict[str, str] = {}
    for statements in policies:
        for key in (key for statement in statements for key in _keys(statement)):
            kept.setdefault(key.lower(), key)
    return {"ContextKeyNames": list(kept.values())}


def _keys(statement: Statement) -> Iterator[str]:
    """Yield the keys of a statement's conditions, and those that stand in it as policy variables."""
    for condition in statement.conditions:
        yield condition.key
    texts = (*statement.resources, *statement.not_resources)
    for text in (*texts, *(value for condition in statement.conditions for value in condition.values)):
        yield from (found["key"].strip() for found in _VARIABLE.finditer(text))


OPERATIONS: Operations = {
    "GetContextKeysForCustomPolicy": custom_keys,
    "GetContextKeysForPrincipalPolicy": principal_keys,
}
