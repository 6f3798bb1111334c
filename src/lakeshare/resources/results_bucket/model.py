"""The S3 bucket that receives query results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lakeshare.resources.values import Place, not_compared


@dataclass(frozen=True, slots=True)
class ResultsBucket:
    """
    A bucket that is encrypted, closed to the public, and lets results under *prefix* expire after *expire_days*.

    It must not be a location registered with Lake Formation (documented), which a bucket of our own never is.
    ``is_named_by_user``: the spec names it, so one that is there and not ours is used as it is. ``is_foreign`` is
    observed only: the name is taken, and S3 shows us no more than that. ``kms_key`` is the ARN of the key that objects
    are encrypted with (None: S3's own, SSE-S3). ``kept``: why we left it in place although
    nobody wants it any more; looked at again as long as the ledger says so.
    """

    place: Place
    name: str
    prefix: str
    expire_days: int
    tags: tuple[tuple[str, str], ...] = not_compared(())
    depends_on: tuple[str, ...] = not_compared(())
    is_encrypted: bool = True
    is_closed_to_public: bool = True
    is_named_by_user: bool = not_compared(default=False)
    is_foreign: bool = not_compared(default=False)
    kept: str | None = not_compared(None)
    kms_key: str | None = None

    kind: ClassVar[str] = "results_bucket"

    @property
    def address(self) -> str:
        """``consumer/eu-west-2/bucket:lakeshare-222222222222-eu-west-2-connect-analytics``."""
        return f"{self.place}/bucket:{self.name}"

    @property
    def location(self) -> str:
        """Where results go, as Athena spells it."""
        return f"s3://{self.name}/{self.prefix}"
