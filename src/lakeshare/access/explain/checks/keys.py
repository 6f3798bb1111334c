"""
Keys of KMS: the results', the encrypted catalogs', and those of encrypted files. Pure.

(documented: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html and key-state.html,
https://docs.aws.amazon.com/glue/latest/dg/set-up-encryption.html and
https://docs.aws.amazon.com/lake-formation/latest/dg/register-encrypted.html)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lakeshare.access.explain import mending
from lakeshare.access.explain.checks.iam import Call, Judged, context_of, decision, iam_check
from lakeshare.access.explain.observed import AWS_OWN_KEY, Asker, Bucket, Entry, Key, Lake, Seen, Workgroup
from lakeshare.access.explain.verdict import Check
from lakeshare.access.iam import Context, Decision
from lakeshare.access.iam.decide import applies
from lakeshare.access.iam.logic import Known, all_of, any_of
from lakeshare.access.iam.resource_policies import grants
from lakeshare.resources.values import Unreadable

GLUE = "glue.amazonaws.com"
DECRYPT = "kms:Decrypt"


def results_key_check(seen: Seen) -> Iterator[Check]:
    """Whether the principal may use the key of its results, where they have one."""
    asker, workgroup = seen.asker, seen.workgroup
    if asker.is_of_iam and isinstance(workgroup, Workgroup) and workgroup.key:
        key = _known(seen, seen.home_account, workgroup.key)
        calls = [Call(action, key.arn, for_service="s3") for action in ("kms:GenerateDataKey", DECRYPT)]
        yield _key(seen, "athena.results-key", key, calls, "the results")


def catalog_key_check(seen: Seen) -> Iterator[Check]:
    """Whether the principal may use the key of its own account's catalog, where that is encrypted."""
    yield from _catalog(seen, "catalog.key", seen.home, seen.home_account)


def target_key_check(seen: Seen) -> Iterator[Check]:
    """Whether the principal may use the key of the owner's catalog, where that can be seen."""
    if seen.owners and seen.target:
        yield from _catalog(seen, "catalog.target-key", seen.owners, seen.target.catalog)


def _catalog(seen: Seen, check_id: str, lake: Lake, account: str) -> Iterator[Check]:
    """Whoever reads metadata must be able to decrypt it, or the role as which Glue does so for everybody."""
    if lake.key is None:
        return
    looked_at = f"the encryption settings of the catalog of {account}"
    if isinstance(lake.key, Unreadable):
        detail = f"whether the catalog is encrypted is not known: {lake.key.reason}"
        yield Check(check_id, "unknown", looked_at, detail, is_presumed=True)
        return
    key = _known(seen, account, lake.key)
    if lake.key_role is not None:
        yield _by_role(seen, check_id, key, lake.key_role, account, looked_at)
    elif seen.asker.is_of_iam:
        yield _key(seen, check_id, key, [Call(DECRYPT, key.arn, for_service="glue", catalog=account)], "the catalog")


def _by_role(seen: Seen, check_id: str, key: Key, arn: str, account: str, looked_at: str) -> Check:
    role = seen.key_roles.get(arn)
    if role is None or isinstance(role.is_there, Unreadable):
        return Check(
            check_id, "unknown", looked_at, f"Glue uses the key as {arn}, whose rights cannot be seen from here"
        )
    trusts = is_trusted(role, GLUE, seen.region, {})
    if role.is_there is False or trusts is False:
        detail = f"Glue is to use the key as {arn}, which " + (
            "does not exist" if not role.is_there else "does not trust it"
        )
        fix = f"make the role {arn}, and let {GLUE} assume it in its trust policy"
        return Check(check_id, "fail", looked_at, detail, fix, role.account_id)
    if trusts is None:
        return Check(check_id, "unknown", looked_at, f"whether {arn} trusts {GLUE} cannot be judged from here")
    call = Call(DECRYPT, key.arn, through_athena=False, for_service="glue", catalog=account)
    return _key(seen, check_id, key, [call], "the catalog", role)


def file_key_checks(seen: Seen, found: Entry, asker: Asker, *, through_athena: bool = True) -> Iterator[Check]:
    """
    Whether *asker*, who opens the table's files, may use the keys that they are encrypted with.

    Of files that may not be looked at the bucket's default tells the likely key; another one is nobody's to rule out.
    """
    encryption, owner = seen.encryption, seen.location.owner if isinstance(seen.location, Bucket) else None
    where = found.location
    for name in encryption.keys:
        yield _file_key(seen, _known(seen, owner or "", name), asker, where, through_athena=through_athena)
    if not encryption.unseen:
        return
    looked_at = f"the files at {where}, and how their bucket encrypts new ones"
    if isinstance(encryption.default, str):
        likely = _file_key(
            seen, _known(seen, owner or "", encryption.default), asker, where, through_athena=through_athena
        )
        if likely.status == "pass":
            yield likely
            return
        detail = f"{encryption.unseen}; under the bucket's default key: {likely.detail}"
        yield replace(likely, status="unknown", detail=detail, answer=None)
    else:
        # Nothing that was seen speaks against it where the bucket is told to use no key of KMS.
        is_plain = encryption.default is None
        fix = "let the operator call s3:ListBucket and s3:GetObject there, and ask again"
        yield Check("location.key", "unknown", looked_at, encryption.unseen, fix, is_presumed=is_plain)


