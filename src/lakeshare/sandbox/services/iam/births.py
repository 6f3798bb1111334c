"""
When roles and users were made, in sandbox time.

moto dates a new role by the real clock, and propagation follows the sandbox's, so the front door tells us of each role
and user that moto has made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.services.iam.boundaries import note_boundary
from lakeshare.sandbox.world import World


def _note_birth(kind: str, parameter: str) -> Callable[[World, str, Mapping[str, str]], None]:
    def note(world: World, account: str, form: Mapping[str, str]) -> None:
        if arn := world.store(Moto).entity_arn(account, kind, form.get(parameter, "")):
            world.store(Moto).note_birth(arn)

    return note


def _note_user(world: World, account: str, form: Mapping[str, str]) -> None:
    _note_birth("user", "UserName")(world, account, form)
    note_boundary(world, account, form)


AFTER: Mapping[str, Callable[[World, str, Mapping[str, str]], None]] = {
    "CreateRole": _note_birth("role", "RoleName"),
    "CreateUser": _note_user,
}
"""What to do once moto has answered an operation well: called with the world, the account and the call's form."""
