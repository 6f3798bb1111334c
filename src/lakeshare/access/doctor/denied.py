"""Whom of the job a Deny in a producer's policy means: its readers, and who lakeshare is at consumers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lakeshare.access.doctor.finding import Case
from lakeshare.access.doctor.statements import account_named, account_of, listed, principals
from lakeshare.planning.imagined import operator_arn
from lakeshare.resources.rights import ANYTHING

ALL_BUT_SOME = "all but some"


@dataclass(frozen=True, slots=True)
class Denied:
    """The principals of a statement that matter. ``is_sure``: not only as an operator whom the spec does not name."""

    names: tuple[str, ...]
    is_sure: bool = True


def denied(case: Case, statement: Mapping[str, Any]) -> Denied:
    """Return whom of those that read what this account shares, or that lakeshare is there, *statement* means."""
    persons, accounts = _persons(case), _consumers(case)
    if "NotPrincipal" in statement:
        named = statement["NotPrincipal"]
        left_out = listed(named.get("AWS")) if isinstance(named, Mapping) else listed(named)
        is_meant = any(not _is_one_of(person, map(str, left_out)) for person in persons)
        return Denied((ALL_BUT_SOME,) if is_meant else ())
    names = principals(statement)
    sure = [name for name in names if name == "*" or account_named(name) in accounts or _is_one_of(name, persons)]
    if sure:
        return Denied(tuple(sure))
    unnamed = {account_of(person) for person in persons if person.endswith(f":{ANYTHING}")}
    return Denied(tuple(name for name in names if account_of(name) in unnamed), is_sure=False)


def _consumers(case: Case) -> set[str]:
    return {case.spec.accounts[share.to.account].id for share in case.sources}


def _persons(case: Case) -> list[str]:
    own = {share.name for share in case.sources}
    operators = [operator_arn(case.spec, share.to.account) for share in case.sources]
    readers = [reading.principal for reading in case.graph.readings if reading.share in own and reading.is_allowed]
    return list(dict.fromkeys([*operators, *readers]))


def _is_one_of(name: str, persons: Iterable[str]) -> bool:
    known = _known(name)
    return any(known == _known(person) for person in persons)


def _known(principal: str) -> tuple[str | None, str]:
    """Return account and name of *principal*: of a role its path may be unknown, and a session of it is the role."""
    sort, _, name = principal.split(":", 5)[-1].partition("/")
    match sort:
        case "role":
            name = name.rpartition("/")[2]
        case "assumed-role":
            sort, name = "role", name.partition("/")[0]
    return account_of(principal), f"{sort}/{name}" if name else "root"
