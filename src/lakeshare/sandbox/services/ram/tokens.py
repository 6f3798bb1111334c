"""Client tokens: a request that is sent again under the same one is done once, and answered as it was."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import wraps
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operation
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.world import World

RULE_FORM = rule(
    "ram.token.well-formed",
    "A client token is 1 to 64 printable ASCII characters.",
    tag="documented",
    source="botocore service model, ram InvalidClientTokenException; what is well-formed is inferred, the message ours",
)
RULE_SAME = rule(
    "ram.token.same-request",
    "A client token that was used stands for the same request, with the same parameters.",
    tag="documented",
    source="botocore service model, ram IdempotentParameterMismatchException; the message is ours",
)
_LONGEST: Final = 64
_KEPT: Final = 10_000


class Answers:
    """What was answered under which token, the latest of them."""

    def __init__(self, _world: World) -> None:
        self._known: OrderedDict[tuple[str, ...], tuple[Mapping[str, Any], Mapping[str, Any]]] = OrderedDict()

    def known(self, key: tuple[str, ...]) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """Return the parameters and the answer under *key*, or None."""
        return self._known.get(key)

    def keep(self, key: tuple[str, ...], params: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Remember an answer; the oldest goes when there are too many."""
        self._known[key] = (params, answer)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)


def once_per_token(operation: Operation) -> Operation:
    """Return *operation* as it is with a client token, which its answer has too; only what went well is remembered."""

    @wraps(operation)
    def answer(call: Call) -> Mapping[str, Any]:
        token = call.params.get("clientToken")
        if token is None:
            return operation(call)
        if not 0 < len(token) <= _LONGEST or not (token.isascii() and token.isprintable()):
            raise RULE_FORM.refuse("InvalidClientTokenException", "The specified client token is not valid.")
        answers, key = call.world.store(Answers), (call.caller.account, call.region, call.operation, token)
        known = answers.known(key)
        if known is None:
            told = {**operation(call), "clientToken": token}
            answers.keep(key, call.params, told)
            return told
        params, told_before = known
        if params != call.params:
            message = "The client token was used before, with other parameters."
            raise RULE_SAME.refuse("IdempotentParameterMismatchException", message)
        return told_before

    return answer
