"""Whether the tables and columns that a spec names are there, as far as the catalogue or the spec itself can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from lakeshare.catalogue import categories, nearest, tables
from lakeshare.spec.choice import ALL
from lakeshare.spec.draft import DraftColumns, DraftReader, DraftSelection, DraftShare, Word
from lakeshare.spec.selection import GROUP, LIVE, is_glob, live_names, match
from lakeshare.spec.tree import Findings, brief


@dataclass(frozen=True, slots=True)
class Offer:
    """
    The tables of a share, as far as they are known without asking AWS.

    ``patterns`` are those whose tables only AWS knows; while there are any, ``names`` are not all.
    ``is_certain`` is False when part of the selection is broken, so that nothing follows from a name that is not here.
    """

    names: tuple[str, ...]
    patterns: tuple[str, ...]
    is_certain: bool

    def has(self, name: str) -> bool:
        """Return whether the table may be part of the share."""
        return not self.is_certain or name in self.names or any(fnmatchcase(name, p) for p in self.patterns)


def check_tables(share: DraftShare, findings: Findings) -> None:
    """Tell the entries of a share's selection that mean no table."""
    _check_once(share.tables.words if share.tables else (), findings)
    for word in share.tables.words if share.tables else ():
        problem = _connect_problem(word) if share.is_connect else _catalog_problem(word)
        if problem:
            findings.add(word.place, problem)


def _check_once(words: Sequence[Word], findings: Findings) -> None:
    """Tell entries of a list that stand in it twice."""
    first: dict[str, Word] = {}
    for word in words:
        there = first.setdefault(word.text, word)
        if there is not word:
            findings.add(word.place, f'"{word.shown}" is listed twice; first in line {there.place.line}')


def offer_of(share: DraftShare) -> Offer:
    """Return what *share* offers; a slip counts as the name that was probably meant."""
    if share.tables is None:
        return Offer((), (), is_certain=False)
    if not share.is_connect:
        words = [word for word in share.tables.words if not _catalog_problem(word)]
        return Offer(
            tuple(word.text for word in words if not is_glob(word.text)),
            tuple(word.text for word in words if is_glob(word.text)),
            is_certain=share.tables.is_whole and len(words) == len(share.tables.words),
        )
    return _connect_offer(share.tables)


def _connect_offer(selection: DraftSelection) -> Offer:
    groups = _group_of()
    matched: set[str] = set()
    is_certain = selection.is_whole
    for word in selection.words:
        found = match(word.text, tuple(tables()), groups)
        guess = nearest(word.text, tables()) if not found else None
        matched.update(found or (guess,) if guess else found)
        is_certain = is_certain and bool(found or guess)
    beyond = (name for name in live_names([word.text for word in selection.words]) if name not in tables())
    return Offer((*(name for name in tables() if name in matched), *dict.fromkeys(beyond)), (), is_certain)


def _group_of() -> Mapping[str, str]:
    return {name: table.category for name, table in tables().items()}


def _connect_problem(word: Word) -> str | None:
    if word.text.startswith(LIVE) or match(word.text, tuple(tables()), _group_of()):
        return None
    if word.text.startswith(GROUP):
        guess = nearest(word.text.removeprefix(GROUP), categories())
        hint = f'did you mean "{GROUP}{guess}"?' if guess else f"the groups are {', '.join(categories())}"
        return f'there is no "{word.shown}"; {hint}'
    if is_glob(word.text):
        guess = _nearest_pattern(word.text)
        hint = f'did you mean "{guess}"?' if guess else "see `lakeshare tables`"
        return f'"{word.shown}" fits none of the {len(tables())} tables of Connect\'s lake; {hint}'
    way_out = f"see `lakeshare tables` (a newer one is written live:{word.shown})"
    return _no_table(word, "Connect's lake", tuple(tables()), way_out)


def _nearest_pattern(pattern: str) -> str | None:
    """Return the pattern ``STEM*`` that fits some table and that *pattern* is a slip of."""
    stem = pattern.removesuffix("*")
    if is_glob(stem):
        return None
    return nearest(pattern, sorted({f"{name[: len(stem)]}*" for name in tables()}))


