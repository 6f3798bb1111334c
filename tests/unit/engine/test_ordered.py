from __future__ import annotations

import pytest

from lakeshare.engine.graph import CycleError, ordered


def test_needs_come_first():
    """What is needed comes before what needs it."""
    order = ordered({"grant": ["link", "role"], "link": ["database"], "role": [], "database": []})

    assert order == ["role", "database", "link", "grant"]


def test_order_that_is_one_stays():
    """An input that is in order already comes back unchanged."""
    edges = {"c": [], "a": ["c"], "b": [], "d": ["a", "b"]}

    assert ordered(edges) == ["c", "a", "b", "d"]


def test_strangers_are_ignored():
    """An address that is needed but not part of the input neither appears nor holds anything up."""
    assert ordered({"a": ["elsewhere"]}) == ["a"]


def test_nothing_is_in_order():
    """Of nothing, the order is nothing."""
    assert ordered({}) == []


def test_cycle_is_named():
    """A cycle is walked once in the error, without what merely leads into it."""
    with pytest.raises(CycleError) as caught:
        ordered({"lead-in": ["a"], "a": ["b"], "b": ["c"], "c": ["a"], "fine": []})

    assert caught.value.cycle == ("a", "b", "c", "a")
    assert "a -> b -> c -> a" in caught.value.message


def test_self_is_a_cycle():
    """What needs itself is the shortest cycle."""
    with pytest.raises(CycleError) as caught:
        ordered({"a": ["a"]})

    assert caught.value.cycle == ("a", "a")


def test_long_chains_need_no_deep_stack():
    """A chain far longer than Python's recursion limit is put in order."""
    chain = {str(at): [str(at - 1)] if at else [] for at in range(20_000)}

    assert ordered(chain) == list(chain)
