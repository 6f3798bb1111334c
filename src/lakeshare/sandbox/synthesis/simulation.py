"""
The history of a contact centre: a small simulation of queues and agents.

Contacts arrive with the daily shape, spend time in a flow, wait in a queue for an agent who serves it and is free, and
are handled or abandoned. An agent takes one contact at a time and goes on a break when it is due, so that whatever is
added up over an interval can never exceed it.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace

from lakeshare.sandbox.synthesis.centre import Centre, Named
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.contacts import Contact, Customer, Kind
from lakeshare.sandbox.synthesis.moments import DAY, HOUR, MINUTE, SECOND
from lakeshare.sandbox.synthesis.roster import HOUR_WEIGHTS, Break, Shift, WorkedShift, apportion
from lakeshare.sandbox.synthesis.vocabulary import FIRST_NAMES, LAST_NAMES

_KINDS: dict[Kind, float] = {
    Kind("VOICE", "INBOUND", talk=300, after=45): 62,
    Kind("VOICE", "OUTBOUND", talk=180, after=30, flow=6): 8,
    Kind("VOICE", "CALLBACK", talk=260, after=40, flow=10): 5,
    Kind("CHAT", "API", talk=420, after=30, flow=40): 15,
    Kind("TASK", "API", talk=240, after=10, flow=2): 6,
    Kind("EMAIL", "INBOUND", talk=300, after=20, flow=3): 4,
}
LAST_CALL = 10 * MINUTE
"""Agents are offered nothing in the last minutes of their shift."""

_TRANSFER = Kind("VOICE", "TRANSFER", talk=240, after=45, flow=0)


@dataclass(slots=True)
class Duty:
    """A shift being worked: until when the agent is taken, and what has been taken."""

    shift: Shift
    free_at: int
    pending: list[Break]
    taken: list[Break] = field(default_factory=list)

    def advance(self, now: int) -> None:
        """Take the breaks that have come due by *now*, each as soon as the agent is free."""
        while self.pending and max(self.free_at, self.pending[0].start) <= now:
            due = self.pending.pop(0)
            started = max(self.free_at, due.start)
            self.taken.append(replace(due, start=started))
            self.free_at = started + due.length


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A contact on its way to a queue, ordered by when it gets there."""

    enqueued: int
    number: int
    initiated: int
    kind: Kind
    id: str
    customer: Customer
    parent: Contact | None = None

    @property
    def initial_id(self) -> str | None:
        """The first contact of the chain that it continues."""
        return (self.parent.initial_id or self.parent.id) if self.parent else None

    def __lt__(self, other: _Arrival) -> bool:
        return (self.enqueued, self.number) < (other.enqueued, other.number)


def simulate(
    centre: Centre, roster: list[Shift], count: int, campaigns: tuple[Named, ...], chance: Chance
) -> tuple[list[Contact], list[WorkedShift]]:
    """Return exactly *count* contacts in order of initiation, and the shifts in which they were handled."""
    return _Simulation(centre, roster, campaigns, chance).run(count)


