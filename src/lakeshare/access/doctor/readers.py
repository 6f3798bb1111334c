"""Readers' roles that others made: what their own policies lack although reading takes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.resources.kind import Run


def look(_run: Run, case: Case) -> dict[str, tuple[str, ...]]:
    """Return by role what the plan found lacking; nothing of roles that lakeshare makes."""
    return {item.reader: item.lacking for item in case.part.readings}


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
                "add `complete: true` to the reader in the spec, and `lakeshare apply` gives it a policy; or have its"
                f" owner: `aws iam put-role-policy --role-name {name} --policy-name lake-reader"
                f" --policy-document '{_allowing(missing)}'`",
                part="lacking",
            )
    if not any(seen.values()):
        yield Finding("ok", f"{', '.join(seen)}: policies that allow what reading takes are there, or come")


def _allowing(actions: Iterable[str]) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


CHECK: Final = Check(id="readers", title="Readers' roles", look=look, judge=judge)
