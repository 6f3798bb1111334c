"""Lake Formation: settings, grants and revocations, who may make them, and how they list."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import (
    ADMIN,
    CONSUMER,
    LINK,
    LINKS,
    OWNER,
    PRODUCER,
    READER,
    TARGET,
    Story,
    as_role,
    refused,
)

GROUP = "IAM_ALLOWED_PRINCIPALS"
LEFT_TO_IAM = [{"Principal": {"DataLakePrincipalIdentifier": GROUP}, "Permissions": ["ALL"]}]
TABLE = {"Table": {"DatabaseName": "ruled", "Name": "t"}}
DATABASE = {"Database": {"Name": "ruled"}}
COLUMNS = [{"Name": "id", "Type": "string"}, {"Name": "amount", "Type": "bigint"}, {"Name": "note", "Type": "string"}]


def on_columns(*names: str, excluded: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Name some columns of the table, or all but the excluded ones."""
    which = {"ColumnNames": list(names)} if excluded is None else {"ColumnWildcard": {"ExcludedColumnNames": excluded}}
    return {"TableWithColumns": {"DatabaseName": "ruled", "Name": "t", **which}}


class Lake:
    """One account's Lake Formation, with short words for its calls."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def put(self, *admins: str, **settings: Any) -> None:
        """Replace the settings."""
        entries = [{"DataLakePrincipalIdentifier": admin} for admin in admins]
        self.client.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": entries, **settings})

    def grant(self, to: str, resource: dict[str, Any], *permissions: str, options: tuple[str, ...] = ()) -> None:
        """Grant."""
        self.client.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": to},
            Resource=resource,
            Permissions=list(permissions),
            PermissionsWithGrantOption=list(options),
        )

    def revoke(self, of: str, resource: dict[str, Any], *permissions: str, options: tuple[str, ...] = ()) -> None:
        """Revoke."""
        self.client.revoke_permissions(
            Principal={"DataLakePrincipalIdentifier": of},
            Resource=resource,
            Permissions=list(permissions),
            PermissionsWithGrantOption=list(options),
        )

    def rows(self, **filters: Any) -> list[dict[str, Any]]:
        """List everything that the filters let through."""
        found: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            answer = self.client.list_permissions(**filters, **token)
            found += answer["PrincipalResourcePermissions"]
            if "NextToken" not in answer:
                return found
            token = {"NextToken": answer["NextToken"]}

    def held(self, principal: str, **filters: Any) -> list[tuple[dict[str, Any], list[str], list[str]]]:
        """List what one principal holds, chosen on this side: resource, permissions, those with the grant option."""
        return [
            (row["Resource"], row["Permissions"], row["PermissionsWithGrantOption"])
            for row in self.rows(**filters)
            if row["Principal"]["DataLakePrincipalIdentifier"] == principal
        ]


@pytest.fixture
def lake(client: ClientMaker) -> Lake:
    """The consumer's lake: an administrator, a role ``reader``, and a table ``ruled.t`` that Lake Formation rules."""
    lake = Lake(client("lakeformation", CONSUMER))
    lake.put(ADMIN)
    as_role(client, "glue", "reader")
    glue = as_role(client, "glue", "maker")
    glue.create_database(DatabaseInput={"Name": "ruled", "CreateTableDefaultPermissions": []})
    storage = {"Columns": COLUMNS, "Location": "s3://sales/t/"}
    glue.create_table(DatabaseName="ruled", TableInput={"Name": "t", "StorageDescriptor": storage})
    target = {"CatalogId": PRODUCER, "DatabaseName": "d", "Name": "t"}
    glue.create_table(DatabaseName="ruled", TableInput={"Name": "link", "TargetTable": target})
    glue.create_database(
        DatabaseInput={"Name": "ruled_link", "TargetDatabase": {"CatalogId": CONSUMER, "DatabaseName": "ruled"}}
    )
    return lake


