"""Lake Formation's answers to grants, revokes, listings and settings (lake-formation reference, section 4.7). Pure."""

from __future__ import annotations

from typing import Final

from lakeshare.access.known_errors.record import DOCS, KnownError

INVALID = ("InvalidInputException",)
DENIED = ("AccessDeniedException",)
TERRAFORM = "terraform-provider-aws, internal/service/lakeformation"
TROUBLES = DOCS + "lake-formation/latest/dg/troubleshooting.html"

GRANT_SELECT: Final = (
    "aws lakeformation grant-permissions --principal DataLakePrincipalIdentifier={principal} --permissions SELECT"
    ' --resource \'{{"Table": {{"CatalogId": "OWNER", "DatabaseName": "{database}", "Name": "{table}"}}}}\''
)

GRANTING: Final = (
    KnownError(
        "grant.invalid-principal",
        "InvalidInputException: Invalid principal",
        (("invalid principal",),),
        "The principal {principal} does not exist for Lake Formation: its ARN is wrong, it was deleted, or it was made"
        " moments ago and IAM has not told everybody yet. From PutDataLakeSettings it means that a deleted role is"
        " still"
        " listed as an administrator, and then every change of the settings fails.",
        "If the role is new, wait up to two minutes and try again. Otherwise check it:"
        " `aws iam get-role --role-name NAME`. From PutDataLakeSettings: take all administrators that do not exist any"
        " more out of DataLakeAdmins, in one call; `aws lakeformation get-data-lake-settings` lists them.",
        "observed",
        f"{TERRAFORM}; aws-cdk issue 9097; {TROUBLES}",
        INVALID,
    ),
    KnownError(
        "grant.grantee-has-none",
        "InvalidInputException: Grantee has no permissions",
        (("grantee has no permissions",),),
        "When revoking: there is nothing to revoke, which is what was wanted. When granting: the grantee is too new and"
        " not known everywhere yet.",
        "When revoking, nothing. When granting, try again for up to two minutes.",
        "observed",
        TERRAFORM,
        INVALID,
    ),
    KnownError(
        "location.not-visible-yet",
        "InvalidInputException: ... register the S3 path",
        (("register the s3 path",),),
        "Lake Formation does not know the location: it is not registered, or was registered moments ago.",
        "If it was just registered, try again. Otherwise"
        " `aws lakeformation register-resource --resource-arn arn:aws:s3:::BUCKET/PREFIX --role-arn ROLE`.",
        "observed",
        TERRAFORM,
        INVALID,
    ),
    KnownError(
        "revoke.nothing-held",
        "InvalidInputException: No permissions revoked. Grantee does not does not have:[ALL]",
        (
            ("no permissions revoked",),
            ("does not does not have:[",),
            ("does not have:[",),
            ("revoking tag permissions on tags that grantee",),
        ),
        "There was nothing to revoke: the grantee does not hold it, or holds it only because it made the thing or"
        " administers the lake, which cannot be revoked.",
        "Nothing: a revoke of something absent has succeeded.",
        "observed",
        f"data.all issue 588; {TERRAFORM}",
        INVALID,
    ),
    KnownError(
        "grant.no-such-column",
        "InvalidInputException: cannot grant/revoke permission on non-existent column",
        (("permission on non-existent column",), ("permission on non existent column",)),
        "The list of columns names one that the table does not have (any more). A revoke has then nothing to take"
        " away.",
        "Compare with the table's columns: `aws glue get-table --catalog-id OWNER --database-name {database}"
        " --name {table}`, or `lakeshare tables {table}` for Connect's own.",
        "observed",
        TERRAFORM,
        INVALID,
    ),
    KnownError(
        "list.database-link",
        "InvalidInputException: Database cannot be a link for this operation when called on a table.",
        (("database cannot be a link for this operation",),),
        "Permissions were listed on tables of a database that is a link. Granting so is taken, reading it back is not.",
        "Grant on the target's table, and DESCRIBE on the database link; list without a Resource and compare yourself."
        " lakeshare does both.",
        "observed",
        "terraform-provider-aws issue 46951",
        INVALID,
    ),
    KnownError(
        "list.resource-mandatory",
        "InvalidInputException: Resource is mandatory if Principal is set in the input.",
        (("resource is mandatory if principal is set",),),
        "ListPermissions was asked by Principal without a Resource, which it does not take. With both it answers"
        " another"
        " question: what the principal can do, implicit rights included.",
        "`aws lakeformation list-permissions` without --principal, and compare yourself.",
        "observed",
        TERRAFORM,
        INVALID,
    ),
    KnownError(
        "throttle.iam-inside",
        "InvalidInputException: Rate exceeded (Service: AmazonIdentityManagement; ...)",
        (("rate exceeded (service: amazonidentitymanagement",), ("rate exceeded", "amazonidentitymanagement")),
        "IAM throttled Lake Formation's own question about the principal, and Lake Formation handed that on as if your"
        " input were wrong. It is not.",
        "Try again, slower, with jitter. lakeshare does; botocore does not, since the code says that you erred.",
        "observed",
        "cloudformation-coverage-roadmap issue 2289",
        INVALID,
    ),
    KnownError(
        "grant.versions-do-not-meet",
        "InvalidInputException: Invalid cross account grant request. Consumer account has opt-in to cross account"
        " version: v3. Please update `CrossAccountVersion` in `DataLakeSetting` to minimal version v3",
        (("invalid cross account grant request",), ("opt-in to cross account version",)),
        "A grant by LF-tags goes to an account that is at cross-account version 3 or later, and the granting account is"
        " at an earlier one.",
        "Raise CROSS_ACCOUNT_VERSION in the granting account to 3 or more (`aws lakeformation get-data-lake-settings`,"
        " change Parameters, put the whole document back). Version 5 cannot be left again.",
        "documented",
        DOCS + "lake-formation/latest/dg/optimize-ram.html",
        INVALID,
    ),
    KnownError(
        "grant.race",
        "ConcurrentModificationException: Permission update/Delete failed for Resource",
        (("permission update/delete failed for resource",), ("concurrentmodificationexception",)),
        "Two changes of permissions on the same thing met, or of the same principal. Neither of them is wrong.",
        "Try again after one to three seconds, one change at a time per principal and thing; batches of 20 meet less"
        " often. lakeshare does that by itself.",
        "observed",
        f"aws-cdk issue 36215; data.all; {TROUBLES}",
        ("ConcurrentModificationException",),
    ),
    KnownError(
        "grant.not-there-or-not-allowed",
        "AccessDeniedException: Resource does not exist or requester is not authorized to access requested"
        " permissions.",
        (("resource does not exist or requester is not authorized",),),
        "One text for two cases, on purpose: the thing is not there, or the caller is no Lake Formation administrator"
        " of"
        " the catalog (and has no grant option on it). Right after becoming one it may also just not be known yet.",
        "`aws sts get-caller-identity` and `aws lakeformation get-data-lake-settings`: is the caller's role among"
        " DataLakeAdmins, with its path? Then check the names. A new administrator waits up to two minutes.",
        "observed",
        f"terraform-provider-aws issue 38982; {TERRAFORM}",
        DENIED,
    ),
    KnownError(
        "opt-in.too-early",
        "AccessDeniedException: Insufficient Lake Formation permission(s) on Catalog",
        (("insufficient lake formation permission(s) on catalog",),),
        "Whoever opts somebody in must be a Lake Formation administrator, and a new one is not known everywhere yet.",
        "Try again for up to four minutes; then check DataLakeAdmins in `aws lakeformation get-data-lake-settings`.",
        "observed",
        f"{TERRAFORM}/opt_in.go",
        DENIED,
    ),
    KnownError(
        "grant.glue-does-not-see",
        "AccessDeniedException: Insufficient Glue permissions to access table {table}",
        (("insufficient glue permissions to access table",), ("insufficient glue permissions",)),
        "The table {table} is passed on before it can be seen here: the share is not accepted or not associated yet,"
        " glue:PutResourcePolicy was missing when it was accepted, or the role lacks glue:GetTable on the owner's"
        " catalog.",
        "`aws ram get-resource-shares --resource-owner OTHER-ACCOUNTS` must say ACTIVE; accept what is PENDING in"
        " `aws ram get-resource-share-invitations`; give the role the Glue reads on the owner's ARNs; then grant again."
        " `lakeshare apply` waits for each of these.",
        "observed",
        "data.all issues 526, 588, pull requests 579, 713",
        DENIED,
    ),
    KnownError(
        "grant.illegal-combination",
        "Insufficient Lake Formation permissions: Illegal combination",
        (("insufficient lake formation permissions", "illegal combination"), ("illegal combination",)),
        "IAMAllowedPrincipals still hold Super on the table: up to cross-account version 3 such a table is not shared.",
        "`aws lakeformation revoke-permissions --principal DataLakePrincipalIdentifier=IAM_ALLOWED_PRINCIPALS"
        ' --permissions ALL --resource \'{{"Table": {{"DatabaseName": "{database}", "Name": "{table}"}}}}\'` in the'
        " owner's account (whoever reads by IAM alone loses it), or share at version 4 in hybrid access mode.",
        "documented",
        DOCS + "lake-formation/latest/dg/hybrid-access-mode.html",
    ),
    KnownError(
        "grant.onward",
        "Not authorized to grant permissions for the resource",
        (("not authorized to grant permissions for the resource",),),
        "A table that came from another account is passed on to yet another account or to an organisation. Sharing goes"
        " one step: a consumer grants to principals of its own account only.",
        "Let the owner share with that account itself; grant here only to this account's roles and users.",
        "documented",
        TROUBLES,
    ),
    KnownError(
        "catalog.encrypted",
        "Insufficient encryption key permissions for Glue API",
        (("insufficient encryption key permissions",), ("glueencryptionexception",)),
        "The Data Catalog's metadata is encrypted with a KMS key which the caller may not use.",
        "Allow kms:Decrypt (and kms:GenerateDataKey and kms:Encrypt to write) on the catalog's key, in its key policy"
        " and for {principal}; `aws glue get-data-catalog-encryption-settings` names the key.",
        "documented",
        TROUBLES,
    ),
    KnownError(
        "settings.explicit-deny",
        "... is not authorized to perform: lakeformation:PutDataLakeSettings with an explicit deny",
        (("lakeformation:putdatalakesettings", "explicit deny"), ("lakeformation:putdatalakesettings",)),
        "{principal} may not change the lake's settings. The managed policy AWSLakeFormationDataAdmin denies it by"
        " design, so that a lake's administrator cannot make administrators.",
        "Change settings as an IAM administrator without that policy; `aws iam list-attached-role-policies` shows"
        " whether"
        " the role has it.",
        "documented",
        DOCS + "lake-formation/latest/dg/permissions-reference.html; learnsqlteam.com",
    ),
    KnownError(
        "settings.key-unknown",
        "Valid Parameters Keys are: [CROSS_ACCOUNT_VERSION], but found: [CrossAccountVersion]",
        (("valid parameters keys are",),),
        "The settings' Parameters have keys in capitals.",
        "Write CROSS_ACCOUNT_VERSION, with a text as its value.",
        "observed",
        "boto3 issue 3897",
    ),
    KnownError(
        "settings.administrators-vanished",
        "Existing admins vanish after PutDataLakeSettings",
        (
            ("admins vanish",),
            ("administrators vanish",),
            ("admins", "disappear"),
            ("administrators", "disappear"),
            ("existing admins",),
        ),
        "PutDataLakeSettings replaces the whole document: who is not in the list any more is no administrator any"
        " more.",
        "Get the settings, add to them, put all of them back, one writer at a time. lakeshare merges and never drops an"
        " administrator that it did not add.",
        "documented",
        DOCS + "lake-formation/latest/APIReference/API_PutDataLakeSettings.html",
    ),
)
