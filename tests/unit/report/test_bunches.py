"""Which steps read as one."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from lakeshare.report.bunches import FEWEST, bunched
from tests.unit.report.values import grant, link, role, step

TABLES = [f"table_{letter}" for letter in string.ascii_lowercase]
OTHER_ROLE = "arn:aws:iam::222222222222:role/analyst"


def test_steps_that_differ_in_one_name_are_a_bunch() -> None:
    """Links to 26 tables are one bunch under a pattern that matches them all, and it keeps their names in order."""
    steps = [step(link(table)) for table in TABLES]

    [bunch] = bunched(steps)

    assert bunch.pattern == "consumer/eu-west-2/link:analytics.*"
    assert bunch.names == tuple(f"{table}_link" for table in TABLES)
    assert bunch.addresses == tuple(item.address for item in steps)


def test_a_few_stay_lines_of_their_own() -> None:
    """Fewer than four alike steps are listed one by one."""
    bunches = bunched([step(role(name)) for name in ("one", "two", "three")])

    assert [bunch.pattern for bunch in bunches] == [f"consumer/global/role:{name}" for name in ("one", "two", "three")]
    assert all(bunch.names == () for bunch in bunches)


def test_two_long_ones_are_a_bunch() -> None:
    """Addresses that would fill a line of a terminal each are gathered from two on."""
    [bunch] = bunched([step(grant("a_table_with_a_name")), step(grant("another_table_with_a_name"))])

    assert bunch.names == ("a_table_with_a_name", "another_table_with_a_name")


def test_steps_gather_where_most_are_alike() -> None:
    """Many tables for two readers are a bunch of tables per reader, not a bunch of readers per table."""
    steps = [step(grant(table, principal=who)) for table in TABLES for who in (OTHER_ROLE, f"{OTHER_ROLE}-2")]

    bunches = bunched(steps)

    assert [(bunch.pattern.count("*"), bunch.size) for bunch in bunches] == [(1, len(TABLES))] * 2


def test_what_is_done_and_why_keeps_bunches_apart() -> None:
    """Steps with another action or another reason are never in one bunch."""
    steps = [step(link(table)) for table in TABLES[:5]]
    steps += [step(link(table), "delete", "no longer wanted") for table in TABLES[5:10]]
    steps += [step(link(table), "create", "cannot be seen yet") for table in TABLES[10:15]]

    assert [bunch.size for bunch in bunched(steps)] == [5, 5, 5]


def test_a_reason_that_names_the_thing_does_not_keep_it_apart() -> None:
    """A reason may name the table: that is the one name in which the steps differ."""
    steps = [step(link(table), reason=f"{table}_link points elsewhere") for table in TABLES]

    [bunch] = bunched(steps)

    assert bunch.reason == "* points elsewhere"


@given(
    st.lists(
        st.sampled_from(
            [
                grant(t, p, w)
                for t in TABLES[:6]
                for p in ("SELECT", "DESCRIBE")
                for w in (OTHER_ROLE, f"{OTHER_ROLE}-2")
            ]
        ),
        unique=True,
        max_size=24,
    )
)
def test_no_step_is_lost_or_told_twice(grants: list[object]) -> None:
    """However steps are mixed, each is in exactly one bunch, and bunches are single steps or at least two."""
    steps = [step(item) for item in grants]

    bunches = bunched(steps)

    assert sorted(address for bunch in bunches for address in bunch.addresses) == sorted(s.address for s in steps)
    assert all(bunch.size == 1 or len(bunch.names) == bunch.size for bunch in bunches)
    assert FEWEST > 1
