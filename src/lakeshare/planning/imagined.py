"""
A spec expanded without a look at any account, for what must be known before anybody may look: the operator's rights.

What only the accounts could tell is imagined so that nothing which might be needed is left out: readers exist, Lake
Formation rules ``default``, and a pattern for tables stands for itself.
"""

from __future__ import annotations

from lakeshare.planning.expand import expand, place_of
from lakeshare.planning.facts import Facts
from lakeshare.planning.graph import ResourceGraph
from lakeshare.resources.rights import ANYTHING
from lakeshare.spec import CatalogSource, Reader, Share, Spec, TableSelection
from lakeshare.spec.selection import live_names

_DIGEST = "sha256:" + "0" * 16


def imagined_graph(spec: Spec) -> ResourceGraph:
    """
    Return every resource that *spec* may come to; names that nobody can know without looking have ``*`` in them.

    Of readers of one sort only the first has all that it reads: what IAM is asked about is the same for the grants of
    all, and there may be thousands.
    """
    thin = spec.model_copy(update={"shares": {name: _thinned(share) for name, share in spec.shares.items()}})
    return expand(thin, imagined_facts(spec))


def _thinned(share: Share) -> Share:
    first: dict[bool, Reader] = {}
    readers = []
    for reader in share.readers:
        is_first = first.setdefault(reader.create is None, reader) is reader
        patterns = None if is_first else TableSelection(share.source.tables.patterns[:1])
        readers.append(reader.model_copy(update={"tables": patterns, "columns": {}}))
    return share.model_copy(update={"readers": tuple(readers)})


def imagined_facts(spec: Spec) -> Facts:
    """Return what the accounts might tell, at its widest."""
    shares = spec.shares.values()
    consumers = {share.to.account for share in shares}
    own = {
        (share.source.account, share.source.database): _names(share.source)
        for share in shares
        if isinstance(share.source, CatalogSource)
    }
    return Facts(
        operators={alias: operator_arn(spec, alias) for alias in spec.accounts},
        data_sets={},  # the catalogue's tables stand in for a list that is not there
        tables={spot: dict.fromkeys(names, ()) for spot, names in own.items()},
        closed_tables={spot: frozenset(name.lower() for name in names) for spot, names in own.items()},
        reader_roles={
            (share.to.account, reader.role_name): place_of(spec, share.to.account).iam_arn(f"role/{reader.role_name}")
            for share in shares
            for reader in share.readers
            if reader.create is None
        },
        ruled_defaults=frozenset(consumers),
        external_id_digests=dict.fromkeys(consumers, _DIGEST),
    )


def operator_arn(spec: Spec, alias: str) -> str:
    """
    Return the ARN of the principal that lakeshare is in the account *alias*, as far as the spec tells.

    With a profile, or the credentials that are there, it could be any role or user of the account.
    """
    account, place = spec.accounts[alias], place_of(spec, alias)
    if account.role is None:
        return place.iam_arn(ANYTHING)
    return account.role if account.role.startswith("arn:") else place.iam_arn(f"role/{account.role.lstrip('/')}")


def _names(source: CatalogSource) -> list[str]:
    """Return the selected tables by name, and patterns as they are: in an ARN they match what they select."""
    live = live_names(source.tables.patterns)
    return [*(pattern for pattern in source.tables.patterns if ":" not in pattern), *live]
