"""
What RAM stores: shares, the things and accounts associated with them, and invitations.

Nothing here changes by itself. What becomes true with time (an association that has taken, an invitation that has
expired) is worked out from the sandbox's clock whenever somebody looks.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Final

from lakeshare.sandbox.arns import partition_in
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.moto_bridge import Moto, Organisation
from lakeshare.sandbox.policy import authorize
from lakeshare.sandbox.policy.catalog_policies import CatalogPolicies
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.ram.associations import (
    Association,
    AssociationStatus,
    Invitation,
    Share,
    receiver_of,
)
from lakeshare.sandbox.trouble import delays
from lakeshare.sandbox.world import World

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
RULE_ROOM = rule(
    "ram.share.quota",
    "An account has at most 5,000 shares in a Region.",
    tag="observed",
    source="third parties' notes on the quotas of RAM; the message is ours",
)
MOST_SHARES: Final = 5000
NOT_AUTHORISED: Final = "Association failed because the caller was not authorized."
NOT_SHAREABLE: Final = "Association failed because the policy of the Data Catalog does not allow glue:ShareResource."


class Shares:
    """Every resource share of the sandbox, by ARN, by what is in it, and by who is invited."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._shares: dict[str, Share] = {}
        self._owned: dict[tuple[str, str], dict[str, Share]] = {}  # (owner, Region) -> ARN -> share
        self._living: Counter[tuple[str, str]] = Counter()  # (owner, Region)
        self._kept: dict[tuple[str, str, str, str], Share] = {}  # (owner, Region, purpose, receiver)
        self._invitations: dict[str, Invitation] = {}
        self._invited: dict[tuple[str, str], dict[str, Invitation]] = {}  # (receiver, Region) -> ARN -> invitation
        self._trusted: dict[tuple[str, str], dict[str, Share]] = {}  # (principal, Region) -> ARN, without invitation
        self._holding: dict[str, dict[str, Share]] = {}  # resource ARN -> share ARN -> share
        self._sharing: set[str] = set()  # ids of the organisations whose sharing is enabled

    def create(self, owner: str, region: str, *, name: str | None = None, purpose: str = "") -> Share:
        """Make an empty share; without *name* it gets one such as Lake Formation gives (``LakeFormation-...``)."""
        seed = f"{owner}/{region}/{len(self._shares)}"
        arn = f"arn:{partition_in(region)}:ram:{region}:{owner}:resource-share/{uuid.uuid5(uuid.NAMESPACE_OID, seed)}"
        name = name or f"LakeFormation-{_letters(seed)}"
        now = self._world.clock.now()
        share = self._shares[arn] = Share(arn, name, owner, region, now, now, purpose)
        self._owned.setdefault((owner, region), {})[arn] = share
        self._living[owner, region] += 1
        return share

    def check_room(self, owner: str, region: str) -> None:
        """Refuse a further share to who has as many as there may be."""
        if self._living[owner, region] >= MOST_SHARES:
            message = f"You have reached the limit of {MOST_SHARES} resource shares."
            raise RULE_ROOM.refuse("ResourceShareLimitExceededException", message)

    def enable_sharing(self, organisation: str) -> None:
        """Let the accounts of an organisation share with each other, and with its units, without invitations."""
        self._sharing.add(organisation)

    def is_within(self, owner: str, principal: str) -> bool:
        """Whether *principal* is in the organisation of *owner*, or is it, and sharing within it is enabled."""
        found = self._organisation(owner)
        return found is not None and (principal == found.arn or receiver_of(principal) in found.paths)

    def names_of(self, account: str) -> tuple[str, ...]:
        """Return what shares call *account*: itself, and the units and the organisation whose sharing includes it."""
        found = self._organisation(account)
        return (account, *found.paths[account]) if found else (account,)

    def add_resource(self, share: Share, arn: str, *, under: str | None = None) -> None:
        """
        Associate a resource; an accepted share takes further ones without a new invitation.

        With *under* it goes under that pattern, which is associated once for all. One that has failed is tried again.
        """
        entity = share.carried.get(arn, under or arn)
        known = share.resources.get(entity)
        if known is None or known.failure:
            share.updated_at = now = self._world.clock.now()
            failure = "" if self._world.store(CatalogPolicies).lets_ram_share(entity) else NOT_SHAREABLE
            if failure:
                RULE_SHAREABLE.show()
            carries = known.carries if known else set[str]()
            share.resources[entity] = Association(entity, "RESOURCE", now, failure, carries=carries)
        share.carry(arn, entity)
        for each in (arn, entity):
            self._holding.setdefault(each, {})[share.arn] = share

    def add_principal(
        self, share: Share, principal: str, *, grantor: Caller | None = None, carrying: str | None = None
    ) -> None:
        """
        Associate a principal and invite its account; one that is there stays as it is, its dead invitation too.

        What is of the owner's own account, or within an organisation that shares, units and the organisation itself
        among it, needs no invitation, and a role or user comes in by the one that its account has. *grantor* is on
        whose behalf Lake Formation does it, if it does, and *carrying* what it does it for.
        """
        known = share.principals.get(principal)
        if known is None:
            known = self._associate(share, principal, grantor)
            if carrying is None:
                known.carries.update(share.carried)  # put in by RAM itself it has all that there is
        if carrying is not None:
            known.carries.add(carrying)

    def accept(self, invitation: Invitation) -> None:
        """Take an invitation, with which the association completes, or fails for want of its grantor's rights."""
        invitation.answer, invitation.answered_at = "ACCEPTED", self._world.clock.now()
        for association in invitation.share.received_as(invitation.receiver):
            self._complete(invitation.share, association)

    def remove_resource(self, share: Share, arn: str) -> None:
        """Stop sharing a thing, and disassociate the resource that was there for nothing else; else pass it over."""
        if arn in share.carried:
            share.updated_at = self._world.clock.now()
            self._holding[arn].pop(share.arn)
            entity = share.put_down(arn)
            if not share.resources[entity].carries:
                del share.resources[entity]
                self._holding[entity].pop(share.arn, None)

    def disassociate_resource(self, share: Share, entity: str) -> None:
        """Take a resource out of a share, a pattern with all that is under it; one that is not there is passed over."""
        if found := share.resources.get(entity):
            for arn in list(found.carries):
                self.remove_resource(share, arn)

    def remove_principal(self, share: Share, principal: str) -> None:
        """Disassociate a principal; with the last of an account its invitation is dead, and a new one sends another."""
        gone = share.principals.pop(principal, None)
        if gone is None:
            return
        share.updated_at = self._world.clock.now()
        receiver = gone.receiver
        if share.received_as(receiver):
            return
        if invitation := share.invitations.pop(receiver, None):
            self._invitations.pop(invitation.arn)
            self._invited[receiver, share.region].pop(invitation.arn)
        self._trusted.get((receiver, share.region), {}).pop(share.arn, None)
        self._kept.pop((share.owner, share.region, share.purpose, receiver), None)

    def delete(self, share: Share) -> None:
        """Delete a share with all its associations; it is shown as DELETED from then on."""
        for arn in list(share.carried):
            self.remove_resource(share, arn)
        for principal in list(share.principals):
            self.remove_principal(share, principal)
        share.deleted_at = share.updated_at = self._world.clock.now()
        self._living[share.owner, share.region] -= 1

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
            associations = invitation.share.received_as(account)
            if invitation.answer == "ACCEPTED" and not all(each.failure for each in associations):
                yield invitation.share
        trusted = {arn: share for name in self.names_of(account) for arn, share in self._of_name(name, region)}
        yield from (share for share in trusted.values() if share.owner != account)

    def holding(self, resource_arn: str) -> Iterator[Share]:
        """Yield the shares that a resource is in, by itself or under a pattern, which is one too."""
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
            invitation = share.invitations.get(association.receiver)
            if invitation is not None:
                if invitation.status(now) in {"EXPIRED", "REJECTED"}:
                    return "DISASSOCIATED"
                begun = max(association.created_at, invitation.answered_at) if invitation.answer else None
            elif association.receiver != share.owner and not self.is_within(share.owner, association.receiver):
                return "DISASSOCIATED"  # it came without an invitation, and is not in the organisation any more
        return "ASSOCIATED" if begun is not None and now >= begun + takes else "ASSOCIATING"

    def reaches(self, account: str, resource_arn: str) -> bool:
        """Whether *account* has a share, accepted where it must be, that carries the resource; both associated."""
        return any(
            self.status(share, association) == "ASSOCIATED"
            and self.status(share, share.resource_for(resource_arn)) == "ASSOCIATED"
            for name in self.names_of(account)
            for share in self.holding(resource_arn)
            for association in share.received_as(name)
        )

    def _associate(self, share: Share, principal: str, grantor: Caller | None) -> Association:
        """Put a principal into a share, and invite its account where that takes an invitation and it has none."""
        share.updated_at = now = self._world.clock.now()
        association = share.principals[principal] = Association(principal, "PRINCIPAL", now, grantor=grantor)
        receiver = association.receiver
        self._kept[share.owner, share.region, share.purpose, receiver] = share
        invitation = share.invitations.get(receiver)
        if receiver == share.owner or (invitation is not None and invitation.answer == "ACCEPTED"):
            self._complete(share, association)
        elif self.is_within(share.owner, receiver):
            self._trusted.setdefault((receiver, share.region), {})[share.arn] = share
            self._complete(share, association)
        elif invitation is None:
            self._invite(share, receiver, principal, now)
        return association

    def _invite(self, share: Share, receiver: str, principal: str, now: float) -> None:
        seed = f"{share.arn}/{receiver}/{len(self._invitations)}/{now}"
        id_ = uuid.uuid5(uuid.NAMESPACE_OID, seed)
        arn = f"arn:{partition_in(share.region)}:ram:{share.region}:{share.owner}:resource-share-invitation/{id_}"
        invitation = Invitation(arn, share, receiver, now, principal)
        self._invitations[arn] = share.invitations[receiver] = invitation
        self._invited.setdefault((receiver, share.region), {})[arn] = invitation

    def _complete(self, share: Share, association: Association) -> None:
        """Look whether the grantor may let RAM write the policy that an association comes with."""
        if association.grantor is None:
            return
        catalog = f"arn:{partition_in(share.region)}:glue:{share.region}:{share.owner}:catalog"
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
            if any(self.status(share, each) == "ASSOCIATED" for each in share.received_as(name)):
                yield arn, share

    def _has_arrived(self, invitation: Invitation) -> bool:
        # An account is invited once it is associated, which takes its time like any association.
        return self._world.clock.now() >= invitation.created_at + delays(self._world).ram_s


def _letters(seed: str) -> str:
    """Return eleven upper-case letters and digits, as in LakeFormation-MMCC0XQBH3Y."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    return "".join(alphabet[byte % len(alphabet)] for byte in hashlib.sha256(seed.encode()).digest()[:11])
