"""One statement of ours in the trust policy of a role that is somebody else's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lakeshare.resources.documents import statements_of
from lakeshare.resources.trust import Trustee, redacted
from lakeshare.resources.values import Place, not_compared

SID_PREFIX = "Lakeshare"
"""What every Sid of ours begins with."""

DEFAULT_LIMIT_CHARACTERS = 2_048
"""The most that a role's trust policy may have, white space not counted, unless the quota was raised (documented)."""


@dataclass(frozen=True, slots=True)
class IamTrust:
    """
    That *trustee* may assume the role, said by a statement under *sid*. The rest of the trust policy is not ours.

    ``live`` is, of what is observed, the statement as one line with digests for ExternalIds, and ``stands_under`` the
    Sid that it has: another one than ours where somebody else lets the same one in on the same conditions.
    """

    place: Place
    role: str
    sid: str
    trustee: Trustee
    depends_on: tuple[str, ...] = not_compared(())
    live: str | None = not_compared(None)
    stands_under: str | None = not_compared(None)
    role_path: str = not_compared("/")

    kind: ClassVar[str] = "iam_trust"

    @property
    def role_arn(self) -> str:
        """The ARN of the role, which is what IAM asks about."""
        return self.place.iam_arn(f"role{self.role_path}{self.role}")

    @property
    def address(self) -> str:
        """``consumer/global/trust:analyst/LakeshareProofConnectAnalytics6f2c``."""
        return f"{self.place.alias}/global/trust:{self.role}/{self.sid}"


def sid_of(purpose: str, spec_name: str) -> str:
    """
    Return the Sid of what the spec called *spec_name* says for a *purpose*: ``LakeshareProofConnectAnalytics6f2c``.

    A Sid has letters and digits only (documented), and of two specs that complete one role each knows its own: names
    that differ in hyphens alone are told apart by four characters of a digest.
    """
    camel = "".join(part.capitalize() for part in spec_name.split("-"))
    return f"{SID_PREFIX}{purpose}{camel}{hashlib.sha256(spec_name.encode()).hexdigest()[:4]}"


def room_taken(document: Mapping[str, Any]) -> int:
    """Count a policy's characters as IAM does, without white space between its tokens."""
    return len(json.dumps(document, separators=(",", ":")))


def found_in(document: Mapping[str, Any], item: IamTrust) -> tuple[str, str] | None:
    """Return (Sid, statement as a line) of what stands for *item*: under its own Sid, or somebody else's like it."""
    statements = [(str(one.get("Sid", "")), redacted(one)) for one in statements_of(document)]
    own = next((found for found in statements if found[0] == item.sid), None)
    return own or next((found for found in statements if found[1] == item.trustee.text and is_lasting(found[0])), None)


def is_lasting(sid: str) -> bool:
    """Tell whether a statement is somebody's who is none of lakeshare's specs: those take theirs out when they go."""
    return not sid.startswith(SID_PREFIX)
