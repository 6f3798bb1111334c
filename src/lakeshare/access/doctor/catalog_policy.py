"""The resource policy of a Glue catalog: whether RAM may share through it, and whether it denies what readers ask."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lakeshare.access.doctor.denied import denied
from lakeshare.access.doctor.edits import change_catalog_policy
from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.looking import Unread, call, not_seen
from lakeshare.access.doctor.sharing import wanted_tables
from lakeshare.access.doctor.statement_edits import program, without
from lakeshare.access.doctor.statements import covers, principals, speaks_of
from lakeshare.resources.documents import statements_of
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place
from lakeshare.spec import CatalogSource

RAM: Final = "ram.amazonaws.com"
READING: Final = ("glue:GetTable", "glue:GetTables", "glue:GetDatabase", "glue:GetPartitions")


def look(run: Run, case: Case) -> Mapping[str, Any] | Unread | None:
    """Read the policy of a producer of its own tables; None where there is none, and in other accounts."""
    return catalog_policy(run, case.place) if shares_own(case) else None


def shares_own(case: Case) -> bool:
    """Tell whether tables of this account's own catalog are shared."""
    return any(isinstance(share.source, CatalogSource) for share in case.sources)


def catalog_policy(run: Run, place: Place) -> Mapping[str, Any] | Unread | None:
    """Return the policy of the catalog at *place*, read once; None where there is none."""

    def look() -> Mapping[str, Any] | Unread | None:
        answer = call(run, place, "glue", "get_resource_policy", absent={"EntityNotFoundException"})
        if not isinstance(answer, dict):
            return answer
        text = answer.get("PolicyInJson")
        policy: Mapping[str, Any] | None = json.loads(text) if text else None
        return policy

    return run.once(("doctor: catalog policy", place), look)


def judge(case: Case, seen: Mapping[str, Any] | Unread | None) -> Iterator[Finding]:
    """Block on a policy that keeps grants from completing (documented), or that denies the consumer what it asks."""
    if not shares_own(case):
        return
    if seen is None:
        yield Finding("ok", "the catalog has no resource policy, and needs none")
        return
    if isinstance(seen, Unread):
        yield not_seen(case, "the catalog's resource policy", seen)
        return
    found = [*_without_ram(case, seen), *_denying(case, seen)]
    yield from found or [Finding("ok", "the catalog's resource policy lets RAM share, and denies no consumer")]


def _without_ram(case: Case, seen: Mapping[str, Any]) -> Iterator[Finding]:
    arns = _arns(case)
    sharing = [
        one
        for one in statements_of(seen)
        if one.get("Effect") == "Allow" and RAM in principals(one, "Service") and speaks_of(one, "glue:ShareResource")
    ]
    if all(any(covers(one, arn) for one in sharing) for arn in arns):
        return
    yield Finding(
        "blocker",
        "the catalog has a resource policy, and no statement of it lets RAM share all that the spec shares"
        " (glue:ShareResource): grants to other accounts would not complete, and the consumer would see nothing",
        f"add the statement that lets it: {change_catalog_policy(case.place, program(seen, {}, _statement(case)))}",
        part="ram",
        address=f"{case.place}/catalog-policy",
    )


def _denying(case: Case, seen: Mapping[str, Any]) -> Iterator[Finding]:
    for number, one in enumerate(statements_of(seen)):
        if one.get("Effect") != "Deny" or not any(speaks_of(one, action) for action in READING):
            continue
        meant = denied(case, one)
        if not meant.names or not any(covers(one, arn) for arn in _arns(case)):
            continue
        is_bound = bool(one.get("Condition"))
        perhaps = "" if meant.is_sure else ", who may be the operator there,"
        edit = without(one, [("AWS", name) for name in meant.names])
        yield Finding(
            "blocker" if meant.is_sure and not is_bound else "warning",
            f"statement {one.get('Sid', 'without a Sid')} of the catalog's resource policy denies"
            f" {', '.join(meant.names)}{perhaps} to read{' on a condition' if is_bound else ''}: a Deny wins over every"
            " grant of Lake Formation's",
            "leave the shared tables out of it; or take it out, of others what it says of them stays:"
            f" {change_catalog_policy(case.place, program(seen, {number: edit}))}",
            part="deny",
            address=f"{case.place}/catalog-policy",
        )


def _arns(case: Case) -> list[str]:
    """Return what is shared: the catalog, databases and tables; of databases that no plan could look into, these."""
    place = case.place
    databases = {share.source.database for share in case.sources if isinstance(share.source, CatalogSource)}
    tables = [f"table/{database}/{table}" for database, table in sorted(wanted_tables(case)) if "*" not in table]
    paths = ["catalog", *(f"database/{name}" for name in sorted(databases)), *tables]
    return [place.arn("glue", path) for path in paths]


def _statement(case: Case) -> dict[str, Any]:
    """Return the statement as AWS gives it (documented: cross-account-prereqs)."""
    return {
        "Effect": "Allow",
        "Action": ["glue:ShareResource"],
        "Principal": {"Service": [RAM]},
        "Resource": [case.place.arn("glue", path) for path in ("table/*/*", "database/*", "catalog")],
    }


def grants_to_accounts(case: Case) -> bool:
    """Tell whether the plan shares something of this catalog anew."""
    steps = [step for step in case.steps if step.kind == "lake_grant" and step.action == "create"]
    return any(step.resource.is_to_account for step in steps)


CHECK: Final = Check(
    id="catalog-policy",
    title="The catalog's resource policy",
    look=look,
    judge=judge,
    reads=("glue:GetResourcePolicy",),
    in_plan=grants_to_accounts,
)
