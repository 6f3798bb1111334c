"""Which database and table of the principal's account a question is about, by what the spec says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lakeshare.access.explain.observed import Asker, Question
from lakeshare.access.explain.read.readers import line_of, number_of
from lakeshare.catalogue import SOURCE_DATABASE
from lakeshare.errors import UsageError
from lakeshare.planning.expand import place_of
from lakeshare.resources.values import Place
from lakeshare.spec import ConnectSource, Share, Spec


@dataclass(frozen=True, slots=True)
class Where:
    """One place to look for the table: a share's, or one that was named as ``database.table``."""

    place: Place
    database: str
    table: str
    share: Share | None = None


def home_of(spec: Spec, account_id: str, partition_hint: str) -> Place:
    """
    Return the place of the principal's account, as the spec has it; a principal of no account is looked for in all.

    Raises UsageError when the spec leads into no such account.
    """
    for alias, account in spec.accounts.items():
        if account.id == account_id:
            return place_of(spec, alias)
    if not account_id:
        consumers = [share.to.account for share in spec.shares.values()]
        if consumers:
            return place_of(spec, consumers[0])
    known = ", ".join(f"{alias} ({account.id})" for alias, account in spec.accounts.items())
    raise UsageError(
        f"the principal is in account {account_id or partition_hint}, and the spec leads into no such account",
        hint=f"the spec's accounts are {known}; add it under `accounts`, or ask about a principal of one of these",
    )


def wheres(spec: Spec, home: Place, question: Question) -> tuple[Where, ...]:
    """
    Return where the table may be, likeliest first.

    A name is a table of a share's source, whose link the share's template names; or the link itself; a name with a dot
    is ``database.table`` in the principal's account.
    """
    found: dict[tuple[str, str, str], Where] = {}
    for where in _wheres(spec, home, question.table):
        found.setdefault((where.place.account_id, where.database, where.table), where)
    return tuple(found.values())


def _wheres(spec: Spec, home: Place, name: str) -> Iterator[Where]:
    shares = [share for share in spec.shares.values() if spec.accounts[share.to.account].id == home.account_id]
    database, dot, table = name.lower().partition(".")
    if dot:
        for share in shares:
            if share.to.database.lower() == database:
                yield Where(place_of(spec, share.to.account), database, table, share)
        for share in shares:
            # What the source calls it: connect_datalake.contact_record.
            if source_database(share) == database:
                yield _linked(spec, share, table)
        yield Where(home, database, table)
        return
    for share in shares:
        yield _linked(spec, share, database)
    for share in shares:
        yield Where(place_of(spec, share.to.account), share.to.database.lower(), database, share)


def _linked(spec: Spec, share: Share, table: str) -> Where:
    link = share.to.links.format(table=table).lower()
    return Where(place_of(spec, share.to.account), share.to.database.lower(), link, share)


def source_database(share: Share) -> str:
    """Return the database that a share's tables are in at their owner's."""
    return SOURCE_DATABASE if isinstance(share.source, ConnectSource) else share.source.database.lower()


def in_spec(where: Where, asker: Asker) -> str | None:
    """Say what the spec says of *asker* and the share that the table is of; None when nothing."""
    share = where.share
    if share is None:
        return None
    number = number_of(share, asker)
    if number is None:
        return f"the spec does not have it as a reader: add `{line_of(asker)}` under shares.{share.name}.readers"
    at = f"shares.{share.name}.readers[{number}]"
    if share.readers[number].account:
        return f"the spec has its whole account as a reader: {at}; whoever administers that lake grants to it"
    return f"the spec has it as a reader: {at}; `lakeshare apply` makes it so"


def workgroup_of(spec: Spec, where: Where) -> str:
    """Return the workgroup that queries are run in: the share's, else that of any share into the same account."""
    account = where.place.account_id
    into = [share for share in spec.shares.values() if spec.accounts[share.to.account].id == account]
    share = where.share or next(iter(into), None)
    if share is None:
        return "primary"
    return share.to.athena.workgroup or f"lakeshare-{spec.name}"


def hidden_by(where: Where, asker: Asker, column: str | None) -> str | None:
    """Return where in the spec a rule of the reader that *asker* is leaves *column* out; None when none does."""
    share = where.share
    number = number_of(share, asker) if share and column is not None else None
    if share is None or column is None or number is None:
        return None
    for table, rule in share.readers[number].columns.items():
        if share.to.links.format(table=table).lower() == where.table:
            shown = rule.include is None or column.lower() in {each.lower() for each in rule.include}
            left_out = rule.exclude is not None and column.lower() in {each.lower() for each in rule.exclude}
            return f"shares.{share.name}.readers[{number}].columns.{table}" if left_out or not shown else None
    return None
