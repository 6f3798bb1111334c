"""What every query meets before it comes to a table: the principal, the workgroup, its results, ``default``. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakeshare.access.explain import mending
from lakeshare.access.explain.checks.iam import Call, Judged, decision, iam_check
from lakeshare.access.explain.effective import Held, held, is_open, made_it
from lakeshare.access.explain.observed import Bucket, Entry, Seen, Spot, Workgroup
from lakeshare.access.explain.verdict import Check
from lakeshare.resources.values import Absent, Unreadable

QUERYING = ("athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults")
ON_RESULTS_BUCKET = ("s3:GetBucketLocation",)
ON_RESULTS = ("s3:PutObject", "s3:GetObject")
"""
What no query can do without. AWS's documents list more (ListBucket, those for multipart uploads), which large results
and some clients need (https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html).
"""

READ_CATALOG = ("glue:GetDatabase", "glue:GetTable", "glue:GetPartitions")


_ROOT: Final = "this is the account's root user, to whom Lake Formation grants nothing; ask about the role that queries"


def principal_checks(seen: Seen) -> Iterator[Check]:
    """Whether there is such a principal, and whether its rights can be known from here."""
    asker = seen.asker
    looked_at = f"IAM of account {asker.account_id}" if asker.is_of_iam else "the principal's ARN"
    if asker.is_there is True and asker.is_of_iam:
        other = f"; its full ARN is {asker.arn}" if asker.arn != seen.question.principal else ""
        yield Check("principal", "pass", looked_at, f"the {asker.kind} {asker.name} exists{other}")
    elif asker.is_there is False:
        yield _nobody(seen, looked_at)
    else:
        why = asker.is_there.reason if isinstance(asker.is_there, Unreadable) else _ROOT
        yield Check("principal", "unknown", looked_at, why)


def _nobody(seen: Seen, looked_at: str) -> Check:
    asker, meant = seen.asker, seen.meant
    nobody = f"there is no {asker.kind} {asker.name}"
    if seen.in_spec and seen.in_spec.is_by_apply:
        return Check("principal", "fail", looked_at, nobody, seen.in_spec.text, asker.account_id)
    if meant and meant.principal != seen.question.principal:
        slip = f"{nobody}; did you mean {meant.principal.rpartition('/')[2]}?"
        return Check("principal", "fail", looked_at, slip, mending.ask(meant))
    fix = mending.aws("iam", f"list-{asker.kind}s")
    return Check("principal", "fail", looked_at, nobody, fix, asker.account_id)


def query_checks(seen: Seen) -> Iterator[Check]:
    """Whether the principal may run queries in the workgroup and keep their results."""
    workgroup = seen.workgroup
    looked_at = "the workgroup that the spec's share uses"
    if isinstance(workgroup, Unreadable):
        yield Check("athena.workgroup", "unknown", looked_at, workgroup.reason)
        return
    if isinstance(workgroup, Absent):
        fix = "lakeshare apply"
        yield Check("athena.workgroup", "fail", looked_at, "the workgroup is not there", fix, seen.asker.account_id)
        return
    yield _workgroup(seen, workgroup)
    if not seen.asker.is_of_iam:
        return
    yield _querying(seen, workgroup)
    yield from _results(seen, workgroup)


def _workgroup(seen: Seen, workgroup: Workgroup) -> Check:
    looked_at, account = f"workgroup {workgroup.name}", seen.asker.account_id
    if not workgroup.is_enabled:
        fix = mending.aws("athena", "update-work-group", seen.region, work_group=workgroup.name, state="ENABLED")
        return Check("athena.workgroup", "fail", looked_at, "it is disabled, so no query runs in it", fix, account)
    if not workgroup.output:
        fix = mending.results_place(workgroup.name, account, seen.region)
        return Check("athena.workgroup", "fail", looked_at, "it has nowhere to write results", fix, account)
    return Check("athena.workgroup", "pass", looked_at, f"it is enabled, and writes results to {workgroup.output}")


def _querying(seen: Seen, workgroup: Workgroup) -> Check:
    asker = seen.asker
    arn = _arn(seen, "athena", f"workgroup/{workgroup.name}")
    calls = [Call(action, arn, through_athena=False) for action in QUERYING]
    return iam_check(
        seen,
        "athena.iam",
        [Judged(call, decision(asker, call, seen.region)) for call in calls],
        looked_at=f"{asker.arn}: {', '.join(QUERYING)} on {arn}",
        ok=f"queries may be run in {workgroup.name}, and their results fetched",
        policy_name="query-with-athena",
    )


def _results(seen: Seen, workgroup: Workgroup) -> Iterator[Check]:
    bucket = seen.results
    name = workgroup.output.removeprefix("s3://").partition("/")[0]
    if not name:
        return
    if isinstance(bucket, Absent):
        fix = mending.bucket(name, seen.region)
        yield Check("athena.results", "fail", f"bucket {name}", "the bucket is not there", fix, seen.asker.account_id)
        return
    if isinstance(bucket, Unreadable):
        yield Check("athena.results", "unknown", f"bucket {name}", bucket.reason)
        return
    if workgroup.owner and bucket.owner != workgroup.owner:
        yield _of_another(seen, workgroup, bucket)
        return
    asker, region = seen.asker, seen.region
    prefix = workgroup.output.removeprefix(f"s3://{name}").strip("/")
    everything = f"arn:{_partition(seen)}:s3:::{name}"
    calls = [Call(action, everything, owner=bucket.owner or "") for action in ON_RESULTS_BUCKET]
    calls += [
        Call(action, f"{everything}/{prefix}/*" if prefix else f"{everything}/*", owner=bucket.owner or "")
        for action in ON_RESULTS
    ]
    abroad = bucket.owner != asker.account_id
    judged = [Judged(call, decision(asker, call, region, bucket.policy, must_be_let_in=abroad)) for call in calls]
    actions = ", ".join((*ON_RESULTS_BUCKET, *ON_RESULTS))
    yield iam_check(
        seen,
        "athena.results",
        judged,
        looked_at=f"{asker.arn}: {actions} on {workgroup.output}; the bucket's policy",
        ok="results may be written and read there",
        policy_name="athena-results",
    )


def _of_another(seen: Seen, workgroup: Workgroup, bucket: Bucket) -> Check:
    """A bucket that is not the account's by which Athena is told to know it."""
    looked_at = f"bucket {bucket.name}, and whose it is to be"
    expected = f"the workgroup expects that it is account {workgroup.owner}'s"
    if bucket.owner is None:
        return Check("athena.results", "unknown", looked_at, f"{expected}, and whose it is does not show")
    updates = {"ResultConfigurationUpdates": {"ExpectedBucketOwner": bucket.owner}}
    fix = mending.aws(
        "athena", "update-work-group", seen.region, work_group=workgroup.name, configuration_updates=updates
    )
    return Check(
        "athena.results", "fail", looked_at, f"{expected}, and it is {bucket.owner}'s", fix, seen.asker.account_id
    )


