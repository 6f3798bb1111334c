"""
Drift as SARIF 2.1.0, which code hosts show beside the spec: one result a difference, at the line that asks for it.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote

from lakeshare._version import __version__
from lakeshare.planning.differences import Change, Difference
from lakeshare.report.drift_view import made_by, moment

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a change of one kind is called, how bad it is, and what to do about it."""

    name: str
    level: Literal["error", "warning", "note"]
    summary: str
    advice: str


RULES: Final[Mapping[Change, Rule]] = {
    "missing": Rule(
        "Missing",
        "error",
        "Something that the spec asks for is not there.",
        "`lakeshare apply` makes it. If it was taken away on purpose, take it out of the spec.",
    ),
    "changed": Rule(
        "Changed",
        "error",
        "Something that the spec asks for is there, and is not as it should be.",
        "`lakeshare apply` puts it right. If it was changed on purpose, change the spec.",
    ),
    "unwanted": Rule(
        "Unwanted",
        "warning",
        "Something that lakeshare made is still there, and the spec does not ask for it any more.",
        "`lakeshare apply` takes it away. If it is still needed, put it back into the spec.",
    ),
    "gone": Rule(
        "Gone",
        "note",
        "Something that the spec does not ask for any more is gone, and the ledger still lists it.",
        "`lakeshare apply` brings the ledger up to date.",
    ),
    "unseen": Rule(
        "Unseen",
        "warning",
        "Something that the spec asks for cannot be seen, so nobody can tell whether it is as it should be.",
        "Mend what it rests on first; `lakeshare apply` does, looks again, and goes on from there.",
    ),
    "blocked": Rule(
        "Blocked",
        "error",
        "Something is in the way of the spec, and a person has to decide about it.",
        "The message names a way out. `lakeshare apply` changes nothing before that.",
    ),
}


def render_sarif(differences: Sequence[Difference], *, spec_path: str, spec_name: str) -> str:
    """Return *differences* as one SARIF log; *spec_path* is the spec's file as the user named it."""
    uri = _uri(Path(spec_path))
    run = {
        "tool": {"driver": _driver()},
        # Code hosts keep the results of one category apart from those of another.
        "automationDetails": {"id": f"lakeshare-drift/{spec_name}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "artifacts": [{"location": {"uri": uri}}],
        "results": [_result(item, uri) for item in differences],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver() -> dict[str, Any]:
    rules = [
        {
            "id": _rule_id(change),
            "name": rule.name,
            "shortDescription": {"text": rule.summary},
            "fullDescription": {"text": f"{rule.summary} {rule.advice}"},
            "help": {"text": rule.advice},
            "defaultConfiguration": {"level": rule.level},
        }
        for change, rule in RULES.items()
    ]
    return {"name": "lakeshare", "version": __version__, "rules": rules}


def _rule_id(change: Change) -> str:
    return f"drift-{change}"


def _result(item: Difference, uri: str) -> dict[str, Any]:
    return {
        "ruleId": _rule_id(item.change),
        "ruleIndex": list(RULES).index(item.change),
        "level": RULES[item.change].level,
        "message": {"text": _message(item)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri, "index": 0},
                    "region": {"startLine": item.line},
                },
                "logicalLocations": [{"fullyQualifiedName": item.address, "kind": "resource"}],
            }
        ],
        # The same difference is the same alert tomorrow, wherever the spec's lines have gone by then.
        "partialFingerprints": {"lakeshareDifference/v1": _fingerprint(item)},
        "properties": _properties(item),
    }


def _message(item: Difference) -> str:
    sentences = [f"{item.address}: {item.reason}"]
    if item.making:
        sentences.append(made_by(item.making))
    if item.way_out:
        sentences.append(f"way out: {item.way_out}")
    return ". ".join(f"{sentence[:1].upper()}{sentence[1:]}" if i else sentence for i, sentence in enumerate(sentences))


def _fingerprint(item: Difference) -> str:
    return sha256(f"{item.change} {item.address}".encode()).hexdigest()


def _properties(item: Difference) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": item.kind, "isOurs": item.is_ours}
    if item.account_id:
        found["account"] = item.account_id
    if item.making:
        found |= {"madeAt": moment(item.making.made_at), "runId": item.making.run_id}
        found |= {"by": f"{item.making.by}@{item.making.host}"} if item.making.by else {}
    return found


def _uri(path: Path) -> str:
    """Return *path* as a URI: relative to where we are, which in a pipeline is the repository; else absolute."""
    whole = path.resolve()
    here = Path.cwd()
    return quote(whole.relative_to(here).as_posix()) if whole.is_relative_to(here) else whole.as_uri()
