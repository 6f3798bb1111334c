"""Runs of flows by contacts, and runs of the centre's test cases."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.contacts import Contact
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import DAY, HOUR, MINUTE, SECOND, moment
from lakeshare.sandbox.synthesis.records.fields import Row, processed

_NONE = ""
"""What a column that the documents call not nullable holds where nothing follows."""


def contact_flow_events(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the flows of each contact: the welcome, then the queue's flow for those who waited."""
    welcome, in_queue, whisper, chat, *_ = history.centre.flows
    for contact in history.contacts:
        first = {"CHAT": chat}.get(contact.kind.channel, whisper if contact.kind.method == "OUTBOUND" else welcome)
        left = contact.enqueued or contact.connected or contact.disconnected
        follows = in_queue.id if contact.enqueued else _NONE
        outcome = "TRANSFERRED_TO_QUEUE" if contact.enqueued else "DISCONNECTED_PARTICIPANT"
        yield {
            **_run(history, contact, contact.initiated, left, chance),
            "flow_resource_id": first.id,
            "module_resource_id": chance.choice(history.centre.modules).id if chance.happens(0.3) else _NONE,
            "flow_type": "agentWhisper" if first is whisper else "contactFlow",
            "flow_outcome": outcome,
            "next_flow_resource_id": follows,
            "next_queue_resource_id": contact.queue.id if contact.queue else _NONE,
            "next_resource_type": "QUEUE" if contact.enqueued else _NONE,
        }
        if contact.enqueued is not None and contact.dequeued is not None:
            yield {
                **_run(history, contact, contact.enqueued, contact.dequeued, chance),
                "flow_resource_id": in_queue.id,
                "module_resource_id": _NONE,
                "flow_type": "customerQueue",
                "flow_outcome": "TRANSFERRED_TO_AGENT" if contact.agent else "DISCONNECTED_PARTICIPANT",
                "next_flow_resource_id": whisper.id if contact.agent else _NONE,
                "next_queue_resource_id": _NONE,
                "next_resource_type": "AGENT" if contact.agent else _NONE,
            }


def _run(history: History, contact: Contact, started: int, ended: int, chance: Chance) -> Row:
    subtypes = {"VOICE": "connect:Telephony", "CHAT": "connect:Chat", "TASK": "connect:Task", "EMAIL": "connect:Email"}
    return {
        "event_id": chance.uuid(),
        "contact_id": contact.id,
        "resource_version": "4",
        "resource_type": "CONTACT_FLOW",
        "resource_published_timestamp": moment(history.begins - 20 * DAY),
        "flow_language_version": "2019-10-30",
        "channel": contact.kind.channel,
        "sub_type": subtypes[contact.kind.channel],
        "initiation_method": contact.kind.method,
        "start_timestamp": moment(started),
        "end_timestamp": moment(ended),
        **processed(ended),
    }


def connect_test_case_execution_results(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a run of each test case on each of the last nights; a failed run says why."""
    cases = [(name, chance.uuid()) for name in ("Opening hours", "Bot understands balance", "Callback is offered")]
    calls = [contact for contact in history.contacts if contact.kind.method == "INBOUND"] or list(history.contacts)
    for day in range(len(history.days)):
        for position, (name, id_) in enumerate(cases):
            started = history.begins + day * DAY + 5 * HOUR + position * 5 * MINUTE
            has_passed, contact = chance.happens(0.85), chance.choice(calls)
            yield {
                "connect_test_case_resource_arn": history.instance.arn_of("test-case", id_),
                "connect_test_case_resource_name": name,
                "connect_test_case_execution_start_timestamp": moment(started),
                "connect_test_case_execution_end_timestamp": moment(started + chance.duration_ms(40)),
                "connect_test_case_status": "COMPLETED",
                "connect_test_case_result": "PASSED" if has_passed else "FAILED",
                "connect_test_case_execution_id": chance.uuid(),
                "connect_test_case_failure_reasons": [] if has_passed else ["Expected prompt was not heard"],
                "connect_test_case_type": "SIMULATION",
                "connect_test_case_execution_method": "SCHEDULED",
                "connect_test_case_execution_channel": "VOICE",
                "connect_test_case_execution_channel_subtype": "connect:Telephony",
                "connect_test_case_associated_initial_contact_id": contact.initial_id or contact.id,
                "connect_test_case_associated_contact_ids": [contact.id],
                "connect_test_case_initiating_flow_id": history.centre.flows[0].id,
                "record_creation_timestamp": moment(started + 90 * SECOND),
                **processed(started),
            }


RECORDS = {
    "contact_flow_events": contact_flow_events,
    "connect_test_case_execution_results": connect_test_case_execution_results,
}
