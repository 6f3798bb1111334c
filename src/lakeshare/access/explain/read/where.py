"""Which database and table of the principal's account a question is about, by what the spec says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lakeshare import catalogue
from lakeshare.access.explain.observed import Asker, InSpec, Question
from lakeshare.access.explain.read.readers import line_of, names_of, number_of
from lakeshare.catalogue import SOURCE_DATABASE
from lakeshare.catalogue.nearest import nearest
from lakeshare.errors import UsageError
from lakeshare.planning.expand import place_of
from lakeshare.resources.values import Place
from lakeshare.spec import ConnectSource, Share, Spec, select
from lakeshare.spec.readers import called
from lakeshare.spec.selection import is_glob


@dataclass(frozen=True, slots=True)
class Where:
    """One place to look for the table: a share's, or one that was named as ``database.table``."""

    place: Place
    database: str
    table: str
    share: Share | None = None

    @property
    def is_shared(self) -> bool | None:
        """Whether the spec shares a table that it calls so here; None where that takes a look at the source."""
        links = _links(self.share) if self.share else None
        return None if links is None else self.table in links.values()


def arn_of(spec: Spec, principal: str) -> str:
    """
    Return the ARN of *principal*, who may be named as the spec names a reader: the role of that name, or the user.

    Raises UsageError where the name is in several accounts, or in none.
    """
    if ":" in principal:
        return principal
    shares = [(place_of(spec, share.to.account), share.readers) for share in spec.shares.values()]
    arns = {
        place.iam_arn(f"{reader.sort}/{principal}"): None
        for place, readers in shares
        for reader in readers
        if reader.sort in ("role", "user") and reader.name == called(reader.sort, principal)
    }
    # Of a name that the spec does not have IAM is asked, where there is but one account to ask in.
    found = list(arns or dict.fromkeys(place.iam_arn(f"role/{principal}") for place, _readers in shares))
    if len(found) == 1:
        return found[0]
    raise UsageError(
        f"{principal} is no ARN, and could be one of several principals",
        hint=f"say which: {', '.join(found)}" if found else "a role's is arn:aws:iam::ACCOUNT:role/NAME",
    )


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
    return tuple(sorted(found.values(), key=lambda where: where.is_shared is False))


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
    return Where(place_of(spec, share.to.account), share.to.database.lower(), _link(share, table), share)


def _link(share: Share, table: str) -> str:
    return share.to.links.format(table=table).lower()


def _links(share: Share) -> dict[str, str] | None:
    """Return the link of each table that a share is of; None where patterns choose among tables not known here."""
    if isinstance(share.source, ConnectSource):
        groups = {name: table.category for name, table in catalogue.tables().items()}
        return {name: _link(share, name) for name in select(share.source.tables, tuple(groups), groups).names}
    patterns = share.source.tables.patterns
    return None if any(is_glob(each) for each in patterns) else {name: _link(share, name) for name in patterns}


def meant(spec: Spec, home: Place, question: Question, asker: Asker, *, is_there: bool) -> Question | None:
    """
    Return *question* with the nearest names of the spec; None where nothing is near, or there is no need.

    A reader's name where *asker* is nobody, and a table's unless it *is_there*.
    """
    shares = [share for share in spec.shares.values() if spec.accounts[share.to.account].id == home.account_id]
    principal = nearest(asker.name, names_of(shares, asker)) if asker.is_there is False else None
    table = None if is_there else _nearest_table(shares, question.table.lower())
    better = replace(
        question,
        principal=asker.arn.removesuffix(asker.name) + principal if principal else question.principal,
        table=table or question.table,
    )
    return better if better != question else None


def _nearest_table(shares: Iterable[Share], asked: str) -> str | None:
    named = [(share, *pair) for share in shares for pair in (_links(share) or {}).items()]
    if "." in asked:
        full = [f"{share.to.database.lower()}.{link}" for share, _table, link in named]
        full += [f"{source_database(share)}.{table}" for share, table, _link in named]
    else:
        full = [name for _share, table, link in named for name in (link, table)]
    return None if asked in full else nearest(asked, full)


def source_database(share: Share) -> str:
    """Return the database that a share's tables are in at their owner's."""
    return SOURCE_DATABASE if isinstance(share.source, ConnectSource) else share.source.database.lower()


def in_spec(where: Where, asker: Asker) -> InSpec | None:
    """Say what the spec says of *asker* and the share that the table is of; None when nothing."""
    share = where.share
    if share is None:
        return None
    number = number_of(share, asker)
    if number is None:
        return InSpec(
            f"the spec does not have it as a reader: add `{line_of(asker)}` under shares.{share.name}.readers"
        )
    at = f"shares.{share.name}.readers[{number}]"
    if share.readers[number].account:
        return InSpec(f"the spec has its whole account as a reader: {at}; whoever administers that lake grants to it")
    if where.is_shared is False:
        absent = f"share {share.name} is not known to have a table that is {where.table} here"
        return InSpec(f"the spec has it as a reader: {at}; but {absent}")
    return InSpec(f"the spec has it as a reader: {at}; `lakeshare apply` makes it so", is_by_apply=True)


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
        if _link(share, table) == where.table:
            shown = rule.include is None or column.lower() in {each.lower() for each in rule.include}
            left_out = rule.exclude is not None and column.lower() in {each.lower() for each in rule.exclude}
            return f"shares.{share.name}.readers[{number}].columns.{table}" if left_out or not shown else None
    return None
