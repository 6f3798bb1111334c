"""
What people report from automations of this job, and what is true (connect-data-lake reference, section 7.1). Pure.

Several of these texts come from APIs that do not exist: nobody at AWS ever wrote them.
"""

from __future__ import annotations

from typing import Final

from lakeshare.access.known_errors.granting import GRANT_SELECT
from lakeshare.access.known_errors.record import DOCS, KnownError
from lakeshare.access.known_errors.sharing import LINKS

SECTION = "connect-data-lake reference, section 7.1"
PAIR = (
    "DESCRIBE on the link, and SELECT on its target naming the owner's catalog; one line in lakeshare's spec makes"
    " both."
    f" {GRANT_SELECT}"
)

REPORTED: Final = (
    KnownError(
        "reported.select-on-link",
        "InvalidInputException: Permissions cannot be granted on a resource link (aws_lakeformation_permissions)",
        (("permissions cannot be granted on a resource link",),),
        "SELECT was asked for on the link. A link takes DESCRIBE and DROP, nothing else.",
        PAIR,
        "reported",
        f"{SECTION}; {DOCS}lake-formation/latest/dg/granting-link-permissions.html",
    ),
    KnownError(
        "reported.one-select-does-both",
        "one SELECT on the link creates both permissions",
        (("select on the link", "both"), ("creates both permissions",)),
        "It does not. The console shows two grants, and they are made separately.",
        PAIR,
        "documented",
        f"{SECTION}; {DOCS}lake-formation/latest/dg/granting-link-permissions.html",
    ),
    KnownError(
        "reported.only-in-the-console",
        "SELECT on the target can only be granted in the console",
        (("only be granted in the console",), ("grant on target", "console")),
        "'Grant on target' is GrantPermissions with the owner's catalog in the resource; any client can call it.",
        PAIR,
        "documented",
        f"{SECTION}; data.all, lakeformation_client.py",
    ),
    KnownError(
        "reported.registering-a-link",
        "InvalidInputException: Resource ARN format not supported for resource links (aws_lakeformation_resource)",
        (("resource arn format not supported",),),
        "That resource registers S3 locations. It grants nothing, and a link has no location.",
        "Grants, not registration. " + PAIR,
        "reported",
        SECTION,
    ),
    KnownError(
        "reported.link-api",
        "AccessDeniedException: Cross-account access denied for resource link creation",
        (
            ("cross-account access denied for resource link creation",),
            ("create_resource_link",),
            ("aws_glue_resource_link",),
            ("createresourcelink",),
            ("aws_lakeformation_resource_link",),
        ),
        "There is no such API: `glue.create_resource_link` and `aws_glue_resource_link` do not exist. A link is"
        " CreateTable"
        " with a TargetTable in the consumer's own catalog, and takes no right on the target.",
        "aws glue create-table --database-name {database} --table-input"
        ' \'{{"Name": "{table}", "TargetTable": {{"CatalogId": "OWNER", "DatabaseName": "connect_datalake",'
        ' "Name": "{table}"}}}}\', then look at the share and the grants.',
        "documented",
        f"{SECTION}; {LINKS}",
    ),
    KnownError(
        "reported.federation",
        "InvalidInputException: Federation configuration not supported for this resource type",
        (
            ("federation configuration not supported",),
            ("create_federation_configuration",),
            ("resourcelinkmappings",),
            ("resource_link_target_arn",),
        ),
        "Neither `create_federation_configuration` nor ResourceLinkMappings nor RESOURCE_LINK_TARGET_ARN is in Glue's"
        " API;"
        " federated databases point outside of Glue.",
        "A database link (CreateDatabase with a TargetDatabase) where a whole database is meant, table links"
        " otherwise.",
        "documented",
        f"{SECTION}; botocore service model, glue",
    ),
    KnownError(
        "reported.service-principal",
        "MalformedPolicyDocument: Service principal lakeformation.amazonaws.com is not valid",
        (
            ("lakeformation.amazonaws.com is not valid",),
            ("service principal", "not valid"),
            ("lakeformation.amazonaws.com", "invalid"),
        ),
        "It is valid, in a role's trust policy. The partition, the JSON or the spelling is not, or it stands in an"
        " identity policy, which takes no principal.",
        'Trust: {{"Effect": "Allow", "Principal": {{"Service": "lakeformation.amazonaws.com"}}, "Action":'
        ' "sts:AssumeRole"}}. A consumer that only has links needs no such role.',
        "documented",
        f"{SECTION}; {DOCS}lake-formation/latest/dg/registration-role.html",
    ),
    KnownError(
        "reported.managed-policy",
        "managed policy service-role/AWSLakeFormationDataAccess",
        (("awslakeformationdataaccess",),),
        "No managed policy of that name was found.",
        "An inline policy that allows lakeformation:GetDataAccess on * (and what Athena and Glue take): `lakeshare"
        " apply`"
        " writes it for roles that it makes.",
        "observed",
        SECTION,
    ),
    KnownError(
        "reported.masked-database",
        "EntityNotFoundException: Database not found or cross-account access denied (creating a Glue table)",
        (("database not found or cross-account access denied",),),
        "A permission error in disguise, or a table is made where a link was meant.",
        "Make a link (CreateTable with a TargetTable, in a database of your own), then check the grants.",
        "reported",
        SECTION,
    ),
    KnownError(
        "reported.crawler",
        "InvalidInputException: Crawler cannot access cross-account S3 buckets",
        (("crawler cannot access cross-account",), ("crawler", "cross-account")),
        "Crawling across accounts works, with the bucket's policy or with Lake Formation's credentials.",
        "LakeFormationConfiguration {{UseLakeFormationCredentials: true, AccountId: OWNER}} on the crawler; or"
        " discover the"
        " schemas in the producer's account.",
        "documented",
        f"{SECTION}; {DOCS}glue/latest/dg/crawler-lf-integ.html",
    ),
    KnownError(
        "reported.link-quota",
        "TooManyRequestsException: Rate exceeded for resource link creation",
        (("rate exceeded for resource link creation",), ("toomanyrequests", "link")),
        "Glue throttles as ThrottlingException, and no quota on links was found: a link counts as a table. A loop that"
        " sleeps after each success and hides stderr is no backoff.",
        "Repeat with jitter, at a rate that follows the throttles. `lakeshare apply` sends links twenty at once and"
        " slows"
        " down when told to.",
        "inferred",
        SECTION,
    ),
    KnownError(
        "reported.principal-in-role-policy",
        "MalformedPolicyDocument: Principal element in policy statement is not valid for role policy",
        (
            ("principal element in policy statement is not valid",),
            ("policy document should not specify a principal",),
        ),
        "An identity policy is for whom it hangs on and names no Principal (AWS says: 'Policy document should not"
        " specify a"
        " principal.').",
        "The Principal belongs into the role's trust policy, with an ExternalId or a condition on the organisation.",
        "documented",
        f"{SECTION}; {DOCS}IAM/latest/UserGuide/reference_policies_elements_principal.html",
    ),
    KnownError(
        "reported.registry",
        "AccessDeniedException: Cross-account registry access not supported",
        (("cross-account registry access not supported",), ("registry access", "not supported")),
        "A schema registry belongs to one account.",
        "Make the registry in the consumer's account.",
        "documented",
        SECTION,
    ),
    KnownError(
        "reported.service-authentication",
        "Lake Formation needs service principal authentication",
        (("service principal authentication",),),
        "It does not: permissions are granted to IAM roles and users, who sign their calls as anywhere.",
        "Nothing; `lakeshare apply` grants with the operator's own role.",
        "documented",
        SECTION,
    ),
    KnownError(
        "reported.links-first",
        "links must exist before permissions",
        (("links must exist before",), ("link must exist before",)),
        "Only for grants on the link itself. SELECT on the target does not need the link, and the link does not need"
        " the"
        " share.",
        "Nothing; `lakeshare apply` orders what depends on each other.",
        "documented",
        f"{SECTION}; {LINKS}",
    ),
    KnownError(
        "reported.manual-verification",
        "account relationships need manual verification",
        (("account relationships", "verif"), ("manual verification", "account")),
        "They do not: GetCallerIdentity tells in which account one is.",
        "`aws sts get-caller-identity`; lakeshare compares every account with the spec before it does anything.",
        "documented",
        f"{SECTION}; {DOCS}STS/latest/APIReference/API_GetCallerIdentity.html",
    ),
    KnownError(
        "reported.metadata-sync",
        "metadata sync must be triggered",
        (("metadata sync",), ("metadata synchronization",), ("metadata synchronisation",)),
        "There is none: a link is resolved at the moment of the query.",
        "Nothing. If a link shows no columns, the share or a grant is missing.",
        "documented",
        f"{SECTION}; {LINKS}",
    ),
)
