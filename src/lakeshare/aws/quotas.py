"""How fast to start calling. AWS publishes few of these figures; the limits learn the rest from throttles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakeshare.catalogue.operations import WHOLE_SERVICE, snake_cased

if TYPE_CHECKING:
    from lakeshare.spec import Rate as SpecRate


@dataclass(frozen=True, slots=True)
class Quota:
    """
    ``per_second`` calls sustained and ``burst`` at once, per account and Region; ``source`` says how we know.

    ``is_most``: never faster than this, whatever AWS may admit. ``is_per_entry``: known to be entries of batches.
    """

    per_second: float
    burst: float
    source: str
    is_most: bool = False
    is_per_entry: bool = False


_CONNECT = "documented: Amazon Connect service quotas, 2 requests a second and bursts of 5 for each operation"
_ATHENA = "from memory: Athena service quotas, calls a second and burst for each operation"
_GUESS = "guess"

QUOTAS: Mapping[tuple[str, str], Quota] = {
    # Each analytics operation has its own bucket; nothing is known of one for the whole of Connect.
    ("connect", "associate_analytics_data_set"): Quota(2, 5, _CONNECT),
    ("connect", "batch_associate_analytics_data_set"): Quota(2, 5, _CONNECT),
    ("connect", "batch_disassociate_analytics_data_set"): Quota(2, 5, _CONNECT),
    ("connect", "disassociate_analytics_data_set"): Quota(2, 5, _CONNECT),
    ("connect", "list_analytics_data_associations"): Quota(2, 5, _CONNECT),
    ("connect", "list_analytics_data_lake_data_sets"): Quota(2, 5, _CONNECT),
    ("connect", "describe_instance"): Quota(2, 5, _CONNECT),
    ("connect", "list_instances"): Quota(2, 5, _CONNECT),
    ("connect", "*"): Quota(20, 40, _GUESS),
    # AWS publishes no rates for Lake Formation and Glue. Small bursts, since a burst is where a guess costs most
    # throttles; the rates grow by themselves.
    ("lakeformation", "batch_grant_permissions"): Quota(10, 5, _GUESS),
    ("lakeformation", "batch_revoke_permissions"): Quota(10, 5, _GUESS),
    ("lakeformation", "grant_permissions"): Quota(10, 5, _GUESS),
    ("lakeformation", "revoke_permissions"): Quota(10, 5, _GUESS),
    ("lakeformation", "get_data_lake_settings"): Quota(10, 5, _GUESS),
    ("lakeformation", "put_data_lake_settings"): Quota(5, 5, _GUESS),
    ("lakeformation", "list_permissions"): Quota(10, 5, _GUESS),
    ("lakeformation", "*"): Quota(20, 10, _GUESS),
    # Glue has no batch for links: a run's first ones go together, as many as there are workers and some.
    ("glue", "create_table"): Quota(20, 20, _GUESS),
    ("glue", "delete_table"): Quota(20, 20, _GUESS),
    ("glue", "create_database"): Quota(5, 5, _GUESS),
    ("glue", "delete_database"): Quota(5, 5, _GUESS),
    ("glue", "*"): Quota(50, 25, _GUESS),
    ("ram", "accept_resource_share_invitation"): Quota(2, 5, _GUESS),
    ("ram", "*"): Quota(5, 10, _GUESS),
    ("iam", "create_role"): Quota(5, 10, _GUESS),
    ("iam", "put_role_policy"): Quota(5, 10, _GUESS),
    ("iam", "update_assume_role_policy"): Quota(5, 10, _GUESS),
    ("iam", "delete_role"): Quota(5, 10, _GUESS),
    ("iam", "*"): Quota(15, 30, _GUESS),
    ("sts", "*"): Quota(100, 100, "from memory: STS admits some 600 calls a second per account and Region"),
    ("athena", "start_query_execution"): Quota(20, 80, _ATHENA),
    ("athena", "stop_query_execution"): Quota(5, 20, _ATHENA),
    ("athena", "get_query_execution"): Quota(100, 200, _ATHENA),
    ("athena", "get_query_results"): Quota(100, 200, _ATHENA),
    ("athena", "*"): Quota(200, 400, _GUESS),
    ("s3", "*"): Quota(100, 200, _GUESS),
}

_ANYTHING_ELSE = Quota(10, 20, _GUESS)
_SPEC = "the spec"


class Quotas:
    """
    The rates at which calls go out: the spec's where it has some, else those of the table.

    *rates* are by ``service:Operation`` (AWS's spelling) or ``service:*``; *by_account* has such rates for single
    account ids, and they win. What the spec says is never gone beyond; what the table says is where to start.
    """

    def __init__(
        self,
        rates: Mapping[str, SpecRate] | None = None,
        by_account: Mapping[str, Mapping[str, SpecRate]] | None = None,
    ) -> None:
        self._rates = _by_snake_case(rates or {})
        self._by_account = {account: _by_snake_case(given) for account, given in (by_account or {}).items()}

    def rate(self, account: str, service: str, operation: str) -> Quota:
        """
        Return the rate of *operation* (boto3's snake_case) in *account*, or of the whole *service* for ``"*"``.

        An operation without a figure of its own goes at the rate of its service; so does one with a mere guess, where
        the spec has a rate for the service.
        """
        given = self._given(account, service, operation)
        if given is not None:
            return given
        own, whole = QUOTAS.get((service, operation)), self._given(account, service, WHOLE_SERVICE)
        if whole is not None and (own is None or own.source == _GUESS):
            return whole
        return own or QUOTAS.get((service, WHOLE_SERVICE)) or _ANYTHING_ELSE

    def _given(self, account: str, service: str, operation: str) -> Quota | None:
        place = (service, operation)
        return self._by_account.get(account, {}).get(place) or self._rates.get(place)


def _by_snake_case(rates: Mapping[str, SpecRate]) -> dict[tuple[str, str], Quota]:
    found = {}
    for name, rate in rates.items():
        service, operation = name.split(":")
        burst = max(rate.burst or rate.per_second, 1.0)
        found[service, snake_cased(operation)] = Quota(
            rate.per_second, burst, _SPEC, is_most=True, is_per_entry=rate.entries_per_second is not None
        )
    return found
