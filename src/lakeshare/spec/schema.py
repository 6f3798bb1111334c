"""The JSON Schema of the file, for editors: the models' own schema, made to say what a person may write."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from lakeshare.catalogue import categories, tables
from lakeshare.spec.choice import ALL
from lakeshare.spec.fields import EXTERNAL_ID
from lakeshare.spec.model import Spec
from lakeshare.spec.readers import SORTS
from lakeshare.spec.selection import GROUP, LIVE

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_Schema = dict[str, Any]

# Where text must have a form or be one of some, a reference to the environment may stand as well.
_REFERENCE: Final = r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"


def json_schema() -> _Schema:
    """Return the JSON Schema (2020-12) of the file as a user writes it."""
    schema = Spec.model_json_schema(by_alias=True)
    for part in _parts(schema):
        _tidy(part)
    definitions = schema["$defs"]
    _add_what_models_cannot_say(definitions)
    for part in _parts(schema):
        _admit_references(part)
    return {
        "$schema": DIALECT,
        **schema,
        "title": "lakeshare.yaml",
        "patternProperties": {"^x-": {"description": "Your own: a place for YAML anchors."}},
    }


def _add_what_models_cannot_say(definitions: dict[str, _Schema]) -> None:
    """Write the forms that validators of the models accept, and what their fields ask of each other."""
    rule, selection = definitions["ColumnRule"], definitions["TableSelection"]
    definitions["ColumnRule"] = {
        "description": rule.pop("description"),
        "anyOf": [deepcopy(rule["properties"]["only"]), rule | {"minProperties": 1, "maxProperties": 1}],
    }
    definitions["TableSelection"] = _selection(selection["items"])
    definitions["ConnectSelection"] = _selection(_connect_entry())
    definitions["ConnectTables"]["properties"]["tables"]["$ref"] = "#/$defs/ConnectSelection"
    definitions["Origin"]["oneOf"] = [{"required": ["connect"]}, {"required": ["catalog"]}]
    definitions["Rate"]["oneOf"] = [{"required": ["calls_per_second"]}, {"required": ["entries_per_second"]}]
    _add_readers(definitions)
    account = definitions["Account"]
    account["not"] = {
        "anyOf": [{"required": ["role", "profile"]}, {"required": ["external_id", "external_id_parameter"]}]
    }
    account["dependentRequired"] = {"session_name": ["role"], "via": ["role"]}
    account["properties"]["external_id"]["pattern"] = f"^(?:{EXTERNAL_ID.pattern})$"


def _add_readers(definitions: dict[str, _Schema]) -> None:
    reader, creation = definitions["Reader"], definitions["RoleCreation"]
    reader["oneOf"] = [{"required": [sort]} for sort in SORTS]
    reader["dependentRequired"] = {"create": ["role"], "complete": ["role"]}
    reader["not"] = {"required": ["create", "complete"]}
    creation["anyOf"] = [{"required": [whom]} for whom in ("service", "people")]
    definitions["People"]["minProperties"] = 1
    outside = definitions["OutsideAccount"]
    outside["minProperties"] = 1
    outside["properties"]["external_id"]["pattern"] = f"^(?:{EXTERNAL_ID.pattern})$"
    completion = definitions["RoleCompletion"]
    definitions["RoleCompletion"] = {
        "description": completion.pop("description"),
        "anyOf": [{"type": "boolean", "const": True}, completion],
    }


def _selection(entry: _Schema) -> _Schema:
    return {
        "description": "Which tables: all, or a list.",
        "anyOf": [{"type": "string", "const": ALL}, {"type": "array", "items": entry, "minItems": 1}],
    }


def _connect_entry() -> _Schema:
    names = [*tables(), *(GROUP + category for category in categories())]
    return {
        "anyOf": [
            {"type": "string", "enum": names},
            {"type": "string", "pattern": r"^[a-z0-9_!\[\]-]*[*?][a-z0-9_!*?\[\]-]*$", "description": "A pattern."},
            {"type": "string", "pattern": f"^{LIVE}[a-z0-9_]+$", "description": "A table newer than this lakeshare."},
        ]
    }


def _parts(node: Any) -> Iterator[_Schema]:
    """Yield every schema in *node*, the inner ones first."""
    if isinstance(node, list):
        for item in node:
            yield from _parts(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            for inner in value.values() if key in _MAPS_OF_SCHEMAS else [value]:
                yield from _parts(inner)
        yield node


_MAPS_OF_SCHEMAS: Final = {"properties", "patternProperties", "$defs"}


def _tidy(part: _Schema) -> None:
    """Take out what says nothing to a person: titles, null for what is simply left out, keys of any form."""
    for noise in ("title", "format", "writeOnly"):
        part.pop(noise, None)
    if part.get("default", ...) is None:
        del part["default"]
    choices = [choice for choice in part.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        del part["anyOf"]
        part.update(choices[0] | part)
    if "patternProperties" in part:
        part["additionalProperties"] = False


def _admit_references(part: _Schema) -> None:
    if part.get("type") != "string":
        return
    if "pattern" in part:
        part["pattern"] += f"|{_REFERENCE}"
    for closed in part.keys() & {"enum", "const"}:
        part["anyOf"] = [{closed: part.pop(closed)}, {"pattern": _REFERENCE}]
