"""How fast to start calling. AWS publishes few of these figures; the limits learn the rest from throttles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quota:
    """``per_second`` calls sustained and ``burst`` at once, per account and Region; ``source`` says how we know."""

    per_second: float
    burst: float
    source: str


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
    ("glue", "create_table"): Quota(20, 10, _GUESS),
    ("glue", "delete_table"): Quota(20, 10, _GUESS),
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


def rate(service: str, operation: str) -> Quota:
    """
    Return the starting rate of *operation* (boto3's snake_case), or of the whole *service* for ``"*"``.

    An operation without a figure of its own goes at the rate of its service.
    """
    return QUOTAS.get((service, operation)) or QUOTAS.get((service, "*")) or _ANYTHING_ELSE
