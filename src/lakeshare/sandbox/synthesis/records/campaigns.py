"""The events of outbound campaigns: what became of each dialled call, and messages sent beside them."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.sandbox.synthesis.centre import Instance, Named
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.contacts import Contact
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import HOUR, SECOND, moment
from lakeshare.sandbox.synthesis.records.fields import Row, processed

_NOT_WEB = {"web_notification_type": "", "device_type": "", "device_model": "", "browser_name": ""}
"""Documented as not nullable although only web notifications have them."""


def outbound_campaign_events(history: History, chance: Chance) -> Iterator[Row]:
    """Yield two events per dialled call, the attempt and its end, and one or two per message."""
    for contact in history.contacts:
        if contact.campaign:
            yield from _dialled(history, contact, contact.campaign, chance)
    for _ in range(max(4, len(history.contacts) // 5)):
        yield from _message(history, chance.choice(history.campaigns), chance)


def _dialled(history: History, contact: Contact, campaign: Named, chance: Chance) -> Iterator[Row]:
    attempt = chance.uuid()
    common = {
        **_NOT_WEB,
        **_of_campaign(history, campaign, contact.initiated),
        "delivery_attempt_id": attempt,
        "channel": "VOICE",
        "subtype": "connect:Telephony",
        "profile_id": contact.customer.profile_id,
        "campaign_event_category": "TELEPHONY",
        "campaign_url_link_click": None,
    }
    ended = "HUMAN_ANSWERED" if contact.agent else "VOICEMAIL_BEEP"
    for event, at, is_final in (
        ("DELIVERY_ATTEMPT_INITIATED", contact.initiated - SECOND, False),
        (ended, contact.connected or contact.disconnected, True),
    ):
        yield {**common, **_event(event, at, chance, is_final=is_final)}


def _message(history: History, campaign: Named, chance: Chance) -> Iterator[Row]:
    at = chance.randrange(history.begins + 8 * HOUR, history.ends - HOUR)
    channel = chance.weighted({"EMAIL": 5, "SMS": 4, "WEB_NOTIFICATION": 1})
    web = {
        "web_notification_type": "BANNER",
        "device_type": chance.choice(("Mobile", "Desktop")),
        "device_model": "Pixel 10",
        "browser_name": chance.choice(("Chrome", "Safari")),
    }
    common = {
        **(web if channel == "WEB_NOTIFICATION" else _NOT_WEB),
        **_of_campaign(history, campaign, at),
        "delivery_attempt_id": chance.uuid(),
        "channel": channel,
        "subtype": f"connect:{channel.title()}",
        "profile_id": f"{chance.getrandbits(128):032x}",
        "campaign_event_category": channel,
        "campaign_url_link_click": None,
    }
    yield {**common, **_event("Send", at, chance, is_final=False)}
    if chance.happens(0.4):
        link = {"campaign_url_link_click": "https://www.example.com/offer"}
        yield {**common, **link, **_event("Click", at + chance.duration_ms(900), chance, is_final=True)}


def _of_campaign(history: History, campaign: Named, at: int) -> Row:
    instance = history.instance
    return {
        "campaign_id": campaign.id,
        "campaign_name": campaign.name,
        "campaign_initiation_type": "SEGMENT",
        "campaign_execution_timestamp": moment(at - at % HOUR),
        "campaign_segment_arn": (
            f"arn:aws:profile:{instance.region}:{instance.account}:domains/centre/segment-definitions/"
            f"{campaign.name.lower().replace(' ', '-')}"
        ),
        "account_profile_id": f"{at % 997:032x}" if at % 10 == 0 else None,
        "orchestration_event_context_subtype": "SEGMENT_MEMBERSHIP" if at % 10 == 1 else None,
        **_enrichment(instance, is_used=at % 10 == 2),
    }


def _enrichment(instance: Instance, *, is_used: bool) -> Row:
    """Return the function that a campaign asked on its way, if it did."""
    function = f"arn:aws:lambda:{instance.region}:{instance.account}:function:campaign-enrichment"
    return {
        "lambda_function_arn": function if is_used else None,
        "lambda_invocation_result": "SUCCESS" if is_used else None,
    }


def _event(event: str, at: int, chance: Chance, *, is_final: bool) -> Row:
    return {
        "campaign_event_id": chance.uuid(),
        "campaign_event_type": event,
        "campaign_event_timestamp": moment(at),
        "campaign_is_final_status": is_final,
        **processed(at),
    }


RECORDS = {"outbound_campaign_events": outbound_campaign_events}
