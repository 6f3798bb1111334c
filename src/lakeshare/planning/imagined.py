"""
A spec expanded without a look at any account, for what must be known before anybody may look: the operator's rights.

What only the accounts could tell is imagined so that nothing which might be needed is left out: readers exist, Lake
Formation rules ``default``, and a pattern for tables stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lakeshare import catalogue
from lakeshare.planning.expand import expand, place_of
from lakeshare.planning.facts import Facts
from lakeshare.planning.graph import ResourceGraph
from lakeshare.resources.rights import ANYTHING, Right
from lakeshare.spec import CatalogSource, People, Reader, Share, Spec, TableSelection
from lakeshare.spec.readers import called
from lakeshare.spec.selection import live_names

_NOBODY = People.model_construct(roles=(), sso=(), saml=None, accounts={})
_DIGEST = "sha256:" + "0" * 16


def imagined_graph(spec: Spec, *, in_outline: bool = False) -> ResourceGraph:
    """
    Return every resource that *spec* may come to; names that nobody can know without looking have ``*`` in them.

    Of readers of one sort only the first has all that it reads: what IAM is asked about is the same for the grants of
    all, and there may be thousands. *in_outline* has one reader of each sort and one table a share: one resource of
    each sort, for those who ask what is called and not on what.
    """
    thin = {name: _in_outline(share) if in_outline else _thinned(share) for name, share in spec.shares.items()}
    outlined = spec.model_copy(update={"shares": thin})
    return expand(outlined, imagined_facts(outlined))


def _thinned(share: Share) -> Share:
    first = _first_of_each_sort(share)
    table = TableSelection(share.source.tables.patterns[:1])
    readers = [
        reader.model_copy(update={"tables": None if reader in first else table, "columns": {}})
        for reader in share.readers
    ]
    return share.model_copy(update={"readers": tuple(readers)})


def _in_outline(share: Share) -> Share:
    readers = [reader.model_copy(update={"tables": None, "columns": {}}) for reader in _first_of_each_sort(share)]
    kind = "connect" if share.origin.connect else "catalog"
    source = share.origin.connect or share.origin.catalog
    assert source is not None, "an origin has one of the two"
    one = source.model_copy(update={"tables": TableSelection((ANY_TABLE,))})
    origin = share.origin.model_copy(update={kind: one})
    return share.model_copy(update={"origin": origin, "readers": tuple(readers)})


ANY_TABLE = next(iter(catalogue.tables()))
"""A name that may stand for any table."""


def _first_of_each_sort(share: Share) -> list[Reader]:
    sorts: dict[bool, Reader] = {}
    for reader in share.readers:
        sorts.setdefault(reader.create is None, reader)
    return list(sorts.values())


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
        reader_roles=_roles(spec),
        sso_roles=_sso_roles(spec),
        reader_users={
            (share.to.account, called("role", reader.user)): _arn(spec, share.to.account, "user", reader.user)
            for share in shares
            for reader in share.readers
            if reader.user
        },
        ruled_defaults=frozenset(consumers),
        external_id_digests=dict.fromkeys(consumers, _DIGEST),
    )


def _roles(spec: Spec) -> dict[tuple[str, str], str | None]:
    named = [
        (share.to.account, role)
        for share in spec.shares.values()
        for reader in share.readers
        for role in ([reader.role] if reader.role and reader.create is None else [*_people(reader).roles])
    ]
    return {(alias, called("role", role)): _arn(spec, alias, "role", role) for alias, role in named}


def _sso_roles(spec: Spec) -> dict[tuple[str, str], tuple[str, ...]]:
    sets = [
        (share.to.account, name)
        for share in spec.shares.values()
        for reader in share.readers
        for name in ([reader.sso] if reader.sso else [*_people(reader).sso])
    ]
    return {
        (alias, name): (
            place_of(spec, alias).iam_arn(f"role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_{name}_*"),
        )
        for alias, name in sets
    }


def _people(reader: Reader) -> People:
    return (reader.create.people if reader.create else None) or _NOBODY


def _arn(spec: Spec, alias: str, kind: str, written: str) -> str:
    return written if written.startswith("arn:") else place_of(spec, alias).iam_arn(f"{kind}/{written}")


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


def with_unknown_paths(spec: Spec, alias: str, rights: Iterable[Right]) -> tuple[Right, ...]:
    """
    Return *rights* in the account *alias* also on roles that the spec names without the path that they may have.

    IAM is asked about a role's ARN with its path; a name alone does not tell it. The account may have other names.
    """
    number = spec.accounts[alias].id
    shares = [share for share in spec.shares.values() if spec.accounts[share.to.account].id == number]
    named = {reader.role for share in shares for reader in share.readers if reader.role and reader.create is None}
    place = place_of(spec, alias)
    bare = {place.iam_arn(f"role/{name}"): place.iam_arn(f"role/*/{name}") for name in named if "/" not in name}
    return tuple(
        replace(right, resources=(*right.resources, *(bare[arn] for arn in right.resources if arn in bare)))
        for right in rights
    )
