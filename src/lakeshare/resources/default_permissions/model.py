"""What is granted by default on whatever somebody makes in an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias

from lakeshare.resources.values import Place, not_compared

Default: TypeAlias = tuple[str, tuple[str, ...]]
"""A principal and its permissions. AWS takes none, or ALL for IAM_ALLOWED_PRINCIPALS (the service model says so)."""

DATABASES, TABLES = "CreateDatabaseDefaultPermissions", "CreateTableDefaultPermissions"


@dataclass(frozen=True, slots=True)
class DefaultPermissions:
    """
    What new ``databases`` and ``tables`` of the account are opened to. None of it is what a spec can ask for.

    ``databases_before`` and ``tables_before`` are in the ledger: what was there before we emptied it.
    """

    place: Place
    databases: tuple[Default, ...] = ()
    tables: tuple[Default, ...] = ()
    databases_before: tuple[Default, ...] = not_compared(())
    tables_before: tuple[Default, ...] = not_compared(())
    depends_on: tuple[str, ...] = not_compared(())

    kind: ClassVar[str] = "default_permissions"

    @property
    def address(self) -> str:
        """``consumer/eu-west-2/settings:default-permissions``."""
        return f"{self.place}/settings:default-permissions"


def our_part(mine: DefaultPermissions, observed: DefaultPermissions) -> DefaultPermissions:
    """Return *observed* with what only we know of it: what was there before."""
    return replace(observed, databases_before=mine.databases_before, tables_before=mine.tables_before)


def defaults_in(settings: Mapping[str, Any], member: str) -> tuple[Default, ...]:
    """Return one member of the settings document."""
    return tuple(
        (row["Principal"]["DataLakePrincipalIdentifier"], tuple(row["Permissions"]))
        for row in settings.get(member) or ()
    )


def as_rows(defaults: Sequence[Default]) -> list[dict[str, Any]]:
    """Return *defaults* as the settings document has them."""
    return [
        {"Principal": {"DataLakePrincipalIdentifier": principal}, "Permissions": list(permissions)}
        for principal, permissions in defaults
    ]
