"""The role by which Lake Formation reaches places in S3 that are registered with it."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.planning.graph import GraphUnderWork
from lakeshare.planning.reader_policies import check_room, policy_name
from lakeshare.resources.iam_policy import Arn, IamPolicy, Statement
from lakeshare.resources.iam_role import IamRole
from lakeshare.resources.tags import Tags
from lakeshare.resources.trust import Trustee
from lakeshare.resources.values import Place
from lakeshare.spec import LocationRole

SERVICE = "lakeformation.amazonaws.com"
READS = ("s3:GetObject",)
WRITES = ("s3:DeleteObject", "s3:GetObject", "s3:PutObject")
DECRYPTS = ("kms:Decrypt", "kms:DescribeKey")
ENCRYPTS = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
"""As AWS's own policies for such a role have it (documented: registration-role.html, register-encrypted.html)."""


def add_location_role(graph: GraphUnderWork, place: Place, wanted: LocationRole, spec_name: str, tags: Tags) -> None:
    """
    Add the role and its policy.

    The trust keeps the service to what it does for this account and Region, as AWS documents it for Lake Formation
    (cross-service-confused-deputy-prevention.html).
    """
    trustee = Trustee("service", SERVICE, source_arn=place.arn("lakeformation", "*"))
    role = IamRole(
        place,
        wanted.name,
        wanted.path,
        permissions_boundary=wanted.permissions_boundary,
        tags=tags,
        trustees=(trustee,),
    )
    address = graph.add(role)
    policy = IamPolicy(
        place,
        wanted.name,
        policy_name(spec_name),
        tuple(_statements(place, wanted)),
        depends_on=(address,),
        role_path=wanted.path,
    )
    graph.add(policy)
    check_room(graph, place, policy, 0)


def _statements(place: Place, wanted: LocationRole) -> Iterator[Statement]:
    spots = [location.removeprefix("s3://").partition("/") for location in wanted.locations]

    def s3(path: str) -> Arn:
        return Arn("s3", "", "", path, place.partition)

    objects = tuple(s3(f"{bucket}/{prefix.rstrip('/')}/*" if prefix else f"{bucket}/*") for bucket, _, prefix in spots)
    buckets = tuple(s3(bucket) for bucket in dict.fromkeys(bucket for bucket, _, _ in spots))
    is_read = wanted.access == "read"
    yield Statement("Objects", READS if is_read else WRITES, objects)
    yield Statement("Buckets", ("s3:ListBucket",), buckets)
    if wanted.kms_keys:
        yield Statement("Keys", DECRYPTS if is_read else ENCRYPTS, tuple(map(Arn.parse, wanted.kms_keys)))
