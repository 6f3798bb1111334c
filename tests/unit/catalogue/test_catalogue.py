"""The catalogue that ships with the package."""

from dataclasses import FrozenInstanceError

import pytest

from lakeshare.catalogue import categories, nearest, table_names_in, tables


def test_every_table_is_there_once() -> None:
    """The catalogue holds the 48 documented tables under their own names."""
    catalogue = tables()

    assert len(catalogue) == 48
    assert all(name == table.name for name, table in catalogue.items())


def test_the_catalogue_is_read_once() -> None:
    """A second look costs nothing and cannot differ."""
    assert tables() is tables()


def test_columns_say_what_the_documentation_says() -> None:
    """A column keeps its type, its key and its observed Glue type."""
    first = tables()["agent_queue_statistic_record"].columns[0]

    assert (first.name, first.type, first.glue_type_observed) == ("aqsr_statistic_id", "string", "string")
    assert first.is_key
    assert not first.nullable
    assert first.doc is None


def test_a_column_name_that_aws_writes_in_capitals_is_kept_beside_the_real_one() -> None:
    """Glue folds names to lower case; the documented spelling stays findable."""
    respelled = [c for t in tables().values() for c in t.columns if c.documented_name]

    assert len(respelled) == 4
    assert all(c.name == c.name.lower() != c.documented_name for c in respelled)


@pytest.mark.parametrize("name", tables())
def test_every_key_and_time_column_is_a_column_of_its_table(name: str) -> None:
    """Primary key, partition key, age column and join keys name columns that exist."""
    table = tables()[name]
    columns = {column.name for column in table.columns}

    named = {*table.primary_key, *table.join_keys, table.partition_key, table.age_column} - {None}

    assert named <= columns
    assert {c.name for c in table.columns if c.is_key} == set(table.primary_key)


def test_column_names_are_unique_within_a_table() -> None:
    """No table lists a column twice."""
    for table in tables().values():
        names = [column.name for column in table.columns]
        assert len(names) == len(set(names)), table.name


def test_groups_cover_the_catalogue() -> None:
    """Every table is in exactly one category, and the categories have no others."""
    grouped = [name for category in categories() for name in table_names_in(category)]

    assert sorted(grouped) == sorted(tables())
    assert table_names_in("forecasting") == (
        "forecast_groups",
        "long_term_forecasts",
        "short_term_forecasts",
        "intraday_forecasts",
        "demand_group",
        "demand_group_definitions",
    )
    assert table_names_in("no such category") == ()


def test_nobody_can_change_the_catalogue_for_others() -> None:
    """Tables and the mapping that holds them are read-only."""
    table = tables()["users"]

    with pytest.raises(FrozenInstanceError):
        table.name = "people"  # type: ignore[misc]
    with pytest.raises(TypeError):
        tables()["users"] = table  # type: ignore[index]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("contcat_record", "contact_record"),
        ("Contact-Record", "contact_record"),
        ("contacts", "contact_record"),
        ("user", "users"),
        ("qqqq", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_the_nearest_name_is_a_slip_away_or_none(written: str, meant: str | None) -> None:
    """A slip finds its table, and something else finds nothing."""
    assert nearest(written, tables()) == meant


def test_swapped_letters_are_looked_through() -> None:
    """Of two names that are equally close, the one with the same letters is meant."""
    assert nearest("us-esat-1", ["us-west-1", "us-east-1"]) == "us-east-1"
    assert nearest("us-esat-1", ["us-east-1", "us-west-1"]) == "us-east-1"
