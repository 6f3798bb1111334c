"""Terraform works on the sandbox as on AWS, and lakeshare works beside Terraform."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.functional.accounts import CONSUMER, DATABASE, OPERATOR, PRODUCER, READER, REGION, Accounts
from tests.oracles.programs import Lakeshare
from tests.oracles.terraform import Terraform

pytestmark = pytest.mark.oracle

TerraformMaker = Callable[..., Terraform]


def accept_contact_record(accounts: Accounts) -> None:
    """Share one table of Connect's lake with the consumer, and accept: no Terraform resource does either."""
    accounts.client("connect", PRODUCER).associate_analytics_data_set(
        InstanceId=accounts.instance, DataSetId="contact_record", TargetAccountId=CONSUMER
    )
    ram = accounts.client("ram")
    [invitation] = ram.get_resource_share_invitations()["resourceShareInvitations"]
    ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])


def test_terraform_makes_a_link_with_its_grants(accounts: Accounts, terraform_in: TerraformMaker) -> None:
    """Database, link, role and the pair of grants are made, planned again without a change, and destroyed."""
    accept_contact_record(accounts)
    before, grants = accounts.everything(), accounts.grants(catalog=accounts.lake_account)
    terraform = terraform_in("links", lake_account=accounts.lake_account)
    role = f"arn:aws:iam::{CONSUMER}:role/terraform-reader"

    terraform.apply()
    held = {row for row in accounts.grants() | accounts.grants(catalog=accounts.lake_account) if row[0] == role}
    terraform.assert_unchanged()
    terraform.destroy()

    assert held == {
        (role, "DESCRIBE", "terraform_links.contact_record_link"),
        (role, "SELECT", "connect_datalake.contact_record"),
    }
    after = accounts.everything()
    # Destroying the provider's settings resource empties them rather than putting back what it found.
    del before[CONSUMER]["settings"], after[CONSUMER]["settings"]
    assert after == before
    assert accounts.grants(catalog=accounts.lake_account) == grants


def test_lakeshare_works_beside_terraform(accounts: Accounts, terraform_in: TerraformMaker) -> None:
    """
    Sharing into a database and to a role of Terraform's changes neither, and Terraform never sees a difference.

    Its settings resource clears IAM's defaults, so that Lake Formation rules the database: the strict case.
    """
    names = {"operator": OPERATOR, "reader": READER, "database": DATABASE}
    terraform = terraform_in("beside", **names)
    readers = [{"role": READER}]
    own = {"account": "producer", "catalog": {"database": "connect_analytics_producer", "tables": "all"}}
    accounts.write(
        {
            "connect": accounts.share("contact_record", readers=readers),
            "own": accounts.share(readers=readers, **{"from": own}),
        }
    )
    lakeshare = Lakeshare(accounts.box.endpoint_url, accounts.folder)

    terraform.apply()
    before = accounts.everything()
    terraform.assert_unchanged()
    steps, reasons = lakeshare.plan()
    lakeshare("apply", "--auto-approve")
    terraform.assert_unchanged()
    lakeshare("destroy", "--auto-approve")
    terraform.assert_unchanged()

    planned = {address for _action, address in steps}
    assert {f"consumer/{REGION}/link:{DATABASE}.{table}_link" for table in ("contact_record", "surveys")} <= planned
    assert not [address for address in planned if address.startswith("consumer/global/")]
    assert reasons[f"consumer/{REGION}/database:{DATABASE}"] == "exists, not ours"
    assert accounts.everything() == before
