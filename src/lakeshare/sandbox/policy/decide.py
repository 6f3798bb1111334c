"""What all of a caller's policies say, in AWS's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lakeshare.sandbox.arns import account_of, s3_path
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.identity import may_everything
from lakeshare.sandbox.moto_bridge import KeyEntry, Moto
from lakeshare.sandbox.policy.asked import AskedActions
from lakeshare.sandbox.policy.catalog_policies import CatalogPolicies
from lakeshare.sandbox.policy.context import Context, Given
from lakeshare.sandbox.policy.documents import Statement, parse_policy
from lakeshare.sandbox.policy.evaluate import Verdict, evaluate
from lakeshare.sandbox.policy.principals import Naming
from lakeshare.sandbox.policy.trust import judge
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.world import World

_SOURCE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"
IDENTITY_ALLOWS = rule(
    "iam.identity.allows",
    "A user or role does only what its policies allow, within its boundary and its session's policy; a deny wins.",
    tag="documented",
    source=_SOURCE,
)
BUCKET_ALLOWS = rule(
    "iam.bucket.allows",
    "A bucket of another account is reached only where the bucket's policy allows it too; its deny wins everywhere.",
    tag="documented",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html",
)
CATALOG_DENIES = rule(
    "iam.catalog.denies",
    "A deny in a Data Catalog's own policy wins, over identity policies and over Lake Formation, whoever is asked of.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/dg/security_iam_resource-based-policy-examples.html",
)
KEY_ALLOWS = rule(
    "iam.key.allows",
    "A KMS key is used by those whom its own policy lets in: in person, or through their account, which then decides; "
    "IAM alone opens no key.",
    tag="documented",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
)
KEY_ENABLED = rule(
    "kms.key.enabled",
    "A key that is disabled, or is to be deleted, is of no use to anybody, whatever policies say.",
    tag="documented",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
)
_STATES = {
    "Disabled": ("DisabledException", "is disabled"),
    "PendingDeletion": ("KMSInvalidStateException", "is pending deletion"),
}
_EVERYTHING = '{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
WITHIN_ORGANISATION = rule(
    "iam.organisation.allows",
    "A member account does only what the service control policies at each level of its organisation allow, whoever "
    "acts and whatever else allows it; the account that manages the organisation is free of them.",
    tag="documented",
    source="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",
)
_DENIED_HERE = "with an explicit deny in a resource-based policy"
_XML_SERVICES = frozenset({"iam", "s3", "sts"})
_JSON_SERVICES = frozenset({"athena", "dynamodb", "events", "glue", "logs", "states"})


@dataclass(frozen=True, slots=True)
class Layer:
    """Policies of one kind, every kind of which must allow: ``name`` as AWS's refusals call it."""

    name: str
    statements: tuple[Statement, ...]


def authorize(
    world: World,
    caller: Caller,
    action: str,
    *resource_arns: str,
    context: Given | None = None,
    service: str = "",
) -> None:
    """
    Return when IAM lets *caller* do *action* on every one of *resource_arns*; raise AWS's AccessDenied when not.

    No ARN at all stands for the action itself (``*``). Root and the administrator behind a 12-digit key may do
    everything, but for what the policies of buckets, catalogs and organisations say. *service* is the one that is
    called, where that is not the action's.
    """
    asked = world.store(AskedActions)
    for arn in resource_arns or ("*",):
        try:
            _authorize(world, caller, action, arn, Context(world, caller, context, arn, service))
        except ServiceError:
            asked.add(caller, action, arn, is_allowed=False)
            raise
        asked.add(caller, action, arn, is_allowed=True)


def _authorize(world: World, caller: Caller, action: str, arn: str, looked_at: Context) -> None:
    # A bucket that is to be made has no policy yet, and one of that name elsewhere is for S3 itself to tell.
    if action.startswith("s3:") and action != "s3:CreateBucket" and s3_path(arn) is not None:
        _authorize_bucket(world, caller, action, arn, looked_at)
    elif action.startswith("glue:") and arn.startswith("arn:"):
        _authorize_catalog(world, caller, action, arn, looked_at)
    else:
        refusal = identity_refusal(world, caller, action, arn, looked_at)
        if refusal is not None:
            raise refusal


def identity_refusal(
    world: World, caller: Caller, action: str, resource: str, context: Context, *, must_allow: bool = True
) -> ServiceError | None:
    """
    Return why the caller's own policies refuse; None when they allow.

    With *must_allow* false only an explicit deny refuses: some other policy has allowed the caller in person. What the
    caller's organisation says comes first, and holds for everybody in it.
    """
    if (refusal := _organisation_refusal(world, caller, action, resource, context)) is not None:
        return refusal
    if may_everything(caller) and caller.session_policy is None:
        return None
    verdicts = [(layer.name, evaluate(layer.statements, action, resource, context)) for layer in _layers(world, caller)]
    for name, verdict in verdicts:
        if verdict is Verdict.DENY:
            return _denied(context, caller, action, resource, f"with an explicit deny in {_article(name)}")
    for name, verdict in verdicts:
        if verdict is Verdict.SILENT and must_allow:
            return _denied(context, caller, action, resource, f"because no {name} allows the {action} action")
    return None


