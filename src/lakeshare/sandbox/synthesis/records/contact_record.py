"""The contact record: the widest table of the lake, put together from the groups that its column names show."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.sandbox.synthesis.centre import Agent, Instance
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.contacts import Contact
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import MINUTE, SECOND, moment
from lakeshare.sandbox.synthesis.records.analytics import draw_evaluations
from lakeshare.sandbox.synthesis.records.assistants import Session, sessions
from lakeshare.sandbox.synthesis.records.contact_media import chat, email, evaluations, recordings, references, voice_id
from lakeshare.sandbox.synthesis.records.fields import Row, absent, hierarchy, named, processed


def contact_record(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per contact, in order of initiation."""
    assisted = {session.contact.id: session for session in sessions(history)}
    evaluated = {evaluation.contact.id: evaluation for evaluation in draw_evaluations(history)}
    for contact in history.contacts:
        yield {
            **_identity(contact, chance),
            **_template(history.instance, contact),
            **_times(contact),
            **_queue(contact, chance),
            **_agent(history.instance, contact, chance),
            **_endpoints(contact, chance),
            **_devices(contact, chance),
            **_quality(contact, chance),
            **_assistant(history, assisted.get(contact.id)),
            **recordings(history.instance, contact),
            **voice_id(contact, chance),
            **chat(contact, chance),
            **email(contact),
            **references(history.instance, contact, chance),
            **evaluations(history.instance, evaluated.get(contact.id)),
            **processed(contact.after_work_end),
        }


def _identity(contact: Contact, chance: Chance) -> Row:
    subtype = {"VOICE": "connect:Telephony", "CHAT": "connect:Chat", "TASK": "connect:Task", "EMAIL": "connect:Email"}
    is_answered = contact.outcome == "handled"
    return {
        "contact_id": contact.id,
        "initial_contact_id": contact.initial_id,
        "previous_contact_id": contact.previous_id,
        "related_contact_id": contact.previous_id,
        "next_contact_id": contact.next_id,
        "contact_association_id": contact.initial_id or contact.id,
        "channel": contact.kind.channel,
        "initiation_method": contact.kind.method,
        "attributes": {"language": "en", "customer_tier": chance.weighted({"standard": 7, "gold": 2, "platinum": 1})},
        "segment_attributes": {"connect:Subtype": subtype[contact.kind.channel]},
        "contact_details": {"name": contact.customer.name} if contact.kind.channel in ("TASK", "EMAIL") else {},
        "tags_references_items": {"aws:connect:instanceId": "instance"},
        "aws_contact_trace_record_format_version": "2017-03-10",
        "campaign_id": contact.campaign.id if contact.campaign else None,
        "answering_machine_detection_status": _detected(contact) if contact.campaign else None,
        "disconnect_reason": _reason(contact),
        "disconnect_details_potential_disconnect_issue": None if chance.happens(0.97) else "AGENT_NETWORK_ISSUE",
        "disconnect_details_telemetry_inferred_reason": None if chance.happens(0.97) else "NETWORK_LOSS",
        "transfer_completed_timestamp": moment(contact.disconnected if contact.next_id and is_answered else None),
    }


def _template(instance: Instance, contact: Contact) -> Row:
    is_task = contact.kind.channel == "TASK"
    return {
        "task_template_arn": instance.arn_of("task-template", f"{instance.id[:-2]}01") if is_task else None,
        "task_template_name": "Follow up" if is_task else None,
    }


def _detected(contact: Contact) -> str:
    return "HUMAN_ANSWERED" if contact.agent else "VOICEMAIL_BEEP"


def _reason(contact: Contact) -> str:
    if contact.next_id:
        return "TRANSFERRED"
    if contact.outcome == "contained":
        return "CONTACT_FLOW_DISCONNECT"
    return "AGENT_DISCONNECT" if contact.ended_by_agent else "CUSTOMER_DISCONNECT"


