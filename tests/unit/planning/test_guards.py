"""What `protect: true` and `--max-deletes` keep from being taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lakeshare.planning.build import Ours, build_plan
from lakeshare.planning.expand import expand
from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.guards import Guard, Protection, limit, protect
from lakeshare.planning.plan import Plan
from lakeshare.resources.lake_grant import LakeGrant
from lakeshare.resources.values import Absent, KnownAfter, Unreadable, resolve
from lakeshare.spec import Spec
from tests.unit.planning.house import CONSUMER, INSTANCE, connect_share, facts_of, spec_of

LINK = "consumer/eu-west-2/link:connect_analytics_consumer"


def share_of(*tables: str, **changes: Any) -> dict[str, Any]:
    origin = {"account": "producer", "connect": {"instance": INSTANCE, "tables": list(tables)}}
    return connect_share(**{"from": origin, **changes})


def settled(resources: Any) -> dict[str, Any]:
    """Return *resources* as they stand once they are made."""
    known = {"share_arns": ("arn:aws:ram:eu-west-2:999999999999:resource-share/x",), "lake_account": "999999999999"}

    def tell(unknown: KnownAfter) -> Any:
        return known[unknown.attribute]

    return {address: resolve(item, tell) for address, item in resources.items()}


class House:
    """A spec that is applied again and again to a world in which every plan comes true."""

    def __init__(self) -> None:
        self.there: dict[str, Any] = {}
        self.remembered: dict[str, Guard] = {}

    def plan(self, spec: Spec, *, destroys: bool = False) -> tuple[Plan, Protection]:
        asked = None if destroys else expand(spec, facts_of())
        graph = asked or ResourceGraph()
        wanted = settled(graph.resources)
        observed = {address: self.there.get(address, Absent()) for address in {**wanted, **self.there}}
        plan = build_plan(graph, wanted, observed, Ours(self.there, {}))
        protection = Protection(spec, asked, self.remembered)
        return protect(plan, protection.refusal), protection

    def apply(self, spec: Spec) -> None:
        """Carry *spec* out, which nothing may be in the way of."""
        plan, protection = self.plan(spec)
        assert plan.blockers == ()
        self.there = settled(expand(spec, facts_of()).resources)
        self.remembered = {address: guard for address in self.there if (guard := protection.next_guard(address))}

    def blocked(self, spec: Spec, *, destroys: bool = False) -> set[str]:
        return {blocker.address for blocker in self.plan(spec, destroys=destroys)[0].blockers}

    def can_go(self) -> set[str]:
        """Return what can be taken away at all: an acceptance cannot."""
        return {address for address in self.there if "/invitation:" not in address}


@pytest.fixture
def house() -> House:
    return House()


def test_only_what_the_share_wants_is_protected(house: House) -> None:
    """A protected share keeps its own things and what they rest on; its neighbour in the same accounts may go."""
    mine, other = share_of("users", protect=True), share_of("contact_record")
    house.apply(spec_of({"mine": mine, "other": other}))
    without = spec_of({"mine": mine})

    assert house.blocked(without) == set()
    assert any(step.address == f"{LINK}.contact_record_link" for step in house.plan(without)[0].steps)
    assert f"{LINK}.users_link" in house.blocked(spec_of({"other": other}))
    assert f"{LINK}.contact_record_link" not in house.blocked(without, destroys=True)


def test_a_share_that_is_gone_is_still_protected(house: House) -> None:
    """Whoever takes the block out of the spec has taken `protect` along, and is stopped nevertheless."""
    house.apply(spec_of({"mine": share_of("users", protect=True), "other": share_of("contact_record")}))

    plan, _ = house.plan(spec_of({"other": share_of("contact_record")}))

    (told,) = (blocker for blocker in plan.blockers if blocker.address == f"{LINK}.users_link")
    assert told.reason == "shares.mine said `protect: true` when last applied, which forbids to delete it"
    assert told.way_out.startswith("put shares.mine back with `protect: false` and apply that")


def test_protection_that_was_lifted_and_applied_is_over(house: House) -> None:
    """First `protect: false` and an apply, then the thing may go; both at once is a slip."""
    house.apply(spec_of({"mine": share_of("users", "contact_record", protect=True)}))
    fewer = spec_of({"mine": share_of("users")})

    at_once = house.blocked(fewer)
    house.apply(spec_of({"mine": share_of("users", "contact_record")}))

    assert f"{LINK}.contact_record_link" in at_once
    assert house.blocked(fewer) == set()
    assert house.blocked(fewer, destroys=True) == set()


def test_protection_that_was_never_applied_holds_already(house: House) -> None:
    """`protect: true` that comes with the very edit that loses a table, or right before destroy, protects."""
    house.apply(spec_of({"mine": share_of("users", "contact_record")}))
    fewer = spec_of({"mine": share_of("users", protect=True)})

    assert f"{LINK}.contact_record_link" in house.blocked(fewer)
    assert house.blocked(fewer, destroys=True) == house.can_go()


def test_a_protected_account_keeps_all_that_is_in_it(house: House) -> None:
    """An account's `protect` is about its things alone."""
    account = {"id": CONSUMER, "region": "eu-west-2"}
    house.apply(spec_of(consumer={**account, "protect": True}))

    blocked = house.blocked(spec_of(consumer=account), destroys=True)

    assert blocked == {address for address in house.can_go() if address.startswith("consumer/")}


