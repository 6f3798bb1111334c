"""From a graph, what is there and what is ours, to steps in an order in which they can be done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from lakeshare import catalogue
from lakeshare.errors import UsageError
from lakeshare.planning.build import Ours, build_plan
from lakeshare.planning.expand import expand
from lakeshare.planning.facts import Facts
from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.order import FEW_GRANTS
from lakeshare.planning.plan import Plan
from lakeshare.planning.target import narrow
from lakeshare.resources.connect_association import ConnectAssociation
from lakeshare.resources.iam_policy import IamPolicy
from lakeshare.resources.iam_policy.model import canonical
from lakeshare.resources.values import Absent, KnownAfter, resolve
from lakeshare.spec import Spec
from tests.unit.planning.house import INSTANCE, READER, connect_share, spec_of

SHARE = "arn:aws:ram:eu-west-2:333333333333:resource-share/x"


def settled(graph: ResourceGraph) -> dict[str, Any]:
    """Return the graph's resources as they stand once everything is applied."""

    def known(unknown: KnownAfter) -> Any:
        return {"lake_account": "333333333333", "share_arns": (SHARE,)}[unknown.attribute]

    there = {address: resolve(item, known) for address, item in graph.resources.items()}
    for address, item in there.items():
        if isinstance(item, ConnectAssociation):
            there[address] = replace(item, share_arn=SHARE)
        if isinstance(item, IamPolicy):
            there[address] = replace(item, live=canonical(item.document()))
    return there


def nothing(graph: ResourceGraph) -> dict[str, Any]:
    """Return an observation of fresh accounts."""
    return dict.fromkeys(graph.resources, Absent())


def built(graph: ResourceGraph, observed: Mapping[str, Any], ours: Mapping[str, Any]) -> Plan:
    there = settled(graph)
    wanted = there if observed else graph.resources
    return build_plan(graph, wanted, {**nothing(graph), **observed}, Ours(ours, {}))


def assert_in_order(plan: Plan) -> None:
    done: set[str] = set()
    for step in plan.steps:
        assert set(step.depends_on) <= done, step.address
        done.add(step.address)


def test_fresh_accounts_need_every_resource(spec: Spec, facts: Facts) -> None:
    """From nothing, each resource is created, after what it depends on."""
    graph = expand(spec, facts)

    plan = built(graph, {}, {})

    assert {step.address for step in plan.steps} == set(graph.resources)
    assert {step.action for step in plan.steps} == {"create"}
    assert_in_order(plan)


def test_a_second_plan_is_empty(spec: Spec, facts: Facts) -> None:
    """When everything is there, nothing is to be done, and each no-op says why."""
    graph = expand(spec, facts)

    plan = built(graph, settled(graph), settled(graph))

    assert not plan.has_changes
    assert {item.reason for item in plan.no_ops} == {"as it should be"}


def test_what_others_made_is_left_alone(spec: Spec, facts: Facts) -> None:
    """The same things, made by others, are no-ops that say so."""
    graph = expand(spec, facts)

    plan = built(graph, settled(graph), {})

    assert not plan.has_changes
    assert {item.reason for item in plan.no_ops} == {"exists, not ours"}
    assert not any(item.is_ours for item in plan.no_ops)


def test_adding_a_table_changes_only_that(facts: Facts) -> None:
    """A table more in the spec is steps about that table, and the reader's policy that has to name it."""
    before = expand(spec_of(), facts)
    share = connect_share()
    share["from"]["connect"]["tables"].append("agent_event")
    after = expand(spec_of({"contact-centre": share}), facts)
    there = settled(before)

    plan = build_plan(after, {**after.resources, **there}, {**nothing(after), **there}, Ours(there, {}))

    others = [step.address for step in plan.steps if "agent_event" not in step.address]
    policy = f"consumer/global/policy:{READER}/lakeshare-connect-analytics"
    assert set(others) <= {policy}


