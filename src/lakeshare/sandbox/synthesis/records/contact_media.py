"""What a contact record says of voice prints, chats, e-mails, recordings, references and evaluations."""

from __future__ import annotations

from lakeshare.sandbox.synthesis.centre import Instance
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.contacts import Contact
from lakeshare.sandbox.synthesis.moments import SECOND, moment
from lakeshare.sandbox.synthesis.records.analytics import Evaluation
from lakeshare.sandbox.synthesis.records.fields import Row, absent


def recordings(instance: Instance, contact: Contact) -> Row:
    """Return where the conversation was recorded: for calls and chats that an agent had."""
    is_recorded = contact.agent is not None and contact.kind.channel in ("VOICE", "CHAT")
    is_voice = contact.kind.channel == "VOICE"
    kind, suffix = ("CallRecordings", "wav") if is_voice else ("ChatTranscripts", "json")
    started = moment(contact.connected)
    day = started.strftime("%Y/%m/%d") if started else ""
    location = f"connect-{instance.id[:12]}/connect/{kind}/{day}/{contact.id}.{suffix}"
    spoken = {
        "storage_type": "S3",
        "location": location,
        "media_stream_type": "AUDIO" if is_voice else "CHAT",
        "participant_type": "ALL",
        "fragment_start_number": None,
        "fragment_stop_number": None,
        "start_timestamp": started,
        "stop_timestamp": moment(contact.disconnected),
        "status": "AVAILABLE",
        "deletion_reason": None,
    }
    columns = {
        "recordings": [spoken],
        "recording_location": location,
        "recording_status": "AVAILABLE",
        "recording_type": "AUDIO" if is_voice else "CHAT",
    }
    is_erased = is_recorded and contact.initiated % 101 == 0
    return {
        **(columns if is_recorded else absent(columns)),
        "recording_deletion_reason": "CUSTOMER_REQUEST" if is_erased else None,
    }


def voice_id(contact: Contact, chance: Chance) -> Row:
    """Return what Voice ID made of the caller, for a fifth of the calls that reached an agent."""
    is_known, is_suspect = chance.happens(0.85), chance.happens(0.02)
    prefix = "voice_id_result_"
    score = chance.randint(70, 100) if is_known else chance.randint(20, 60)
    columns = {
        "authentication_result": "AUTHENTICATED" if is_known else "NOT_AUTHENTICATED",
        "authentication_score": score,
        "authentication_score_threshold": 65,
        "authentication_minimum_speech_ms": 10_000,
        "speaker_id": contact.customer.profile_id[:24],
        "speaker_enrolled": is_known,
        "speaker_opted_out": False,
        "fraud_detection_result": "HIGH_RISK" if is_suspect else "LOW_RISK",
        "fraud_detection_score_threshold": 80,
        "fraud_detection_risk_score_known_fraudster": chance.randint(0, 95 if is_suspect else 40),
        "fraud_detection_risk_score_synthetic_speech": chance.randint(0, 40),
        "fraud_detection_risk_score_voice_spoofing": chance.randint(0, 40),
        "fraud_detection_watch_list_id": contact.customer.profile_id[:22],
        "fraud_detection_fraudster_id": contact.customer.profile_id[::-1][:22],
        "fraud_detection_reasons_items": ["KNOWN_FRAUDSTER"] if is_suspect else [],
    }
    is_used = contact.agent is not None and contact.kind.channel == "VOICE" and chance.happens(0.2)
    return {prefix + name: value if is_used else None for name, value in columns.items()}


def chat(contact: Contact, chance: Chance) -> Row:
    """Return the counts of a chat; messages of bot, agent and customer add up to the total."""
    bot, agent, customer = chance.randint(1, 4), chance.randint(3, 14), chance.randint(3, 16)
    answered = contact.connected
    first = min(chance.duration_ms(8), contact.interaction)
    columns = {
        "chat_contact_metrics_total_messages": bot + agent + customer,
        "chat_contact_metrics_conversation_close_time_ms": 5 * SECOND,
        "chat_contact_metrics_conversation_turn_count": min(agent, customer),
        "chat_contact_metrics_agent_first_response_timestamp": moment(answered + first if answered else None),
        "chat_contact_metrics_agent_first_response_time_ms": first,
        "chat_contact_metrics_total_bot_messages": bot,
        "chat_contact_metrics_total_bot_message_length_in_chars": bot * 60,
        "chat_contact_metrics_multi_party": False,
        **_participant("agent", contact, agent, chance),
        **_participant("customer", contact, customer, chance),
    }
    return columns if contact.kind.channel == "CHAT" and contact.agent else absent(columns)


def _participant(role: str, contact: Contact, messages: int, chance: Chance) -> Row:
    replies = messages - 1
    longest = chance.duration_ms(20)
    return {
        f"chat_{role}_metrics_participant_id": chance.uuid(),
        f"chat_{role}_metrics_participant_type": role.upper(),
        f"chat_{role}_metrics_conversation_abandon": role == "customer" and chance.happens(0.1),
        f"chat_{role}_metrics_messages_sent": messages,
        f"chat_{role}_metrics_num_responses": replies,
        f"chat_{role}_metrics_message_length_in_chars": messages * chance.randint(20, 90),
        f"chat_{role}_metrics_total_response_time_ms": longest + (replies - 1) * (longest // 2),
        f"chat_{role}_metrics_max_response_time_ms": longest,
        f"chat_{role}_metrics_last_message_timestamp": moment(contact.disconnected - chance.randint(1, 3) * SECOND),
    }


def email(contact: Contact) -> Row:
    """Return the people of an e-mail."""
    ours = {"display_name": "Customer care", "address": "care@example.com"}
    theirs = {"display_name": contact.customer.name, "address": contact.customer.email}
    columns = {
        "email_recipients": [{"to_list": [ours], "cc_list": [], "from_recipient": theirs}],
        "additional_email_recipients": [{"to_list": [], "cc_list": [ours], "from_recipient": theirs}],
    }
    return columns if contact.kind.channel == "EMAIL" else absent(columns)


def references(instance: Instance, contact: Contact, chance: Chance) -> Row:
    """Return what was attached: tasks and e-mails mostly carry a link or a file."""
    if contact.kind.channel not in ("TASK", "EMAIL") and not chance.happens(0.05):
        return {"references": []}
    order = f"https://orders.example.com/{chance.randrange(10**6):06d}"
    file = instance.arn_of("file", chance.uuid())
    return {
        "references": [
            {"name": "Order", "type": "URL", "value": order, "status": "APPROVED", "arn": None},
            {"name": "Letter", "type": "ATTACHMENT", "value": "letter.pdf", "status": "APPROVED", "arn": file},
        ]
    }


def evaluations(instance: Instance, evaluation: Evaluation | None) -> Row:
    """Return the evaluations of a contact by their ids, the same that contact_evaluation_record has item by item."""
    if evaluation is None:
        return {"contact_evaluations": {}}
    stated = {
        "form_id": evaluation.form_id,
        "evaluation_arn": instance.arn_of("contact-evaluation", evaluation.id),
        "status": "COMPLETE",
        "start_timestamp": moment(evaluation.submitted - 10 * 60 * SECOND),
        "end_timestamp": moment(evaluation.submitted),
        "delete_timestamp": None,
        "export_location": f"connect-{instance.id[:12]}/connect/ContactEvaluations/{evaluation.id}.json",
    }
    return {"contact_evaluations": {evaluation.id: stated}}
