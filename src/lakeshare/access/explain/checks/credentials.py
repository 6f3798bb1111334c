"""Whose rights open the files: Lake Formation's credentials, the registered role, S3, keys. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lakeshare.access.explain.checks.iam import Call, Judged, context_of, decision, iam_check
from lakeshare.access.explain.checks.modes import Mode
from lakeshare.access.explain.observed import Asker, Bucket, Entry, Key, Registration, Seen, Workgroup
from lakeshare.access.explain.verdict import Check, first
from lakeshare.access.iam import Decision
from lakeshare.access.iam.logic import all_of, any_of
from lakeshare.access.iam.resource_policies import grants
from lakeshare.resources.values import Unreadable

GET_DATA_ACCESS = "lakeformation:GetDataAccess"
READING_S3 = "s3:GetObject"


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
        if found.location:
            yield _files(seen, found, asker, "location.s3", "read-the-files")
    yield from _keys(seen)


def _vended(seen: Seen, found: Entry) -> Iterator[Check]:
    """What it takes where Lake Formation gives the credentials."""
    if seen.asker.is_of_iam:
        yield _data_access(seen)
    yield from _registered_role(seen, found)


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
    vended = list(_vended(seen, found))
    own = _files(seen, found, seen.asker, "location.s3", "read-the-files")
    by_lake = first(vended, "fail") or first(vended, "unknown")
    if by_lake is None and own.status == "pass":
        yield from (*vended, own)
    elif by_lake is not None and by_lake.status == "fail" and own.status == "fail":
        yield own
    else:
        short = own if by_lake is None else by_lake
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
    else:
        yield _files(seen, found, registration.role, "location.role", "read-registered-location", through_athena=False)


def _files(
    seen: Seen, found: Entry, asker: Asker, check_id: str, policy_name: str, *, through_athena: bool = True
) -> Check:
    """Return whether *asker* can list and read the table's files in S3."""
    name, _, prefix = found.location.partition("://")[2].partition("/")
    arn = f"arn:{found.spot.partition}:s3:::{name}"
    looked_at = f"{asker.arn}: s3:ListBucket, s3:GetObject on {found.location}; the bucket's policy"
    location = seen.location
    bucket = location if isinstance(location, Bucket) else Bucket(name, None, location)
    inside = f"{arn}/{prefix.strip('/')}/x" if prefix.strip("/") else f"{arn}/x"
    calls = [
        Call("s3:ListBucket", arn, through_athena, bucket.owner or ""),
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


def _keys(seen: Seen) -> Iterator[Check]:
    """Keys that the principal itself must be able to use: the results', and those of encrypted catalogs."""
    if not seen.asker.is_of_iam:
        return
    if isinstance(seen.workgroup, Workgroup) and seen.workgroup.key:
        yield _key(
            seen, "athena.results-key", seen.workgroup.key, ("kms:GenerateDataKey", "kms:Decrypt"), "the results"
        )
    for check_id, lake in (("catalog.key", seen.home), ("catalog.target-key", seen.owners)):
        if lake is None or lake.key is None:
            continue
        if isinstance(lake.key, Unreadable):
            detail = f"whether the catalog is encrypted is not known: {lake.key.reason}"
            yield Check(check_id, "unknown", "the catalog's encryption settings", detail, is_presumed=True)
        else:
            yield _key(seen, check_id, lake.key, ("kms:Decrypt",), "the catalog")


def _key(seen: Seen, check_id: str, name: str, actions: tuple[str, ...], what: str) -> Check:
    key = seen.keys.get(name) or Key(name, Unreadable(f"the key {name} was not looked at"))
    calls = [Call(action, key.arn) for action in actions]
    judged = [Judged(call, _opens(seen, key, call)) for call in calls]
    return iam_check(
        seen,
        check_id,
        judged,
        looked_at=f"{seen.asker.arn}: {', '.join(actions)} on {key.arn}, which encrypts {what}",
        ok=f"the key of {what} may be used",
        policy_name="use-key",
        answer="Insufficient encryption key permissions for Glue API" if "catalog" in check_id else None,
    )


def _opens(seen: Seen, key: Key, call: Call) -> Decision:
    """A key is used by whom its policy lets in: in person, or through the account, whose policies then decide."""
    if isinstance(key.policy, Unreadable):
        return Decision(None, key.policy.reason, "resource")
    said = decision(seen.asker, call, seen.region, key.policy)
    context = context_of(seen.asker, call, seen.region)
    at_all = grants(key.policy, seen.asker.arn, call.action, call.resource, context, in_person=False)
    answer = all_of([at_all, any_of([said.is_allowed])])
    if at_all is not True:
        return Decision(answer, f"the key's own policy does not let {seen.asker.arn} call {call.action}", "resource")
    return said
