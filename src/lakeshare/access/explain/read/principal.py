"""Who a principal is, and every policy that IAM keeps for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lakeshare.access.explain.observed import Asker, PrincipalKind
from lakeshare.access.explain.read.asking import tried, tried_or
from lakeshare.access.explain.read.organisation import Organisation, read_organisation
from lakeshare.access.iam import Context, Kept, Policies, Statement, read_statements
from lakeshare.errors import UsageError
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place, Unreadable

_FIELDS = 6
LONGEST_SESSION_SECONDS = 12 * 3600.0
"""(documented: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)"""


def parse_principal(arn: str) -> Asker:
    """
    Return who *arn* means, with nothing read yet. A session's ARN means its role.

    Raises UsageError when it is no ARN of somebody who could hold a grant.
    """
    parts = arn.strip().split(":", _FIELDS - 1)
    if len(parts) != _FIELDS or parts[0] != "arn":
        raise UsageError(
            f"{arn} is no ARN",
            hint="a role's is arn:aws:iam::ACCOUNT:role/NAME; `aws iam get-role --role-name NAME` tells it",
        )
    _arn, partition, service, _region, account, path = parts
    if service == "sts" and path.startswith("assumed-role/"):
        return Asker(f"arn:{partition}:iam::{account}:role/{path.split('/')[1]}", "role", account)
    return Asker(arn.strip(), _kind(service, path), account)


def _kind(service: str, path: str) -> PrincipalKind:
    sort = path.partition("/")[0]
    if service == "iam":
        kinds: Mapping[str, PrincipalKind] = {"role": "role", "user": "user", "root": "root", "saml-provider": "saml"}
        return kinds.get(sort, "other")
    named: Mapping[str, PrincipalKind] = {"quicksight": "quicksight", "identitystore": "identity_center"}
    return named.get(service, "other")


def service_linked(role: Asker) -> Asker:
    """
    Return Lake Formation's service-linked role: its policy follows the registered places; no organisation bounds it.

    (documented: https://docs.aws.amazon.com/lake-formation/latest/dg/service-linked-roles.html)
    """
    everywhere = {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    policies = Policies(read_statements(everywhere, "the service-linked role's own policy"))
    values = {
        "aws:principalarn": (role.arn,),
        "aws:principalaccount": (role.account_id,),
        "aws:securetransport": ("true",),
    }
    return replace(role, policies=policies, context=Context(values))


@dataclass(frozen=True, slots=True)
class _Kept:
    """A role or user as IAM tells of it."""

    arn: str
    tags: Mapping[str, str]
    boundary: str | None
    trust: tuple[Statement, ...] | Unreadable = ()


def read_principal(run: Run, place: Place, asker: Asker, others: Sequence[Place]) -> Asker:
    """Return *asker* with its policies and what is known of its calls; *place* is its account, *others* the spec's."""
    organisation, now = read_organisation(run, place, others), run.clock.now()
    known = replace(asker, organisation_id=organisation.id)
    if not asker.is_of_iam:
        why = Unreadable(f"a principal like {asker.arn} is not kept by IAM: who calls for it is decided elsewhere")
        return replace(known, is_there=True if asker.kind == "root" else why)
    kept = tried_or(lambda: _entity(run, place, asker), None, "NoSuchEntity")
    if kept is None:
        return replace(known, is_there=False, context=_context(asker, asker.arn, {}, organisation, now))
    if isinstance(kept, Unreadable):
        unread = Policies(unread=(kept.reason,), boundary=kept, organisation=organisation.policies)
        return replace(
            known, is_there=kept, policies=unread, context=_context(asker, asker.arn, None, organisation, now)
        )
    statements, refusals = _own_policies(run, place, asker)
    boundary = _managed(run, place, kept.boundary, "the permissions boundary") if kept.boundary else None
    policies = Policies(statements, refusals, boundary, organisation.policies)
    context = _context(asker, kept.arn, kept.tags, organisation, now)
    return replace(known, arn=kept.arn, policies=policies, context=context, trust=kept.trust)


def _entity(run: Run, place: Place, asker: Asker) -> _Kept:
    named = {"RoleName" if asker.kind == "role" else "UserName": asker.name}
    answer = run.aws.call(place.alias, place.region, "iam", f"get_{asker.kind}", **named)
    row = answer[asker.kind.title()]
    boundary = (row.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    trust = read_statements(row.get("AssumeRolePolicyDocument") or {}, f"the trust policy of the role {asker.name}")
    return _Kept(row["Arn"], {tag["Key"]: tag["Value"] for tag in row.get("Tags", ())}, boundary, trust)


def _own_policies(run: Run, place: Place, asker: Asker) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    """Return the statements of every policy that could be read, and why others could not."""
    holders: list[tuple[str, str]] = [(asker.kind, asker.name)]
    refusals: list[str] = []
    if asker.kind == "user":
        groups = tried(lambda: _names(run, place, "list_groups_for_user", "Groups", "GroupName", UserName=asker.name))
        if isinstance(groups, Unreadable):
            refusals.append(groups.reason)
        else:
            holders += [("group", name) for name in groups]
    found: list[Statement] = []
    for part in (part for kind, name in holders for part in _policies_of(run, place, kind, name)):
        if isinstance(part, Unreadable):
            refusals.append(part.reason)
        else:
            found += part
    return tuple(found), tuple(dict.fromkeys(refusals))


def _policies_of(run: Run, place: Place, kind: str, name: str) -> Iterator[tuple[Statement, ...] | Unreadable]:
    who = {f"{kind.title()}Name": name}

    def inline(policy: str) -> tuple[Statement, ...] | Unreadable:
        def read() -> tuple[Statement, ...]:
            answer = run.aws.call(place.alias, place.region, "iam", f"get_{kind}_policy", **who, PolicyName=policy)
            source = f"the inline policy {policy} of the {kind} {name}"
            return read_statements(answer["PolicyDocument"], source, _kept_inline(place, kind, name, policy))

        return tried(read)

    names = tried(lambda: [str(row) for row in _rows(run, place, f"list_{kind}_policies", "PolicyNames", **who)])
    attached = tried(
        lambda: _names(run, place, f"list_attached_{kind}_policies", "AttachedPolicies", "PolicyArn", **who)
    )
    yield from [names] if isinstance(names, Unreadable) else run.aws.in_parallel(inline, names)
    if isinstance(attached, Unreadable):
        yield attached
    else:
        yield from run.aws.in_parallel(lambda arn: _managed(run, place, arn, f"the managed policy {arn}"), attached)


def _kept_inline(place: Place, kind: str, name: str, policy: str) -> Kept:
    which = f"--{kind}-name {name} --policy-name {policy}"
    return Kept(
        place.account_id,
        f"aws iam get-{kind}-policy {which} --query PolicyDocument --output json",
        f"aws iam put-{kind}-policy {which} --policy-document file://policy.json",
        f"aws iam delete-{kind}-policy {which}",
    )


def _managed(run: Run, place: Place, arn: str, source: str) -> tuple[Statement, ...] | Unreadable:
    def read() -> tuple[Statement, ...]:
        policy = run.aws.call(place.alias, place.region, "iam", "get_policy", PolicyArn=arn)["Policy"]
        version = run.aws.call(
            place.alias,
            place.region,
            "iam",
            "get_policy_version",
            PolicyArn=arn,
            VersionId=policy["DefaultVersionId"],
        )
        which = f"--policy-arn {arn} --version-id {policy['DefaultVersionId']}"
        kept = Kept(
            place.account_id,
            f"aws iam get-policy-version {which} --query PolicyVersion.Document --output json",
            f"aws iam create-policy-version --policy-arn {arn} --set-as-default --policy-document file://policy.json",
        )
        # AWS's own policies nobody else changes.
        return read_statements(version["PolicyVersion"]["Document"], source, None if ":iam::aws:" in arn else kept)

    return tried(read)


def _names(run: Run, place: Place, operation: str, items: str, member: str, **params: str) -> list[str]:
    return [row[member] for row in _rows(run, place, operation, items, **params)]


def _rows(run: Run, place: Place, operation: str, items: str, **params: str) -> Iterator[Any]:
    return run.aws.pages(place.alias, place.region, "iam", operation, items, **params)


def _context(asker: Asker, arn: str, tags: Mapping[str, str] | None, organisation: Organisation, now: float) -> Context:
    """
    Return what is known of every call of a principal.

    Of tags only those that IAM keeps: a session may bring others, so one that is missing here may be there in a call.
    """
    values = {
        "aws:principalarn": (arn,),
        "aws:principalaccount": (asker.account_id,),
        "aws:principaltype": ("AssumedRole" if asker.kind == "role" else "User",),
        "aws:principalisawsservice": ("false",),
        # Athena and every SDK speak TLS unless told otherwise.
        "aws:securetransport": ("true",),
        **{f"aws:principaltag/{key.lower()}": (value,) for key, value in (tags or {}).items()},
    }
    absent = {"aws:principalservicename", "aws:principalservicenameslist"}
    if asker.kind == "user":
        values["aws:username"] = (asker.name,)
    else:
        absent.add("aws:username")
    if organisation.id:
        values["aws:principalorgid"] = (organisation.id,)
    elif organisation.is_none:
        absent |= {"aws:principalorgid", "aws:principalorgpaths"}
    session = LONGEST_SESSION_SECONDS if asker.kind == "role" else None
    return Context(values, frozenset(absent), now, session_seconds=session)
