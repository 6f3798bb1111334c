"""Cases that contacts led to, and what was attached to them; each row is an event, the newest per case is its state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lakeshare.sandbox.synthesis import vocabulary
from lakeshare.sandbox.synthesis.centre import Agent
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.contacts import Contact
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import DAY, HOUR, MINUTE, SECOND, moment
from lakeshare.sandbox.synthesis.records.fields import Row, processed


@dataclass(frozen=True, slots=True)
class _Case:
    """One case; times in ms since the epoch, ``closed`` and ``reopened`` None for what has not come to pass."""

    id: str
    number: int
    contact: Contact
    agent: Agent
    reason: str
    created: int
    closed: int | None
    reopened: int | None

    def states(self) -> list[tuple[int, str, str]]:
        """Return the (time, event type, status) of its life so far, oldest first."""
        states = [(self.created, "CASE.CREATED", "open")]
        if self.closed:
            states.append((self.closed, "CASE.UPDATED", "closed"))
        if self.reopened:
            states.append((self.reopened, "CASE.UPDATED", "reopened"))
        return states


def _cases(history: History) -> list[_Case]:
    """Return the cases: of one contact in eight that an agent had."""
    chance = history.chance("cases")
    cases: list[_Case] = []
    for contact in history.contacts:
        if contact.agent is None or not chance.happens(1 / 8):
            continue
        closed = contact.after_work_end + chance.randrange(HOUR, 2 * DAY) if chance.happens(0.6) else None
        cases.append(
            _Case(
                id=chance.uuid(),
                number=10_000_000 + len(cases),
                contact=contact,
                agent=contact.agent,
                reason=chance.choice(vocabulary.CASE_REASONS),
                created=contact.disconnected,
                closed=closed,
                reopened=closed + 3 * HOUR if closed and chance.happens(0.15) else None,
            )
        )
    return cases


def case_events(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the events of each case."""
    instance = history.instance
    template = history.chance("case template").uuid()
    for case in _cases(history):
        for at, event, status in case.states():
            yield {
                "event_id": chance.uuid(),
                "case_id": case.id,
                "event_timestamp": moment(at),
                "event_type": event,
                "changed_field_ids": ["status", "last_updated_datetime"] if event == "CASE.UPDATED" else [],
                **_performer(case.agent, chance),
                "cases_domain_arn": _domain(history),
                "template_id": template,
                "template_name": "General enquiry",
                "last_updated_user": case.agent.arn,
                "reference_number": str(case.number),
                "status": status,
                "assigned_user": case.agent.arn,
                "assigned_queue": case.contact.queue.arn if case.contact.queue else None,
                "case_reason": case.reason,
                "case_title": f"{case.reason} of {case.contact.customer.name}",
                "case_summary": f"Customer called about: {case.reason.lower()}.",
                "customer_profile_arn": (
                    f"arn:aws:profile:{instance.region}:{instance.account}:domains/centre/profiles/"
                    f"{case.contact.customer.profile_id}"
                ),
                "created_timestamp": moment(case.created),
                "last_updated_timestamp": moment(at),
                "next_sla_breach_timestamp": moment(case.created + 2 * DAY) if status != "closed" else None,
                "last_closed_timestamp": moment(case.closed if at >= (case.closed or at + 1) else None),
                "last_reopened_timestamp": moment(case.reopened if at >= (case.reopened or at + 1) else None),
                "custom_fields": [_custom("priority", chance.choice(("low", "normal", "high")))],
                **processed(at),
            }


def case_related_item_events(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the contact, a comment, now and then a file, and the service level agreement of each case."""
    for case in _cases(history):
        target = case.created + 2 * DAY
        items: list[tuple[str, int, Row]] = [
            ("contact", case.created, {"contact_id": case.contact.id, "contact_channel": case.contact.kind.channel}),
            ("comment", case.created + MINUTE, _comment(case)),
            ("sla", case.created + 2 * SECOND, _agreement(case, target)),
        ]
        if chance.happens(0.3):
            items.append(
                ("file", case.created + 5 * MINUTE, {"file_arn": history.instance.arn_of("file", chance.uuid())})
            )
        if chance.happens(0.2):
            items.append(
                ("custom", case.created + 6 * MINUTE, {"custom_related_item_fields": [_custom("sku", "A-100")]})
            )
        for kind, at, own in items:
            yield {
                **_NOTHING_RELATED,
                "event_id": chance.uuid(),
                "related_item_id": chance.uuid(),
                "event_timestamp": moment(at),
                "event_type": "RELATED_ITEM.CREATED",
                **_performer(case.agent, chance),
                "cases_domain_arn": _domain(history),
                "associated_case_id": case.id,
                "related_item_type": kind,
                "created_timestamp": moment(at),
                **own,
                **processed(at),
            }


_NOTHING_RELATED: Row = dict.fromkeys(
    (
        "comment_body",
        "comment_content_type",
        "contact_channel",
        "contact_id",
        "file_arn",
        "sla_name",
        "sla_status",
        "sla_target_timestamp",
        "sla_type",
        "sla_completion_timestamp",
        "sla_target_field_id",
        "sla_target_field_values",
        "custom_related_item_fields",
    )
)
"""The columns that only one sort of related item fills."""


def _comment(case: _Case) -> Row:
    return {
        "comment_body": f"{case.reason}: followed up by {case.agent.first_name}.",
        "comment_content_type": "Text/Plain",
    }


def _agreement(case: _Case, target: int) -> Row:
    is_met = case.closed is not None and case.closed <= target
    return {
        "sla_name": "Close within two days",
        "sla_status": "Met" if is_met else "Active",
        "sla_target_timestamp": moment(target),
        "sla_type": "CaseField",
        "sla_completion_timestamp": moment(case.closed if is_met else None),
        "sla_target_field_id": "status",
        "sla_target_field_values": ["closed"],
    }


def _custom(field: str, value: str) -> Row:
    return {"field_id": field, "string_value": value, "double_value": None, "boolean_value": None}


def _performer(agent: Agent, chance: Chance) -> Row:
    """Return who did it: mostly the agent, else a role on behalf of a system."""
    is_agent = chance.happens(0.8)
    return {
        "performed_by_iam_principal": None if is_agent else "arn:aws:iam::999999999999:role/case-sync",
        "performed_by_user_arn": agent.arn if is_agent else None,
        "performed_by_custom_entity": None if is_agent else "case-sync",
    }


def _domain(history: History) -> str:
    return f"arn:aws:cases:{history.instance.region}:{history.instance.account}:domain/{history.instance.id}"


RECORDS = {"case_events": case_events, "case_related_item_events": case_related_item_events}
