"""The Data Catalog's own policy: putting and reading it, and what it does to those who read from elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, REGION, as_role, document, refused
from tests.sandbox.queries import Query, finish, start

READER = f"arn:aws:iam::{CONSUMER}:role/reader"
GLUE = f"arn:aws:glue:{REGION}:{PRODUCER}"
EVERYTHING = [f"{GLUE}:catalog", f"{GLUE}:database/*", f"{GLUE}:table/*/*"]
FOREIGN = {"CatalogId": PRODUCER, "DatabaseName": "lake", "Name": "calls"}
SERDE = {"SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde", "Parameters": {"separatorChar": ","}}
SHARING = {
    "Effect": "Allow",
    "Principal": {"Service": "ram.amazonaws.com"},
    "Action": "glue:ShareResource",
    "Resource": EVERYTHING,
}


def statement(effect: str, action: Any, principal: Any = "*", resource: Any = EVERYTHING) -> dict[str, Any]:
    """One statement of a catalog's policy."""
    who = principal if principal == "*" else {"AWS": principal}
    return {"Effect": effect, "Principal": who, "Action": action, "Resource": resource}


class Sides:
    """A producer with a table ``lake.calls``, and a consumer with an administrator and a role ``reader``."""

    def __init__(self, client: ClientMaker) -> None:
        self.client = client
        self.glue = client("glue", PRODUCER)
        for account in (PRODUCER, CONSUMER):
            admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:user/administrator"}
            parameters = {"CROSS_ACCOUNT_VERSION": "4"}
            client("lakeformation", account).put_data_lake_settings(
                DataLakeSettings={"DataLakeAdmins": [admin], "Parameters": parameters}
            )
        self.glue.create_database(DatabaseInput={"Name": "lake", "CreateTableDefaultPermissions": []})
        storage = {"Columns": [{"Name": "queue", "Type": "string"}], "Location": "s3://calls/a/", "SerdeInfo": SERDE}
        self.glue.create_table(DatabaseName="lake", TableInput={"Name": "calls", "StorageDescriptor": storage})
        self.reader = as_role(client, "glue", "reader")

    def put(self, *statements: dict[str, Any], **asked: Any) -> str:
        """Put a policy of these statements; return its hash."""
        text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        answer: str = self.glue.put_resource_policy(PolicyInJson=text, **asked)["PolicyHash"]
        return answer

    def register(self) -> None:
        """Put the table's bucket under Lake Formation, which then reads it for whoever is granted the table."""
        formation = self.client("lakeformation", PRODUCER)
        formation.register_resource(ResourceArn="arn:aws:s3:::calls", UseServiceLinkedRole=True)

    def grant(self, to: str, *permissions: str) -> None:
        """Grant on the table, as its owner."""
        table = {"DatabaseName": "lake", "Name": "calls"}
        self.client("lakeformation", PRODUCER).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": to}, Resource={"Table": table}, Permissions=list(permissions)
        )

    def leave_to_iam(self) -> None:
        """Leave database and table to IAM."""
        for resource in ({"Database": {"Name": "lake"}}, {"Table": {"DatabaseName": "lake", "Name": "calls"}}):
            self.client("lakeformation", PRODUCER).grant_permissions(
                Principal={"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
                Resource=resource,
                Permissions=["ALL"],
            )

    def accept(self) -> None:
        """Accept every invitation that the consumer has."""
        ram = self.client("ram", CONSUMER)
        for invitation in ram.get_resource_share_invitations()["resourceShareInvitations"]:
            if invitation["status"] == "PENDING":
                ram.accept_resource_share_invitation(
                    resourceShareInvitationArn=invitation["resourceShareInvitationArn"]
                )

    def link(self) -> None:
        """Make the consumer's database with a link to the table in it, left to IAM."""
        glue = self.client("glue", CONSUMER)
        glue.create_database(DatabaseInput={"Name": "links"})
        glue.create_table(DatabaseName="links", TableInput={"Name": "calls", "TargetTable": FOREIGN})
        for resource in ({"Database": {"Name": "links"}}, {"Table": {"DatabaseName": "links", "Name": "calls"}}):
            self.client("lakeformation", CONSUMER).grant_permissions(
                Principal={"DataLakePrincipalIdentifier": READER}, Resource=resource, Permissions=["DESCRIBE"]
            )

    def ask(self) -> Query:
        """Read the table through the link, as the reader."""
        self.client("s3", CONSUMER, region="us-east-1").create_bucket(Bucket="results-bucket")
        athena = as_role(self.client, "athena", "reader")
        return finish(athena, start(athena, "SELECT queue FROM calls", database="links"))


@pytest.fixture
def sides(client: ClientMaker) -> Sides:
    """Both accounts; nothing is shared and there is no policy."""
    return Sides(client)


class TestThePolicy:
    @pytest.mark.allows("glue.policy.exists", "glue.policy.of-catalog", "glue.policy.readable")
    def test_it_comes_back_as_it_was_put(self, sides: Sides) -> None:
        """One reads the JSON that was put, with its hash; another puts it in the place of the first."""
        first = sides.put(statement("Allow", "glue:GetTable", CONSUMER))
        read = sides.glue.get_resource_policy()

        second = sides.put(SHARING, PolicyHashCondition=first, PolicyExistsCondition="MUST_EXIST")

        assert (read["PolicyHash"], json.loads(read["PolicyInJson"])["Statement"][0]["Effect"]) == (first, "Allow")
        assert sides.glue.get_resource_policy(ResourceArn=f"{GLUE}:catalog")["PolicyHash"] == second != first

    @pytest.mark.refuses("glue.policy.exists")
    def test_where_there_is_none_it_is_not_found(self, sides: Sides, client: ClientMaker) -> None:
        """A policy that was never put, or was deleted, is neither read nor deleted; Regions have their own."""
        sides.put(SHARING)
        with refused("EntityNotFoundException"):
            client("glue", PRODUCER, region="us-east-1").get_resource_policy()

        sides.glue.delete_resource_policy()

        with refused("EntityNotFoundException", "Policy not found"):
            sides.glue.get_resource_policy()
        with refused("EntityNotFoundException", "Policy not found"):
            sides.glue.delete_resource_policy()
        assert sides.glue.get_resource_policies()["GetResourcePoliciesResponseList"] == []

    @pytest.mark.refuses("glue.policy.condition")
    @pytest.mark.allows("glue.policy.condition")
    def test_conditions_hold_or_refuse(self, sides: Sides) -> None:
        """A policy is replaced or deleted only as the one that the call knows, and only if it is there as it asks."""
        with refused("ConditionCheckFailureException", "does not exist"):
            sides.put(SHARING, PolicyExistsCondition="MUST_EXIST")
        with refused("ConditionCheckFailureException", "hash"):
            sides.put(SHARING, PolicyHashCondition="stale")
        known = sides.put(SHARING, PolicyExistsCondition="NOT_EXIST")
        with refused("ConditionCheckFailureException", "already exists"):
            sides.put(SHARING, PolicyExistsCondition="NOT_EXIST")
        with refused("ConditionCheckFailureException", "hash"):
            sides.put(SHARING, PolicyHashCondition="stale")
        with refused("ConditionCheckFailureException", "hash"):
            sides.glue.delete_resource_policy(PolicyHashCondition="stale")

        sides.glue.delete_resource_policy(PolicyHashCondition=known)

    @pytest.mark.parametrize(
        "text",
        [
            "[]",
            "nonsense",
            '{"Statement": []}',
            document({"Effect": "Allow", "Action": "glue:*", "Resource": f"{GLUE}:*"}),
            document({"Effect": "Allow", "Principal": "*", "Resource": f"{GLUE}:*"}),
            document(statement("Allow", "glue:*", resource="*")),
            document(statement("Allow", "glue:*", resource=f"arn:aws:glue:{REGION}:{CONSUMER}:catalog")),
        ],
    )
    @pytest.mark.refuses("glue.policy.readable")
    def test_it_is_a_policy_of_this_catalog(self, sides: Sides, text: str) -> None:
        """No document, no principal, no action, or things that are not in this catalog: refused."""
        with refused("InvalidInputException"):
            sides.glue.put_resource_policy(PolicyInJson=text)

    @pytest.mark.refuses("glue.policy.of-catalog")
    def test_single_things_have_none_that_one_could_put(self, sides: Sides) -> None:
        """ResourceArn is for internal use; the catalog's own ARN means the catalog."""
        with refused("InvalidInputException", "internal use"):
            sides.put(SHARING, ResourceArn=f"{GLUE}:table/lake/calls")
        sides.put(SHARING, ResourceArn=f"{GLUE}:catalog")

    @pytest.mark.refuses("glue.policy.enable-hybrid")
    @pytest.mark.allows("glue.policy.enable-hybrid")
    def test_beside_grants_to_other_accounts_it_is_put_as_hybrid(self, sides: Sides) -> None:
        """Once Lake Formation shares something with another account, EnableHybrid must be TRUE."""
        sides.put(SHARING)
        sides.grant(CONSUMER, "SELECT")

        with refused("InvalidInputException", "EnableHybrid"):
            sides.put(SHARING)
        with refused("InvalidInputException", "EnableHybrid"):
            sides.put(SHARING, EnableHybrid="FALSE")
        sides.put(SHARING, EnableHybrid="TRUE")

    def test_ram_makes_one_for_each_share(self, sides: Sides) -> None:
        """Accepted shares show as policies that let the receiver read what is in them, before the catalog's own."""
        sides.grant(CONSUMER, "SELECT")
        assert sides.glue.get_resource_policies()["GetResourcePoliciesResponseList"] == []
        sides.accept()
        sides.put(SHARING, EnableHybrid="TRUE")

        found = [
            json.loads(each["PolicyInJson"])["Statement"]
            for each in sides.glue.get_resource_policies()["GetResourcePoliciesResponseList"]
        ]

        by_resource = {each["Resource"]: each for (each,) in found[:-1]}
        assert set(by_resource) == {f"{GLUE}:database/lake", f"{GLUE}:table/lake/calls"}
        table = by_resource[f"{GLUE}:table/lake/calls"]
        assert table["Principal"] == {"AWS": [f"arn:aws:iam::{CONSUMER}:root"]}
        assert {"glue:GetTable", "glue:GetPartitions", "glue:SearchTables"} <= set(table["Action"])
        assert found[-1] == [SHARING]
        own = sides.glue.get_resource_policy(ResourceArn=f"{GLUE}:table/lake/calls")["PolicyInJson"]
        assert json.loads(own)["Statement"] == [table]


class TestWhatItDoes:
    @pytest.mark.refuses("iam.catalog.denies")
    @pytest.mark.allows("iam.catalog.denies")
    def test_its_deny_beats_lake_formation(self, sides: Sides) -> None:
        """A reader with a grant and a share is put out of Glue's calls, of its lists and of Athena by a deny."""
        sides.client("s3", PRODUCER, region="us-east-1").create_bucket(Bucket="calls")
        sides.client("s3", PRODUCER, region="us-east-1").put_object(Bucket="calls", Key="a/1.csv", Body=b"sales\n")
        sides.register()
        sides.grant(READER, "SELECT")
        sides.accept()
        sides.link()
        assert sides.reader.get_table(**FOREIGN)["Table"]["Name"] == "calls"
        assert sides.ask().rows == [["queue"], ["sales"]]

        sides.put(SHARING, statement("Deny", "glue:GetTable", READER), EnableHybrid="TRUE")

        with refused("AccessDeniedException", "with an explicit deny in a resource-based policy"):
            sides.reader.get_table(**FOREIGN)
        assert "StorageDescriptor" not in sides.reader.get_table(DatabaseName="links", Name="calls")["Table"]
        assert sides.reader.search_tables(ResourceShareType="FOREIGN")["TableList"] == []
        query = sides.ask()
        assert query.state == "FAILED"
        assert "explicit deny in a resource-based policy" in query.reason

    def test_its_deny_binds_the_owners_administrator_too(self, sides: Sides) -> None:
        """Nobody is above the policy, whatever IAM allows."""
        sides.put(statement("Deny", "glue:GetTable"))

        with refused("AccessDeniedException", "explicit deny in a resource-based policy"):
            sides.glue.get_table(DatabaseName="lake", Name="calls")

    @pytest.mark.refuses("ram.association.catalog-policy")
    @pytest.mark.allows("ram.association.catalog-policy")
    def test_without_leave_for_ram_named_grants_do_not_arrive(self, sides: Sides) -> None:
        """A policy that does not let RAM share makes the association fail; granting again with leave repairs it."""
        sides.put(statement("Allow", "glue:GetTable", PRODUCER))
        ram, receiver = sides.client("ram", PRODUCER), sides.client("ram", CONSUMER)

        sides.grant(CONSUMER, "SELECT")
        sides.accept()

        answer = ram.get_resource_share_associations(associationType="RESOURCE")["resourceShareAssociations"]
        assert {each["status"] for each in answer} == {"FAILED"}
        assert all("glue:ShareResource" in each["statusMessage"] for each in answer)
        assert receiver.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"] == []
        with refused("AccessDeniedException", "no resource-based policy allows"):
            sides.client("glue", CONSUMER).get_table(**FOREIGN)

        sides.put(SHARING, EnableHybrid="TRUE")
        sides.grant(CONSUMER, "SELECT")

        assert sides.client("glue", CONSUMER).get_table(**FOREIGN)["Table"]["Name"] == "calls"

    def test_it_opens_what_lake_formation_leaves_to_iam(self, sides: Sides) -> None:
        """Without any share the policy lets a principal of another account do there what it says, and no more."""
        sides.leave_to_iam()
        with refused("AccessDeniedException", "no resource-based policy allows"):
            sides.reader.get_table(**FOREIGN)

        sides.put(statement("Allow", ["glue:GetTable", "glue:GetDatabase"], READER))

        assert sides.reader.get_database(CatalogId=PRODUCER, Name="lake")["Database"]["Name"] == "lake"
        assert sides.reader.get_table(**FOREIGN)["Table"]["Name"] == "calls"
        with refused("AccessDeniedException"):
            sides.reader.delete_table(**FOREIGN)
        with refused("AccessDeniedException", "no resource-based policy allows"):
            as_role(sides.client, "glue", "other").get_table(**FOREIGN)

    def test_it_opens_nothing_that_lake_formation_rules(self, sides: Sides) -> None:
        """Where Lake Formation rules, an allow in the policy is no grant."""
        sides.put(statement("Allow", "glue:*", READER))

        with refused("AccessDeniedException", "Required Describe on calls"):
            sides.reader.get_table(**FOREIGN)

    def test_in_one_account_it_is_leave_enough(self, client: ClientMaker, sides: Sides) -> None:
        """A role of the owner's that has no policies of its own may what the catalog's policy lets it in person."""
        sides.leave_to_iam()
        poor = as_role(client, "glue", "poor", PRODUCER)
        client("iam", PRODUCER).delete_role_policy(RoleName="poor", PolicyName="everything")
        asked = {"DatabaseName": "lake", "Name": "calls"}
        with refused("AccessDeniedException", "no identity-based policy allows"):
            poor.get_table(**asked)
        sides.put(statement("Allow", "glue:GetTable", PRODUCER))
        with refused("AccessDeniedException", "no identity-based policy allows"):
            poor.get_table(**asked)

        sides.put(statement("Allow", "glue:GetTable", f"arn:aws:iam::{PRODUCER}:role/poor"))

        assert poor.get_table(**asked)["Table"]["Name"] == "calls"


class TestGrantors:
    """Shares that take the grantor's leave to have a policy written."""

    @pytest.fixture
    def grantor(self, sides: Sides) -> Any:
        """A role of the producer's that may grant on the table, and may everything but glue:PutResourcePolicy."""
        formation = as_role(sides.client, "lakeformation", "grantor", PRODUCER)
        table = {"Table": {"DatabaseName": "lake", "Name": "calls"}}
        sides.client("lakeformation", PRODUCER).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{PRODUCER}:role/grantor"},
            Resource=table,
            Permissions=["SELECT"],
            PermissionsWithGrantOption=["SELECT"],
        )
        self.let(sides, may_put=False)
        return formation

    def let(self, sides: Sides, *, may_put: bool) -> None:
        """Let the grantor put policies, or not."""
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        never = {"Effect": "Deny", "Action": "glue:PutResourcePolicy", "Resource": "*"}
        text = json.dumps({"Version": "2012-10-17", "Statement": [everything, *([] if may_put else [never])]})
        sides.client("iam", PRODUCER).put_role_policy(RoleName="grantor", PolicyName="everything", PolicyDocument=text)

    def ask(self, formation: Any, operation: str) -> None:
        """Grant SELECT on the table to the consumer, or revoke it, as the grantor."""
        getattr(formation, operation)(
            Principal={"DataLakePrincipalIdentifier": CONSUMER},
            Resource={"Table": {"DatabaseName": "lake", "Name": "calls"}},
            Permissions=["SELECT"],
        )

    def statuses(self, sides: Sides) -> set[tuple[str, str]]:
        """Return status and message of each association with the consumer."""
        answer = sides.client("ram", PRODUCER).get_resource_share_associations(associationType="PRINCIPAL")
        return {(each["status"], each.get("statusMessage", "")) for each in answer["resourceShareAssociations"]}

    @pytest.mark.refuses("ram.association.grantor-authorised")
    def test_without_leave_the_association_fails_when_it_is_accepted(self, sides: Sides, grantor: Any) -> None:
        """The invitation goes out; accepted, the association fails with a word on why, and nothing arrives."""
        self.ask(grantor, "grant_permissions")
        assert self.statuses(sides) == {("ASSOCIATING", "")}

        sides.accept()

        failed = "Association failed because the caller was not authorized."
        assert self.statuses(sides) == {("FAILED", failed)}
        assert sides.glue.get_resource_policies()["GetResourcePoliciesResponseList"] == []
        received = sides.client("ram", CONSUMER).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")
        assert received["resourceShares"] == []
        with refused("AccessDeniedException", "no resource-based policy allows"):
            sides.client("glue", CONSUMER).get_table(**FOREIGN)

    @pytest.mark.allows("ram.association.grantor-authorised")
    def test_leave_counts_when_it_is_accepted(self, sides: Sides, grantor: Any) -> None:
        """A grantor that has got the right by then is asked about as it is."""
        self.ask(grantor, "grant_permissions")
        self.let(sides, may_put=True)

        sides.accept()

        assert self.statuses(sides) == {("ASSOCIATED", "")}
        assert sides.client("glue", CONSUMER).get_table(**FOREIGN)["Table"]["Name"] == "calls"

    def test_it_is_mended_by_revoking_and_granting_again(self, sides: Sides, grantor: Any) -> None:
        """The failed association stays as it is however often one grants; a new one, accepted again, takes."""
        self.ask(grantor, "grant_permissions")
        sides.accept()
        self.let(sides, may_put=True)
        self.ask(grantor, "grant_permissions")
        assert {status for status, _ in self.statuses(sides)} == {"FAILED"}

        self.ask(grantor, "revoke_permissions")
        self.ask(grantor, "grant_permissions")
        sides.accept()

        assert sides.client("glue", CONSUMER).get_table(**FOREIGN)["Table"]["Name"] == "calls"
