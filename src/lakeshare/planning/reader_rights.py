"""What IAM must allow the operator so that it can look up those whom a share names. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.rights import Right, rights
from lakeshare.resources.values import Place
from lakeshare.spec import People, Reader

SSO_ROLES = "role/aws-reserved/sso.amazonaws.com/*"


def rights_of_reader(place: Place, reader: Reader) -> Iterator[Right]:
    """Yield the rights for one reader of the account *place*, whoever it is; what is made for it says its own."""
    if reader.create and reader.create.people:
        yield from _of_people(place, reader.create.people)
    if reader.role and reader.create is None:
        yield from rights("look", "iam", "GetRole ListRolePolicies GetRolePolicy", *_arns(place, "role", reader.role))
    if reader.complete:
        yield from _of_limits()
    if reader.role and reader.create is None:
        yield from _of_attached(place, *_arns(place, "role", reader.role))
    if reader.sso:
        yield from rights("look", "iam", "ListRoles")
        yield from rights("look", "iam", "ListRolePolicies GetRolePolicy", place.iam_arn(SSO_ROLES))
        yield from _of_attached(place, place.iam_arn(SSO_ROLES))
    if reader.user:
        yield from rights("look", "iam", "GetUser", *_arns(place, "user", reader.user))


def _of_people(place: Place, people: People) -> Iterator[Right]:
    for role in people.roles:
        yield from rights("look", "iam", "GetRole", *_arns(place, "role", role))
    if people.sso:
        yield from rights("look", "iam", "ListRoles")
    yield from _of_limits()


def _of_limits() -> Iterator[Right]:
    """How long a trust policy may be is asked once, where statements are added to one or many are in one."""
    yield from rights("look", "iam", "GetAccountSummary")


def _of_attached(place: Place, *arns: str) -> Iterator[Right]:
    """Of a role that others made all policies are read: what they lack is told, and what is dangerous in them."""
    yield from rights("look", "iam", "ListAttachedRolePolicies", *arns)
    managed = f"arn:{place.partition}:iam::aws:policy/*"
    yield from rights("look", "iam", "GetPolicy GetPolicyVersion", place.iam_arn("policy/*"), managed)


def _arns(place: Place, kind: str, written: str) -> tuple[str, ...]:
    """Return what IAM asks about: a name may stand at any path, and only an ARN tells at which."""
    return (written,) if written.startswith("arn:") else (place.iam_arn(f"{kind}/{written}"),)
