"""The policies of all roles that lakeshare gives one to: one for each, however many shares it reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from lakeshare.planning.graph import Asker, GraphUnderWork
from lakeshare.planning.principals import Principal
from lakeshare.planning.reader_policy import QueryPlace, TablePair, policy_size, reader_policy
from lakeshare.resources.iam_policy import INLINE_LIMIT_CHARACTERS, IamPolicy, Statement
from lakeshare.resources.values import Blocker, Place


@dataclass(slots=True)
class _Wanted:
    """What one role is to be allowed. ``taken`` is the room that others' inline policies on it take."""

    address: str
    path: str
    taken: int
    pairs: dict[TablePair, None] = field(default_factory=dict)
    spots: dict[QueryPlace, None] = field(default_factory=dict)
    beside: dict[Statement, None] = field(default_factory=dict)
    askers: dict[Asker, None] = field(default_factory=dict)


class ReaderPolicies:
    """Collects what roles must be allowed: IAM limits what all inline policies of a role hold together."""

    def __init__(self, spec_name: str) -> None:
        self._name = policy_name(spec_name)
        self._wanted: dict[tuple[Place, str], _Wanted] = {}

    def allow(
        self,
        asker: Asker,
        place: Place,
        who: Principal,
        pairs: list[TablePair],
        spot: QueryPlace,
    ) -> None:
        """Let the role that *who* is, and that is in *place*, read *pairs* from *spot*."""
        wanted = self._wanted.setdefault((place, who.role), _Wanted(who.address, who.path, who.taken))
        wanted.pairs.update(dict.fromkeys(pairs))
        wanted.spots[spot] = None
        wanted.beside.update(dict.fromkeys(who.beside))
        wanted.askers[asker] = None

    def add_to(self, graph: GraphUnderWork) -> None:
        """Add a policy for each role, and block where it does not fit beside what others put on the role."""
        for (place, role), wanted in self._wanted.items():
            graph.ask(*wanted.askers)
            policy = reader_policy(
                place,
                role,
                self._name,
                wanted.pairs,
                wanted.spots,
                needs=(wanted.address,) if wanted.address else (),
                beside=_together(wanted.beside),
                limit=INLINE_LIMIT_CHARACTERS - wanted.taken,
                path=wanted.path,
            )
            graph.add(policy)
            check_room(graph, place, policy, wanted.taken)


def _together(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Put statements of one Sid together, such as those about logs in two Regions: a policy has each Sid once."""
    found: dict[str, Statement] = {}
    for one in statements:
        there = found.setdefault(one.sid, one)
        both = dict.fromkeys((*there.resources, *one.resources))
        found[one.sid] = replace(there, resources=tuple(both))
    return tuple(found.values())


def policy_name(spec_name: str) -> str:
    """Return what our inline policy is called on every role."""
    return f"lakeshare-{spec_name}"


def check_room(graph: GraphUnderWork, place: Place, policy: IamPolicy, taken: int) -> None:
    """Block what IAM would refuse: a role's inline policies are limited together, and the quota cannot be raised."""
    size = policy_size(place, policy.statements)
    if size + taken > INLINE_LIMIT_CHARACTERS:
        reason = (
            f"the policy has {size:,} characters and the role's other inline policies {taken:,}, which is more than the"
            f" {INLINE_LIMIT_CHARACTERS:,} that IAM takes together"
        )
        way_out = "make the others managed policies, or let another role read some of the tables"
        graph.block(Blocker(policy.address, policy.kind, reason, way_out, told_by="room" if taken else None))
