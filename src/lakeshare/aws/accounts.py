"""How to get into an account, and who one is there."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AccountAccess:
    """
    How to get into the account that a spec calls *alias*.

    ``role`` (a name, a name with its path, or an ARN) is assumed with the credentials of ``profile``, else with those
    found in the environment, and where ``via`` names another account, from the session there; without ``role`` those
    credentials are used as they are. ``account_id`` is where one must end up.
    """

    alias: str
    account_id: str
    region: str
    role: str | None = None
    profile: str | None = None
    external_id: str | None = field(default=None, repr=False)
    via: str | None = None
    session_name: str = "lakeshare"
    """What the names of assumed sessions begin with; the run's id follows, so that CloudTrail can be joined."""


def no_narrowing(_alias: str) -> tuple[str, ...]:
    """Let sessions do all that their roles may."""
    return ()


@dataclass(frozen=True, slots=True)
class Identity:
    """
    Who one is in an account.

    ``arn`` is what GetCallerIdentity tells. ``principal_arn`` is what Lake Formation and trust policies know: for a
    role session the role's own ARN with its path, for a user its ARN. ``note`` says what could not be found out; then
    the ARN may lack a path.
    """

    alias: str
    account_id: str
    arn: str
    principal_arn: str
    note: str | None = None
    trust: object = field(default=None, repr=False, compare=False)
    """The trust policy of the role that one is, as IAM hands it out; it may hold an ExternalId. None when not seen."""
