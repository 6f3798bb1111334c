"""Asking IAM whether the caller may what Athena does in its name."""

from __future__ import annotations

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.policy import authorize
from lakeshare.sandbox.policy.forwarded import in_the_callers_name

ATHENA = "athena.amazonaws.com"


def authorize_through_athena(call: Call, action: str, *arns: str) -> None:
    """Return when IAM lets the caller of *call* do *action* on *arns* through Athena; raise its refusal when not."""
    authorize(call.world, call.caller, action, *arns, context=in_the_callers_name(ATHENA, call.region))
