"""The resources that a spec asks for, by address, and what was worth saying while working them out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lakeshare.resources.tags import as_tags
from lakeshare.resources.values import Blocker, KnownAfter, Resource, resolve, unknowns


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One reader's access to one table, as the spec wants it: what `verify` proves.

    ``reader`` is what reports call it, ``principal`` how grants name it (an ARN, or an account's id), and ``sort`` what
    it is: a role, or one of the other sorts of the spec's readers.
    ``columns`` are those the reader may see, None for all; ``hidden_columns`` those it must not. ``is_allowed`` is
    False where the reader must be refused. ``external_id_digest`` is set when the operator may act as the reader.
    """

    share: str
    account: str
    region: str
    reader: str
    principal: str
    database: str
    link: str
    table: str
    workgroup: str
    instance: str | None
    time_column: str | None
    is_allowed: bool
    columns: tuple[str, ...] | None = None
    hidden_columns: tuple[str, ...] = ()
    external_id_digest: str | None = None
    lacking: tuple[str, ...] = ()
    """Actions that an existing role's own policies do not seem to allow, although reading takes them."""
    addresses: tuple[str, ...] = ()
    """The grants that make it so; `verify` evaluates these where it may not act as the reader."""
    sort: str = "role"


@dataclass(frozen=True, slots=True)
class Asker:
    """Which part of the spec asks for something: a share, or one of its readers by number, from 0."""

    share: str
    reader: int | None = None


@dataclass(frozen=True, slots=True)
class ResourceGraph:
    """
    What should be. ``notes`` are for people; ``blockers`` are what the spec asks for and cannot have.

    ``wanted_by`` are the names of the shares that ask for each address.

    ``is_complete`` is False when a part could not be worked out yet, because the operator must become an administrator
    before it can see the tables in question: apply, and plan again.

    ``askers`` tells who asked first for what: each stands with the number of resources that there were before its turn.
    """

    resources: Mapping[str, Resource] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    notes: tuple[str, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    is_complete: bool = True
    wanted_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    askers: tuple[tuple[int, Asker], ...] = ()
    asked_in_vain: Mapping[str, Asker] = field(default_factory=dict)
    """Who asks for what stands at the addresses of ``blockers``."""

    def asked_by(self, addresses: Collection[str]) -> dict[str, Asker]:
        """Return which part of the spec asks for each of *addresses* that is in the graph, or in its way."""
        begins = [begin for begin, _asker in self.askers]
        found = {address: asker for address, asker in self.asked_in_vain.items() if address in addresses}
        for number, address in enumerate(self.resources):
            if address in addresses and begins:
                found[address] = self.askers[bisect_right(begins, number) - 1][1]
        return found


class GraphUnderWork:
    """Collects resources; the same thing wanted by two shares is one resource that depends on what both need."""

    def __init__(self) -> None:
        self.resources: dict[str, Any] = {}
        self.readings: list[Reading] = []
        self.notes: dict[str, None] = {}
        self.blockers: dict[str, Blocker] = {}
        self.is_complete = True
        self._shares: tuple[str, ...] = ()
        self.wanted_by: dict[str, tuple[str, ...]] = {}
        self.askers: list[tuple[int, Asker]] = []
        self.asked_in_vain: dict[str, Asker] = {}

    @property
    def asker(self) -> Asker:
        """Who asks at the moment."""
        return self.askers[-1][1]

    def ask(self, *askers: Asker) -> None:
        """Put down what is added from here on to *askers*: it is wanted by all their shares, and the first's lines."""
        self.askers.append((len(self.resources), askers[0]))
        shares = tuple(dict.fromkeys(asker.share for asker in askers))
        if shares != self._shares:
            self._shares = shares

    def add(self, resource: Any) -> str:
        """Add *resource* and return its address."""
        address: str = resource.address
        known = self.wanted_by.setdefault(address, self._shares)
        if known is not self._shares:  # most things are of one share, and then its one tuple serves them all
            self.wanted_by[address] = tuple(dict.fromkeys((*known, *self._shares)))
        needed = dict.fromkeys((*resource.depends_on, *(unknown.address for unknown in unknowns(resource))))
        there = self.resources.get(address)
        if there is None:
            depends_on = tuple(needed)
            is_all_said = depends_on == resource.depends_on
            self.resources[address] = resource if is_all_said else replace(resource, depends_on=depends_on)
            return address
        self._clash(there, resource)
        together = {"depends_on": tuple(dict.fromkeys((*there.depends_on, *needed)))}
        if tags := getattr(there, "tags", ()):
            together["tags"] = as_tags({**dict(resource.tags), **dict(tags)})
        self.resources[address] = replace(there, **together)
        return address

    def _clash(self, there: Any, resource: Any) -> None:
        tags, others = dict(getattr(there, "tags", ())), dict(getattr(resource, "tags", ()))
        disagree = any(others.get(key, value) != value for key, value in tags.items())
        if disagree or _settled(there) != _settled(resource):
            self.block(
                Blocker(
                    resource.address,
                    resource.kind,
                    "two parts of the spec want it differently",
                    "make them agree, or name the things differently",
                )
            )

    def note(self, text: str) -> None:
        """Say something to whoever reads the plan; saying it twice says it once."""
        self.notes[text] = None

    def block(self, blocker: Blocker) -> None:
        """Record something that keeps the spec from being carried out."""
        self.blockers[f"{blocker.address} {blocker.reason}"] = blocker
        if self.askers:
            self.asked_in_vain.setdefault(blocker.address, self.asker)

    def finished(self) -> ResourceGraph:
        """Return the graph as a value."""
        return ResourceGraph(
            self.resources,
            tuple(self.readings),
            tuple(self.notes),
            tuple(self.blockers.values()),
            is_complete=self.is_complete,
            wanted_by=self.wanted_by,
            askers=tuple(self.askers),
            asked_in_vain=self.asked_in_vain,
        )


def _settled(resource: Any) -> Any:
    """Return *resource* with all unknowns made alike: two producers of one lake tell the same account later."""
    return resolve(resource, lambda unknown: KnownAfter("", unknown.attribute, unknown.event))
