"""
A plan as a file: what was shown is what will be done, or nothing is. Pure.

The file carries a fingerprint of everything that the decision rested on, and a digest of its own content. Applying it
plans again; only when the fingerprint is the same does anything happen. So a plan goes stale when the spec, the ledger
or one of the things in question changed, and not when somebody granted something unrelated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from lakeshare.errors import StalePlanError
from lakeshare.planning.build import Ours
from lakeshare.planning.plan import FORMAT_VERSION, Plan
from lakeshare.planning.stale import what_changed
from lakeshare.resources.registry import to_json
from lakeshare.resources.tags import with_tags_of_ours
from lakeshare.resources.values import Absent, Step, Unreadable

SHAPE: Final[Mapping[str, type]] = {
    "format_version": str,
    "spec_digest": str,
    "serial": int,
    "targets": list,
    "recover_shares": list,
    "has_changes": bool,
    "is_complete": bool,
    "blockers": list,
    "steps": list,
    "rests_on": dict,
    "fingerprint": str,
}
"""The members of a plan file, beside its digest, and what they are."""

REMOVALS: Final = "remove_administrators"
"""A member that only those files have whose plan removes administrators."""


def plan_document(
    plan: Plan,
    spec_digest: str,
    observed: Mapping[str, Any],
    wanted: Mapping[str, Any],
    ours: Ours,
    targets: Collection[str],
    recover_shares: Collection[str],
    remove_administrators: Collection[str] = (),
) -> dict[str, Any]:
    """
    Return the content of a plan file.

    *observed* is what stood at each address when the plan was made, *wanted* what the spec asks for there.
    """
    body: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "spec_digest": spec_digest,
        "serial": plan.serial,
        "targets": sorted(targets),
        "recover_shares": sorted(recover_shares),
        "has_changes": plan.has_changes,
        "is_complete": plan.is_complete,
        "blockers": sorted({item.address for item in plan.blockers}),
        "steps": [_step(step) for step in plan.steps],
        "rests_on": {
            address: _seen(observed.get(address), wanted.get(address), ours.last_known(address))
            for address in _rests_on(plan)
        },
    }
    if remove_administrators:
        body[REMOVALS] = sorted(remove_administrators)
    body["fingerprint"] = _digest(body)
    return {**body, "digest": _digest(body)}


def parse_plan(content: bytes, name: str) -> dict[str, Any]:
    """
    Return the document in *content*, the plan file called *name*.

    Raises StalePlanError when it is no plan, is of a newer format, or was changed after it was written.
    """
    try:
        document = json.loads(content.decode("utf-8"))
        digest = document.pop("digest")
        version = tuple(int(part) for part in document["format_version"].split("."))
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise _no_plan(name) from error
    if version != tuple(int(part) for part in FORMAT_VERSION.split(".")):
        raise StalePlanError(
            f"{name} has format {document['format_version']}, and this version of lakeshare knows {FORMAT_VERSION}",
            hint="plan again with this version, or apply it with the one that wrote it",
        )
    if _digest(document) != digest:
        raise StalePlanError(
            f"{name} was changed after it was written",
            hint="plan again: a plan is applied as it was shown, or not at all",
        )
    shape = {**SHAPE, REMOVALS: list} if REMOVALS in document else SHAPE
    if any(not isinstance(document.get(member), kind) for member, kind in shape.items()):
        raise _no_plan(name)
    return {**document, "digest": digest}


def _no_plan(name: str) -> StalePlanError:
    return StalePlanError(f"{name} is not a plan file", hint="write one with `lakeshare plan -o FILE`")


def check_still_fits(document: Mapping[str, Any], now: Mapping[str, Any], name: str) -> None:
    """Raise StalePlanError unless *now*, the document of a plan made this moment, rests on the same things."""
    if document["fingerprint"] != now["fingerprint"]:
        raise StalePlanError(
            f"{name} is stale: {what_changed(document, now)}",
            hint="plan again, look at the difference, apply that",
        )


def _step(step: Step) -> dict[str, Any]:
    return {
        "address": step.address,
        "kind": step.kind,
        "action": step.action,
        "reason": step.reason,
        "desired": None if step.desired is None else to_json(step.desired),
        "depends_on": list(step.depends_on),
    }


def _rests_on(plan: Plan) -> dict[str, None]:
    """List the steps' addresses and those that their resources depend on."""
    return dict.fromkeys(
        address for step in plan.steps for address in (step.address, *step.resource.depends_on, *step.depends_on)
    )


def _seen(there: Any, desired: Any, last_known: Any) -> Any:
    """Return what was observed, as far as it is compared: of tags, only those that are ours to change."""
    if there is None or isinstance(there, Absent):
        return "absent"
    if isinstance(there, Unreadable):
        return f"unreadable: {there.reason}"
    if hasattr(there, "tags") and (desired or last_known) is not None:
        there = with_tags_of_ours(desired or last_known, there, last_known)
    found: dict[str, Any] = to_json(there)
    return found


def _digest(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
