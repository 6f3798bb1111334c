"""What agents did: time per interval, time per queue and interval, and the events of their state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from lakeshare.sandbox.synthesis import vocabulary
from lakeshare.sandbox.synthesis.centre import Agent, Named
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import INTERVAL, SECOND, intervals, moment, overlap
from lakeshare.sandbox.synthesis.records.fields import Row, hierarchy, processed
from lakeshare.sandbox.synthesis.roster import WorkedShift

_CUSTOM_STATES = 50
_MISSED_RING = 20 * SECOND


def _agent_fields(history: History, agent: Agent, start: int) -> Row:
    """Return what both statistic records say of agent and interval."""
    return {
        "user_id": agent.id,
        "user_arn": agent.arn,
        "routing_profile_id": agent.routing_profile.id,
        "agent_routing_profile_arn": agent.routing_profile.arn,
        **hierarchy(agent, "agent_hierarchy_level_{}_{}", "id", "arn"),
        "interval_start_time": moment(start),
        "interval_end_time": moment(start + INTERVAL),
        "published_date": moment(min(start + 2 * INTERVAL, history.ends)),
        **processed(start + INTERVAL),
    }


def agent_statistic_record(history: History, chance: Chance) -> Iterator[Row]:
    """
    Yield a row per agent and interval in which the agent was signed in; times in ms.

    online_time = agent_idle_time + agent_on_contact_time + non_productive_time + error_time, never more than the
    interval; the custom state timers add up to non_productive_time.
    """
    on_contact: dict[tuple[str, int], int] = defaultdict(int)
    missed: set[tuple[str, int]] = set()
    for contact in history.contacts:
        if contact.missed_by and contact.offered is not None:
            missed.add((contact.missed_by.id, contact.offered - contact.offered % INTERVAL))
        if contact.agent and contact.connected is not None:
            for start in intervals(contact.connected, contact.after_work_end):
                spent = overlap(contact.connected, contact.after_work_end, start, start + INTERVAL)
                on_contact[contact.agent.id, start] += spent
    for shift in history.shifts:
        for start in intervals(shift.start, shift.end):
            key = (shift.agent.id, start)
            yield {
                "asr_statistic_id": chance.uuid(),
                **_agent_fields(history, shift.agent, start),
                **_times(history, shift, start, on_contact[key], has_missed=key in missed),
            }


def _times(history: History, shift: WorkedShift, start: int, on_contact: int, *, has_missed: bool) -> Row:
    away = dict.fromkeys(vocabulary.NOT_WORKING, 0)
    for pause in shift.breaks:
        away[pause.status] += overlap(pause.start, pause.start + pause.length, start, start + INTERVAL)
    online = overlap(shift.start, shift.end, start, start + INTERVAL)
    idle = online - on_contact - sum(away.values())
    error = min(idle, _MISSED_RING) if has_missed else 0
    longest = max(away, key=lambda name: away[name]) if any(away.values()) else "Available"
    return {
        "online_time": online,
        "error_time": error,
        "non_productive_time": sum(away.values()),
        "agent_idle_time": idle - error,
        "agent_on_contact_time": on_contact,
        **{f"custom_state_time_{number:02d}": 0 for number in range(1, _CUSTOM_STATES + 1)},
        **{f"custom_state_time_{number:02d}": spent for number, spent in enumerate(away.values(), 1)},
        "agent_status_arn": history.centre.status(longest).arn,
        "agent_status_name": longest,
        "agent_status_time_ms": away.get(longest, online - sum(away.values())),
    }


@dataclass(slots=True)
class _Tally:
    """One agent on one queue and channel in one interval; times in ms."""

    handled: int = 0
    missed: int = 0
    handle_time: int = 0
    contact_time: int = 0
    attempts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    connecting: dict[str, int] = field(default_factory=lambda: defaultdict(int))


_CONNECTING = {
    "INBOUND": "incoming",
    "TRANSFER": "incoming",
    "OUTBOUND": "outbound",
    "CALLBACK": "callback",
    "API": "api",
}


def agent_queue_statistic_record(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per agent, queue, channel and interval with any contact in it; times in ms."""
    agents = {agent.id: agent for agent in history.centre.agents}
    queues = {queue.id: queue for queue in history.centre.queues}
    for (agent_id, start, queue_id, channel), tally in sorted(_tallies(history).items()):
        yield {
            "aqsr_statistic_id": chance.uuid(),
            **_agent_fields(history, agents[agent_id], start),
            **_queue_fields(queues[queue_id], channel),
            "agent_non_response": tally.missed,
            "agent_non_response_without_customer_abandons": tally.missed,
            "contacts_offered": tally.handled + tally.missed,
            "contacts_handled": tally.handled,
            "handle_time": tally.handle_time,
            "contact_time_ms": tally.contact_time,
            **{f"{way}_connecting_attempts": tally.attempts[way] for way in dict.fromkeys(_CONNECTING.values())},
            **{f"agent_{way}_connecting_time": tally.connecting[way] for way in dict.fromkeys(_CONNECTING.values())},
        }


def _queue_fields(queue: Named, channel: str) -> Row:
    return {"queue_id": queue.id, "queue_arn": queue.arn, "channel": channel, "queue_type": "STANDARD"}


def _tallies(history: History) -> dict[tuple[str, int, str, str], _Tally]:
    tallies: dict[tuple[str, int, str, str], _Tally] = defaultdict(_Tally)
    for contact in history.contacts:
        if contact.agent is None or contact.queue is None or contact.connected is None or contact.offered is None:
            continue
        where = (contact.queue.id, contact.kind.channel)
        way = _CONNECTING[contact.kind.method]
        began = tallies[contact.agent.id, contact.connected - contact.connected % INTERVAL, *where]
        began.handled += 1
        began.attempts[way] += 1
        began.connecting[way] += contact.connected - contact.offered
        for start in intervals(contact.connected, contact.after_work_end):
            during = tallies[contact.agent.id, start, *where]
            during.handle_time += overlap(contact.connected, contact.after_work_end, start, start + INTERVAL)
            during.contact_time += overlap(contact.connected, contact.disconnected, start, start + INTERVAL)
        if contact.missed_by:
            unanswered = tallies[contact.missed_by.id, contact.offered - contact.offered % INTERVAL, *where]
            unanswered.missed += 1
            unanswered.attempts[way] += 1
            unanswered.connecting[way] += _MISSED_RING
    return tallies


RECORDS = {
    "agent_statistic_record": agent_statistic_record,
    "agent_queue_statistic_record": agent_queue_statistic_record,
}
