"""Error texts are recognised however they are wrapped, and their names stand in what to do."""

from __future__ import annotations

import pytest

from lakeshare.access.known_errors import KNOWN, nearest_known, recognise
from lakeshare.access.known_errors.names import names_in

OF_THE_LAKE = {
    "Invalid principal": "grant.invalid-principal",
    "Invalid principal, arn: arn:aws:iam::222222222222:role/gone": "grant.invalid-principal",
    "Grantee has no permissions": "grant.grantee-has-none",
    "register the S3 path": "location.not-visible-yet",
    "No permissions revoked. Grantee": "revoke.nothing-held",
    "No permissions revoked. Grantee does not does not have:[ALL]": "revoke.nothing-held",
    "Grantee does not does not have:[": "revoke.nothing-held",
    "Revoking Tag permissions on Tags that grantee": "revoke.nothing-held",
    "cannot grant/revoke permission on non-existent column": "grant.no-such-column",
    "Database cannot be a link for this operation when called on a table.": "list.database-link",
    "Resource is mandatory if Principal is set in the input.": "list.resource-mandatory",
    "Rate exceeded (Service: AmazonIdentityManagement; Status Code: 400; Throttling)": "throttle.iam-inside",
    "Invalid cross account grant request. Consumer account has opt-in to cross account version: v3. Please update "
    "`CrossAccountVersion` in `DataLakeSetting` to minimal version v3": "grant.versions-do-not-meet",
    "Permission update/Delete failed for Resource": "grant.race",
    "Resource does not exist or requester is not authorized to access requested permissions.": (
        "grant.not-there-or-not-allowed"
    ),
    "Insufficient Lake Formation permission(s): Required Create Database on Catalog": "read.lake-permission",
    "Insufficient Lake Formation permission(s): Required Describe on users_link": "read.lake-permission",
    "Insufficient Lake Formation permission(s): Required Drop on users_link": "read.lake-permission",
    "Insufficient Lake Formation permission(s): Required Select on orders": "read.lake-permission",
    "Insufficient Lake Formation permission(s) on users_link": "read.lake-permission",
    "Insufficient Lake Formation permission(s) on Catalog": "opt-in.too-early",
    "Insufficient Lake Formation permission(s): Required Describe on default": "read.default-database",
    "Insufficient Glue permissions to access table contact_record": "grant.glue-does-not-see",
    "Insufficient Lake Formation permissions: Illegal combination": "grant.illegal-combination",
    "Not authorized to grant permissions for the resource": "grant.onward",
    "Insufficient encryption key permissions for Glue API": "catalog.encrypted",
    "Database cannot be renamed": "catalog.not-renamed",
    "EntityNotFoundException": "catalog.entity-masked",
}
"""The table of the lake-formation reference, section 4.7."""

OF_CONNECT = {
    "no pending invitation": "share.no-invitation",
    "ResourceShareInvitationExpiredException": "share.invitation-expired",
    "ResourceShareInvitationAlreadyAcceptedException": "share.already-accepted",
    "New tables never appear after association": "share.tables-never-appear",
    "Association failed because the caller was not authorized.": "share.association-failed",
    "Shared table not in list when creating a link": "share.not-listed",
    "AccessDeniedException calling GrantPermissions: Insufficient Glue permissions to access table t": (
        "grant.glue-does-not-see"
    ),
    "InvalidInputException: Permissions cannot be granted on a resource link": "reported.select-on-link",
    "Not authorized to grant permissions for the resource": "grant.onward",
    "ConcurrentModificationException": "grant.race",
    "InvalidInputException (PutDataLakeSettings): Invalid principal": "grant.invalid-principal",
    "Existing admins vanish": "settings.administrators-vanished",
    "User: arn:aws:sts::222222222222:assumed-role/admin/me is not authorized to perform: "
    "lakeformation:PutDataLakeSettings with an explicit deny": "settings.explicit-deny",
    "Table StorageDescriptor is null": "read.storage-descriptor",
    "HIVE_METASTORE_ERROR: Table first: StorageDescriptor is null": "read.storage-descriptor",
    "Insufficient Lake Formation permission(s)": "read.lake-permission",
    "Same after editing the form: grant fails in console": "console.grant-on-target-edited",
    "Failed analyzing stored view 'awsdatacatalog.links.v': Schema connect_datalake does not exist": "read.stored-view",
    "Caller is temporarily not authorized to perform this operation on resource: users_link": "read.redirected",
    "EntityNotFoundException: Table users not found.": "catalog.entity-masked",
    "GetTables fails for entire DB": "catalog.list-fails",
    "Batch call returns 200, some data sets missing": "share.batch-is-partial",
    "Scheduling tables absent in console": "share.scheduling-tables-absent",
    "Query returns 0 rows": "read.no-rows",
    "Duplicate counts": "read.duplicates",
    "Clean-up impossible": "share.instance-deleted-first",
    'Stack "SUCCESS" but nothing works': "construct.success-is-not",
    "QuickSight exception on preview": "quicksight.preview",
}
"""The table of the connect-data-lake reference, section 7."""

