"""
The values that all kinds of resource share.

What is desired and what is observed are the same type, so equality is the diff. Three things that other tools fold into
``None`` are kept apart: ``Absent`` (we looked, it is not there), ``Unreadable`` (we could not look) and ``KnownAfter``
(nobody can know yet: AWS tells it when another step is done).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from typing import (
    Any,
    ClassVar,
    Literal,
    Protocol,
    TypeAlias,
    TypeVar,
    get_args,
    get_type_hints,
    runtime_checkable,
)

Action: TypeAlias = Literal["create", "update", "replace", "delete"]
SYMBOLS: dict[Action, str] = {"create": "+", "update": "~", "replace": "±", "delete": "-"}


@dataclass(frozen=True, slots=True)
class Place:
    """An account and a Region as one thing. *alias* is the account's name in the spec; addresses use it."""

    alias: str
    account_id: str
    region: str
    partition: str = "aws"

    def __str__(self) -> str:
        return f"{self.alias}/{self.region}"

    def arn(self, service: str, path: str, *, account_id: str | None = None) -> str:
        """Return the ARN of *path* of a regional *service* here, or in another account of the same Region."""
        return f"arn:{self.partition}:{service}:{self.region}:{account_id or self.account_id}:{path}"

    def iam_arn(self, path: str) -> str:
        """Return the ARN of an IAM object of this account."""
        return f"arn:{self.partition}:iam::{self.account_id}:{path}"


@dataclass(frozen=True, slots=True)
class KnownAfter:
    """
    The *attribute* of whatever stands at *address* once it is there.

    The account that owns Connect's lake, for one, shows only in the ARN of the share that an association makes.
    """

    address: str
    attribute: str
    event: str

    def __str__(self) -> str:
        return f"(known after {self.event})"


