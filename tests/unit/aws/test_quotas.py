from __future__ import annotations

from lakeshare.aws.quotas import QUOTAS, rate


def test_operation_has_its_own_rate():
    """Connect's analytics operations go at the documented two a second, five at once."""
    quota = rate("connect", "batch_associate_analytics_data_set")

    assert (quota.per_second, quota.burst) == (2, 5)
    assert quota.source.startswith("documented")


def test_operation_without_a_figure_goes_at_its_services_rate():
    """An operation that nobody has a figure for goes at the rate of its service."""
    assert rate("glue", "get_user_defined_functions") is rate("glue", "*")


def test_unknown_service_has_a_rate():
    """A service that nobody has thought of still has a limit."""
    assert rate("quicksight", "list_users").source == "guess"


def test_every_figure_says_where_it_comes_from():
    """Each figure is a positive rate with a burst and a source that says how we know."""
    for place, quota in QUOTAS.items():
        assert quota.per_second > 0, place
        assert quota.burst >= 1, place
        assert quota.source.split(":")[0] in {"documented", "from memory", "guess"}, place