def default_check(seen: Seen) -> Iterator[Check]:
    """
    Whether the principal may see the database ``default``, which Athena asks about before every query.

    (documented: https://docs.aws.amazon.com/athena/latest/ug/lf-athena-limitations.html)
    """
    default, account = seen.default, seen.asker.account_id
    spot = Spot(account, seen.region, "default", None, _partition(seen))
    looked_at = f"the database default of account {account}, and the grants on it"
    if isinstance(default, Absent):
        yield Check("default", "pass", looked_at, "there is none, so nothing is asked about it")
        return
    if isinstance(default, Unreadable):
        yield Check("default", "unknown", looked_at, default.reason)
        return
    yield lake_check(seen, "default", default, spot, looked_at)


def lake_check(seen: Seen, check_id: str, entry: Entry, spot: Spot, looked_at: str) -> Check:
    """Return whether Lake Formation lets the principal see something of its own account's catalog."""
    asker, holds = seen.asker, held(seen.home, spot, principals_of(seen), ())
    why = _lets_see(seen, entry, spot, holds)
    if why is not None:
        return Check(check_id, "pass", looked_at, why)
    doubt = _may_let_see(seen, spot, holds)
    if doubt is not None:
        return Check(check_id, "unknown", looked_at, doubt)
    return Check(
        check_id,
        "fail",
        looked_at,
        f"Lake Formation rules it, and {asker.arn} holds no permission on it",
        mending.grant(asker.arn, spot, "DESCRIBE"),
        asker.account_id,
        answer=f"Insufficient Lake Formation permission(s): Required Describe on {spot.table or spot.database}",
    )


def _lets_see(seen: Seen, entry: Entry, spot: Spot, holds: Held) -> str | None:
    """Say what lets the principal see it, if anything does."""
    arn = seen.asker.arn
    if is_open(seen.home, spot) and not _is_opted_in(seen, spot):
        return "IAMAllowedPrincipals hold Super on it: IAM alone decides"
    if holds.is_any:
        return holds.by[0]
    if made_it(entry, arn):
        return f"{arn} made it, which gives every right on it"
    made = seen.found if isinstance(seen.found, Entry) and seen.found.spot.database_spot == spot else None
    if made and made_it(made, arn):
        return f"{arn} made a table in it, and sees the database by that"
    return f"{arn} is an administrator of the lake, who sees everything" if sees_everything(seen) else None


def _may_let_see(seen: Seen, spot: Spot, holds: Held) -> str | None:
    """Say what may let the principal see it and cannot be judged, if anything is."""
    if is_open(seen.home, spot):
        return (
            "IAMAllowedPrincipals hold Super on it, and the principal is opted in to it: AWS does not say which counts"
        )
    if holds.doubts:
        return "; ".join(holds.doubts)
    if not seen.home.sees_all or isinstance(seen.home.administrators, Unreadable):
        operator = f"the operator is no Lake Formation administrator in {seen.asker.account_id}"
        return f"no grant shows, and {operator}: others' grants may be hidden"
    return None


def principals_of(seen: Seen) -> frozenset[str]:
    """Return those to whom a grant is one to the principal: itself, and all of its account's IAM principals."""
    account = seen.asker.account_id
    everybody = {f"{account}:IAMPrincipals"} if seen.asker.is_of_iam else set()
    return frozenset({seen.asker.arn, *everybody})


def sees_everything(seen: Seen) -> bool:
    """Whether the principal administers its account's lake: it then sees what is in it, and reads none of it."""
    administrators = seen.home.administrators
    known = () if isinstance(administrators, Unreadable) else administrators
    return seen.asker.arn in (*known, *seen.home.readers_of_all)


def _is_opted_in(seen: Seen, spot: Spot) -> bool:
    if isinstance(seen.opt_ins, Unreadable):
        return False
    return (spot.catalog, spot.database, spot.table) in seen.opt_ins


def _arn(seen: Seen, service: str, path: str) -> str:
    return f"arn:{_partition(seen)}:{service}:{seen.region}:{seen.asker.account_id}:{path}"


def _partition(seen: Seen) -> str:
    return seen.asker.arn.split(":")[1]
