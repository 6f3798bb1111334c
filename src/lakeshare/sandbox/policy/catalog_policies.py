"""
The policies of Data Catalogs, one per account and Region, and what they say.

Glue's operations put them here; every check of a Glue action asks here, and so does RAM before it shares a table.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TypeAlias

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.policy.context import Context, GivenKeys, Keys
from lakeshare.sandbox.policy.documents import Principal, Statement, parse_policy
from lakeshare.sandbox.policy.evaluate import Verdict, evaluate
from lakeshare.sandbox.policy.principals import Naming
from lakeshare.sandbox.policy.trust import ResourceVerdict, judge
from lakeshare.sandbox.world import World

Where: TypeAlias = tuple[str, str]
"""An account and a Region."""

_RAM = {Principal("Service", "ram.amazonaws.com"), Principal("AWS", "*")}
_UNSAID = ResourceVerdict(Verdict.SILENT, Naming.NOT)


@dataclass(frozen=True, slots=True)
class CatalogPolicy:
    """A catalog's policy as it was put; times in seconds of sandbox time."""

    text: str
    created_at: float
    updated_at: float

    @property
    def hash(self) -> str:
        """What a later call names the policy by that it means to replace."""
        return hash_of(self.text)


def hash_of(text: str) -> str:
    """Return the hash that Glue gives for a policy."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class CatalogPolicies:
    """Every catalog's policy; most have none."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._policies: dict[Where, CatalogPolicy] = {}

    def put(self, where: Where, text: str) -> CatalogPolicy:
        """Put *text* in place of the policy that is there."""
        known, now = self._policies.get(where), self._world.clock.now()
        made = self._policies[where] = CatalogPolicy(text, known.created_at if known else now, now)
        return made

    def policy(self, where: Where) -> CatalogPolicy | None:
        """Return the policy of one catalog, or None."""
        return self._policies.get(where)

    def delete(self, where: Where) -> None:
        """Forget the policy of one catalog."""
        del self._policies[where]

    def says(self, caller: Caller, action: str, arn: str, keys: Keys) -> ResourceVerdict:
        """Return what the policy of the catalog in which *arn* is says of *caller* doing *action* on it."""
        return judge(self._statements(arn), caller, action, arn, keys) if self._policies else _UNSAID

    def allows(self, caller: Caller, action: str, *arns: str) -> bool:
        """Whether the policy lets *caller* do *action* on every one of *arns*."""
        keys = Context(self._world, caller)
        return all(self.says(caller, action, arn, keys).verdict is Verdict.ALLOW for arn in arns)

    def denies(self, caller: Caller, action: str, *arns: str) -> bool:
        """Whether the policy keeps *caller* from doing *action* on any of *arns*."""
        keys = Context(self._world, caller)
        return any(self.says(caller, action, arn, keys).verdict is Verdict.DENY for arn in arns)

    def lets_ram_share(self, arn: str) -> bool:
        """Whether RAM may share *arn*: without any policy it may, with one that policy has to allow it."""
        statements = self._statements(arn)
        if not statements:
            return True
        to_ram = [one for one in statements if _RAM & set(one.principals)]
        return evaluate(to_ram, "glue:ShareResource", arn, GivenKeys({})) is Verdict.ALLOW

    def _statements(self, arn: str) -> tuple[Statement, ...]:
        fields = arn.split(":", 5)
        found = self._policies.get((fields[4], fields[3])) if len(fields) == 6 else None
        return parse_policy(found.text) if found else ()
