"""
Encrypted catalogs that tables come from: whether the consumer's operator and readers may use their keys.

Who reads another account's encrypted catalog needs kms:Decrypt on its key, by the key's own policy and by IAM of their
account (documented of Lake Formation's cross-account access, and of KMS across accounts; that granting reads the
catalog is observed: data.all issue 1436). Connect's lake is AWS's, and its keys are no concern of ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from lakeshare.access.doctor.catalog_key import BY_SERVICE_ROLE, LOOKS, READS, Key, User, catalog_key
from lakeshare.access.doctor.edits import let_use
from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.key_policies import says
from lakeshare.access.doctor.looking import Unread, not_seen
from lakeshare.errors import IdentityError
from lakeshare.planning.expand import place_of
from lakeshare.resources.iam_policy import IamPolicy
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_grant.model import LakeGrant
from lakeshare.resources.values import Place
from lakeshare.spec import CatalogSource

Seen: TypeAlias = Mapping[str, Key | Unread | None]
"""By the names of the accounts that tables come from."""


def look(run: Run, case: Case) -> Seen:
    """Read how the catalogs of those are encrypted which share tables of their own with this account."""
    names = dict.fromkeys(
        share.source.account for share in case.destinations if isinstance(share.source, CatalogSource)
    )
    user = User(case.place, case.operator, (READS,))

    def key(name: str) -> Key | Unread | None:
        try:
            return catalog_key(run, place_of(case.spec, name), user)
        except IdentityError:
            return Unread("glue:GetDataCatalogEncryptionSettings", "the account cannot be entered")

    abroad = [name for name in names if case.spec.accounts[name].id != case.place.account_id]
    return dict(zip(abroad, run.aws.in_parallel(key, abroad), strict=True))


def judge(case: Case, seen: Seen) -> Iterator[Finding]:
    """Block where the operator's grants there, or what readers ask, are refused for want of the key."""
    for name, key in seen.items():
        source = place_of(case.spec, name)
        if isinstance(key, Unread):
            yield not_seen(case, f"whether the catalog of {name} is encrypted", key, part="unread")
        # What keeps all from using a key is said where it is.
        elif key is not None and key.state == "Enabled" and key.mode != BY_SERVICE_ROLE:
            found = [*_of_awss_key(case, name, key, source)] if key.is_managed_by_aws else [*_of(case, key, source)]
            yield from found or [
                Finding("ok", f"the catalog of {name} is encrypted with {key.name}, which all may use")
            ]


def _of_awss_key(case: Case, name: str, key: Key, source: Place) -> Iterator[Finding]:
    yield Finding(
        "blocker",
        f"the catalog of {name} is encrypted with AWS's own key for Glue, {key.name}, which no other account can be let"
        f" use: whatever reads its tables from {case.alias} is refused",
        "encrypt it with a key of its own whose policy lets this account decrypt:"
        f" `aws glue put-data-catalog-encryption-settings --region {source.region}`, in account {source.account_id}",
        part="awss-key",
        address=f"{case.place}/source-key",
    )


def _of(case: Case, key: Key, source: Place) -> Iterator[Finding]:
    address = f"{case.place}/source-key"
    arns = [
        item.principal
        for item in case.part.readings
        if item.is_allowed and case.spec.shares[item.share].source.account == source.alias
    ]
    readers = list(dict.fromkeys(arns))
    word = says(key.policy, case.operator, READS)
    if isinstance(word, Unread):
        yield not_seen(
            case, f"the policy of the key {key.name} in account {source.account_id}", word, part="key-policy"
        )
        return
    if word in ("denied", "not allowed"):
        saw = f"the catalog of {source.alias} is encrypted, and the policy of its key {key.name} does not let"
        both = let_use(source, key.name, [case.operator, *readers], [READS])
        yield Finding("blocker", f"{saw} the operator decrypt ({word})", f"let it: {both}", None, "operator", address)
    elif any(one.is_sure and one.action == READS for one in key.refused):
        yield Finding(
            "blocker",
            f"the catalog of {source.alias} is encrypted, and IAM does not let the operator use its key {key.name}:"
            f" {READS}",
            _allow(case, key),
            part="operator",
            address=address,
        )
    yield from _of_readers(case, key, source, readers)


def _of_readers(case: Case, key: Key, source: Place, readers: list[str]) -> Iterator[Finding]:
    made = {item.role_arn: item for item in case.wanted if isinstance(item, IamPolicy)}
    shut_out = [arn for arn in readers if says(key.policy, arn, READS) in ("denied", "not allowed")]
    lacking = [
        arn
        for arn in readers
        if arn not in shut_out
        and arn in made
        and not any(READS in statement.actions for statement in made[arn].statements)
    ]
    if shut_out:
        yield Finding(
            "blocker",
            f"the policy of {key.name}, with which the catalog of {source.alias} is encrypted, does not let readers"
            f" decrypt: {', '.join(shut_out)}",
            f"let them {READS}: {let_use(source, key.name, shut_out, [READS])}",
            part="readers",
            address=f"{case.place}/source-key",
        )
    if lacking:
        yield Finding(
            "warning",
            f"the catalog of {source.alias} is encrypted with {key.name}, and the policies of these readers do not"
            f" allow {READS} on it: {', '.join(lacking)}",
            "name the key under `to: {kms_keys: [...]}` of the share, and `lakeshare apply` allows it",
            part="readers",
        )


def _allow(case: Case, key: Key) -> str:
    kind, name = ("user" if ":user/" in case.operator else "role"), case.operator.rpartition("/")[2]
    statement = {"Effect": "Allow", "Action": READS, "Resource": key.name}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return (
        f"`aws iam put-{kind}-policy --{kind}-name {name} --policy-name source-catalog-key --policy-document"
        f" '{policy}'`, run by an administrator of account {case.place.account_id}"
    )


def grants_on_others(case: Case) -> bool:
    """Tell whether the plan grants something on tables of other accounts."""
    return any(
        isinstance(step.resource, LakeGrant) and step.resource.owner and step.action == "create" for step in case.steps
    )


CHECK: Final = Check(
    id="source-key",
    title="Keys of the catalogs that tables come from",
    look=look,
    judge=judge,
    in_plan=grants_on_others,
    reads=LOOKS,
)
