"""What IAM must allow the operator for associations."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.connect_association.model import ConnectAssociation
from lakeshare.resources.rights import Right, rights


def rights_for(item: ConnectAssociation) -> Iterator[Right]:
    """Yield the rights. What fails in a batch is asked for again singly; a dead share is emptied to be made anew."""
    instance = item.place.arn("connect", f"instance/{item.instance}")
    yield from rights("look", "connect", "ListAnalyticsDataAssociations", instance)
    yield from rights("make", "connect", "BatchAssociateAnalyticsDataSet AssociateAnalyticsDataSet", instance)
    off = "BatchDisassociateAnalyticsDataSet DisassociateAnalyticsDataSet"
    yield from rights(("mend", "take away"), "connect", off, instance)
