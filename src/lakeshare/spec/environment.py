"""``${NAME}`` in the values of a spec: filled in from a mapping that the caller hands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lakeshare.catalogue import nearest
from lakeshare.spec.tree import REFERENCE, Findings, Items, Node, Scalar, brief

_BROKEN: Final = re.compile(r"\$\{[^}]*\}?")


def fill_in(tree: Node, environ: Mapping[str, str], findings: Findings) -> None:
    """
    Replace the references in the values of *tree* by what *environ* has for them.

    The values stay out of every message: a scalar's ``source`` keeps the reference.
    """
    for scalar in _scalars(tree):
        if isinstance(scalar.value, str) and "${" in scalar.source:
            _fill(scalar, scalar.value, environ, findings)


def _fill(scalar: Scalar, text: str, environ: Mapping[str, str], findings: Findings) -> None:
    broken = _BROKEN.search(REFERENCE.sub("", text))
    if broken:
        # What stands around it may be half of a secret.
        found = brief(broken[0])
        findings.spoil(
            scalar, f'"{found}" is no reference to the environment; expected ${{NAME}} of A-Z, a-z, 0-9 and _'
        )
        return
    unset = [name for name in REFERENCE.findall(text) if name not in environ]
    if unset:
        guess = nearest(unset[0], environ)
        hint = f"; did you mean ${{{guess}}}?" if guess else ""
        findings.spoil(scalar, f"{unset[0]} is not set in the environment{hint}")
        return
    scalar.value = REFERENCE.sub(lambda match: environ[match[1]], text)


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Items):
        for item in node.items:
            yield from _scalars(item)
    else:
        for entry in node.entries.values():
            yield from _scalars(entry.node)