@runtime_checkable
class Resource(Protocol):
    """One thing in AWS, desired or observed. Implementations are frozen, slotted dataclasses."""

    kind: ClassVar[str]

    @property
    def place(self) -> Place:
        """Where it is."""

    @property
    def address(self) -> str:
        """Its name in plans, in the ledger and on the command line."""

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Addresses that must be there before it, and must go after it."""


@runtime_checkable
class HeldInPart(Protocol):
    """A thing of which somebody may hold more or less, such as some columns of a table."""

    def takes_from(self, held: Any) -> bool:
        """Tell whether something goes when *held*, of the same kind, becomes this."""


R = TypeVar("R", bound=Resource)


class Addressed:
    """
    A resource that works its address out once, when it is first asked.

    Planning asks again and again, of what may be a million grants; and asked once, all who hold the address hold the
    same text and no copies of it.
    """

    __slots__ = ("_address",)
    _address: str

    @property
    def address(self) -> str:
        """Its name in plans, in the ledger and on the command line."""
        try:
            return self._address
        except AttributeError:
            object.__setattr__(self, "_address", self._spelt_out())
            return self._address

    def _spelt_out(self) -> str:
        """Work the address out."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Absent:
    """We looked, and it is not there."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """We could not look, or what we saw proves nothing. The step that needs to know looks again before it acts."""

    reason: str


Observed: TypeAlias = R | Absent | Unreadable


@dataclass(frozen=True, slots=True)
class Step:
    """
    One change: what, why, and from what to what.

    ``desired`` is None when the thing is no longer wanted, which mostly is a delete. ``observed`` is what the decision
    rests on; when it is Unreadable, or ``desired`` still holds a KnownAfter, the step is provisional: it is decided
    again, on a fresh look, right before it is done.
    """

    address: str
    kind: str
    action: Action
    reason: str
    desired: Any
    observed: Any
    depends_on: tuple[str, ...] = ()

    @property
    def resource(self) -> Any:
        """What the step is about: the desired resource, or for a delete the one that goes."""
        return self.desired if self.desired is not None else self.observed

    @property
    def takes_away(self) -> bool:
        """Whether something that is there now will not be there, at least for a while."""
        if (
            self.action == "update"
            and isinstance(self.desired, HeldInPart)
            and not isinstance(self.observed, Unreadable)
        ):
            return self.desired.takes_from(self.observed)
        return self.action in ("delete", "replace")

    @property
    def surely_takes_away(self) -> bool:
        """Whether it is sure that the step takes something away; a provisional one tells when it is decided again."""
        return self.takes_away and (self.desired is None or not self.is_provisional)

    @property
    def is_provisional(self) -> bool:
        """Whether the step is decided again before it is done."""
        return isinstance(self.observed, Unreadable) or (self.desired is not None and has_unknowns(self.desired))


@dataclass(frozen=True, slots=True)
class NoOp:
    """Nothing to do, and why. ``is_ours`` tells whether the ledger says that we made it."""

    address: str
    kind: str
    reason: str
    is_ours: bool
    desired: Any = None
    observed: Any = None
    forget: bool = False
    """The ledger still lists it, but it is gone: the entry goes too."""
    is_kept: bool = False
    """Nobody wants it any more, but others have come to use it: it stays, and so does what it rests on."""
    learned: Any = None
    """What the ledger's copy becomes, where looking has told more than the ledger knows."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """
    Something in the way that a person must decide about. Nothing is written while there is one.

    ``told_by`` is the check of doctor that says the same of what is there already, where one does.
    """

    address: str
    kind: str
    reason: str
    way_out: str
    told_by: str | None = None


Verdict: TypeAlias = Step | NoOp | Blocker


@dataclass(frozen=True, slots=True)
class Kept:
    """A delete that deliberately left the thing in place, and why; *resource* is what the ledger keeps of it."""

    resource: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Theirs:
    """A create that found *resource* standing although it was seen to be absent: somebody else was quicker."""

    resource: Any
    reason: str


@cache
def spots_for_unknowns(model: Any) -> tuple[str, ...]:
    """
    Return the fields of a dataclass whose type leaves room for a KnownAfter; none for any other type.

    A grant has one of eleven. Looking at the types once, and not at every field of a million grants, is what keeps
    planning fast; that a field holds nothing which its type leaves no room for is the type checker's word.
    """
    if not is_dataclass(model):
        return ()
    hints = get_type_hints(model)
    return tuple(spot.name for spot in fields(model) if _leaves_room(hints[spot.name]))


def _leaves_room(hint: Any) -> bool:
    if hint is KnownAfter or hint is Any:
        return True
    if isinstance(hint, type) and is_dataclass(hint):
        return bool(spots_for_unknowns(hint))
    return any(_leaves_room(part) for part in get_args(hint))


def resolve(value: Any, lookup: Callable[[KnownAfter], Any]) -> Any:
    """
    Return *value* with every KnownAfter inside it replaced by what *lookup* answers.

    *lookup* answers the KnownAfter itself when it is still unknown. Walks frozen dataclasses, tuples and frozensets.
    """
    if isinstance(value, KnownAfter):
        return lookup(value)
    if isinstance(value, tuple):
        return _resolved_items(value, lookup)
    if isinstance(value, frozenset):
        return frozenset(resolve(item, lookup) for item in value)
    changed = {}
    for name in spots_for_unknowns(value.__class__):
        before = getattr(value, name)
        after = resolve(before, lookup)
        if after is not before and after != before:
            changed[name] = after
    return replace(value, **changed) if changed else value


def _resolved_items(items: tuple[Any, ...], lookup: Callable[[KnownAfter], Any]) -> tuple[Any, ...]:
    """Resolve each item; an unknown that stands for several values (share ARNs) is spliced in, each value once."""
    resolved: list[Any] = []
    for item in items:
        value = resolve(item, lookup)
        if isinstance(item, KnownAfter) and isinstance(value, tuple):
            resolved.extend(one for one in value if one not in resolved)
        else:
            resolved.append(value)
    return tuple(resolved)


def unknowns(value: Any) -> Iterator[KnownAfter]:
    """Yield every KnownAfter inside *value*."""
    if isinstance(value, KnownAfter):
        yield value
    elif isinstance(value, (tuple, frozenset)):
        for item in value:
            yield from unknowns(item)
    else:
        for name in spots_for_unknowns(value.__class__):
            if not isinstance(inside := getattr(value, name), str):
                yield from unknowns(inside)


def has_unknowns(value: Any) -> bool:
    """Tell whether a KnownAfter is left anywhere inside *value*."""
    return any(True for _ in unknowns(value))


def not_compared(default: Any) -> Any:
    """Declare a field that equality leaves out: it tells more about a thing without being part of what is wanted."""
    return field(default=default, compare=False)