class TestSettings:
    def test_a_fresh_account_has_no_administrators_and_leaves_all_to_iam(self, client: ClientMaker) -> None:
        """An account that has set nothing: no administrators, IAM's defaults, cross-account version 1."""
        settings = client("lakeformation").get_data_lake_settings()["DataLakeSettings"]

        assert settings["DataLakeAdmins"] == []
        assert settings["CreateDatabaseDefaultPermissions"] == settings["CreateTableDefaultPermissions"] == LEFT_TO_IAM
        assert settings["Parameters"] == {"CROSS_ACCOUNT_VERSION": "1", "SET_CONTEXT": "TRUE"}

    def test_a_put_replaces_the_whole(self, lake: Lake) -> None:
        """What a Put leaves out is gone."""
        lake.put(ADMIN, ReadOnlyAdmins=[{"DataLakePrincipalIdentifier": READER}])

        lake.put(READER)

        settings = lake.client.get_data_lake_settings()["DataLakeSettings"]
        assert settings["DataLakeAdmins"] == [{"DataLakePrincipalIdentifier": READER}]
        assert settings["ReadOnlyAdmins"] == []
        assert settings["CreateTableDefaultPermissions"] == []

    def test_one_dead_administrator_fails_the_whole_put(self, lake: Lake, client: ClientMaker) -> None:
        """A deleted role among the administrators is an invalid principal, whoever else is on the list."""
        as_role(client, "glue", "dead")
        dead = f"arn:aws:iam::{CONSUMER}:role/dead"
        lake.put(ADMIN, dead)
        client("iam", CONSUMER).delete_role_policy(RoleName="dead", PolicyName="everything")
        client("iam", CONSUMER).delete_role(RoleName="dead")

        with refused("InvalidInputException", f"Invalid principal, arn: {dead}"):
            lake.put(ADMIN, dead, READER)
        lake.put(ADMIN, READER)

    @pytest.mark.refuses("lakeformation.settings.admins")
    @pytest.mark.allows("lakeformation.settings.admins")
    @pytest.mark.parametrize(
        "principal", [f"arn:aws:sts::{CONSUMER}:assumed-role/reader/session", CONSUMER, "nonsense", GROUP]
    )
    def test_an_administrator_is_a_role_or_a_user(self, lake: Lake, principal: str) -> None:
        """A session, an account, a group or nonsense is no administrator."""
        with refused("InvalidInputException", "Invalid principal"):
            lake.put(ADMIN, principal)

    @pytest.mark.refuses("front.parameters.modelled")
    @pytest.mark.allows("front.parameters.modelled")
    def test_thirty_administrators_are_the_most(self, lake: Lake) -> None:
        """The list of administrators has at most 30 entries."""
        with refused("InvalidInputException"):
            lake.put(*[ADMIN] * 31)

    @pytest.mark.refuses("lakeformation.settings.defaults")
    @pytest.mark.allows("lakeformation.settings.defaults")
    def test_defaults_are_nothing_or_iam(self, lake: Lake) -> None:
        """Default permissions are empty or ALL to the IAM group."""
        with refused("InvalidInputException", "Default permissions"):
            lake.put(
                CreateTableDefaultPermissions=[
                    {"Principal": {"DataLakePrincipalIdentifier": READER}, "Permissions": ["SELECT"]}
                ]
            )

    @pytest.mark.refuses("lakeformation.settings.parameters")
    @pytest.mark.allows("lakeformation.settings.parameters")
    def test_parameters_have_known_keys(self, lake: Lake) -> None:
        """An unknown key of Parameters is named in the refusal."""
        with refused("InvalidInputException", r"Valid Parameters Keys are: .*but found: \[CrossAccountVersion\]"):
            lake.put(Parameters={"CrossAccountVersion": "3"})

    @pytest.mark.refuses("lakeformation.settings.version-5-stays")
    @pytest.mark.allows("lakeformation.settings.version-5-stays")
    def test_there_is_no_way_back_from_version_five(self, lake: Lake) -> None:
        """CROSS_ACCOUNT_VERSION 5 stays, and leaving it out is a way back too."""
        lake.put(ADMIN, Parameters={"CROSS_ACCOUNT_VERSION": "5"})

        with refused("InvalidInputException", "CROSS_ACCOUNT_VERSION cannot be changed"):
            lake.put(ADMIN, Parameters={"CROSS_ACCOUNT_VERSION": "4"})
        with refused("InvalidInputException", "CROSS_ACCOUNT_VERSION cannot be changed"):
            lake.put(ADMIN)

    @pytest.mark.refuses("lakeformation.settings.own-account")
    @pytest.mark.allows("lakeformation.settings.own-account")
    def test_other_accounts_settings_are_theirs(self, lake: Lake) -> None:
        """CatalogId of another account is refused."""
        with refused("AccessDeniedException"):
            lake.client.put_data_lake_settings(CatalogId=PRODUCER, DataLakeSettings={})


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
        """A column that the table does not have is named."""
        with refused("InvalidInputException", "non-existent column: colour"):
            lake.grant(READER, on_columns("id", "colour"), "SELECT")

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
        """Two members, none, or a Table without a name are refused."""
        for resource in ({**TABLE, **DATABASE}, {}, {"Table": {"DatabaseName": "ruled"}}):
            with refused("InvalidInputException"):
                lake.grant(READER, resource, "DESCRIBE")

    @pytest.mark.refuses("lakeformation.resource.in-sandbox")
    @pytest.mark.allows("lakeformation.resource.in-sandbox")
    def test_what_the_sandbox_does_not_have_is_refused_by_name(self, lake: Lake) -> None:
        """A resource of a kind that is not in the sandbox is refused, and the refusal says which."""
        lake.grant(READER, TABLE, "DESCRIBE")

        with refused("InvalidInputException", "LFTagPolicy is not supported by this sandbox"):
            lake.grant(
                READER,
                {"LFTagPolicy": {"ResourceType": "TABLE", "Expression": [{"TagKey": "a", "TagValues": ["b"]}]}},
                "DESCRIBE",
            )


