"""Everything that took place in one synthetic contact centre: the value that all tables are written from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lakeshare.sandbox.synthesis import vocabulary
from lakeshare.sandbox.synthesis.centre import Centre, Instance, Named, build_centre
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.contacts import Contact
from lakeshare.sandbox.synthesis.moments import midnight
from lakeshare.sandbox.synthesis.roster import WorkedShift, build_roster, extent, working_days
from lakeshare.sandbox.synthesis.simulation import simulate


@dataclass(frozen=True, slots=True)
class History:
    """
    A centre, the shifts that were worked and the contacts that came, all before *anchor*.

    The same instance, seed, anchor and number of contacts give the same history.
    """

    centre: Centre
    seed: int
    anchor: date
    days: tuple[date, ...]
    shifts: tuple[WorkedShift, ...]
    contacts: tuple[Contact, ...]
    campaigns: tuple[Named, ...]

    @property
    def instance(self) -> Instance:
        """The instance whose history it is."""
        return self.centre.instance

    @property
    def ends(self) -> int:
        """The midnight before which everything took place, in ms since the epoch."""
        return midnight(self.anchor)

    @property
    def begins(self) -> int:
        """The midnight that begins the first day, in ms since the epoch."""
        return midnight(self.days[0])

    def chance(self, *name: object) -> Chance:
        """Return the generator called *name*, always from its start."""
        return Chance(self.seed, self.instance.id, *name)


def make_history(instance: Instance, *, contacts: int, anchor: date, seed: int) -> History:
    """Return the history of *instance* with so many *contacts*, ending with the midnight that begins *anchor*."""
    size = extent(contacts)
    centre = build_centre(instance, size.agents, seed)
    days = working_days(anchor, size.days)
    chance = Chance(seed, instance.id, "history")
    campaigns = tuple(Named(*_campaign(instance, name, chance)) for name in vocabulary.CAMPAIGNS)
    roster = build_roster(centre, days, size.shifts, chance)
    taken, shifts = simulate(centre, roster, contacts, campaigns, chance)
    return History(centre, seed, anchor, tuple(days), tuple(shifts), tuple(taken), campaigns)


def _campaign(instance: Instance, name: str, chance: Chance) -> tuple[str, str, str]:
    campaign = chance.uuid()
    arn = f"arn:aws:connect-campaigns:{instance.region}:{instance.account}:campaign/{campaign}"
    return campaign, arn, name
