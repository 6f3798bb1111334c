# ruff: noqa: INP001 - a script, no package
"""
Write the list of checks into docs/policies.md.

Run it after changing the list: ``python scripts/build_policy_checks.py``. A test says when that was forgotten.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lakeshare.planning.policy_checks import CHECKS

PAGE: Final = Path(__file__).parent.parent / "docs" / "policies.md"
HEAD: Final = "| id | severity | what is wrong | mend |\n| --- | --- | --- | --- |\n"


def table() -> str:
    """Return the list as the rows of a table."""
    rows = (
        f"| `{id_}` | {check.severity}{', blocks' if check.blocks else ''} | {check.about} ([source]({check.source})) |"
        f" {check.mend} |\n"
        for id_, check in CHECKS.items()
    )
    return "".join(rows)


def page(before: str) -> str:
    """Return the page with the list as it is now."""
    return re.sub(re.escape(HEAD) + r"(?:\|.*\n)*", lambda _: HEAD + table(), before)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
