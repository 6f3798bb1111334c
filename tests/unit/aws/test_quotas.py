from __future__ import annotations

from functools import partial

import pytest
from botocore import xform_name

from lakeshare.aws.quotas import QUOTAS, Quotas
from lakeshare.catalogue.operations import OPERATIONS, WHOLE_SERVICE, snake_cased
from lakeshare.spec import Rate

CONSUMER, OTHER = "222222222222", "333333333333"
rate = partial(Quotas().rate, CONSUMER)


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


def test_every_figure_is_for_something_that_we_call():
    """A figure for an operation that lakeshare never calls would be a slip."""
    known = {(service, snake_cased(name)) for service, names in OPERATIONS.items() for name in names}

    assert {place for place in QUOTAS if place[1] != WHOLE_SERVICE} <= known


@pytest.mark.parametrize("service", OPERATIONS)
def test_operations_have_botos_names(service: str):
    """An operation's name turns into the one that boto3 has for it."""
    for name in OPERATIONS[service]:
        assert snake_cased(name) == xform_name(name)


def test_the_spec_has_the_last_word():
    """The spec's rate for an account wins over its rate for all, and that over the table; neither is gone beyond."""
    quotas = Quotas(
        {"lakeformation:ListPermissions": Rate(calls_per_second=3.0, burst=2.0)},
        {CONSUMER: {"lakeformation:ListPermissions": Rate(calls_per_second=1.0)}},
    )

    one, all_others = (quotas.rate(account, "lakeformation", "list_permissions") for account in (CONSUMER, OTHER))

    assert (one.per_second, one.burst, one.is_most) == (1, 1, True)
    assert (all_others.per_second, all_others.burst, all_others.is_most) == (3, 2, True)
    assert not quotas.rate(OTHER, "lakeformation", "grant_permissions").is_most


def test_a_guess_gives_way_to_what_the_spec_says_of_the_service():
    """Who knows the rate of a service need not know our guesses at its operations; documented figures stay."""
    quotas = Quotas({f"{service}:*": Rate(calls_per_second=80.0) for service in ("lakeformation", "connect")})

    assert quotas.rate(OTHER, "lakeformation", "list_permissions").per_second == 80
    assert quotas.rate(OTHER, "connect", "describe_instance").per_second == 2


def test_entries_may_be_what_the_spec_counts():
    """A rate in entries says so, and its burst is a second's worth unless it is given."""
    quotas = Quotas({"lakeformation:BatchGrantPermissions": Rate(entries_per_second=40.0)})

    found = quotas.rate(OTHER, "lakeformation", "batch_grant_permissions")

    assert (found.is_per_entry, found.per_second, found.burst) == (True, 40, 40)
