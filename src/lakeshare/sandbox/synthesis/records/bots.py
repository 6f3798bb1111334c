"""Conversations with the bot before a queue, their intents, and the slots of the intents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lakeshare.sandbox.synthesis.centre import Named
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.contacts import Contact
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import DAY, moment
from lakeshare.sandbox.synthesis.records.fields import Row, processed


@dataclass(frozen=True, slots=True)
class _Conversation:
    """One session of the bot with a customer; times in ms since the epoch, within the contact's time in its flow."""

    session: str
    request: str
    contact: Contact
    flow: Named
    module: Named | None
    started: int
    ended: int
    intents: tuple[tuple[str, tuple[str, ...]], ...]
    is_completed: bool

    @property
    def outcome(self) -> str:
        return "COMPLETED" if self.is_completed else "DROPPED"


def _conversations(history: History) -> list[_Conversation]:
    """Return the bot's conversations: with half of those who call or chat, and all who never leave the flow."""
    chance, centre = history.chance("bot conversations"), history.centre
    drawn = []
    for contact in history.contacts:
        if contact.kind.method not in ("INBOUND", "API") or contact.kind.channel not in ("VOICE", "CHAT"):
            continue
        if contact.enqueued is not None and chance.happens(0.5):
            continue
        left = contact.enqueued or contact.disconnected
        intents = tuple(chance.sample(centre.bot.intents, chance.choice((1, 1, 2))))
        drawn.append(
            _Conversation(
                session=chance.uuid(),
                request=chance.uuid(),
                contact=contact,
                flow=centre.flows[3 if contact.kind.channel == "CHAT" else 0],
                module=centre.modules[0] if chance.happens(0.4) else None,
                started=contact.initiated + (left - contact.initiated) // 5,
                ended=left,
                intents=intents,
                is_completed=chance.happens(0.9),
            )
        )
    return drawn


def bot_conversations(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per conversation."""
    for conversation in _conversations(history):
        yield {
            **_common(history, conversation, chance),
            "bot_conversation_outcome": conversation.outcome,
            "bot_number_of_conversation_turns": 2 + sum(len(slots) for _, slots in conversation.intents),
        }


def bot_intents(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per intent of each conversation, in order."""
    for conversation in _conversations(history):
        for level, (intent, _) in enumerate(conversation.intents, 1):
            is_last = level == len(conversation.intents)
            yield {
                **_common(history, conversation, chance),
                "bot_intent_name": intent,
                "bot_intent_level": level,
                "bot_intent_outcome": conversation.outcome if is_last else "SWITCHED",
            }


def bot_slots(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per slot of each intent."""
    for conversation in _conversations(history):
        for level, (intent, slots) in enumerate(conversation.intents, 1):
            for position, slot in enumerate(slots, 1):
                yield {
                    **_common(history, conversation, chance),
                    "bot_intent_name": intent,
                    "bot_intent_level": level,
                    "bot_slot_name": slot,
                    "bot_slot_level": position,
                    "bot_slot_outcome": "COMPLETED" if conversation.is_completed else "DROPPED",
                    "bot_slot_retry_count": chance.choice((0, 0, 0, 1, 2)),
                }


def _common(history: History, conversation: _Conversation, chance: Chance) -> Row:
    contact, bot = conversation.contact, history.centre.bot
    is_module = conversation.module is not None
    return {
        "event_id": chance.uuid(),
        "bot_originating_request_id": conversation.request,
        "bot_session_id": conversation.session,
        "invoking_resource_type": "MODULE" if is_module else "CONTACT_FLOW",
        "flow_resource_id": conversation.flow.id,
        "module_resource_id": conversation.module.id if conversation.module else None,
        "parent_flow_resource_id": conversation.flow.id if is_module else None,
        "invoking_resource_start_timestamp": moment(contact.initiated),
        "invoking_resource_published_timestamp": moment(history.begins - 20 * DAY),
        "invoking_resource_version": "4",
        "contact_id": contact.id,
        "flow_action_id": conversation.flow.id[::-1],
        "flow_type": "contactFlow",
        "flow_language_version": "2019-10-30",
        "channel": contact.kind.channel,
        "sub_type": "connect:Chat" if contact.kind.channel == "CHAT" else "connect:Telephony",
        "initiation_method": contact.kind.method,
        "bot_id": bot.id,
        "bot_alias_id": bot.alias_id,
        "bot_version": bot.version,
        "bot_locale": "en_AU",
        "bot_conversation_start_timestamp": moment(conversation.started),
        "bot_conversation_end_timestamp": moment(conversation.ended),
        **processed(conversation.ended),
    }


RECORDS = {"bot_conversations": bot_conversations, "bot_intents": bot_intents, "bot_slots": bot_slots}
