"""explain against real queries: two separate writings of the same rules, over worlds that are made at random."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, event, example, given, settings

from tests.functional.accounts import CONSUMER, PRODUCER, Accounts
from tests.functional.explain_harms import HARMS, befall
from tests.functional.explain_stage import Stage
from tests.functional.explain_worlds import World, worlds

OPEN_BY_NATURE = {
    # Who opens the files of a registered table that IAM alone decides about, AWS's documents leave open.
    "target open",
    "policy instead of share",
    # What the session of a question is called, nobody said.
    "denied to a session",
    "denied to another session",
    # KMS's own grants have constraints, and the sandbox knows none of them.
    "a grant of the key",
}

EXAMPLES, MANY_EXAMPLES = 25, 500

# Shrinking a world takes a new sandbox for each try, and a world says by itself what is special about it.
PLAIN = settings(
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def judged(bare: Accounts, world: World) -> str:
    """Return what explain says of *world*, after making sure that a query agrees."""
    bare.box.reset()
    bare.make_operator(PRODUCER)
    bare.make_operator(CONSUMER)
    stage = Stage(bare, world)
    stage.make()
    befall(stage)

    explanation = stage.explain().explanation
    refusal = stage.query()

    if explanation.verdict == "allow":
        assert refusal is None, f"allowed, but the query says: {refusal}\n{world}"
    if explanation.verdict == "deny":
        assert refusal is not None, f"denied by {explanation.reason}, but the query is answered\n{world}"
    return explanation.verdict


@pytest.mark.parametrize("harm", list(HARMS))
def test_one_harm_at_a_time(bare: Accounts, harm: str) -> None:
    """Of everything that may befall a world by itself, explain knows what becomes of a query."""
    verdict = judged(bare, World(harms=(harm,), location="role"))

    assert verdict != "unknown" or harm in OPEN_BY_NATURE


@settings(PLAIN, max_examples=EXAMPLES, derandomize=True)
@given(world=worlds(list(HARMS)))
@example(world=World(owner="columns", right="columns", column="customer"))
@example(world=World(right="filter", column="amount"))
@example(world=World(right="filter", column="id", harms=("owner takes filter",)))
@example(world=World(right="columns", column="day", is_partitioned=True))
@example(world=World(right="all but", column="day", is_partitioned=True, is_user=True))
@example(world=World(owner="columns", right="all tables", column="customer"))
@example(world=World(is_database_link=True, harms=("database link to a link",)))
@example(world=World(owner="tags", right="tags", column="customer", harms=("column tagged apart",)))
@example(world=World(is_partitioned=True, harms=("partition elsewhere",)))
@example(world=World(owner="tags", location="hybrid", harms=("tags taken off",)))
@example(world=World(owner="tags", location="none", harms=("target open", "tags taken off")))
@example(world=World(owner="tags", right="tags", harms=("super passed on by tags",)))
@example(world=World(owner="tags", right="tags", harms=("share taken back",)))
@example(world=World(owner="tags", right="tags", harms=("shared by a saved expression",)))
@example(world=World(owner="tags", right="tags", owners_key="by key policy"))
@example(world=World(location="none", harms=("policy instead of share",)))
@example(world=World(location="none", harms=("policy for the operator alone",)))
@example(world=World(location="hybrid", harms=("rights revoked", "group opted in")))
@example(world=World(location="hybrid", owner="all tables", harms=("rights revoked", "opted in to all tables")))
@example(world=World(is_open_link=True, harms=("opted in to the link",)))
@example(world=World(is_open_database=False, harms=("links seen by tags",)))
@example(world=World(owner="own account", location="none", is_user=True))
def test_a_query_agrees_with_explain(bare: Accounts, world: World) -> None:
    """Wherever explain says allow a query is answered, and wherever it says deny one is refused."""
    judged(bare, world)


@pytest.mark.endurance
@pytest.mark.timeout(3000)
def test_many_queries_agree_and_unknown_is_no_way_out(bare: Accounts) -> None:
    """The same for many worlds; where everything can be read, explain leaves fewer than one in ten open."""
    verdicts: Counter[str] = Counter()

    @settings(PLAIN, max_examples=MANY_EXAMPLES)
    @given(world=worlds(list(HARMS)))
    def over_worlds(world: World) -> None:
        verdict = judged(bare, world)
        verdicts[verdict] += 1
        event(verdict)

    over_worlds()

    assert verdicts["unknown"] < verdicts.total() / 10, verdicts
    assert min(verdicts["allow"], verdicts["deny"]) > verdicts.total() / 10, verdicts