def _times(contact: Contact) -> Row:
    is_scheduled = contact.kind.channel == "TASK" and contact.initiated % 3 == 0
    # A task that waits for the agent's other work is paused and resumed; calls never are.
    pause = min(contact.interaction // 4, 2 * MINUTE) if contact.kind.channel == "TASK" and contact.connected else 0
    paused = contact.connected + contact.interaction // 4 if pause and contact.connected else None
    voice = contact.kind.channel == "VOICE"
    return {
        "initiation_timestamp": moment(contact.initiated),
        "connected_to_system_timestamp": moment(contact.initiated + (400 if voice else 0)),
        "last_update_timestamp": moment(contact.after_work_end + 3 * SECOND),
        "scheduled_timestamp": moment(contact.initiated if is_scheduled else None),
        "disconnect_timestamp": moment(contact.disconnected),
        "last_paused_timestamp": moment(paused),
        "last_resumed_timestamp": moment(paused + pause if paused else None),
        "total_pause_duration_ms": pause,
        "total_pause_count": int(bool(pause)),
        "agent_pause_duration_ms": pause if contact.agent else None,
        "customer_voice_activity_greeting_start_timestamp": moment(contact.initiated + 2 * SECOND if voice else None),
        "customer_voice_activity_greeting_end_timestamp": moment(contact.initiated + 4 * SECOND if voice else None),
    }


def _queue(contact: Contact, chance: Chance) -> Row:
    is_queued = contact.enqueued is not None
    return {
        **named(contact.queue, "queue", "id", "arn", "name"),
        "queue_enqueue_timestamp": moment(contact.enqueued),
        "queue_dequeue_timestamp": moment(contact.dequeued),
        "queue_duration_ms": contact.queue_time,
        "contact_routing_queue_priority": chance.choice((1, 5, 5, 5)) if is_queued else None,
        "contact_routing_queue_time_adjustment_ms": 0 if is_queued else None,
        "routing_criteria": _criteria(contact) if is_queued and chance.happens(0.3) else None,
    }


def _criteria(contact: Contact) -> list[Row]:
    expression = '{"attributeCondition":{"name":"connect:Language","value":"en-AU","proficiencyLevel":3}}'
    step = {"status": "JOINED" if contact.agent else "EXPIRED", "expiry_duration_ms": 60_000, "expression": expression}
    return [{"activation_timestamp": moment(contact.enqueued), "index": 0, "steps": [step]}]


def _agent(instance: Instance, contact: Contact, chance: Chance) -> Row:
    agent = contact.agent
    worked = {
        "agent_connected_to_agent_timestamp": moment(contact.connected),
        "agent_interaction_duration_ms": contact.interaction,
        "agent_customer_hold_duration_ms": contact.hold,
        "agent_number_of_holds": len(contact.holds),
        "agent_longest_hold_duration_ms": max(contact.holds, default=0),
        "agent_after_contact_work_start_timestamp": moment(contact.disconnected),
        "agent_after_contact_work_end_timestamp": moment(contact.after_work_end),
        "agent_after_contact_work_duration_ms": contact.after_work,
        "agent_state_transitions": _transitions(contact),
        "agent_voice_enhancement_mode": "VOICE_ISOLATION" if contact.kind.channel == "VOICE" else None,
        "agent_capabilities_video": "SEND" if chance.happens(0.1) else None,
        "external_third_party_interaction_duration_ms": contact.interaction // 10 if chance.happens(0.03) else 0,
    }
    profile = agent.routing_profile if agent else None
    return {
        **_who(agent),
        **hierarchy(agent, "agent_hierarchy_groups_level_{}_{}", "name", "arn", "id"),
        **named(profile, "agent_routing_profile", "name", "arn", "id"),
        **(worked if agent else absent(worked)),
        "agent_connection_attempts": int(agent is not None) + int(contact.missed_by is not None),
        "instance_arn": instance.arn,
    }


def _who(agent: Agent | None) -> Row:
    return {
        "agent_id": agent.id if agent else None,
        "agent_arn": agent.arn if agent else None,
        "agent_username": agent.name if agent else None,
    }


def _transitions(contact: Contact) -> list[Row]:
    spans = [
        ("CONNECTING", contact.offered, contact.connected),
        ("CONNECTED", contact.connected, contact.disconnected),
        ("ENDED", contact.disconnected, contact.after_work_end),
    ]
    return [
        {"state_start_timestamp": moment(start), "state_end_timestamp": moment(end), "state": state}
        for state, start, end in spans
    ]


def _endpoints(contact: Contact, chance: Chance) -> Row:
    channel, customer = contact.kind.channel, contact.customer
    kind = {"VOICE": "TELEPHONE_NUMBER", "EMAIL": "EMAIL_ADDRESS"}.get(channel)
    address = {"VOICE": customer.phone, "EMAIL": customer.email}.get(channel)
    ours = {"VOICE": "+61255500100", "EMAIL": "care@example.com"}.get(channel)
    is_passed_on = contact.next_id is not None
    return {
        "customer_endpoint_type": kind,
        "customer_endpoint_address": address,
        "customer_endpoint_display_name": customer.name if kind else None,
        "customer_phone_number_prefix": "+61" if channel == "VOICE" else None,
        "system_endpoint_type": kind,
        "system_endpoint_address": ours,
        "system_endpoint_display_name": "Customer care" if ours else None,
        "transferred_endpoint_type": "TELEPHONE_NUMBER" if is_passed_on else None,
        "transferred_endpoint_address": f"+612555002{chance.randrange(100):02d}" if is_passed_on else None,
        "transferred_endpoint_display_name": "Second line" if is_passed_on else None,
    }


def _devices(contact: Contact, chance: Chance) -> Row:
    agent = {
        "agent_device_platform_name": "Chrome",
        "agent_device_platform_version": chance.choice(("139.0", "140.0", "141.0")),
        "agent_device_operating_system": chance.choice(("Windows 11", "macOS 15")),
    }
    customer = {
        "customer_device_platform_name": chance.choice(("Safari", "Chrome")),
        "customer_device_platform_version": chance.choice(("18.1", "140.0")),
        "customer_device_operating_system": chance.choice(("iOS 18", "Android 16")),
        "customer_capabilities_video": "SEND" if chance.happens(0.2) else None,
    }
    return {
        **(agent if contact.agent else absent(agent)),
        **(customer if contact.kind.channel == "CHAT" else absent(customer)),
    }


def _quality(contact: Contact, chance: Chance) -> Row:
    def audio() -> Row:
        score = round(min(5.0, max(1.0, chance.gauss(4.2, 0.5))), 2)
        return {"quality_score": score, "potential_quality_issues": ["HighPacketLoss"] if score < 3.5 else []}

    measured = {"quality_metrics_agent_audio": audio(), "quality_metrics_customer_audio": audio()}
    is_measured = contact.kind.channel == "VOICE" and contact.agent is not None
    return {
        **(measured if is_measured else absent(measured)),
        "quality_metrics_agent_reported_issue": "ECHO" if is_measured and chance.happens(0.03) else None,
        "media_streams_items": [{"type": "AUDIO"}] if contact.kind.channel == "VOICE" else [],
    }


def _assistant(history: History, session: Session | None) -> Row:
    if session is None:
        return {"q_in_connect_session_arn": None, "ai_agents": None}
    instance = history.instance
    return {
        "q_in_connect_session_arn": (
            f"arn:aws:wisdom:{instance.region}:{instance.account}:session/{session.assistant_id}/{session.id}"
        ),
        "ai_agents": [
            {
                "ai_use_case": "AgentAssistance",
                "ai_agent_version_id": f"{invocation.agent.id}:{invocation.agent.version}",
                "ai_agent_escalated": session.is_handed_off,
            }
            for invocation in session.invocations
        ],
    }


RECORDS = {"contact_record": contact_record}
