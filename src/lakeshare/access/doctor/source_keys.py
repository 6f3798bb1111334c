"""
Encrypted catalogs that tables come from: whether the consumer's operator and readers may use their keys.

Who reads another account's encrypted catalog needs kms:Decrypt on its key, by the key's own policy and by IAM of their
account (documented of Lake Formation's cross-account access, and of KMS across accounts; that granting reads the
catalog is observed: data.all issue 1436). Connect's lake is AWS's, and its keys are no concern of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from lakeshare.access.doctor.catalog_key import BY_SERVICE_ROLE, LOOKS, READS, Key, User, catalog_key
from lakeshare.access.doctor.edits import allow_use, encrypt_anew, show_key_policy
from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.key_mends import allowing, let_use
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
        f" {encrypt_anew(source, _for_consumers(case, source))}",
        part="awss-key",
        address=f"{case.place}/source-key",
    )


def _for_consumers(case: Case, source: Place) -> dict[str, Any]:
    """Return a key policy by which IAM of the account itself decides, and of each consumer's who may decrypt."""
    owner = {"Effect": "Allow", "Principal": {"AWS": source.iam_arn("root")}, "Action": "kms:*", "Resource": "*"}
    names = dict.fromkeys(
        share.to.account for share in case.spec.shares.values() if share.source.account == source.alias
    )
    roots = [place_of(case.spec, name).iam_arn("root") for name in names]
    statements = [owner, allowing(roots, [READS, "kms:DescribeKey"])]
    return {"Version": "2012-10-17", "Statement": statements}


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
    what = f"the catalog of {source.alias} is encrypted, and"
    if word in ("denied", "not allowed"):
        saw = f"{what} the policy of its key {key.name} does not let the operator decrypt ({word})"
        both = let_use(source, key, [case.operator, *readers], [READS])
        yield Finding("blocker", saw, both, None, "operator", address)
    elif any(one.is_sure and one.action == READS for one in key.refused):
        saw = f"{what} IAM does not let the operator use its key {key.name}: {READS}"
        fix = allow_use(case.place, case.operator, "source-catalog-key", key.name, [READS])
        yield Finding("blocker", saw, fix, None, "operator", address)
    elif word == "on conditions":
        saw = f"{what} the policy of its key {key.name} lets the operator decrypt on conditions that show only then"
        yield Finding("warning", saw, show_key_policy(source, key.name), part="operator")
    yield from _of_readers(case, key, source, readers)


def _of_readers(case: Case, key: Key, source: Place, readers: list[str]) -> Iterator[Finding]:
    words = {arn: says(key.policy, arn, READS) for arn in readers}
    whose = f"the policy of {key.name}, with which the catalog of {source.alias} is encrypted,"
    shut_out = [arn for arn, word in words.items() if word in ("denied", "not allowed")]
    if shut_out:
        saw = f"{whose} does not let readers decrypt: {', '.join(shut_out)}"
        fix = let_use(source, key, shut_out, [READS])
        yield Finding("blocker", saw, fix, None, "readers", f"{case.place}/source-key")
    if bound := [arn for arn, word in words.items() if word == "on conditions"]:
        saw = f"{whose} lets readers decrypt on conditions that show only then: {', '.join(bound)}"
        yield Finding("warning", saw, show_key_policy(source, key.name), part="readers")
    made = {item.role_arn: item for item in case.wanted if isinstance(item, IamPolicy)}
    lacking = [
        arn
        for arn in readers
        if arn not in shut_out
        and arn in made
        and not any(READS in statement.actions for statement in made[arn].statements)
    ]
    if lacking:
        yield Finding(
            "warning",
            f"the catalog of {source.alias} is encrypted with {key.name}, and the policies of these readers do not"
            f" allow {READS} on it: {', '.join(lacking)}",
            "name the key under `to: {kms_keys: [...]}` of the share, and `lakeshare apply` allows it",
            part="readers",
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
