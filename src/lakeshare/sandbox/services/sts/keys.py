"""What STS tells users about their own keys, and the keys it gives them that need no role."""

from __future__ import annotations

from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.identity import Identities, user_id
from lakeshare.sandbox.services.sts.sessions import HOUR, keys_for


def get_caller_identity(call: Call) -> dict[str, Any]:
    """Tell who calls; it needs no permission."""
    caller = call.caller
    return {"UserId": user_id(call.world, caller), "Account": caller.account, "Arn": caller.arn}


def get_session_token(call: Call) -> dict[str, Any]:
    """Give a user temporary keys; what they may do stays the same."""
    if call.caller.kind == "role":
        raise ServiceError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    seconds = call.params.get("DurationSeconds", 12 * HOUR)
    return {"Credentials": keys_for(call, call.caller, seconds)}


def get_access_key_info(call: Call) -> dict[str, Any]:
    """Tell whose account a key belongs to."""
    return {"Account": call.world.store(Identities).session(call.params["AccessKeyId"]).caller.account}


def refuse_root(_: Call) -> dict[str, Any]:
    """Refuse what would hand out keys of root, which the sandbox's accounts do without."""
    raise ServiceError("NotImplemented", "The sandbox does not answer sts:AssumeRoot.", 501)


OPERATIONS: Operations = {
    "AssumeRoot": refuse_root,
    "GetAccessKeyInfo": get_access_key_info,
    "GetCallerIdentity": get_caller_identity,
    "GetSessionToken": get_session_token,
}
