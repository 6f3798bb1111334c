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
from lakeshare.resources.rights import Right
from lakeshare.spec import Spec

INLINE_LIMIT_CHARACTERS: Final = 10_240
"""The most that all inline policies of a role may have together, white space not counted (from memory; IAM quotas)."""

TRUST_SID: Final = "LakeshareOperator"
"""The statement of the trust policy that is ours; every other one stays as it is."""

POLICY_NAME: Final = "lakeshare-operator"


@dataclass(frozen=True, slots=True)
class TrustedBy:
    """
    Who may assume the operator role: the ARN of a principal, and the condition on which.

    The condition is an ExternalId, which is nowhere in this value, or membership of ``organization`` (``o-...``).
    """

    principal: str
    organization: str | None = None

    def condition(self, external_id: Any) -> dict[str, Any]:
        """Return the condition, with *external_id* (or whatever stands for it) where it asks for one."""
        if self.organization:
            return {"StringEquals": {"aws:PrincipalOrgID": self.organization}}
        return {"StringEquals": {"sts:ExternalId": external_id}}


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The operator role of one account, to be made by its administrator. *alias* is the account's name in the spec."""

    alias: str
    account_id: str
    region: str
    spec_name: str
    role_name: str
    path: str
    trusted: TrustedBy
    policy: Mapping[str, Any]
    tags: tuple[tuple[str, str], ...]

    def statement(self, external_id: Any) -> dict[str, Any]:
        """Return our statement of the trust policy; *external_id* may be the value, or a reference to one."""
        return {
            "Sid": TRUST_SID,
            "Effect": "Allow",
            "Principal": {"AWS": self.trusted.principal},
            "Action": "sts:AssumeRole",
            "Condition": self.trusted.condition(external_id),
        }

    def trust(self, external_id: Any) -> dict[str, Any]:
        """Return the trust policy of a new role."""
        return {"Version": "2012-10-17", "Statement": [self.statement(external_id)]}


def bootstrap_of(spec: Spec, alias: str, trusted: TrustedBy, also: Iterable[Right]) -> Bootstrap:
    """
    Return what the account *alias* of *spec* needs; its ``role`` must be given there.

    *also* is what the operator should be allowed beside what sharing takes.
    """
    account, place = spec.accounts[alias], place_of(spec, alias)
    arn = operator_arn(spec, alias)
    path, _, name = arn.partition(":role")[2].rpartition("/")
    rights = OperatorRights(spec, imagined_graph(spec).resources.values()).for_good(alias, arn)
    rights = (*with_unknown_paths(spec, alias, rights), *also)
    tags = {**account.tags, "lakeshare:spec": spec.name}
    return Bootstrap(
        alias,
        place.account_id,
        place.region,
        spec.name,
        name,
        f"{path}/",
        trusted,
        least_policy(rights, INLINE_LIMIT_CHARACTERS),
        tuple(sorted(tags.items())),
    )


def merged_trust(live: Mapping[str, Any], statement: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the trust policy *live* with our *statement* in it and all others as they are; None when it is there."""
    there = live.get("Statement", [])
    statements: list[Mapping[str, Any]] = list(there) if isinstance(there, list) else [there]
    if statement in statements:
        return None
    return {**live, "Statement": [*_others(statements), dict(statement)]}


def _others(statements: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for one in statements if one.get("Sid") != TRUST_SID]
