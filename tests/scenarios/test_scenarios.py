"""
Runs the scenario files: for each kind, what is desired, observed and ours, and what is to be done about it.

A file has a ``kind``, a ``base`` resource, and ``cases``. In a case, ``desired``, ``observed`` and ``ours`` are changes
to the base (``{}``: exactly the base); ``desired`` and ``ours`` may be null, ``observed`` may be ``absent`` or
``{unreadable: why}``. ``expect`` is an action, ``no-op``, ``forget`` or ``blocked``; ``because`` stands in the reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from lakeshare.resources.registry import KINDS, from_json
from lakeshare.resources.values import Absent, Blocker, NoOp, Step, Unreadable

HERE = Path(__file__).parent
CASES = [
    pytest.param(document["kind"], document["base"], case, id=f"{path.stem}: {case['case']}")
    for path in sorted(HERE.glob("*/*.yaml"))
    for document in [yaml.safe_load(path.read_text())]
    for case in document["cases"]
]


@pytest.mark.parametrize(("kind", "base", "case"), CASES)
def test_scenario(kind: str, base: dict[str, Any], case: dict[str, Any]) -> None:
    """Each case of each scenario file gives the verdict that it names, for the reason that it names."""
    desired = _resource(kind, base, case["desired"])
    observed = _observed(kind, base, case["observed"])
    ours = _resource(kind, base, case.get("ours"))

    verdict = KINDS[kind].diff(desired, observed, ours)

    match verdict:
        case Step():
            assert verdict.action == case["expect"], verdict
        case NoOp():
            assert case["expect"] == ("forget" if verdict.forget else "no-op"), verdict
            assert verdict.is_ours == (ours is not None)
        case Blocker():
            assert case["expect"] == "blocked", verdict
            assert verdict.way_out
    assert case["because"] in verdict.reason


def test_every_kind_has_a_scenario_file() -> None:
    """No kind of resource goes without scenarios."""
    covered = {yaml.safe_load(path.read_text())["kind"] for path in HERE.glob("*/*.yaml")}

    assert covered == set(KINDS)


def _resource(kind: str, base: dict[str, Any], changes: dict[str, Any] | None) -> Any:
    return None if changes is None else from_json(kind, {**base, **changes})


def _observed(kind: str, base: dict[str, Any], observed: Any) -> Any:
    if observed == "absent":
        return Absent()
    if set(observed) == {"unreadable"}:
        return Unreadable(observed["unreadable"])
    return _resource(kind, base, observed)
