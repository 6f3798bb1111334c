"""
Connect instances and the analytics lake behind them.

The lake of a Region is one database, ``connect_datalake``, in an account of AWS that nobody can sign in to. Associating
a data set with an account is that owner granting SELECT and DESCRIBE with the grant option, through one RAM share for
each receiving account.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lakeshare.catalogue import SOURCE_DATABASE
from lakeshare.sandbox.arns import partition_in
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation import revoking, sharing
from lakeshare.sandbox.services.lakeformation.grants import Grants, Holder, Right
from lakeshare.sandbox.services.lakeformation.keys import TableKey
from lakeshare.sandbox.services.ram.associations import Share
from lakeshare.sandbox.world import World

FIRST_INSTANCE: Final = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
"""The id of the first instance of a world; the later ones follow from their account and Region."""

SHARE_PURPOSE: Final = "connect"
RIGHTS: Final = {Right("DESCRIBE"): True, Right("SELECT"): True}


def lake_owner(region: str) -> str:
    """
    Return the AWS-owned account that holds the lake of *region*: twelve digits, made up, another in each Region.

    AWS documents no such list either; the owner is read from the ARN of the share.
    """
    digits = int.from_bytes(hashlib.sha256(f"connect lake {region}".encode()).digest()[:8], "big")
    return f"9{digits % 10**11:011d}"


def lake_place(region: str) -> Place:
    """Return the catalog that the lake of *region* is in."""
    return Place(lake_owner(region), region)


@dataclass(slots=True)
class Instance:
    """
    A Connect instance; ``data_sets`` are those it offers, by id, with the name that people read.

    ``associations`` are (data set, receiving account) in the order in which they were made; ``described`` is what
    CreateInstance was given of what DescribeInstance shows.
    """

    id: str
    account: str
    region: str
    created_at: float
    data_sets: dict[str, str] = field(default_factory=dict)
    associations: dict[tuple[str, str], None] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The ARN of the instance."""
        return f"arn:{partition_in(self.region)}:connect:{self.region}:{self.account}:instance/{self.id}"


class Instances:
    """Every Connect instance of the sandbox, and which data sets each one shares with whom."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._instances: dict[tuple[str, str], dict[str, Instance]] = {}
        self._made = 0

    def add(self, account: str, region: str, data_sets: Mapping[str, str]) -> str:
        """
        Give *account* an instance in *region* that offers *data_sets* (id to name); return its id.

        An account that has one keeps it; adding again offers more data sets through it.
        """
        here = self._instances.setdefault((account, region), {})
        if not here:
            is_first = not any(count for place, count in self._instances.items() if place != (account, region))
            name = uuid.uuid5(uuid.NAMESPACE_OID, f"connect/{region}/{account}")
            id_ = FIRST_INSTANCE if is_first else str(name)
            here[id_] = Instance(id_, account, region, self._world.clock.now())
        instance = next(iter(here.values()))
        instance.data_sets.update(data_sets)
        return instance.id

    def create(self, account: str, region: str, data_sets: Mapping[str, str], described: Mapping[str, Any]) -> Instance:
        """Give *account* one more instance in *region*, that offers *data_sets*."""
        here = self._instances.setdefault((account, region), {})
        self._made += 1
        id_ = str(uuid.uuid5(uuid.NAMESPACE_OID, f"connect/{region}/{account}/{self._made}"))
        made = here[id_] = Instance(id_, account, region, self._world.clock.now(), dict(data_sets))
        made.described.update(described)
        return made

    def delete(self, instance: Instance) -> None:
        """Forget an instance, once it has taken back what it shared."""
        for data_set, target in list(instance.associations):
            self.disassociate(instance, data_set, target)
        del self._instances[instance.account, instance.region][instance.id]

    def of(self, account: str, region: str) -> Iterator[Instance]:
        """Yield the instances of one account in one Region."""
        return iter(self._instances.get((account, region), {}).values())

    def instance(self, account: str, region: str, id_: str) -> Instance | None:
        """Return an instance by its id, or None when *account* has none such in *region*."""
        return self._instances.get((account, region), {}).get(id_)

    def associate(self, instance: Instance, data_set: str, target: str) -> Share:
        """Share a data set with *target*, which is invited where no share for it is alive; again changes nothing."""
        place, key = lake_place(instance.region), TableKey(SOURCE_DATABASE, data_set)
        instance.associations[data_set, target] = None
        holder = Holder(target, place.account)
        self._world.store(Grants).add(place, key, holder, RIGHTS, by=f"arn:aws:iam::{place.account}:root")
        return sharing.share_under(self._world, place, key, target, purpose=SHARE_PURPOSE)

    def disassociate(self, instance: Instance, data_set: str, target: str) -> None:
        """Take a data set back from *target*; the last one takes the share with it."""
        del instance.associations[data_set, target]
        if any((data_set, target) in other.associations for other in self._in_region(instance.region)):
            return
        place, key = lake_place(instance.region), TableKey(SOURCE_DATABASE, data_set)
        revoking.revoke(self._world, place, key, Holder(target, place.account), list(RIGHTS), [])

    def share_of(self, instance: Instance, data_set: str, target: str) -> Share | None:
        """Return the share that carries an association, None when somebody took the data set out of it."""
        key = TableKey(SOURCE_DATABASE, data_set)
        return next(sharing.shares_of(self._world, lake_place(instance.region), key, target), None)

    def _in_region(self, region: str) -> Iterator[Instance]:
        return (each for (_, where), found in self._instances.items() if where == region for each in found.values())
