from __future__ import annotations

import pytest

from lakeshare.aws.failures import TABLE, Sort, sort_failure

GRANT = "grant_permissions"
REVOKE = "batch_revoke_permissions"


@pytest.mark.parametrize(
    ("code", "message", "operation", "word"),
    [
        (
            "InvalidInputException",
            "Database cannot be a link for this operation when called on a table.",
            "list_permissions",
            "owner's database",
        ),
        ("InvalidInputException", "cannot grant/revoke permission on non-existent column", GRANT, "`columns:`"),
        (
            "AccessDeniedException",
            "Resource does not exist or requester is not authorized to access requested permissions.",
            "revoke_permissions",
            "no Lake Formation administrator",
        ),
        ("EntityNotFoundException", "Table not found", "get_table", "hides it from a caller without rights"),
        ("ExpiredToken", "", GRANT, "sign in again"),
        (
            "GlueEncryptionException",
            "User: r is not authorized to perform: kms:Decrypt on resource: k (Service: AWSKMS; Status Code: 400)",
            "get_database",
            "kms:Decrypt on its key",
        ),
        (
            "GlueEncryptionException",
            "arn:aws:kms:eu-west-1:1:key/k is disabled. (Service: AWSKMS; Error Code: DisabledException)",
            "get_table",
            "enable-key",
        ),
        ("KMSInvalidStateException", "arn is pending deletion.", "get_table", "cancel-key-deletion"),
        ("LimitExceededException", "", "create_role", "Service Quotas"),
    ],
)
def test_disguised_errors_come_with_what_to_do(code: str, message: str, operation: str, word: str):
    """What does not say by itself what is wrong gets a hint that does."""
    assert word in (sort_failure(code, message, operation=operation).hint or "")


