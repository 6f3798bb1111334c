"""Builds specs and facts for planning tests."""

from __future__ import annotations

from typing import Any

import yaml

from lakeshare.planning.facts import Facts
from lakeshare.spec import Spec, parse_spec

INSTANCE = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
PRODUCER, CONSUMER = "111111111111", "222222222222"
READER = "connect-analytics-lambda-execution-role"


def connect_share(**changes: Any) -> dict[str, Any]:
    """Return a share of Connect's lake as a user writes it."""
    return {
        "from": {"account": "producer", "connect": {"instance": INSTANCE, "tables": ["contact_record", "users"]}},
        "to": {"account": "consumer", "database": "connect_analytics_consumer", "links": "{table}_link"},
        "readers": [{"role": READER, "create": {"service": "lambda.amazonaws.com"}}],
        **changes,
    }


def spec_of(shares: dict[str, Any] | None = None, **accounts: Any) -> Spec:
    """Return a spec with the given shares; one share of Connect's lake when none are given."""
    document = {
        "version": 1,
        "name": "connect-analytics",
        "accounts": {
            "producer": {"id": PRODUCER, "region": "eu-west-2"},
            "consumer": {"id": CONSUMER, "region": "eu-west-2"},
            **accounts,
        },
        "shares": shares or {"contact-centre": connect_share()},
    }
    return parse_spec(yaml.safe_dump(document, sort_keys=False), {}, shown_as="lakeshare.yaml")


def facts_of(**changes: Any) -> Facts:
    """Return the facts about two fresh accounts, changed as told."""
    known: dict[str, Any] = {
        "operators": {
            "producer": f"arn:aws:iam::{PRODUCER}:role/lakeshare-operator",
            "consumer": f"arn:aws:iam::{CONSUMER}:role/lakeshare-operator",
        },
        "data_sets": {("producer", INSTANCE): ("contact_record", "users", "agent_event")},
        "external_id_digests": {"consumer": "sha256:0011223344556677"},
    }
    return Facts(**{**known, **changes})
