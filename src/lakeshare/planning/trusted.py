"""Who may be let in as the operator: one role or user, or an account whose people show an ExternalId."""

from __future__ import annotations

import re
from typing import Final

from lakeshare.errors import UsageError
from lakeshare.resources.trust import Trustee

EXPECTED: Final = (
    "expected the ARN of an IAM role or user, arn:{}:iam::ACCOUNT:role/NAME, or the 12 digits of an account"
)

# A path may hold every visible character (documented: IAM, CreateRole); * and ? would be taken for wildcards.
_PERSON: Final = re.compile(
    r"arn:(aws(?:-[a-z]+)*):iam::[0-9]{12}:(?:role|user)/(?:[!-)+-.0->@-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}"
)
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_ORGANIZATION: Final = re.compile(r"o-[a-z0-9]{10,32}")
"""Documented: Organizations API, the pattern of OrganizationId."""


def trusted_as(written: str, partition: str, organization: str | None) -> Trustee:
    """
    Return the trustee that is *written* as an ARN or 12 digits, for a role in *partition*.

    They are to belong to *organization*, where one is given. Raises UsageError for everybody who cannot enter, and for
    whatever would let in more than one role, user or account.
    """
    if organization is not None and not _ORGANIZATION.fullmatch(organization):
        raise UsageError(
            f'"{organization}" is not the id of an organisation', hint="expected o- and 10 to 32 letters and digits"
        )
    if _ACCOUNT.fullmatch(written):
        return Trustee("account", f"arn:{partition}:iam::{written}:root", organization=organization)
    found = _PERSON.fullmatch(written)
    if found and found[1] == partition:
        return Trustee("principal", written, organization=organization)
    why = f"it is of the partition {found[1]}, and the account of {partition}" if found else _why_not(written)
    raise UsageError(f'"{written}" cannot be let in: {why}', hint=EXPECTED.format(partition))


def _why_not(written: str) -> str:
    if "*" in written or "?" in written:
        return "a wildcard would let in more than one"
    if ":assumed-role/" in written:
        return "it is one session of a role; name the role, with its path"
    if written.endswith(":root"):
        return "it is a whole account; say its 12 digits if that is meant"
    if ":group/" in written:
        return "a group is nobody who could enter; name a role"
    return "it is neither a role nor a user"
