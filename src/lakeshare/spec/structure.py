"""
Whether a tree has the shape of the models: every field known, present and of its type.

Unknown fields are found by walking the tree beside the models, and a slip that can only mean one field is read as
that field from there on; so "tabels" is one mistake, not also a missing "tables". The rest is pydantic's judgement,
put into words and given the place in the file that it speaks of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails

from lakeshare.catalogue import nearest
from lakeshare.spec.fields import MALFORMED, NOT_BUILT, ToCome
from lakeshare.spec.model import Spec
from lakeshare.spec.tree import Entry, Fields, Findings, Items, Node, Place, Scalar, Unquoted, brief

# Values of these fields are never shown, not even when they are wrong.
SECRETS = frozenset({"external_id"})


def read_structure(tree: Fields, findings: Findings) -> Spec | None:
    """
    Return *tree* as a Spec, or None with what is wrong added to *findings*.

    The tree is changed: slips in the names of fields are mended, fields that nothing is known of are taken out.
    """
    _mend_keys(tree, Spec, "", findings)
    try:
        return Spec.model_validate(_plain(tree))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    unbuilt = {detail["loc"][:-1] for detail in details if detail["type"] == NOT_BUILT}
    for detail in details:
        # A reader by `account:` needs no `role:`, so one that is refused for the first is not told of the second.
        if detail["type"] != "missing" or detail["loc"][:-1] not in unbuilt:
            _tell(detail, _locate(tree, detail["loc"]), findings)
    return None


def _mend_keys(node: Node, annotation: Any, path: str, findings: Findings) -> None:
    """Tell the unknown fields of *node*, whose type is *annotation*, and of everything below it."""
    kind, arguments = _unwrapped(annotation)
    if isinstance(node, Items) and kind is tuple:
        for number, item in enumerate(node.items):
            _mend_keys(item, arguments[0], f"{path}[{number}]", findings)
    elif isinstance(node, Fields) and kind is not None and issubclass(kind, Mapping):
        for key, entry in node.entries.items():
            _mend_keys(entry.node, arguments[1], _below(path, key), findings)
    elif isinstance(node, Fields) and kind is not None and issubclass(kind, BaseModel):
        types = _field_types(kind)
        _mend_names(node, kind, path, findings)
        for key, entry in node.entries.items():
            _mend_keys(entry.node, types[key], _below(path, key), findings)


def _mend_names(node: Fields, model: type[BaseModel], path: str, findings: Findings) -> None:
    known = _field_types(model)
    built = {_written(name, model) for name, field in model.model_fields.items() if not _is_to_come(field.metadata)}
    mended: dict[str, Entry] = {}
    for key, entry in node.entries.items():
        if key in known:
            mended[key] = entry
            continue
        free = [name for name in known if name in built and name not in node.entries and name not in mended]
        guess = nearest(key, free)
        hint = f'did you mean "{guess}"?' if guess else f"expected one of {', '.join(sorted(built))}"
        where = f" in {path}" if path else ""
        findings.add(entry.key_place, f'unknown field "{brief(key)}"{where}; {hint}')
        if guess:
            mended[guess] = entry
    node.entries = mended


def _field_types(model: type[BaseModel]) -> dict[str, Any]:
    return {_written(name, model): field.annotation for name, field in model.model_fields.items()}


def _written(name: str, model: type[BaseModel]) -> str:
    return model.model_fields[name].alias or name


def _is_to_come(metadata: Sequence[Any]) -> bool:
    return any(isinstance(note, ToCome) for note in metadata)


def _unwrapped(annotation: Any) -> tuple[type | None, tuple[Any, ...]]:
    """Return the class behind notes and ``| None``, with its type arguments; no class for anything else."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _unwrapped(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return _unwrapped(next(kind for kind in get_args(annotation) if kind is not type(None)))
    kind = origin or annotation
    if not isinstance(kind, type) or issubclass(kind, RootModel):
        return None, ()
    return kind, get_args(annotation)


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
            spot = _Spot(entry.node, entry.key_place, _below(spot.path, str(step)), str(step))
        elif isinstance(node, Items) and isinstance(step, int):
            item = node.items[step]
            spot = _Spot(item, item.place, f"{spot.path}[{step}]", spot.field)
    return spot


def _below(path: str, key: str) -> str:
    return f"{path}.{brief(key)}" if path else brief(key)


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
        findings.add(spot.key_place, f'"{brief(spot.field)}" cannot be a key here; expected {context["expected"]}')
    elif kind == MALFORMED and isinstance(spot.node, Fields):
        place = spot.node.entries[context["at"]].key_place if "at" in context else spot.key_place
        findings.add(place, f"{spot.path}: expected {context['expected']}")
    else:
        _tell_value(_wanted(kind, context), context.get("known", ()), spot, findings)


def _tell_value(wanted: str, known: Sequence[str], spot: _Spot, findings: Findings) -> None:
    message = f"{spot.path} {_looks(spot, wanted)}"
    if isinstance(spot.node, Scalar) and isinstance(spot.node.value, str) and "${" not in spot.node.source:
        guess = nearest(spot.node.value, known)
        message += f'; did you mean "{guess}"?' if guess else ""
    findings.spoil(spot.node, message, spot.place)


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
_YAML_READS: Mapping[type, str] = {bool: "true or false", int: "a number"}
_WANTED = {
    "string_type": _TEXT,
    "tuple_type": "a list",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "too_short": "at least one entry",
}


def _wanted(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "greater_than_equal":
        return f"at least {context['ge']}"
    if kind == "less_than_equal":
        return f"at most {context['le']}"
    if kind == "literal_error":
        return str(context["expected"]).replace("'", '"')
    if kind == MALFORMED:
        return str(context["expected"])
    # What is left wants a mapping: a model, or names of the user's own.
    return _WANTED.get(kind, "a mapping")
