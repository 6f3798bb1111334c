"""Plans and proofs that are narrowed to some addresses, and what has to go with those."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeshare.errors import UsageError
from lakeshare.planning.build import Ours, build_plan
from lakeshare.planning.expand import expand
from lakeshare.planning.facts import Facts
from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.plan import Plan
from lakeshare.planning.target import narrow, narrow_readings, nearest_address
from lakeshare.resources.iam_role.model import IamRole
from lakeshare.resources.values import Absent, Action, Place, Step, Unreadable
from lakeshare.spec import Spec
from tests.unit.planning.house import READER, connect_share, facts_of, spec_of
from tests.unit.planning.test_build import edges, settled

PLACE = "consumer/eu-west-2"
LINK = f"{PLACE}/link:connect_analytics_consumer.users_link"
DATABASE = f"{PLACE}/database:connect_analytics_consumer"


def plan_of(graph: ResourceGraph, observed: dict[str, Any], ours: dict[str, Any]) -> Plan:
    return build_plan(graph, settled(graph), observed, Ours(ours, {}))


def test_what_is_pulled_in_says_for_what(spec: Spec, facts: Facts) -> None:
    """Each step that no target names is marked with the steps that wait for it, and the targets are not."""
    graph = expand(spec, facts)

    plan = narrow(plan_of(graph, dict.fromkeys(graph.resources, Absent()), {}), [LINK], edges(graph))

    pulled_in = dict(plan.pulled_in)
    assert LINK in pulled_in[DATABASE]
    assert set(pulled_in) == {step.address for step in plan.steps} - {LINK}
    for address, because in pulled_in.items():
        assert because
        assert all(address in step.depends_on for step in plan.steps if step.address in because)


def test_a_plan_of_everything_pulls_nothing_in(spec: Spec, facts: Facts) -> None:
    """A target that names all addresses needs none beside them."""
    graph = expand(spec, facts)

    plan = narrow(plan_of(graph, dict.fromkeys(graph.resources, Absent()), {}), ["*"], edges(graph))

    assert plan.pulled_in == {}


def test_what_rests_on_a_thing_made_anew_goes_with_it(spec: Spec, facts: Facts) -> None:
    """A link is repointed by dropping it, and Lake Formation forgets its grants: they are looked at again with it."""
    graph = expand(spec, facts)
    there = settled(graph)
    observed = {**there, LINK: replace(there[LINK], target_table="contact_record")}

    plan = narrow(plan_of(graph, observed, there), [LINK], edges(graph))

    describe = f"{PLACE}/grant:role/{READER}/DESCRIBE/connect_analytics_consumer.users_link"
    assert [(step.action, step.address) for step in plan.steps][:1] == [("replace", LINK)]
    assert plan.pulled_in[describe] == (LINK,)
    assert not any("contact_record" in step.address for step in plan.steps)


def test_what_is_not_there_yet_does_not_go_with_a_thing_made_anew(spec: Spec, facts: Facts) -> None:
    """A grant that nobody made yet loses nothing by a link that is made anew, so its target decides."""
    graph = expand(spec, facts)
    there = settled(graph)
    describe = f"{PLACE}/grant:role/{READER}/DESCRIBE/connect_analytics_consumer.users_link"
    observed = {**there, LINK: replace(there[LINK], target_table="contact_record"), describe: Absent()}
    ours = {address: item for address, item in there.items() if address != describe}

    plan = narrow(plan_of(graph, observed, ours), [LINK], edges(graph))

    assert describe not in {step.address for step in plan.steps}


def test_taking_away_pulls_in_what_rests_on_it(spec: Spec, facts: Facts) -> None:
    """To drop a link its grants go first, and they say that they go for the link's sake."""
    graph = expand(spec, facts)
    there = settled(graph)

    plan = narrow(build_plan(ResourceGraph(), {}, there, Ours(there, {})), [LINK], {})

    describe = f"{PLACE}/grant:role/{READER}/DESCRIBE/connect_analytics_consumer.users_link"
    assert {step.action for step in plan.steps} == {"delete"}
    assert LINK in plan.pulled_in[describe]
    assert DATABASE not in {step.address for step in plan.steps}


