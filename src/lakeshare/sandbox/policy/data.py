"""Whether a caller may read the data at a place in S3: the bucket, its objects, and the keys that encrypt them."""

from __future__ import annotations

from lakeshare.sandbox.arns import s3_arn
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.policy.decide import authorize, authorize_key
from lakeshare.sandbox.policy.forwarded import in_the_callers_name, to_kms
from lakeshare.sandbox.world import World


def authorize_reading(world: World, caller: Caller, region: str, location: str, *, via: str = "") -> None:
    """
    Return when *caller* may list and get what lies at an ``s3://`` *location*, and decrypt it; AccessDenied when not.

    *via* is the service that asks in the caller's name, if one does. A key of an object that KMS does not know is
    nobody's to ask about.
    """
    bucket, prefix = bucket_and_prefix(location)
    where = in_the_callers_name(via, region) if via else {"aws:RequestedRegion": region}
    authorize(world, caller, "s3:ListBucket", s3_arn(bucket, region), context={**where, "s3:prefix": prefix})
    authorize(world, caller, "s3:GetObject", s3_arn(f"{bucket}/{prefix}*", region), context=where)
    moto = world.store(Moto)
    owner = moto.bucket_owner(bucket) or caller.account
    for named in {entry.kms_key for entry in moto.list_objects(bucket, prefix)}:
        key = moto.kms_key(named, owner, region) if named else None
        if key is not None:
            authorize_key(world, caller, "kms:Decrypt", key, {**where, **to_kms("s3", caller.account, region)})


def bucket_and_prefix(location: str) -> tuple[str, str]:
    """Return the bucket of an ``s3://`` *location*, and what all keys below it begin with."""
    bucket, _, path = location.removeprefix("s3://").partition("/")
    return bucket, f"{path.rstrip('/')}/" if path.strip("/") else ""
