"""The JSON Schema agrees with the loader on what is right and what is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from lakeshare.spec import json_schema, render_template
from lakeshare.spec.tree import REFERENCE

HERE = Path(__file__).parent
SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def document(text: str) -> Any:
    """Return *text* as an editor sees it: references are text like any other."""
    quoted = re.sub(rf'(?<![\w"]){REFERENCE.pattern}(?!["\w])', lambda found: f'"{found[0]}"', text)
    return yaml.safe_load(quoted)


def problems(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(document(text))]


def test_it_is_a_json_schema() -> None:
    """The schema is valid JSON Schema of 2020-12 and survives being printed."""
    Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("name", ["common", "own_tables", "complete"])
def test_right_files_are_valid(name: str) -> None:
    """What the loader accepts, references included, the schema accepts."""
    assert problems((HERE / "examples" / f"{name}.yaml").read_text()) == []


def test_the_template_is_valid() -> None:
    """The file that init writes pleases an editor from the start."""
    assert problems(render_template()) == []


# Mistakes that need more than the shape of the file to see, and stay the loader's.
BEYOND_A_SCHEMA = {
    "duplicate key", "duplicate field", "operator's role elsewhere", "two Regions, Connect's lake",
    "own tables to the same account", "a table outside the share", "a slip in a reader's table",
    "a reader's pattern that fits nothing", "a reader's group that is none", "a reader's group outside the share",
    "columns of a table that is not read", "a slip in the table of columns", "a slip in a column", "no such column",
    "own table outside the share", "a reader's own table outside the share",
    "a reader twice", "a reader of another account", "a path that contradicts the ARN",
    "a role made in one share only", "a reference for a key", "limits of an account that is none",
    "moved from its own name", "moved from a name that is still there", "two moved from one name",
    "a role of Identity Center that is to be changed", "the role's own account as another one",
    "somebody of another account", "somebody of another partition", "another account for Connect's lake",
    "the producer as a reader", "a part for the consumer's account", "a key of another Region",
    "a role for places of an account without a share", "one account in two Regions with one role for places",
    "one account lasting and borrowed",
    "via nobody", "via itself", "two names swapped", "a share moved from one that is still there",
}  # fmt: skip
# JSON has no such thing.
NOT_FOR_EDITORS = {
    "a list for a key",
    "a number for a key",
    "merge of no mapping",
    "a tag of YAML",
    "a reference for a key",
}
BASE = re.search(r'BASE = """\\\n(.*?)"""', (HERE / "test_spec_mistakes.py").read_text(), flags=re.DOTALL)
CASES = [
    case
    for case in yaml.safe_load((HERE / "mistakes.yaml").read_text())
    if case["case"] not in BEYOND_A_SCHEMA | NOT_FOR_EDITORS
]


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_mistakes_are_invalid(case: dict[str, Any]) -> None:
    """A mistake of shape that the loader tells, an editor underlines."""
    assert BASE is not None
    assert problems(BASE[1]) == []

    assert problems(BASE[1].replace(case["replace"], case["by"], 1)) != []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("contact_record", "contcat_record"),
        ("group:forecasting", "group:forcasting"),
        ("ap-southeast-2", "ap-southest-2"),
        ('"111111111111"', "111111111111"),
        ("{table}_link", "{tabel}_link"),
        ("lambda.amazonaws.com", "lambda.amazonaws.co"),
        ("instance: 0f1e", "instance: x"),
        ("name: connect-analytics", "name: Connect Analytics"),
        ("account: producer", "account: 5"),
    ],
)
def test_slips_in_the_common_case_are_invalid(right: str, wrong: str) -> None:
    """Tables, groups, Regions and names of a wrong form are underlined."""
    text = (HERE / "examples" / "common.yaml").read_text()

    assert problems(text.replace(right, wrong, 1)) != []


def test_every_field_is_described() -> None:
    """An editor has a sentence to show for every field."""
    definitions = {"Spec": SCHEMA, **SCHEMA["$defs"]}
    fields = {
        f"{name}.{field}": schema
        for name, definition in definitions.items()
        for part in [definition, *definition.get("anyOf", [])]
        for field, schema in part.get("properties", {}).items()
    }

    assert len(fields) > 40
    assert [name for name, schema in fields.items() if not schema.get("description")] == []