@given(st.data())
def test_a_narrowed_plan_can_be_carried_out(data: st.DataObject) -> None:
    """Whatever the targets, no kept step waits for one that was left out, and the order stays."""
    size = data.draw(st.integers(1, 12))
    place = Place("consumer", "222222222222", "eu-west-2")
    roles = [IamRole(place, f"role-{number}") for number in range(size)]
    steps = []
    for number, role in enumerate(roles):
        below = data.draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        action: Action = data.draw(st.sampled_from(["create", "update", "replace"]))
        there = data.draw(st.sampled_from([Absent(), Unreadable("x"), role]))
        depends_on = tuple(roles[other].address for other in sorted(below))
        steps.append(Step(role.address, role.kind, action, "", role, there, depends_on))
    targets = data.draw(st.lists(st.sampled_from([role.address for role in roles]), min_size=1, max_size=3))

    plan = narrow(Plan(steps=tuple(steps)), targets, {})

    done: set[str] = set()
    for step in plan.steps:
        assert set(step.depends_on) <= done
        done.add(step.address)
    assert set(targets) <= done
    assert set(plan.pulled_in) == done - set(targets)


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        (f"{PLACE}/link:connect_analytics_consumer.user_link", LINK),
        (f"{PLACE}/lnk:*", f"{PLACE}/link:*"),
        ("consumer/*/lnk:*", "consumer/*/link:*"),
        ("consumr/*", "consumer/*"),
        ("consumer/eu-west-1/link:connect_analytics_consumer.users_link", LINK),
        ("zzz", None),
    ],
)
def test_a_slip_in_a_target_gets_the_nearest_address(spec: Spec, facts: Facts, target: str, meant: str | None) -> None:
    """Nearest is an address, or a glob that leaves open what was left open."""
    graph = expand(spec, facts)
    plan = plan_of(graph, dict.fromkeys(graph.resources, Absent()), {})

    with pytest.raises(UsageError) as caught:
        narrow(plan, [target], edges(graph))

    assert nearest_address(target, list(graph.resources)) == meant
    assert (f"did you mean '{meant}'?" in str(caught.value)) == (meant is not None)


def test_proofs_are_narrowed_by_reader_link_and_grant() -> None:
    """A reader's role, a link, or a grant: each leaves the readings that it concerns."""
    readers = [{"role": name, "create": {"service": "lambda.amazonaws.com"}} for name in ("a", "b")]
    graph = expand(spec_of({"s": connect_share(readers=readers)}), facts_of())

    def kept(target: str) -> set[tuple[str, str]]:
        return {(reading.reader, reading.table) for reading in narrow_readings(graph.readings, [target])}

    assert kept("consumer/global/role:a") == {("a", "users"), ("a", "contact_record")}
    assert kept("*/link:*users_link") == {("a", "users"), ("b", "users")}
    assert kept(f"{PLACE}/grant:role/b/SELECT/*.users") == {("b", "users")}
    assert narrow_readings(graph.readings, []) == graph.readings
    with pytest.raises(UsageError, match="did you mean 'consumer/global/role:a'"):
        kept("consumer/global/rle:a")


def test_a_refusal_keeps_those_who_show_that_the_link_is_there() -> None:
    """A refusal alone shows nothing, so the readings of the same link that are allowed stay with it."""
    graph = expand(spec_of({"s": connect_share(prove_denial=True)}), facts_of())

    kept = narrow_readings(graph.readings, ["consumer/global/role:*-denied"])

    assert {reading.is_allowed for reading in kept} == {True, False}
    assert {reading.table for reading in kept if reading.is_allowed} == {"users", "contact_record"}
