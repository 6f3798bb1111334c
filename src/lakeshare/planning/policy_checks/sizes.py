"""Sizes: what IAM refuses for its length, in characters without white space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from lakeshare.planning.policy_checks.documents import Document, characters
from lakeshare.planning.policy_checks.findings import Remark

INLINE_CHARACTERS: Final = 10_240
"""All inline policies of a role together (documented: IAM quotas; not adjustable)."""
MANAGED_CHARACTERS: Final = 6_144
"""One managed policy (documented: IAM quotas; not adjustable)."""
TRUST_CHARACTERS: Final = 2_048
"""A trust policy, unless the quota was raised (documented: IAM quotas)."""
RAISED_TRUST_CHARACTERS: Final = 4_096
"""The most that the quota of trust policies can be raised to (documented: IAM quotas)."""
SESSION_CHARACTERS: Final = 2_048
"""A session policy as it is handed to STS, which counts it as plain text (documented: AssumeRole, Policy)."""
ATTACHED_POLICIES: Final = 10
"""Managed policies of a role, unless the quota was raised (documented: IAM quotas; 20 at most)."""

_LIMITS: Final = {
    "managed": ("size.managed", MANAGED_CHARACTERS),
    "session": ("size.session", SESSION_CHARACTERS),
}


def check_size(document: Document) -> Iterator[Remark]:
    """Yield when *document* alone is too long; a role's inline policies are counted together, by `check_inline`."""
    count = characters(document.content)
    if document.sort == "trust":
        if count > RAISED_TRUST_CHARACTERS:
            yield _too_long("size.trust", count, RAISED_TRUST_CHARACTERS)
        elif count > TRUST_CHARACTERS:
            yield _too_long("size.trust-default", count, TRUST_CHARACTERS)
    elif document.sort in _LIMITS:
        id_, limit = _LIMITS[document.sort]
        if count > limit:
            yield _too_long(id_, count, limit)


def check_inline(contents: Iterable[Any]) -> Iterator[Remark]:
    """Yield when a role's inline policies, *contents*, are too long together."""
    count = sum(characters(content) for content in contents)
    if count > INLINE_CHARACTERS:
        yield _too_long("size.inline", count, INLINE_CHARACTERS)


def check_attached(count: int) -> Iterator[Remark]:
    """Yield when a role has more managed policies, *count*, than the quota has room for."""
    if count > ATTACHED_POLICIES:
        yield Remark("size.attached", f"{count} managed policies, and the quota is {ATTACHED_POLICIES}")


def _too_long(id_: str, count: int, limit: int) -> Remark:
    return Remark(id_, f"{count:,} characters, and the limit is {limit:,}")
