"""
What RAM stores: shares, the things and accounts associated with them, and invitations.

Nothing here changes by itself. What becomes true with time (an association that has taken, an invitation that has
expired) is worked out from the sandbox's clock whenever somebody looks.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from lakeshare.sandbox.trouble import delays
from lakeshare.sandbox.world import World

INVITATION_LIFE_SECONDS: Final = 12 * 3600
"""
How long an invitation to a share with Glue resources can be accepted (documented: "Accepting and rejecting resource
share invitations", RAM user guide: all but a list of types that Glue is not on).
"""

InvitationStatus: TypeAlias = Literal["PENDING", "ACCEPTED", "REJECTED", "EXPIRED"]
AssociationStatus: TypeAlias = Literal["ASSOCIATING", "ASSOCIATED", "DISASSOCIATED"]


@dataclass(slots=True)
class Association:
    """A resource's ARN or an account's id, in a share since ``created_at`` (sandbox seconds)."""

    entity: str
    kind: Literal["RESOURCE", "PRINCIPAL"]
    created_at: float


@dataclass(slots=True)
class Invitation:
    """What another account must accept before it has a share; ``answer`` is None until it did or refused."""

    arn: str
    share: Share
    receiver: str
    created_at: float
    answer: Literal["ACCEPTED", "REJECTED"] | None = None
    answered_at: float = 0.0

    def status(self, now: float) -> InvitationStatus:
        """Return the status at *now*; unanswered, it expires after 12 hours."""
        if self.answer:
            return self.answer
        return "EXPIRED" if now >= self.created_at + INVITATION_LIFE_SECONDS else "PENDING"


@dataclass(slots=True)
class Share:
    """
    A resource share of one account in one Region; ``deleted_at`` is None while it lives.

    ``purpose`` tells shares of one owner and receiver apart for the service that keeps them; RAM never shows it.
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
    invitations: dict[str, Invitation] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    deleted_at: float | None = None
    allows_external: bool = True


class Shares:
    """Every resource share of the sandbox, by ARN, by what is in it, and by who is invited."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._shares: dict[str, Share] = {}
        self._owned: dict[tuple[str, str], dict[str, Share]] = {}  # (owner, Region) -> ARN -> share
        self._kept: dict[tuple[str, str, str, str], Share] = {}  # (owner, Region, purpose, receiver)
        self._invitations: dict[str, Invitation] = {}
        self._invited: dict[tuple[str, str], dict[str, Invitation]] = {}  # (receiver, Region) -> ARN -> invitation
        self._holding: dict[str, dict[str, Share]] = {}  # resource ARN -> share ARN -> share

    def create(self, owner: str, region: str, *, name: str | None = None, purpose: str = "") -> Share:
        """Make an empty share; without *name* it gets one such as Lake Formation gives (``LakeFormation-...``)."""
        seed = f"{owner}/{region}/{len(self._shares)}"
        arn = f"arn:aws:ram:{region}:{owner}:resource-share/{uuid.uuid5(uuid.NAMESPACE_OID, seed)}"
        name = name or f"LakeFormation-{_letters(seed)}"
        now = self._world.clock.now()
        share = self._shares[arn] = Share(arn, name, owner, region, now, now, purpose)
        self._owned.setdefault((owner, region), {})[arn] = share
        return share

    def add_resource(self, share: Share, arn: str) -> None:
        """Associate a resource; an accepted share takes further ones without a new invitation."""
        if arn not in share.resources:
            share.updated_at = now = self._world.clock.now()
            share.resources[arn] = Association(arn, "RESOURCE", now)
            self._holding.setdefault(arn, {})[share.arn] = share

    def add_principal(self, share: Share, account: str) -> None:
        """Associate an account and invite it; one that is there stays as it is, its dead invitation too."""
        if account in share.principals:
            return
        share.updated_at = now = self._world.clock.now()
        share.principals[account] = Association(account, "PRINCIPAL", now)
        seed = f"{share.arn}/{account}/{len(self._invitations)}"
        arn = (
            f"arn:aws:ram:{share.region}:{share.owner}:resource-share-invitation/{uuid.uuid5(uuid.NAMESPACE_OID, seed)}"
        )
        invitation = self._invitations[arn] = share.invitations[account] = Invitation(arn, share, account, now)
        self._invited.setdefault((account, share.region), {})[arn] = invitation
        self._kept[share.owner, share.region, share.purpose, account] = share

    def remove_resource(self, share: Share, arn: str) -> None:
        """Disassociate a resource; one that is not there is passed over."""
        if share.resources.pop(arn, None):
            share.updated_at = self._world.clock.now()
            self._holding[arn].pop(share.arn)

    def remove_principal(self, share: Share, account: str) -> None:
        """Disassociate an account, whose invitation is then dead; associating it again sends another."""
        if share.principals.pop(account, None):
            share.updated_at = self._world.clock.now()
            invitation = share.invitations.pop(account)
            self._invitations.pop(invitation.arn)
            self._invited[account, share.region].pop(invitation.arn)
            self._kept.pop((share.owner, share.region, share.purpose, account), None)

    def delete(self, share: Share) -> None:
        """Delete a share with all its associations; it is shown as DELETED from then on."""
        for arn in list(share.resources):
            self.remove_resource(share, arn)
        for account in list(share.principals):
            self.remove_principal(share, account)
        share.deleted_at = share.updated_at

    def share(self, arn: str) -> Share | None:
        """Return a share, deleted ones too, or None."""
        return self._shares.get(arn)

    def kept_for(self, owner: str, region: str, purpose: str, receiver: str) -> Share | None:
        """Return the living share that *owner* keeps for *receiver* under *purpose*, or None."""
        return self._kept.get((owner, region, purpose, receiver))

    def owned_by(self, account: str, region: str) -> Iterator[Share]:
        """Yield the shares that *account* made, deleted ones too, oldest first."""
        return iter(self._owned.get((account, region), {}).values())

    def received_by(self, account: str, region: str) -> Iterator[Share]:
        """Yield the shares that *account* has accepted, oldest first."""
        invited = self._invited.get((account, region), {}).values()
        return (invitation.share for invitation in invited if invitation.answer == "ACCEPTED")

    def holding(self, resource_arn: str) -> Iterator[Share]:
        """Yield the shares that a resource is in."""
        return iter(self._holding.get(resource_arn, {}).values())

    def invitation(self, arn: str) -> Invitation | None:
        """Return an invitation that its receiver can see by now, or None."""
        found = self._invitations.get(arn)
        return found if found and self._has_arrived(found) else None

    def invitations_for(self, account: str, region: str) -> Iterator[Invitation]:
        """Yield the invitations that *account* has received in *region*, answered and expired ones too."""
        invited = self._invited.get((account, region), {}).values()
        return (invitation for invitation in invited if self._has_arrived(invitation))

    def status(self, share: Share, association: Association) -> AssociationStatus:
        """Return how far an association has come: it takes ``ram_s`` seconds, and an account must have accepted."""
        now, takes = self._world.clock.now(), delays(self._world).ram_s
        begun: float | None = association.created_at
        if association.kind == "PRINCIPAL":
            invitation = share.invitations[association.entity]
            if invitation.status(now) in {"EXPIRED", "REJECTED"}:
                return "DISASSOCIATED"
            begun = invitation.answered_at if invitation.answer else None
        return "ASSOCIATED" if begun is not None and now >= begun + takes else "ASSOCIATING"

    def reaches(self, account: str, resource_arn: str) -> bool:
        """Whether *account* has accepted a share that holds the resource, and both associations have taken."""
        return any(
            account in share.principals
            and self.status(share, share.principals[account]) == "ASSOCIATED"
            and self.status(share, share.resources[resource_arn]) == "ASSOCIATED"
            for share in self.holding(resource_arn)
        )

    def _has_arrived(self, invitation: Invitation) -> bool:
        # An account is invited once it is associated, which takes its time like any association.
        return self._world.clock.now() >= invitation.created_at + delays(self._world).ram_s


def _letters(seed: str) -> str:
    """Return eleven upper-case letters and digits, as in LakeFormation-MMCC0XQBH3Y."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    return "".join(alphabet[byte % len(alphabet)] for byte in hashlib.sha256(seed.encode()).digest()[:11])