AS_REPORTED = {
    "InvalidInputException: Permissions cannot be granted on a resource link": "reported.select-on-link",
    "one SELECT on the link creates both permissions": "reported.one-select-does-both",
    "SELECT on the target can only be granted in the console": "reported.only-in-the-console",
    "InvalidInputException: Resource ARN format not supported for resource links": "reported.registering-a-link",
    "AccessDeniedException: Cross-account access denied for resource link creation": "reported.link-api",
    "'Glue' object has no attribute 'create_resource_link'": "reported.link-api",
    'The provider does not support resource type "aws_glue_resource_link".': "reported.link-api",
    "InvalidInputException: Federation configuration not supported for this resource type": "reported.federation",
    "Unknown parameter in input: ResourceLinkMappings": "reported.federation",
    "RESOURCE_LINK_TARGET_ARN": "reported.federation",
    "MalformedPolicyDocument: Service principal lakeformation.amazonaws.com is not valid": "reported.service-principal",
    "Policy arn:aws:iam::aws:policy/service-role/AWSLakeFormationDataAccess does not exist or is not attachable.": (
        "reported.managed-policy"
    ),
    "EntityNotFoundException: Database not found or cross-account access denied": "reported.masked-database",
    "InvalidInputException: Crawler cannot access cross-account S3 buckets": "reported.crawler",
    "TooManyRequestsException: Rate exceeded for resource link creation": "reported.link-quota",
    "MalformedPolicyDocument: Principal element in policy statement is not valid for role policy": (
        "reported.principal-in-role-policy"
    ),
    "Policy document should not specify a principal.": "reported.principal-in-role-policy",
    "AccessDeniedException: Cross-account registry access not supported": "reported.registry",
    "Lake Formation needs service principal authentication": "reported.service-authentication",
    "links must exist before permissions": "reported.links-first",
    "account relationships need manual verification": "reported.manual-verification",
    "metadata sync must be triggered": "reported.metadata-sync",
}
"""The table of the connect-data-lake reference, section 7.1: also what nobody at AWS ever wrote."""

OF_QUERIES = {
    "User: arn:aws:sts::222222222222:assumed-role/reader/q is not authorized to perform: glue:GetTable on resource: "
    "arn:aws:glue:eu-west-2:222222222222:table/links/users because no identity-based policy allows the glue:GetTable "
    "action": "iam.no-identity-policy",
    "User: arn:aws:sts::222222222222:assumed-role/reader/q is not authorized to perform: glue:GetTable on resource: "
    "arn:aws:glue:eu-west-2:111111111111:table/sales/orders because no resource-based policy allows the glue:GetTable "
    "action": "iam.no-resource-policy",
    "Insufficient permissions to execute the query. Principal does not have any privilege on specified resource": (
        "read.no-privilege"
    ),
    "COLUMN_NOT_FOUND: line 1:8: Column 'phone' cannot be resolved or requester is not authorized to access requested "
    "resources": "read.column",
    "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.links.users' does not exist": "read.table-not-found",
    "SCHEMA_NOT_FOUND: line 1:15: Schema 'links' does not exist": "read.table-not-found",
    "User: x is not authorized to perform: lakeformation:GetDataAccess on resource: * because no identity-based policy "
    "allows the lakeformation:GetDataAccess action": "iam.data-access",
    "PERMISSION_DENIED: Permission denied on S3 path: s3://producer-files/orders/": "read.s3-denied",
}

ALL = [(text, known) for texts in (OF_THE_LAKE, OF_CONNECT, AS_REPORTED, OF_QUERIES) for text, known in texts.items()]


@pytest.mark.parametrize(("text", "known"), ALL)
def test_every_text_of_the_references_is_recognised(text: str, known: str) -> None:
    """The likeliest explanation of each text is the one that was written for it."""
    assert recognise(text)[0].known.id == known


@pytest.mark.parametrize(("text", "known"), ALL)
def test_wrapping_makes_no_difference(text: str, known: str) -> None:
    """Prefixes of tools, other case, quotes, line breaks and stars around a text change nothing."""
    shouted = f"FAILED: **{text.upper()}**\n  (Request ID: 1234)"
    broken = text.replace(" ", "\n   ").replace("'", '"')

    assert recognise(shouted)[0].known.id == known
    assert recognise(f"Error: creating thing: operation error: {broken}")[0].known.id == known


