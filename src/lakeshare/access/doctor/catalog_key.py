"""How a Data Catalog is encrypted, and what there is to know of its key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from lakeshare.access.doctor.key_policies import allows
from lakeshare.access.doctor.looking import Unread, call
from lakeshare.access.doctor.roles import Role
from lakeshare.access.permitted import Refusal, refusals
from lakeshare.planning.least_policy import Allowed
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place

BY_SERVICE_ROLE: Final = "SSE-KMS-WITH-SERVICE-ROLE"
USES: Final = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
READS: Final = "kms:Decrypt"
LOOKS: Final = (
    "glue:GetDataCatalogEncryptionSettings",
    "iam:SimulatePrincipalPolicy",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
)
"""The actions that a look takes."""


@dataclass(frozen=True, slots=True)
class Key:
    """
    The key of an encrypted catalog.

    ``state`` is KMS's (Enabled, Disabled, PendingDeletion ...), None where there is no such key. ``refused`` is what
    IAM refuses of what it takes to whoever was asked about: the service role, where there is one. ``service_role`` is
    the ARN of that role, by which Glue uses the key for all callers, "" where each does it; ``server`` is what was
    found of it.
    """

    name: str
    mode: str
    state: str | Unread | None
    is_managed_by_aws: bool = False
    policy: Mapping[str, Any] | Unread | None = None
    refused: tuple[Refusal, ...] = ()
    service_role: str = ""
    server: Role | Unread | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Who is to use the key: *principal*, whose policies *place* keeps, and for what."""

    place: Place
    principal: str
    actions: Sequence[str]


def catalog_key(run: Run, place: Place, user: User) -> Key | Unread | None:
    """Read how the catalog of *place* is encrypted, and what may keep *user* from its key; None where it is not."""
    answer = call(run, place, "glue", "get_data_catalog_encryption_settings")
    if not isinstance(answer, dict):
        return answer
    at_rest = answer["DataCatalogEncryptionSettings"].get("EncryptionAtRest", {})
    mode = at_rest.get("CatalogEncryptionMode", "DISABLED")
    if mode == "DISABLED":
        return None
    key = _key(run, place, user, mode, at_rest.get("SseAwsKmsKeyId") or "alias/aws/glue")
    return replace(key, service_role=at_rest.get("CatalogEncryptionServiceRole", "") if mode == BY_SERVICE_ROLE else "")


def _key(run: Run, place: Place, user: User, mode: str, name: str) -> Key:
    answer = call(run, place, "kms", "describe_key", absent={"NotFoundException"}, KeyId=name)
    if not isinstance(answer, dict):
        return Key(name, mode, answer)
    row = answer["KeyMetadata"]
    arn, state, is_awss = row["Arn"], row["KeyState"], row.get("KeyManager") == "AWS"
    if mode == BY_SERVICE_ROLE or is_awss:
        return Key(arn, mode, state, is_managed_by_aws=is_awss)
    policy = key_policy(run, place, arn)
    refused = refusals(run, user.place, user.principal, (Allowed(tuple(user.actions), (arn,)),))
    return Key(arn, mode, state, policy=policy, refused=refused)


def key_policy(run: Run, place: Place, arn: str) -> Mapping[str, Any] | Unread | None:
    """Return the policy of the KMS key *arn*."""
    answer = call(run, place, "kms", "get_key_policy", KeyId=arn, PolicyName="default")
    return json.loads(answer["Policy"]) if isinstance(answer, dict) else answer


def refused_by_iam(key: Key, principal: str) -> list[str]:
    """Return what IAM surely refuses *principal* of the key's uses, where the key's policy leaves it to IAM."""
    if isinstance(key.policy, Mapping) and allows(key.policy, principal, READS) != "left to IAM":
        return []
    return [one.action for one in key.refused if one.is_sure and one.action in USES]
