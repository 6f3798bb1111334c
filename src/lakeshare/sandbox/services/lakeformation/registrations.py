"""The places in S3 that are registered with Lake Formation, as they are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from lakeshare.sandbox.arns import s3_arn
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.world import World

_SERVICE_ROLE = "aws-service-role/lakeformation.amazonaws.com/AWSServiceRoleForLakeFormationDataAccess"


@dataclass(frozen=True, slots=True)
class Location:
    """A registered place, and the role by which Lake Formation reaches it; changed_at in sandbox seconds."""

    arn: str
    role: str
    is_hybrid: bool
    changed_at: float


class Locations:
    """The registered places of every account, by ARN without a trailing slash."""

    def __init__(self, world: World) -> None:
        self._moto = world.store(Moto)
        self._places: dict[Place, dict[str, Location]] = {}

    def of(self, place: Place) -> Mapping[str, Location]:
        """Return the places that one account registered in one Region, by ARN."""
        return self._places.get(place, {})

    def put(self, place: Place, location: Location) -> None:
        """Register a place, or change how it is registered."""
        self._places.setdefault(place, {})[location.arn] = location
        self._renew_service_role(place.account)

    def remove(self, place: Place, arn: str) -> None:
        """Forget a place."""
        del self._places[place][arn]
        self._renew_service_role(place.account)

    def governing(self, place: Place, location: str) -> Location | None:
        """Return the registered place with the longest path that holds the ``s3://`` *location*, or None."""
        known = self._places.get(place)
        arn = s3_arn(location.removeprefix("s3://"), place.region).rstrip("/")
        while known and arn:
            if (found := known.get(arn)) is not None:
                return found
            arn = arn.rpartition("/")[0]
        return None

    def _renew_service_role(self, account: str) -> None:
        """Let the account's service-linked role reach what is registered with it, in all Regions, and no more."""
        role = service_role(account)

        def policy() -> str:
            reached = [
                each.arn
                for place, known in self._places.items()
                if place.account == account
                for each in known.values()
                if each.role == role
            ]
            return _service_role_policy(reached)

        self._moto.link_service_role(role, policy)


def service_role(account: str) -> str:
    """Return the ARN of the service-linked role by which Lake Formation reaches what *account* registers with it."""
    return f"arn:aws:iam::{account}:role/{_SERVICE_ROLE}"


def _service_role_policy(arns: list[str]) -> str:
    """Return what Lake Formation writes for its role (documented: service-linked-roles.html)."""
    objects = {"Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": [f"{arn}/*" for arn in arns]}
    buckets = {"Action": "s3:ListBucket", "Resource": sorted({arn.partition("/")[0] for arn in arns})}
    statements = [{"Effect": "Allow", **objects}, {"Effect": "Allow", **buckets}] if arns else []
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
