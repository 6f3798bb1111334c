"""What Contact Lens heard, and what evaluators thought of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lakeshare.sandbox.synthesis import vocabulary
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.contacts import Contact
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import DAY, HOUR, moment
from lakeshare.sandbox.synthesis.records.fields import Row, processed


def contact_lens_conversational_analytics(history: History, chance: Chance) -> Iterator[Row]:
    """
    Yield a row for each call and chat that an agent had; times in ms.

    talk_time_total = agent's + customer's; with non_talk_time_total it makes up the whole conversation.
    """
    for contact in history.contacts:
        if contact.agent is None or contact.connected is None or contact.kind.channel not in ("VOICE", "CHAT"):
            continue
        yield {
            "version": "1.1.0",
            "contact_id": contact.id,
            "channel": contact.kind.channel,
            "language_locale": "en-AU",
            "feature": "POST_CONTACT" if chance.happens(0.9) else "REAL_TIME",
            "categories": chance.some(vocabulary.CONTACT_CATEGORIES, 2),
            "disconnect_timestamp": moment(contact.disconnected),
            **_talk(contact.disconnected - contact.connected, chance),
            **_interruptions(contact.interaction, chance),
            **_sentiment(chance),
            **_responses(chance),
            **processed(contact.after_work_end),
        }


def _talk(conversation: int, chance: Chance) -> Row:
    talk = round(conversation * chance.uniform(0.6, 0.9))
    agent = round(talk * chance.uniform(0.35, 0.65))
    return {
        "greeting_time_agent_ms": min(agent, chance.duration_ms(4, 0.3)),
        "non_talk_time_total_ms": conversation - talk,
        "talk_time_total_ms": talk,
        "talk_time_agent_ms": agent,
        "talk_time_customer_ms": talk - agent,
        "total_conversation_duration_ms": conversation,
        "talk_speed_agent_wpm": round(chance.gauss(150, 12), 1),
        "talk_speed_customer_wpm": round(chance.gauss(140, 18), 1),
    }


def _interruptions(interaction: int, chance: Chance) -> Row:
    agent, customer = chance.choice((0, 0, 0, 1, 2)), chance.choice((0, 0, 1, 2))
    most = interaction // 20
    agent_ms, customer_ms = min(most, agent * 1800), min(most, customer * 2100)
    return {
        "interruptions_time_total_ms": agent_ms + customer_ms,
        "interruptions_time_agent_ms": agent_ms,
        "interruptions_time_customer_ms": customer_ms,
        "interruptions_total_count": agent + customer,
        "interruptions_agent_count": agent,
        "interruptions_customer_count": customer,
    }


def _sentiment(chance: Chance) -> Row:
    """Return scores from -5 to 5; customers end a conversation a little happier than they were over all of it."""

    def score(mean: float) -> float:
        return round(max(-5.0, min(5.0, chance.gauss(mean, 1.4))), 2)

    overall = score(0.8)
    return {
        "sentiment_overall_score_agent": score(2.0),
        "sentiment_overall_score_customer": overall,
        "sentiment_interaction_score_customer_with_agent": score(1.2),
        "sentiment_interaction_score_customer_without_agent": score(-0.4),
        "sentiment_end_score_agent": score(2.4),
        "sentiment_end_score_customer": min(5.0, round(overall + abs(chance.gauss(0, 0.8)), 2)),
    }


def _responses(chance: Chance) -> Row:
    agent, customer = chance.duration_ms(3, 0.4, least_seconds=0.3), chance.duration_ms(4, 0.4, least_seconds=0.3)
    return {
        "response_time_average_agent_ms": agent,
        "response_time_average_customer_ms": customer,
        "response_time_maximum_agent_ms": agent * 3,
        "response_time_maximum_customer_ms": customer * 3,
    }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation of one contact: a score from 0 to 100 for each question; times in ms since the epoch."""

    id: str
    form_id: str
    contact: Contact
    submitted: int
    scores: tuple[int, ...]


def draw_evaluations(history: History) -> list[Evaluation]:
    """Return the evaluations: of one contact in seven that an agent had, within the three days after it."""
    chance = history.chance("evaluations")
    form = chance.uuid()
    return [
        Evaluation(
            id=chance.uuid(),
            form_id=form,
            contact=contact,
            submitted=contact.after_work_end + chance.randrange(HOUR, 3 * DAY),
            scores=tuple(chance.choice((0, 50, 75, 100, 100)) for _ in vocabulary.SURVEY_ITEMS),
        )
        for contact in history.contacts
        if contact.agent and chance.happens(1 / 7)
    ]


