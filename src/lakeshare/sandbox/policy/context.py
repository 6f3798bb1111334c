"""The keys that conditions look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from lakeshare.sandbox.arns import account_of, s3_path
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.identity import user_id
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.policy.resource_tags import tags_of
from lakeshare.sandbox.world import World

Values = tuple[str, ...]
Given: TypeAlias = Mapping[str, str | Values]
"""Condition keys of a call itself, each with its value or its values."""


class Keys(Protocol):
    """Where conditions and policy variables look."""

    def values(self, key: str) -> Values:
        """Return the values of *key*, whose name knows no case; none when the request does not have it."""


class Context:
    """
    A request's condition keys, whose names know no case; looked up when a condition asks, for most never do.

    *more* are the keys of the call itself: ``sts:ExternalId``, ``s3:prefix``, ``aws:RequestedRegion``; *resource* is
    what it acts on, and *service* the one that is called and whose words a refusal has, where that is not the action's
    own: a service that asks for ``iam:PassRole``.
    """

    def __init__(
        self, world: World, caller: Caller, more: Given | None = None, resource: str = "", service: str = ""
    ) -> None:
        self._world = world
        self._caller = caller
        self._more = {key.lower(): value for key, value in (more or {}).items()}
        self._resource = resource
        self.service = service

    def values(self, key: str) -> Values:
        """Return the values of *key*; none when the request does not have it."""
        name = key.lower()
        if name in self._more:
            value = self._more[name]
            return (value,) if isinstance(value, str) else value
        # S3's own key says the same of buckets and objects (documented: Service Authorization Reference, S3).
        if name == "aws:resourceaccount" or (name == "s3:resourceaccount" and s3_path(self._resource) is not None):
            owner = _owner(self._world, self._resource)
            return (owner,) if owner else ()
        if name.startswith("aws:principaltag/"):
            # A session's own tags hide those of its role that have the same name.
            tags = {**self._world.store(Moto).tags(self._caller.principal_arn), **dict(self._caller.session_tags)}
            return tuple(value for tag, value in tags.items() if tag.lower() == name.partition("/")[2])[-1:]
        if name.startswith(("aws:resourcetag/", "iam:resourcetag/")):
            wanted = name.partition("/")[2]
            found_tags = tags_of(self._world, self._resource)
            return tuple(value for tag, value in found_tags.items() if tag.lower() == wanted)[-1:]
        look_up = _GLOBAL.get(name)
        found = look_up(self._world, self._caller) if look_up else None
        return () if found is None else (found,)


class GivenKeys:
    """The keys that somebody says a request would have, and no others; ``missing`` are those asked for in vain."""

    def __init__(self, given: Mapping[str, Values]) -> None:
        self._given = {key.lower(): values for key, values in given.items()}
        self._missing: dict[str, str] = {}

    @property
    def missing(self) -> Values:
        """The names as they were asked for, each once."""
        return tuple(self._missing.values())

    def values(self, key: str) -> Values:
        """Return what was given for *key*, and remember it when nothing was."""
        if key.lower() not in self._given:
            self._missing.setdefault(key.lower(), key)
        return self._given.get(key.lower(), ())


def _owner(world: World, resource: str) -> str:
    """Return whose *resource* is, which of all ARNs a bucket's does not tell."""
    path = s3_path(resource)
    if path is not None:
        return world.store(Moto).bucket_owner(path.partition("/")[0]) or ""
    return account_of(resource)


def _token_issued(_world: World, caller: Caller) -> str | None:
    return None if caller.issued_at is None else datetime.fromtimestamp(caller.issued_at, UTC).isoformat()


def _user_name(_world: World, caller: Caller) -> str | None:
    return caller.arn.rpartition("/")[2] if caller.kind == "user" else None


def _current_time(world: World, _caller: Caller) -> str:
    return datetime.fromtimestamp(world.clock.now(), UTC).isoformat()


def _always(value: str) -> Callable[[World, Caller], str]:
    return lambda _world, _caller: value


_TYPES = {"root": "Account", "user": "User", "role": "AssumedRole"}
_GLOBAL: Mapping[str, Callable[[World, Caller], str | None]] = {
    "aws:currenttime": _current_time,
    "aws:epochtime": lambda world, _caller: str(int(world.clock.now())),
    "aws:principalaccount": lambda _world, caller: caller.account,
    "aws:principalarn": lambda _world, caller: caller.principal_arn,
    "aws:principalisawsservice": _always("false"),
    "aws:principalorgid": lambda world, caller: world.store(Moto).organization(caller.account),
    "aws:principaltype": lambda _world, caller: _TYPES[caller.kind],
    # The sandbox stands for endpoints that speak TLS only, and policies that refuse anything else are common.
    "aws:securetransport": _always("true"),
    "aws:sourceip": _always("127.0.0.1"),
    "aws:tokenissuetime": _token_issued,
    "aws:userid": user_id,
    "aws:username": _user_name,
    "aws:viaawsservice": _always("false"),
}
"""The global condition keys that the sandbox knows, by their names in lower case."""
