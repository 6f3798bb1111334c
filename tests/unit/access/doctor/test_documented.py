"""docs/doctor.md lists the checks and figures that there are."""

from __future__ import annotations

import re
from pathlib import Path

from lakeshare.access.doctor.figures import FIGURES
from lakeshare.access.doctor.registry import TITLES

PAGE = (Path(__file__).parents[4] / "docs" / "doctor.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """Return the cells of the table under *heading*, by the code in the first."""
    _, _, below = PAGE.partition(f"## {heading}\n")
    section = below.partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in lines}


def test_every_check_is_documented_in_order() -> None:
    """By its id, with its title first."""
    documented = rows("The checks")

    assert list(documented) == list(TITLES)
    assert [name for name, cells in documented.items() if not cells[0].startswith(TITLES[name])] == []


def test_every_figure_is_documented() -> None:
    """With its number and how we know it."""
    documented = rows("Quotas")

    assert list(documented) == list(FIGURES)
    for part, figure in FIGURES.items():
        number, source = documented[part]
        assert re.match(rf"{figure.most:,}\b", number)
        assert source == figure.source