class TestRevoking:
    def test_revoking_takes_what_was_named(self, lake: Lake) -> None:
        """Revoking subtracts."""
        lake.grant(READER, TABLE, "DESCRIBE", "INSERT", "SELECT")

        lake.revoke(READER, TABLE, "INSERT", "SELECT")

        assert [permissions for _, permissions, _ in lake.held(READER)] == [["DESCRIBE"]]

    def test_revoking_what_is_not_held_is_refused(self, lake: Lake) -> None:
        """Nothing to revoke is an invalid input, whether the grantee holds nothing or something else."""
        with refused("InvalidInputException", "Grantee has no permissions and no grantable permissions on resource"):
            lake.revoke(READER, TABLE, "SELECT")
        lake.grant(READER, TABLE, "DESCRIBE")
        with refused("InvalidInputException", "No permissions revoked. Grantee does not have:"):
            lake.revoke(READER, TABLE, "SELECT")

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


class TestListing:
    def test_select_comes_back_by_itself(self, lake: Lake) -> None:
        """A grant on a table lists as two rows: all but SELECT on the Table, SELECT on its columns."""
        lake.grant(READER, TABLE, "ALL", options=("ALL",))

        table = {"CatalogId": CONSUMER, "DatabaseName": "ruled", "Name": "t"}
        others = ["ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT"]
        assert lake.held(READER) == [
            ({"Table": table}, others, others),
            ({"TableWithColumns": {**table, "ColumnWildcard": {}}}, ["SELECT"], ["SELECT"]),
        ]

    def test_a_wildcard_comes_back_as_all_tables(self, lake: Lake) -> None:
        """A grant on every table lists under the name ALL_TABLES."""
        lake.grant(READER, {"Table": {"DatabaseName": "ruled", "TableWildcard": {}}}, "SELECT", "DESCRIBE")

        table = {"CatalogId": CONSUMER, "DatabaseName": "ruled", "Name": "ALL_TABLES"}
        assert lake.held(READER) == [
            ({"Table": {**table, "TableWildcard": {}}}, ["DESCRIBE"], []),
            ({"TableWithColumns": {**table, "ColumnWildcard": {}}}, ["SELECT"], []),
        ]

    def test_exceptions_come_back_as_they_were(self, lake: Lake) -> None:
        """Excluded columns list under the ColumnWildcard."""
        lake.grant(READER, on_columns(excluded=("note", "amount")), "SELECT")

        ((resource, _, _),) = lake.held(READER)

        excluded = resource["TableWithColumns"]["ColumnWildcard"]["ExcludedColumnNames"]
        assert sorted(excluded) == ["amount", "note"]

    def test_the_iam_group_holds_all_and_lists_so(self, lake: Lake, client: ClientMaker) -> None:
        """What a fresh account gives to IAM lists as ALL, and CREATE_DATABASE on the catalog."""
        fresh = Lake(client("lakeformation", PRODUCER))
        client("glue", PRODUCER).create_database(DatabaseInput={"Name": "d"})
        fresh.put(f"arn:aws:iam::{PRODUCER}:user/administrator")

        assert fresh.held(GROUP) == [
            ({"Catalog": {"Id": PRODUCER}}, ["CREATE_DATABASE"], []),
            ({"Database": {"CatalogId": PRODUCER, "Name": "d"}}, ["ALL"], []),
        ]

    @pytest.mark.refuses("lakeformation.list.token")
    @pytest.mark.allows("lakeformation.list.token")
    def test_pages_hold_what_was_asked_for(self, lake: Lake) -> None:
        """Listing pages by MaxResults, and all pages together are everything."""
        lake.grant(READER, TABLE, "ALL")
        lake.grant(READER, DATABASE, "DESCRIBE")

        first = lake.client.list_permissions(MaxResults=2)

        assert len(first["PrincipalResourcePermissions"]) == 2
        assert len(lake.rows(MaxResults=2)) == len(lake.rows()) == 4
        with refused("InvalidInputException"):
            lake.client.list_permissions(NextToken="nonsense")

    @pytest.mark.refuses("lakeformation.list.resource-mandatory")
    def test_a_principal_takes_a_resource(self, lake: Lake) -> None:
        """Listing by Principal alone is refused."""
        with refused("InvalidInputException", "Resource is mandatory if Principal is set in the input."):
            lake.rows(Principal={"DataLakePrincipalIdentifier": READER})

    @pytest.mark.refuses("lakeformation.list.no-columns-filter")
    @pytest.mark.allows("lakeformation.list.no-columns-filter")
    def test_columns_are_no_filter(self, lake: Lake) -> None:
        """One lists by Table and gets the rows on columns too."""
        lake.grant(READER, on_columns("id"), "SELECT")

        with refused("InvalidInputException"):
            lake.rows(Resource=on_columns("id"))
        assert len(lake.rows(Resource=TABLE)) == 1

    def test_a_resource_that_names_nothing_is_no_filter(self, lake: Lake) -> None:
        """An empty Resource is not the same as none."""
        with refused("InvalidInputException", "exactly one"):
            lake.rows(Resource={})

    @pytest.mark.refuses("lakeformation.list.database-link")
    def test_tables_of_a_database_link_do_not_list(self, lake: Lake) -> None:
        """A Table filter in a database link is refused, though a grant there succeeds."""
        wildcard = {"Table": {"DatabaseName": "ruled_link", "TableWildcard": {}}}
        lake.grant(READER, wildcard, "DESCRIBE")

        with refused("InvalidInputException", "Database cannot be a link for this operation when called on a table."):
            lake.rows(Resource=wildcard)

    @pytest.mark.allows("lakeformation.list.database-link", "lakeformation.list.resource-mandatory")
    def test_with_a_principal_it_lists_what_that_one_can_do(self, lake: Lake) -> None:
        """With Resource and Principal the implicit rights show, which nobody granted."""
        maker = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/maker"}

        rows = lake.rows(Resource=TABLE, Principal=maker)

        assert lake.rows(Resource=TABLE) == []
        assert sorted({permission for row in rows for permission in row["Permissions"]}) == [
            "ALL",
            "ALTER",
            "DELETE",
            "DESCRIBE",
            "DROP",
            "INSERT",
            "SELECT",
        ]

    def test_others_list_their_own(self, lake: Lake, client: ClientMaker) -> None:
        """Administrators, read-only ones too, see every row; everybody else its own."""
        lake.grant(READER, TABLE, "DESCRIBE")
        lake.grant(f"arn:aws:iam::{CONSUMER}:role/maker", TABLE, "DESCRIBE")
        reader = Lake(as_role(client, "lakeformation", "reader"))

        assert {row["Principal"]["DataLakePrincipalIdentifier"] for row in reader.rows()} == {READER}
        lake.put(ADMIN, ReadOnlyAdmins=[{"DataLakePrincipalIdentifier": READER}])
        assert len(reader.rows()) == len(lake.rows())

    def test_a_grant_takes_its_time_to_show(self, lake: Lake, client: ClientMaker, box: Sandbox) -> None:
        """With lf_list_s set a grant holds at once and lists later."""
        Story(box, client).set_delays(lf_list_s=10)
        lake.grant(READER, TABLE, "DESCRIBE")

        assert lake.held(READER) == []
        assert as_role(client, "glue", "reader").get_table(DatabaseName="ruled", Name="t")["Table"]["Name"] == "t"
        box.clock.advance(11)
        assert lake.held(READER)

    def test_one_type_of_resource_lists_by_itself(self, lake: Lake) -> None:
        """ResourceType leaves out the other types."""
        lake.grant(READER, TABLE, "DESCRIBE")
        lake.grant(READER, DATABASE, "DESCRIBE")

        (row,) = lake.rows(ResourceType="DATABASE")

        assert "Database" in row["Resource"]


