"""
Encrypted Glue catalogs: whether the key can be used, by the operator and by readers.

A caller reads an encrypted catalog with its own rights on the key (documented: Athena, access-encrypted-data-glue-data-
catalog.html), unless the catalog has a service role that does it for all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.key_policies import says
from lakeshare.access.doctor.looking import Unread, call, not_seen
from lakeshare.access.doctor.statements import account_of, principals, speaks_of
from lakeshare.access.permitted import Refusal, refusals
from lakeshare.planning.least_policy import Allowed
from lakeshare.resources.documents import statements_of
from lakeshare.resources.iam_policy import IamPolicy
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place
from lakeshare.spec import CatalogSource

BY_SERVICE_ROLE: Final = "SSE-KMS-WITH-SERVICE-ROLE"
USES: Final = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
READS: Final = "kms:Decrypt"


@dataclass(frozen=True, slots=True)
class Key:
    """
    The key of an encrypted catalog.

    ``state`` is KMS's (Enabled, Disabled, PendingDeletion ...), None where there is no such key. ``refused`` is what
    IAM refuses the operator of what it takes.
    """

    name: str
    mode: str
    state: str | Unread | None
    is_managed_by_aws: bool = False
    policy: Mapping[str, Any] | Unread | None = None
    refused: tuple[Refusal, ...] = ()


def look(run: Run, case: Case) -> Key | Unread | None:
    """Read how the catalog is encrypted, and what there is to know of its key; None where it is not."""
    answer = call(run, case.place, "glue", "get_data_catalog_encryption_settings")
    if not isinstance(answer, dict):
        return answer
    at_rest = answer["DataCatalogEncryptionSettings"].get("EncryptionAtRest", {})
    mode = at_rest.get("CatalogEncryptionMode", "DISABLED")
    if mode == "DISABLED":
        return None
    return _key(run, case, mode, at_rest.get("SseAwsKmsKeyId") or "alias/aws/glue")


def _key(run: Run, case: Case, mode: str, name: str) -> Key:
    place = case.place
    answer = call(run, place, "kms", "describe_key", absent={"NotFoundException"}, KeyId=name)
    if not isinstance(answer, dict):
        return Key(name, mode, answer)
    row = answer["KeyMetadata"]
    arn, state, is_awss = row["Arn"], row["KeyState"], row.get("KeyManager") == "AWS"
    if mode == BY_SERVICE_ROLE or is_awss:
        return Key(arn, mode, state, is_managed_by_aws=is_awss)
    policy = _policy(run, place, arn)
    refused = refusals(run, place, case.operator, (Allowed(USES, (arn,)),))
    return Key(arn, mode, state, policy=policy, refused=refused)


def _policy(run: Run, place: Place, arn: str) -> Mapping[str, Any] | Unread | None:
    answer = call(run, place, "kms", "get_key_policy", KeyId=arn, PolicyName="default")
    return json.loads(answer["Policy"]) if isinstance(answer, dict) else answer


def judge(case: Case, seen: Key | Unread | None) -> Iterator[Finding]:
    """Block on a key that nobody, or not the operator, can use; warn of readers who cannot."""
    if seen is None:
        yield Finding("ok", "the catalog is not encrypted with a key of KMS's")
    elif isinstance(seen, Unread):
        yield not_seen(case, "whether the catalog is encrypted", seen)
    elif isinstance(seen.state, Unread):
        yield not_seen(case, f"the key {seen.name} of the encrypted catalog", seen.state, part="key")
    elif seen.state != "Enabled":
        yield _unusable(case, seen)
    elif seen.mode == BY_SERVICE_ROLE:
        yield Finding("ok", f"the catalog is encrypted with {seen.name}, which its service role uses for all callers")
    elif seen.is_managed_by_aws:
        yield from _of_awss_key(case, seen)
    else:
        found = [*_of_operator(case, seen), *_of_readers(case, seen), *_of_consumers(case, seen)]
        yield from found or [Finding("ok", f"the catalog is encrypted with {seen.name}, which all may use who must")]


def _unusable(case: Case, seen: Key) -> Finding:
    region = case.place.region
    enable = f"aws kms enable-key --region {region} --key-id {seen.name}"
    match seen.state:
        case None:
            saw, fix = "does not exist", "encrypt the catalog with a key that does: `aws glue"
            fix += (
                f" put-data-catalog-encryption-settings --region {region}`; what was written with the lost key is lost"
            )
        case "PendingDeletion":
            saw = "is about to be deleted"
            fix = f"`aws kms cancel-key-deletion --region {region} --key-id {seen.name} && {enable}`"
        case _:
            saw, fix = f"is {str(seen.state).lower()}", f"`{enable}`"
    return Finding(
        "blocker",
        f"the key {seen.name} of the encrypted catalog {saw}: Glue refuses what touches the catalog",
        fix,
        part="key",
        address=f"{case.place}/catalog-key",
    )


def _of_awss_key(case: Case, seen: Key) -> Iterator[Finding]:
    if not _consumers(case):
        yield Finding("ok", f"the catalog is encrypted with AWS's own key for Glue, {seen.name}")
        return
    yield Finding(
        "warning",
        f"the catalog is encrypted with AWS's own key for Glue, {seen.name}, which no other account can be let use:"
        " consumers may not see what is shared (inferred)",
        "encrypt the catalog with a key of your own whose policy lets the consumers' accounts decrypt:"
        f" `aws glue put-data-catalog-encryption-settings --region {case.place.region}`",
        part="awss-key",
    )


def _of_operator(case: Case, seen: Key) -> Iterator[Finding]:
    word = says(seen.policy, case.operator, READS)
    if isinstance(word, Unread):
        yield not_seen(case, f"the policy of the key {seen.name}", word, part="key-policy")
    if word in ("denied", "not allowed"):
        yield Finding(
            "blocker",
            f"the policy of the catalog's key {seen.name} does not let the operator use it ({word})",
            f"let {case.operator} {', '.join(USES)}: `aws kms put-key-policy --region {case.place.region} --key-id"
            f" {seen.name} --policy-name default --policy file://key-policy.json`",
            part="operator",
            address=f"{case.place}/catalog-key",
        )
    elif word == "on conditions":
        yield Finding(
            "warning",
            f"the policy of the catalog's key {seen.name} lets the operator use it on conditions that show only then",
            f"`aws kms get-key-policy --region {case.place.region} --key-id {seen.name} --policy-name default`",
            part="operator",
        )
    elif word == "left to IAM" and (
        refused := [one.action for one in seen.refused if one.is_sure and one.action in USES]
    ):
        names = ", ".join(refused)
        yield Finding(
            "blocker",
            f"the catalog is encrypted, and IAM does not let the operator use its key {seen.name}: {names}",
            f"allow it {', '.join(USES)} on {seen.name}",
            part="operator",
            address=f"{case.place}/catalog-key",
        )


def _of_readers(case: Case, seen: Key) -> Iterator[Finding]:
    """Readers' own policies are looked at where lakeshare makes them; of others' the key's policy has to tell."""
    if not isinstance(seen.policy, Mapping):
        return
    arns = dict.fromkeys(
        item.role_arn for item in case.graph.readings if item.account == case.alias and item.is_allowed
    )
    made = {item.role_arn: item for item in case.wanted if isinstance(item, IamPolicy)}
    forbidden = [arn for arn in arns if says(seen.policy, arn, READS) in ("denied", "not allowed")]
    lacking = [
        arn
        for arn in arns
        if arn in made and says(seen.policy, arn, READS) == "left to IAM" and not _decrypts(made[arn])
    ]
    if forbidden:
        yield Finding(
            "blocker",
            f"the policy of the catalog's key {seen.name} does not let readers decrypt: {', '.join(forbidden)}",
            f"let them {READS}: `aws kms put-key-policy --region {case.place.region} --key-id {seen.name}"
            " --policy-name default --policy file://key-policy.json`",
            part="readers",
            address=f"{case.place}/catalog-key",
        )
    if lacking:
        yield Finding(
            "warning",
            f"the catalog is encrypted with {seen.name}, and the policies of these readers do not allow {READS} on it:"
            f" {', '.join(lacking)}",
            f"name them in the key's policy: `aws kms put-key-policy --region {case.place.region} --key-id {seen.name}"
            " --policy-name default --policy file://key-policy.json`",
            part="readers",
        )


