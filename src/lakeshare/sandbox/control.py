"""
The control interface, on the same port: what a test asks of the sandbox itself.

Each PUT replaces what was set before and, like the GET beside it, answers with what now holds. Input that cannot be
read is answered with 400 and ``{"error": "expected ..."}``.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Protocol

from lakeshare.sandbox.policy.asked import AskedActions
from lakeshare.sandbox.switches import Switches, read_switches
from lakeshare.sandbox.trouble import Trouble
from lakeshare.sandbox.trouble.counts import Counts
from lakeshare.sandbox.trouble.expect import UnexpectedError, fields, number, text, whole
from lakeshare.sandbox.trouble.faults import Faults, read_faults
from lakeshare.sandbox.trouble.limits import Limits, read_limits
from lakeshare.sandbox.trouble.propagation import read_delays
from lakeshare.sandbox.wire.http import Answer, Request
from lakeshare.sandbox.world import World


class Door(Protocol):
    """What the control interface needs of the front door: its world, and the work that waits for its turn."""

    world: World

    async def reset(self) -> None:
        """Empty the world."""

    async def seed(self, **asked: Any) -> dict[str, Any]:
        """Add a Connect instance and its lake."""


Handler = Callable[[Door, Any], Awaitable[Any]]


def is_control(request: Request) -> bool:
    """Say whether *request* is for the sandbox itself."""
    return request.path.startswith("/_sandbox/") or request.path == "/moto-api/reset"


async def control(door: Door, request: Request) -> Answer:
    """Answer a call to the control interface."""
    methods = _ROUTES.get(request.path)
    if methods is None:
        return _json(404, {"error": f"no such path; there are {', '.join(sorted(_ROUTES))}"})
    handler = methods.get(request.method)
    if handler is None:
        return _json(405, {"error": f"{request.path} answers to {', '.join(sorted(methods))}"})
    try:
        return _json(200, await handler(door, _body(request)))
    except ValueError as error:
        return _json(400, {"error": str(error)})


def _body(request: Request) -> Any:
    if not request.body:
        return None
    try:
        return json.loads(request.body)
    except ValueError:
        raise UnexpectedError("expected the body to be JSON") from None


def _json(status: int, document: Any) -> Answer:
    return Answer(status, (("Content-Type", "application/json"),), json.dumps(document).encode() + b"\n")


async def _health(_door: Door, _body: Any) -> Any:
    return {"status": "ready"}


async def _calls(door: Door, _body: Any) -> Any:
    return door.world.store(Trouble).counts.document()


async def _forget_calls(door: Door, body: Any) -> Any:
    door.world.store(Trouble).counts = Counts()
    return await _calls(door, body)


async def _actions(door: Door, _body: Any) -> Any:
    return door.world.store(AskedActions).document()


async def _forget_actions(door: Door, body: Any) -> Any:
    door.world.store(AskedActions).forget()
    return await _actions(door, body)


async def _limits(door: Door, _body: Any) -> Any:
    return {name: asdict(limit) for name, limit in door.world.store(Trouble).limits.limits.items()}


async def _set_limits(door: Door, body: Any) -> Any:
    door.world.store(Trouble).limits = Limits(read_limits(body))
    return await _limits(door, body)


async def _latency(door: Door, _body: Any) -> Any:
    return {"ms": door.world.store(Trouble).latency_ms}


async def _set_latency(door: Door, body: Any) -> Any:
    given = fields(body, {"ms"}, "latency")
    door.world.store(Trouble).latency_ms = number(given.get("ms"), "ms")
    return await _latency(door, body)


async def _delays(door: Door, _body: Any) -> Any:
    return asdict(door.world.store(Trouble).delays)


async def _set_delays(door: Door, body: Any) -> Any:
    door.world.store(Trouble).delays = read_delays(body)
    return await _delays(door, body)


async def _clock(door: Door, _body: Any) -> Any:
    clock = door.world.clock
    return {"advance_seconds": clock.offset_seconds, "now": datetime.fromtimestamp(clock.now(), UTC).isoformat()}


async def _set_clock(door: Door, body: Any) -> Any:
    given = fields(body, {"advance_seconds"}, "the clock")
    seconds = number(given.get("advance_seconds"), "advance_seconds")
    if seconds > _FARTHEST:
        raise UnexpectedError(f"advance_seconds is {_FARTHEST} at most")
    door.world.clock.offset_seconds = seconds
    return await _clock(door, body)


async def _faults(door: Door, _body: Any) -> Any:
    return [asdict(fault) for fault in door.world.store(Trouble).faults.pending]


async def _set_faults(door: Door, body: Any) -> Any:
    door.world.store(Trouble).faults = Faults(read_faults(body))
    return await _faults(door, body)


async def _switches(door: Door, _body: Any) -> Any:
    return door.world.store(Switches).document()


async def _set_switches(door: Door, body: Any) -> Any:
    door.world.store(Switches).positions = {**door.world.switched, **read_switches(body)}
    return await _switches(door, body)


async def _seed(door: Door, body: Any) -> Any:
    given = fields(body, {"instance_account", "region", "tables", "rows", "seed"}, "the seed")
    account = text(given.get("instance_account"), "instance_account")
    if len(account) != 12 or not account.isdecimal():
        raise UnexpectedError(f"expected instance_account to be 12 digits, not {account!r}")
    tables = given.get("tables")
    if tables is not None and not (isinstance(tables, list) and all(isinstance(name, str) for name in tables)):
        raise UnexpectedError(f"expected tables to be a list of names, or left out for all, not {tables!r}")
    asked: dict[str, Any] = {"instance_account": account, "region": text(given.get("region"), "region")}
    asked |= {"tables": tables, "rows": whole(given.get("rows", 100), "rows", least=0)}
    if "seed" in given:
        asked["seed"] = whole(given["seed"], "seed", least=0)
    return await door.seed(**asked)


async def _reset(door: Door, _body: Any) -> Any:
    await door.reset()
    return {"status": "ok"}


_FARTHEST = 100 * 365 * 24 * 3600
"""A century of seconds: as far as the clock is moved; dates end some time after."""
_ROUTES: Mapping[str, Mapping[str, Handler]] = {
    "/_sandbox/health": {"GET": _health},
    "/_sandbox/calls": {"GET": _calls, "DELETE": _forget_calls},
    "/_sandbox/actions": {"GET": _actions, "DELETE": _forget_actions},
    "/_sandbox/limits": {"GET": _limits, "PUT": _set_limits},
    "/_sandbox/latency": {"GET": _latency, "PUT": _set_latency},
    "/_sandbox/delays": {"GET": _delays, "PUT": _set_delays},
    "/_sandbox/clock": {"GET": _clock, "PUT": _set_clock},
    "/_sandbox/faults": {"GET": _faults, "PUT": _set_faults},
    "/_sandbox/switches": {"GET": _switches, "PUT": _set_switches},
    "/_sandbox/seed": {"POST": _seed},
    "/_sandbox/reset": {"POST": _reset},
    "/moto-api/reset": {"POST": _reset},
}
