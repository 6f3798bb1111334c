"""
Which data sets Connect offers in which Region.

The lake is where Connect is, and a feature that a Region lacks brings no records there: its tables are not among what
``ListAnalyticsDataLakeDataSets`` names. AWS documents the features by Region and says that data sets differ, not which
data set goes with which feature: that pairing, by category, is ours (inferred).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lakeshare.catalogue import Table, tables

# https://docs.aws.amazon.com/connect/latest/adminguide/regions.html, availability of Connect and of its features.
LAKE_REGIONS: Final = frozenset(
    {
        "af-south-1",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-west-2",
        "us-east-1",
        "us-gov-west-1",
        "us-west-2",
    }
)

# The same page: categories of tables whose feature the Region lacks.
_LACKING: Final[Mapping[str, frozenset[str]]] = {
    "af-south-1": frozenset({"ai_agent", "forecasting", "scheduling"}),
    "us-gov-west-1": frozenset({"ai_agent", "cases", "outbound_campaigns"}),
}


def tables_in(region: str) -> Mapping[str, Table]:
    """Return the tables that the lake of *region* has, by name; none where Connect is not."""
    if region not in LAKE_REGIONS:
        return {}
    lacking = _LACKING.get(region, frozenset())
    return {name: table for name, table in tables().items() if table.category not in lacking}
