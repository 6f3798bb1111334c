"""AWS Organizations as moto keeps them: which accounts and units an organisation has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lakeshare.sandbox.moto_bridge.insides import backends, is_loaded


@dataclass(frozen=True, slots=True)
class Organisation:
    """
    An organisation: its id (``o-...``), its ARN, and the account that manages it.

    ``paths`` tell for each account and unit (by account id or ARN) what it is in: the ARNs of units, inner ones first,
    and of the organisation.
    """

    id: str
    arn: str
    management: str
    paths: dict[str, tuple[str, ...]]


class OrganisationStore:
    """Organisations of all accounts. Before anybody has called moto there are none, and nothing is imported."""

    def organisation_of(self, account: str) -> Organisation | None:
        """Return the organisation that *account* is in, or None."""
        return next((each for each in _organisations() if account in each.paths), None)

    def organization(self, account: str) -> str | None:
        """Return the id of the organization that *account* is in; None when it is in none."""
        found = self.organisation_of(account)
        return None if found is None else found.id

    def service_control_policies(self, account: str) -> tuple[tuple[str, ...], ...]:
        """
        Return the policies that bound *account*, as JSON: level by level, its own and those of all that it is in.

        None bound an account that manages its organisation, or that is in none.
        """
        if not is_loaded():
            return ()
        with backends("organizations") as organizations:
            found = [backend for management in list(organizations.values()) for backend in list(management.values())]
            for backend in found:
                if backend.org is None or backend.org.master_account_id == account:
                    continue
                member = next((each for each in backend.accounts if each.id == account), None)
                if member is not None:
                    return tuple(_levels(backend, member))
        return ()


def _levels(backend: Any, member: Any) -> Iterator[tuple[str, ...]]:
    """Yield the service control policies of an account, of its units and of the root."""
    units = {unit.id: unit for unit in backend.ou}
    place = member
    while place is not None:
        yield tuple(each.content for each in place.attached_policies if each.type == "SERVICE_CONTROL_POLICY")
        place = units.get(getattr(place, "parent_id", None) or "")


def _organisations() -> list[Organisation]:
    if not is_loaded():
        return []
    with backends("organizations") as organizations:
        found = [backend for management in list(organizations.values()) for backend in list(management.values())]
        return [_read(backend) for backend in found if backend.org is not None]


def _read(backend: Any) -> Organisation:
    # moto keeps the root, which has no ARN of a unit, among the units.
    units = {unit.id: unit for unit in backend.ou if ":ou/" in unit.arn}
    paths = {each.id: _path(units, each.parent_id, backend.org.arn) for each in backend.accounts}
    paths |= {unit.arn: _path(units, unit.parent_id, backend.org.arn) for unit in units.values()}
    return Organisation(backend.org.id, backend.org.arn, backend.org.master_account_id, paths)


def _path(units: dict[str, Any], parent: str | None, organisation: str) -> tuple[str, ...]:
    """Return the ARNs of the units from *parent* upwards, and the organisation's."""
    arns: list[str] = []
    while (unit := units.get(parent or "")) is not None:
        arns.append(unit.arn)
        parent = unit.parent_id
    return (*arns, organisation)
