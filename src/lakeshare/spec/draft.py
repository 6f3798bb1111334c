"""
A spec as far as it can be read: what the checks look at.

A file with one slip is no ``Spec``, and still has much in it that can be checked. Here every part is there or None:
None when it is missing, of the wrong type, or told to be wrong already. So a check asks for what it needs and goes
without what it does not get, and no mistake has echoes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lakeshare.spec.choice import EVERY_NAME
from lakeshare.spec.model import DEFAULT_LINKS
from lakeshare.spec.readers import SORTS
from lakeshare.spec.tree import Entry, Fields, Findings, Items, Node, Place, Scalar, brief


@dataclass(frozen=True, slots=True)
class Word:
    """Text that stands somewhere in the file. ``shown`` is what messages may say: references are not filled in."""

    text: str
    shown: str
    place: Place
    node: Node


@dataclass(frozen=True, slots=True)
class DraftSelection:
    """The entries of a selection that can be read, and whether these are all of them."""

    words: tuple[Word, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class DraftColumns:
    """The rule for the columns of one table; ``are_hidden`` when it lists what the reader does not see."""

    table_place: Place
    words: tuple[Word, ...]
    are_hidden: bool


@dataclass(frozen=True, slots=True)
class DraftAccount:
    """
    An account as far as it can be read. ``before`` is the name that it says it had, ``via`` whence it is entered,
    ``location_role`` the name that it gives that role.
    """

    name: str
    id: Word | None
    region: Word | None
    role: Word | None
    via: Word | None
    admin: Word | None
    before: Word | None
    location_role: Word | None
    keys: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class DraftReader:
    """A reader as far as it can be read: what it is, who it is, and in ``columns`` its rules by table."""

    place: Place
    sort: str | None
    who: Word | None
    tables: DraftSelection | None
    columns: Mapping[str, DraftColumns]
    create: Fields | None
    complete: Node | None
    prove_by: Word | None

    @property
    def role(self) -> Word | None:
        """The reader, if it is a role."""
        return self.who if self.sort == "role" else None


@dataclass(frozen=True, slots=True)
class DraftShare:
    """
    A share as far as it can be read.

    ``template`` names its links; None when what is written there is wrong. ``keys`` are the KMS keys that it
    names. ``before`` is the name that it says it had.
    """

    name: str
    key_place: Place
    producer: Word | None
    consumer: Word | None
    is_connect: bool
    tables: DraftSelection | None
    database: Word | None
    links: Word | None
    keys: tuple[Word, ...]
    template: str | None
    readers: tuple[DraftReader, ...]
    before: Word | None


@dataclass(frozen=True, slots=True)
class Draft:
    """The whole file as far as it can be read. ``account_names`` has the broken ones too; None: there is no telling."""

    accounts: Mapping[str, DraftAccount]
    account_names: tuple[str, ...] | None
    shares: tuple[DraftShare, ...]
    limited_accounts: Mapping[str, Place]
    """The names under limits.accounts, and where they stand."""

    def account(self, word: Word | None) -> DraftAccount | None:
        """Return the account that *word* names, if it can be read."""
        return self.accounts.get(word.text) if word else None


def draft_of(tree: Fields, findings: Findings) -> Draft:
    """Return what of *tree* is sound, given what *findings* say is not."""
    reading = _Reading(findings)
    accounts, shares, limited = tree.get("accounts"), tree.get("shares"), tree.get("limits", "accounts")
    accounts = accounts if isinstance(accounts, Fields) else None
    return Draft(
        accounts={} if accounts is None else reading.accounts(accounts),
        account_names=None if accounts is None else tuple(accounts.entries),
        shares=reading.shares(shares) if isinstance(shares, Fields) else (),
        limited_accounts={name: entry.key_place for name, entry in limited.entries.items()}
        if isinstance(limited, Fields)
        else {},
    )


class _Reading:
    """Reads the parts that the findings do not condemn."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def accounts(self, accounts: Fields) -> dict[str, DraftAccount]:
        return {
            name: DraftAccount(
                brief(name),
                id=self._word(entry.node.get("id")),
                region=self._word(entry.node.get("region")),
                role=self._word(entry.node.get("role")),
                via=self._word(entry.node.get("via")),
                admin=self._word(entry.node.get("admin")),
                before=self._word(entry.node.get("moved", "from")),
                location_role=self._word(entry.node.get("location_role", "name")),
                keys=entry.node.entries,
            )
            for name, entry in accounts.entries.items()
            if isinstance(entry.node, Fields)
        }

    def shares(self, shares: Fields) -> tuple[DraftShare, ...]:
        return tuple(
            self._share(name, entry.key_place, entry.node)
            for name, entry in shares.entries.items()
            if isinstance(entry.node, Fields)
        )

    def _share(self, name: str, key_place: Place, share: Fields) -> DraftShare:
        kinds = [kind for kind in ("connect", "catalog") if share.get("from", kind)]
        links = self._word(share.get("to", "links"))
        readers = share.get("readers")
        return DraftShare(
            name=brief(name),
            key_place=key_place,
            producer=self._word(share.get("from", "account")),
            consumer=self._word(share.get("to", "account")),
            is_connect="connect" in kinds,
            tables=self._selection(share.get("from", kinds[0], "tables")) if len(kinds) == 1 else None,
            database=self._word(share.get("to", "database")),
            links=links,
            keys=self._words(share.get("to", "kms_keys"), share.get("to", "athena", "results_key")),
            template=links.text if links else None if share.get("to", "links") else DEFAULT_LINKS,
            readers=tuple(
                self._reader(item)
                for item in (readers.items if isinstance(readers, Items) else [])
                if isinstance(item, Fields)
            ),
            before=self._word(share.get("moved", "from")),
        )

    def _reader(self, reader: Fields) -> DraftReader:
        columns, create = reader.get("columns"), reader.get("create")
        sorts = [sort for sort in SORTS if reader.get(sort)]
        return DraftReader(
            place=reader.place,
            sort=sorts[0] if len(sorts) == 1 else None,
            who=self._word(reader.get(sorts[0])) if len(sorts) == 1 else None,
            tables=self._selection(reader.get("tables")),
            columns={name: self._columns(entry) for name, entry in columns.entries.items()}
            if isinstance(columns, Fields)
            else {},
            create=create if isinstance(create, Fields) else None,
            complete=reader.get("complete"),
            prove_by=self._word(reader.get("prove_by")),
        )

    def _word(self, node: Node | None) -> Word | None:
        if not isinstance(node, Scalar) or not isinstance(node.value, str) or self._findings.is_spoilt(node):
            return None
        return Word(node.value, node.shown, node.place, node)

    def _columns(self, entry: Entry) -> DraftColumns:
        hidden = entry.node.get("except") if isinstance(entry.node, Fields) else None
        shown = entry.node.get("only") if isinstance(entry.node, Fields) else entry.node
        return DraftColumns(entry.key_place, self._words(hidden or shown), hidden is not None)

    def _selection(self, node: Node | None) -> DraftSelection | None:
        """Return the entries that can be read; one `*` for `all`."""
        if isinstance(node, Items):
            words = self._words(node)
            return DraftSelection(words, is_whole=len(words) == len(node.items))
        word = self._word(node)
        return None if word is None else DraftSelection((replace(word, text=EVERY_NAME),), is_whole=True)

    def _words(self, *nodes: Node | None) -> tuple[Word, ...]:
        """Return the text in *nodes*: lists of it, or one."""
        items = [item for node in nodes for item in (node.items if isinstance(node, Items) else [node])]
        return tuple(word for item in items if (word := self._word(item)))
