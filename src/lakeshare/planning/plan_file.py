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
from typing import Any

from lakeshare.errors import StalePlanError
from lakeshare.planning.plan import FORMAT_VERSION, Plan
from lakeshare.resources.registry import to_json
from lakeshare.resources.values import Absent, Step, Unreadable


def plan_document(
    plan: Plan, spec_digest: str, observed: Mapping[str, Any], targets: Collection[str], recover_shares: Collection[str]
) -> dict[str, Any]:
    """Return the content of a plan file. *observed* is what stood at each address when the plan was made."""
    body: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "spec_digest": spec_digest,
        "serial": plan.serial,
        "targets": sorted(targets),
        "recover_shares": sorted(recover_shares),
        "has_changes": plan.has_changes,
        "steps": [_step(step) for step in plan.steps],
        "rests_on": _rests_on(plan, observed),
    }
    body["fingerprint"] = _digest(body)
    return {**body, "digest": _digest(body)}


def parse_plan(text: str, name: str) -> dict[str, Any]:
    """Return the document in *text*; raises StalePlanError when it is no plan, or was changed after it was written."""
    try:
        document = json.loads(text)
        digest = document.pop("digest")
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise StalePlanError(f"{name} is not a plan file", hint="write one with `lakeshare plan -o FILE`") from error
    if _digest(document) != digest:
        raise StalePlanError(
            f"{name} was changed after it was written",
            hint="plan again: a plan is applied as it was shown, or not at all",
        )
    if str(document.get("format_version", "")).split(".")[0] != FORMAT_VERSION.split(".")[0]:
        raise StalePlanError(f"{name} has format {document.get('format_version')}", hint="plan again with this version")
    return {**document, "digest": digest}


def check_still_fits(document: Mapping[str, Any], now: Mapping[str, Any], name: str) -> None:
    """Raise StalePlanError unless *now*, the document of a plan made this moment, rests on the same things."""
    if document["fingerprint"] == now["fingerprint"]:
        return
    raise StalePlanError(
        f"{name} is stale: {_what_changed(document, now)}", hint="plan again, look at the difference, apply that"
    )


def _what_changed(document: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    if document["spec_digest"] != now["spec_digest"]:
        return "the spec changed since it was made"
    if document["serial"] != now["serial"]:
        return "the ledger changed since it was made"
    before, after = document["rests_on"], now["rests_on"]
    changed = sorted(address for address in {*before, *after} if before.get(address) != after.get(address))
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        return f"{', '.join(changed[:3])}{more} changed since it was made"
    return "it would do something else now"


def _step(step: Step) -> dict[str, Any]:
    return {
        "address": step.address,
        "kind": step.kind,
        "action": step.action,
        "reason": step.reason,
        "desired": None if step.desired is None else to_json(step.desired),
        "depends_on": list(step.depends_on),
    }


def _rests_on(plan: Plan, observed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was observed at the steps' addresses and at those that their resources depend on."""
    addresses = dict.fromkeys(
        address for step in plan.steps for address in (step.address, *step.resource.depends_on, *step.depends_on)
    )
    return {address: _seen(observed.get(address)) for address in addresses}


def _seen(there: Any) -> Any:
    if there is None or isinstance(there, Absent):
        return "absent"
    return f"unreadable: {there.reason}" if isinstance(there, Unreadable) else to_json(there)


def _digest(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
