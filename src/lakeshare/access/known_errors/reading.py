"""What queries, the catalog and IAM answer (lake-formation reference, 4.7 and 6; connect-data-lake, 7). Pure."""

from __future__ import annotations

from typing import Final

from lakeshare.access.known_errors.granting import GRANT_SELECT
from lakeshare.access.known_errors.record import DOCS, KnownError
from lakeshare.access.known_errors.sharing import LINKS

ATHENA = DOCS + "athena/latest/ug/lf-athena-limitations.html"
ASK = "`lakeshare explain --principal {principal} --table {table}` walks all of it"
DENIED = ("AccessDeniedException",)

READING: Final = (
    KnownError(
        "read.default-database",
        "Insufficient Lake Formation permission(s): Required Describe on default",
        (
            ("insufficient lake formation permission(s)", "required describe on default"),
            ("insufficient lake formation permission(s) on default",),
            ("required describe on default",),
        ),
        "Athena asks about the database `default` before every query, and Lake Formation rules it here.",
        "aws lakeformation grant-permissions --principal DataLakePrincipalIdentifier={principal} --permissions DESCRIBE"
        ' --resource \'{{"Database": {{"Name": "default"}}}}\'',
        "documented",
        ATHENA,
        DENIED,
    ),
    KnownError(
        "read.lake-permission",
        "Insufficient Lake Formation permission(s): Required <Create Database|Describe|Drop|Select|...> on <name>;"
        " newer: Insufficient Lake Formation permission(s) on <name>",
        (
            ("insufficient lake formation permission(s)",),
            ("insufficient lake formation permission",),
            *((f"required {permission} on",) for permission in ("select", "describe", "drop", "alter", "insert")),
            ("required create database on",),
            ("required create table on",),
        ),
        "Lake Formation refuses {permission} on {table}. It does not say whether the link or its target was meant:"
        " listed but not readable means that DESCRIBE on the link is there and SELECT on the target is not (or"
        " lakeformation:GetDataAccess is missing in IAM).",
        f"{ASK}. What is mostly missing: {GRANT_SELECT}",
        "documented",
        DOCS + "connect/latest/adminguide/manage-access-to-resource-link-tables.html",
        DENIED,
    ),
    KnownError(
        "read.no-privilege",
        "Insufficient permissions to execute the query. Principal does not have any privilege on specified resource",
        (("does not have any privilege on specified resource",), ("insufficient permissions to execute the query",)),
        "The principal holds nothing on the table itself. A grant on the link gives nothing on its target; and what the"
        " owner has taken back from the account is worth nothing here any more.",
        f"{ASK}. What is mostly missing: {GRANT_SELECT}",
        "documented",
        "lake-formation reference, section 6, step 7",
    ),
    KnownError(
        "read.column",
        "COLUMN_NOT_FOUND: Column 'c' cannot be resolved or requester is not authorized to access requested resources",
        (("column_not_found",), ("cannot be resolved or requester is not authorized",)),
        "Column {column} is not there, or the reader was not granted it: Athena says the same of both.",
        "`lakeshare explain --principal {principal} --table {table} --column {column}` tells which; `lakeshare tables`"
        " lists the columns that exist.",
        "documented",
        "lake-formation reference, section 6, step 8",
    ),
    KnownError(
        "read.table-not-found",
        "TABLE_NOT_FOUND / SCHEMA_NOT_FOUND: ... does not exist",
        (("table_not_found",), ("schema_not_found",)),
        "{table} is not there under that name, or it is hidden: what Lake Formation does not let somebody describe is"
        " left out as if it did not exist.",
        f"{ASK}; `aws glue get-table --database-name {{database}} --name {{table}}` as an administrator shows whether"
        " it"
        " exists.",
        "inferred",
        "lake-formation reference, section 6, step 3",
    ),
    KnownError(
        "iam.data-access",
        "... is not authorized to perform: lakeformation:GetDataAccess ...",
        (
            ("is not authorized to perform", "lakeformation:getdataaccess"),
            ("lakeformation:getdataaccess",),
        ),
        "The reader's IAM policies lack lakeformation:GetDataAccess, which every read under Lake Formation takes. It"
        " knows no resources: what it gives out is what was granted.",
        "aws iam put-role-policy --role-name NAME --policy-name lake-formation-credentials --policy-document"
        ' \'{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "lakeformation:GetDataAccess",'
        ' "Resource": "*"}}]}}\'',
        "documented",
        DOCS + "lake-formation/latest/dg/cross-account-read-data.html",
    ),
    KnownError(
        "iam.no-resource-policy",
        "... is not authorized to perform: glue:GetTable ... because no resource-based policy allows the glue:GetTable"
        " action",
        (("no resource-based policy allows",),),
        "The owner's catalog does not let this account in: no RAM share holds the table, its invitation is not"
        " accepted,"
        " or it was taken back.",
        "`aws ram get-resource-share-invitations` shows what waits or has expired; `lakeshare apply` accepts it."
        f" {ASK}",
        "documented",
        "lake-formation reference, section 6, step 5",
    ),
    KnownError(
        "iam.explicit-deny",
        "... is not authorized to perform: ... with an explicit deny",
        (("explicit deny",),),
        "A policy denies {action} to {principal}: its own, its boundary, a service control policy, or that of the thing"
        " itself. No allow anywhere makes up for it.",
        f"Find the statement with Effect Deny, and except the principal from it. {ASK}",
        "documented",
        DOCS + "IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
    ),
    KnownError(
        "iam.no-identity-policy",
        "... is not authorized to perform: glue:GetTable on resource: ... because no identity-based policy allows ...",
        (("no identity-based policy allows",), ("is not authorized to perform",)),
        "IAM refuses {action} to {principal}. Reading through a link takes glue:GetDatabase, GetTable and"
        " GetPartitions on"
        " catalog, database and table of both ends, the link's and the owner's, beside Lake Formation's grants.",
        f"Allow {{action}} on the ARN that the text names, in a policy of {{principal}}. {ASK}",
        "documented",
        DOCS + "athena/latest/ug/lf-athena-user-permissions.html",
    ),
    KnownError(
        "read.storage-descriptor",
        "Table StorageDescriptor is null",
        (("storagedescriptor is null",), ("storagedescriptor", "null"), ("link has no columns",)),
        "The link could not be followed, so it has no columns: the share is not active, or the reader sees nothing of"
        " the"
        " target. A dummy StorageDescriptor on the link hides that and mends nothing.",
        f"Mend the share and the grants, and leave the link with its TargetTable alone. {ASK}",
        "observed",
        DOCS + "lake-formation/latest/dg/resource-links-glue-apis.html",
    ),
    KnownError(
        "read.stored-view",
        "Failed analyzing stored view ... Schema ... does not exist",
        (("failed analyzing stored view",), ("stored view", "does not exist")),
        "A view names its tables as they are called at the source, and here they are called otherwise.",
        'Name database and links as the source does: `links: "{{table}}"` (the default) in the spec, and the database'
        " connect_datalake.",
        "documented",
        DOCS + "athena/latest/ug/lf-athena-limitations-cross-account.html",
    ),
    KnownError(
        "read.redirected",
        "Caller is temporarily not authorized to perform this operation on resource ...",
        (("caller is temporarily not authorized",), ("temporarily not authorized",)),
        "The link was led to another table not long ago, and what was cached about it is not settled.",
        "Wait up to 24 hours, or use a QuerySessionContext; make new links rather than leading old ones elsewhere.",
        "documented",
        DOCS + "lake-formation/latest/dg/troubleshooting.html",
    ),
    KnownError(
        "read.s3-denied",
        "Permission denied on S3 path: s3://...",
        (("permission denied on s3 path",), ("access denied", "results bucket")),
        "The files were read with rights that do not reach them: the location is not registered with Lake Formation"
        " (then"
        " the reader's own S3 rights count), or the registered role may not read it. Of a results bucket: the reader"
        " may"
        " not write there.",
        "`aws lakeformation list-resources` in the owner's account; allow its role s3:GetObject and s3:ListBucket."
        f" {ASK}",
        "inferred",
        "lake-formation reference, section 6, steps 0 and 9",
    ),
    KnownError(
        "catalog.entity-masked",
        "EntityNotFoundException for a table that exists",
        (("entitynotfoundexception",), ("entity not found",)),
        "{table} is not there, or the caller may not see it: GetTable, GetDatabase, GrantPermissions and others say"
        " 'not found' for a missing right too. An LF-tag of another account's catalog answers so as well.",
        f"Check Lake Formation's grants first. {ASK}",
        "documented",
        DOCS + "lake-formation/latest/dg/error-message-update.html; terraform-provider-aws issue 26602",
        ("EntityNotFoundException",),
    ),
    KnownError(
        "catalog.list-fails",
        "GetTables fails for the entire database",
        (("gettables fails",), ("gettables", "entire"), ("get_tables", "fails")),
        "An orphan among the links, one whose target or share is gone, can break the listing of its whole database.",
        "Delete the links whose target is gone (`aws glue get-table` on each shows no columns): `lakeshare drift` names"
        " them.",
        "observed",
        "RAthena pull request 120; noctua pull request 106",
    ),
    KnownError(
        "catalog.not-renamed",
        "InvalidInputException: Database cannot be renamed",
        (("database cannot be renamed",),),
        "UpdateDatabase was given another name than the database has. Glue renames nothing.",
        "Make a database of the new name, make its links again, and delete the old one.",
        "observed",
        "lake-formation reference, section 4.7",
    ),
    KnownError(
        "read.no-rows",
        "Query returns 0 rows",
        (("0 rows",), ("zero rows",), ("no rows",)),
        "It may be right: data comes within an hour, is kept for 25 months, belongs to an instance, and a feature that"
        " is"
        " not used has none.",
        "Ask without the filter on instance_id and on time, then narrow: `lakeshare query --as READER 'SELECT count(*)"
        " ...'`.",
        "documented",
        DOCS + "connect/latest/adminguide/data-lake.html",
    ),
    KnownError(
        "read.duplicates",
        "Duplicate counts",
        (("duplicate counts",), ("duplicate rows",), ("duplicate records",), ("counted twice",)),
        "Records are delivered at least once, and again when they change.",
        "Count distinct primary keys, or take the newest row of each.",
        "documented",
        DOCS + "connect/latest/adminguide/data-lake-reference-queries.html",
    ),
    KnownError(
        "console.grant-on-target-edited",
        "Same after editing the form: the grant fails in the console",
        (("editing the form",), ("grant fails in console",), ("grant fails in the console",)),
        "In 'Grant on target' the database is filled in with the target's; changed to the link's, the grant fails.",
        "Keep what is filled in, or use the command: " + GRANT_SELECT,
        "documented",
        DOCS + "connect/latest/adminguide/manage-access-to-resource-link-tables.html",
    ),
    KnownError(
        "quicksight.preview",
        "QuickSight exception on preview: lists the table but cannot read",
        (("quicksight", "exception"), ("quicksight", "preview"), ("lists the table but cannot read",)),
        "QuickSight was granted DESCRIBE on the link alone: it lists the table and cannot read it.",
        "Grant SELECT on the target to the QuickSight user's or group's ARN, for each table: " + GRANT_SELECT,
        "documented",
        DOCS + "connect/latest/adminguide/manage-access-to-resource-link-tables.html",
    ),
    KnownError(
        "link.other-hop",
        "A link to a link",
        (("link to a link",), ("link to link",)),
        "Links are followed once: a link to a link has no columns.",
        "Make the link to the table itself.",
        "documented",
        LINKS,
    ),
)
