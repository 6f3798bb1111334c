"""
Encrypted Glue catalogs: whether the key can be used, by the operator and by readers.

A caller reads an encrypted catalog with its own rights on the key (documented: Athena, access-encrypted-data-glue-data-
catalog.html), unless the catalog has a service role that does it for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lakeshare.access.doctor.catalog_key import BY_SERVICE_ROLE, LOOKS, READS, USES, Key, User, catalog_key
from lakeshare.access.doctor.edits import let_use
from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.key_policies import says
from lakeshare.access.doctor.looking import Unread, not_seen
from lakeshare.resources.iam_policy import IamPolicy
from lakeshare.resources.kind import Run


def look(run: Run, case: Case) -> Key | Unread | None:
    """Read how the catalog is encrypted, and what there is to know of its key; None where it is not."""
    return catalog_key(run, case.place, User(case.place, case.operator, USES))


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
        yield Finding("ok", f"the catalog is encrypted with AWS's own key for Glue, {seen.name}")
    else:
        found = [*_of_operator(case, seen), *_of_readers(case, seen)]
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


def _of_operator(case: Case, seen: Key) -> Iterator[Finding]:
    word = says(seen.policy, case.operator, READS)
    if isinstance(word, Unread):
        yield not_seen(case, f"the policy of the key {seen.name}", word, part="key-policy")
    if word in ("denied", "not allowed"):
        yield Finding(
            "blocker",
            f"the policy of the catalog's key {seen.name} does not let the operator use it ({word})",
            f"let {case.operator} use it: {let_use(case.place, seen.name, [case.operator], USES)}",
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
    arns = dict.fromkeys(item.principal for item in case.part.readings if item.is_allowed)
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
            f"let them {READS}: {let_use(case.place, seen.name, forbidden, [READS])}",
            part="readers",
            address=f"{case.place}/catalog-key",
        )
    if lacking:
        yield Finding(
            "warning",
            f"the catalog is encrypted with {seen.name}, and the policies of these readers do not allow {READS} on it:"
            f" {', '.join(lacking)}",
            "name the key under `to: {kms_keys: [...]}` of the share, and `lakeshare apply` allows it; or name them in"
            f" the key's policy: {let_use(case.place, seen.name, lacking, [READS])}",
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
    reads=LOOKS,
)
