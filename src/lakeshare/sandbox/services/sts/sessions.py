"""What every session of STS has: a name, a policy that narrows it, an end, and keys."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, Final

from lakeshare.sandbox.arns import account_of, partition_of
from lakeshare.sandbox.calls import Call, Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.identity import Identities
from lakeshare.sandbox.moto_bridge import Moto, RoleEntry
from lakeshare.sandbox.policy.documents import parse_policy
from lakeshare.sandbox.rules import rule

ASSUME_ROLE: Final = "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"
WITHIN_MAXIMUM = rule(
    "sts.assume-role.duration",
    "A session lasts no longer than the role's maximum.",
    tag="documented",
    source=ASSUME_ROLE,
)
SESSION_NAME = rule(
    "sts.assume-role.session-name",
    "A session's name has letters, digits and =,.@-_ only.",
    tag="documented",
    source=ASSUME_ROLE,
)
SESSION_POLICY = rule(
    "sts.assume-role.policy",
    "A session's policy is a policy document, and its managed policies exist.",
    tag="documented",
    source=ASSUME_ROLE,
)
HOUR: Final = 3600
_SESSION_NAME = re.compile(r"[\w+=,.@-]*", re.ASCII)


def check_session_name(name: str) -> None:
    """Refuse a session's name with other characters than AWS takes."""
    if not _SESSION_NAME.fullmatch(name):
        said = f"Value '{name}' at 'roleSessionName' failed to satisfy constraint: "
        pattern = r"Member must satisfy regular expression pattern: [\w+=,.@-]*"
        raise SESSION_NAME.refuse("ValidationError", f"1 validation error detected: {said}{pattern}")


def session_arn(role: RoleEntry, name: str) -> str:
    """Return the ARN of the session of *role* that is called *name*."""
    return f"arn:{partition_of(role.arn)}:sts::{account_of(role.arn)}:assumed-role/{role.name}/{name}"


def session_policy(call: Call, account: str) -> str | None:
    """Return one document that says what the inline and the managed session policies say together."""
    texts = [call.params["Policy"]] if "Policy" in call.params else []
    for managed in call.params.get("PolicyArns", []):
        text = call.world.store(Moto).managed_policy_text(account, managed["arn"])
        if text is None:
            raise SESSION_POLICY.refuse("MalformedPolicyDocument", f"The policy {managed['arn']} does not exist.")
        texts.append(text)
    statements: list[Any] = []
    for text in texts:
        try:
            parse_policy(text)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise SESSION_POLICY.refuse(
                "MalformedPolicyDocument", "The policy is not in the valid JSON format."
            ) from None
        said = json.loads(text).get("Statement", [])
        statements += said if isinstance(said, list) else [said]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}) if texts else None


def too_long() -> ServiceError:
    """Return the refusal of a session that would outlast the role's maximum."""
    said = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    return WITHIN_MAXIMUM.refuse("ValidationError", said)


def keys_for(call: Call, caller: Caller, seconds: int) -> dict[str, Any]:
    """Issue keys that are *caller* for *seconds*, as STS answers them."""
    issued = call.world.store(Identities).issue(caller, seconds)
    return {
        "AccessKeyId": issued.access_key,
        "SecretAccessKey": issued.secret_key,
        "SessionToken": issued.token,
        "Expiration": datetime.fromtimestamp(issued.expires_at, UTC),
    }
