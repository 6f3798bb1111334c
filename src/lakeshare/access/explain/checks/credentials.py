"""Whose rights open the files: Lake Formation's credentials, the registered role, S3. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lakeshare.access.explain.checks.iam import Call, Judged, decision, iam_check
from lakeshare.access.explain.checks.keys import file_key_checks, is_trusted, results_key_check
from lakeshare.access.explain.checks.modes import Mode
from lakeshare.access.explain.observed import Asker, Bucket, Entry, Registration, Seen
from lakeshare.access.explain.verdict import Check, Status, first
from lakeshare.resources.values import Unreadable

GET_DATA_ACCESS = "lakeformation:GetDataAccess"
READING_S3 = "s3:GetObject"
LAKE_FORMATION = "lakeformation.amazonaws.com"


def credentials_checks(seen: Seen, mode: Mode) -> Iterator[Check]:
    """Whether the files of the table can be opened for the principal."""
    found = seen.found
    assert isinstance(found, Entry)
    asker = seen.asker
    if mode.is_unsettled:
        yield from _either(seen, found)
    elif mode.vends is not False:
        yield from _vended(seen, found)
    elif asker.is_of_iam:
        if mode.asks_lake:
            yield _data_access(seen)
        yield from _own(seen, found)
    yield from _partitions(seen, found)
    yield from results_key_check(seen)


def _partitions(seen: Seen, found: Entry) -> Iterator[Check]:
    """
    Partitions that lie outside the table's location, to which Lake Formation's credentials do not reach.

    (documented: https://docs.aws.amazon.com/lake-formation/latest/dg/limitations.html)
    """
    looked_at = f"Glue: where the partitions of {found.spot} lie"
    if isinstance(seen.partitions, Unreadable):
        yield Check("location.partitions", "unknown", looked_at, seen.partitions.reason, is_presumed=True)
        return
    within = f"{found.location.rstrip('/')}/"
    outside = [place for place in seen.partitions if not f"{place.rstrip('/')}/".startswith(within)]
    if outside:
        detail = (
            f"{len(outside)} of {len(seen.partitions)} lie outside {found.location}, {outside[0]} for one: a query that"
            " reads them is refused where Lake Formation gives the credentials, and else takes rights on these places"
        )
        yield Check("location.partitions", "unknown", looked_at, detail)
    elif seen.partitions:
        yield Check(
            "location.partitions", "pass", looked_at, f"all of the {len(seen.partitions)} looked at lie within it"
        )


def _vended(seen: Seen, found: Entry) -> Iterator[Check]:
    """What it takes where Lake Formation gives the credentials."""
    if seen.asker.is_of_iam:
        yield _data_access(seen)
    yield from _registered_role(seen, found)


def _own(seen: Seen, found: Entry) -> Iterator[Check]:
    """What it takes where the principal's own rights open the files."""
    if found.location:
        yield _files(seen, found, seen.asker, "location.s3", "read-the-files")
        yield from file_key_checks(seen, found, seen.asker)


def _data_access(seen: Seen) -> Check:
    asker, call = seen.asker, Call(GET_DATA_ACCESS, "*")
    return iam_check(
        seen,
        "credentials",
        [Judged(call, decision(asker, call, seen.region))],
        looked_at=f"{asker.arn}: {GET_DATA_ACCESS} on *",
        ok="Lake Formation may give out credentials for it",
        policy_name="lake-formation-credentials",
    )


def _either(seen: Seen, found: Entry) -> Iterator[Check]:
    """What it takes where it is open whose rights are used: what both ways say is sure, and nothing else."""
    if not seen.asker.is_of_iam:
        return
    vended, own = list(_vended(seen, found)), list(_own(seen, found))
    by_lake = first(vended, "fail") or first(vended, "unknown")
    by_own = first(own, "fail") or first(own, "unknown")
    if by_lake is None and by_own is None:
        yield from (*vended, *own)
    elif by_lake and by_own and (by_lake.status, by_own.status) == ("fail", "fail"):
        yield by_own
    else:
        short = by_lake or by_own
        assert short is not None
        yield replace(short, status="unknown", detail=f"one of two ways to the files is closed: {short.detail}")


def _registered_role(seen: Seen, found: Entry) -> Iterator[Check]:
    """The role that a location was registered with reads it, whatever the principal's own rights (documented)."""
    registration = seen.registration
    looked_at = f"the registered location of {found.location or found.spot}, and the role that reads it"
    if not isinstance(registration, Registration):
        why = registration.reason if isinstance(registration, Unreadable) else "no registration shows that holds it"
        detail = f"its owner reads it with a role of its own, which nobody can see from here ({why})"
        yield Check("location.role", "unknown", looked_at, detail, is_presumed=seen.is_connects)
    elif registration.role is None:
        detail = f"{registration.arn} is registered with {registration.role_arn}, whose rights cannot be seen from here"
        yield Check("location.role", "unknown", looked_at, detail)
    elif registration.role.is_there is False:
        detail = f"{registration.arn} is registered with {registration.role_arn}, which does not exist"
        fix = f"make the role {registration.role_arn} again, or register the location with another one"
        yield Check("location.role", "fail", looked_at, detail, fix, registration.role.account_id)
    elif (distrust := _distrust(registration.role, seen, found)) is not None:
        yield replace(distrust, looked_at=looked_at)
    else:
        role = registration.role
        yield _files(seen, found, role, "location.role", "read-registered-location", through_athena=False)
        yield from file_key_checks(seen, found, role, through_athena=False)


def _files(
    seen: Seen, found: Entry, asker: Asker, check_id: str, policy_name: str, *, through_athena: bool = True
) -> Check:
    """Return whether *asker* can list and read the table's files in S3."""
    name, _, prefix = found.location.partition("://")[2].partition("/")
    arn = f"arn:{found.spot.partition}:s3:::{name}"
    looked_at = f"{asker.arn}: s3:ListBucket, s3:GetObject on {found.location}; the bucket's policy"
    location = seen.location
    bucket = location if isinstance(location, Bucket) else Bucket(name, None, location)
    listed = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    inside = f"{arn}/{listed}*"
    calls = [
        Call("s3:ListBucket", arn, through_athena, bucket.owner or "", prefix=listed),
        Call(READING_S3, inside, through_athena, bucket.owner or ""),
    ]
    abroad = bucket.owner != asker.account_id
    judged = [
        Judged(call, decision(asker, call, found.spot.region, bucket.policy, must_be_let_in=abroad)) for call in calls
    ]
    return iam_check(
        seen,
        check_id,
        judged,
        looked_at=looked_at,
        ok=f"{asker.arn} can read the files",
        policy_name=policy_name,
        asker=asker,
        answer=f"Permission denied on S3 path: {found.location}",
    )


def _distrust(role: Asker, seen: Seen, found: Entry) -> Check | None:
    """Return why Lake Formation cannot assume a registered role; None when it can, or is a service's own."""
    if "/aws-service-role/" in role.arn:
        return None
    spot = found.spot
    source = f"arn:{spot.partition}:lakeformation:{spot.region}:{spot.catalog}:*"
    trusts = is_trusted(role, LAKE_FORMATION, seen.region, {"aws:sourceaccount": spot.catalog, "aws:sourcearn": source})
    if trusts:
        return None
    does = "does not trust" if trusts is False else "may not trust"
    fix = f"let {LAKE_FORMATION} assume {role.arn} in its trust policy"
    status: Status = "fail" if trusts is False else "unknown"
    return Check("location.role", status, "", f"{role.arn} {does} {LAKE_FORMATION}", fix, role.account_id)
