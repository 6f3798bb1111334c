"""docs/policies.md has the list of checks as it is in the code."""

from __future__ import annotations

import runpy
from pathlib import Path

from lakeshare.planning.policy_checks import CHECKS

ROOT = Path(__file__).parents[4]


def test_the_page_has_every_check() -> None:
    """The list in docs/policies.md is what scripts/build_policy_checks.py writes, and each id is in it."""
    page = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")

    assert runpy.run_path(str(ROOT / "scripts" / "build_policy_checks.py"))["page"](page) == page, "run: make docs"
    assert all(f"| `{id_}` |" in page for id_ in CHECKS)


def test_every_check_says_where_it_comes_from() -> None:
    """Each check has a page of AWS's, a mend, and a room of its own in its id."""
    for id_, check in CHECKS.items():
        assert check.source.startswith("https://docs.aws.amazon.com/"), id_
        assert check.mend, id_
        assert id_.split(".")[0] in {"grammar", "size", "name", "trust", "grant", "analyzer", "unchecked"}