class _Simulation:
    _MOST_CONSIDERED = 12
    """Agents looked at for one contact: enough to find a free one, and it keeps large histories linear."""

    def __init__(self, centre: Centre, roster: list[Shift], campaigns: tuple[Named, ...], chance: Chance) -> None:
        self._centre = centre
        self._campaigns = campaigns
        self._chance = chance
        self._duties: dict[int, list[Duty]] = {}
        for shift in roster:
            duty = Duty(shift, shift.start, list(shift.breaks))
            self._duties.setdefault(shift.start // DAY, []).append(duty)
        self._contacts: dict[str, Contact] = {}

    def run(self, count: int) -> tuple[list[Contact], list[WorkedShift]]:
        transfers = count // 25
        waiting = self._arrivals(count - transfers)
        heapq.heapify(waiting)
        while waiting:
            contact = self._route(heapq.heappop(waiting))
            self._contacts[contact.id] = contact
            if transfers and self._is_transferred(contact):
                transfers -= 1
                heapq.heappush(waiting, self._transfer(contact, count + transfers))
        for arrival in self._arrivals(transfers):
            self._contacts[arrival.id] = self._contained(arrival)
        return sorted(self._contacts.values(), key=lambda contact: (contact.initiated, contact.id)), self._worked()

    def _arrivals(self, count: int) -> list[_Arrival]:
        """Return *count* arrivals over all days, in the hours that someone works."""
        chance = self._chance
        days = sorted(self._duties)
        customers = [_customer(chance) for _ in range(max(3, count * 7 // 10))]
        per_day = apportion(count, [float(len(self._duties[day])) for day in days])
        arrivals: list[_Arrival] = []
        for day, expected in zip(days, per_day, strict=True):
            for _ in range(expected):
                kind = chance.weighted(_KINDS)
                initiated = self._time_of_arrival(day)
                arrivals.append(
                    _Arrival(
                        enqueued=initiated + chance.duration_ms(kind.flow, 0.6),
                        number=len(arrivals),
                        initiated=initiated,
                        kind=kind,
                        id=chance.uuid(),
                        customer=chance.choice(customers),
                    )
                )
        return arrivals

    def _time_of_arrival(self, day: int) -> int:
        opens = min(duty.shift.start for duty in self._duties[day])
        closes = max(duty.shift.end for duty in self._duties[day]) - HOUR
        hours = {hour: weight for hour, weight in HOUR_WEIGHTS.items() if opens <= day * DAY + hour * HOUR < closes}
        return day * DAY + self._chance.weighted(hours) * HOUR + self._chance.randrange(HOUR)

    def _route(self, arrival: _Arrival) -> Contact:
        chance = self._chance
        is_self_service = arrival.kind.method in ("INBOUND", "API") and arrival.kind.channel in ("VOICE", "CHAT")
        if arrival.parent is None and is_self_service and chance.happens(0.1):
            return self._contained(arrival)
        queue = chance.choice([queue for queue in self._centre.queues if not _was_at(arrival.parent, queue)])
        duty = self._first_free(queue, arrival.enqueued)
        if duty is None or duty.free_at >= duty.shift.end:
            return self._abandoned(arrival, queue, chance.duration_ms(70, 0.8, least_seconds=4))
        wait = max(duty.free_at - arrival.enqueued, 0) + round(chance.expovariate(1 / 9) * SECOND) + 3 * SECOND
        patience = chance.duration_ms(240, 0.9, least_seconds=8)
        if wait > patience and arrival.kind.channel in ("VOICE", "CHAT") and arrival.kind.method != "OUTBOUND":
            return self._abandoned(arrival, queue, patience)
        return self._handled(arrival, queue, duty, arrival.enqueued + wait)

    def _first_free(self, queue: Named, now: int) -> Duty | None:
        on_duty = self._on_duty(queue, now)
        if not on_duty:
            return None
        considered = self._chance.sample(on_duty, min(len(on_duty), self._MOST_CONSIDERED))
        for duty in considered:
            duty.advance(now)
        return min(considered, key=lambda duty: max(duty.free_at, now))

    def _on_duty(self, queue: Named, now: int) -> list[Duty]:
        return [
            duty
            for duty in self._duties.get(now // DAY, [])
            if duty.shift.start <= now < duty.shift.end - LAST_CALL and queue in duty.shift.agent.routing_profile.queues
        ]

    def _handled(self, arrival: _Arrival, queue: Named, duty: Duty, connected: int) -> Contact:
        chance, kind = self._chance, arrival.kind
        holds: tuple[int, ...] = ()
        if kind.channel == "VOICE" and chance.happens(0.25):
            holds = tuple(chance.duration_ms(40, 0.6) for _ in range(chance.choice((1, 1, 1, 2))))
        interaction = chance.duration_ms(kind.talk, 0.55, least_seconds=12)
        after_work = chance.duration_ms(kind.after, 0.7) if chance.happens(0.9) else 0
        idle = [other.shift.agent for other in self._on_duty(queue, arrival.enqueued) if other is not duty]
        contact = Contact(
            id=arrival.id,
            kind=kind,
            customer=arrival.customer,
            initiated=arrival.initiated,
            disconnected=connected + interaction + sum(holds),
            outcome="handled",
            queue=queue,
            agent=duty.shift.agent,
            missed_by=chance.choice(idle) if idle and chance.happens(0.06) else None,
            enqueued=None if kind.method == "OUTBOUND" else arrival.enqueued,
            offered=connected - chance.randint(1200, 2900),
            connected=connected,
            holds=holds,
            after_work=after_work,
            ended_by_agent=chance.happens(0.35),
            campaign=chance.choice(self._campaigns) if kind.method == "OUTBOUND" and chance.happens(0.6) else None,
            initial_id=arrival.initial_id,
            previous_id=arrival.parent.id if arrival.parent else None,
        )
        duty.free_at = contact.after_work_end
        return contact

    def _abandoned(self, arrival: _Arrival, queue: Named, waited: int) -> Contact:
        if arrival.kind.method == "OUTBOUND":
            return self._contained(arrival)
        return Contact(
            id=arrival.id,
            kind=arrival.kind,
            customer=arrival.customer,
            initiated=arrival.initiated,
            disconnected=arrival.enqueued + waited,
            outcome="abandoned",
            queue=queue,
            enqueued=arrival.enqueued,
            initial_id=arrival.initial_id,
            previous_id=arrival.parent.id if arrival.parent else None,
        )

    def _contained(self, arrival: _Arrival) -> Contact:
        return Contact(
            id=arrival.id,
            kind=arrival.kind,
            customer=arrival.customer,
            initiated=arrival.initiated,
            disconnected=arrival.enqueued + self._chance.duration_ms(45, 0.5),
            outcome="contained",
            campaign=self._chance.choice(self._campaigns) if arrival.kind.method == "OUTBOUND" else None,
        )

    def _is_transferred(self, contact: Contact) -> bool:
        is_transferable = contact.outcome == "handled" and contact.kind.channel == "VOICE"
        return is_transferable and contact.kind.method == "INBOUND" and self._chance.happens(0.08)

    def _transfer(self, parent: Contact, number: int) -> _Arrival:
        """Pass *parent* on: its successor enters another queue at the moment the first agent lets go."""
        successor = _Arrival(
            enqueued=parent.disconnected + SECOND,
            number=number,
            initiated=parent.disconnected,
            kind=_TRANSFER,
            id=self._chance.uuid(),
            customer=parent.customer,
            parent=parent,
        )
        self._contacts[parent.id] = replace(parent, next_id=successor.id, ended_by_agent=True)
        return successor

    def _worked(self) -> list[WorkedShift]:
        worked = []
        for duties in self._duties.values():
            for duty in duties:
                duty.advance(duty.shift.end - 1)
                end = max(duty.shift.end, duty.free_at)
                worked.append(WorkedShift(duty.shift.agent, duty.shift.start, end, tuple(duty.taken)))
        return worked


def _was_at(parent: Contact | None, queue: Named) -> bool:
    return parent is not None and parent.queue is queue


def _customer(chance: Chance) -> Customer:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    digits = chance.randrange(10**8)
    # +61 4xx is where Australian mobile numbers live; 0491 570 is set aside for fiction.
    return Customer(
        profile_id=f"{chance.getrandbits(128):032x}",
        phone=f"+61491570{digits % 1000:03d}",
        email=f"{first}.{last}{digits % 1000}@example.net".lower(),
        name=f"{first} {last}",
    )
