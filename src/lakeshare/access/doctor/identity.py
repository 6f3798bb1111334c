"""Who the operator is in an account, and why it is nobody there."""

from __future__ import annotations

from typing import Final

from lakeshare.access.doctor.finding import Finding
from lakeshare.aws.accounts import Identity
from lakeshare.errors import IdentityError, LakeshareError
from lakeshare.resources.iam_role import digest_of
from lakeshare.spec import Account, Spec

ID: Final = "identity"
TITLE: Final = "Who the operator is"


def judge(spec: Spec, alias: str, found: Identity | LakeshareError) -> Finding:
    """Say who we are in the account *alias*, or what keeps us out."""
    account = spec.accounts[alias]
    if isinstance(found, Identity):
        return _is_there(account, found)
    if isinstance(found, IdentityError) and found.operation == "sts:AssumeRole" and found.was_answered:
        return Finding("blocker", found.message, _way_in(alias, account), detail=found.hint)
    return Finding("blocker", found.message, found.hint or f"give {alias} a role or profile that leads there")


def shut_out(alias: str, hub: str) -> Finding:
    """Say that the account *alias* is entered by way of *hub*, where we are nobody."""
    return Finding(
        "blocker",
        f"{alias} is entered by way of {hub}, and {hub} cannot be entered",
        f"mend what is said of {hub}; whether {alias} can be entered from there shows then",
    )


def _is_there(account: Account, identity: Identity) -> Finding:
    saw = f"{identity.principal_arn} in account {account.id}"
    if identity.note is None:
        return Finding("ok", saw)
    role = identity.principal_arn.rpartition("/")[2]
    fix = f"if the role has a path, Lake Formation will not know it by this ARN: allow iam:GetRole on role {role}"
    return Finding("warning", f"{saw}, as far as can be seen", fix, detail=identity.note)


def _way_in(alias: str, account: Account) -> str:
    """Name what may be wrong, likeliest first. AWS answers the same to all of it (documented: AssumeRole)."""
    role = (account.role or "").rpartition("/")[2]
    shows = f"`aws iam get-role --role-name {role}`, run in account {account.id} by somebody who may, tells"
    if account.external_id is None and account.external_id_parameter:
        first = f"compare the ExternalId in the role's trust with the parameter {account.external_id_parameter}"
    elif account.external_id is None:
        first = (
            f"the spec gives no ExternalId: if the role's trust asks for one, say it as"
            f" `accounts.{alias}.external_id: ${{NAME}}`"
        )
    else:
        digest = digest_of(account.external_id.get_secret_value())
        first = f"compare the ExternalId in the role's trust with the one that the spec gives ({digest})"
    return (
        f"{first}; {shows} whether the role exists, whom it trusts and on what condition; the caller's own policies"
        f" must allow sts:AssumeRole on it as well; `lakeshare bootstrap --account {alias}` makes such a role"
    )
