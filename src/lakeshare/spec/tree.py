"""
A YAML file as a tree in which everything knows where it was written.

PyYAML reads the file as far as its node graph; this module turns that graph into a tree of its own with aliases
written out, merge keys merged and scalars as the values they stand for. Whatever is wrong is told and the rest goes
on, so that one slip hides no other. Only a file that is no YAML at all ends the reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

# A spec nests eight deep; files that nest deeper than this are slips or mischief.
DEEPEST: Final = 40
# Aliases may repeat a part, but not so often that a short file grows into a huge one.
MOST_NODES: Final = 100_000

# ${NAME} in a flow mapping would end the scalar at its brace, so references are written over with characters of the
# private-use area while YAML is read: as many, so that every column stays true.
REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_OPEN, _CLOSE = "\ue000", "\ue001"
_MASKED = re.compile(f"{_OPEN}([A-Za-z0-9_]+){_CLOSE}{_CLOSE}")

_YAML = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}\Z")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something is written; both count from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Unquoted:
    """A scalar that YAML reads as something no field takes: ``kind`` is an odd number, a date or nothing at all."""

    kind: str


@dataclass(slots=True, eq=False)
class Scalar:
    """A single value. ``source`` is the text as written: references in it are not filled in."""

    place: Place
    value: str | bool | int | float | Unquoted
    source: str

    @property
    def shown(self) -> str:
        """What messages may say of the value."""
        return brief(self.source)


@dataclass(slots=True, eq=False)
class Items:
    """A list."""

    place: Place
    items: list[Node]


@dataclass(slots=True, eq=False)
class Entry:
    """A value of a mapping together with the place of its key."""

    key_place: Place
    node: Node


@dataclass(slots=True, eq=False)
class Fields:
    """A mapping with text for keys, in the order of the file."""

    place: Place
    entries: dict[str, Entry]

    def get(self, *path: str) -> Node | None:
        """Return the node below this one at *path*, None where the path breaks off."""
        node: Node = self
        for key in path:
            if not isinstance(node, Fields) or key not in node.entries:
                return None
            node = node.entries[key].node
        return node


Node = Scalar | Items | Fields


@dataclass(slots=True)
class Findings:
    """What is wrong so far. The first thing wrong with a place is told; its echoes are not."""

    messages: list[tuple[Place, str]] = field(default_factory=list)
    _told: set[tuple[Place, str]] = field(default_factory=set)
    # By identity; the node is kept, or another could be born with its id.
    _spoilt: dict[int, Node] = field(default_factory=dict)

    def add(self, place: Place, message: str, *, kind: str = "") -> None:
        """Tell *message* unless something of the same *kind* (by default: anything) is told of *place* already."""
        if (place, kind) not in self._told:
            self._told.add((place, kind))
            self.messages.append((place, message))

    def spoil(self, node: Node, message: str, place: Place | None = None) -> None:
        """Tell *message* of *node*, at its own place or at *place*, and let nobody draw conclusions from it."""
        self._spoilt[id(node)] = node
        self.add(place or node.place, message)

    def is_spoilt(self, node: Node) -> bool:
        """Return whether something is wrong with *node* itself."""
        return id(node) in self._spoilt


def brief(text: str) -> str:
    """Return *text* on one line, and cut to what a message has room for."""
    line = " ".join(text.split())
    return line if len(line) <= _ROOM else f"{line[: _ROOM - 3]}..."


_ROOM: Final = 80


class UnreadableYamlError(Exception):
    """The text is no YAML; nothing in it can be looked at."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which stops at a depth instead of at the end of Python's stack."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > DEEPEST:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise UnreadableYamlError(_place(mark), f"nested more than {DEEPEST} levels deep")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def parse(text: str, findings: Findings) -> Node | None:
    """
    Return the tree of *text*, None for a file without content.

    Raises UnreadableYamlError; everything less is added to *findings*.
    """
    if (found := re.search(f"[{_OPEN}{_CLOSE}]", text)) is not None:
        raise UnreadableYamlError(
            place_of_index(text, found.start()), f"the character U+{ord(found[0]):04X} has no place in a spec"
        )
    masked = REFERENCE.sub(rf"{_OPEN}\1{_CLOSE}{_CLOSE}", text)
    try:
        root = yaml.compose(masked, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        place = place_of_index(text, error.position)
        raise UnreadableYamlError(place, f"not valid YAML: the character U+{error.character:04X}") from None
    except yaml.MarkedYAMLError as error:
        raise UnreadableYamlError(_place(error.problem_mark or error.context_mark), _in_words(error)) from None
    return None if root is None else _Growth(findings).node(root, ())


def unmasked(text: str) -> str:
    """Return *text* with its references as the user wrote them."""
    return _MASKED.sub(r"${\1}", text)


class _Growth:
    """Turns PyYAML's graph into a tree, counting as it goes."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._count = 0

    def node(self, node: yaml.Node, above: tuple[yaml.Node, ...]) -> Node:
        """Return the tree of *node*; *above* are the nodes that it stands in."""
        self._count += 1
        place = _place(node.start_mark)
        if self._count > MOST_NODES:
            raise UnreadableYamlError(place, f"aliases make more than {MOST_NODES} values of this file")
        if any(node is other for other in above):
            raise UnreadableYamlError(place, "an alias stands inside what it stands for")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, place)
        if isinstance(node, yaml.SequenceNode):
            return Items(place, [self.node(item, (*above, node)) for item in node.value])
        assert isinstance(node, yaml.MappingNode), "PyYAML composes three kinds of node"
        return Fields(place, self._entries(node, (*above, node)))

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> Scalar:
        text = unmasked(node.value)
        kind = node.tag.removeprefix(_YAML)
        scalar = Scalar(place, _value(kind, text), text)
        if kind not in _KINDS:
            self._findings.spoil(scalar, f'the YAML tag "{node.tag}" means nothing here; expected plain text')
        return scalar

    def _entries(self, node: yaml.MappingNode, above: tuple[yaml.Node, ...]) -> dict[str, Entry]:
        written: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        for key, value in node.value:
            if key.tag == f"{_YAML}merge":
                for inherited, entry in self._merged(value, above):
                    merged.setdefault(inherited, entry)
                continue
            place = _place(key.start_mark)
            name = self._key(key, place)
            if name is None:
                continue
            if name in written:
                first = written[name].key_place.line
                self._findings.add(place, f'"{brief(name)}" is given twice; it is first given in line {first}')
            else:
                written[name] = Entry(place, self.node(value, above))
        # What is written beside a merge wins over what is merged, whichever comes first.
        return written | {name: entry for name, entry in merged.items() if name not in written}

    def _merged(self, value: yaml.Node, above: tuple[yaml.Node, ...]) -> Iterator[tuple[str, Entry]]:
        parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
        for part in parts:
            if isinstance(part, yaml.MappingNode):
                node = self.node(part, above)
                assert isinstance(node, Fields)
                yield from node.entries.items()
            else:
                self._findings.add(_place(part.start_mark), "<<: takes an alias of a mapping, or a list of them")

    def _key(self, key: yaml.Node, place: Place) -> str | None:
        if not isinstance(key, yaml.ScalarNode):
            self._findings.add(place, "a key must be plain text")
            return None
        text = unmasked(key.value)
        if text != key.value:
            self._findings.add(place, f"{brief(text)} stands in a key; only values come from the environment")
            return None
        if key.tag != f"{_YAML}str":
            self._findings.add(place, f'YAML does not read the key {brief(text)} as text; quote it: "{brief(text)}"')
        return text


_KINDS: Final = {"str", "bool", "int", "float", "null", "timestamp", "value"}


def _value(kind: str, text: str) -> str | bool | int | float | Unquoted:
    if kind == "bool":
        return text.lower() in {"yes", "true", "on"}
    if kind == "int" and _INTEGER.match(text):
        return int(text)
    if kind == "float" and _DECIMAL.match(text):
        return float(text)
    if kind in {"int", "float"}:
        return Unquoted("a number")
    if kind == "timestamp":
        return Unquoted("a date")
    return Unquoted("nothing") if kind == "null" else text


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark is not None else Place()


def place_of_index(text: str, index: int) -> Place:
    """Return where the character *index* of *text* stands, with lines as YAML counts them."""
    ends = [match.end() for match in _LINE_END.finditer(text, 0, index)]
    return Place(len(ends) + 1, index - (ends[-1] if ends else 0) + 1)


_LINE_END: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def _in_words(error: yaml.MarkedYAMLError) -> str:
    problem = unmasked(error.problem or "it cannot be read")
    if "'\\t'" in problem:
        return "not valid YAML: a tab where only spaces may stand"
    context = f"{error.context} in line {error.context_mark.line + 1}, " if error.context_mark else ""
    return f"not valid YAML: {context}{problem}"
