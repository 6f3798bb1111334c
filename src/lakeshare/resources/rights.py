"""
What IAM must allow the operator for a resource: actions, on which ARNs, and what for.

Each kind says it beside the calls that it makes. Lake Formation's own permissions are another matter: the operator has
those as an administrator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lakeshare.resources.values import KnownAfter, Place

Use: TypeAlias = Literal["look", "check", "make", "mend", "change", "take away"]
"""
``look``: to see what is there. ``check``: to see, before it is made, what would make that fail. ``make``: to make it
from nothing. ``mend``: to bring back to what the spec says what somebody changed or what went wrong on the way, a
replacement included. ``change``: what only another spec can ask for: that something goes from a thing that stays, such
as a tag. ``take away``: to delete or revoke it.
"""

ANYTHING = "*"
"""The resource of actions that know none."""


@dataclass(frozen=True, slots=True)
class Right:
    """That IAM allows one *action* on each of *resources*: ARNs, which may have ``*`` in them, or ``*`` itself."""

    use: Use
    action: str
    resources: tuple[str, ...]


def rights(uses: Use | tuple[Use, ...], service: str, names: str, *resources: str) -> Iterator[Right]:
    """Yield a right for each of *uses* and of *names*, the actions of *service* in one line of text."""
    for use in (uses,) if isinstance(uses, str) else uses:
        for name in names.split():
            yield Right(use, f"{service}:{name}", resources or (ANYTHING,))


def account_in_arn(account: str | KnownAfter) -> str:
    """Return *account* as it stands in an ARN: ``*`` while nobody knows it."""
    return ANYTHING if isinstance(account, KnownAfter) else account


def role_arns(place: Place, path: str, name: str) -> tuple[str, ...]:
    """
    Return what IAM asks about when a role is looked up by its name: while there is none, nothing tells its path.

    Inferred: the calls take no path, and AWS's refusals name a role that is not there by its name alone.
    """
    return tuple(dict.fromkeys((place.iam_arn(f"role{path}{name}"), place.iam_arn(f"role/{name}"))))


def glue_arns(
    place: Place, database: str, table: str | None = None, *, owner: str | KnownAfter = ""
) -> tuple[str, ...]:
    """
    Return what Glue asks IAM about for a database or a table: the catalog, the database, and the table (documented).

    *owner* is the account of the catalog where it is not the place's own.
    """
    account = account_in_arn(owner) if owner else place.account_id
    paths = ["catalog", f"database/{database}", *([] if table is None else [f"table/{database}/{table}"])]
    return tuple(place.arn("glue", path, account_id=account) for path in paths)
