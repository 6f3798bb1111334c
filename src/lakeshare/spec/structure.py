"""
Whether a tree has the shape of the models: every field known, present and of its type.

``keys`` finds what is unknown; the rest is pydantic's judgement, put into words and given the place in the file that it
speaks of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lakeshare.catalogue import nearest
from lakeshare.spec.fields import MALFORMED, NOT_BUILT
from lakeshare.spec.keys import below, mend_keys
from lakeshare.spec.model import Spec
from lakeshare.spec.tree import Fields, Findings, Items, Node, Place, Scalar, Unquoted, brief

# Values of these fields are never shown, not even when they are wrong.
SECRETS: Final = frozenset({"external_id"})


def read_structure(tree: Fields, findings: Findings) -> Spec | None:
    """
    Return *tree* as a Spec, or None with what is wrong added to *findings*.

    The tree is changed: slips in the names of fields are mended, fields that nothing is known of are taken out.
    """
    mend_keys(tree, Spec, "", findings)
    try:
        return Spec.model_validate(_plain(tree))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    for detail in details:
        _tell(detail, _locate(tree, detail["loc"]), findings)
    return None


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return tuple(_plain(item) for item in node.items)
    return {key: _plain(entry.node) for key, entry in node.entries.items()}


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where in the tree an error is: the node, the place to point at for its whole, and its path in words."""

    node: Node
    key_place: Place
    path: str
    field: str

    @property
    def place(self) -> Place:
        """A value's own place; that of the key for what is empty or spreads over lines."""
        is_value = isinstance(self.node, Scalar) and self.node.value != Unquoted("nothing")
        return self.node.place if is_value else self.key_place


def _locate(tree: Fields, location: tuple[int | str, ...]) -> _Spot:
    """Follow pydantic's location; steps that name nothing in the file (an alias for a list, say) are its own affair."""
    spot = _Spot(tree, Place(), "", "")
    for step in location:
        node = spot.node
        if isinstance(node, Fields) and step in node.entries:
            entry = node.entries[str(step)]
            spot = _Spot(entry.node, entry.key_place, below(spot.path, str(step)), str(step))
        elif isinstance(node, Items) and isinstance(step, int):
            item = node.items[step]
            spot = _Spot(item, item.place, f"{spot.path}[{step}]", spot.field)
    return spot


def _tell(detail: ErrorDetails, spot: _Spot, findings: Findings) -> None:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        where = f" in {spot.path}" if spot.path else ""
        findings.add(spot.key_place, f'missing field "{detail["loc"][-1]}"{where}', kind=str(detail["loc"][-1]))
    elif findings.is_spoilt(spot.node):
        return
    elif kind == "too_short" and isinstance(spot.node, Items) and spot.node.items:
        return  # its entries are wrong, and told
    elif kind == NOT_BUILT:
        findings.add(spot.key_place, context["message"])
    elif detail["loc"][-1] == "[key]":
        message = f'"{brief(spot.field)}" cannot be a key here; expected {context["expected"]}'
        findings.add(spot.key_place, message + _suggestion(spot.field, context.get("known", ())))
    elif kind == MALFORMED and isinstance(spot.node, Fields):
        place = spot.node.entries[context["at"]].key_place if "at" in context else spot.key_place
        findings.add(place, f"{spot.path}: expected {context['expected']}")
    else:
        _tell_value(_wanted(kind, context), context.get("known", ()), spot, findings)


def _tell_value(wanted: str, known: Sequence[str], spot: _Spot, findings: Findings) -> None:
    message = f"{spot.path} {_looks(spot, wanted)}"
    if isinstance(spot.node, Scalar) and isinstance(spot.node.value, str) and "${" not in spot.node.source:
        message += _suggestion(spot.node.value, known)
    findings.spoil(spot.node, message, spot.place)


def _suggestion(value: str, known: Sequence[str]) -> str:
    guess = _completed(value, known) or nearest(value, known)
    return f'; did you mean "{guess}"?' if guess else ""


def _completed(value: str, known: Sequence[str]) -> str | None:
    """Return the name that *value* is the first part of: ``lambda`` is short for lambda.amazonaws.com."""
    return next((name for name in known if name.startswith(f"{value}.")), None)


def _looks(spot: _Spot, wanted: str) -> str:
    """Return what the value at *spot* is and what it should be, as the end of a sentence."""
    node = spot.node
    if isinstance(node, Items | Fields):
        shown = _container(node)
    elif node.value == Unquoted("nothing"):
        shown = "empty"
    elif spot.field in SECRETS:
        return f"does not fit; expected {wanted}" if isinstance(node.value, str) else "must be text; quote it"
    elif not isinstance(node.value, str) and wanted == _TEXT:
        kind = node.value.kind if isinstance(node.value, Unquoted) else _YAML_READS[type(node.value)]
        return f'is {kind} to YAML; quote it: "{node.shown}"'
    elif "${" in node.source:
        shown = f"{node.shown}, and what the environment has there does not fit"
    else:
        shown = f'"{node.shown}"' if isinstance(node.value, str) else node.shown
    return f"is {shown}; expected {wanted}"


def _container(node: Items | Fields) -> str:
    if isinstance(node, Items):
        return "a list" if node.items else "empty"
    return "a mapping" if node.entries else "empty"


_TEXT = "text"
_YAML_READS: Mapping[type, str] = {bool: "true or false", int: "a number", float: "a number"}
_WANTED = {
    "string_type": _TEXT,
    "tuple_type": "a list",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "too_short": "at least one entry",
}


def _wanted(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "greater_than":
        return f"more than {_figure(context['gt'])}"
    if kind == "greater_than_equal":
        return f"at least {_figure(context['ge'])}"
    if kind == "less_than_equal":
        return f"at most {_figure(context['le'])}"
    if kind == "literal_error":
        return str(context["expected"]).replace("'", '"')
    if kind == MALFORMED:
        return str(context["expected"])
    # What is left wants a mapping: a model, or names of the user's own.
    return _WANTED.get(kind, "a mapping")


def _figure(bound: float) -> str:
    return str(int(bound) if bound == int(bound) else bound)
