"""Which reader of the spec somebody is, and the line that would make somebody one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from lakeshare.access.explain.observed import Asker
from lakeshare.spec import Reader, Share
from lakeshare.spec.readers import called

_OF_PERMISSION_SET: Final = re.compile(r"AWSReservedSSO_(.+)_[^_]+")
"""
The names of the roles that IAM Identity Center keeps (documented:
https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html).
"""


def number_of(share: Share, asker: Asker) -> int | None:
    """Return which of the share's readers *asker* is: one that means it in person before its whole account."""
    meant = [number for number, reader in enumerate(share.readers) if _is(reader, asker)]
    whole = [number for number, reader in enumerate(share.readers) if reader.account == asker.account_id]
    return next(iter((*meant, *whole)), None)


def names_of(shares: Iterable[Share], asker: Asker) -> list[str]:
    """Return what readers of the same sort as *asker* are called in IAM."""
    readers = [reader for share in shares for reader in share.readers if reader.sort == asker.kind]
    return [reader.name.removeprefix(f"{reader.sort}/") for reader in readers]


def line_of(asker: Asker) -> str:
    """Return the line of the spec that makes *asker* a reader."""
    permission_set = permission_set_of(asker)
    if permission_set:
        return f"- sso: {permission_set}"
    if asker.kind in ("role", "user"):
        return f"- {asker.kind}: {asker.name}"
    if asker.kind in ("quicksight", "saml", "identity_center"):
        return f"- {asker.kind}: {called(asker.kind, asker.arn).removeprefix(f'{asker.kind}/')}"
    return f'- account: "{asker.account_id}"'


def permission_set_of(asker: Asker) -> str | None:
    """Return the permission set whose role *asker* is; None of everybody else."""
    found = _OF_PERMISSION_SET.fullmatch(asker.name) if asker.kind == "role" else None
    return found[1] if found else None


def _is(reader: Reader, asker: Asker) -> bool:
    if reader.sort == "role":
        return asker.kind == "role" and reader.role_name == asker.name
    if reader.sort == "sso":
        return permission_set_of(asker) == reader.written
    return reader.sort == asker.kind and reader.name == called(asker.kind, asker.arn)
