"""What expanding a spec must know of the world besides the spec. Read beforehand, so that deciding is pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StandingRole:
    """
    How full the policies of an existing role are, ours left out; all in characters without white space.

    ``inline`` are its other inline policies together, ``trust`` is its trust policy without our statements, and
    ``lets_in`` are the statements of that as lines with digests, so that nothing is added which they say already.
    """

    inline: int = 0
    trust: int = 0
    lets_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """
    The few things that a spec leaves to the accounts to tell. Accounts go by their names in the spec.

    ``operators``: the IAM principal that lakeshare is in each account.
    ``data_sets``: by (account, instance), what Connect lists as available; the live list wins over our catalogue.
    ``tables``: by (account, database), the producer's own tables and their columns, in order.
    ``open_tables``: by (account, database), tables (or ``*``) on which IAMAllowedPrincipals hold ALL.
    ``closed_tables``: by (account, database), tables (or ``*``) that the ledger says we have taken that right off.
    ``cross_account_versions``: by account, Lake Formation's CROSS_ACCOUNT_VERSION.
    ``reader_roles``: by (account, role name), the ARN of a role that exists, or None.
    ``reader_policies``: by (account, role name), the policy documents of a role that exists; missing when not readable.
    ``ruled_defaults``: accounts in which a database ``default`` exists and Lake Formation rules it.
    ``unlisted``: (account, database) whose tables Lake Formation hides until the operator is an administrator there.
    ``results_places``: by (account, workgroup), where a workgroup that the spec names and others made puts results.
    ``homes``: by account id, the name under which the ledger has the roles of an account that the spec names twice.
    ``external_id_digests``: by account, the digest of the ExternalId with which the operator acts as a reader.
    ``external_id_lengths``: by account, how many characters that ExternalId has.
    ``sso_roles``: by (account, permission set), the ARNs of the roles that IAM Identity Center keeps for it there.
    ``reader_users``: by (account, user name), the ARN of an IAM user that exists, or None.
    ``standing_roles``: by (account, role name), how full the policies of a role are that the spec completes.
    ``trust_limits``: by account, how many characters a trust policy may have there; missing when not readable.
    """

    operators: Mapping[str, str] = field(default_factory=dict)
    data_sets: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    tables: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    open_tables: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    closed_tables: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    cross_account_versions: Mapping[str, int] = field(default_factory=dict)
    reader_roles: Mapping[tuple[str, str], str | None] = field(default_factory=dict)
    reader_policies: Mapping[tuple[str, str], tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    ruled_defaults: frozenset[str] = frozenset()
    unlisted: frozenset[tuple[str, str]] = frozenset()
    results_places: Mapping[tuple[str, str], str] = field(default_factory=dict)
    homes: Mapping[str, str] = field(default_factory=dict)
    external_id_digests: Mapping[str, str] = field(default_factory=dict)
    external_id_lengths: Mapping[str, int] = field(default_factory=dict)
    sso_roles: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    reader_users: Mapping[tuple[str, str], str | None] = field(default_factory=dict)
    standing_roles: Mapping[tuple[str, str], StandingRole] = field(default_factory=dict)
    trust_limits: Mapping[str, int] = field(default_factory=dict)
