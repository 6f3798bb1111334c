"""AI sessions: each belongs to a contact, and holds agent invocations, which call models, tools and knowledge bases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakeshare.sandbox.synthesis import vocabulary
from lakeshare.sandbox.synthesis.moments import SECOND
from lakeshare.sandbox.synthesis.records.fields import Row, processed

if TYPE_CHECKING:
    from lakeshare.sandbox.synthesis.chance import Chance
    from lakeshare.sandbox.synthesis.contacts import Contact
    from lakeshare.sandbox.synthesis.history import History


@dataclass(frozen=True, slots=True)
class Assistant:
    """One AI agent of the instance."""

    id: str
    arn: str
    name: str
    kind: str
    version: str


@dataclass(frozen=True, slots=True)
class Invocation:
    """One time that an AI agent was asked; times in ms since the epoch."""

    agent: Assistant
    at: int
    is_success: bool


@dataclass(frozen=True, slots=True)
class Session:
    """One AI session of one contact."""

    id: str
    assistant_id: str
    contact: Contact
    began: int
    invocations: tuple[Invocation, ...]
    is_handed_off: bool

    @property
    def succeeded(self) -> int:
        """How many invocations worked."""
        return sum(invocation.is_success for invocation in self.invocations)


_KINDS = {
    "Self service": "SELF_SERVICE",
    "Answer finder": "ANSWER_RECOMMENDATION",
    "Note taker": "POST_CONTACT_SUMMARY",
}


def sessions(history: History) -> list[Session]:
    """Return the AI sessions: of every third call or chat that an agent had."""
    chance = history.chance("assistant sessions")
    assistant, agents = chance.uuid(), _assistants(history, chance)
    drawn = []
    for contact in history.contacts:
        if contact.connected is None or contact.kind.channel not in ("VOICE", "CHAT") or not chance.happens(1 / 3):
            continue
        times = sorted(chance.randrange(contact.connected, contact.disconnected) for _ in range(chance.randint(1, 3)))
        invocations = tuple(Invocation(chance.choice(agents), at, chance.happens(0.95)) for at in times)
        drawn.append(
            Session(chance.uuid(), assistant, contact, contact.connected, invocations, contact.next_id is not None)
        )
    return drawn


def _assistants(history: History, chance: Chance) -> list[Assistant]:
    instance = history.instance
    prefix = f"arn:aws:wisdom:{instance.region}:{instance.account}:ai-agent"
    drawn = [(chance.uuid(), name, kind) for name, kind in _KINDS.items()]
    return [Assistant(own, f"{prefix}/{own}", name, kind, str(chance.randint(1, 3))) for own, name, kind in drawn]


def ai_session(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per session; its counts are those of its invocations."""
    for session in sessions(history):
        detected = chance.randint(0, 4)
        engaged = chance.randint(0, detected)
        yield {
            **_of_session(session, session.began),
            "proactive_intents_detected": detected,
            "proactive_intents_engaged": engaged,
            "proactive_intents_answered": chance.randint(0, engaged),
            "ai_agent_invocation_count": len(session.invocations),
            "ai_agent_invocation_success_count": session.succeeded,
            "is_handed_off": session.is_handed_off,
            "avg_conversation_turns_in_response": round(chance.uniform(1, 4), 2),
        }


def ai_agent(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per invocation."""
    for session, invocation in _invocations(history):
        helpful = chance.randint(0, 1)
        yield {
            **_of_invocation(session, invocation),
            "ai_agent_event_id": chance.uuid(),
            "ai_use_case": "AgentAssistance",
            **_outcome(invocation, chance),
            "conversation_turns_in_response": chance.randint(1, 4),
            "response_helpful": helpful,
            "response_not_helpful": 1 - helpful,
            "multi_agent_orchestration_mode": "SUPERVISOR" if chance.happens(0.2) else None,
            "parent_ai_agent_id": None if chance.happens(0.8) else invocation.agent.id,
            "is_collaborator": False,
        }


def ai_prompt(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per call of a model: one or two for each invocation."""
    for session, invocation in _invocations(history):
        for step in range(chance.randint(1, 2)):
            prompt = ("Intent labelling", "Answer generation")[step]
            arn = invocation.agent.arn.replace("ai-agent", "ai-prompt")
            yield {
                **_of_invocation(session, invocation),
                "ai_prompt_event_id": chance.uuid(),
                "ai_prompt_id": f"{invocation.agent.id[:-1]}{step}",
                "ai_prompt_version": "1",
                "ai_prompt_type": prompt.upper().replace(" ", "_"),
                "ai_prompt_name": prompt,
                "ai_prompt_arn": f"{arn[:-1]}{step}",
                "model_id": vocabulary.MODELS[step],
                **_outcome(invocation, chance),
                "input_token": chance.randint(300, 6000),
                "output_token": chance.randint(20, 600),
            }


def ai_tool(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per use of a tool."""
    for session, invocation in _invocations(history):
        if chance.happens(0.6):
            tool = chance.choice(("QueryContent", "LookUpOrder", "CreateCase"))
            yield {
                **_of_invocation(session, invocation),
                "ai_tool_event_id": chance.uuid(),
                "ai_tool_id": f"tool-{tool.lower()}",
                "ai_tool_type": "MODEL_CONTEXT_PROTOCOL" if tool == "LookUpOrder" else "RETURN_TO_CONTROL",
                "ai_tool_name": tool,
                "ai_tool_arn": invocation.agent.arn.replace("ai-agent", "ai-tool"),
                **_outcome(invocation, chance),
            }


def ai_agent_knowledge_base(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a row per article that an answer leaned on; the times are text in this table, as documented."""
    base = history.chance("knowledge base").uuid()
    for session, invocation in _invocations(history):
        for article in chance.some(vocabulary.ARTICLES, 2):
            row = _of_invocation(session, invocation)
            yield {
                **row,
                "creation_timestamp": str(row["creation_timestamp"]),
                "update_timestamp": str(row["update_timestamp"]),
                "ai_agent_knowledge_base_event_id": chance.uuid(),
                "knowledge_base_id": base,
                "knowledge_base_name": "Help centre",
                "knowledge_content_id": f"{base[:24]}{vocabulary.ARTICLES.index(article):012d}",
                "knowledge_content_reference": f"https://help.example.com/{article.lower().replace(' ', '-')}",
            }


def _invocations(history: History) -> Iterator[tuple[Session, Invocation]]:
    for session in sessions(history):
        for invocation in session.invocations:
            yield session, invocation


def _of_session(session: Session, at: int) -> Row:
    return {
        "contact_id": session.contact.id,
        "ai_session_id": session.id,
        "assistant_id": session.assistant_id,
        "creation_timestamp": at,
        "update_timestamp": at + 2 * SECOND,
        **processed(at),
    }


def _of_invocation(session: Session, invocation: Invocation) -> Row:
    return {
        **_of_session(session, invocation.at),
        "ai_agent_id": invocation.agent.id,
        "ai_agent_version": invocation.agent.version,
        "ai_agent_type": invocation.agent.kind,
        "ai_agent_name": invocation.agent.name,
        "ai_agent_arn": invocation.agent.arn,
    }


def _outcome(invocation: Invocation, chance: Chance) -> Row:
    return {"invocation_success": invocation.is_success, "invocation_latency_ms": float(chance.duration_ms(1.8, 0.4))}


RECORDS = {
    "ai_session": ai_session,
    "ai_agent": ai_agent,
    "ai_prompt": ai_prompt,
    "ai_tool": ai_tool,
    "ai_agent_knowledge_base": ai_agent_knowledge_base,
}
