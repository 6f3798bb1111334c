"""Goes through the checks, account by account. What one of them cannot do keeps none of the others from its work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product

from lakeshare.access.doctor import identity, planned
from lakeshare.access.doctor.finding import Case, Check, Checked, Finding
from lakeshare.access.doctor.registry import CHECKS
from lakeshare.aws.accounts import Identity
from lakeshare.errors import CallError, IdentityError, LakeshareError
from lakeshare.planning.expand import place_of
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Blocker
from lakeshare.spec import Spec
from lakeshare.spec.ways import hubs_of


def identities(run: Run, aliases: Sequence[str]) -> dict[str, Identity | LakeshareError]:
    """Return who we are in each account, or why we are nobody there."""

    def look(alias: str) -> Identity | LakeshareError:
        try:
            return run.aws.identity(alias)
        except (IdentityError, CallError) as error:
            return error

    return dict(zip(aliases, run.aws.in_parallel(look, aliases), strict=True))


def told_of_identities(spec: Spec, found: dict[str, Identity | LakeshareError]) -> list[Checked]:
    """Return what there is to say of who we are, of every account; why it is nobody, of the first on the way there."""

    def judged(alias: str, each: Identity | LakeshareError) -> Finding:
        shut = [hub for hub in hubs_of(spec, alias) if not isinstance(found[hub], Identity)]
        return identity.shut_out(alias, shut[-1]) if shut else identity.judge(spec, alias, each)

    return [
        Checked(identity.ID, identity.TITLE, alias, place_of(spec, alias).account_id, judged(alias, each))
        for alias, each in found.items()
    ]


def examine(run: Run, cases: Iterable[Case], checks: Iterable[Check] = CHECKS) -> list[Checked]:
    """
    Return what *checks* find in each of *cases*, in the order of cases, then of checks.

    Reads in parallel. A check that fails by itself says so, as a warning.
    """

    def look(pair: tuple[Case, Check]) -> list[Checked]:
        case, check = pair
        if case.is_between and not check.is_for_all:
            return []
        return [
            Checked(
                f"{check.id}.{finding.part}" if finding.part else check.id,
                check.title,
                case.alias,
                case.place.account_id,
                finding,
            )
            for finding in _findings(run, case, check)
        ]

    given = list(cases)
    found = [item for some in run.aws.in_parallel(look, product(given, checks)) for item in some]
    unplanned = {case.alias for case in given if case.no_plan is not None}
    causes: dict[str, str] = {}
    for item in found:
        if item.status == "blocker" and item.id != planned.CHECK.id:
            causes.setdefault(item.account, item.id)
    return [
        _consequence(item, causes[item.account])
        if item.id == planned.CHECK.id and item.account in unplanned and item.account in causes
        else item
        for item in found
    ]


def _consequence(item: Checked, cause: str) -> Checked:
    """Return what says that no plan can be made as what comes of *cause*, another check's blocker."""
    if item.status != "blocker":
        return item
    fix = f"mend what is said under {cause}, then run `lakeshare doctor` again; this may be gone then"
    return replace(item, finding=replace(item.finding, status="warning", fix=fix, detail=item.finding.fix))


def blockers_for_plan(run: Run, cases: Iterable[Case]) -> list[Blocker]:
    """
    Return what is in the way of the plan that all of *cases* have, beside what planning itself has found.

    Makes no call where the plan does nothing. What may not be read blocks nothing here: that the right to read it is
    missing shows among the operator's rights.
    """
    pairs = [(case, check) for case in cases for check in CHECKS if check.in_plan(case)]
    found = run.aws.in_parallel(lambda pair: _findings(run, *pair), pairs)
    return [
        Blocker(
            finding.address or f"{case.alias}/{check.id}", "doctor", finding.saw, finding.fix or "`lakeshare doctor`"
        )
        for (case, check), findings in zip(pairs, found, strict=True)
        for finding in findings
        if finding.status == "blocker"
    ]


def _findings(run: Run, case: Case, check: Check) -> list[Finding]:
    try:
        return list(check.judge(case, check.look(run, case)))
    except LakeshareError as error:
        saw = f"could not be looked at: {error.message}"
        return [Finding("warning", saw, error.hint or "run `lakeshare doctor` again", detail=error.operation)]