def _decrypts(policy: IamPolicy) -> bool:
    return any(READS in statement.actions for statement in policy.statements)


def _consumers(case: Case) -> dict[str, str]:
    """Return the accounts to which tables of this catalog go, by their ids, with their names."""
    own = [share for share in case.sources if isinstance(share.source, CatalogSource)]
    names = {share.to.account: case.spec.accounts[share.to.account].id for share in own}
    return {number: name for name, number in names.items() if number != case.place.account_id}


def _of_consumers(case: Case, seen: Key) -> Iterator[Finding]:
    if not isinstance(seen.policy, Mapping):
        return
    for number, name in _consumers(case).items():
        word = says(seen.policy, f"arn:{case.place.partition}:iam::{number}:root", READS)
        if word in ("denied", "not allowed") and not _names_somebody_of(seen.policy, number):
            yield Finding(
                "warning",
                f"the catalog is encrypted with {seen.name}, whose policy lets nobody of {name} ({number}) decrypt:"
                " what is shared from it can hardly be read there (inferred)",
                f"let account {number} {READS}: `aws kms put-key-policy --region {case.place.region} --key-id"
                f" {seen.name} --policy-name default --policy file://key-policy.json`",
                part="consumers",
            )


def _names_somebody_of(policy: Mapping[str, Any], account: str) -> bool:
    allows = [one for one in statements_of(policy) if one.get("Effect") == "Allow" and speaks_of(one, READS)]
    return any(account_of(name) == account for one in allows for name in principals(one))


def touches_catalog(case: Case) -> bool:
    """Tell whether the plan makes something in this catalog, or shares something of it."""
    return any(
        step.kind in ("glue_database", "resource_link") or (step.kind == "lake_grant" and step.resource.is_to_account)
        for step in case.steps
    )


CHECK: Final = Check(
    id="encryption",
    title="Encrypted catalogs",
    look=look,
    judge=judge,
    in_plan=touches_catalog,
    reads=(
        "glue:GetDataCatalogEncryptionSettings",
        "iam:SimulatePrincipalPolicy",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
    ),
)
