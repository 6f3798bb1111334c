"""
The front door: from an HTTP request to the operation it means, and back.

    request -> who signed, which operation -> latency, limits, faults -> IAM -> ours: run and serialise
                                                                             -> not ours: moto, on a worker thread

Our own services run one call at a time on the event loop, in turn; the operations that a service names in ``SLOW`` run
on a thread of their own while the turn is held, so that nobody else touches a store meanwhile, and health, control and
moto still answer.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeVar

from lakeshare.sandbox import moto_bridge
from lakeshare.sandbox.calls import Call, MotosError
from lakeshare.sandbox.control import control, is_control
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.identity import Identities, Session
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.policy import authorize
from lakeshare.sandbox.policy.asked import AskedActions
from lakeshare.sandbox.policy.requirements import Asked, Need, needs
from lakeshare.sandbox.registry import Service, service_of
from lakeshare.sandbox.trouble import Trouble
from lakeshare.sandbox.trouble.counts import Outcome
from lakeshare.sandbox.trouble.faults import KILL_AFTER, KILL_BEFORE
from lakeshare.sandbox.trouble.store import is_throttle
from lakeshare.sandbox.wire.constraints import check, check_required
from lakeshare.sandbox.wire.http import Answer, Request
from lakeshare.sandbox.wire.meaning import Meant, meaning
from lakeshare.sandbox.wire.models import operation_model, protocol
from lakeshare.sandbox.wire.parse import parse
from lakeshare.sandbox.wire.refusal import refuse
from lakeshare.sandbox.wire.serialise import serialise
from lakeshare.sandbox.world import World

P = ParamSpec("P")
T = TypeVar("T")
_log = logging.getLogger(__name__)
# What these bring is in their bodies alone; moto fails where what it needs is missing.
_PARSED_WHOLE = frozenset({"json", "query"})
_BROKEN = ServiceError("InternalFailure", "The sandbox failed; its log has the traceback.", 500)


class HangUpError(Exception):
    """The connection is to break here; ``outcome`` is what has become of the call."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call on its way in; ``age`` is the world's when it came."""

    meant: Meant
    request: Request
    session: Session
    request_id: str
    age: int

    @property
    def called(self) -> str:
        """``service:Operation``, as limits, faults and counts know it."""
        return f"{self.meant.service}:{self.meant.operation}"


