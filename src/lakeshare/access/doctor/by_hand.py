"""What only a person can do, in a console or by a word to AWS, before an apply can do the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.looking import Unread, listed
from lakeshare.resources.kind import Run
from lakeshare.spec import ConnectSource

Seen: TypeAlias = dict[str, int | Unread | None]


def look(run: Run, case: Case) -> Seen:
    """Ask each Connect instance how many data sets it offers; None where there is no such instance."""
    instances = {share.source.instance for share in case.sources if isinstance(share.source, ConnectSource)}
    found: Seen = {}
    for instance in sorted(instances):
        rows = listed(
            run,
            case.place,
            "connect",
            "list_analytics_data_lake_data_sets",
            "Results",
            absent={"ResourceNotFoundException"},
            InstanceId=instance,
        )
        found[instance] = len(rows) if isinstance(rows, list) else rows
    return found


def judge(case: Case, seen: Seen) -> Iterator[Finding]:
    """Say what is waiting for a person; nothing of accounts in which there is nothing of the kind."""
    for instance, count in seen.items():
        if count is None:
            yield Finding(
                "blocker",
                f"there is no Connect instance {instance} in {case.place.region}",
                f"correct `instance` or `region` in the spec: `aws connect list-instances --region {case.place.region}`"
                " lists those that are there",
            )
        elif isinstance(count, Unread):
            yield Finding(
                "warning",
                f"whether instance {instance} offers data sets could not be looked at: {count.action} failed"
                f" ({count.why})",
                f"`lakeshare policy --account {case.alias} --for apply` prints the policy that it needs",
            )
        elif not count:
            yield Finding(
                "blocker",
                f"Connect instance {instance} offers no data sets",
                f"turn its data lake on in the console of account {case.place.account_id}: Amazon Connect, the"
                " instance's alias, Analytics tools; no API does it",
            )
        else:
            yield Finding("ok", f"Connect instance {instance} offers {count} data sets")


CHECK: Final = Check(
    id="by-hand",
    title="What only a person can do",
    look=look,
    judge=judge,
    reads=("connect:ListAnalyticsDataLakeDataSets",),
)
