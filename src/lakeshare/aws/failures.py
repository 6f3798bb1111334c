"""
What AWS's errors mean: one table. Nothing else in the house sorts errors into those to repeat and those to tell.

Lake Formation wears disguises: IAM's throttles come as InvalidInputException, missing rights as
EntityNotFoundException. So rows match on the code *and* on a piece of the message, never on a whole message, and the
first row that matches wins.

Evidence: (documented) AWS's guides or service models, (observed) seen in the wild or in other tools' code, (inferred).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Sort(Enum):
    """What a failure asks for."""

    TRANSIENT = "transient"
    """The same call may well succeed in a moment."""
    ALREADY_SO = "already_so"
    """What was asked for is the case already."""
    CALLER = "caller"
    """The call is wrong; repeating it changes nothing."""
    MISSING_RIGHT = "missing_right"
    """Whoever calls may not."""
    SOMEONE_MUST_ACT = "someone_must_act"
    """Nothing that we call will help; a person has to do something first."""


@dataclass(frozen=True, slots=True)
class Failure:
    """
    The meaning of one error.

    ``patience_seconds`` is for how long repeating makes sense, where that is known;
    without ``was_answered`` nobody knows whether AWS has seen the call.
    """

    sort: Sort
    hint: str | None = None
    patience_seconds: float | None = None
    is_throttle: bool = False
    was_answered: bool = True

    @property
    def is_transient(self) -> bool:
        """Whether the same call may well succeed later."""
        return self.sort is Sort.TRANSIENT


@dataclass(frozen=True, slots=True)
class Row:
    """
    Errors with one of ``codes`` whose message contains ``substring``, from an operation that contains ``operation``.

    An empty string matches anything. Codes are written without the ``Exception`` that some services append.
    """

    codes: frozenset[str]
    failure: Failure
    substring: str = ""
    operation: str = ""

    def matches(self, code: str, message: str, operation: str) -> bool:
        """Whether this row speaks of an error with this code (without ``Exception``) and message."""
        return code in self.codes and self.substring in message and self.operation in operation


def _row(codes: str, failure: Failure, substring: str = "", operation: str = "") -> Row:
    return Row(frozenset(codes.split()), failure, substring, operation)


_THROTTLE = Failure(Sort.TRANSIENT, is_throttle=True)
_ALREADY = Failure(Sort.ALREADY_SO)
_CALLER = Failure(Sort.CALLER)
_NOT_SETTLED = Failure(Sort.TRANSIENT, patience_seconds=120)
_RIGHTS = Failure(
    Sort.MISSING_RIGHT,
    hint="the caller's IAM policy in that account must allow the operation, and its Lake Formation rights there too",
)

_CATALOG_KEY = Failure(
    Sort.MISSING_RIGHT,
    hint="the Data Catalog is encrypted: the caller needs kms:Decrypt on its key to read, kms:GenerateDataKey and "
    "kms:Encrypt to write, by its own policy and by the key's (another account's key: by both)",
)
_KEY_OUT_OF_USE = Failure(
    Sort.SOMEONE_MUST_ACT,
    hint="the key is disabled, going to be deleted, or gone: enable it (aws kms enable-key), cancel its deletion "
    "(aws kms cancel-key-deletion), or encrypt the Data Catalog with another one",
)

TABLE: Sequence[Row] = (
    # Throttles. Codes as botocore's standard retries know them (documented: its source). LimitExceeded is not among
    # them: from IAM, Connect and Glue it is a quota on things, not on calls, and stays exceeded however long one
    # waits.
    _row(
        "Throttling Throttled ThrottledRequest RequestThrottled TooManyRequests RequestLimitExceeded SlowDown "
        "BandwidthLimitExceeded PriorRequestNotComplete ProvisionedThroughputExceeded EC2Throttled",
        _THROTTLE,
    ),
    # IAM's throttle in Lake Formation's clothes (observed: aws-cloudformation coverage roadmap 2289, on deregister).
    _row("InvalidInput", _THROTTLE, "Rate exceeded (Service: AmazonIdentityManagement"),
    _row("InvalidInput Validation ValidationError", _THROTTLE, "Rate exceeded"),
    # Two writers at one resource (documented: Lake Formation troubleshooting; S3 user guide, conditional writes).
    _row("ConcurrentModification OperationAborted ConditionalRequestConflict", Failure(Sort.TRANSIENT)),
    # Something else that AWS does to it must end first (documented: Glue's and Lake Formation's models).
    _row("ResourceNotReady", _NOT_SETTLED),
    # IAM has not told everybody yet (observed: Terraform's provider waits two minutes for each of these).
    _row("EntityTemporarilyUnmodifiable", Failure(Sort.TRANSIENT)),
    _row(
        "InvalidInput InvalidParameterValue",
        Failure(Sort.TRANSIENT, "the principal does not exist, or IAM has not made it known yet", 120),
        "nvalid principal",
    ),
    _row(
        "MalformedPolicyDocument",
        Failure(Sort.TRANSIENT, "a principal in the trust policy does not exist, or is not known yet", 30),
        "nvalid principal",
    ),
    _row("InvalidInput", _NOT_SETTLED, "Grantee has no permissions", "grant_permissions"),
    _row("InvalidInput", _NOT_SETTLED, "register the S3 path"),
    # Rights that were granted a moment ago (observed: the same provider; data.all 526, 588). On reading they are an
    # answer.
    _row(
        "AccessDenied",
        Failure(Sort.TRANSIENT, "the caller is no Lake Formation administrator there, or the resource is gone", 30),
        "Resource does not exist or requester is not authorized to access requested permissions",
        "grant_permissions",
    ),
    _row(
        "AccessDenied",
        Failure(
            Sort.TRANSIENT,
            "the share must be active, and the caller needs glue:GetTable on the owner's table "
            "(and glue:PutResourcePolicy when it accepts an invitation)",
            60,
        ),
        "Insufficient Glue permissions to access table",
        "grant_permissions",
    ),
    *(
        _row(
            "AccessDenied",
            Failure(Sort.TRANSIENT, "the caller is not yet known as an administrator", 240),
            "Insufficient Lake Formation permission(s) on Catalog",
            operation,
        )
        for operation in ("create_lake_formation_opt_in", "delete_lake_formation_opt_in")
    ),
    # Already so (documented: the services' models; the revoke texts observed in Terraform's provider).
    _row("ResourceShareInvitationAlreadyAccepted", _ALREADY),
    _row("InvalidInput", _ALREADY, "No permissions revoked", "revoke_permissions"),
    _row("InvalidInput", _ALREADY, "Grantee has no permissions", "revoke_permissions"),
    _row("InvalidInput", _ALREADY, "does not have:[", "revoke_permissions"),
    _row("InvalidInput", _ALREADY, "Revoking Tag permissions on Tags that grantee", "revoke_permissions"),
    _row("InvalidInput", _ALREADY, "permission on non-existent column", "revoke_permissions"),
    _row("AlreadyExists EntityAlreadyExists BucketAlreadyOwnedByYou", _ALREADY, "", "create"),
    _row("EntityNotFound NoSuchEntity NoSuchBucket ResourceNotFound", _ALREADY, "", "delete"),
    # A person has to act.
    _row(
        "ResourceShareInvitationExpired",
        Failure(
            Sort.SOMEONE_MUST_ACT,
            "an invitation lives 12 hours: everything on its share has to be disassociated and associated again",
        ),
    ),
    _row(
        "InvalidInput",
        Failure(
            Sort.SOMEONE_MUST_ACT,
            "the two accounts' cross-account versions (PutDataLakeSettings, CROSS_ACCOUNT_VERSION) do not fit",
        ),
        "Invalid cross account grant request",
    ),
    _row(
        "LimitExceeded ServiceQuotaExceeded ResourceNumberLimitExceeded ResourceShareLimitExceeded",
        Failure(Sort.SOMEONE_MUST_ACT, "a quota is full: delete something or have it raised (Service Quotas)"),
    ),
    _row(
        "ExpiredToken RequestExpired InvalidClientTokenId UnrecognizedClient "
        "InvalidSignature SignatureDoesNotMatch InvalidAccessKeyId",
        Failure(Sort.SOMEONE_MUST_ACT, "the credentials are expired or wrong: sign in again"),
    ),
    # The call is wrong.
    _row(
        "InvalidInput",
        Failure(
            Sort.CALLER,
            "DESCRIBE goes on the link, SELECT on its target in the owner's catalog",
        ),
        "cannot be granted on a resource link",
    ),
    _row(
        "InvalidInput AccessDenied",
        Failure(Sort.CALLER, "IAMAllowedPrincipals holds rights there that do not go together with a grant"),
        "Illegal combination",
    ),
    _row(
        "InvalidInput",
        Failure(Sort.CALLER, "rights on tables go on the owner's database, DESCRIBE alone on a link to it"),
        "Database cannot be a link for this operation",
    ),
    _row(
        "InvalidInput",
        Failure(Sort.CALLER, "the table has no such column (any more): compare the spec's `columns:` with the table"),
        "non-existent column",
    ),
    _row("InvalidInput", Failure(Sort.CALLER, "Glue renames no database: make another one"), "cannot be renamed"),
    _row(
        "DeleteConflict",
        Failure(Sort.SOMEONE_MUST_ACT, "somebody attached something to it (IAM): detach that, then run again"),
    ),
    _row(
        "ResourceShareInvitationAlreadyRejected",
        Failure(Sort.SOMEONE_MUST_ACT, "somebody rejected the invitation: the owner has to share anew"),
    ),
    # Missing rights, the disguised ones before the plain ones.
    _row(
        "AccessDenied",
        Failure(
            Sort.MISSING_RIGHT,
            "the caller is no Lake Formation administrator there, or the thing is gone: AWS says the same of both",
        ),
        "Resource does not exist or requester is not authorized",
    ),
    _row(
        "AccessDenied InvalidInput",
        Failure(Sort.MISSING_RIGHT, "a table of another account can be granted to principals of this account only"),
        "Not authorized to grant permissions for the resource",
    ),
    _row(
        "AccessDenied InvalidInput",
        Failure(Sort.MISSING_RIGHT, "the catalog is encrypted: the caller needs kms:Decrypt on its key"),
        "Insufficient encryption key permissions",
    ),
    # What Glue makes of KMS's refusals (observed: data.all 1436; states as KMS's guide names them).
    *(
        _row("GlueEncryption Disabled KMSInvalidState", _KEY_OUT_OF_USE, state)
        for state in ("is disabled", "pending deletion", "NotFoundException")
    ),
    _row("GlueEncryption", _CATALOG_KEY),
    _row(
        "AccessDenied",
        Failure(Sort.MISSING_RIGHT, "Lake Formation itself refuses: a grant, or the administrator's right, is missing"),
        "Insufficient Lake Formation permission(s)",
    ),
    _row(
        "AccessDenied",
        Failure(
            Sort.MISSING_RIGHT,
            "a policy denies it explicitly; Lake Formation's data administrator policy does that to "
            "PutDataLakeSettings, so use a role with rights on IAM instead",
        ),
        "with an explicit deny",
    ),
    _row("AccessDenied AuthorizationError UnauthorizedOperation Forbidden 403", _RIGHTS),
    _row(
        "EntityNotFound",
        Failure(Sort.CALLER, "it does not exist, or Lake Formation hides it from a caller without rights on it"),
    ),
    # AWS's own trouble.
    _row(
        "InternalFailure InternalError InternalService InternalServiceError InternalServer ServerInternal "
        "ServiceUnavailable Unavailable RequestTimeout OperationTimeout",
        Failure(Sort.TRANSIENT),
    ),
)


def sort_failure(code: str, message: str = "", *, operation: str = "", status: int = 400) -> Failure:
    """
    Return what an error means: one that a call raised, or one of those that batch answers carry inside an HTTP 200.

    *operation* is boto3's snake_case name; some texts mean one thing on granting and another on revoking. What no row
    knows is transient where AWS says that the fault is its own (5xx), else the caller's.
    """
    plain = code.removesuffix("Exception")
    for row in TABLE:
        if row.matches(plain, message, operation):
            return row.failure
    return Failure(Sort.TRANSIENT) if status >= 500 else _CALLER
