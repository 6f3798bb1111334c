"""Whether Connect offers the data sets that the spec names in the Region that it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakeshare import catalogue
from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.catalogue.regions import LAKE_REGIONS, tables_in
from lakeshare.resources.connect_association.model import ConnectAssociation
from lakeshare.resources.kind import Run
from lakeshare.spec import ConnectSource


def look(_run: Run, case: Case) -> frozenset[str]:
    """Return the data sets that the spec selects; Connect itself was asked when the plan was made."""
    return frozenset(item.data_set for item in case.wanted if isinstance(item, ConnectAssociation))


def judge(case: Case, seen: frozenset[str]) -> Iterator[Finding]:
    """Say what AWS's documents know; what an instance offers by itself wins over them, and the plan tells that."""
    if not any(isinstance(share.source, ConnectSource) for share in case.sources):
        return
    region = case.place.region
    if region not in LAKE_REGIONS:
        yield Finding(
            "warning",
            f"AWS's documents do not list Connect's data lake in {region}",
            "compare `region` in the spec with the instance's:"
            " https://docs.aws.amazon.com/connect/latest/adminguide/regions.html",
        )
        return
    known = frozenset(catalogue.tables())
    lacking = sorted((seen & known) - frozenset(tables_in(region)))
    if lacking:
        yield Finding(
            "warning",
            f"features behind these data sets are not offered in {region}, so they may stay empty:"
            f" {', '.join(lacking)}",
            "take them out of the spec, or expect no rows",
        )
    else:
        yield Finding("ok", f"{region} has the features behind all {len(seen)} data sets")


CHECK: Final = Check(id="regions", title="Data sets in the Region", look=look, judge=judge)
