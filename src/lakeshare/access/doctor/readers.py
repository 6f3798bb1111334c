"""Readers' roles that others made: what their own policies lack although reading takes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.resources.kind import Run


def look(_run: Run, case: Case) -> dict[str, tuple[str, ...]]:
    """Return by role what the plan found lacking; nothing of roles that lakeshare makes."""
    return {item.role_name: item.lacking for item in case.graph.readings if item.account == case.alias}


def judge(case: Case, seen: dict[str, tuple[str, ...]]) -> Iterator[Finding]:
    """Name the actions; lakeshare leaves such roles alone, so their owner has to add them."""
    if case.plan is None or not seen:
        return
    for name, missing in seen.items():
        if missing:
            yield Finding(
                "warning",
                f"role {name} is left alone, and its policies do not allow all that reading takes:"
                f" {', '.join(missing)}",
                "have its owner allow these on the links and their targets: `aws iam put-role-policy"
                f" --role-name {name} --policy-name lake-reader --policy-document file://reader.json`",
                part="lacking",
            )
    if not any(seen.values()):
        yield Finding("ok", f"{', '.join(seen)}: policies that allow what reading takes are there, or come")


CHECK: Final = Check(id="readers", title="Readers' roles", look=look, judge=judge)
