"""
From a file to a Spec, or to everything that is wrong with it.

::

    bytes -> text -> tree -> references filled in -> shape (structure) -> what fits together (checks) -> Spec

Each stage adds to one list of findings and passes on what is sound, so that all mistakes are told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lakeshare.errors import Mistake, SpecError
from lakeshare.spec.checks import run_checks
from lakeshare.spec.draft import draft_of
from lakeshare.spec.environment import fill_in
from lakeshare.spec.model import Spec
from lakeshare.spec.structure import read_structure
from lakeshare.spec.tree import Fields, Findings, Place, UnreadableYamlError, parse, place_of_index

# Top-level fields that begin so are the user's own: a place for anchors.
FREE_PREFIX = "x-"


def load_spec(path: Path, environ: Mapping[str, str], *, shown_as: str | None = None) -> Spec:
    """
    Return the spec in the file at *path*, its ``${NAME}`` filled in from *environ*.

    Raises SpecError with every mistake, in the order of the file; *shown_as* is the name of the file in them, by
    default *path* as given.
    """
    shown = shown_as or str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _spec_error(shown, [(Place(), f"the file cannot be read: {reason}")]) from None
    return parse_spec(content, environ, shown_as=shown)


def parse_spec(content: bytes | str, environ: Mapping[str, str], *, shown_as: str = "lakeshare.yaml") -> Spec:
    """Return the spec that *content* is the YAML of; raises SpecError like ``load_spec``."""
    findings = Findings()
    spec = None
    try:
        spec = _read(content if isinstance(content, str) else _decoded(content), environ, findings)
    except UnreadableYamlError as error:
        findings.add(error.place, error.message)
    if spec is None or findings.messages:
        raise _spec_error(shown_as, findings.messages)
    return spec


def _read(text: str, environ: Mapping[str, str], findings: Findings) -> Spec | None:
    tree = parse(text, findings)
    if tree is None:
        raise UnreadableYamlError(Place(), "the file is empty; `lakeshare init` writes one to begin with")
    if not isinstance(tree, Fields):
        raise UnreadableYamlError(tree.place, "the file is no mapping; expected version:, name:, accounts: and shares:")
    for key in [key for key in tree.entries if key.startswith(FREE_PREFIX)]:
        del tree.entries[key]
    fill_in(tree, environ, findings)
    spec = read_structure(tree, findings)
    run_checks(draft_of(tree, findings), findings)
    return spec


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        raise UnreadableYamlError(place_of_index(before, len(before)), "the file is not UTF-8") from None


def _spec_error(shown: str, messages: list[tuple[Place, str]]) -> SpecError:
    ordered = sorted(messages, key=lambda found: found[0])
    mistakes = tuple(Mistake(shown, place.line, place.column, message) for place, message in ordered)
    count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    error = SpecError(f"{count} in {shown}", mistakes=mistakes)
    for mistake in mistakes:
        error.add_note(str(mistake))
    return error
