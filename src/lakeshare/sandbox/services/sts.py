"""STS."""

from __future__ import annotations

from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.identity import user_id


def get_caller_identity(call: Call) -> dict[str, Any]:
    """Tell who calls; it needs no permission, as in AWS."""
    caller = call.caller
    return {"UserId": user_id(call.world, caller), "Account": caller.account, "Arn": caller.arn}


OPERATIONS: Operations = {"GetCallerIdentity": get_caller_identity}
