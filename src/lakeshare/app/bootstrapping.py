"""The command bootstrap: the operator role of an account, for its first administrator to make, or made by them here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lakeshare.app.operators import check_account
from lakeshare.app.workspace import Settings, Workspace, external_id_of, opened
from lakeshare.aws.actor import Actor
from lakeshare.aws.identity import principal_of
from lakeshare.errors import CallError, IdentityError, LakeshareError, UsageError
from lakeshare.planning.bootstrap import POLICY_NAME, TRUST_SID, Bootstrap, bootstrap_of
from lakeshare.planning.imagined import operator_arn
from lakeshare.resources.documents import policy_document, statements_of
from lakeshare.resources.iam_role import digest_of
from lakeshare.resources.trust import Trustee
from lakeshare.spec.ways import is_between


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    What is to be made in an account; ``digest`` is of the ExternalId, where there is one. ``kept`` is where we keep it,
    and ``shown_by`` the command that shows it, where the spec does not have it from elsewhere.
    """

    wanted: Bootstrap
    digest: str | None
    kept: str | None
    shown_by: str | None = None


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """What was done, in sentences, and as whom; nothing where all was there already. ``is_confirmed``: it was meant."""

    wanted: Bootstrap
    administrator: str
    done: tuple[str, ...]
    is_confirmed: bool = True


def bootstrap(settings: Settings, alias: str, *, principal: str | None, organization: str | None) -> Prepared:
    """
    Return the operator role that the account *alias* needs.

    *principal* (an ARN, or the 12 digits of an account) is who may enter; None: whoever enters by the spec's ``via``,
    else whose credentials these are. They must belong to *organization*, or show the ExternalId, which is made up and
    kept where the spec has none. Raises UsageError where lakeshare enters by no role.
    """
    # The ExternalId may have to be made where the account is entered from.
    with opened(settings, "bootstrap", writes=False, proves=False, also=("ssm:PutParameter",)) as space:
        return _prepared(space, alias, principal, organization)


def bootstrap_here(
    settings: Settings,
    alias: str,
    *,
    principal: str | None,
    organization: str | None,
    confirm: Callable[[Prepared, str], bool],
) -> Bootstrapped:
    """
    Make the operator role with the credentials that are there, which must be an administrator's of that account.

    A role that exists keeps all that it has: our statement is added to its trust policy, or put in the place of an
    older one of ours, and our policy beside its others. *confirm* hears what is wanted and as whom it would be done.
    """
    with opened(settings, "bootstrap", writes=False, proves=False) as space:
        check_account(space.spec, alias)
        if space.spec.accounts[alias].external_id_parameter and not organization:
            raise UsageError(
                f"the ExternalId of {alias} is in an SSM parameter where it is entered from, not here",
                hint="print it with --as, with the credentials that lakeshare runs with",
            )
        if principal is None and space.spec.accounts[alias].via is None:
            raise UsageError(
                "say who is to enter the account: --trusted ARN",
                hint="with --apply the credentials here are those of the account itself",
            )
        prepared = _prepared(space, alias, principal, organization)
        administrator = space.run.aws.ambient(alias)
        arn = _checked(administrator, prepared.wanted)
        if not confirm(prepared, arn):
            return Bootstrapped(prepared.wanted, arn, (), is_confirmed=False)
        secret = None if organization else external_id_of(space.spec, space.made_up, alias)
        return Bootstrapped(prepared.wanted, arn, tuple(_make(administrator, prepared.wanted, secret)))


