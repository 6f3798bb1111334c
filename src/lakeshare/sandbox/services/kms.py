"""KMS: moto's, which knows some calls of a key by its id only, where AWS takes its ARN as well (documented)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.wire.http import Answer, Request


def _by_id(_call: Call, request: Request) -> tuple[Request, Callable[[Answer], Answer]]:
    """Ask moto for the key by its id."""
    asked = json.loads(request.body or b"{}")
    named = str(asked.get("KeyId", ""))
    if ":key/" in named:
        request = replace(request, body=json.dumps({**asked, "KeyId": named.rpartition("/")[2]}).encode())
    return request, lambda answer: answer


OPERATIONS: Final[Operations] = {}
AROUND: Final = dict.fromkeys(("CancelKeyDeletion", "DisableKey", "EnableKey", "ScheduleKeyDeletion"), _by_id)
