"""The statistic record of each contact: its timings, and flags that are 0 or 1 so that they can be summed."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.contacts import Contact
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import moment
from lakeshare.sandbox.synthesis.records.fields import Row, processed


def contact_statistic_record(history: History, _: Chance) -> Iterator[Row]:
    """Yield a row per contact."""
    for contact in history.contacts:
        yield {
            "contact_id": contact.id,
            "channel": contact.kind.channel,
            "queue_id": contact.queue.id if contact.queue else None,
            "agent_id": contact.agent.id if contact.agent else None,
            "initiation_method": contact.kind.method,
            "initiation_timestamp": moment(contact.initiated),
            "disconnect_timestamp": moment(contact.disconnected),
            "enqueue_timestamp": moment(contact.enqueued),
            **_timings(contact),
            **{name: int(claim) for name, claim in _claims(contact).items()},
            **processed(contact.after_work_end),
        }


def _timings(contact: Contact) -> Row:
    is_handled, is_outbound = contact.outcome == "handled", contact.kind.method == "OUTBOUND"
    left_flow = contact.enqueued or contact.connected or contact.disconnected
    return {
        "contact_flow_time_ms": left_flow - contact.initiated,
        "abandon_time_ms": contact.queue_time if contact.outcome == "abandoned" else None,
        "queue_time_ms": contact.queue_time,
        "queue_answer_time_ms": contact.queue_time if is_handled else None,
        "handle_time_ms": contact.handle_time if is_handled else None,
        "customer_hold_time_ms": contact.hold if is_handled else None,
        "agent_interaction_time_ms": contact.interaction if is_handled else None,
        "agent_interaction_outbound_time_ms": contact.interaction if is_handled and is_outbound else None,
        "agent_interaction_and_hold_time_ms": contact.interaction + contact.hold if is_handled else None,
        "after_contact_work_time_ms": contact.after_work if is_handled else None,
        "after_contact_work_outbound_time_ms": contact.after_work if is_handled and is_outbound else None,
    }


def _claims(contact: Contact) -> dict[str, bool]:
    method, is_handled = contact.kind.method, contact.outcome == "handled"
    is_queued, is_transferred_in = contact.enqueued is not None, method == "TRANSFER"
    is_transferred_out = contact.next_id is not None
    return {
        "is_connected": is_handled,
        "is_abandoned": contact.outcome == "abandoned",
        "is_agent_hung_up_first": is_handled and contact.ended_by_agent,
        "is_handled": is_handled,
        "is_handled_incoming": is_handled and method in ("INBOUND", "TRANSFER"),
        "is_handled_outbound": is_handled and method == "OUTBOUND",
        "is_callback_handled": is_handled and method == "CALLBACK",
        "is_api_handled": is_handled and method == "API",
        "is_put_on_hold": bool(contact.holds),
        "is_hold_disconnect": False,
        "is_hold_agent_disconnect": False,
        "is_hold_customer_disconnect": False,
        "is_incoming": method in ("INBOUND", "TRANSFER"),
        "is_callback_contact": method == "CALLBACK",
        "is_api_contact": method == "API",
        "is_queued": is_queued,
        "is_queued_and_handled": is_queued and is_handled,
        "is_transferred_in": is_transferred_in,
        "is_transferred_in_from_handled": is_transferred_in,
        "is_transferred_in_from_queued": False,
        "is_transferred_out": is_transferred_out,
        "is_transferred_out_from_handled": is_transferred_out,
        "is_transferred_out_from_queued": False,
        "is_transferred_out_internal": is_transferred_out,
        "is_transferred_out_external": False,
        "is_transferred_out_external_from_contact_flow": False,
    }


RECORDS = {"contact_statistic_record": contact_statistic_record}