class TestAcrossAccounts:
    @pytest.fixture
    def producer(self, client: ClientMaker) -> Lake:
        """The producer's lake: an administrator, and a table ``ruled.t`` that Lake Formation rules."""
        lake = Lake(client("lakeformation", PRODUCER))
        lake.put(f"arn:aws:iam::{PRODUCER}:user/administrator", Parameters={"CROSS_ACCOUNT_VERSION": "4"})
        glue = client("glue", PRODUCER)
        glue.create_database(DatabaseInput={"Name": "ruled"})
        storage = {"Columns": COLUMNS, "Location": "s3://sales/t/"}
        glue.create_table(DatabaseName="ruled", TableInput={"Name": "t", "StorageDescriptor": storage})
        return lake

    @pytest.fixture
    def story(self, box: Sandbox, client: ClientMaker) -> Story:
        """The consumer, with an administrator and a reader."""
        story = Story(box, client)
        story.become_admin()
        as_role(client, "glue", "reader")
        return story

    def test_a_grant_to_an_account_comes_by_invitation(self, producer: Lake, story: Story) -> None:
        """The consumer accepts, its administrator passes on what came with the grant option, and the reader sees it."""
        producer.grant(CONSUMER, TABLE, "SELECT", "DESCRIBE", options=("SELECT",))
        story.accept()
        target = {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}

        story.grant({"Table": target}, "SELECT")
        with refused("AccessDeniedException", "requester is not authorized"):
            story.grant({"Table": target}, "DESCRIBE")

        glue = as_role(story.client, "glue", "reader")
        assert glue.get_table(CatalogId=PRODUCER, DatabaseName="ruled", Name="t")["Table"]["CatalogId"] == PRODUCER

    def test_the_share_shows_on_the_producers_rows(self, producer: Lake, story: Story) -> None:
        """The producer's row names the share that carries the grant."""
        producer.grant(CONSUMER, TABLE, "DESCRIBE")

        (row,) = [row for row in producer.rows() if row["Principal"]["DataLakePrincipalIdentifier"] == CONSUMER]

        assert row["AdditionalDetails"]["ResourceShare"][0] in {
            each["resourceShareArn"] for each in story.invitations()
        }

    @pytest.mark.allows("lakeformation.grant.not-abroad", "lakeformation.grant.organisation-sharing")
    def test_from_version_three_the_first_grant_comes_as_two_invitations(self, producer: Lake, story: Story) -> None:
        """One share for databases and one for tables, which later grants join."""
        producer.grant(CONSUMER, TABLE, "DESCRIBE")
        producer.grant(CONSUMER, DATABASE, "DESCRIBE")

        names = [each["resourceShareName"] for each in story.invitations()]

        assert len(names) == 2
        assert all(name.startswith("LakeFormation-") for name in names)

    def test_version_one_makes_a_share_for_each_grant(self, producer: Lake, story: Story) -> None:
        """Under version 1 two granted things come as two invitations."""
        producer.put(f"arn:aws:iam::{PRODUCER}:user/administrator")

        producer.grant(CONSUMER, TABLE, "DESCRIBE")
        assert len(story.invitations()) == 1
        producer.grant(CONSUMER, DATABASE, "DESCRIBE")
        assert len(story.invitations()) == 2

    def test_revoking_from_an_account_cascades(self, producer: Lake, story: Story) -> None:
        """When the account's grant goes, so does what it passed on, and the share with the last thing on it."""
        producer.grant(CONSUMER, TABLE, "SELECT", options=("SELECT",))
        story.accept()
        story.grant({"Table": {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}}, "SELECT")
        consumer = Lake(story.client("lakeformation", CONSUMER))
        assert consumer.held(READER)

        producer.revoke(CONSUMER, TABLE, "SELECT")

        assert consumer.held(READER) == []
        assert story.client("ram", CONSUMER).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []

    @pytest.mark.refuses("lakeformation.grant.direct-version")
    @pytest.mark.allows("lakeformation.grant.direct-version")
    def test_granting_to_a_principal_of_another_account_takes_version_three(self, producer: Lake, story: Story) -> None:
        """Straight to a role of another account: refused below version 3, and hidden from its administrator above."""
        admin = f"arn:aws:iam::{PRODUCER}:user/administrator"
        producer.put(admin, Parameters={"CROSS_ACCOUNT_VERSION": "2"})
        with refused("InvalidInputException", "Invalid cross account grant request"):
            producer.grant(READER, TABLE, "SELECT")
        producer.put(admin, Parameters={"CROSS_ACCOUNT_VERSION": "3"})

        producer.grant(READER, TABLE, "SELECT")
        story.accept()

        glue = as_role(story.client, "glue", "reader")
        assert glue.get_table(CatalogId=PRODUCER, DatabaseName="ruled", Name="t")["Table"]["Name"] == "t"
        assert Lake(story.client("lakeformation", CONSUMER)).held(READER) == []
        assert producer.held(READER)

    def test_a_principal_of_another_account_lists_empty(self, producer: Lake, story: Story) -> None:
        """Listing with a foreign Principal shows nothing, though the grant is there."""
        producer.grant(READER, TABLE, "SELECT")

        assert producer.rows(Resource=TABLE, Principal={"DataLakePrincipalIdentifier": READER}) == []
        assert len(producer.rows(Resource=TABLE)) == 1

    @pytest.mark.refuses("lakeformation.grant.illegal-combination")
    @pytest.mark.allows("lakeformation.grant.illegal-combination")
    def test_what_is_left_to_iam_is_not_shared_below_version_four(self, producer: Lake, story: Story) -> None:
        """IAMAllowedPrincipals on the table makes a cross-account grant an illegal combination."""
        producer.grant(GROUP, TABLE, "ALL")
        producer.grant(CONSUMER, TABLE, "DESCRIBE")
        admin = f"arn:aws:iam::{PRODUCER}:user/administrator"
        producer.put(admin, Parameters={"CROSS_ACCOUNT_VERSION": "3"})

        with refused("AccessDeniedException", "Illegal combination"):
            producer.grant(CONSUMER, TABLE, "SELECT")

    @pytest.mark.refuses("lakeformation.grant.not-abroad")
    @pytest.mark.parametrize("permission", ["ALL", "DROP"])
    def test_a_database_is_not_given_away(self, producer: Lake, story: Story, permission: str) -> None:
        """ALL and DROP on a database stay in its account."""
        with refused("InvalidInputException", "another account"):
            producer.grant(CONSUMER, DATABASE, permission)

    @pytest.mark.refuses("lakeformation.grant.own-principals")
    @pytest.mark.allows("lakeformation.grant.own-principals")
    @pytest.mark.parametrize("principal", ["333333333333", GROUP])
    def test_a_consumer_passes_on_within_its_account_only(self, producer: Lake, story: Story, principal: str) -> None:
        """Not to a third account, and not to IAMAllowedPrincipals."""
        producer.grant(CONSUMER, TABLE, "SELECT", options=("SELECT",))
        story.accept()
        target = {"Table": {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}}

        with refused("AccessDeniedException", "Not authorized to grant permissions for the resource"):
            story.grant(target, "SELECT", to=principal)

    def test_a_database_link_reaches_what_was_shared(self, producer: Lake, story: Story) -> None:
        """The dangerous row: through a database link a consumer with DROP deletes the producer's real table."""
        glue = story.client("glue", CONSUMER)
        target = {"CatalogId": PRODUCER, "DatabaseName": "ruled"}
        glue.create_database(DatabaseInput={"Name": "theirs", "TargetDatabase": target})
        producer.grant(CONSUMER, TABLE, "DESCRIBE", "DROP", options=("DESCRIBE", "DROP"))
        story.client("glue", PRODUCER).create_table(DatabaseName="ruled", TableInput={"Name": "hidden"})
        assert glue.get_tables(DatabaseName="theirs")["TableList"] == []
        story.accept()

        (seen,) = glue.get_tables(DatabaseName="theirs")["TableList"]
        with refused("AccessDeniedException", "Required Drop on t"):
            glue.delete_table(DatabaseName="theirs", Name="t")
        story.grant({"Table": {**target, "Name": "t"}}, "DROP", to=ADMIN)
        glue.delete_table(DatabaseName="theirs", Name="t")

        assert (seen["DatabaseName"], seen["Name"], seen["CatalogId"]) == ("ruled", "t", PRODUCER)
        with refused("EntityNotFoundException"):
            story.client("glue", PRODUCER).get_table(DatabaseName="ruled", Name="t")

    def test_a_shared_table_that_its_owner_leaves_to_iam_is_read_and_not_changed(
        self, producer: Lake, story: Story
    ) -> None:
        """At version 4 IAMAllowedPrincipals may stay on a shared table: the consumer reads it by IAM alone."""
        producer.grant(GROUP, TABLE, "ALL")
        producer.grant(CONSUMER, TABLE, "DESCRIBE")
        story.accept()
        glue = as_role(story.client, "glue", "reader")

        assert glue.get_table(CatalogId=PRODUCER, DatabaseName="ruled", Name="t")["Table"]["Name"] == "t"
        with refused("AccessDeniedException", "Required Drop on t"):
            glue.delete_table(CatalogId=PRODUCER, DatabaseName="ruled", Name="t")

    def test_shared_things_list_when_asked_for(self, producer: Lake, story: Story) -> None:
        """GetDatabases and SearchTables show other accounts' things with ResourceShareType ALL or FOREIGN."""
        producer.grant(CONSUMER, DATABASE, "DESCRIBE")
        producer.grant(CONSUMER, TABLE, "DESCRIBE")
        story.accept()
        glue = story.client("glue", CONSUMER)

        assert glue.get_databases()["DatabaseList"] == []
        for kind in ("ALL", "FOREIGN"):
            (database,) = glue.get_databases(ResourceShareType=kind)["DatabaseList"]
            (table,) = glue.search_tables(ResourceShareType=kind)["TableList"]
            assert (database["CatalogId"], database["Name"], table["Name"]) == (PRODUCER, "ruled", "t")

    def test_deleting_what_is_shared_leaves_the_share_behind(self, producer: Lake, story: Story) -> None:
        """A table deleted before its grants are revoked leaves an orphan share; the consumer's grants are ghosts."""
        producer.grant(CONSUMER, TABLE, "SELECT", options=("SELECT",))
        story.accept()
        target = {"Table": {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}}
        story.grant(target, "SELECT")

        story.client("glue", PRODUCER).delete_table(DatabaseName="ruled", Name="t")

        consumer = Lake(story.client("lakeformation", CONSUMER))
        assert len(consumer.held(READER)) == 1
        resources = story.client("ram", CONSUMER).list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]
        assert any(each["arn"].endswith("table/ruled/t") for each in resources)
        with refused("AccessDeniedException", "Resource does not exist"):
            story.grant(target, "SELECT")
        consumer.revoke(READER, target, "SELECT")
        assert consumer.held(READER) == []

    @pytest.mark.refuses("lakeformation.grant.organisation-sharing")
    def test_an_organisation_needs_sharing_within_it(self, producer: Lake) -> None:
        """An organisation that the owner is not in, or in which sharing is off, is not found."""
        with refused("InvalidInputException", "Organization o-abc not found"):
            producer.grant(f"arn:aws:organizations::{PRODUCER}:organization/o-abc", TABLE, "SELECT")

    def test_the_consumers_rows_carry_whose_catalog_they_are_of(self, story: Story) -> None:
        """Rows on links have the consumer's CatalogId, rows on targets the owner's; asking by CatalogId splits them."""
        story.seed()
        story.associate()
        story.accept()
        story.create_links()
        story.grant_on_link()
        story.grant_on_target()
        consumer = Lake(story.client("lakeformation", CONSUMER))
        link = {"Table": {"CatalogId": CONSUMER, "DatabaseName": LINKS, "Name": LINK}}
        target = {"TableWithColumns": {**TARGET, "ColumnWildcard": {}}}

        assert [resource for resource, _, _ in consumer.held(READER)] == [link, target]
        assert [resource for resource, _, _ in consumer.held(READER, CatalogId=CONSUMER)] == [link, target]
        assert [resource for resource, _, _ in consumer.held(READER, CatalogId=OWNER)] == [target]


