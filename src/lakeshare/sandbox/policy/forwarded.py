"""The condition keys of calls that a service makes in its caller's name."""

from __future__ import annotations

from lakeshare.sandbox.policy.context import Given


def in_the_callers_name(service: str, region: str) -> Given:
    """
    Return the keys of a call that *service* (``athena.amazonaws.com``) makes with its caller's rights in *region*.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html: Athena is among the
    services that set aws:CalledVia, and the Region is there in every call.
    """
    return {
        "aws:CalledVia": (service,),
        "aws:CalledViaFirst": service,
        "aws:CalledViaLast": service,
        "aws:RequestedRegion": region,
        "aws:ViaAWSService": "true",
    }


def to_kms(service: str, account: str, region: str) -> Given:
    """
    Return the keys of a call to KMS that *service* (``s3``) makes for a caller of *account*.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    return {"kms:CallerAccount": account, "kms:ViaService": f"{service}.{region}.amazonaws.com"}
