"""How much of a quota is used, and what there is to say of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lakeshare.access.doctor.edits import change_trust
from lakeshare.access.doctor.figures import FIGURES
from lakeshare.access.doctor.finding import Case, Finding
from lakeshare.access.doctor.looking import Unread, not_seen

WARN_FROM: Final = 0.8
"""The part of a quota from which on it is told."""


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a quota, the *part* in `FIGURES`, is *used*, and how much the plan adds; *of* names a role, say."""

    part: str
    used: int
    added: int = 0
    of: str = ""

    @property
    def total(self) -> int:
        """What it comes to."""
        return self.used + self.added


@dataclass(frozen=True, slots=True)
class Uses:
    """What is used, what AWS itself tells of quotas by part, and what could not be counted."""

    uses: tuple[Use, ...]
    told: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, Unread] = field(default_factory=dict)


def judge(case: Case, seen: Uses) -> Iterator[Finding]:
    """Block above a quota, warn from four fifths of it on, and say in one line what is far from it."""
    far = []
    for use in seen.uses:
        most = seen.told.get(use.part, FIGURES[use.part].most)
        if use.total > most or use.total >= WARN_FROM * most:
            yield _near(case, use, most, is_told=use.part in seen.told)
        else:
            far.append(f"{_named(use)}: {use.total:,} of {most:,}")
    for part, missing in seen.unread.items():
        yield not_seen(case, f"how many {FIGURES[part].what} there are", missing, part=part)
    if far:
        yield Finding(
            "ok", "all others are far away" if len(far) < len(seen.uses) else "all are far away", detail="; ".join(far)
        )


def _named(use: Use) -> str:
    return f"{FIGURES[use.part].what}{f' ({use.of})' if use.of else ''}"


def _near(case: Case, use: Use, most: int, *, is_told: bool) -> Finding:
    source = "AWS says so itself" if is_told else FIGURES[use.part].source
    is_above = use.total > most
    adds = f", and the plan adds {use.added:,}" if use.added else ""
    return Finding(
        "blocker" if is_above else "warning",
        f"{_named(use)}: {use.used:,} of {most:,} are used{adds}{', which is too many' if is_above else ''}",
        _way_out(case, use),
        detail=f"how we know the quota: {source}",
        part=use.part,
        address=f"{case.place}/quota:{use.part}{f'/{use.of}' if use.of else ''}",
    )


def _way_out(case: Case, use: Use) -> str:
    region = case.place.region
    match use.part:
        case "inline-policies":
            return (
                f"take out, or put into managed policies, what role {use.of} no longer needs inline:"
                f" `aws iam list-role-policies --role-name {use.of}` lists them, and `aws iam delete-role-policy"
                f" --role-name {use.of} --policy-name NAME` takes one out; this quota cannot be raised"
            )
        case "trust-policy":
            return (
                f"take a statement out of the trust of role {use.of} that nobody needs, its number, counted from 0, in"
                f" STATEMENT: {change_trust(use.of, 'del(.Statement[env.STATEMENT | tonumber])')}; or have it"
                " raised, to 4,096: `aws service-quotas list-service-quotas --service-code iam --region us-east-1`"
            )
        case "administrators":
            return "take out who is no longer needed: `aws lakeformation get-data-lake-settings` lists them"
        case "catalog-policy":
            return f"shorten it: `aws glue get-resource-policy --region {region}`"
        case "roles":
            return (
                "delete roles that nobody needs, or have the quota raised: `aws service-quotas list-service-quotas"
                " --service-code iam --region us-east-1`"
            )
        case _:
            service = FIGURES[use.part].service
            return (
                f"have it raised: `aws service-quotas list-service-quotas --service-code {service} --region {region}`"
                " tells its code, and with that in CODE, and what is needed in VALUE, `aws service-quotas"
                f' request-service-quota-increase --service-code {service} --region {region} --quota-code "$CODE"'
                ' --desired-value "$VALUE"` asks for more'
            )
