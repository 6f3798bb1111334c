"""From what GetCallerIdentity tells to the ARN by which Lake Formation and trust policies know a principal."""

from __future__ import annotations

from lakeshare.aws.accounts import Identity
from lakeshare.aws.actor import Actor
from lakeshare.errors import CallError


def principal_of(arn: str, actor: Actor, region: str) -> Identity:
    """
    Return the identity behind the session *arn*.

    An assumed role's session ARN leaves out the role's path (documented), and Lake Formation wants it, so the role is
    looked up. Where that is refused the ARN without a path stands in, and the note says so.
    """
    partition, account_id = arn.split(":")[1], arn.split(":")[4]
    resource = arn.split(":", 5)[5]
    if not resource.startswith("assumed-role/"):
        return Identity(actor.alias, account_id, arn, arn)
    name = resource.split("/")[1]
    try:
        role = actor.call(region, "iam", "get_role", RoleName=name)["Role"]
        return Identity(actor.alias, account_id, arn, role["Arn"], trust=role.get("AssumeRolePolicyDocument"))
    except CallError as error:
        note = f"iam:GetRole on {name} failed ({error.aws_code}); if the role has a path, its ARN lacks it here"
        return Identity(actor.alias, account_id, arn, f"arn:{partition}:iam::{account_id}:role/{name}", note)