def contact_evaluation_record(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the items of each evaluation: the form, its one section, and the questions whose mean is the score."""
    form = history.chance("evaluation form")
    references = [form.uuid() for _ in range(2 + len(vocabulary.SURVEY_ITEMS))]
    for evaluation in draw_evaluations(history):
        mean = sum(evaluation.scores) / len(evaluation.scores)
        items = [("FORM", "Call quality", mean), ("SECTION", "Conduct", mean)]
        items += [("QUESTION", *each) for each in zip(vocabulary.SURVEY_ITEMS, evaluation.scores, strict=True)]
        common = _of_evaluation(history, evaluation, chance)
        for reference, (kind, title, score) in zip(references, items, strict=True):
            yield {
                **common,
                "item_reference_id": reference,
                "item_type": kind,
                "item_title": title,
                **_judgement(kind, float(score), chance),
            }


def _of_evaluation(history: History, evaluation: Evaluation, chance: Chance) -> Row:
    contact, acknowledged = evaluation.contact, chance.happens(0.4)
    agent = contact.agent
    assert agent is not None
    return {
        "evaluation_id": evaluation.id,
        "contact_id": contact.id,
        "evaluation_submitted_timestamp": moment(evaluation.submitted),
        "evaluator_id": chance.choice(history.centre.evaluators),
        "to_delete": False,
        "disconnect_timestamp": moment(contact.disconnected),
        "initiation_timestamp": moment(contact.initiated),
        "user_id": agent.id,
        "queue_id": contact.queue.id if contact.queue else None,
        "channel": contact.kind.channel,
        "contact_aggregation_timestamp": moment(contact.after_work_end),
        "evaluated_contact_with_status": "EVALUATED",
        "evaluation_source": chance.weighted({"MANUAL": 6, "ASSISTED_BY_AUTOMATION": 3, "AUTOMATED": 1}),
        "resubmitted": chance.happens(0.05),
        "evaluation_type": "STANDARD",
        "form_version": 2,
        "acknowledgement_status": "ACKNOWLEDGED" if acknowledged else "PENDING",
        "acknowledger_id": agent.arn if acknowledged else None,
        "evaluation_acknowledged_timestamp": moment(evaluation.submitted + DAY if acknowledged else None),
        "acknowledger_comment": "Seen, thank you" if acknowledged else None,
        "evaluated_participant_role": "AGENT",
        "evaluated_participant_id": agent.id,
        **processed(evaluation.submitted),
    }


def _judgement(kind: str, score: float, chance: Chance) -> Row:
    """Return what was found for one item; only questions have answers."""
    is_question = kind == "QUESTION"
    is_automated = is_question and chance.happens(0.3)
    category = "EXCEEDS" if score >= 90 else "MEETS" if score >= 60 else "BELOW"
    return {
        "score": score,
        "weighted_score": score / len(vocabulary.SURVEY_ITEMS) if is_question else score,
        "automatic_fail": is_question and score == 0 and chance.happens(0.1),
        "numeric_answer": score / 20 if is_question else None,
        "answer_reference_id": f"answer-{round(score)}" if is_question else None,
        "multi_select_answer_reference_ids": [f"answer-{round(score)}"] if is_question else [],
        "automation_gen_ai_text_answer": "The agent did so within the first minute." if is_automated else None,
        "automation_gen_ai_answer_reference_id": f"answer-{round(score)}" if is_automated else None,
        "automation_gen_ai_answer_justification": "Heard in the transcript." if is_automated else None,
        "is_automation_answer_accepted": chance.happens(0.9) if is_automated else None,
        "item_disabled": False,
        "earned_points": round(score / 10) if is_question else round(score * len(vocabulary.SURVEY_ITEMS) / 10),
        "max_base_point": 10 if is_question else 10 * len(vocabulary.SURVEY_ITEMS),
        "performance_category": category,
    }


RECORDS = {
    "contact_lens_conversational_analytics": contact_lens_conversational_analytics,
    "contact_evaluation_record": contact_evaluation_record,
}
