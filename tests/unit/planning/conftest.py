"""A spec and facts that planning tests share."""

from __future__ import annotations

import pytest

from lakeshare.planning.facts import Facts
from lakeshare.spec import Spec
from tests.unit.planning.house import facts_of, spec_of


@pytest.fixture
def spec() -> Spec:
    """One consumer, one Lambda reader, two tables of Connect's lake."""
    return spec_of()


@pytest.fixture
def facts() -> Facts:
    """What a survey of two fresh accounts finds."""
    return facts_of()
