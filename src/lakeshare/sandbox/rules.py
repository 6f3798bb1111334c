"""
The rules by which the sandbox says no, each with its evidence.

A rule is declared beside the code that holds it, and refuses in AWS's words::

    RULE_NO_STORAGE = rule(
        "glue.link.no-storage",
        "A resource link carries a name and a target, and no storage of its own.",
        tag="inferred",
        source="lake-formation.md 1.2",
    )
    ...
    raise RULE_NO_STORAGE.refuse("InvalidInputException", "A resource link cannot have a StorageDescriptor")

The front door puts the rule's id in the answer's ``x-lakeshare-rule`` header; ``lakeshare sandbox rules`` prints
``all_rules()``.
"""

from __future__ import annotations

import pkgutil
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, TypeAlias

from lakeshare.sandbox.errors import ServiceError

Evidence: TypeAlias = Literal["documented", "observed", "inferred"]
"""AWS's own documents or service model | seen in the answers of the real service | deduced, and to be checked."""

_REGISTRY: dict[str, Rule] = {}

refusals: Counter[str] = Counter()
"""How often each rule has refused since the process began, which tests that show a rule look at."""


class RefusalError(ServiceError):
    """A ServiceError that says which rule was broken."""

    def __init__(self, rule: Rule, code: str, message: str, status: int, fields: dict[str, Any]) -> None:
        super().__init__(code, message, status, **fields)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One reason for which the sandbox refuses a call.

    ``id`` reads ``service.thing.condition`` and never changes once it is published; ``text`` is one sentence that
    states what holds; ``source`` is a URL, a service model shape, or the name of the tool or report that showed it.
    """

    id: str
    text: str
    tag: Evidence
    source: str

    @property
    def service(self) -> str:
        """The service that refuses: the first part of the id."""
        return self.id.partition(".")[0]

    def refuse(self, code: str, message: str, status: int = 400, **fields: Any) -> RefusalError:
        """Return the error to raise; *fields* are extra members of the modelled exception shape."""
        self.show()
        return RefusalError(self, code, message, status, fields)

    def show(self) -> None:
        """Count a refusal that shows otherwise than as an error: an association that fails, a query that does."""
        refusals[self.id] += 1


def rule(id: str, text: str, *, tag: Evidence, source: str) -> Rule:  # noqa: A002 - it is what a rule's name is called
    """Declare a rule; two different rules under one id are a mistake of ours."""
    declared = Rule(id, text, tag, source)
    if _REGISTRY.setdefault(id, declared) != declared:
        raise ValueError(f"two rules are called {id}")
    return declared


def all_rules() -> tuple[Rule, ...]:
    """Every rule of the sandbox by id, which takes importing all of it but the plugin for pytest, which has none."""
    import lakeshare.sandbox as package

    for part in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if part.name != f"{package.__name__}.testing":
            _import_whole(part.name)
    return tuple(_REGISTRY[name] for name in sorted(_REGISTRY))


def _import_whole(name: str) -> None:
    """Import a module, and if it is a package all that is in it."""
    module = import_module(name)
    for below in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."):
        import_module(below.name)