def test_a_renamed_share_stays_protected_until_it_says_otherwise(house: House) -> None:
    """Under another name the memory of the old one stays, unless `moved` hands it over."""
    bare = share_of("users", "contact_record")
    house.apply(spec_of({"mine": {**bare, "protect": True}}))
    house.apply(spec_of({"yours": bare}))
    orphaned = house.blocked(spec_of({"yours": share_of("users")}))

    house.apply(spec_of({"yours": {**bare, "moved": {"from": "mine"}}}))

    assert f"{LINK}.contact_record_link" in orphaned
    assert house.blocked(spec_of({"yours": share_of("users")})) == set()


def test_a_share_that_nothing_is_remembered_of_may_be_a_renamed_one(house: House) -> None:
    """Renamed and protected in one edit and destroyed right away: nobody has asked what it wants, so it may be all."""
    house.apply(spec_of({"mine": share_of("users")}))

    assert house.blocked(spec_of({"yours": share_of("users", protect=True)}), destroys=True) == house.can_go()
    assert house.blocked(spec_of({"yours": share_of("users", protect=True)})) == set()
    assert house.blocked(spec_of({"yours": share_of("users")}), destroys=True) == set()


def test_of_what_was_made_before_anything_was_remembered_every_share_may_be_the_owner(house: House) -> None:
    """Entries of an older ledger: a protected share of the account protects what nobody wants any more."""
    house.apply(spec_of({"mine": share_of("users"), "other": share_of("contact_record")}))
    house.remembered = {}

    assert f"{LINK}.contact_record_link" in house.blocked(spec_of({"mine": share_of("users", protect=True)}))
    assert house.blocked(spec_of({"mine": share_of("users")})) == set()


def grant(columns: set[str] | None) -> LakeGrant:
    found = next(
        item
        for item in settled(expand(spec_of(), facts_of()).resources).values()
        if isinstance(item, LakeGrant) and item.permission == "SELECT"
    )
    return replace(found, columns=None if columns is None else frozenset(columns))


def plan_of(desired: Any, observed: Any, known: Any) -> Plan:
    address = desired.address
    graph = ResourceGraph({address: desired})
    return build_plan(graph, {address: desired}, {address: observed}, Ours({address: known}, {}))


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ({"a", "b"}, {"a"}, 1),
        ({"a", "b"}, {"a", "c"}, 1),
        (None, {"a"}, 1),
        ({"a"}, {"a", "b"}, 0),
        ({"a"}, None, 0),
    ],
)
def test_columns_that_go_are_taken_away(before: set[str] | None, after: set[str] | None, count: int) -> None:
    """An update that revokes columns counts like a revoke; one that adds some does not."""
    plan = plan_of(grant(after), grant(before), grant(before))

    assert [step.action for step in plan.steps] == ["update"]
    assert plan.deletes == count
    assert len(limit(plan, 0).blockers) == count


def test_what_cannot_be_told_yet_is_asked_when_it_can() -> None:
    """A step that is decided again before it is done is in nobody's way while it is planned."""
    desired = grant({"a"})

    plan = plan_of(desired, Unreadable("no administrator yet"), desired)

    assert len(plan.steps) == 1
    assert limit(plan, 0).blockers == ()


def test_the_limit_counts_over_the_whole_run(house: House) -> None:
    """What an earlier plan of the same run took away counts; a plan that takes nothing away is never in the way."""
    house.apply(spec_of())
    plan, _ = house.plan(spec_of(), destroys=True)
    count = len(plan.steps)

    assert limit(plan, count).blockers == ()
    assert limit(plan, None).blockers == ()
    assert {blocker.address for blocker in limit(plan, count - 1).blockers} == {step.address for step in plan.steps}
    assert f"{count + 1} that would be deleted" in limit(plan, count, taken_before=1).blockers[0].reason
    assert limit(house.plan(spec_of())[0], 0, taken_before=5).blockers == ()
