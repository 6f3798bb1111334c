"""What expanding a spec must know of the world besides the spec. Read beforehand, so that deciding is pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
