"""What people did in their shells stays theirs, and what lakeshare did is gone after destroy: the AWS CLI tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakeshare.sandbox import Sandbox
from tests.functional.accounts import CONSUMER, DATABASE, OPERATOR, READER, REGION
from tests.oracles.scene import OPERATOR_ROLE, TABLES, Scene, add_administrators, set_scene

pytestmark = pytest.mark.oracle

ROLE = f"arn:aws:iam::{CONSUMER}:role/{READER}"
TABLE, LINK = "contact_record", "contact_record_link"
LAMBDA_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
# Takes one permission, and `resource`.
GRANT = (
    "lakeformation",
    "grant-permissions",
    "--principal",
    json.dumps({"DataLakePrincipalIdentifier": ROLE}),
    "--permissions",
)


@pytest.fixture
def scene(aws_executable: str, sandbox_server: Sandbox, tmp_path: Path) -> Scene:
    """Two accounts in which nothing is shared yet."""
    return set_scene(sandbox_server, tmp_path, aws_executable)


def test_destroy_leaves_nothing_to_find(scene: Scene) -> None:
    """After apply and destroy the AWS CLI finds both accounts as they were."""
    scene.accounts.write({"s": scene.accounts.share(*TABLES, prove_denial=True)})
    before = scene.inventory()

    scene.lakeshare("apply", "--auto-approve")
    shared = scene.shared_tables()
    scene.lakeshare("destroy", "--auto-approve")

    assert shared == TABLES
    assert scene.inventory() == before


def share_by_hand(scene: Scene) -> str:
    """Share one table with an existing role by the commands that people type; return the lake's owner."""
    consumer = scene.consumer
    consumer("iam", "create-role", role_name=READER, assume_role_policy_document=LAMBDA_TRUST)
    scene.producer(
        "connect",
        "associate-analytics-data-set",
        instance_id=scene.accounts.instance,
        data_set_id=TABLE,
        target_account_id=CONSUMER,
    )
    [invitation] = consumer("ram", "get-resource-share-invitations")["resourceShareInvitations"]
    arn = invitation["resourceShareInvitationArn"]
    consumer("ram", "accept-resource-share-invitation", resource_share_invitation_arn=arn)
    owner: str = invitation["resourceShareArn"].split(":")[4]
    add_administrators(consumer, OPERATOR_ROLE)
    consumer("glue", "create-database", database_input={"Name": DATABASE, "CreateTableDefaultPermissions": []})
    target = {"CatalogId": owner, "DatabaseName": "connect_datalake", "Name": TABLE}
    consumer("glue", "create-table", database_name=DATABASE, table_input={"Name": LINK, "TargetTable": target})
    consumer(*GRANT, "DESCRIBE", resource={"Database": {"Name": DATABASE}})
    consumer(*GRANT, "DESCRIBE", resource={"Table": {"DatabaseName": DATABASE, "Name": LINK}})
    consumer(*GRANT, "SELECT", resource={"Table": target})
    return owner


def test_what_people_did_by_hand_stays_theirs(scene: Scene) -> None:
    """Lakeshare calls every piece of a share made in a shell somebody else's, and destroy leaves all of it."""
    owner = share_by_hand(scene)
    refusal = scene.consumer.refused(*GRANT, "SELECT", resource={"Table": {"DatabaseName": DATABASE, "Name": LINK}})
    scene.accounts.write({"s": scene.accounts.share(TABLE, readers=[{"role": READER}])})
    before = scene.inventory()

    steps, reasons = scene.lakeshare.plan()
    scene.lakeshare("apply", "--auto-approve")
    scene.lakeshare("destroy", "--auto-approve")

    here, grant = f"consumer/{REGION}", f"grant:role/{READER}"
    assert reasons == dict.fromkeys(
        [
            f"producer/{REGION}/association:{scene.accounts.instance}/{TABLE}/{CONSUMER}",
            f"{here}/invitation:producer.{scene.accounts.instance}/connect_datalake.{TABLE}",
            f"{here}/settings:administrator/role/{OPERATOR}",
            f"{here}/database:{DATABASE}",
            f"{here}/link:{DATABASE}.{LINK}",
            f"{here}/{grant}/DESCRIBE/{DATABASE}",
            f"{here}/{grant}/DESCRIBE/{DATABASE}.{LINK}",
            f"{here}/{grant}/SELECT/connect:connect_datalake.{TABLE}",
        ],
        "exists, not ours",
    )
    # Nobody typed these: where results go, and the operator's own right to make links in somebody's database.
    assert {address for _action, address in steps} == {
        f"{here}/bucket:lakeshare-{CONSUMER}-{REGION}-connect-analytics",
        f"{here}/workgroup:lakeshare-connect-analytics",
        f"{here}/grant:role/{OPERATOR}/CREATE_TABLE/{DATABASE}",
    }
    assert scene.inventory() == before
    assert before["associations"] == [(TABLE, CONSUMER)]
    assert {row for row in before["grants"] | before["grants on the lake"] if row[0] == ROLE} == {
        (ROLE, "DESCRIBE", f"{CONSUMER} {DATABASE}"),
        (ROLE, "DESCRIBE", f"{CONSUMER} {DATABASE}.{LINK}"),
        (ROLE, "SELECT", f"{owner} connect_datalake.{TABLE}"),
    }
    assert "InvalidInputException" in refusal
