"""The operator's own rights: what `policy` prints is enough, and no less is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest

from lakeshare import app
from tests.functional.accounts import CONSUMER, OPERATOR, PRODUCER, Accounts, apply_all, destroy_all

NUMBERS = {"producer": PRODUCER, "consumer": CONSUMER}


def allow(accounts: Accounts, account: str, *documents: Mapping[str, Any]) -> None:
    """Let the operator of *account* do what *documents* say, and nothing else."""
    iam = accounts.client("iam", account)
    for row in iam.list_attached_role_policies(RoleName=OPERATOR)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=OPERATOR, PolicyArn=row["PolicyArn"])
    for name in iam.list_role_policies(RoleName=OPERATOR)["PolicyNames"]:
        iam.delete_role_policy(RoleName=OPERATOR, PolicyName=name)
    for number, document in enumerate(documents):
        iam.put_role_policy(RoleName=OPERATOR, PolicyName=f"least-{number}", PolicyDocument=json.dumps(document))


def allow_least(accounts: Accounts, settings: app.Settings, *purposes: str) -> None:
    """Let both operators do what `policy` prints for *purposes*."""
    for alias, number in NUMBERS.items():
        allow(accounts, number, *(app.policy(settings, alias, purpose) for purpose in purposes))


def test_the_printed_policies_are_enough_for_the_whole_story(accounts: Accounts) -> None:
    """An operator with exactly what is printed plans, applies, plans again, verifies and destroys."""
    settings = accounts.write({"contact-centre": accounts.share("contact_record", "users", prove_denial=True)})

    allow_least(accounts, settings, "apply")
    apply_all(settings)
    assert not app.plan(settings).plan.has_changes
    allow_least(accounts, settings, "verify")
    assert not app.verify(settings).failed
    allow_least(accounts, settings, "destroy")
    destroy_all(settings)
