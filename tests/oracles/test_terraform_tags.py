"""Terraform keeps LF-tags: it makes, assigns and grants by them, finds nothing to change, and takes them away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.functional.accounts import PRODUCER, Accounts
from tests.oracles.terraform import Terraform

pytestmark = pytest.mark.oracle


def test_a_tagged_lake(accounts: Accounts, terraform_in: Callable[..., Terraform]) -> None:
    """What Terraform granted by tags is what its reader sees of the table, and destroying leaves no tag."""
    terraform = terraform_in("tags")

    terraform.apply()
    admin = {"aws_access_key_id": PRODUCER, "aws_secret_access_key": "x"}
    formation = accounts.client("lakeformation", **admin)
    role = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{PRODUCER}:role/tag-reader"}
    table = {"Table": {"DatabaseName": "tagged", "Name": "calls"}}
    rows = formation.list_permissions(Principal=role, Resource=table)["PrincipalResourcePermissions"]
    terraform.assert_unchanged()
    terraform.destroy()

    seen = [row["Resource"]["TableWithColumns"] for row in rows if "TableWithColumns" in row["Resource"]]
    assert [each["ColumnNames"] for each in seen] == [["queue"]]
    assert formation.list_lf_tags()["LFTags"] == []
