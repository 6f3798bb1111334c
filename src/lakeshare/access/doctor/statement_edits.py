"""
Programs of jq's that change single statements of a policy, and nothing else in it. Pure.

A statement is known by what it says, for its place shifts once another is taken out: a program that finds it no more,
because somebody changed it since, leaves the policy as it is. Of conditions a program says only whether there are
any: an ExternalId in one is a secret.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from lakeshare.access.doctor.edits import literal
from lakeshare.access.doctor.statements import listed
from lakeshare.resources.documents import statements_of

TAKEN_OUT: Final = "empty"
"""What puts nothing in a statement's place."""

_TOLD: Final = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction")
_LISTED: Final = 'if type == "array" then . else [.] end'
"""A policy may have one statement without a list around it (documented: IAM's grammar of policies)."""

Who: TypeAlias = tuple[str, str]
"""A principal of a statement by its sort: (``AWS``, an ARN), (``Service``, a name)."""


def program(policy: Mapping[str, Any], edits: Mapping[int, str], *added: Mapping[str, Any]) -> str:
    """Return what puts the results of *edits*, jq by the numbers of statements, in their place, and adds *added*."""
    statements = statements_of(policy)
    steps = [_LISTED]
    if edits:
        steps.append(_edited(statements, edits))
    if added:
        steps.append(f". + {literal(list(added))}")
    return f".Statement |= ({' | '.join(steps)})"


def parted(statement: Mapping[str, Any], meant: Collection[Who]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the principals of *statement* that are *meant*, and the others, each as a policy has them."""
    named = statement.get("Principal")
    sorts = named if isinstance(named, Mapping) else {"AWS": named}
    inside, outside = (
        {
            str(sort): members
            for sort, who in sorts.items()
            if (members := [str(one) for one in listed(who) if ((sort, str(one)) in meant) is wanted])
        }
        for wanted in (True, False)
    )
    return inside, outside


def without(statement: Mapping[str, Any], meant: Collection[Who]) -> str:
    """Return the edit that takes *meant* out of the principals of *statement*; where no other is left, all of it."""
    _, others = parted(statement, meant)
    return f".Principal = {literal(others)}" if others and "Principal" in statement else TAKEN_OUT


def apart(statement: Mapping[str, Any], meant: Collection[Who], change: str) -> str:
    """Return the edit that does *change* for *meant* alone: in a statement of their own where there are others."""
    mine, others = parted(statement, meant)
    if not others:
        return change
    # Two statements cannot have one Sid (documented), so the new one has none.
    return f"(.Principal = {literal(others)}), (del(.Sid) | .Principal = {literal(mine)} | {change})"


def _edited(statements: Sequence[Mapping[str, Any]], edits: Mapping[int, str]) -> str:
    guards = {number: _guard(statements[number]) for number in edits}
    alike = [_guard(one) for one in statements]
    if all(alike.count(guard) == 1 for guard in guards.values()):
        return f"map({_choice((guards[number], edit) for number, edit in edits.items())})"
    # Where two say the same but for their conditions, the place decides, as long as there are as many as there were.
    cases = (
        (f"$number == {number} and $count == {len(statements)} and {guards[number]}", edit)
        for number, edit in edits.items()
    )
    return f"length as $count | to_entries | map(.key as $number | .value | {_choice(cases)})"


def _choice(cases: Iterable[tuple[str, str]]) -> str:
    return "if " + " elif ".join(f"{guard} then {edit}" for guard, edit in cases) + " else . end"


def _guard(statement: Mapping[str, Any]) -> str:
    said = [f".{key} == {literal(statement[key])}" for key in _TOLD if key in statement]
    return " and ".join([*said, f'has("Condition") == {literal("Condition" in statement)}'])
