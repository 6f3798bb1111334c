"""What doctor found as it is shown: account by account, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lakeshare.access.doctor import Checked, Status
from lakeshare.access.doctor.finding import STATUSES


@dataclass(frozen=True, slots=True)
class AccountView:
    """The findings of one account, the worst first."""

    name: str
    account_id: str
    checks: tuple[Checked, ...]

    def of(self, status: Status) -> tuple[Checked, ...]:
        """Return the findings that are just so bad."""
        return tuple(item for item in self.checks if item.status == status)


@dataclass(frozen=True, slots=True)
class DoctorView:
    """All findings, by account."""

    checks: tuple[Checked, ...]
    accounts: tuple[AccountView, ...]
    calls: Mapping[str, Mapping[str, int]]

    def count(self, status: Status) -> int:
        """Count the findings that are just so bad."""
        return Counter(item.status for item in self.checks)[status]

    @property
    def is_blocked(self) -> bool:
        """Whether something keeps an apply from working."""
        return self.count("blocker") > 0


def view_doctor(checks: Sequence[Checked], calls: Mapping[str, Mapping[str, int]] | None = None) -> DoctorView:
    """Arrange *checks* by account, in their own order but for what is worst, which comes first."""
    by_account: dict[tuple[str, str], list[Checked]] = {}
    for item in checks:
        by_account.setdefault((item.account, item.account_id), []).append(item)
    accounts = tuple(
        AccountView(name, number, tuple(sorted(found, key=lambda item: STATUSES.index(item.status))))
        for (name, number), found in by_account.items()
    )
    return DoctorView(tuple(item for account in accounts for item in account.checks), accounts, calls or {})