def _prepared(space: Workspace, alias: str, principal: str | None, organization: str | None) -> Prepared:
    from lakeshare.app.looking import LOOKING, rights_to

    spec = space.spec
    check_account(spec, alias)
    account = spec.accounts[alias]
    if account.role is None:
        raise UsageError(
            f"lakeshare enters {alias} by {'a profile' if account.profile else 'the credentials that are there'},"
            " not by a role",
            hint=f"give accounts.{alias} a role to be made; what whoever enters needs"
            f" `lakeshare policy --account {alias}` prints",
        )
    name = _principal(space, alias, principal)
    trusted = Trustee("account" if name.endswith(":root") else "principal", name, organization=organization)
    between = is_between(spec, alias)
    looks = [right for command in LOOKING for right in rights_to(command, is_between=between)]
    wanted = bootstrap_of(spec, alias, trusted, looks)
    if organization:
        return Prepared(wanted, None, None)
    secret = external_id_of(spec, space.made_up, alias) or space.made_up.of([alias])[alias]
    space.made_up.keep()
    if account.external_id:
        return Prepared(wanted, digest_of(secret), None)
    return Prepared(wanted, digest_of(secret), space.made_up.where(alias), space.made_up.shown_by(alias))


def _principal(space: Workspace, alias: str, principal: str | None) -> str:
    via, partition = space.spec.accounts[alias].via, space.spec.accounts[alias].partition
    if principal is not None:
        return f"arn:{partition}:iam::{principal}:root" if principal.isdecimal() else principal
    if via is not None:
        return operator_arn(space.spec, via)
    outside = space.run.aws.outside(alias)
    try:
        region = space.spec.accounts[alias].region
        return principal_of(
            str(outside.call(region, "sts", "get_caller_identity")["Arn"]), outside, region
        ).principal_arn
    except LakeshareError as error:
        if isinstance(error, CallError) and error.status == 0:
            raise  # Nobody was asked, and whoever it is could not be told to enter either.
        raise UsageError(
            f"say who is to enter the account: --trusted ARN ({error})",
            hint="it is the role or user with whose credentials lakeshare will run",
        ) from error


def _checked(administrator: Actor, wanted: Bootstrap) -> str:
    """Return whose credentials these are. Raises IdentityError when they are of another account."""
    answer = administrator.call(wanted.region, "sts", "get_caller_identity")
    if answer["Account"] != wanted.account_id:
        raise IdentityError(
            f"{wanted.alias} is account {wanted.account_id}, and these are credentials of {answer['Arn']} in account"
            f" {answer['Account']}: nothing was done",
            hint=f"run it with credentials of an administrator of account {wanted.account_id} (AWS_PROFILE=...)",
            account=wanted.account_id,
            operation="sts:GetCallerIdentity",
        )
    return str(answer["Arn"])


def _make(administrator: Actor, wanted: Bootstrap, secret: str | None) -> list[str]:
    def iam(operation: str, **params: Any) -> dict[str, Any]:
        return administrator.call(wanted.region, "iam", operation, RoleName=wanted.role_name, **params)

    done = []
    live = _found(lambda: iam("get_role")["Role"])
    if live is None:
        iam(
            "create_role",
            Path=wanted.path,
            Description="Shares data lakes across accounts; made for lakeshare",
            AssumeRolePolicyDocument=json.dumps(wanted.trust(secret)),
            Tags=[{"Key": key, "Value": value} for key, value in wanted.tags],
        )
        done.append(f"made the role {wanted.role_name}")
    else:
        now = policy_document(live["AssumeRolePolicyDocument"])
        trust = wanted.trust(secret, now)
        if statements_of(trust) != statements_of(now):
            iam("update_assume_role_policy", PolicyDocument=json.dumps(trust))
            done.append(f"put the statement {TRUST_SID} into the trust policy of {wanted.role_name}")
    there = _found(lambda: iam("get_role_policy", PolicyName=POLICY_NAME))
    if there is None or policy_document(there["PolicyDocument"]) != dict(wanted.policy):
        iam("put_role_policy", PolicyName=POLICY_NAME, PolicyDocument=json.dumps(wanted.policy, separators=(",", ":")))
        done.append(f"gave {wanted.role_name} the policy {POLICY_NAME}")
    return done


def _found(look: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any] | None:
    try:
        return look()
    except CallError as error:
        if error.aws_code == "NoSuchEntity":
            return None
        raise