class Front:
    """Answers requests out of one world. Lives on one event loop; ``close`` gives back its threads."""

    def __init__(self, world: World, services: Callable[[str], Service] = service_of) -> None:
        self.world = world
        self._services = services
        self._turn = asyncio.Lock()
        self._moto_worker = ThreadPoolExecutor(1, "sandbox-moto")
        self._slow_worker = ThreadPoolExecutor(1, "sandbox-slow")
        self._open()

    def close(self) -> None:
        """Wait for what runs on the worker threads and end them."""
        self._moto_worker.shutdown()
        self._slow_worker.shutdown()

    async def reset(self) -> None:
        """Empty the world, once the call that has the turn is done."""
        async with self._turn:
            self.world.reset()
            self._open()
            await self._on(self._moto_worker, moto_bridge.reset)

    async def seed(self, **asked: Any) -> dict[str, Any]:
        """Add a Connect instance and its lake; see ``seed.seed`` for what can be asked."""
        from lakeshare.sandbox.seed import seed

        async with self._turn:
            return await self._on(self._slow_worker, lambda: seed(self.world, **asked))

    async def answer(self, request: Request) -> Answer:
        """
        Answer one request; a refusal is an answer, and so is a fault of our own (InternalFailure, 500).

        Raises HangUpError where a fault asks for a broken connection.
        """
        if is_control(request):
            return await control(self, request)
        meant, request = meaning(request)
        request_id = str(uuid.uuid4())
        trouble = self.world.store(Trouble)
        session = self.world.store(Identities).session(meant.scope.access_key)
        arrival = Arrival(meant, request, session, request_id, self.world.age)
        outcome: Outcome = "failed"
        try:
            await self._delay(arrival, trouble)
            answer = await self._admit(arrival, trouble)
            outcome = _outcome(answer)
        except HangUpError as killed:
            outcome = killed.outcome
            raise
        except ServiceError as error:
            outcome = "throttled" if is_throttle(error) else "failed"
            answer = refuse(meant.service, request, error, request_id)
        except Exception:  # noqa: BLE001 - one broken call must not take the server down
            _log.exception("the sandbox failed to answer %s %s", request.method, request.target)
            answer = refuse(meant.service, request, _BROKEN, request_id)
        finally:
            trouble.counts.add(session.caller.account, arrival.called, outcome)
        return answer

    async def _delay(self, arrival: Arrival, trouble: Trouble) -> None:
        """Let the latency that is set pass."""
        if trouble.latency_ms:
            await asyncio.sleep(trouble.latency_ms / 1000)
            self._check_age(arrival)

    def _check_age(self, arrival: Arrival) -> None:
        """
        Break the connection of a call that the world was emptied under while it waited.

        Whoever sent it may be long gone, and its keys mean nobody, or somebody else, in the world of now.
        """
        if arrival.age != self.world.age:
            raise HangUpError("failed")

    async def _admit(self, arrival: Arrival, trouble: Trouble) -> Answer:
        """Let the call through what stands before every service: its token, the limits and the faults."""
        meant, caller = arrival.meant, arrival.session.caller
        self.world.store(Identities).check(arrival.session, meant.service)
        service = self._services(meant.service)
        if service.operations and operation_model(meant.service, meant.operation) is None:
            _check_action(meant)
        # IAM looks at the parameters of a service of ours also where moto answers, which parses for itself.
        params = _params(arrival) if service.operations else {}
        call = Call(self.world, caller, meant.scope.region, meant.service, meant.operation, params)

        trouble.admit(caller.account, call.region, call.service, call.operation, _entries(call))
        fault = trouble.faults.next(arrival.called)
        if fault is not None and fault.error == KILL_BEFORE:
            raise HangUpError("failed")
        if fault is not None and fault.error != KILL_AFTER:
            raise fault.refusal()
        is_ours = call.operation in service.operations
        answer = await (self._act(arrival, service, call) if is_ours else self._ask_moto(arrival, service, call))
        if fault is not None:
            raise HangUpError(_outcome(answer))
        return answer

    async def _act(self, arrival: Arrival, service: Service, call: Call) -> Answer:
        """Run one of our operations, when it is its turn; what is about a thing of moto's turns out to be for moto."""
        model = operation_model(call.service, call.operation)
        check(call.service, model, call.params)
        self._authorize(arrival, service, call)
        operation = service.operations[call.operation]
        try:
            async with self._turn:
                self._check_age(arrival)
                if call.operation in service.slow:
                    members = await self._on(self._slow_worker, operation, call)
                else:
                    members = operation(call)
        except MotosError:
            return await self._ask_moto(arrival, service, call)
        return serialise(model, members, arrival.request_id)

    async def _ask_moto(self, arrival: Arrival, service: Service, call: Call) -> Answer:
        """Let moto answer; an anonymous request is S3's business, which is moto's, and so is whose account it is."""
        account = None if arrival.meant.is_anonymous else call.caller.account
        request = arrival.request
        complete: Callable[[Answer], Answer] = _as_it_is
        if account is not None:
            if service.operations and protocol(call.service) in _PARSED_WHOLE:
                check_required(call.service, operation_model(call.service, call.operation), call.params)
            self._authorize(arrival, service, call)
            if (before := service.before.get(call.operation)) is not None:
                before(call, request)
            if (around := service.around.get(call.operation)) is not None:
                request, complete = around(call, request)
        request = _readable_by_moto(request) if service.operations else request
        try:
            answer = complete(await self._on(self._moto_worker, self.world.store(Moto).call, request, account))
        except NotImplementedError:
            raise _not_answered(arrival) from None
        self._check_age(arrival)
        if _is_no_route(answer) and (service.operations or _is_modelled(arrival)):
            raise _not_answered(arrival) if _is_modelled(arrival) else _unknown(arrival.meant.operation)
        after = service.after.get(call.operation)
        if after is not None and answer.status < 300:
            after(self.world, call.caller.account, arrival.request.form)
        return answer

    def _authorize(self, arrival: Arrival, service: Service, call: Call) -> None:
        """Ask IAM about every action and resource of the call."""
        if call.operation in service.resources:
            where = {"aws:RequestedRegion": call.region}
            wanted = [Need(arrival.called, tuple(service.resources[call.operation](call)), where)]
        else:
            wanted = list(needs(Asked(call, arrival.meant.path_values, arrival.request)))
        more = service.conditions(call) if service.conditions else {}
        for need in wanted:
            context = {**need.context, **more}
            authorize(self.world, call.caller, need.action, *need.arns, context=context, service=call.service)

    def _open(self) -> None:
        """Make the stores that more than one thread asks for before any of them can."""
        for store in (Identities, Moto, Trouble, AskedActions):
            self.world.store(store)

    @staticmethod
    async def _on(worker: ThreadPoolExecutor, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(worker, lambda: work(*arguments, **named))


def _as_it_is(answer: Answer) -> Answer:
    return answer


def _params(arrival: Arrival) -> dict[str, Any]:
    model = operation_model(arrival.meant.service, arrival.meant.operation)
    return {} if model is None else parse(model, arrival.request, arrival.meant.path_values)


def _not_answered(arrival: Arrival) -> ServiceError:
    return ServiceError("NotImplemented", f"The sandbox does not answer {arrival.called}.", 501)


def _readable_by_moto(request: Request) -> Request:
    """Return a request with no body as moto's JSON services read it: AWS takes an empty body for no parameters."""
    is_json = "json" in request.headers.get("Content-Type", "")
    return replace(request, body=b"{}") if is_json and not request.body else request


def _is_no_route(answer: Answer) -> bool:
    """Whether moto had nothing to send the request to: then it answers a page for people to read."""
    return answer.status == 404 and answer.body[:15].lower() == b"<!doctype html>"


def _entries(call: Call) -> int:
    """How many entries a batch carries: the longest list of its parameters; 1 for every other call."""
    if not call.operation.startswith("Batch"):
        return 1
    return max((len(value) for value in call.params.values() if isinstance(value, list)), default=1)


def _check_action(meant: Meant) -> None:
    """
    Refuse a call to a service of actions that names none.

    https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
    """
    if protocol(meant.service) == "query" and " " in meant.operation:
        raise ServiceError("MissingAction", "The request is missing an action or a required parameter.")


def _is_modelled(arrival: Arrival) -> bool:
    return operation_model(arrival.meant.service, arrival.meant.operation) is not None


def _unknown(operation: str) -> ServiceError:
    return ServiceError("UnknownOperationException", f"There is no operation {operation}.", 404)


def _outcome(answer: Answer) -> Outcome:
    return "accepted" if answer.status < 400 else "failed"
