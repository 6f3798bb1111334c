"""
The ExternalIds of a run: from the spec, made up, or read back from a live trust policy when they were lost.

A secret that AWS shows goes from the call's answer into `Secrets` and into the file of made-up ones, and nowhere else:
what plans are made from are digests, which is why a graph that was made with the digest of a new id is simply made
again once the old id is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lakeshare.planning.build import Ours
from lakeshare.planning.graph import ResourceGraph
from lakeshare.resources.iam_role import IamRole, proof_external_ids
from lakeshare.resources.iam_trust import IamTrust
from lakeshare.resources.kind import Run
from lakeshare.resources.observe import observe
from lakeshare.resources.registry import KINDS
from lakeshare.resources.trust import digest_of, digests_in
from lakeshare.resources.values import Absent, Unreadable
from lakeshare.spec import Spec
from lakeshare.state.external_ids import ExternalIds


class Secrets(Mapping[str, str]):
    """
    ExternalIds by digest. ``by_account`` are those with which the operator acts as a reader.

    Its repr shows digests alone.
    """

    def __init__(self, by_account: Mapping[str, str], others: Iterable[str] = ()) -> None:
        self.by_account = dict(by_account)
        self._by_digest = {digest_of(secret): secret for secret in (*self.by_account.values(), *others)}

    def learn(self, alias: str, secret: str) -> None:
        """Take *secret* as the ExternalId of the account *alias* from here on."""
        self.by_account[alias] = secret
        self._by_digest[digest_of(secret)] = secret

    def __getitem__(self, digest: str) -> str:
        return self._by_digest[digest]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_digest)

    def __len__(self) -> int:
        return len(self._by_digest)

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self._by_digest)})"


def secrets_of(spec: Spec, made_up: ExternalIds) -> Secrets:
    """Return the ExternalIds that *spec* needs; those of the operator are made up where it has none."""
    provable = {
        share.to.account
        for share in spec.shares.values()
        if share.prove_denial or any(reader.role and reader.prove_by == "query" for reader in share.readers)
    }
    given = {
        alias: account.external_id.get_secret_value()
        for alias, account in spec.accounts.items()
        if alias in provable and account.external_id
    }
    return Secrets(given | made_up.of(sorted(provable - set(given))), _outsiders(spec))


def _outsiders(spec: Spec) -> Iterator[str]:
    """Yield the ExternalIds that roles for people of other accounts ask for."""
    for share in spec.shares.values():
        for reader in share.readers:
            people = reader.create.people if reader.create else None
            for outside in people.accounts.values() if people else ():
                if outside.external_id:
                    yield outside.external_id.get_secret_value()


def read_back(run: Run, secrets: Secrets, made_up: ExternalIds, graph: ResourceGraph, ours: Ours) -> list[str]:
    """
    Read ExternalIds that were lost back from the live trust policies; return what there is to tell, digests only.

    Only the trust that lets exactly this operator in counts. It does where the ledger says that it is ours and knows
    the digest, and where all is as we would make it but for the id.
    """
    fresh = {digest_of(secrets.by_account[alias]): alias for alias in made_up.fresh if alias in secrets.by_account}
    asking = [item for item in graph.resources.values() if _digest(item) in fresh]
    if not asking:
        return []
    found = observe(run, asking).found
    told = []
    for item in sorted(asking, key=lambda item: item.address not in ours):
        there = found[item.address]
        alias = fresh.get(_digest(item) or "")
        if alias is None or alias not in made_up.fresh or isinstance(there, (Absent, Unreadable)):
            continue
        secret = _secret(run, item, _trusted_digests(item, there, ours))
        if secret is not None:
            for name in made_up.sharing(alias):
                if name in secrets.by_account:
                    secrets.learn(name, secret)
            made_up.learn({alias: secret})
            told.append(
                f"the ExternalId of account {alias} was lost and is read back from the trust policy of role"
                f" {_role(item)} ({digest_of(secret)})"
            )
    return told


def _digest(item: Any) -> str | None:
    match item:
        case IamRole():
            return item.operator.external_id_digest if item.operator else None
        case IamTrust():
            return item.trustee.external_id_digest
        case _:
            return None


def _role(item: Any) -> str:
    return str(item.role if isinstance(item, IamTrust) else item.name)


def _principal(item: Any) -> str:
    return str(item.trustee.name if isinstance(item, IamTrust) else item.operator.principal)


def _trusted_digests(item: Any, there: Any, ours: Ours) -> frozenset[str]:
    """Return the digests of ids that may be taken for ours."""
    if item.address in ours:
        known = _digest(ours.last_known(item.address))
        return frozenset() if known is None else frozenset({known})
    if not KINDS[item.kind].lacks_secret_only(item, there):
        return frozenset()
    live = there.live if isinstance(there, IamTrust) else (_digest(there) or "")
    return frozenset(digests_in(live or ""))


def _secret(run: Run, item: Any, digests: frozenset[str]) -> str | None:
    if not digests:
        return None
    ids = proof_external_ids(run, item.place, _role(item), _principal(item))
    return next((secret for secret in ids if digest_of(secret) in digests), None)
