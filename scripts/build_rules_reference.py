# ruff: noqa: INP001 - a script, no package
"""
Write docs/reference/sandbox-rules.md from the sandbox's rules and switches, and from the marks of its tests.

Run it after changing either: ``python scripts/build_rules_reference.py``. A test says when that was forgotten.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final, TypeAlias

from lakeshare.sandbox.rules import Rule, all_rules
from lakeshare.sandbox.switches import Switch, all_switches

ROOT: Final = Path(__file__).parent.parent
TARGET: Final = ROOT / "docs" / "reference" / "sandbox-rules.md"
TESTS: Final = ROOT / "tests" / "sandbox"

HEAD: Final = """\
# The sandbox's rules

<!-- Written by scripts/build_rules_reference.py from the rules and the marks of the tests; edit those. -->

What the sandbox refuses, and why. Each refusal carries its rule's id in the header `x-lakeshare-rule`, and
`lakeshare sandbox rules` prints this list.

| evidence | means |
| --- | --- |
| documented | AWS's own documents or service model say so |
| observed | seen in answers of the real service, as recorded by the source |
| inferred | deduced, and to be checked |

Where sources contradict each other there is a switch; it stands at the first of its positions until it is set
(`lakeshare sandbox serve --switch NAME=POSITION`, or `PUT /_sandbox/switches`). Tests are those of `tests/sandbox`, by
what they show: the rule refuses, or the same is done and let.
"""

Shown: TypeAlias = Mapping[str, Mapping[str, list[str]]]
"""By mark (``refuses``, ``allows``) and rule: the tests."""


def shown() -> Shown:
    """Return which tests say by their marks that they show which rule."""
    found: dict[str, dict[str, list[str]]] = {"refuses": defaultdict(list), "allows": defaultdict(list)}
    for file in sorted(TESTS.glob("test_*.py")):
        for name, test in _tests(ast.parse(file.read_text(encoding="utf-8")), f"{file.name}::"):
            for mark, rule in dict.fromkeys(_marks(test)):
                found[mark][rule].append(name)
    return found


def reference() -> str:
    """Return the whole page."""
    return "\n".join(_page()).rstrip() + "\n"


def _tests(scope: ast.Module | ast.ClassDef, within: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield each test of a module or a class by the name that pytest takes it by."""
    for node in scope.body:
        if isinstance(node, ast.ClassDef):
            yield from _tests(node, f"{within}{node.name}::")
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield f"{within}{node.name}", node


def _marks(test: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield the marks in a test's decorators, those of single parameters too, with each rule that they list."""
    for decorator in test.decorator_list:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                rules = [each.value for each in node.args if isinstance(each, ast.Constant)]
                if node.func.attr in {"refuses", "allows"}:
                    yield from ((node.func.attr, str(rule)) for rule in rules)


def _page() -> Iterator[str]:
    yield HEAD
    tests, switches = shown(), all_switches()
    for service, rules in groupby(all_rules(), lambda rule: rule.service):
        yield f"## {service}\n"
        for rule in rules:
            yield from _rule(rule, tests)
            yield from (_switch(each) for each in switches if each.concerns == rule)


def _rule(rule: Rule, tests: Shown) -> Iterator[str]:
    yield f"### `{rule.id}`\n"
    yield f"{rule.text}\n"
    yield f"*{rule.tag}*: {rule.source}\n"
    refused, let = tests["refuses"].get(rule.id, []), tests["allows"].get(rule.id, [])
    if refused == let:
        yield f"Both ways in {_named(let)}.\n"
    else:
        yield f"Refuses in {_named(refused)}; lets in {_named(let)}.\n"


def _named(tests: list[str]) -> str:
    return ", ".join(f"`{test}`" for test in tests) or "no test"


def _switch(switch: Switch) -> str:
    positions = "\n".join(f"- `{name}`: {meaning}" for name, meaning in switch.positions.items())
    return f"**Switch `{switch.name}`** ({switch.source}). {switch.text}\n\n{positions}\n"


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(reference(), encoding="utf-8")
