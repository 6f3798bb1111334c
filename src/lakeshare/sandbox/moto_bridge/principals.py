"""IAM as moto keeps it: roles, users, groups and their policies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lakeshare.sandbox.arns import account_of, entity_kind, is_administrator, partition_of
from lakeshare.sandbox.moto_bridge.insides import PARTITION, backends, is_loaded
from lakeshare.sandbox.world import World

_AWS_POLICY = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """
    An IAM role: ``arn`` has its path; ``trust_policy`` is the document; ``id`` is the unique one (``AROA...``).

    ``created_at`` is in seconds of sandbox time.
    """

    name: str
    arn: str
    trust_policy: dict[str, Any]
    created_at: float
    max_session_seconds: int
    id: str


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The user to whom CreateAccessKey gave a key, and whether the key is active."""

    arn: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """
    A policy that a role, user or group has; ``text`` is the JSON it was put as.

    ``origin`` is what holds an inline policy (user, group, role), or whose a managed one is (aws-managed,
    user-managed).
    """

    name: str
    origin: str
    text: str


class PrincipalStore:
    """Roles and users of all accounts. Before anybody has called moto there are none, and nothing is imported."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._born: dict[str, float] = {}
        self._service_roles: dict[str, Callable[[], str]] = {}

    def role(self, account: str, name: str, partition: str = PARTITION) -> RoleEntry | None:
        """Return the role of *account* that is called *name*; None when there is none."""
        if not is_loaded():
            return None
        with backends("iam") as iam:
            found = _named(iam[account][partition].roles.values(), name)
            return None if found is None else self._role_entry(found)

    def role_by_arn(self, arn: str) -> RoleEntry | None:
        """Return the role whose ARN, path and all, is *arn*."""
        found = self.role(account_of(arn), arn.rpartition("/")[2], partition_of(arn))
        return found if found and found.arn == arn else None

    def unique_id(self, arn: str) -> str | None:
        """Return the unique id of the role or user *arn*; None when there is none."""
        if not is_loaded():
            return None
        with backends("iam") as iam:
            found = _entity(iam, arn)
            return None if found is None else str(found.id)

    def principal_exists(self, arn: str) -> bool:
        """Say whether *arn* is a role or a user; the administrator of every account always is."""
        return is_administrator(arn) or self.created_at(arn) is not None

    def created_at(self, arn: str) -> float | None:
        """When the role or user *arn* was made, in sandbox time; None when there is none."""
        if arn in self._service_roles:
            return 0.0
        if not is_loaded():
            return None
        with backends("iam") as iam:
            found = _entity(iam, arn)
            return None if found is None else self._created_at(found)

    def trust_by_id(self, arn: str, unique_id: str) -> None:
        """Let every trust policy that names *arn*, who is no more, name the *unique_id* that it had instead."""
        with backends("iam") as iam:
            for backend in [each for account in list(iam.values()) for each in list(account.values())]:
                for role in backend.roles.values():
                    if f'"{arn}"' in (role.assume_role_policy_document or ""):
                        document = _document(role.assume_role_policy_document)
                        _rename_principals(document, arn, unique_id)
                        role.assume_role_policy_document = json.dumps(document)

    def note_birth(self, arn: str) -> None:
        """Remember that *arn* was made now; moto itself knows only real time."""
        self._born[arn] = self._world.clock.now()

    def link_service_role(self, arn: str, policy: Callable[[], str]) -> None:
        """
        Let a service have a role of its own in an account; *policy* returns what it may do, as JSON.

        moto does not hold it: it is made by the service, and nobody else can change it.
        """
        self._service_roles[arn] = lru_cache(maxsize=1)(policy)

    def entity_arn(self, account: str, kind: str, name: str) -> str | None:
        """Return the ARN, path and all, of the ``user``, ``role`` or ``group`` called *name*."""
        with backends("iam") as iam:
            found = _named(getattr(iam[account][PARTITION], f"{kind}s").values(), name)
            return None if found is None else str(found.arn)

    def holder_of_key(self, access_key: str) -> KeyHolder | None:
        """Return who got *access_key* from CreateAccessKey; None when nobody did."""
        if not is_loaded():
            return None
        with backends("iam") as iam:
            for backend in [partition for account in list(iam.values()) for partition in list(account.values())]:
                key = backend.access_keys.get(access_key)
                if key is not None and key.user_name:
                    return KeyHolder(backend.users[key.user_name].arn, key.status == "Active")
        return None

    def identity_policies(self, arn: str) -> list[dict[str, Any]]:
        """Return the policies of a role or user as documents, inline and attached, its groups' included."""
        return [json.loads(text) for text in self.identity_policy_texts(arn)]

    def identity_policy_texts(self, arn: str) -> tuple[str, ...]:
        """Return the same as identity_policies, each as the JSON it was put as; a service's own role has one."""
        if (policy := self._service_roles.get(arn)) is not None:
            return (policy(),)
        if not is_loaded():
            return ()
        with backends("iam") as iam:
            found = _entity(iam, arn)
            if found is None:
                return ()
            is_user = entity_kind(arn) == "user"
            groups = iam[account_of(arn)][PARTITION].get_groups_for_user(found.name) if is_user else []
            return tuple(text for holder in (found, *groups) for text in _policy_texts(holder))

    def policies(self, arn: str, *, own: bool = False) -> tuple[PolicyEntry, ...] | None:
        """
        Return the policies of a role, user or group; None when there is no such thing.

        A user's groups' are included unless only its *own* are wanted.
        """
        if not is_loaded():
            return None
        with backends("iam") as iam:
            kind, found = entity_kind(arn), _entity(iam, arn)
            if found is None:
                return None
            is_member = kind == "user" and not own
            groups = iam[account_of(arn)][PARTITION].get_groups_for_user(found.name) if is_member else []
            holders = [(kind, found), *(("group", group) for group in groups)]
            return tuple(entry for origin, holder in holders for entry in _policy_entries(holder, origin))

    def permissions_boundary(self, arn: str) -> str | None:
        """Return the boundary of a role or user as JSON; None when it has none."""
        boundary = self.boundary_arn(arn)
        return None if boundary is None else self.managed_policy_text(account_of(arn), boundary)

    def boundary_arn(self, arn: str) -> str | None:
        """Return which managed policy bounds a role or user; None when none does."""
        if not is_loaded():
            return None
        with backends("iam") as iam:
            boundary: str | None = getattr(_entity(iam, arn), "permissions_boundary_arn", None)
            return boundary

    def set_user_boundary(self, account: str, name: str, policy: str | None) -> bool:
        """Bound the user called *name* by a managed policy, or by none; False when there is no such user."""
        with backends("iam") as iam:
            found = _named(iam[account][PARTITION].users.values(), name)
            if found is not None:
                found.permissions_boundary_arn = policy
                # What GetUser shows, as moto has it of roles (documented: API_User).
                shown = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": policy}
                found.permissions_boundary = shown if policy else None
            return found is not None

    def managed_policy_text(self, account: str, arn: str) -> str | None:
        """Return the default version of the managed policy *arn* as *account* sees it; None when there is none."""
        with backends("iam") as iam:
            return _managed_text(iam, account, arn)

    def tags(self, arn: str) -> Mapping[str, str]:
        """Return the tags of a role or user."""
        if not is_loaded():
            return {}
        with backends("iam") as iam:
            tags = getattr(_entity(iam, arn), "tags", None) or []
            return {tag["Key"]: str(tag["Value"]) for tag in tags}

    def _role_entry(self, role: Any) -> RoleEntry:
        return RoleEntry(
            name=role.name,
            arn=role.arn,
            trust_policy=_document(role.assume_role_policy_document),
            created_at=self._created_at(role),
            max_session_seconds=int(role.max_session_duration or 3600),
            id=role.id,
        )

    def _created_at(self, entity: Any) -> float:
        return self._born.get(entity.arn) or float(entity.create_date.timestamp())


