"""Drift for a code host: a SARIF log whose results stand at the lines of the spec that ask for what differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.functional.accounts import DATABASE, OPERATOR, READER, Accounts
from tests.functional.command_line import Desk
from tests.functional.slips import PLACE, dismiss_administrator, drop_link, revoke_select

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    """An object with these members and no others, as SARIF's own schema has them."""
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


LEVEL = {"enum": ["none", "note", "warning", "error"]}
RELATIVE_URI = {"type": "string", "format": "uri-reference", "minLength": 1}
RULE = closed(
    ["id"],
    id={"type": "string"},
    name={"type": "string", "pattern": "^[A-Z][A-Za-z]*$"},
    shortDescription=TEXT,
    fullDescription=TEXT,
    help=TEXT,
    defaultConfiguration=closed([], level=LEVEL),
)
LOCATION = closed(
    [],
    physicalLocation=closed(
        ["artifactLocation"],
        artifactLocation=closed(["uri"], uri=RELATIVE_URI, index={"type": "integer", "minimum": -1}),
        region=closed([], startLine={"type": "integer", "minimum": 1}),
    ),
    logicalLocations={
        "type": "array",
        "uniqueItems": True,
        "items": closed([], fullyQualifiedName={"type": "string"}, kind={"type": "string"}),
    },
)
RESULT = closed(
    ["message"],
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": -1},
    level=LEVEL,
    message=TEXT,
    locations={"type": "array", "items": LOCATION},
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
    properties={"type": "object"},
)
RUN = closed(
    ["tool"],
    tool=closed(
        ["driver"],
        driver=closed(
            ["name"],
            name={"type": "string"},
            version={"type": "string"},
            rules={"type": "array", "uniqueItems": True, "items": RULE},
        ),
    ),
    automationDetails=closed([], id={"type": "string"}),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    invocations={"type": "array", "items": closed(["executionSuccessful"], executionSuccessful={"type": "boolean"})},
    artifacts={"type": "array", "items": closed([], location=closed([], uri=RELATIVE_URI))},
    results={"type": "array", "items": RESULT},
)
SARIF = closed(
    ["version", "runs"],
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs={"type": "array", "items": RUN},
)
"""Those parts of SARIF 2.1.0 (section 3) that we write, as strictly as the standard has them."""


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two tables that are shared, from a folder that is the repository."""
    monkeypatch.chdir(accounts.folder)
    found = Desk(accounts, monkeypatch)
    found.share("users", "contact_record")
    assert found("apply", "--auto-approve").code == 0
    return found


def log_of(desk: Desk, path: Path) -> dict[str, Any]:
    desk("drift", "--sarif", str(path))
    log: dict[str, Any] = json.loads(path.read_text())
    jsonschema.validate(log, SARIF, format_checker=jsonschema.FormatChecker())
    return log


def line_of(desk: Desk, text: str) -> int:
    lines = (desk.accounts.folder / "lakeshare.yaml").read_text().splitlines()
    return lines.index(text) + 1


def test_each_difference_is_a_result_at_its_line(desk: Desk, tmp_path: Path) -> None:
    """A link stands at its share, a grant at its reader, an administrator at its account, each with its rule."""
    for change in (drop_link, revoke_select, dismiss_administrator):
        change(desk)

    [run] = log_of(desk, tmp_path / "drift.sarif")["runs"]

    found = {item["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]: item for item in run["results"]}
    places = {name: item["locations"][0]["physicalLocation"] for name, item in found.items()}
    link, grant = f"{PLACE}/link:{DATABASE}.users_link", f"{PLACE}/grant:role/{READER}/DESCRIBE/{DATABASE}"
    administrator = f"{PLACE}/settings:administrator/role/{OPERATOR}"
    assert {place["artifactLocation"]["uri"] for place in places.values()} == {"lakeshare.yaml"}
    assert places[link]["region"]["startLine"] == line_of(desk, "  contact-centre:")
    assert places[grant]["region"]["startLine"] == line_of(desk, f"    - role: {READER}")
    assert places[administrator]["region"]["startLine"] == line_of(desk, "  consumer:")
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[item["ruleIndex"]]["id"] == item["ruleId"] for item in found.values())
    assert all(rules[item["ruleIndex"]]["defaultConfiguration"]["level"] == item["level"] for item in found.values())
    assert (found[administrator]["ruleId"], found[administrator]["level"]) == ("drift-missing", "error")
    assert ". Made 20" in found[administrator]["message"]["text"]
    assert found[administrator]["properties"]["runId"] in found[administrator]["message"]["text"]


def test_no_drift_is_a_log_without_results(desk: Desk, tmp_path: Path) -> None:
    """A code host closes the alerts of before when the log it gets is empty, so an empty one is written."""
    [run] = log_of(desk, tmp_path / "drift.sarif")["runs"]

    assert run["results"] == []
    assert run["automationDetails"]["id"] == "lakeshare-drift/connect-analytics/"


def test_the_same_difference_is_the_same_alert_after_the_spec_has_moved(desk: Desk, tmp_path: Path) -> None:
    """Lines added above change where a result stands, and not its fingerprint."""
    drop_link(desk)
    spec = desk.accounts.folder / "lakeshare.yaml"

    before = log_of(desk, tmp_path / "a.sarif")["runs"][0]["results"]
    spec.write_text("# a\n# b\n" + spec.read_text())
    after = log_of(desk, tmp_path / "b.sarif")["runs"][0]["results"]

    lines = [
        [item["locations"][0]["physicalLocation"]["region"]["startLine"] for item in found] for found in (before, after)
    ]
    assert before
    assert lines[1] == [line + 2 for line in lines[0]]
    assert [item["partialFingerprints"] for item in before] == [item["partialFingerprints"] for item in after]


def test_a_report_that_cannot_be_written_is_wrong_usage(desk: Desk, tmp_path: Path) -> None:
    """A folder that is not there is named, with exit code 64."""
    ran = desk("drift", "--sarif", str(tmp_path / "nowhere" / "drift.sarif"))

    assert ran.code == 64
    assert "cannot be written" in ran.err
