"""Revocations, and batches of grants and revocations."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.switches import Switches
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, READER, as_role, refused
from tests.sandbox.ruled import DATABASE, TABLE, Lake, on_columns, ruled_lake


@pytest.fixture
def lake(client: ClientMaker) -> Lake:
    """The consumer's lake."""
    return ruled_lake(client)


class TestRevoking:
    def test_revoking_takes_what_was_named(self, lake: Lake) -> None:
        """Revoking subtracts."""
        lake.grant(READER, TABLE, "DESCRIBE", "INSERT", "SELECT")

        lake.revoke(READER, TABLE, "INSERT", "SELECT")

        assert [permissions for _, permissions, _ in lake.held(READER)] == [["DESCRIBE"]]

    @pytest.mark.parametrize(("position", "left"), [("apart", [["id"]]), ("together", [])])
    def test_columns_stay_or_go_with_the_whole_table(
        self, box: Sandbox, lake: Lake, position: str, left: list[list[str]]
    ) -> None:
        """SELECT on a column stays when SELECT on the table is revoked, unless the switch says that it goes along."""
        box.world.store(Switches).positions = {"lakeformation.revoke-whole-table": position}
        lake.grant(READER, TABLE, "SELECT")
        lake.grant(READER, on_columns("id"), "SELECT")

        lake.revoke(READER, TABLE, "SELECT")

        assert [resource["TableWithColumns"]["ColumnNames"] for resource, _, _ in lake.held(READER)] == left

    def test_revoking_what_is_not_held_is_refused(self, lake: Lake) -> None:
        """Nothing to revoke is an invalid input, whether the grantee holds nothing or something else."""
        with refused("InvalidInputException", "Grantee has no permissions and no grantable permissions on resource"):
            lake.revoke(READER, TABLE, "SELECT")
        lake.grant(READER, TABLE, "DESCRIBE")
        with refused("InvalidInputException", r"No permissions revoked. Grantee does not does not have:\[SELECT\]"):
            lake.revoke(READER, TABLE, "SELECT")

    def test_what_the_group_does_not_hold_is_not_revoked_in_the_words_that_were_seen(self, lake: Lake) -> None:
        """A batch that takes Super from IAMAllowedPrincipals, which has it not, fails as one did on a real account."""
        entry = {"Id": "1", "Resource": TABLE, "Permissions": ["ALL"]}
        group = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}

        (failure,) = lake.client.batch_revoke_permissions(Entries=[{**entry, "Principal": group}])["Failures"]

        message = "No permissions revoked. Grantee does not does not have:[ALL]"
        assert failure["Error"] == {"ErrorCode": "InvalidInputException", "ErrorMessage": message}

    def test_rights_that_nobody_granted_are_not_revoked(self, lake: Lake) -> None:
        """A maker's implicit rights stay."""
        with refused("InvalidInputException", "No permissions revoked"):
            lake.revoke(f"arn:aws:iam::{CONSUMER}:role/maker", TABLE, "ALL")

    def test_super_leaves_what_was_granted_beside_it(self, lake: Lake) -> None:
        """ALL coexists with single permissions and goes alone."""
        lake.grant(READER, TABLE, "SELECT")
        lake.grant(READER, TABLE, "ALL")

        lake.revoke(READER, TABLE, "ALL")

        assert [permissions for _, permissions, _ in lake.held(READER)] == [["SELECT"]]

    def test_columns_go_one_by_one(self, lake: Lake) -> None:
        """Revoking some columns leaves the others."""
        lake.grant(READER, on_columns("id", "amount"), "SELECT")

        lake.revoke(READER, on_columns("id"), "SELECT")

        ((resource, _, _),) = lake.held(READER)
        assert resource["TableWithColumns"]["ColumnNames"] == ["amount"]

    def test_the_grant_option_goes_alone(self, lake: Lake) -> None:
        """Revoking the grant option of a permission leaves the permission."""
        lake.grant(READER, TABLE, "DESCRIBE", "INSERT", options=("DESCRIBE",))

        lake.revoke(READER, TABLE, "INSERT", options=("DESCRIBE",))

        ((_, permissions, options),) = lake.held(READER)
        assert (permissions, options) == (["DESCRIBE"], [])

    def test_what_a_deleted_role_held_can_be_revoked(self, lake: Lake, client: ClientMaker) -> None:
        """A principal that is gone is still a grantee."""
        as_role(client, "glue", "gone")
        gone = f"arn:aws:iam::{CONSUMER}:role/gone"
        lake.grant(gone, TABLE, "DESCRIBE")
        client("iam", CONSUMER).delete_role_policy(RoleName="gone", PolicyName="everything")
        client("iam", CONSUMER).delete_role(RoleName="gone")

        lake.revoke(gone, TABLE, "DESCRIBE")

        assert lake.held(gone) == []


class TestBatches:
    @staticmethod
    def entries(*resources: dict[str, Any], permission: str = "DESCRIBE") -> list[dict[str, Any]]:
        """Make an entry for each resource, with its number as its Id."""
        return [
            {
                "Id": str(number),
                "Principal": {"DataLakePrincipalIdentifier": READER},
                "Resource": resource,
                "Permissions": [permission],
                "PermissionsWithGrantOption": [permission],
            }
            for number, resource in enumerate(resources)
        ]

    @pytest.mark.refuses("lakeformation.grant.exists")
    @pytest.mark.allows("lakeformation.grant.exists")
    def test_a_batch_does_what_it_can_and_names_the_rest(self, lake: Lake) -> None:
        """The answer is a success whose Failures carry the entry and the reason."""
        nothing = {"Table": {"DatabaseName": "ruled", "Name": "nothing"}}

        answer = lake.client.batch_grant_permissions(Entries=self.entries(TABLE, nothing, DATABASE))

        ((failure),) = answer["Failures"]
        assert failure["RequestEntry"]["Id"] == "1"
        assert failure["Error"]["ErrorCode"] == "EntityNotFoundException"
        assert [options for _, _, options in lake.held(READER)] == [["DESCRIBE"], ["DESCRIBE"]]

    @pytest.mark.refuses("lakeformation.revoke.something-held")
    @pytest.mark.allows("lakeformation.revoke.something-held")
    def test_a_batch_of_revocations_fails_by_entry(self, lake: Lake) -> None:
        """What was not held is a failure of its entry."""
        lake.grant(READER, TABLE, "DESCRIBE")

        answer = lake.client.batch_revoke_permissions(Entries=self.entries(TABLE, DATABASE))

        ((failure),) = answer["Failures"]
        assert failure["RequestEntry"]["Id"] == "1"
        assert "No permissions revoked" in failure["Error"]["ErrorMessage"]
        assert lake.held(READER) == []

    @pytest.mark.refuses("lakeformation.batch.size")
    @pytest.mark.allows("lakeformation.batch.size")
    def test_twenty_entries_are_the_most(self, lake: Lake) -> None:
        """A batch of 21 is refused as a whole."""
        lake.client.batch_grant_permissions(Entries=self.entries(*[TABLE] * 20))

        with refused("InvalidInputException", "at most 20"):
            lake.client.batch_grant_permissions(Entries=self.entries(*[TABLE] * 21))

    def test_each_entry_has_an_id_of_its_own(self, lake: Lake) -> None:
        """Two entries of one Id are refused."""
        entries = self.entries(TABLE, DATABASE)

        with refused("InvalidInputException", "unique Id"):
            lake.client.batch_grant_permissions(Entries=[{**entry, "Id": "same"} for entry in entries])
