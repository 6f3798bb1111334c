"""An inline policy on a role that lakeshare makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lakeshare.resources.values import KnownAfter, Place, not_compared

INLINE_LIMIT_CHARACTERS = 10_240
"""The most that all inline policies of a role may have together, white space not counted (from memory; IAM quotas)."""


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN, or ``*``; the account may still be unknown. *region* and *account* are empty where the ARN has none."""

    service: str
    region: str
    account: str | KnownAfter
    path: str
    partition: str = "aws"

    @classmethod
    def parse(cls, text: str) -> Arn:
        """Return the ARN that is written as *text*."""
        _arn, partition, service, region, account, path = text.split(":", 5)
        return cls(service, region, account, path, partition)

    def __str__(self) -> str:
        if self.service == "*":
            return "*"
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.path}"


ANYTHING = Arn("*", "", "", "")


@dataclass(frozen=True, slots=True)
class Statement:
    """Allow *actions* on *resources*."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[Arn, ...]


@dataclass(frozen=True, slots=True)
class IamPolicy:
    """
    What a reader role may ask of IAM. *live* is the canonical text of the policy as observed.

    Equality of the document decides, so a statement that somebody added under our policy's name is a difference.
    """

    place: Place
    role: str
    name: str
    statements: tuple[Statement, ...] = ()
    depends_on: tuple[str, ...] = not_compared(())
    live: str | None = not_compared(None)
    role_path: str = not_compared("/")

    kind: ClassVar[str] = "iam_policy"

    @property
    def address(self) -> str:
        """``consumer/global/policy:ROLE/lakeshare-connect-analytics``."""
        return f"{self.place.alias}/global/policy:{self.role}/{self.name}"

    @property
    def role_arn(self) -> str:
        """The ARN of the role that it is on: what IAM asks about for a role's policies."""
        return self.place.iam_arn(f"role{self.role_path}{self.role}")

    def document(self) -> dict[str, Any]:
        """Return the policy document."""
        statements = [
            {
                "Sid": statement.sid,
                "Effect": "Allow",
                "Action": list(statement.actions),
                "Resource": sorted({str(arn) for arn in statement.resources}),
            }
            for statement in self.statements
        ]
        return {"Version": "2012-10-17", "Statement": statements}


def canonical(document: Mapping[str, Any]) -> str:
    """Return a policy as one line in which order and singular forms make no difference."""
    statements = document.get("Statement", [])
    plain = [
        {
            key: sorted([value] if isinstance(value, str) else value) if key in ("Action", "Resource") else value
            for key, value in statement.items()
        }
        for statement in (statements if isinstance(statements, list) else [statements])
    ]
    plain.sort(key=lambda statement: json.dumps(statement, sort_keys=True))
    return json.dumps({"Statement": plain}, sort_keys=True, separators=(",", ":"))


def size_of(document: Mapping[str, Any]) -> int:
    """Count a policy's characters as IAM does, without white space."""
    return len(json.dumps(document, separators=(",", ":")))
