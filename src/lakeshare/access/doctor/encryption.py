"""
Encrypted Glue catalogs: whether the key can be used, by the operator and by readers.

A caller reads an encrypted catalog with its own rights on the key (documented: Athena, access-encrypted-data-glue-data-
catalog.html), unless the catalog has a service role that does it for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lakeshare.access.doctor import service_role
from lakeshare.access.doctor.catalog_key import (
    BY_SERVICE_ROLE,
    LOOKS,
    READS,
    USES,
    Key,
    User,
    catalog_key,
    refused_by_iam,
)
from lakeshare.access.doctor.edits import allow_use, encrypt_anew, show_key_policy
from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.key_mends import let_use, name_in_policy
from lakeshare.access.doctor.key_policies import says
from lakeshare.access.doctor.looking import Unread, not_seen
from lakeshare.resources.iam_policy import IamPolicy
from lakeshare.resources.kind import Run


def look(run: Run, case: Case) -> Key | Unread | None:
    """Read how the catalog is encrypted, and what there is to know of its key; None where it is not."""
    key = catalog_key(run, case.place, User(case.place, case.operator, USES))
    if not isinstance(key, Key) or not key.service_role:
        return key
    return service_role.look(run, case.place, key)


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
        yield from service_role.judge(case, seen)
    elif seen.is_managed_by_aws:
        yield Finding("ok", f"the catalog is encrypted with AWS's own key for Glue, {seen.name}")
    else:
        found = [*_of_operator(case, seen), *_of_readers(case, seen)]
        yield from found or [Finding("ok", f"the catalog is encrypted with {seen.name}, which all may use who must")]


def _unusable(case: Case, seen: Key) -> Finding:
    region = case.place.region
    enable = f"aws kms enable-key --region {region} --key-id {seen.name}"
    match seen.state:
        case None:
            saw = "does not exist"
            fix = (
                f"encrypt the catalog with a new key: {encrypt_anew(case.place)};"
                " what was written with the lost one is lost"
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


def _of_operator(case: Case, seen: Key) -> Iterator[Finding]:
    word = says(seen.policy, case.operator, READS)
    if isinstance(word, Unread):
        yield not_seen(case, f"the policy of the key {seen.name}", word, part="key-policy")
    elif word in ("denied", "not allowed"):
        yield Finding(
            "blocker",
            f"the policy of the catalog's key {seen.name} does not let the operator use it ({word})",
            let_use(case.place, seen, [case.operator], USES),
            part="operator",
            address=f"{case.place}/catalog-key",
        )
    elif refused := refused_by_iam(seen, case.operator):
        yield Finding(
            "blocker",
            f"the catalog is encrypted, and IAM does not let the operator use its key {seen.name}:"
            f" {', '.join(refused)}",
            f"allow it: {allow_use(case.place, case.operator, 'catalog-key', seen.name, USES)}",
            part="operator",
            address=f"{case.place}/catalog-key",
        )
    elif word == "on conditions":
        saw = f"the policy of the catalog's key {seen.name} lets the operator use it on conditions that show only then"
        yield Finding("warning", saw, show_key_policy(case.place, seen.name), part="operator")


def _of_readers(case: Case, seen: Key) -> Iterator[Finding]:
    """Readers' own policies are looked at where lakeshare makes them; of others' the key's policy has to tell."""
    if not isinstance(seen.policy, Mapping):
        return
    arns = dict.fromkeys(item.principal for item in case.part.readings if item.is_allowed)
    words = {arn: says(seen.policy, arn, READS) for arn in arns}
    made = {item.role_arn: item for item in case.wanted if isinstance(item, IamPolicy)}
    if forbidden := [arn for arn, word in words.items() if word in ("denied", "not allowed")]:
        yield Finding(
            "blocker",
            f"the policy of the catalog's key {seen.name} does not let readers decrypt: {', '.join(forbidden)}",
            let_use(case.place, seen, forbidden, [READS]),
            part="readers",
            address=f"{case.place}/catalog-key",
        )
    if bound := [arn for arn, word in words.items() if word == "on conditions"]:
        saw = f"the policy of the catalog's key {seen.name} lets readers decrypt on conditions that show only then"
        yield Finding("warning", f"{saw}: {', '.join(bound)}", show_key_policy(case.place, seen.name), part="readers")
    lacking = [arn for arn, word in words.items() if word == "left to IAM" and arn in made and not _decrypts(made[arn])]
    if lacking:
        yield Finding(
            "warning",
            f"the catalog is encrypted with {seen.name}, and the policies of these readers do not allow {READS} on it:"
            f" {', '.join(lacking)}",
            "name the key under `to: {kms_keys: [...]}` of the share, and `lakeshare apply` allows it; or name them in"
            f" the key's policy: {name_in_policy(case.place, seen, lacking, [READS])}",
            part="readers",
        )


def _decrypts(policy: IamPolicy) -> bool:
    return any(READS in statement.actions for statement in policy.statements)


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
    reads=(*LOOKS, service_role.LOOKS),
)
