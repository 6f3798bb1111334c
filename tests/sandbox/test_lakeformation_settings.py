"""Lake Formation's settings: whole documents, and who may be an administrator."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, PRODUCER, READER, as_role, refused
from tests.sandbox.ruled import GROUP, LEFT_TO_IAM, Lake, ruled_lake


@pytest.fixture
def lake(client: ClientMaker) -> Lake:
    """The consumer's lake."""
    return ruled_lake(client)


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
        with refused(
            "InvalidInputException", r"Keys are: \[CROSS_ACCOUNT_VERSION\], but found: \[CrossAccountVersion\]"
        ):
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

    def test_who_calls_is_told(self, client: ClientMaker) -> None:
        """GetDataLakePrincipal names the caller as GetCallerIdentity does."""
        assert client("lakeformation", CONSUMER).get_data_lake_principal()["Identity"] == ADMIN
