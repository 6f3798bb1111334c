"""One data set of a Connect instance, associated with one target account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lakeshare.resources.values import Place, not_compared


@dataclass(frozen=True, slots=True)
class ConnectAssociation:
    """
    The producer's half of sharing Connect's lake: AWS then shares the data set's table with the target account.

    ``share_arn`` is the RAM share that carries the table. Its account is the AWS-owned one that holds the lake, which
    is documented nowhere and differs by Region. ``share_expired`` is joined on after reading: nobody accepted in time.
    ``is_instance_gone`` is observed only: Connect knows no such instance, and what was associated went with it.
    """

    place: Place
    instance: str
    data_set: str
    target_account: str
    depends_on: tuple[str, ...] = not_compared(())
    share_arn: str | None = not_compared(None)
    share_expired: bool = not_compared(default=False)
    is_instance_gone: bool = not_compared(default=False)

    kind: ClassVar[str] = "connect_association"

    @property
    def address(self) -> str:
        """``producer/eu-west-2/association:INSTANCE/contact_record/222222222222``."""
        return f"{self.place}/association:{self.instance}/{self.data_set}/{self.target_account}"

    @property
    def share_arns(self) -> tuple[str, ...] | None:
        """The shares that must be accepted before the table can be seen."""
        return (self.share_arn,) if self.share_arn else None

    @property
    def lake_account(self) -> str | None:
        """The account that owns the table: field 5 of the share's ARN (observed in AWS's own construct)."""
        return self.share_arn.split(":")[4] if self.share_arn else None
