"""
The fields that a tree has and the models do not.

The tree is walked beside the models. A slip that can only mean one field is read as that field from there on, so that
"tabels" is one mistake and not also a missing "tables", and what stands below it is looked at all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel

from lakeshare.catalogue import nearest
from lakeshare.spec.fields import ToCome
from lakeshare.spec.tree import Entry, Fields, Findings, Items, Node, brief


def mend_keys(node: Node, annotation: Any, path: str, findings: Findings) -> None:
    """Tell, and mend or take out, the unknown fields of *node*, whose type is *annotation*, and of all below it."""
    kind, arguments = _unwrapped(annotation)
    if isinstance(node, Items) and kind is tuple:
        for number, item in enumerate(node.items):
            mend_keys(item, arguments[0], f"{path}[{number}]", findings)
    elif isinstance(node, Fields) and kind is not None and issubclass(kind, Mapping):
        for key, entry in node.entries.items():
            mend_keys(entry.node, arguments[1], below(path, key), findings)
    elif isinstance(node, Fields) and kind is not None and issubclass(kind, BaseModel):
        types = _field_types(kind)
        _mend_names(node, kind, path, findings)
        for key, entry in node.entries.items():
            mend_keys(entry.node, types[key], below(path, key), findings)


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


def below(path: str, key: str) -> str:
    """Return the path in words of *key* in what is at *path*."""
    return f"{path}.{brief(key)}" if path else brief(key)
