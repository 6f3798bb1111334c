"""
What the very first administrator of an account makes once, so that lakeshare can work there: the operator role.

Its trust names who may enter and on what condition, never a whole account without one. Its policy is the least that
apply, verify and destroy of the spec take together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lakeshare.planning.expand import place_of
from lakeshare.planning.imagined import imagined_graph, operator_arn, with_unknown_paths
from lakeshare.planning.least_policy import least_policy
from lakeshare.planning.operator_rights import OperatorRights
from lakeshare.resources.documents import with_statement
from lakeshare.resources.iam_policy import INLINE_LIMIT_CHARACTERS
from lakeshare.resources.iam_trust import sid_of
from lakeshare.resources.rights import Right
from lakeshare.resources.trust import Trustee
from lakeshare.spec import Spec
from lakeshare.spec.ways import of_one_role

SHORTER: Final = (
    "give the roles that are made for readers a common path (`create: {path: /NAME/}`), under which they can be named"
    " together; or give parts of the readers to another consumer account"
)
"""What makes an operator's policy shorter, where it names more roles than there is room for."""

NOBODY: Final[Mapping[str, Any]] = {"Version": "2012-10-17", "Statement": []}
"""A trust policy that lets nobody in."""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The operator role of one account, to be made by its administrator. *alias* is the account's name in the spec."""

    alias: str
    account_id: str
    region: str
    spec_name: str
    arn: str
    trusted: Trustee
    policy: Mapping[str, Any]
    tags: tuple[tuple[str, str], ...]

    @property
    def role_name(self) -> str:
        """The role's name, without its path."""
        return self.arn.rpartition("/")[2]

    @property
    def path(self) -> str:
        """The role's path: ``/``, or ``/ops/``."""
        return self.arn.partition(":role")[2].rpartition("/")[0] + "/"

    @property
    def sid(self) -> str:
        """The statement of the trust policy that is this spec's; every other one stays as it is."""
        return sid_of("Operator", self.spec_name)

    @property
    def policy_name(self) -> str:
        """The inline policy that is this spec's: of two specs that share an operator each has its own."""
        return f"lakeshare-operator-{self.spec_name}"

    @property
    def address(self) -> str:
        """``consumer/global/operator:role/ops/lakeshare``."""
        return f"{self.alias}/global/operator:{self.arn.split(':', 5)[-1]}"

    @property
    def asks_for_id(self) -> bool:
        """Whether whoever enters has to show an ExternalId; else they must belong to the organization."""
        return self.trusted.organization is None

    def trust(self, external_id: Any, live: Mapping[str, Any] = NOBODY) -> dict[str, Any]:
        """
        Return the trust policy *live*, or that of a new role, with our statement in it and all others as they are.

        *external_id* is the value, or what stands for it; it is not looked at where nobody is asked for one.
        """
        statement = self.trusted.statement(external_id if self.asks_for_id else None)
        return with_statement(live, self.sid, statement)


def bootstrap_of(spec: Spec, alias: str, trusted: Trustee, also: Iterable[Right]) -> Bootstrap:
    """
    Return what the account *alias* of *spec* needs; its ``role`` must be given there.

    *also* is what the operator should be allowed beside what sharing takes.
    """
    account, place = spec.accounts[alias], place_of(spec, alias)
    arn = operator_arn(spec, alias)
    operators = OperatorRights(spec, imagined_graph(spec).resources.values())
    rights = [
        right
        for name in of_one_role(spec, alias)
        for right in with_unknown_paths(spec, name, operators.for_good(name, arn))
    ]
    tags = {**account.tags, "lakeshare:spec": spec.name}
    return Bootstrap(
        alias,
        place.account_id,
        place.region,
        spec.name,
        arn,
        trusted,
        least_policy((*dict.fromkeys(rights), *also), INLINE_LIMIT_CHARACTERS),
        tuple(sorted(tags.items())),
    )