class TestLocations:
    @pytest.mark.refuses("lakeformation.location.once", "lakeformation.location.registered")
    @pytest.mark.allows("lakeformation.location.once", "lakeformation.location.registered", "lakeformation.location.s3")
    def test_a_location_is_registered_once(self, lake: Lake) -> None:
        """Registered, described, listed, and gone again."""
        arn = "arn:aws:s3:::sales/t"
        lake.client.register_resource(ResourceArn=arn, RoleArn=READER)

        with refused("AlreadyExistsException"):
            lake.client.register_resource(ResourceArn=arn, RoleArn=READER)
        assert lake.client.describe_resource(ResourceArn=arn)["ResourceInfo"]["RoleArn"] == READER
        assert [each["ResourceArn"] for each in lake.client.list_resources()["ResourceInfoList"]] == [arn]
        lake.client.deregister_resource(ResourceArn=arn)
        with refused("EntityNotFoundException"):
            lake.client.deregister_resource(ResourceArn=arn)

    def test_get_table_tells_whether_its_location_is_registered(self, lake: Lake, client: ClientMaker) -> None:
        """IsRegisteredWithLakeFormation is right in GetTable and always false in GetTables."""
        lake.client.register_resource(ResourceArn="arn:aws:s3:::sales", UseServiceLinkedRole=True)
        glue = as_role(client, "glue", "maker")

        assert glue.get_table(DatabaseName="ruled", Name="t")["Table"]["IsRegisteredWithLakeFormation"] is True
        found = {each["Name"]: each for each in glue.get_tables(DatabaseName="ruled")["TableList"]}
        assert found["t"]["IsRegisteredWithLakeFormation"] is False

    @pytest.mark.refuses("lakeformation.location.s3")
    def test_a_table_is_no_location(self, lake: Lake) -> None:
        """What is registered is a place in S3."""
        with refused("InvalidInputException"):
            lake.client.register_resource(ResourceArn=f"arn:aws:glue:x:{CONSUMER}:table/a/b", RoleArn=READER)
