"""Where in its file a spec names its accounts, shares and readers: what a report points at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lakeshare.spec.tree import Fields, Findings, Items, Node, UnreadableYamlError, parse

FIRST = 1


@dataclass(frozen=True, slots=True)
class SpecLines:
    """Line numbers, from 1, by name; readers by their share and their number in it, from 0."""

    accounts: Mapping[str, int] = field(default_factory=dict)
    shares: Mapping[str, int] = field(default_factory=dict)
    readers: Mapping[tuple[str, int], int] = field(default_factory=dict)

    def of_reader(self, share: str, reader: int | None) -> int:
        """Return the line of a reader, of its share when there is no such reader, else the first."""
        share_line = self.shares.get(share, FIRST)
        return share_line if reader is None else self.readers.get((share, reader), share_line)

    def of_account(self, alias: str) -> int:
        """Return the line of an account, the first when there is none of that name."""
        return self.accounts.get(alias, FIRST)


def spec_lines(text: str) -> SpecLines:
    """Return where *text* names things; nothing at all for what is no YAML."""
    try:
        tree = parse(text, Findings())
    except UnreadableYamlError:
        return SpecLines()
    if not isinstance(tree, Fields):
        return SpecLines()
    shares = tree.get("shares")
    return SpecLines(
        _keys(tree.get("accounts")),
        _keys(shares),
        {
            (name, number): item.place.line
            for name in _keys(shares)
            for number, item in enumerate(_items(tree.get("shares", name, "readers")))
        },
    )


def _keys(node: Node | None) -> dict[str, int]:
    if not isinstance(node, Fields):
        return {}
    return {name: entry.key_place.line for name, entry in node.entries.items()}


def _items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, Items) else []