def test_a_table_taken_out_is_taken_away(facts: Facts) -> None:
    """A table less is deletes of that table's things, dependents first."""
    share = connect_share()
    share["from"]["connect"]["tables"].append("agent_event")
    before = settled(expand(spec_of({"contact-centre": share}), facts))
    graph = expand(spec_of(), facts)
    now = settled(graph)

    plan = build_plan(graph, now, {**before, **{a: i for a, i in now.items() if a in before}}, Ours(before, {}))

    deletes = [step.address for step in plan.steps if step.action == "delete"]
    assert all("agent_event" in address for address in deletes)
    assert len(deletes) == 4  # association, link, and the pair of grants; the acceptance goes by itself
    assert_in_order(plan)
    order = [address.split("/")[2].split(":")[0] for address in deletes]
    assert order.index("grant") < order.index("link")
    assert order[-1] == "association" or order.index("association") > order.index("grant")


def test_what_others_made_is_never_taken_away(spec: Spec, facts: Facts) -> None:
    """With an empty ledger nothing is deleted, whatever is there."""
    there = settled(expand(spec, facts))

    plan = build_plan(ResourceGraph(), {}, there, Ours({}, {}))

    assert not plan.has_changes


def test_destroying_goes_backwards(spec: Spec, facts: Facts) -> None:
    """Everything of ours goes, each after whatever rests on it; the administrator right goes last in its account."""
    graph = expand(spec, facts)
    there = settled(graph)

    plan = build_plan(ResourceGraph(), {}, there, Ours(there, {}))

    assert_in_order(plan)
    position = {step.address: number for number, step in enumerate(plan.steps)}
    for address, item in there.items():
        for below in item.depends_on:
            if address in position and below in position:
                assert position[address] < position[below]
    governed = [a for a in position if a.startswith("consumer/eu-west-2/") and ("grant:" in a or "link:" in a)]
    admin = position["consumer/eu-west-2/settings:administrator/role/lakeshare-operator"]
    assert all(position[address] < admin for address in governed)


def test_grants_come_before_revokes_for_the_same_reader(facts: Facts) -> None:
    """A reader moved to other tables is granted the new ones before the old ones are revoked."""
    before = settled(expand(spec_of(), facts))
    share = connect_share()
    share["from"]["connect"]["tables"] = ["agent_event"]
    graph = expand(spec_of({"contact-centre": share}), facts)
    observed = {**nothing(graph), **before}

    plan = build_plan(graph, settled(graph), observed, Ours(before, {}))

    grants = [n for n, step in enumerate(plan.steps) if step.kind == "lake_grant" and step.action == "create"]
    revokes = [n for n, step in enumerate(plan.steps) if step.kind == "lake_grant" and step.action == "delete"]
    assert grants
    assert revokes
    assert max(grants) < min(revokes)
    assert_in_order(plan)


@pytest.mark.parametrize("tables", [5, 40])
def test_much_moved_at_once_names_few_waits_and_keeps_the_order(facts: Facts, tables: int) -> None:
    """However many links are renamed, no revoke can come before any grant, and the waits that are named stay few."""
    names = [name for name in catalogue.tables() if name != "users"][:tables]
    facts = replace(facts, data_sets={("producer", INSTANCE): tuple(names)})
    before, after = (
        expand(
            spec_of(
                {
                    "contact-centre": connect_share(
                        **{
                            "from": {"account": "producer", "connect": {"instance": INSTANCE, "tables": names}},
                            "to": {"account": "consumer", "database": database},
                        }
                    )
                }
            ),
            facts,
        )
        for database in ("old", "new")
    )
    there = settled(before)

    plan = build_plan(after, settled(after), {**nothing(after), **there}, Ours(there, {}))

    grants = [step for step in plan.steps if step.kind == "lake_grant"]
    gained = {step.address for step in grants if step.action == "create" and READER in step.address}
    lost = [step for step in grants if step.action == "delete" and READER in step.address]
    assert len(gained) == len(lost) == tables + 1
    assert all(gained <= waited_for(plan, step.address) for step in lost)
    assert sum(len(step.depends_on) for step in lost) <= FEW_GRANTS * len(lost)
    assert_in_order(plan)


def waited_for(plan: Plan, address: str) -> set[str]:
    """Return all steps that the one at *address* waits for, directly or not."""
    depends_on = {step.address: step.depends_on for step in plan.steps}
    found: set[str] = set()
    waiting = [address]
    while waiting:
        fresh = set(depends_on[waiting.pop()]) - found
        found |= fresh
        waiting.extend(fresh)
    return found


