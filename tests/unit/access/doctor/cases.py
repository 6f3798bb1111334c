"""Cases for doctor's checks, made without a look at anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from lakeshare.access.doctor import Case, Finding
from lakeshare.access.doctor.finding import Part, parts_of
from lakeshare.planning.expand import expand, place_of
from lakeshare.planning.plan import Plan
from lakeshare.spec import Spec
from tests.unit.planning.house import CONSUMER, PRODUCER, facts_of, spec_of

OPERATORS = {
    "producer": f"arn:aws:iam::{PRODUCER}:role/lakeshare-operator",
    "consumer": f"arn:aws:iam::{CONSUMER}:role/lakeshare-operator",
}


def own_spec(region: str = "eu-west-2") -> Spec:
    """Return a spec that shares the producer's own table ``sales.orders``."""
    source = {"account": "producer", "catalog": {"database": "sales", "tables": ["orders"]}}
    share = {
        "from": source,
        "to": {"account": "consumer", "database": "links"},
        "readers": [{"role": "analyst", "create": {"service": "lambda.amazonaws.com"}}],
    }
    accounts = {name: {"id": number, "region": region} for name, number in NUMBERS.items()}
    return spec_of({"own": share}, **accounts)


NUMBERS = {"producer": PRODUCER, "consumer": CONSUMER}


def case_of(alias: str = "consumer", spec: Spec | None = None, **changes: Any) -> Case:
    """Return the case of an account, with a plan that has nothing to do; changed as told."""
    spec = spec or spec_of()
    tables = {("producer", "sales"): {"orders": ("id", "amount")}}
    graph = expand(spec, facts_of(tables=tables))
    case = Case(spec, place_of(spec, alias), OPERATORS[alias], graph, Part(), Plan())
    changed = replace(case, **changes)
    return replace(changed, part=parts_of(spec, changed.graph, changed.plan)[alias])


def told(findings: Iterable[Finding]) -> list[tuple[str, str | None]]:
    """Return status and part of each that is not ok."""
    return [(item.status, item.part) for item in findings if item.status != "ok"]
