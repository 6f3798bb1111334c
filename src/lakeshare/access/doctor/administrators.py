"""Who administers Lake Formation in an account, and whether an entry is there that keeps everybody from changing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, TypeAlias

from lakeshare.access.doctor.edits import change_lake_settings, literal
from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.looking import Unread
from lakeshare.resources.administrators import administrators, settings_or_refusal
from lakeshare.resources.dead_administrators import is_alive
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place, Unreadable

MOST_ADMINISTRATORS: Final = 30
"""How many entries the list takes (documented: PutDataLakeSettings, DataLakeAdmins and ReadOnlyAdmins)."""

Life: TypeAlias = Literal["alive", "dead", "elsewhere"] | Unread


@dataclass(frozen=True, slots=True)
class Administrators:
    """The entries of the settings document, and of each that names a role or user whether there still is one."""

    full: tuple[str, ...]
    read_only: tuple[str, ...]
    lives: Mapping[str, Life]


def look(run: Run, case: Case) -> Administrators | Unread | None:
    """Read the settings, and look each administrator up; None where Lake Formation is left alone."""
    if not case.is_governed:
        return None
    settings = settings_or_refusal(run, case.place)
    if isinstance(settings, Unreadable):
        return Unread("lakeformation:GetDataLakeSettings", "refused")
    full, read_only = administrators(settings), _read_only(settings)
    names = list(dict.fromkeys([*full, *read_only]))
    lives = run.aws.in_parallel(partial(_life, run, case.place), names)
    return Administrators(tuple(full), tuple(read_only), dict(zip(names, lives, strict=True)))


def _read_only(settings: Mapping[str, Any]) -> list[str]:
    return [row["DataLakePrincipalIdentifier"] for row in settings.get("ReadOnlyAdmins", ())]


def _life(run: Run, place: Place, principal: str) -> Life:
    """Tell whether *principal* exists. Other accounts' and what is neither role nor user nobody can look up here."""
    alive = is_alive(run, place, principal)
    if alive is not None:
        return "alive" if alive else "dead"
    sort = principal.partition(f":iam::{place.account_id}:")[2].partition("/")[0]
    looks = {"role": "iam:GetRole", "user": "iam:GetUser"}
    return Unread(looks[sort], "refused") if sort in looks else "elsewhere"


def judge(case: Case, seen: Administrators | Unread | None) -> Iterator[Finding]:
    """Say whether the operator is among them, and which entries are of nobody any more."""
    if seen is None:
        return
    if isinstance(seen, Unread):
        yield Finding(
            "warning",
            "who administers Lake Formation could not be looked at: the operator may not call"
            " lakeformation:GetDataLakeSettings",
            f"allow it: `lakeshare policy --account {case.alias} --for apply` prints the policy that it needs",
        )
        return
    dead = [principal for principal, life in seen.lives.items() if life == "dead"]
    if dead:
        yield _dead(case, seen, dead)
    if full := _is_full(case, seen):
        yield full
    unknown = {principal: life for principal, life in seen.lives.items() if isinstance(life, Unread)}
    if unknown:
        yield _unknown(case, unknown)
    yield _operator(case, seen)


def _dead(case: Case, seen: Administrators, dead: list[str]) -> Finding:
    """One such entry makes every PutDataLakeSettings fail, and all of them must go in one call (documented)."""
    writes = case.plan is None or writes_settings(case)
    saw = (
        f"among {len(seen.full) + len(seen.read_only)} entries of administrators these are of nobody any more:"
        f" {_listed(dead)}; while one is there, Lake Formation refuses every change of its settings"
    )
    return Finding(
        "blocker" if writes else "warning",
        saw,
        f"take them out with the next change, if that is meant: `lakeshare apply {_removing(dead)}`; or by hand, all in"
        f" one call: {_without(case, dead)}",
        part="dead",
        address=f"{case.place}/settings:administrators",
    )


def _removing(dead: list[str]) -> str:
    return " ".join(f"--remove-administrator {principal}" for principal in dead)


def writes_settings(case: Case) -> bool:
    """Tell whether the plan changes Lake Formation's settings here."""
    return any(step.kind == "lake_settings" for step in case.steps)


def _without(case: Case, dead: list[str]) -> str:
    """Return the command that writes the settings back without *dead*; the document is replaced as a whole."""
    living = "((. // []) | map(select(.DataLakePrincipalIdentifier as $who | $dead | index($who) | not)))"
    program = f"{literal(dead)} as $dead | .DataLakeAdmins |= {living} | .ReadOnlyAdmins |= {living}"
    return change_lake_settings(case.place, program)


_LESS_ONE: Final = ".DataLakeAdmins |= map(select(.DataLakePrincipalIdentifier != env.ADMINISTRATOR))"


def _is_full(case: Case, seen: Administrators) -> Finding | None:
    if len(seen.full) < MOST_ADMINISTRATORS or case.operator in seen.full:
        return None
    return Finding(
        "blocker",
        f"all {MOST_ADMINISTRATORS} entries that the list of administrators takes are used, and the operator's is none",
        "take one out that is no longer needed, its ARN in ADMINISTRATOR:"
        f" {change_lake_settings(case.place, _LESS_ONE)}; those that there are: {_listed(seen.full)}",
        part="full",
        address=f"{case.place}/settings:administrators",
    )


def _unknown(case: Case, unknown: Mapping[str, Unread]) -> Finding:
    actions = sorted({life.action for life in unknown.values()})
    return Finding(
        "warning",
        f"whether {_listed(unknown)} still exist could not be looked at:"
        f" the operator may not call {', '.join(actions)}",
        f"allow it {', '.join(actions)}: `lakeshare policy --account {case.alias} --for doctor` prints all that doctor"
        " reads",
        part="unknown",
    )


def _operator(case: Case, seen: Administrators) -> Finding:
    if case.operator in seen.full:
        return Finding("ok", "the operator is a Lake Formation administrator", detail=_among(seen))
    how = "only a read-only administrator" if case.operator in seen.read_only else "no Lake Formation administrator"
    return Finding("ok", f"the operator is {how} yet; `lakeshare apply` makes it one", detail=_among(seen))


def _among(seen: Administrators) -> str:
    return f"administrators: {_listed(seen.full)}" if seen.full else "there is no administrator yet"


def _listed(principals: Iterable[str]) -> str:
    return ", ".join(principals)


CHECK: Final = Check(
    id="administrators",
    title="Lake Formation administrators",
    look=look,
    judge=judge,
    reads=("iam:GetRole", "iam:GetUser", "lakeformation:GetDataLakeSettings"),
)
