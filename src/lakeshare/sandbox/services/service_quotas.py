"""
Service Quotas, for the services that a shared lake meets; what it says of others is moto's.

The figures are the defaults that AWS documents for Glue, IAM, Lake Formation and RAM. Of most of them only the figure
is documented where we could look: the names are inferred, and so are the codes but for those of Lake Formation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from lakeshare.sandbox.calls import Call, MotosError, Operations
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.world import World

KNOWN = rule(
    "servicequotas.quota.known",
    "A quota is asked for by a code that its service has.",
    tag="documented",
    source="https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html",
)


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota of a service, as every account begins with it."""

    name: str
    value: float
    is_adjustable: bool = True
    given_code: str = ""

    @property
    def code(self) -> str:
        """Its code, ``L-`` and eight digits."""
        return self.given_code or f"L-{sha256(self.name.encode()).hexdigest()[:8].upper()}"


_SERVICES: Final[Mapping[str, tuple[str, Sequence[Quota]]]] = {
    "glue": (
        "AWS Glue",
        (
            Quota("Max databases per account", 10_000),
            Quota("Max tables per account", 1_000_000),
            Quota("Max tables per database", 200_000),
            Quota("Max table versions per table", 100_000),
        ),
    ),
    "iam": (
        "AWS Identity and Access Management (IAM)",
        (
            Quota("Roles per account", 1_000),
            Quota("Role trust policy length", 2_048),
            Quota("Managed policies per role", 10),
        ),
    ),
    "lakeformation": (
        "AWS Lake Formation",
        (
            Quota("Number of data lake administrators", 30, given_code="L-3E3798DF"),
            Quota("Number of LF-tags", 1_000, given_code="L-F165AF61"),
            Quota("Number of registered paths", 10_000, given_code="L-B0A837CA"),
        ),
    ),
    "ram": ("AWS Resource Access Manager", (Quota("Resource shares per account", 5_000),)),
}


class AppliedQuotas:
    """What was raised, by account, service and code."""

    def __init__(self, _world: World) -> None:
        self._raised: dict[tuple[str, str, str], float] = {}

    def apply(self, account: str, service: str, name: str, value: float) -> None:
        """Let *account* have *value* of what the quota called *name* counts."""
        code = next(quota.code for quota in _SERVICES[service][1] if quota.name == name)
        self._raised[account, service, code] = value

    def value(self, account: str, service: str, quota: Quota) -> float:
        """Return what *account* may have."""
        return self._raised.get((account, service, quota.code), quota.value)


def list_service_quotas(call: Call) -> Mapping[str, Any]:
    """Answer ListServiceQuotas."""
    return {"Quotas": list(_rows(call))}


def get_service_quota(call: Call) -> Mapping[str, Any]:
    """Answer GetServiceQuota."""
    found = next((row for row in _rows(call) if row["QuotaCode"] == call.params["QuotaCode"]), None)
    if found is None:
        raise KNOWN.refuse("NoSuchResourceException", "The request failed because the specified quota does not exist.")
    return {"Quota": found}


def _rows(call: Call) -> Iterator[dict[str, Any]]:
    service = call.params["ServiceCode"]
    if service not in _SERVICES:
        raise MotosError
    title, quotas = _SERVICES[service]
    applied = call.world.store(AppliedQuotas)
    for quota in quotas:
        yield {
            "ServiceCode": service,
            "ServiceName": title,
            "QuotaArn": f"arn:aws:servicequotas:{call.region}:{call.caller.account}:{service}/{quota.code}",
            "QuotaCode": quota.code,
            "QuotaName": quota.name,
            "Value": applied.value(call.caller.account, service, quota),
            "Unit": "None",
            "Adjustable": quota.is_adjustable,
            "GlobalQuota": service == "iam",
        }


OPERATIONS: Final[Operations] = {
    "GetServiceQuota": get_service_quota,
    "ListServiceQuotas": list_service_quotas,
}
