"""What the operators of the two accounts are allowed, and what IAM was asked about for them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.request import Request, urlopen

from lakeshare import app
from tests.functional.accounts import CONSUMER, OPERATOR, PRODUCER, Accounts

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


def allow_everything(accounts: Accounts) -> None:
    """Let both operators do everything."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    for number in NUMBERS.values():
        allow(accounts, number, {"Version": "2012-10-17", "Statement": [statement]})


def actions(document: Mapping[str, Any]) -> list[str]:
    """List the actions that a policy allows."""
    return [action for statement in document["Statement"] for action in statement["Action"]]


def without(document: Mapping[str, Any], action: str) -> dict[str, Any]:
    """Return the policy with one action less."""
    statements = [
        {**statement, "Action": left}
        for statement in document["Statement"]
        if (left := [one for one in statement["Action"] if one != action])
    ]
    return {**document, "Statement": statements}


OF_THE_KEY = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}
"""
What whoever uses an encrypted catalog takes of its key, which no spec names: the key's own policy has to give it, and
doctor says where it does not.
"""


class Asked:
    """What IAM was asked about for the operators, collected over many runs; by the accounts' names in the spec."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self.actions: dict[str, set[str]] = defaultdict(set)
        self.refused: dict[str, set[str]] = defaultdict(set)
        self.forget()

    def collect(self) -> None:
        """Take in what was asked since the last time."""
        found = self._accounts.asked("actions")
        for alias, number in NUMBERS.items():
            operator = found.get(number, {}).get(f"arn:aws:iam::{number}:role/{OPERATOR}", {})
            self.actions[alias] |= set(operator) - OF_THE_KEY
            self.refused[alias] |= {action for action, answers in operator.items() if answers["refused"]}
        self.forget()

    def forget(self) -> None:
        """Leave out what was asked until now."""
        url = f"{self._accounts.box.endpoint_url}/_sandbox/actions"
        urlopen(Request(url, method="DELETE")).close()  # noqa: S310 - our own server on loopback