@pytest.mark.parametrize("code", ["InvalidInputException", "AccessDeniedException", "EntityNotFoundException"])
def test_the_cli_s_prefix_with_a_code_is_understood(code: str) -> None:
    """A code that the text contradicts does not win over one that fits."""
    text = f"An error occurred ({code}) when calling the RevokePermissions operation: No permissions revoked. Grantee"

    found = recognise(text)

    assert "revoke.nothing-held" in [item.known.id for item in found]
    assert (found[0].known.id == "revoke.nothing-held") == (code != "EntityNotFoundException")


def test_every_record_is_recognised_by_its_own_text() -> None:
    """No record is out of reach, and every one has a meaning, a fix and a source."""
    for known in KNOWN:
        assert known.id in [item.known.id for item in recognise(known.pattern)], known.id
        assert known.meaning
        assert known.fix
        assert known.source
    assert len({known.id for known in KNOWN}) == len(KNOWN)


def test_every_record_is_filled_in() -> None:
    """Placeholders in meanings and fixes are all known, and commands keep their braces."""
    for known in KNOWN:
        [filled] = [item for item in recognise(known.pattern) if item.known.id == known.id]
        assert "{{" not in filled.fix
        assert "{principal}" not in filled.fix


def test_names_of_the_text_stand_in_the_explanation() -> None:
    """Principal, action, table and database are read from ARNs and from words."""
    text = next(text for text, known in OF_QUERIES.items() if known == "iam.no-resource-policy")

    names = names_in(text)
    [first, *_] = recognise(text)

    assert names.principal == "arn:aws:iam::222222222222:role/reader"
    assert (names.database, names.table, names.action) == ("sales", "orders", "glue:GetTable")
    assert "--principal arn:aws:iam::222222222222:role/reader --table orders" in first.fix


@pytest.mark.parametrize(
    ("text", "table", "database"),
    [
        ("Insufficient Lake Formation permission(s): Required Select on orders", "orders", None),
        ("Insufficient Lake Formation permission(s) on links.orders", "orders", "links"),
        ("Table 'awsdatacatalog.links.orders' does not exist", "orders", "links"),
        ("Table not found", None, None),
        ("SCHEMA_NOT_FOUND: Schema 'links' does not exist", None, "links"),
        ("Insufficient Glue permissions to access table contact_record", "contact_record", None),
    ],
)
def test_tables_are_found_in_words(text: str, table: str | None, database: str | None) -> None:
    """A word after "table" that is no name is none."""
    names = names_in(text)

    assert (names.table, names.database) == (table, database)


def test_what_is_not_known_is_not_made_up() -> None:
    """A text about something else fits nothing, and the nearest are those that share words with it."""
    text = "the resource link creation failed because of the weather"

    assert recognise(text) == ()
    assert recognise("") == ()
    assert "reported.link-api" in [known.id for known in nearest_known(text)]


WRAPPED = {
    "a box of Terraform's": """
╷
│ Error: granting Lake Formation permissions: operation error LakeFormation: GrantPermissions,
│ https response error StatusCode: 400, AccessDeniedException: Insufficient Lake
│ Formation permission(s): Required Select
│ on contact_record
│
│   with aws_lakeformation_permissions.one,
╵""",
    "a quote": "> Insufficient Lake Formation permission(s):\n> Required Select on contact_record",
    "colours": "\x1b[31mInsufficient Lake Formation\x1b[0m permission(s): Required Select on contact_record",
    "a line of a log": r'{"error": "Insufficient Lake Formation\npermission(s): Required Select on contact_record"}',
    "no beginning": "...permission(s): Required Select on contact_record",
}


@pytest.mark.parametrize("text", WRAPPED.values(), ids=WRAPPED)
def test_what_tools_put_around_a_text_makes_no_difference(text: str) -> None:
    """Nor where lines break: neither to what it is nor to the names in it."""
    assert recognise(text)[0].known.id == "read.lake-permission"
    assert names_in(text).table == "contact_record"
    assert names_in(text).permission == "Select"


@pytest.mark.parametrize("text", list(OF_THE_LAKE))
def test_a_text_that_is_cut_off_is_recognised_by_what_is_left(text: str) -> None:
    """As terminals and tickets show the first characters of one, which may begin several."""
    whole = {each.known.id for each in recognise(text)}

    cut = recognise(f"An error occurred when calling an operation: {text[:30]}")

    assert len(text) < 30 or whole & {each.known.id for each in cut}, cut
