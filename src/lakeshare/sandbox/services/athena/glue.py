"""Asking Glue in the caller's name: with the caller's IAM rights and Lake Formation permissions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.policy.resources import resource_arns
from lakeshare.sandbox.services import glue as glue_service
from lakeshare.sandbox.services.athena.asking import authorize_through_athena


def ask_glue(call: Call, operation: str, params: dict[str, Any]) -> Mapping[str, Any]:
    """Return Glue's answer to *operation*; raises ServiceError as Glue or IAM refuse."""
    arns = resource_arns("glue", operation, call.caller.account, call.region, params)
    authorize_through_athena(call, f"glue:{operation}", *arns)
    asked = Call(call.world, call.caller, call.region, "glue", operation, params)
    return glue_service.OPERATIONS[operation](asked)