def admit_aws_policy(account: str, arn: str) -> None:
    """Let *account* see the AWS managed policy *arn*; moto's own way loads all 1,500 of them into each account."""
    if not arn.startswith(_AWS_POLICY):
        return
    from moto.iam.models import AWSManagedPolicy

    name = arn.rpartition("/")[2]
    if name in _aws_policies():
        with backends("iam") as iam:
            known = iam[account][PARTITION].managed_policies
            if arn not in known:
                policy = AWSManagedPolicy.from_data(name, account, "us-east-1", _aws_policies()[name])
                known[policy.arn] = policy


@lru_cache(maxsize=1)
def _aws_policies() -> Mapping[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies: Mapping[str, Any] = json.loads(aws_managed_policies_data)
    return policies


def _rename_principals(document: dict[str, Any], old: str, new: str) -> None:
    said = document.get("Statement", [])
    for statement in said if isinstance(said, list) else [said]:
        for member in ("Principal", "NotPrincipal"):
            named = statement.get(member)
            if isinstance(named, dict) and "AWS" in named:
                values = named["AWS"] if isinstance(named["AWS"], list) else [named["AWS"]]
                changed = [new if value == old else value for value in values]
                named["AWS"] = changed if len(changed) > 1 else changed[0]


def _named(entities: Iterable[Any], name: str) -> Any | None:
    return next((entity for entity in entities if entity.name == name), None)


def _entity(iam: Any, arn: str) -> Any | None:
    """Find the role, user or group whose ARN, path and all, is *arn*."""
    account, kind = account_of(arn), entity_kind(arn)
    if not account.isdigit() or kind not in {"role", "user", "group"}:
        return None
    found = _named(getattr(iam[account][partition_of(arn)], f"{kind}s").values(), arn.rpartition("/")[2])
    return found if found is not None and found.arn == arn else None


def _document(text: str | None) -> dict[str, Any]:
    """Return a policy document; an empty one for what is none, which moto takes where AWS would not."""
    try:
        document = json.loads(text or "{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _policy_texts(holder: Any) -> Iterator[str]:
    yield from (text if isinstance(text, str) else json.dumps(text) for text in holder.policies.values())
    yield from (_default_version(policy) for policy in holder.managed_policies.values())


def _policy_entries(holder: Any, origin: str) -> Iterator[PolicyEntry]:
    for name, text in holder.policies.items():
        yield PolicyEntry(name, origin, text if isinstance(text, str) else json.dumps(text))
    for policy in holder.managed_policies.values():
        whose = "aws-managed" if policy.arn.startswith(_AWS_POLICY) else "user-managed"
        yield PolicyEntry(policy.name, whose, _default_version(policy))


def _managed_text(iam: Any, account: str, arn: str) -> str | None:
    admit_aws_policy(account, arn)
    policy = iam[account][PARTITION].managed_policies.get(arn)
    return None if policy is None else _default_version(policy)


def _default_version(policy: Any) -> str:
    document = next(version.document for version in policy.versions if version.version_id == policy.default_version_id)
    return document if isinstance(document, str) else json.dumps(document)
