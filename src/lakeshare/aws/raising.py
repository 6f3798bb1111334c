"""From botocore's exceptions to ours. Imported when the first client is made, since it imports botocore."""

from __future__ import annotations

from dataclasses import dataclass

from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from lakeshare.aws.failures import Failure, Sort, sort_failure
from lakeshare.errors import CallError, IdentityError, LakeshareError, ThrottledError

_NEVER_CONNECTED = (aws.EndpointConnectionError, aws.ConnectTimeoutError, aws.ProxyConnectionError)
_BROKE_AFTER_SENDING = (
    aws.ConnectionClosedError,
    aws.ReadTimeoutError,
    aws.ResponseStreamingError,
    aws.IncompleteReadError,
    aws.HTTPClientError,
    ResponseParserError,
)
_NO_CREDENTIALS = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.ProfileNotFound,
    aws.ConfigNotFound,
    aws.ConfigParseError,
    aws.InvalidConfigError,
    aws.SSOError,
    aws.TokenRetrievalError,
    aws.UnknownCredentialError,
    aws.RefreshWithMFAUnsupportedError,
)
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call goes, for the error that may come of it. ``operation`` is boto3's name, ``api_name`` AWS's."""

    alias: str
    account_id: str
    region: str
    service: str
    operation: str
    api_name: str


def aws_code(error: Exception) -> str:
    """Return AWS's code for *error*; empty when AWS has not answered."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, aws.ClientError) else ""


def broke_after_sending(error: Exception) -> bool:
    """Whether the call went out and nobody knows what became of it."""
    return isinstance(error, _BROKE_AFTER_SENDING) and not isinstance(error, (*_NEVER_CONNECTED, aws.SSLError))


def may_have_acted(error: Exception) -> bool:
    """Whether AWS may have done what was asked although the call failed: no answer, or a fault of AWS's own."""
    if isinstance(error, aws.ClientError):
        return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)) >= 500
    return broke_after_sending(error)


def sort_exception(error: Exception, operation: str) -> Failure:
    """Return what an exception out of botocore means."""
    if isinstance(error, aws.ClientError):
        answer = error.response
        status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))
        details = answer.get("Error", {})
        return sort_failure(
            str(details.get("Code", "")), str(details.get("Message", "")), operation=operation, status=status
        )
    if isinstance(error, _NEVER_CONNECTED):
        # A name that does not resolve or a port that nobody listens at is rather a mistake than an outage.
        hint = "is the endpoint right, and can it be reached from here?"
        return Failure(Sort.TRANSIENT, hint, patience_seconds=15, was_answered=False)
    if broke_after_sending(error):
        return Failure(Sort.TRANSIENT, "the connection broke before AWS answered", was_answered=False)
    return Failure(Sort.CALLER, was_answered=False)


def translated(error: Exception, place: Place, *, has_broken_before: bool = False) -> LakeshareError:
    """Return *error* as one of ours, with everything known about where it happened and what to do."""
    if isinstance(error, LakeshareError):
        return error
    failure = sort_exception(error, place.operation)
    where = f"{place.alias} ({place.account_id}, {place.region})"
    operation = f"{place.service}:{place.api_name}"
    if isinstance(error, _NO_CREDENTIALS):
        return IdentityError(
            f"no credentials for {where}: {error}",
            hint="give the account a profile or a role, or sign in (`aws sso login`, AWS_PROFILE, AWS_ACCESS_KEY_ID)",
            account=place.account_id,
            region=place.region,
            operation=operation,
        )
    hint = failure.hint
    if has_broken_before and failure.sort is Sort.ALREADY_SO:
        hint = "an earlier attempt broke before AWS answered, so this may be what it did"
    hint = "; ".join([*([hint] if hint else []), *getattr(error, "__notes__", ())]) or None
    metadata = error.response.get("ResponseMetadata", {}) if isinstance(error, aws.ClientError) else {}
    details = error.response.get("Error", {}) if isinstance(error, aws.ClientError) else {}
    code = str(details.get("Code", type(error).__name__))
    kind = ThrottledError if failure.is_throttle else CallError
    return kind(
        f"{operation} in {where}: {code}: {details.get('Message', str(error))}",
        hint=hint,
        account=place.account_id,
        region=place.region,
        operation=operation,
        request_id=metadata.get("RequestId"),
        aws_code=code,
        status=int(metadata.get("HTTPStatusCode", 0)),
        broke_before=has_broken_before,
    )
