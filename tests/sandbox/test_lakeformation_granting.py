"""Grants: on what, of what, to whom and by whom."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, READER, Story, as_role, refused
from tests.sandbox.ruled import DATABASE, TABLE, Lake, on_columns, ruled_lake


@pytest.fixture
def lake(client: ClientMaker) -> Lake:
    """The consumer's lake."""
    return ruled_lake(client)


class TestGranting:
    @pytest.mark.allows("lakeformation.resource.exactly-one", "lakeformation.resource.name-or-wildcard")
    @pytest.mark.parametrize(
        ("resource", "permission"),
        [
            ({"Catalog": {}}, "CREATE_DATABASE"),
            (DATABASE, "ALL"),
            (DATABASE, "CREATE_TABLE"),
            (DATABASE, "DESCRIBE"),
            (TABLE, "ALL"),
            (TABLE, "SELECT"),
            (TABLE, "INSERT"),
            ({"Table": {"DatabaseName": "ruled", "TableWildcard": {}}}, "DELETE"),
            (on_columns("id"), "SELECT"),
            (on_columns(excluded=("id",)), "SELECT"),
            ({"Table": {"DatabaseName": "ruled", "Name": "link"}}, "DESCRIBE"),
            ({"Table": {"DatabaseName": "ruled", "Name": "link"}}, "DROP"),
            ({"Database": {"Name": "ruled_link"}}, "DESCRIBE"),
            ({"DataLocation": {"ResourceArn": "arn:aws:s3:::sales"}}, "DATA_LOCATION_ACCESS"),
        ],
    )
    def test_a_permission_that_fits_is_granted(self, lake: Lake, resource: dict[str, Any], permission: str) -> None:
        """The documented pairs of permission and resource are taken."""
        lake.client.register_resource(ResourceArn="arn:aws:s3:::sales", RoleArn=READER)
        lake.grant(READER, resource, permission)

        assert any(permission in permissions for _, permissions, _ in lake.held(READER))

    @pytest.mark.parametrize(
        ("resource", "permission"),
        [
            ({"Catalog": {}}, "SELECT"),
            (DATABASE, "SELECT"),
            (DATABASE, "INSERT"),
            (TABLE, "CREATE_TABLE"),
            (TABLE, "CREATE_DATABASE"),
            (on_columns("id"), "DESCRIBE"),
            ({"Table": {"DatabaseName": "ruled", "Name": "link"}}, "SELECT"),
            ({"Table": {"DatabaseName": "ruled", "Name": "link"}}, "ALL"),
            ({"Database": {"Name": "ruled_link"}}, "CREATE_TABLE"),
            ({"TableWithColumns": {"DatabaseName": "ruled", "Name": "link", "ColumnWildcard": {}}}, "SELECT"),
            ({"DataLocation": {"ResourceArn": "arn:aws:s3:::sales"}}, "SELECT"),
        ],
    )
    def test_a_permission_that_does_not_fit_is_refused(
        self, lake: Lake, resource: dict[str, Any], permission: str
    ) -> None:
        """Every other pair is an invalid input."""
        with refused("InvalidInputException", "cannot be granted"):
            lake.grant(READER, resource, permission)

    def test_granting_again_changes_nothing(self, lake: Lake) -> None:
        """A repeated grant succeeds, and never takes the grant option away."""
        lake.grant(READER, TABLE, "DESCRIBE", options=("DESCRIBE",))

        lake.grant(READER, TABLE, "DESCRIBE")

        ((_, permissions, options),) = lake.held(READER)
        assert (permissions, options) == (["DESCRIBE"], ["DESCRIBE"])

    @pytest.mark.refuses("lakeformation.grant.option-subset")
    def test_the_grant_option_is_for_what_is_granted(self, lake: Lake) -> None:
        """PermissionsWithGrantOption is a subset of Permissions."""
        with refused("InvalidInputException", "subset"):
            lake.grant(READER, TABLE, "DESCRIBE", options=("SELECT",))

    @pytest.mark.parametrize("principal", [f"arn:aws:iam::{CONSUMER}:role/nobody", "nonsense", "arn:aws:s3:::bucket"])
    def test_a_principal_that_is_none_is_refused(self, lake: Lake, principal: str) -> None:
        """A role that does not exist, or what is no principal at all."""
        with refused("InvalidInputException", f"Invalid principal, arn: {principal}"):
            lake.grant(principal, TABLE, "DESCRIBE")

    @pytest.mark.refuses("lakeformation.principal.known")
    @pytest.mark.allows("lakeformation.principal.known")
    def test_a_new_role_is_a_stranger_for_a_while(self, lake: Lake, client: ClientMaker, box: Sandbox) -> None:
        """With iam_s set a role becomes a principal that long after it was made."""
        Story(box, client).set_delays(iam_s=20)
        box.clock.advance(60)
        as_role(client, "glue", "new")

        with refused("InvalidInputException", "Invalid principal"):
            lake.grant(f"arn:aws:iam::{CONSUMER}:role/new", TABLE, "DESCRIBE")
        box.clock.advance(21)
        lake.grant(f"arn:aws:iam::{CONSUMER}:role/new", TABLE, "DESCRIBE")

    def test_the_object_must_exist(self, lake: Lake) -> None:
        """An administrator is told that its catalog has no such thing."""
        with refused("EntityNotFoundException"):
            lake.grant(READER, {"Table": {"DatabaseName": "ruled", "Name": "nothing"}}, "DESCRIBE")
        with refused("EntityNotFoundException"):
            lake.grant(READER, {"Database": {"Name": "nowhere"}}, "DESCRIBE")

    @pytest.mark.refuses("lakeformation.grant.columns-exist")
    def test_columns_must_exist(self, lake: Lake) -> None:
        """A column that the table does not have is refused, in a grant, among exceptions, and in a revocation."""
        words = "Unsupported modification: cannot grant/revoke permission on non-existent column."
        with refused("InvalidInputException", words):
            lake.grant(READER, on_columns("id", "colour"), "SELECT")
        with refused("InvalidInputException", words):
            lake.grant(READER, on_columns(excluded=("colour",)), "SELECT")
        with refused("InvalidInputException", words):
            lake.revoke(READER, on_columns("colour"), "SELECT")

    @pytest.mark.refuses("lakeformation.grant.columns-and-table")
    @pytest.mark.allows("lakeformation.grant.columns-and-table", "lakeformation.grant.columns-exist")
    def test_some_columns_do_not_go_with_the_whole_table(self, lake: Lake) -> None:
        """Who holds SELECT on some columns holds nothing but SELECT on that table, and the other way round."""
        lake.grant(READER, on_columns("id"), "SELECT")

        with refused("InvalidInputException", "combined"):
            lake.grant(READER, TABLE, "DESCRIBE")
        lake.grant(f"arn:aws:iam::{CONSUMER}:role/maker", TABLE, "DESCRIBE")
        with refused("InvalidInputException", "combined"):
            lake.grant(f"arn:aws:iam::{CONSUMER}:role/maker", on_columns("id"), "SELECT")

    def test_a_stranger_grants_nothing_and_learns_nothing(self, lake: Lake, client: ClientMaker) -> None:
        """Who is neither administrator nor holder of the grant option is refused alike for what is and what is not."""
        stranger = Lake(as_role(client, "lakeformation", "stranger"))

        for name in ("t", "nothing"):
            with refused("AccessDeniedException", "Resource does not exist or requester is not authorized"):
                stranger.grant(READER, {"Table": {"DatabaseName": "ruled", "Name": name}}, "DESCRIBE")

    @pytest.mark.refuses("lakeformation.grant.authorised")
    @pytest.mark.allows("lakeformation.grant.authorised", "lakeformation.grant.option-subset")
    def test_a_holder_of_the_grant_option_passes_on_what_it_holds(self, lake: Lake, client: ClientMaker) -> None:
        """The grant option covers the permissions it came with, and no others."""
        passer = Lake(as_role(client, "lakeformation", "passer"))
        lake.grant(f"arn:aws:iam::{CONSUMER}:role/passer", TABLE, "SELECT", "DESCRIBE", options=("SELECT",))

        passer.grant(READER, TABLE, "SELECT")
        passer.grant(READER, on_columns("id"), "SELECT")
        with refused("AccessDeniedException"):
            passer.grant(READER, TABLE, "DESCRIBE")

    def test_the_maker_of_a_table_grants_on_it(self, lake: Lake, client: ClientMaker) -> None:
        """Who made a table has all permissions on it with the grant option, without a grant."""
        maker = Lake(as_role(client, "lakeformation", "maker"))

        maker.grant(READER, TABLE, "SELECT")

        assert lake.held(READER)

    @pytest.mark.refuses("lakeformation.resource.exactly-one", "lakeformation.resource.name-or-wildcard")
    def test_a_resource_names_one_thing(self, lake: Lake) -> None:
        """Two members, none, a Table without a name, or columns of all tables are refused."""
        for resource in ({**TABLE, **DATABASE}, {}, {"Table": {"DatabaseName": "ruled"}}):
            with refused("InvalidInputException"):
                lake.grant(READER, resource, "DESCRIBE")
        for which in ({"ColumnNames": ["id"]}, {"ColumnWildcard": {"ExcludedColumnNames": ["id"]}}):
            with refused("InvalidInputException"):
                every = {"DatabaseName": "ruled", "Name": "ALL_TABLES", **which}
                lake.grant(READER, {"TableWithColumns": every}, "SELECT")

    @pytest.mark.refuses("lakeformation.resource.in-sandbox")
    @pytest.mark.allows("lakeformation.resource.in-sandbox")
    def test_what_the_sandbox_does_not_have_is_refused_by_name(self, lake: Lake) -> None:
        """A resource of a kind that is not in the sandbox is refused, and the refusal says which."""
        lake.grant(READER, TABLE, "DESCRIBE")

        with refused("InvalidInputException", "RLSPolicy is not supported by this sandbox"):
            lake.grant(READER, {"RLSPolicy": {"Name": "a"}}, "DESCRIBE")
