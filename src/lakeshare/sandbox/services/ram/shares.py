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

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.moto_bridge import Moto, Organisation
from lakeshare.sandbox.policy import authorize
from lakeshare.sandbox.policy.catalog_policies import CatalogPolicies
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.trouble import delays
from lakeshare.sandbox.world import World

INVITATION_LIFE_SECONDS: Final = 12 * 3600
"""
How long an invitation to a share with Glue resources can be accepted (documented: "Accepting and rejecting resource
share invitations", RAM user guide: all but a list of types that Glue is not on).
"""

RULE_SHAREABLE = rule(
    "ram.association.catalog-policy",
    "What is in a Data Catalog that has a policy is shared only if the policy allows glue:ShareResource to "
    "ram.amazonaws.com; otherwise its association fails and nobody receives it.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/hybrid-cross-account.html; that the association shows "
    "as FAILED, and its message, are inferred",
)
RULE_GRANTOR = rule(
    "ram.association.grantor-authorised",
    "An account is associated with a share of Lake Formation's only if, when it accepts, the one who granted may "
    "glue:PutResourcePolicy; otherwise the association fails, and is mended by making it anew.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html; which grantor is asked about "
    "where several have added to a share is inferred",
)
NOT_AUTHORISED: Final = "Association failed because the caller was not authorized."
NOT_SHAREABLE: Final = "Association failed because the policy of the Data Catalog does not allow glue:ShareResource."

InvitationStatus: TypeAlias = Literal["PENDING", "ACCEPTED", "REJECTED", "EXPIRED"]
AssociationStatus: TypeAlias = Literal["ASSOCIATING", "ASSOCIATED", "DISASSOCIATED", "FAILED"]


@dataclass(slots=True)
class Association:
    """
    A resource's ARN, or the id of an account or the ARN of an organisation or of a unit of one.

    It is in the share since ``created_at`` (sandbox seconds).

    ``failure`` is why it never will be, empty for one that is well; ``grantor`` is who made Lake Formation associate
    it, None where nobody did.
    """

    entity: str
    kind: Literal["RESOURCE", "PRINCIPAL"]
    created_at: float
    failure: str = ""
    grantor: Caller | None = None


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
    allows_external: bool = True
    deleted_at: float | None = None


