"""moto's Resource Groups Tagging API, shown what is tagged of things that are ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lakeshare.sandbox.moto_bridge.insides import LOCK, application


@dataclass(frozen=True, slots=True)
class Tagged:
    """A thing that carries tags; ``kind`` is as the API filters by it, ``athena:workgroup``."""

    arn: str
    kind: str
    tags: Mapping[str, str]


_shown: dict[tuple[str, str], tuple[Tagged, ...]] = {}


def show_tagged(account: str, region: str, things: Iterable[Tagged]) -> None:
    """Let the API show *things* of *account* in *region*, beside what moto keeps there."""
    with LOCK:
        application()
        _join()
        _shown[account, region] = tuple(things)


class _Ours:
    """Stands among moto's backends for what is ours; it is not asked to change tags."""

    def __init__(self, things: Iterable[Tagged]) -> None:
        self._things = things

    def owns_arn(self, _arn: str) -> bool:
        return False

    def iter_tagged_resources(self) -> Iterator[Any]:
        from moto.core.resource_tagging import TaggedResource

        for thing in self._things:
            yield TaggedResource(arn=thing.arn, tags=dict(thing.tags), resource_type=thing.kind)


@lru_cache(maxsize=1)
def _join() -> None:
    """Put ours behind moto's backends, once."""
    from moto.resourcegroupstaggingapi import models

    motos = models.iter_taggable_backends

    def both(account: str, region: str) -> Iterator[Any]:
        yield from motos(account, region)
        yield _Ours(_shown.get((account, region), ()))

    models.iter_taggable_backends = both
