"""Loans at the front of a plan, and administrators that no longer exist."""

from __future__ import annotations

from dataclasses import replace

from lakeshare.planning.borrowing import BORROWED, is_loan, needing_administrator, with_loans
from lakeshare.planning.build import Ours, build_plan
from lakeshare.planning.expand import expand
from lakeshare.planning.plan import Plan
from lakeshare.planning.removals import with_removals
from lakeshare.resources.cross_account_version import CrossAccountVersion
from lakeshare.resources.lake_settings import LakeAdministrator
from lakeshare.resources.values import Absent, Place, Step
from tests.unit.planning.house import CONSUMER, facts_of, spec_of
from tests.unit.planning.test_build import settled

PLACE = Place("consumer", CONSUMER, "eu-west-2")
OPERATOR = f"arn:aws:iam::{CONSUMER}:role/lakeshare-operator"
RIGHT = "consumer/eu-west-2/settings:administrator/role/lakeshare-operator"
GONE = LakeAdministrator(PLACE, f"arn:aws:iam::{CONSUMER}:role/gone")
LINK = "consumer/eu-west-2/link:connect_analytics_consumer.users_link"


def plan_without(*missing: str) -> Plan:
    """Return the plan of the usual spec where all is ours and in place but *missing*."""
    graph = expand(spec_of(), facts_of())
    there = settled(graph)
    observed = {**there, **dict.fromkeys(missing, Absent())}
    ours = Ours({address: item for address, item in there.items() if address not in missing}, {})
    return build_plan(graph, there, observed, ours)


def test_all_that_takes_an_administrator_waits_for_the_loan() -> None:
    """The loan comes first, says that it is one, and leaves alone what needs no administrator."""
    bucket = next(item.address for item in plan_without().no_ops if "bucket:" in item.address)
    plan = with_loans(plan_without(LINK, bucket), {PLACE: OPERATOR})
    waits = {step.address: step.depends_on for step in plan.steps}

    assert plan.steps[0].address == RIGHT
    assert plan.steps[0].reason == BORROWED
    assert plan.steps[0].desired.is_borrowed
    assert RIGHT in waits[LINK]
    assert RIGHT not in waits[bucket]


def test_two_names_of_one_account_share_a_loan() -> None:
    """There is one entry, however many names the spec has for the account."""
    again = replace(PLACE, alias="also")

    plan = with_loans(plan_without(LINK), {PLACE: OPERATOR, again: OPERATOR})

    assert [step.address for step in plan.steps if step.kind == "lake_settings"] == [RIGHT]


def test_nothing_is_borrowed_for_what_needs_no_administrator() -> None:
    """Steps that only change roles and buckets need nobody of Lake Formation's."""
    role = next(item.address for item in plan_without().no_ops if "/role:" in item.address)

    assert needing_administrator(plan_without(role)) == {}
    assert list(needing_administrator(plan_without(LINK))) == [PLACE]


def test_an_entry_is_a_loan_only_where_the_spec_borrows() -> None:
    """What was borrowed counts as any other thing of ours once the right is to last."""
    entry = LakeAdministrator(PLACE, OPERATOR, is_borrowed=True)
    borrowed = spec_of(consumer={"id": CONSUMER, "region": "eu-west-2", "admin": "borrowed"})

    assert is_loan(entry, borrowed)
    assert not is_loan(entry, spec_of())
    assert not is_loan(replace(entry, is_borrowed=False), borrowed)


def test_a_dead_entry_blocks_only_what_changes_the_settings() -> None:
    """It is in nobody's way otherwise; named it is taken out, also where nothing else is changed there."""
    link, admin = plan_without(LINK), with_loans(plan_without(LINK), {PLACE: OPERATOR})

    assert with_removals(link, [GONE], ()).blockers == ()
    assert [item.address for item in with_removals(admin, [GONE], ()).blockers] == [GONE.address]
    assert [step.address for step in with_removals(link, [GONE], {GONE.principal}).steps] == [GONE.address, LINK]


def test_other_settings_wait_for_what_is_in_their_way() -> None:
    """A Put of its own comes after the one that takes the dead out; those of administrators go with it."""
    version = CrossAccountVersion(PLACE, 4)
    raising = Step(version.address, version.kind, "update", "", version, replace(version, version=1))
    plan = with_loans(plan_without(LINK), {PLACE: OPERATOR})

    cleared = with_removals(replace(plan, steps=(*plan.steps, raising)), [GONE], {GONE.principal})
    waits = {step.address: step.depends_on for step in cleared.steps}

    assert waits[version.address] == (GONE.address,)
    assert waits[RIGHT] == ()
