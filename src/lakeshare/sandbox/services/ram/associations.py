"""Resource shares as they are stored: what is in them, who has them, and how they were invited."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.ram.resource_types import LONG_LIVED, type_of

INVITATION_LIFE_SECONDS: Final = 12 * 3600
LONG_INVITATION_LIFE_SECONDS: Final = 7 * 24 * 3600
"""
How long an invitation can be accepted: to a share of nothing but LONG_LIVED types for seven days, to all others for
twelve hours (documented: "Sharing your AWS resources", RAM user guide).
"""

InvitationStatus: TypeAlias = Literal["PENDING", "ACCEPTED", "REJECTED", "EXPIRED"]
AssociationStatus: TypeAlias = Literal["ASSOCIATING", "ASSOCIATED", "DISASSOCIATED", "FAILED"]


def receiver_of(principal: str) -> str:
    """Return who is invited for *principal*: the account of a role or user, everything else itself."""
    parts = principal.split(":")
    return parts[4] if len(parts) > 4 and parts[2] == "iam" else principal


@dataclass(slots=True)
class Association:
    """
    A resource's ARN, or an account, role, user, organisation or unit of one.

    It is in the share since ``created_at`` (sandbox seconds).

    ``failure`` is why it never will be, empty for one that is well; ``grantor`` is who made Lake Formation associate
    it, None where nobody did. ``carries`` are the ARNs that it is there for: its own, or those that a pattern was
    put in for, and of a principal those that were granted to it.
    """

    entity: str
    kind: Literal["RESOURCE", "PRINCIPAL"]
    created_at: float
    failure: str = ""
    grantor: Caller | None = None
    carries: set[str] = field(default_factory=set)

    @property
    def receiver(self) -> str:
        """Who is invited for a principal."""
        return receiver_of(self.entity)


@dataclass(slots=True)
class Invitation:
    """
    What another account must accept before it has a share; ``answer`` is None until it did or refused.

    ``principal`` is what was associated: the receiving account itself, or a role or user of it.
    """

    arn: str
    share: Share
    receiver: str
    created_at: float
    principal: str
    answer: Literal["ACCEPTED", "REJECTED"] | None = None
    answered_at: float = 0.0

    def status(self, now: float) -> InvitationStatus:
        """Return the status at *now*; unanswered, it expires after 12 hours, or after 7 days."""
        if self.answer:
            return self.answer
        resources = self.share.resources
        is_long = bool(resources) and all(type_of(each).lower() in LONG_LIVED for each in resources)
        life = LONG_INVITATION_LIFE_SECONDS if is_long else INVITATION_LIFE_SECONDS
        return "EXPIRED" if now >= self.created_at + life else "PENDING"


@dataclass(slots=True)
class Share:
    """
    A resource share of one account in one Region; ``deleted_at`` is None while it lives.

    ``purpose`` tells shares of one owner and receiver apart for the service that keeps them; RAM never shows it, and
    it is empty for what was made with RAM itself. ``carried`` says of each ARN that is shared under which resource
    it is: itself, or a pattern. ``permissions`` are the managed ones that somebody chose, by resource type.
    """

    arn: str
    name: str
    owner: str
    region: str
    created_at: float
    updated_at: float
    purpose: str = ""
    resources: dict[str, Association] = field(default_factory=dict)
    principals: dict[str, Association] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)  # by receiver
    carried: dict[str, str] = field(default_factory=dict)
    folders: Counter[str] = field(default_factory=Counter)
    permissions: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    allows_external: bool = True
    deleted_at: float | None = None

    def received_as(self, receiver: str) -> list[Association]:
        """Return the principals that *receiver* is, or that are its roles and users."""
        exact = self.principals.get(receiver)
        others = [each for each in self.principals.values() if each is not exact and each.receiver == receiver]
        return [exact, *others] if exact else others

    def resource_for(self, arn: str) -> Association:
        """Return what *arn*, which is in the share, is shared as: itself, or a pattern."""
        return self.resources[self.carried.get(arn, arn)]

    def carry(self, arn: str, entity: str) -> None:
        """Note that *arn* is shared under the resource *entity*."""
        if arn not in self.carried:
            self.carried[arn] = entity
            self.resources[entity].carries.add(arn)
            self.folders[folder_of(arn)] += 1

    def put_down(self, arn: str) -> str:
        """Forget *arn*, and return the resource that it was shared under."""
        entity = self.carried.pop(arn)
        self.resources[entity].carries.discard(arn)
        self.folders[folder_of(arn)] -= 1
        for principal in self.principals.values():
            principal.carries.discard(arn)
        return entity


def folder_of(arn: str) -> str:
    """Return the part of an ARN before its last name: for a table the one that all tables of its database have."""
    return arn.rpartition("/")[0]