class Shares:
    """Every resource share of the sandbox, by ARN, by what is in it, and by who is invited."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._shares: dict[str, Share] = {}
        self._owned: dict[tuple[str, str], dict[str, Share]] = {}  # (owner, Region) -> ARN -> share
        self._kept: dict[tuple[str, str, str, str], Share] = {}  # (owner, Region, purpose, receiver)
        self._invitations: dict[str, Invitation] = {}
        self._invited: dict[tuple[str, str], dict[str, Invitation]] = {}  # (receiver, Region) -> ARN -> invitation
        self._trusted: dict[tuple[str, str], dict[str, Share]] = {}  # (principal, Region) -> ARN, without invitation
        self._holding: dict[str, dict[str, Share]] = {}  # resource ARN -> share ARN -> share
        self._sharing: set[str] = set()  # ids of the organisations whose sharing is enabled

    def create(self, owner: str, region: str, *, name: str | None = None, purpose: str = "") -> Share:
        """Make an empty share; without *name* it gets one such as Lake Formation gives (``LakeFormation-...``)."""
        seed = f"{owner}/{region}/{len(self._shares)}"
        arn = f"arn:aws:ram:{region}:{owner}:resource-share/{uuid.uuid5(uuid.NAMESPACE_OID, seed)}"
        name = name or f"LakeFormation-{_letters(seed)}"
        now = self._world.clock.now()
        share = self._shares[arn] = Share(arn, name, owner, region, now, now, purpose)
        self._owned.setdefault((owner, region), {})[arn] = share
        return share

    def enable_sharing(self, organisation: str) -> None:
        """Let the accounts of an organisation share with each other, and with its units, without invitations."""
        self._sharing.add(organisation)

    def is_within(self, owner: str, principal: str) -> bool:
        """Whether *principal* is in the organisation of *owner*, or is it, and sharing within it is enabled."""
        found = self._organisation(owner)
        return found is not None and (principal == found.arn or principal in found.paths)

    def names_of(self, account: str) -> tuple[str, ...]:
        """Return what shares call *account*: itself, and the units and the organisation whose sharing includes it."""
        found = self._organisation(account)
        return (account, *found.paths[account]) if found else (account,)

    def add_resource(self, share: Share, arn: str) -> None:
        """
        Associate a resource; an accepted share takes further ones without a new invitation.

        One that has failed is tried again.
        """
        known = share.resources.get(arn)
        if known is None or known.failure:
            share.updated_at = now = self._world.clock.now()
            failure = "" if self._world.store(CatalogPolicies).lets_ram_share(arn) else NOT_SHAREABLE
            if failure:
                RULE_SHAREABLE.show()
            share.resources[arn] = Association(arn, "RESOURCE", now, failure)
            self._holding.setdefault(arn, {})[share.arn] = share

    def add_principal(self, share: Share, account: str, *, grantor: Caller | None = None) -> None:
        """
        Associate an account and invite it; one that is there stays as it is, its dead invitation too.

        What is within an organisation that shares, units and the organisation itself among it, needs no invitation.
        *grantor* is on whose behalf Lake Formation does it, if it does.
        """
        if account in share.principals:
            return
        share.updated_at = now = self._world.clock.now()
        association = share.principals[account] = Association(account, "PRINCIPAL", now, grantor=grantor)
        self._kept[share.owner, share.region, share.purpose, account] = share
        if self.is_within(share.owner, account):
            self._trusted.setdefault((account, share.region), {})[share.arn] = share
            self._complete(share, association)
            return
        seed = f"{share.arn}/{account}/{len(self._invitations)}"
        arn = (
            f"arn:aws:ram:{share.region}:{share.owner}:resource-share-invitation/{uuid.uuid5(uuid.NAMESPACE_OID, seed)}"
        )
        invitation = self._invitations[arn] = share.invitations[account] = Invitation(arn, share, account, now)
        self._invited.setdefault((account, share.region), {})[arn] = invitation

    def accept(self, invitation: Invitation) -> None:
        """Take an invitation, with which the association completes, or fails for want of its grantor's rights."""
        invitation.answer, invitation.answered_at = "ACCEPTED", self._world.clock.now()
        self._complete(invitation.share, invitation.share.principals[invitation.receiver])

    def remove_resource(self, share: Share, arn: str) -> None:
        """Disassociate a resource; one that is not there is passed over."""
        if share.resources.pop(arn, None):
            share.updated_at = self._world.clock.now()
            self._holding[arn].pop(share.arn)

    def remove_principal(self, share: Share, account: str) -> None:
        """Disassociate an account, whose invitation is then dead; associating it again sends another."""
        if share.principals.pop(account, None):
            share.updated_at = self._world.clock.now()
            if invitation := share.invitations.pop(account, None):
                self._invitations.pop(invitation.arn)
                self._invited[account, share.region].pop(invitation.arn)
            else:
                self._trusted[account, share.region].pop(share.arn)
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
        """Yield the shares that *account* has accepted, and those that came within its organisation, oldest first."""
        for invitation in self._invited.get((account, region), {}).values():
            if invitation.answer == "ACCEPTED" and not invitation.share.principals[account].failure:
                yield invitation.share
        trusted = {arn: share for name in self.names_of(account) for arn, share in self._of_name(name, region)}
        yield from (share for share in trusted.values() if share.owner != account)

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
        if association.failure:
            return "FAILED"
        now, takes = self._world.clock.now(), delays(self._world).ram_s
        begun: float | None = association.created_at
        if association.kind == "PRINCIPAL":
            invitation = share.invitations.get(association.entity)
            if invitation is not None:
                if invitation.status(now) in {"EXPIRED", "REJECTED"}:
                    return "DISASSOCIATED"
                begun = invitation.answered_at if invitation.answer else None
        return "ASSOCIATED" if begun is not None and now >= begun + takes else "ASSOCIATING"

    def reaches(self, account: str, resource_arn: str) -> bool:
        """Whether *account* has a share, accepted where it must be, that holds the resource; both associated."""
        return any(
            name in share.principals
            and self.status(share, share.principals[name]) == "ASSOCIATED"
            and self.status(share, share.resources[resource_arn]) == "ASSOCIATED"
            for name in self.names_of(account)
            for share in self.holding(resource_arn)
        )

    def _complete(self, share: Share, association: Association) -> None:
        """Look whether the grantor may let RAM write the policy that an association comes with."""
        if association.grantor is None:
            return
        catalog = f"arn:aws:glue:{share.region}:{share.owner}:catalog"
        try:
            authorize(self._world, association.grantor, "glue:PutResourcePolicy", catalog)
        except ServiceError:
            association.failure = NOT_AUTHORISED
            RULE_GRANTOR.show()

    def _organisation(self, account: str) -> Organisation | None:
        """Return the organisation of *account*, if sharing is enabled within it."""
        found = self._world.store(Moto).organisation_of(account) if self._sharing else None
        return found if found is not None and found.id in self._sharing else None

    def _of_name(self, name: str, region: str) -> Iterator[tuple[str, Share]]:
        """Yield the shares that came to *name* without an invitation, once that association has taken."""
        for arn, share in self._trusted.get((name, region), {}).items():
            if self.status(share, share.principals[name]) == "ASSOCIATED":
                yield arn, share

    def _has_arrived(self, invitation: Invitation) -> bool:
        # An account is invited once it is associated, which takes its time like any association.
        return self._world.clock.now() >= invitation.created_at + delays(self._world).ram_s


def _letters(seed: str) -> str:
    """Return eleven upper-case letters and digits, as in LakeFormation-MMCC0XQBH3Y."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    return "".join(alphabet[byte % len(alphabet)] for byte in hashlib.sha256(seed.encode()).digest()[:11])
