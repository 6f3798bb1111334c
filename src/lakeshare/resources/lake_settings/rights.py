"""What IAM must allow the operator for its entry among the administrators."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.lake_settings.model import LakeAdministrator
from lakeshare.resources.rights import Right, rights


def rights_for(item: LakeAdministrator) -> Iterator[Right]:
    """
    Yield the rights; the settings are one document, which knows no resources in IAM.

    Whether an administrator still exists is asked about all that are listed, whoever they are.
    """
    yield from rights("look", "lakeformation", "GetDataLakeSettings")
    yield from rights("look", "iam", "GetRole", item.place.iam_arn("role/*"))
    yield from rights("look", "iam", "GetUser", item.place.iam_arn("user/*"))
    yield from rights(("make", "take away"), "lakeformation", "PutDataLakeSettings")
