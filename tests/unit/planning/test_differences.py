"""What is there, read as what somebody changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lakeshare.planning.build import Ours, build_plan
from lakeshare.planning.differences import Difference, differences, ledger_differences
from lakeshare.planning.expand import expand
from lakeshare.planning.graph import Asker, ResourceGraph
from lakeshare.resources.values import Absent, Unreadable
from tests.unit.planning.house import CONSUMER, READER, connect_share, facts_of, spec_of
from tests.unit.planning.test_build import settled

GRAPH: ResourceGraph = expand(spec_of(), facts_of())
THERE = settled(GRAPH)
LINK = "consumer/eu-west-2/link:connect_analytics_consumer.users_link"
ROLE = f"consumer/global/role:{READER}"
INVITATION = next(address for address in GRAPH.resources if "invitation:" in address and address.endswith(".users"))


def drift(changes: dict[str, Any], ours: dict[str, Any], graph: ResourceGraph = GRAPH) -> dict[str, Difference]:
    """The differences when all is there but for *changes*."""
    observed = {**THERE, **changes}
    mine = Ours(ours, {})
    wanted = {address: THERE[address] for address in graph.resources}
    plan = build_plan(graph, wanted, observed, mine)
    return {item.address: item for item in differences(plan, mine, observed)}


def test_all_as_it_should_be_is_no_difference() -> None:
    """Neither what is ours nor what others made as the spec wants it differs."""
    assert drift({}, THERE) == {}
    assert drift({}, {}) == {}


@pytest.mark.parametrize(
    ("there", "change", "reason"),
    [
        (Absent(), "missing", "the ledger says we made it, and it is not there any more"),
        (replace(THERE[LINK], target_table="other"), "changed", "its target is other, not users"),
        (Unreadable("hidden"), "unseen", "cannot be seen yet: hidden"),
        (replace(THERE[LINK], is_link=False), "blocked", "a table that is no link stands under this name"),
    ],
)
def test_what_became_of_a_thing_of_ours(there: Any, change: str, reason: str) -> None:
    """Gone, changed, out of sight or in the way: each is one difference with its reason."""
    told = drift({LINK: there}, THERE)[LINK]

    assert (told.change, told.is_ours) == (change, True)
    assert reason in told.reason
    assert told.account_id == CONSUMER
    assert (told.way_out is not None) == (change == "blocked")


def test_what_nobody_made_yet_is_missing() -> None:
    """What is not ours was not taken away by anybody: the reason is the plan's."""
    told = drift({ROLE: Absent()}, {})[ROLE]

    assert (told.change, told.is_ours, told.reason) == ("missing", False, "the role is missing")


def test_what_the_spec_wants_no_more() -> None:
    """There it is unwanted; when it went by itself it is gone; both are ours."""
    less = expand(spec_of({"s": connect_share(readers=[])}), facts_of())
    wanted = replace(less, resources={address: less.resources[address] for address in less.resources})

    there, gone = drift({}, THERE, wanted)[ROLE], drift({ROLE: Absent()}, THERE, wanted)[ROLE]

    assert (there.change, there.action) == ("unwanted", "delete")
    assert (gone.change, gone.action) == ("gone", None)
    assert there.is_ours
    assert gone.is_ours


def test_an_acceptance_that_stays_until_its_share_goes_is_unwanted() -> None:
    """Nobody takes an acceptance away by itself, and while it is there it is not gone."""
    plan = build_plan(ResourceGraph(), {}, THERE, Ours(THERE, {}))
    found = {item.address: item.change for item in differences(plan, Ours(THERE, {}), THERE)}

    assert found[INVITATION] == "unwanted"


def test_the_ledger_is_compared_whatever_the_spec_wants() -> None:
    """By the ledger alone a thing of ours is gone or changed, and what is not in the ledger is nobody's business."""
    ours = {address: THERE[address] for address in (LINK, ROLE)}
    observed = {**THERE, LINK: Absent(), ROLE: replace(THERE[ROLE], foreign_trust=("x",)), INVITATION: Absent()}

    found = {item.address: (item.change, item.is_ours) for item in ledger_differences(Ours(ours, {}), observed)}

    assert found == {LINK: ("missing", True), ROLE: ("changed", True)}
    assert ledger_differences(Ours(THERE, {}), THERE) == ()


def test_who_asks_for_what() -> None:
    """A link is its share's, a role and its policy are its reader's, and what is in the way has an asker too."""
    readers = [{"role": "a", "create": {"service": "lambda.amazonaws.com"}}, {"role": "b"}]
    graph = expand(
        spec_of(
            {"one": connect_share(), "two": connect_share(readers=readers, to={"account": "consumer", "database": "d"})}
        ),
        facts_of(),
    )
    policy = "consumer/global/policy:a/lakeshare-connect-analytics"

    askers = graph.asked_by({LINK, "consumer/global/role:a", policy, "consumer/global/role:b"})

    assert askers == {
        LINK: Asker("one"),
        "consumer/global/role:a": Asker("two", 0),
        policy: Asker("two", 0),
        "consumer/global/role:b": Asker("two", 1),
    }
