"""IAM roles of readers, and of the proof that nothing is open to everybody."""

from lakeshare.resources.iam_role.diff import asks_for_another_id, diff
from lakeshare.resources.iam_role.model import IamRole, OperatorTrust, digest_of
from lakeshare.resources.iam_role.read import (
    find_role,
    inline_policies,
    policies_once,
    proof_external_ids,
    read_roles,
    role_once,
    role_policies,
)
from lakeshare.resources.iam_role.rights import rights_for
from lakeshare.resources.iam_role.write import write_roles
from lakeshare.resources.kind import Kind
from lakeshare.resources.tags import with_tags_of_both

__all__ = [
    "KIND",
    "IamRole",
    "OperatorTrust",
    "digest_of",
    "find_role",
    "inline_policies",
    "policies_once",
    "proof_external_ids",
    "role_once",
    "role_policies",
]

KIND = Kind(
    name="iam_role",
    label="role",
    title="roles",
    model=IamRole,
    read=read_roles,
    diff=diff,
    write=write_roles,
    rights=rights_for,
    lacks_secret_only=asks_for_another_id,
    unfinished=with_tags_of_both,
)
