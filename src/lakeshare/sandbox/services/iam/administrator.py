"""
The user ``administrator`` that every account has from the start, as IAM tells of it; moto knows nothing of it.

Everybody else is in moto.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lakeshare.sandbox.arns import administrator_arn
from lakeshare.sandbox.calls import Call, MotosError, Operations
from lakeshare.sandbox.moto_bridge import Moto

_NAME: Final = "administrator"
_MADE: Final = datetime(2020, 1, 1, tzinfo=UTC)


def get_user(call: Call) -> Mapping[str, Any]:
    """Answer GetUser about the administrator, who is meant by its name, and by no name where it asks itself."""
    arn = administrator_arn(call.caller.account)
    name = call.params.get("UserName", _NAME if call.caller.arn == arn else "")
    if name != _NAME or call.world.store(Moto).entity_arn(call.caller.account, "user", _NAME) is not None:
        raise MotosError
    user = {
        "Path": "/",
        "UserName": _NAME,
        "UserId": f"AIDA{call.caller.account}ADMIN",
        "Arn": arn,
        "CreateDate": _MADE,
    }
    return {"User": user}


OPERATIONS: Operations = {"GetUser": get_user}