def _file_key(seen: Seen, key: Key, asker: Asker, location: str, *, through_athena: bool) -> Check:
    call = Call(DECRYPT, key.arn, through_athena=through_athena, for_service="s3")
    answer = f"Permission denied on S3 path: {location}" if through_athena else "Access Denied (Service: Amazon S3"
    return replace(_key(seen, "location.key", key, [call], "the table's files", asker), answer=answer)


def _known(seen: Seen, account: str, name: str) -> Key:
    return seen.keys.get((account, name)) or Key(name, Unreadable(f"the key {name} was not looked at"))


def _key(seen: Seen, check_id: str, key: Key, calls: list[Call], what: str, asker: Asker | None = None) -> Check:
    who = asker or seen.asker
    looked_at = f"{who.arn}: {', '.join(call.action for call in calls)} on {key.arn}, which encrypts {what}"
    if key.state != "Enabled":
        return _out_of_use(check_id, key, looked_at)
    judged = [Judged(call, _opens(seen, who, key, call)) for call in calls]
    check = iam_check(
        seen,
        check_id,
        judged,
        looked_at=looked_at,
        ok=f"the key of {what} may be used",
        policy_name="use-key",
        asker=who,
    )
    if check.status == "fail" and key.arn.endswith(f":{AWS_OWN_KEY}"):
        # The policy of a key of AWS's nobody changes (documented: concepts.html, AWS managed keys).
        account = key.arn.split(":")[4]
        fix = f"encrypt {what} of account {account} with a key of its own, whose policy lets {who.arn} {DECRYPT}"
        return replace(check, fix=fix, fix_in=account)
    denials = [item.said.by for item in judged if item.said.is_allowed is False]
    is_by_key = check.status == "fail" and "resource" in denials and key.arn.count(":") >= 5
    return replace(check, fix_in=key.arn.split(":")[4]) if is_by_key else check


def _out_of_use(check_id: str, key: Key, looked_at: str) -> Check:
    region, account, name = key.arn.split(":")[3:6]
    fix = mending.aws("kms", "enable-key", region, key_id=key.arn)
    if key.state == "PendingDeletion":
        cancel = mending.aws("kms", "cancel-key-deletion", region, key_id=key.arn)
        fix = f"{cancel} && {fix}"
    detail = f"the {name.replace('/', ' ', 1)} is {key.state}, so nobody can use it"
    return Check(check_id, "fail", looked_at, detail, fix, account)


def _opens(seen: Seen, asker: Asker, key: Key, call: Call) -> Decision:
    """A key is used by whom its policy lets in, in person or through the account, or a grant of the key's own."""
    said = _by_policies(seen, asker, key, call)
    if said.is_allowed is not False or said.statement is not None:
        return said
    # A grant stands beside the policy, and a deny wins over it. Its constraints are on what a call brings along.
    # (documented: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html)
    if isinstance(key.grants, Unreadable):
        why = f"{said.reason}; whether a grant of the key makes up for it is not known: {key.grants.reason}"
        return Decision(None, why, "resource")
    if (asker.arn, call.action) in key.grants:
        return Decision(None, f"{said.reason}; a grant of the key lets it, within its constraints", "resource")
    return said


def _by_policies(seen: Seen, asker: Asker, key: Key, call: Call) -> Decision:
    if isinstance(key.policy, Unreadable):
        return Decision(None, key.policy.reason, "resource")
    abroad = key.arn.count(":") >= 5 and key.arn.split(":")[4] != asker.account_id
    said = decision(asker, call, seen.region, key.policy, must_be_let_in=abroad)
    context = context_of(asker, call, seen.region)
    at_all = grants(key.policy, asker.arn, call.action, call.resource, context, in_person=False)
    answer = all_of([at_all, any_of([said.is_allowed])])
    if at_all is not True:
        return Decision(answer, f"the key's own policy does not let {asker.arn} call {call.action}", "resource")
    return said


def is_trusted(role: Asker, service: str, region: str, more: Mapping[str, str]) -> Known:
    """Tell whether the trust policy of *role* lets *service* assume it, in a call that has *more* keys."""
    if isinstance(role.trust, Unreadable):
        return None
    values = {"aws:requestedregion": (region,), **{key: (value,) for key, value in more.items()}}
    absent = frozenset({"aws:principalorgid", "sts:externalid"} | {"aws:sourceaccount", "aws:sourcearn"} - set(more))
    context = Context(values, absent)
    speaking = [item for item in role.trust if service in (item.principals or ())]
    does = [(item.is_deny, applies(item, "sts:AssumeRole", role.arn, context)) for item in speaking]
    denied = any_of(answer for is_deny, answer in does if is_deny)
    allowed = any_of(answer for is_deny, answer in does if not is_deny)
    return all_of([allowed, None if denied is None else not denied])
