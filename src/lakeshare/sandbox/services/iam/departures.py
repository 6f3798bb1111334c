"""
Roles and users that are deleted: trust policies that named them go on to name who they were.

IAM keeps a principal of a trust policy by its unique id. When the role or user goes, the policy shows that id
(``AROA...``), and somebody of the same name who is made later is not trusted by it (documented:
IAM/latest/UserGuide/reference_policies_elements_principal.html).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.wire.http import Request
from lakeshare.sandbox.world import World


class Departing:
    """A store: the ARN and the unique id of those whose deletion was asked for, by account, kind and name."""

    def __init__(self, _world: World) -> None:
        self.known: dict[tuple[str, str, str], tuple[str, str]] = {}


def _note(kind: str, parameter: str) -> Callable[[Call, Request], None]:
    def note(call: Call, request: Request) -> None:
        moto, name = call.world.store(Moto), request.form.get(parameter, "")
        arn = moto.entity_arn(call.caller.account, kind, name)
        if arn is not None and (unique := moto.unique_id(arn)) is not None:
            call.world.store(Departing).known[call.caller.account, kind, name] = arn, unique

    return note


def _settle(kind: str, parameter: str) -> Callable[[World, str, Mapping[str, str]], None]:
    def settle(world: World, account: str, form: Mapping[str, str]) -> None:
        found = world.store(Departing).known.pop((account, kind, form.get(parameter, "")), None)
        if found is not None:
            world.store(Moto).trust_by_id(*found)

    return settle


_DELETIONS = {"DeleteRole": ("role", "RoleName"), "DeleteUser": ("user", "UserName")}
BEFORE = {operation: _note(*what) for operation, what in _DELETIONS.items()}
AFTER = {operation: _settle(*what) for operation, what in _DELETIONS.items()}
