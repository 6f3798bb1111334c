"""Agent events: what changed about an agent, with the whole state before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from lakeshare.sandbox.synthesis.centre import Agent, Centre
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.contacts import Contact
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import SECOND, moment
from lakeshare.sandbox.synthesis.records.fields import Row, hierarchy, processed
from lakeshare.sandbox.synthesis.roster import WorkedShift


@dataclass(frozen=True, slots=True)
class _Turn:
    """Something happened to an agent: an event of *kind*, after which the status is *status* and *contact* is on."""

    at: int
    kind: str
    status: str
    contact: Contact | None = None
    following: str | None = None


def agent_event(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the events of each agent in order; an event's previous state is the current state of the one before."""
    handled: dict[str, list[Contact]] = defaultdict(list)
    for contact in history.contacts:
        if contact.agent:
            handled[contact.agent.id].append(contact)
    shifts: dict[str, list[WorkedShift]] = defaultdict(list)
    for shift in history.shifts:
        shifts[shift.agent.id].append(shift)
    for agent in history.centre.agents:
        language = chance.choice(("en-AU", "en-GB", "zh-CN"))
        turns = [turn for shift in shifts[agent.id] for turn in _turns(shift, handled[agent.id])]
        yield from _events(history.centre, agent, language, turns, chance)


def _turns(shift: WorkedShift, contacts: list[Contact]) -> list[_Turn]:
    turns = [_Turn(shift.start, "LOGIN", "Available")]
    for pause in shift.breaks:
        turns.append(_Turn(pause.start, "STATE_CHANGE", pause.status))
        turns.append(_Turn(pause.start + pause.length, "STATE_CHANGE", "Available"))
    upcoming = {turn.at: turn.status for turn in turns if turn.status != "Available"}
    for contact in contacts:
        if contact.connected is not None and shift.start <= contact.connected < shift.end:
            # An agent who has asked for a break during a contact shows it as the next status.
            following = upcoming.get(contact.after_work_end)
            turns.append(_Turn(contact.connected, "STATE_CHANGE", "Available", contact, following))
    turns.append(_Turn(shift.end + SECOND, "LOGOUT", "Offline"))
    return sorted(turns, key=lambda turn: turn.at)


def _events(centre: Centre, agent: Agent, language: str, turns: list[_Turn], chance: Chance) -> Iterator[Row]:
    previous: _Turn | None = None
    for turn in turns:
        now = _state(centre, agent, turn, language)
        configuration = {
            "configuration_username": agent.name,
            "configuration_first_name": agent.first_name,
            "configuration_last_name": agent.last_name,
            "configuration_sip_address": f"sip:{agent.name}@connect.example.com",
            "configuration_auto_accept": True,
            "configuration_language_code": language,
            **_next_status(centre, turn),
        }
        before = _state(centre, agent, previous, language) if previous else dict.fromkeys(now)
        yield {
            "event_id": chance.uuid(),
            "event_timestamp": moment(turn.at),
            "event_type": turn.kind,
            "version": "2017-10-01",
            "agent_arn": agent.arn,
            **{f"current_{name}": value for name, value in (now | configuration).items()},
            **{f"previous_{name}": value for name, value in before.items()},
            **processed(turn.at),
        }
        previous = turn


def _next_status(centre: Centre, turn: _Turn) -> Row:
    following = centre.status(turn.following) if turn.following else None
    return {
        "next_agent_status_arn": following.arn if following else None,
        "next_agent_status_name": following.name if following else None,
        "next_agent_status_enqueued_timestamp": moment(turn.at + 5 * SECOND) if following else None,
        "next_agent_status_type": "CUSTOM" if following else None,
    }


def _state(centre: Centre, agent: Agent, turn: _Turn, language: str) -> Row:
    status, profile = centre.status(turn.status), agent.routing_profile
    outbound = profile.default_outbound_queue
    return {
        "agent_status_arn": status.arn,
        "agent_status_name": status.name,
        "agent_status_start_timestamp": moment(turn.at),
        "agent_status_type": {"Available": "ROUTABLE", "Offline": "OFFLINE"}.get(status.name, "CUSTOM"),
        "configuration_proficiencies": [{"name": "connect:Language", "value": language, "level": 4.0}],
        "routing_profile_arn": profile.arn,
        "routing_profile_name": profile.name,
        "routing_profile_concurrency": [
            {"channel": channel, "available_slots": 0 if turn.contact else 1, "maximum_slots": 1}
            for channel in ("VOICE", "CHAT", "TASK", "EMAIL")
        ],
        "routing_profile_default_outbound_queue_arn": outbound.arn,
        "routing_profile_default_outbound_queue_name": outbound.name,
        "routing_profile_default_outbound_queue_channels": ["VOICE"],
        "routing_profile_inbound_queues": [
            {"arn": queue.arn, "name": queue.name, "channels": ["VOICE", "CHAT", "TASK", "EMAIL"]}
            for queue in profile.queues
        ],
        **hierarchy(agent, "agent_hierarchy_groups_level_{}_{}", "arn", "name"),
        "contacts": [_on_contact(turn.contact)] if turn.contact else [],
        "snapshot_timestamp": moment(turn.at),
    }


def _on_contact(contact: Contact) -> Row:
    queue = contact.queue
    return {
        "contact_id": contact.id,
        "initial_contact_id": contact.initial_id,
        "channel": contact.kind.channel,
        "initiation_method": contact.kind.method,
        "state": "CONNECTED",
        "state_start_timestamp": moment(contact.connected),
        "connected_to_agent_timestamp": moment(contact.connected),
        "queue_timestamp": moment(contact.enqueued),
        "queue": {"arn": queue.arn, "name": queue.name} if queue else None,
    }


RECORDS = {"agent_event": agent_event}
