"""Service Quotas for what a shared lake meets."""

from __future__ import annotations

import pytest

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.services.service_quotas import AppliedQuotas
from tests.sandbox.conftest import ACCOUNT, ClientMaker
from tests.sandbox.lakes import refused


@pytest.mark.allows("servicequotas.quota.known")
def test_a_quota_is_listed_and_got_by_its_code(client: ClientMaker) -> None:
    """Both tell the same, with the account and Region in its ARN."""
    quotas = client("service-quotas")

    listed = {row["QuotaCode"]: row for row in quotas.list_service_quotas(ServiceCode="lakeformation")["Quotas"]}
    got = quotas.get_service_quota(ServiceCode="lakeformation", QuotaCode="L-F165AF61")["Quota"]

    assert got == listed["L-F165AF61"]
    assert got["Value"] == 1_000
    assert got["QuotaArn"] == f"arn:aws:servicequotas:ap-southeast-2:{ACCOUNT}:lakeformation/L-F165AF61"


@pytest.mark.refuses("servicequotas.quota.known")
def test_a_quota_that_there_is_not_is_refused(client: ClientMaker) -> None:
    """By the error that the service model declares."""
    with refused("NoSuchResourceException"):
        client("service-quotas").get_service_quota(ServiceCode="glue", QuotaCode="L-00000000")


def test_a_raised_quota_is_one_accounts_own(client: ClientMaker, box: Sandbox) -> None:
    """Another account has the default still."""
    box.world.store(AppliedQuotas).apply(ACCOUNT, "ram", "Resource shares per account", 7_000)

    values = [
        client("service-quotas", account).list_service_quotas(ServiceCode="ram")["Quotas"][0]["Value"]
        for account in (ACCOUNT, "222222222222")
    ]

    assert values == [7_000, 5_000]


def test_other_services_are_motos(client: ClientMaker) -> None:
    """What moto knows of a service that is none of a lake's it answers."""
    quotas = client("service-quotas", region="us-east-1")

    got = quotas.get_service_quota(ServiceCode="vpc", QuotaCode="L-F678F1CE")["Quota"]

    assert got["QuotaName"] == "VPCs per Region"


def test_iam_knows_the_user_that_every_account_is_born_with(client: ClientMaker) -> None:
    """GetUser answers for it, and for users that were made; nobody else is there."""
    iam = client("iam")
    iam.create_user(UserName="ann")

    born, made = (iam.get_user(UserName=name)["User"]["Arn"] for name in ("administrator", "ann"))

    assert born == f"arn:aws:iam::{ACCOUNT}:user/administrator"
    assert made == f"arn:aws:iam::{ACCOUNT}:user/ann"
    with refused("NoSuchEntity"):
        iam.get_user(UserName="bob")
