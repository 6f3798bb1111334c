"""
The front door: from an HTTP request to the operation it means, and back.

    request -> who signed -> which operation -> ours: parse, run, serialise
                                             -> everybody else's: moto, on a worker thread

Our own services run one call at a time on the event loop, in turn; the operations that a service names in ``SLOW`` run
on a thread of their own while the turn is held, so that nobody else touches a store meanwhile and health, control and
moto still answer.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from lakeshare.sandbox import moto_bridge
from lakeshare.sandbox.calls import Call, Caller, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.identity import Identities
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.wire.constraints import check
from lakeshare.sandbox.wire.http import Answer, Request
from lakeshare.sandbox.wire.models import operation_model
from lakeshare.sandbox.wire.parse import parse
from lakeshare.sandbox.wire.refusal import refuse
from lakeshare.sandbox.wire.routes import match
from lakeshare.sandbox.wire.scope import ANONYMOUS, Scope, read_scope
from lakeshare.sandbox.wire.serialise import serialise
from lakeshare.sandbox.world import World

_log = logging.getLogger(__name__)

OWN_SERVICES = {
    "athena": "lakeshare.sandbox.services.athena",
    "connect": "lakeshare.sandbox.services.connect",
    "glue": "lakeshare.sandbox.services.glue",
    "lakeformation": "lakeshare.sandbox.services.lakeformation",
    "ram": "lakeshare.sandbox.services.ram",
    "sts": "lakeshare.sandbox.services.sts",
}
"""Signing name to the module that answers; what its OPERATIONS lack goes to moto."""


@dataclass(frozen=True, slots=True)
class Service:
    """One of our services: its operations, and the names of those that may take long."""

    operations: Operations
    slow: frozenset[str]


@cache
def own_service(name: str) -> Service | None:
    """Return our service that signs as *name*, imported on its first call; None when moto answers for it."""
    if name not in OWN_SERVICES:
        return None
    module = import_module(OWN_SERVICES[name])
    return Service(module.OPERATIONS, getattr(module, "SLOW", frozenset()))


@dataclass(frozen=True, slots=True)
class Meant:
    """What a request means: the signing name, the operation, and the values that its path carries."""

    service: str
    operation: str
    path_values: Mapping[str, str]


def meaning(scope: Scope, request: Request) -> Meant:
    """Find the operation in X-Amz-Target (json), Action (query), the CBOR path, or method and path (REST)."""
    service = scope.service
    if target := request.headers.get("X-Amz-Target"):
        return Meant(service, target.rpartition(".")[2], {})
    if action := request.form.get("Action"):
        return Meant(service, action, {})
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return Meant(service, request.path.rpartition("/")[2], {})
    if found := match(service, request):
        return Meant(service, found.operation, found.values)
    return Meant(service, f"{request.method} {request.path}", {})


class Front:
    """Answers requests out of one world. Lives on one event loop; ``close`` gives back its threads."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._turn = asyncio.Lock()
        self._moto_worker = ThreadPoolExecutor(1, "sandbox-moto")
        self._slow_worker = ThreadPoolExecutor(1, "sandbox-slow")

    def close(self) -> None:
        """Wait for what runs on the worker threads and end them."""
        self._moto_worker.shutdown()
        self._slow_worker.shutdown()

    async def answer(self, request: Request) -> Answer:
        """Answer one request; a refusal is an answer, and so is a fault of our own (InternalFailure, 500)."""
        request_id = str(uuid.uuid4())
        scope = read_scope(request)
        try:
            meant = meaning(scope, request)
            session = self.world.store(Identities).session(scope.access_key)
            self.world.store(Identities).check(session, scope.service)
            return await self._act(meant, scope, session.caller, request, request_id)
        except ServiceError as error:
            return refuse(scope.service, request, error, request_id)
        except Exception:  # noqa: BLE001 - one broken call must not take the server down
            _log.exception("the sandbox failed to answer %s %s", request.method, request.target)
            broken = ServiceError("InternalFailure", "The sandbox failed; its log has the traceback.", 500)
            return refuse(scope.service, request, broken, request_id)

    async def _act(self, meant: Meant, scope: Scope, caller: Caller, request: Request, request_id: str) -> Answer:
        service = own_service(meant.service)
        if service is None or meant.operation not in service.operations:
            account = None if scope is ANONYMOUS else caller.account
            answer: Answer = await self._on(self._moto_worker, self.world.store(Moto).call, request, account)
            return answer

        model = operation_model(meant.service, meant.operation)
        params = parse(model, request, meant.path_values)
        check(meant.service, model, params)
        call = Call(self.world, caller, scope.region, meant.service, meant.operation, params)
        operation = service.operations[meant.operation]
        async with self._turn:
            if meant.operation in service.slow:
                members = await self._on(self._slow_worker, operation, call)
            else:
                members = operation(call)
        return serialise(model, members, request_id)

    async def reset(self) -> None:
        """Empty the world, once the call that has the turn is done."""
        async with self._turn:
            self.world.reset()
            await self._on(self._moto_worker, moto_bridge.reset)

    @staticmethod
    async def _on(worker: ThreadPoolExecutor, work: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(worker, work, *arguments)
