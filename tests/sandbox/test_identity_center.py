"""An account's connection with IAM Identity Center."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, PRODUCER, refused

INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"


@pytest.fixture
def formation(client: ClientMaker) -> Any:
    """The consumer's Lake Formation, with an administrator."""
    formation = client("lakeformation", CONSUMER)
    formation.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]})
    return formation


@pytest.mark.refuses("lakeformation.identity-center.one")
@pytest.mark.allows("lakeformation.identity-center.one", "lakeformation.identity-center.administrator")
def test_a_connection_is_made_changed_and_taken_back(formation: Any) -> None:
    """There is one; what an update leaves out stays; without one there is nothing to tell, change or delete."""
    made = formation.create_lake_formation_identity_center_configuration(
        InstanceArn=INSTANCE, ShareRecipients=[{"DataLakePrincipalIdentifier": PRODUCER}]
    )
    with refused("AlreadyExistsException"):
        formation.create_lake_formation_identity_center_configuration(InstanceArn=INSTANCE)
    filtering = {"Status": "ENABLED", "AuthorizedTargets": [PRODUCER]}
    formation.update_lake_formation_identity_center_configuration(ExternalFiltering=filtering)

    told = formation.describe_lake_formation_identity_center_configuration()
    told.pop("ResponseMetadata")
    assert told == {
        "CatalogId": CONSUMER,
        "InstanceArn": INSTANCE,
        "ApplicationArn": made["ApplicationArn"],
        "ExternalFiltering": filtering,
        "ShareRecipients": [{"DataLakePrincipalIdentifier": PRODUCER}],
    }

    formation.delete_lake_formation_identity_center_configuration()
    for operation in ("describe", "update", "delete"):
        with refused("EntityNotFoundException"):
            getattr(formation, f"{operation}_lake_formation_identity_center_configuration")()


@pytest.mark.refuses("lakeformation.identity-center.administrator")
def test_only_an_administrator_connects(formation: Any, client: ClientMaker) -> None:
    """Nobody else does, in the account or out of it."""
    other = client("lakeformation", PRODUCER)

    for asked in ({"InstanceArn": INSTANCE}, {"InstanceArn": INSTANCE, "CatalogId": CONSUMER}):
        with refused("AccessDeniedException", "on Catalog"):
            other.create_lake_formation_identity_center_configuration(**asked)
    with refused("EntityNotFoundException"):
        formation.describe_lake_formation_identity_center_configuration()


@pytest.mark.refuses("lakeformation.identity-center.instance")
@pytest.mark.allows("lakeformation.identity-center.instance")
def test_an_instance_is_named(formation: Any) -> None:
    """What is no instance's ARN is refused."""
    for asked in ({}, {"InstanceArn": "arn:aws:s3:::calls"}):
        with refused("InvalidInputException", "instance"):
            formation.create_lake_formation_identity_center_configuration(**asked)
    formation.create_lake_formation_identity_center_configuration(InstanceArn=INSTANCE)