@pytest.mark.parametrize(
    ("code", "message", "operation", "sort"),
    [
        ("ThrottlingException", "Rate exceeded", GRANT, Sort.TRANSIENT),
        ("GlueEncryptionException", "not authorized to perform: kms:Decrypt", "get_table", Sort.MISSING_RIGHT),
        ("GlueEncryptionException", "arn is disabled. (Service: AWSKMS)", "get_table", Sort.SOMEONE_MUST_ACT),
        ("ThrottledException", "", GRANT, Sort.TRANSIENT),
        ("TooManyRequestsException", "", "start_query_execution", Sort.TRANSIENT),
        ("Throttling", "", "create_role", Sort.TRANSIENT),
        ("SlowDown", "", "put_object", Sort.TRANSIENT),
        ("ConcurrentModificationException", "Permission update failed for Resource", GRANT, Sort.TRANSIENT),
        ("EntityTemporarilyUnmodifiable", "", "update_assume_role_policy", Sort.TRANSIENT),
        ("InvalidInputException", "Invalid principal", GRANT, Sort.TRANSIENT),
        ("MalformedPolicyDocument", "Invalid principal in policy", "create_role", Sort.TRANSIENT),
        ("MalformedPolicyDocument", "Syntax errors in policy", "create_role", Sort.CALLER),
        ("InvalidInputException", "register the S3 path", GRANT, Sort.TRANSIENT),
        ("InvalidInputException", "Grantee has no permissions", "grant_permissions", Sort.TRANSIENT),
        ("InvalidInputException", "Grantee has no permissions", "revoke_permissions", Sort.ALREADY_SO),
        ("InvalidInputException", "No permissions revoked. Grantee x does not have", REVOKE, Sort.ALREADY_SO),
        ("InvalidInputException", "Grantee arn does not does not have:[SELECT]", REVOKE, Sort.ALREADY_SO),
        ("InvalidInputException", "cannot grant/revoke permission on non-existent column", REVOKE, Sort.ALREADY_SO),
        ("InvalidInputException", "cannot grant/revoke permission on non-existent column", GRANT, Sort.CALLER),
        ("InvalidInputException", "Invalid cross account grant request", GRANT, Sort.SOMEONE_MUST_ACT),
        ("InvalidInputException", "Permissions cannot be granted on a resource link", GRANT, Sort.CALLER),
        ("ResourceShareInvitationAlreadyAcceptedException", "", "accept_x", Sort.ALREADY_SO),
        ("ResourceShareInvitationExpiredException", "", "accept_x", Sort.SOMEONE_MUST_ACT),
        ("AlreadyExistsException", "", "create_table", Sort.ALREADY_SO),
        ("EntityAlreadyExists", "", "create_role", Sort.ALREADY_SO),
        ("EntityNotFoundException", "", "delete_table", Sort.ALREADY_SO),
        ("NoSuchEntity", "", "delete_role_policy", Sort.ALREADY_SO),
        ("EntityNotFoundException", "", "get_table", Sort.CALLER),
        ("AccessDeniedException", "User is not authorized to perform", GRANT, Sort.MISSING_RIGHT),
        (
            "AccessDeniedException",
            "Resource does not exist or requester is not authorized to access requested permissions.",
            "list_permissions",
            Sort.MISSING_RIGHT,
        ),
        (
            "AccessDeniedException",
            "Resource does not exist or requester is not authorized to access requested permissions.",
            "batch_grant_permissions",
            Sort.TRANSIENT,
        ),
        ("AccessDeniedException", "Insufficient Glue permissions to access table t", GRANT, Sort.TRANSIENT),
        ("AccessDeniedException", "Insufficient Lake Formation permission(s) on t", "get_table", Sort.MISSING_RIGHT),
        ("AccessDeniedException", "Not authorized to grant permissions for the resource", GRANT, Sort.MISSING_RIGHT),
        ("LimitExceededException", "", "create_role", Sort.SOMEONE_MUST_ACT),
        ("ExpiredTokenException", "", GRANT, Sort.SOMEONE_MUST_ACT),
        ("ResourceNotReadyException", "", "create_table", Sort.TRANSIENT),
        ("ConditionalRequestConflict", "", "put_object", Sort.TRANSIENT),
        ("DeleteConflict", "must detach all policies first", "delete_role", Sort.SOMEONE_MUST_ACT),
        ("InvalidInputException", "Database cannot be renamed", "update_database", Sort.CALLER),
        ("ResourceShareInvitationAlreadyRejectedException", "", "accept_x", Sort.SOMEONE_MUST_ACT),
        (
            "InvalidInputException",
            "Rate exceeded (Service: AmazonIdentityManagement; Status Code: 400; Error Code: Throttling)",
            GRANT,
            Sort.TRANSIENT,
        ),
        ("NeverHeardOfException", "", GRANT, Sort.CALLER),
    ],
)
def test_errors_are_sorted(code: str, message: str, operation: str, sort: Sort):
    """Each error that AWS is known for means one thing, which depends on the operation where it has to."""
    assert sort_failure(code, message, operation=operation).sort is sort


def test_iams_throttle_is_a_throttle_in_any_clothes():
    """IAM's throttle counts as a throttle although Lake Formation calls it invalid input."""
    failure = sort_failure(
        "InvalidInputException", "Rate exceeded (Service: AmazonIdentityManagement; Status Code: 400)"
    )

    assert failure.is_throttle
    assert failure.is_transient


def test_unknown_fault_of_aws_is_transient():
    """What no row knows is AWS's own fault when AWS says so."""
    assert sort_failure("Whatever", status=502).is_transient
    assert not sort_failure("Whatever", status=400).is_transient


def test_only_what_passes_has_patience():
    """A row that knows how long to be patient is one that passes."""
    assert all(row.failure.is_transient for row in TABLE if row.failure.patience_seconds or row.failure.is_throttle)


def test_every_row_can_be_reached():
    """No row is hidden behind one before it that matches all of the same."""
    for number, row in enumerate(TABLE):
        for code in row.codes:
            found = next(each for each in TABLE if each.matches(code, row.substring, row.operation))
            assert found is row, f"row {number} ({code}, {row.substring!r}) is hidden"