def _organisation_refusal(
    world: World, caller: Caller, action: str, resource: str, context: Context
) -> ServiceError | None:
    """Return why the service control policies refuse; every level must allow, and none deny."""
    levels = world.store(Moto).service_control_policies(caller.account)
    if not levels:
        return None
    said = [
        evaluate((one for text in level for one in parse_policy(text)), action, resource, context) for level in levels
    ]
    if all(verdict is Verdict.ALLOW for verdict in said):
        return None
    why = f"because no service control policy allows the {action} action"
    if Verdict.DENY in said:
        why = "with an explicit deny in a service control policy"
    return WITHIN_ORGANISATION.refuse(*_refused(context, caller, action, resource, why))


def _layers(world: World, caller: Caller) -> Iterator[Layer]:
    moto = world.store(Moto)
    texts = (_EVERYTHING,) if may_everything(caller) else moto.identity_policy_texts(caller.principal_arn)
    yield Layer("identity-based policy", tuple(one for text in texts for one in parse_policy(text)))
    if boundary := moto.permissions_boundary(caller.principal_arn):
        yield Layer("permissions boundary", parse_policy(boundary))
    if caller.session_policy is not None:
        yield Layer("session policy", parse_policy(caller.session_policy))


def _authorize_bucket(world: World, caller: Caller, action: str, arn: str, context: Context) -> None:
    """In one account the bucket's policy is enough where it names the caller; between accounts it takes both."""
    moto = world.store(Moto)
    bucket = (s3_path(arn) or "").partition("/")[0]
    owner, policy = moto.bucket_owner(bucket), moto.bucket_policy(bucket)
    told = judge(parse_policy(policy or "{}"), caller, action, arn, context)
    said = told.verdict
    if said is Verdict.DENY:
        raise BUCKET_ALLOWS.refuse(*_refused(context, caller, action, arn, _DENIED_HERE))

    is_same_account = owner in {None, caller.account}
    is_let_in = told.naming is Naming.IN_PERSON and is_same_account
    refusal = identity_refusal(world, caller, action, arn, context, must_allow=not is_let_in)
    if refusal is not None:
        raise refusal
    if not is_same_account and said is not Verdict.ALLOW:
        why = f"because no resource-based policy allows the {action} action"
        raise BUCKET_ALLOWS.refuse(*_refused(context, caller, action, arn, why))


def _authorize_catalog(world: World, caller: Caller, action: str, arn: str, context: Context) -> None:
    """
    Ask a catalog's own policy first; in one account it is enough where it names the caller in person.

    Between accounts the caller's own policies are asked here, and Lake Formation asks whether anything lets it in.
    """
    said = world.store(CatalogPolicies).says(caller, action, arn, context)
    if said.verdict is Verdict.DENY:
        raise CATALOG_DENIES.refuse(*_refused(context, caller, action, arn, _DENIED_HERE))
    is_let_in = said.naming is Naming.IN_PERSON and account_of(arn) == caller.account
    refusal = identity_refusal(world, caller, action, arn, context, must_allow=not is_let_in)
    if refusal is not None:
        raise refusal


def authorize_key(world: World, caller: Caller, action: str, key: KeyEntry, context: Given | None = None) -> None:
    """
    Return when *caller* may do *action* with *key*, and KMS lets anybody; AccessDenied and KMS's own errors when not.

    Unlike everywhere else the key's policy has to allow it in any case. Naming the account leaves it to the account's
    IAM; between accounts it takes both.
    """
    asked = world.store(AskedActions)
    try:
        _authorize_key(world, caller, action, key, Context(world, caller, context, key.arn))
    except ServiceError:
        asked.add(caller, action, key.arn, is_allowed=False)
        raise
    asked.add(caller, action, key.arn, is_allowed=True)
    if key.state != "Enabled":
        code, what = _STATES.get(key.state, ("KMSInvalidStateException", f"is {key.state}"))
        raise KEY_ENABLED.refuse(code, f"{key.arn} {what}.")


def _authorize_key(world: World, caller: Caller, action: str, key: KeyEntry, context: Context) -> None:
    arn = key.arn
    said = judge(parse_policy(key.policy), caller, action, arn, context)
    if said.verdict is Verdict.DENY:
        raise KEY_ALLOWS.refuse(*_refused(context, caller, action, arn, _DENIED_HERE))
    if said.verdict is not Verdict.ALLOW:
        why = f"because no resource-based policy allows the {action} action"
        raise KEY_ALLOWS.refuse(*_refused(context, caller, action, arn, why))
    is_let_in = said.naming is Naming.IN_PERSON and account_of(arn) == caller.account
    refusal = identity_refusal(world, caller, action, arn, context, must_allow=not is_let_in)
    if refusal is not None:
        raise refusal


def _denied(context: Context, caller: Caller, action: str, resource: str, why: str) -> ServiceError:
    return IDENTITY_ALLOWS.refuse(*_refused(context, caller, action, resource, why))


def _refused(context: Context, caller: Caller, action: str, resource: str, why: str) -> tuple[str, str, int]:
    """The code, the words and the status of a refusal, as the service that is called gives them."""
    service = context.service or action.partition(":")[0]
    quoted = f'"{resource}"' if action.startswith("s3:") else resource or "*"
    said = f"User: {caller.arn} is not authorized to perform: {action} on resource: {quoted} {why}"
    if service == "ec2":
        return "UnauthorizedOperation", f"You are not authorized to perform this operation. {said}", 403
    code = "AccessDenied" if service in _XML_SERVICES else "AccessDeniedException"
    return code, said, 400 if service in _JSON_SERVICES else 403


def _article(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