def _no_table(word: Word, where: str, names: Sequence[str], way_out: str) -> str:
    if word.text == ALL:
        return f"all stands alone: tables: {ALL}"
    guess = nearest(word.text, names)
    hint = f'did you mean "{guess}"?' if guess else way_out
    return f'{where} has no table "{word.shown}"; {hint}'


def _catalog_problem(word: Word) -> str | None:
    for prefix in (GROUP, LIVE):
        if word.text.startswith(prefix):
            return f"{prefix} is for connect: sources; expected a table's name or a pattern"
    return f"all stands alone: tables: {ALL}" if word.text == ALL else None


def check_reader_tables(reader: DraftReader, share: DraftShare, offer: Offer, findings: Findings) -> None:
    """Tell what *reader* names that is not in its share, and columns that are not in their table."""
    chosen = offer
    if reader.tables is not None:
        for word in reader.tables.words:
            problem = _outside(word, share, offer)
            if problem:
                findings.add(word.place, problem)
        chosen = _chosen(reader.tables, offer)
    for table, rule in reader.columns.items():
        known = _check_ruled_table(table, rule, chosen, share, findings)
        if share.is_connect and known in tables():
            _check_columns(known, rule, findings)


def _outside(word: Word, share: DraftShare, offer: Offer) -> str | None:
    """Return why an entry of a reader's selection is wrong, None if it may be right."""
    problem = None if share.is_connect else _catalog_problem(word)
    if problem or not offer.is_certain:
        return problem
    name = word.text.removeprefix(LIVE)
    if is_glob(name) or name.startswith(GROUP):
        return None if offer.patterns or match(name, offer.names, _group_of()) else _fits_none(word, share)
    if offer.has(name):
        return None
    if share.is_connect and name in tables():
        return f'"{word.shown}" is not among the tables of shares.{share.name}; add it to its from.connect.tables'
    way_out = f"it has {', '.join((*offer.names, *offer.patterns))}"
    return _no_table(word, f"shares.{share.name}", offer.names, way_out)


def _fits_none(word: Word, share: DraftShare) -> str:
    fits_nothing_at_all = _connect_problem(word) if share.is_connect else None
    return fits_nothing_at_all or f'"{word.shown}" fits none of the tables of shares.{share.name}'


def _chosen(selection: DraftSelection, offer: Offer) -> Offer:
    """Return the part of *offer* that a reader's selection takes."""
    names: set[str] = set()
    patterns = []
    for word in selection.words:
        name = word.text.removeprefix(LIVE)
        if is_glob(name) and offer.patterns:
            patterns.append(name)
        guess = nearest(name, offer.names) or name
        names.update(match(name, offer.names, _group_of()) or (() if is_glob(name) else (guess,)))
    return Offer(tuple(sorted(names)), tuple(patterns), offer.is_certain and selection.is_whole)


def _check_ruled_table(table: str, rule: DraftColumns, chosen: Offer, share: DraftShare, findings: Findings) -> str:
    """Tell a table that the reader does not read; return the table that was probably meant."""
    if chosen.has(table):
        return table
    guess = nearest(table, chosen.names)
    hint = f'did you mean "{guess}"?' if guess else "expected one of its tables"
    if share.is_connect and table in tables():
        hint = "add it to the tables, or take the rule out"
    findings.add(rule.table_place, f'columns names "{brief(table)}", which this reader does not read; {hint}')
    return table if table in tables() else guess or table


def _check_columns(table: str, rule: DraftColumns, findings: Findings) -> None:
    _check_once(rule.words, findings)
    known = [column.name for column in tables()[table].columns]
    for word in rule.words:
        if word.text not in known:
            guess = nearest(word.text, known)
            hint = f'did you mean "{guess}"?' if guess else f"see `lakeshare tables --columns {table}`"
            findings.add(word.place, f'{table} has no column "{word.shown}"; {hint}')
    if rule.are_hidden and {word.text for word in rule.words} >= set(known):
        findings.add(rule.table_place, f"the rule hides every column of {table}; take the table out of the reader's")
