"""Which tables a selection means."""

from __future__ import annotations

import pytest

from lakeshare.spec import Selected, TableSelection, select

NAMES = ("users", "agent_event", "contact_record", "agent_queue_statistic_record", "ai_agent")
GROUPS = {"users": "configuration", "agent_event": "agent", "agent_queue_statistic_record": "agent"}


@pytest.mark.parametrize(
    ("patterns", "names", "unmatched"),
    [
        (("contact_record", "users"), ("users", "contact_record"), ()),
        (("*",), NAMES, ()),
        (("agent_*",), ("agent_event", "agent_queue_statistic_record"), ()),
        (("a?_agent", "[u-z]*"), ("users", "ai_agent"), ()),
        (("group:agent",), ("agent_event", "agent_queue_statistic_record"), ()),
        (("group:agent", "agent_event", "agent_*"), ("agent_event", "agent_queue_statistic_record"), ()),
        (("group:bot", "x_*", "zzz", "users"), ("users",), ("group:bot", "x_*", "zzz")),
        (("live:users",), ("users",), ()),
        (("live:zz", "users", "live:aa", "live:zz"), ("users", "zz", "aa"), ()),
        (("Users",), (), ("Users",)),
        (("group:*",), (), ("group:*",)),
    ],
)
def test_selected_tables_keep_the_order_of_the_lake(
    patterns: tuple[str, ...], names: tuple[str, ...], unmatched: tuple[str, ...]
) -> None:
    """Exact names, patterns, groups and live names select; what means nothing is said; no table comes twice."""
    selection = TableSelection.model_construct(root=patterns)

    assert select(selection, NAMES, GROUPS) == Selected(names, unmatched)
