"""What tests of Athena's SQL have in common: its engine without an account, a catalog or HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lakeshare.sandbox.services.athena.engine import Engine, Work
from lakeshare.sandbox.services.athena.statements import Select, read_statement

NOON = datetime(2026, 3, 4, 12, 30, 15, 250_000, tzinfo=UTC)
"""What the engine takes for now: a Wednesday."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(tmp_path_factory.mktemp("files"))


def answer(engine: Engine, sql: str) -> list[tuple[str | None, ...]]:
    """Run a query over no tables; return its rows."""
    statement = read_statement(sql)
    assert isinstance(statement, Select)
    return list(engine.answer(Work(statement, (), NOON.timestamp())).rows)
