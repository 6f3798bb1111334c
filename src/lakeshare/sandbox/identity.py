"""
Who is behind an access key.

Signatures are not checked. A 12-digit key N is the administrator of account N; a key that AssumeRole or
GetSessionToken issued is that session until it expires, in sandbox time; a key from CreateAccessKey is its user; any
other key is the administrator of moto's default account.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from lakeshare.sandbox.arns import account_of, administrator_arn, is_administrator
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.world import World

DEFAULT_ACCOUNT = "123456789012"
_TOKEN_START = "FQoGZXIvYXdzE"  # noqa: S105 - it opens no door
"""How tokens of STS begin (observed), which some clients tell them by."""
_KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

TOKEN_ALIVE = rule(
    "front.token.expired",
    "Temporary credentials work until they expire.",
    tag="documented",
    source="https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html",
)
KEY_ACTIVE = rule(
    "front.key.active",
    "An access key that was made inactive works no more.",
    tag="documented",
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html",
)
# The code, its status and its words differ with the service's protocol.
_EXPIRED = {
    "iam": ("ExpiredToken", "The security token included in the request is expired", 403),
    "s3": ("ExpiredToken", "The provided token has expired.", 400),
    "sts": ("ExpiredToken", "The security token included in the request is expired", 403),
}
_EXPIRED_ELSEWHERE = ("ExpiredTokenException", "The security token included in the request is expired", 400)
_INVALID = {
    "iam": ("InvalidClientTokenId", "The security token included in the request is invalid.", 403),
    "s3": ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403),
    "sts": ("InvalidClientTokenId", "The security token included in the request is invalid.", 403),
}
_INVALID_ELSEWHERE = ("UnrecognizedClientException", "The security token included in the request is invalid.", 400)


@dataclass(frozen=True, slots=True)
class Session:
    """
    A caller, and for how long it is one.

    ``expires_at`` is in seconds of sandbox time, None for ever; ``is_active`` is false for a key that was switched off.
    """

    caller: Caller
    expires_at: float | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Credentials:
    """What AssumeRole hands out; ``expires_at`` in seconds of sandbox time."""

    access_key: str
    secret_key: str
    token: str
    expires_at: float


class Identities:
    """The sessions that were issued, by access key."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sessions: dict[str, Session] = {}

    def issue(self, caller: Caller, seconds: int) -> Credentials:
        """Give *caller* keys that work for *seconds* from now."""
        key = "ASIA" + "".join(secrets.choice(_KEY_ALPHABET) for _ in range(16))
        expires_at = self._world.clock.now() + seconds
        self._sessions[key] = Session(caller, expires_at)
        return Credentials(key, secrets.token_urlsafe(30), f"{_TOKEN_START}{secrets.token_hex(172)[:343]}", expires_at)

    def session(self, access_key: str) -> Session:
        """Return who *access_key* is, or was."""
        if issued := self._sessions.get(access_key):
            return issued
        if len(access_key) == 12 and access_key.isdecimal():
            return Session(administrator(access_key))
        if holder := self._world.store(Moto).holder_of_key(access_key):
            return Session(Caller(account_of(holder.arn), holder.arn, holder.arn, "user"), is_active=holder.is_active)
        return Session(administrator(DEFAULT_ACCOUNT))

    def check(self, session: Session, service: str) -> None:
        """Raise what *service* says of a *session* that is over, or of a key that was switched off."""
        if not session.is_active:
            raise KEY_ACTIVE.refuse(*_INVALID.get(service, _INVALID_ELSEWHERE))
        if session.expires_at is not None and session.expires_at <= self._world.clock.now():
            raise TOKEN_ALIVE.refuse(*_EXPIRED.get(service, _EXPIRED_ELSEWHERE))


def administrator(account: str) -> Caller:
    """Return the caller that the 12-digit access key *account* stands for."""
    arn = administrator_arn(account)
    return Caller(account, arn, arn, "user")


def may_everything(caller: Caller) -> bool:
    """Say whether IAM allows *caller* everything: root, and the administrator behind a 12-digit key."""
    return caller.kind == "root" or is_administrator(caller.principal_arn)


def user_id(world: World, caller: Caller) -> str:
    """Return the unique id of *caller*, with the session's name behind it for a role."""
    if caller.kind == "role":
        found = world.store(Moto).role_by_arn(caller.principal_arn)
        unique = found.id if found else _made_up_id("AROA", caller.principal_arn)
        return f"{unique}:{caller.arn.rpartition('/')[2]}"
    if caller.kind == "root":
        return caller.account
    if "federated-user/" in caller.arn:
        return f"{caller.account}:{caller.arn.rpartition('/')[2]}"
    return world.store(Moto).unique_id(caller.principal_arn) or _made_up_id("AIDA", caller.principal_arn)


def _made_up_id(prefix: str, arn: str) -> str:
    digest = hashlib.sha256(arn.encode()).digest()
    return prefix + "".join(_KEY_ALPHABET[byte % 32] for byte in digest[:17])