def test_what_rests_on_a_replaced_link_is_looked_at_again(spec: Spec, facts: Facts) -> None:
    """Dropping a link takes the grants on it along, so they are decided again once the link is back."""
    graph = expand(spec, facts)
    there = settled(graph)
    link = "consumer/eu-west-2/link:connect_analytics_consumer.users_link"
    observed = {**there, link: replace(there[link], target_table="other")}

    plan = build_plan(graph, there, observed, Ours(there, {}))

    steps = {step.address: step for step in plan.steps}
    grant = f"consumer/eu-west-2/grant:role/{READER}/DESCRIBE/connect_analytics_consumer.users_link"
    assert steps[link].action == "replace"
    assert steps[grant].is_provisional
    assert link in steps[grant].depends_on
    assert set(steps) == {link, grant}


def test_an_incomplete_graph_takes_nothing_away(spec: Spec, facts: Facts) -> None:
    """While part of the spec cannot be worked out, what is in the ledger and not in the graph stays."""
    there = settled(expand(spec, facts))

    plan = build_plan(ResourceGraph(is_complete=False), {}, there, Ours(there, {}))

    assert not plan.has_changes
    assert not plan.is_complete


def test_an_interrupted_creation_is_ours_when_it_is_found(spec: Spec, facts: Facts) -> None:
    """What was about to be made, and had been seen to be absent, is ours if it stands now."""
    graph = expand(spec, facts)
    there = settled(graph)
    link = "consumer/eu-west-2/link:connect_analytics_consumer.users_link"

    plan = build_plan(graph, there, there, Ours({}, {link: there[link]}))

    assert {item.address for item in plan.no_ops if item.is_ours} == {link}


def test_a_target_pulls_in_what_it_needs(spec: Spec, facts: Facts) -> None:
    """--target keeps the matching steps and everything they wait for, and nothing else."""
    graph = expand(spec, facts)

    narrowed = narrow(built(graph, {}, {}), ["*/link:*users_link"], edges(graph))

    kinds = [step.kind for step in narrowed.steps]
    assert sorted(kinds) == ["connect_association", "glue_database", "lake_grant", "lake_settings", "resource_link"]
    assert not any("contact_record" in step.address for step in narrowed.steps)
    assert_in_order(narrowed)


def test_a_target_that_matches_nothing_is_an_error(spec: Spec, facts: Facts) -> None:
    """A typo in --target is said, not silently an empty plan."""
    with pytest.raises(UsageError, match="no address matches"):
        narrow(built(expand(spec, facts), {}, {}), ["*/lnik:*"], {})


def test_a_target_is_no_way_around_a_blocker(spec: Spec, facts: Facts) -> None:
    """What a targeted step rests on may block it, whatever the target says."""
    graph = expand(spec, facts)
    database = "consumer/eu-west-2/database:connect_analytics_consumer"
    opened = replace(settled(graph)[database], is_open_to_iam=True)

    narrowed = narrow(built(graph, {database: opened}, {}), ["*/link:*users_link"], edges(graph))

    assert [blocker.address for blocker in narrowed.blockers] == [database]


def edges(graph: ResourceGraph) -> dict[str, tuple[str, ...]]:
    return {address: item.depends_on for address, item in graph.resources.items()}


def test_a_plan_file_is_the_same_whatever_the_order_of_sets() -> None:
    """Columns are written in order, so two processes with different hash seeds write the same resource."""
    code = (
        "from lakeshare.resources.registry import to_json; from lakeshare.resources.lake_grant import LakeGrant;"
        "from lakeshare.resources.values import Place; p = Place('c', '222222222222', 'eu-west-2');"
        "g = LakeGrant(p, 'r', 'SELECT', '3', '', 'd', 't', columns=frozenset(['b', 'a', 'd', 'c', 'e', 'f']));"
        "print(to_json(g)['columns'])"
    )

    written = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert written == {"['a', 'b', 'c', 'd', 'e', 'f']\n"}
