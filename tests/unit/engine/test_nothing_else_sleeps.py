"""A contract on the source: waiting is the engine's business."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import lakeshare

SOURCE = Path(lakeshare.__file__).parent
# The sandbox stands alone, and the command line keeps one for the demo: that is no part of any run.
OUTSIDE_OF_RUNS = {SOURCE / "cli/commands/demo.py", SOURCE / "cli/sandbox_control.py"}
ELSEWHERE = [
    path
    for path in sorted(SOURCE.rglob("*.py"))
    if path.relative_to(SOURCE).parts[0] not in {"engine", "sandbox"} and path not in OUTSIDE_OF_RUNS
]


def sleeps(path: Path) -> list[str]:
    """Return where the file at *path* calls anything named ``sleep``, or imports it."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sleep"
        imported = isinstance(node, ast.ImportFrom) and any(alias.name == "sleep" for alias in node.names)
        if called or imported:
            found.append(f"{path.relative_to(SOURCE)}:{node.lineno}")  # type: ignore[attr-defined]
    return found


def test_nothing_outside_the_engine_sleeps() -> None:
    """Whoever waits does so for a condition with a name and a deadline, through the engine."""
    assert [place for path in ELSEWHERE for place in sleeps(path)] == []


def deadlines(path: Path) -> dict[str, str]:
    """Return what stands below each constant of the file at *path* that is a deadline."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    found = {}
    for node, after in zip(body, [*body[1:], None], strict=True):
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Name) and target.id.endswith("DEADLINE_SECONDS"):
            text = after.value if isinstance(after, ast.Expr) else None
            found[f"{path.name}:{target.id}"] = str(text.value) if isinstance(text, ast.Constant) else ""
    return found


def test_every_deadline_says_where_it_comes_from() -> None:
    """Each deadline of a wait has its evidence beside it."""
    all_of_them = {name: text for path in ELSEWHERE for name, text in deadlines(path).items()}

    assert len(all_of_them) >= 6
    for name, text in all_of_them.items():
        assert any(tag in text for tag in ("(documented", "(observed", "(inferred")), name


def test_a_sleep_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search sees a call and an import."""
    monkeypatch.setattr(f"{__name__}.SOURCE", tmp_path)
    slip = tmp_path / "slip.py"
    slip.write_text("import time\nfrom time import sleep\ntime.sleep(1)\n")

    assert sleeps(slip) == ["slip.py:2", "slip.py:3"]
