"""The command bootstrap: the operator role of an account, for its first administrator to make, or made by them here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lakeshare.app.operator_role import carry_out, read_role
from lakeshare.app.operators import check_account
from lakeshare.app.workspace import Settings, Workspace, external_id_of, opened
from lakeshare.aws.actor import Actor
from lakeshare.aws.identity import principal_of
from lakeshare.catalogue.iam_names import IamNames
from lakeshare.errors import CallError, IdentityError, LakeshareError, UsageError
from lakeshare.planning.bootstrap import Bootstrap, bootstrap_of
from lakeshare.planning.bootstrap_live import changes_of, check
from lakeshare.planning.imagined import operator_arn
from lakeshare.planning.trusted import trusted_as
from lakeshare.resources.iam_role import digest_of
from lakeshare.spec import Spec
from lakeshare.spec.ways import is_between, of_one_role


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    What is to be made in an account; ``digest`` is of the ExternalId, where there is one. ``kept`` is where we keep it,
    and ``shown_by`` the command that shows it, where the spec does not have it from elsewhere. ``secret`` is the value,
    for IAM alone.
    """

    wanted: Bootstrap
    digest: str | None
    kept: str | None
    shown_by: str | None = None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """
    What was done, in sentences, and as whom; nothing where all was there already. ``is_confirmed``: it was meant.

    ``left`` tells what an earlier bootstrap may have made and was not taken away.
    """

    wanted: Bootstrap
    administrator: str
    done: tuple[str, ...]
    is_confirmed: bool = True
    left: tuple[str, ...] = ()


def bootstrap(settings: Settings, alias: str, *, principal: str | None, organization: str | None) -> Prepared:
    """
    Return the operator role that the account *alias* needs.

    *principal* (an ARN, or the 12 digits of an account) is who may enter; None: whoever enters by the spec's ``via``,
    else whose credentials these are. They must belong to *organization*, or show the ExternalId, which is made up and
    kept where the spec has none. Raises UsageError where lakeshare enters by no role, and for a *principal* that cannot
    enter, and BlockedError for what IAM would refuse or what would let strangers in; then nothing is kept either.
    """
    # The ExternalId may have to be made where the account is entered from.
    with opened(settings, "bootstrap", writes=False, proves=False, also=("ssm:PutParameter",)) as space:
        prepared = _prepared(space, alias, principal, organization)
        check(prepared.wanted, prepared.digest, None, IamNames())
        space.made_up.keep()
        return prepared


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
    Raises as `bootstrap` does, and BlockedError where a role of that name is at another path; then nothing is written.
    """
    with opened(settings, "bootstrap", writes=False, proves=False) as space:
        check_account(space.spec, alias)
        _check_can_be_here(space, alias, principal, organization)
        prepared = _prepared(space, alias, principal, organization)
        wanted, administrator = prepared.wanted, space.run.aws.ambient(alias)
        arn = _checked(administrator, wanted)
        live = read_role(administrator, wanted)
        changes = changes_of(wanted, prepared.secret, live)
        check(wanted, prepared.digest, live, IamNames())
        if not confirm(prepared, arn):
            return Bootstrapped(wanted, arn, (), is_confirmed=False)
        space.made_up.keep()
        return Bootstrapped(wanted, arn, tuple(carry_out(administrator, wanted, changes, live)), left=changes.left)


def _check_can_be_here(space: Workspace, alias: str, principal: str | None, organization: str | None) -> None:
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
    trusted = trusted_as(_principal(space, alias, principal), account.partition, organization)
    between = all(is_between(spec, name) for name in of_one_role(spec, alias))
    looks = [right for command in LOOKING for right in rights_to(command, is_between=between)]
    wanted = bootstrap_of(spec, alias, trusted, looks)
    if organization:
        return Prepared(wanted, None, None)
    _check_one_id(spec, alias)
    secret = external_id_of(spec, space.made_up, alias) or space.made_up.of([alias])[alias]
    if account.external_id:
        return Prepared(wanted, digest_of(secret), None, secret=secret)
    where, shown_by = space.made_up.where(alias), space.made_up.shown_by(alias)
    return Prepared(wanted, digest_of(secret), where, shown_by, secret)


def _check_one_id(spec: Spec, alias: str) -> None:
    """Raise UsageError where an ExternalId would be made up for a role of which the spec has it, by another name."""
    ways = {
        name: (spec.accounts[name].external_id, spec.accounts[name].external_id_parameter)
        for name in of_one_role(spec, alias)
    }
    other = next((name for name, way in ways.items() if any(way) and not any(ways[alias])), None)
    if other is not None:
        raise UsageError(
            f"{alias} and {other} are one role, which asks for one ExternalId, and only accounts.{other} says which",
            hint=f"give accounts.{alias} the external_id, or external_id_parameter, of accounts.{other}",
        )


def _principal(space: Workspace, alias: str, principal: str | None) -> str:
    """Return who may enter, as it is written with --trusted."""
    via = space.spec.accounts[alias].via
    if principal is not None:
        return principal
    if via is not None and space.spec.accounts[via].role is not None:
        return operator_arn(space.spec, via)
    outside = space.run.aws.outside(alias)
    try:
        region = space.spec.accounts[alias].region
        arn = principal_of(
            str(outside.call(region, "sts", "get_caller_identity")["Arn"]), outside, region
        ).principal_arn
    except LakeshareError as error:
        if isinstance(error, CallError) and error.status == 0:
            raise  # Nobody was asked, and whoever it is could not be told to enter either.
        raise UsageError(
            f"say who is to enter the account: --trusted ARN ({error})",
            hint="it is the role or user with whose credentials lakeshare will run",
        ) from error
    return arn.split(":")[4] if arn.endswith(":root") else arn


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
