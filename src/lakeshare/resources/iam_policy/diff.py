"""Compares whole documents: the policy under our name is ours alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from lakeshare.resources.compare import compare, in_the_way, removal
from lakeshare.resources.iam_policy.model import IamPolicy, canonical
from lakeshare.resources.values import Absent, Unreadable, Verdict, has_unknowns

WAY_OUT: Final = "delete the policy of that name from the role, or name the spec otherwise"


def diff(desired: IamPolicy | None, observed: IamPolicy | Absent | Unreadable, last_known: IamPolicy | None) -> Verdict:
    """Decide what one policy needs."""
    if desired is None:
        assert last_known is not None
        return removal(observed, last_known, noun="policy")
    if last_known is None and isinstance(observed, IamPolicy) and has_unknowns(desired):
        # On which resources is not known yet; another's policy shows by what it allows.
        found = _other_actions(desired, observed)
        if found:
            return in_the_way(desired, found, "policy", WAY_OUT)
    return compare(
        desired,
        observed,
        owned=last_known is not None,
        noun="policy",
        differences=_differences,
        when_different="update",
        way_out=WAY_OUT,
    )


def _other_actions(desired: IamPolicy, observed: IamPolicy) -> list[str]:
    wanted = {action for statement in desired.statements for action in statement.actions}
    there = {
        action
        for statement in json.loads(observed.live or "{}").get("Statement", ())
        for action in _listed(statement.get("Action"))
    }
    said = (("lacks", wanted - there), ("has in excess", there - wanted))
    return [f"{word} {', '.join(sorted(actions)[:2])}" for word, actions in said if actions]


def _differences(desired: IamPolicy, observed: IamPolicy) -> list[str]:
    if canonical(desired.document()) == observed.live:
        return []
    wanted, there = _allowed(desired.document()), _allowed(json.loads(observed.live or "{}"))
    said = [
        f"{word} {len(pairs)} permissions: {_few(pairs)}"
        for word, pairs in (("lacks", wanted - there), ("has in excess", there - wanted))
        if pairs
    ]
    return said or ["its statements are put together differently"]


def _allowed(document: Mapping[str, Any]) -> set[str]:
    """Return what a policy says as ``ACTION on RESOURCE``, with the effect where it is not Allow."""
    return {
        f"{action} on {resource}" if statement.get("Effect") == "Allow" else f"{statement.get('Effect')} {action}"
        for statement in document.get("Statement", ())
        for action in _listed(statement.get("Action"))
        for resource in _listed(statement.get("Resource"))
    }


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [str(value)]


def _few(pairs: set[str]) -> str:
    shown = sorted(pairs)[:2]
    return "; ".join(shown) + (f"; and {len(pairs) - 2} more" if len(pairs) > 2 else "")
