"""Credentials: a profile's, an assumed role's, or those of the environment as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import botocore.session
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.loaders import create_loader

from lakeshare.aws.accounts import AccountAccess
from lakeshare.errors import LakeshareError

AssumeRole = Callable[..., Mapping[str, Any]]
"""Calls sts:AssumeRole with the given parameters and returns its answer."""

_SESSION_NAME_LENGTH = 64


def found_credentials(profile: str | None) -> Credentials | None:
    """Return the credentials of *profile*, without one those that botocore finds; None when there are none."""
    return botocore.session.Session(profile=profile).get_credentials()


def usual_region(profile: str | None) -> str | None:
    """Return the Region that *profile*, the environment or the configuration names."""
    region: str | None = botocore.session.Session(profile=profile).get_config_variable("region")
    return region


def assumed_credentials(
    assume: AssumeRole,
    *,
    role_arn: str,
    session_name: str,
    external_id: str | None,
    policies: Sequence[str] = (),
) -> RefreshableCredentials:
    """
    Return the credentials of *role_arn*, which is assumed again shortly before they expire.

    The role is assumed once right here, so what *assume* raises is raised now. No duration is asked for: AWS's
    default of an hour is also the longest a chained role may have. *policies* narrow the session: the first of them
    that AWS does not find too large once it has packed it (documented: PackedPolicyTooLarge).
    """
    params = {"RoleArn": role_arn, "RoleSessionName": session_name[-_SESSION_NAME_LENGTH:]}
    if external_id is not None:
        params["ExternalId"] = external_id

    def fetch() -> dict[str, str]:
        credentials = _narrowed(assume, params, policies)["Credentials"]
        return {
            "access_key": credentials["AccessKeyId"],
            "secret_key": credentials["SecretAccessKey"],
            "token": credentials["SessionToken"],
            "expiry_time": credentials["Expiration"].isoformat(),
        }

    return RefreshableCredentials.create_from_metadata(fetch(), fetch, "sts-assume-role")


def _narrowed(assume: AssumeRole, params: Mapping[str, str], policies: Sequence[str]) -> Mapping[str, Any]:
    for policy in policies:
        try:
            return assume(**params, Policy=policy)
        except LakeshareError as error:
            if getattr(error.__cause__, "aws_code", getattr(error, "aws_code", None)) not in _TOO_LARGE:
                raise
            if policy == policies[-1]:
                raise
    return assume(**params)


_TOO_LARGE = frozenset({"PackedPolicyTooLarge", "PackedPolicyTooLargeException"})


def role_arn(access: AccountAccess, role: str) -> str:
    """
    Return the ARN of *role*, which may be a name, a name with its path, or an ARN already.

    The partition is that of the account's Region (``aws``, ``aws-cn``, ``aws-us-gov`` ...).
    """
    if role.startswith("arn:"):
        return role
    # From botocore's data, not from a session: that would look for the profile that the environment names, and one that
    # is not there is for the first call to tell, which can say whose it is.
    partitions = create_loader().load_data("partitions")["partitions"]
    fitting = (each["id"] for each in partitions if re.match(each["regionRegex"], access.region))
    partition = next(fitting, "aws")
    return f"arn:{partition}:iam::{access.account_id}:role/{role.lstrip('/')}"
