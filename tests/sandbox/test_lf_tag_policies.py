"""Tag policies: what is granted by LF-tags, to what that comes on each thing, and how it lists."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, refused
from tests.sandbox.tags import ANALYST, DATABASE, TABLE, TaggedLake, columns, expression, policy, tag

OTHER = f"arn:aws:iam::{CONSUMER}:role/other"
NAMED = {"LFTagPolicy": {"ResourceType": "TABLE", "ExpressionName": "mine"}}


@pytest.fixture
def lake(client: ClientMaker) -> TaggedLake:
    """A lake with two tags, and two roles that were granted nothing."""
    lake = TaggedLake(client)
    lake.as_role("glue")
    lake.as_role("glue", "other")
    lake.make_tags(module=["sales", "orders"], level=["public", "secret"])
    return lake


@pytest.fixture
def shown(lake: TaggedLake) -> TaggedLake:
    """A lake whose database the analyst may see by a tag, which its table inherits."""
    lake.assign(DATABASE, module="sales", level="public")
    lake.grant(ANALYST, policy("DATABASE", module="sales"), "DESCRIBE")
    return lake


def column_names(lake: TaggedLake) -> list[str]:
    """Return the columns that the analyst sees in GetTable."""
    table = lake.as_role("glue").get_table(DatabaseName="lake", Name="calls")["Table"]
    return [column["Name"] for column in table["StorageDescriptor"]["Columns"]]


class TestReading:
    def test_a_reader_reads_what_carries_the_tags(self, shown: TaggedLake) -> None:
        """One grant by a tag lets a reader query a table of the tagged database, and nobody else."""
        shown.grant(ANALYST, policy("TABLE", module="sales"), "SELECT")

        read = shown.ask("SELECT agent FROM calls ORDER BY 1")
        refused_to_other = shown.ask("SELECT agent FROM calls ORDER BY 1", role="other")

        assert read.rows == [["agent"], ["ann"], ["bob"]]
        assert refused_to_other.state == "FAILED"
        assert "Insufficient" in refused_to_other.reason

    def test_a_table_takes_itself_out(self, shown: TaggedLake) -> None:
        """A value of its own in place of the inherited one hides the table, and taking it away shows it again."""
        shown.grant(ANALYST, policy("TABLE", module="sales"), "SELECT")
        shown.assign(TABLE, module="orders")
        hidden = shown.ask("SELECT agent FROM calls")
        listed = shown.as_role("glue").get_tables(DatabaseName="lake")["TableList"]

        shown.formation.remove_lf_tags_from_resource(Resource=TABLE, LFTags=expression(module="orders"))

        assert hidden.state == "FAILED"
        assert listed == []
        assert shown.ask("SELECT count(*) AS n FROM calls").rows == [["n"], ["2"]]

    def test_values_of_a_key_are_alternatives_and_keys_are_not(self, shown: TaggedLake) -> None:
        """Any value of a key will do, but every key must be carried."""
        shown.grant(ANALYST, policy("TABLE", module=["sales", "orders"], level="secret"), "SELECT")
        assert shown.ask("SELECT agent FROM calls").state == "FAILED"

        shown.assign(TABLE, level="secret")
        assert shown.ask("SELECT count(*) AS n FROM calls").rows == [["n"], ["2"]]

    def test_some_columns_are_read_alone(self, shown: TaggedLake) -> None:
        """A column with another value is not there for the query, nor in GetTable; the others are."""
        shown.grant(ANALYST, policy("TABLE", level="public"), "SELECT", "DESCRIBE")
        shown.assign(columns("agent"), level="secret")

        read = shown.ask("SELECT * FROM calls ORDER BY seconds")

        assert read.rows == [["queue", "seconds"], ["sales", "10"], ["billing", "20"]]
        assert "COLUMN_NOT_FOUND" in shown.ask("SELECT agent FROM calls").reason
        assert column_names(shown) == ["queue", "seconds"]

    def test_one_column_is_enough_to_see_the_table(self, shown: TaggedLake) -> None:
        """Where only a column carries the tag, that column can be read."""
        shown.grant(ANALYST, policy("TABLE", level="secret"), "SELECT")
        assert shown.ask("SELECT agent FROM calls").state == "FAILED"

        shown.assign(columns("agent"), level="secret")

        assert shown.ask("SELECT * FROM calls ORDER BY 1").rows == [["agent"], ["ann"], ["bob"]]
        assert column_names(shown) == ["agent"]

    def test_policies_add_up_with_each_other_and_with_names(self, shown: TaggedLake) -> None:
        """Of two policies and a grant by name one has everything that any of them gives."""
        shown.assign(columns("agent"), level="secret")
        shown.assign(columns("seconds"), level="secret", module="orders")
        shown.grant(ANALYST, policy("TABLE", level="public"), "SELECT")
        shown.grant(ANALYST, policy("TABLE", level="secret", module="sales"), "SELECT")
        assert column_names(shown) == ["queue", "agent"]

        shown.grant(ANALYST, columns("seconds"), "SELECT")

        assert column_names(shown) == ["queue", "agent", "seconds"]

    def test_seeing_tables_by_tags_does_not_show_the_database(self, lake: TaggedLake) -> None:
        """A grant on tables by tags gives no DESCRIBE on their database, as one on all tables by name does."""
        lake.assign(DATABASE, module="sales")
        glue = lake.as_role("glue")

        lake.grant(ANALYST, policy("TABLE", module="sales"), "SELECT")
        by_tags = glue.get_databases()["DatabaseList"]
        lake.grant(ANALYST, {"Table": {"DatabaseName": "lake", "TableWildcard": {}}}, "SELECT")

        assert by_tags == []
        assert [each["Name"] for each in glue.get_databases()["DatabaseList"]] == ["lake"]

    def test_a_saved_expression_is_what_it_says_now(self, shown: TaggedLake) -> None:
        """What was granted by its name follows its updates, and is gone with it."""
        shown.formation.create_lf_tag_expression(Name="mine", Expression=expression(module="sales"))
        shown.grant(ANALYST, NAMED, "SELECT")
        before = column_names(shown)

        shown.formation.update_lf_tag_expression(Name="mine", Expression=expression(module="orders"))
        with refused("AccessDeniedException"):
            column_names(shown)
        shown.formation.update_lf_tag_expression(Name="mine", Expression=expression(module="sales"))
        again = column_names(shown)
        shown.formation.delete_lf_tag_expression(Name="mine")
        shown.formation.create_lf_tag_expression(Name="mine", Expression=expression(module="sales"))

        assert before == again == ["queue", "agent", "seconds"]
        with refused("AccessDeniedException"):
            column_names(shown)

    def test_a_deleted_tag_opens_nothing(self, shown: TaggedLake) -> None:
        """What was granted by it is gone for good: made again and assigned, the tag opens nothing."""
        shown.grant(ANALYST, policy("TABLE", module="sales"), "SELECT")
        shown.formation.delete_lf_tag(TagKey="module")
        shown.make_tags(module=["sales"])
        shown.assign(DATABASE, module="sales")

        assert shown.as_role("glue").get_databases()["DatabaseList"] == []
        assert not [row for row in shown.rows() if "LFTagPolicy" in row["Resource"]]

    def test_a_link_is_seen_by_the_tags_of_its_database(self, shown: TaggedLake) -> None:
        """A policy on tables lets one describe the links in a tagged database, whatever it grants."""
        shown.make_database("links")
        target = {"CatalogId": CONSUMER, "DatabaseName": "lake", "Name": "calls"}
        shown.glue.create_table(DatabaseName="links", TableInput={"Name": "link", "TargetTable": target})
        shown.assign({"Database": {"Name": "links"}}, module="sales")

        shown.grant(ANALYST, policy("TABLE", module="sales"), "SELECT")

        assert shown.ask("SELECT count(*) AS n FROM links.link").rows == [["n"], ["2"]]


class TestChanging:
    def test_what_takes_the_whole_table_is_described_in_part(self, shown: TaggedLake) -> None:
        """ALTER and DROP by a tag that some columns do not carry are DESCRIBE; Super is SELECT and DESCRIBE."""
        glue = shown.as_role("glue")
        shown.grant(ANALYST, policy("TABLE", level="public"), "ALTER", "DROP", "INSERT", "DELETE")
        shown.assign(columns("agent"), level="secret")

        with refused("AccessDeniedException"):
            glue.update_table(DatabaseName="lake", TableInput={"Name": "calls"})
        with refused("AccessDeniedException"):
            glue.delete_table(DatabaseName="lake", Name="calls")
        assert column_names(shown) == ["queue", "seconds"]
        assert shown.ask("SELECT queue FROM calls").state == "FAILED"
        shown.grant(ANALYST, policy("TABLE", level="public"), "ALL")
        with refused("AccessDeniedException"):
            glue.delete_table(DatabaseName="lake", Name="calls")
        assert shown.ask("SELECT queue FROM calls ORDER BY 1").rows == [["queue"], ["billing"], ["sales"]]

        shown.formation.remove_lf_tags_from_resource(Resource=columns("agent"), LFTags=expression(level="secret"))
        glue.delete_table(DatabaseName="lake", Name="calls")

    def test_databases_are_changed_by_tags(self, shown: TaggedLake) -> None:
        """CREATE_TABLE and DROP on databases that carry a tag let one do that there, and nowhere else."""
        shown.make_database("elsewhere")
        glue = shown.as_role("glue")
        shown.grant(ANALYST, policy("DATABASE", module="sales"), "CREATE_TABLE", "DROP")

        glue.create_table(DatabaseName="lake", TableInput={"Name": "own"})
        with refused("AccessDeniedException"):
            glue.create_table(DatabaseName="elsewhere", TableInput={"Name": "own"})
        with refused("AccessDeniedException"):
            glue.delete_database(Name="elsewhere")
        glue.delete_database(Name="lake")


class TestGranting:
    @pytest.mark.refuses("lakeformation.grant.permission-fits-resource")
    @pytest.mark.parametrize(
        ("resource", "permission"),
        [
            (tag("module"), "SELECT"),
            (tag("module"), "ALL"),
            (tag("module", "sales"), "CREATE_LF_TAG"),
            (policy("DATABASE", module="sales"), "SELECT"),
            (policy("DATABASE", module="sales"), "ASSOCIATE"),
            (policy("TABLE", module="sales"), "CREATE_TABLE"),
            (NAMED, "CREATE_DATABASE"),
            ({"LFTagExpression": {"Name": "mine"}}, "ASSOCIATE"),
            ({"LFTagExpression": {"Name": "mine"}}, "SELECT"),
        ],
    )
    def test_what_does_not_fit(self, lake: TaggedLake, resource: dict[str, Any], permission: str) -> None:
        """Tags, policies and saved expressions each take their own permissions."""
        lake.formation.create_lf_tag_expression(Name="mine", Expression=expression(module="sales"))

        with refused("InvalidInputException"):
            lake.grant(ANALYST, resource, permission)

    @pytest.mark.allows("lakeformation.grant.permission-fits-resource", "lakeformation.revoke.something-held")
    @pytest.mark.parametrize(
        ("resource", "permissions"),
        [
            (tag("module"), ("ALTER", "DROP", "DESCRIBE", "ASSOCIATE", "GRANT_WITH_LF_TAG_EXPRESSION")),
            (policy("DATABASE", module="sales"), ("ALL", "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP")),
            (policy("TABLE", module="*"), ("ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT")),
            (NAMED, ("SELECT", "DESCRIBE")),
            ({"LFTagExpression": {"Name": "mine"}}, ("ALTER", "DROP", "DESCRIBE", "GRANT_WITH_LF_TAG_EXPRESSION")),
        ],
    )
    def test_what_fits(self, lake: TaggedLake, resource: dict[str, Any], permissions: tuple[str, ...]) -> None:
        """Everything that fits is granted, twice if asked, and revoked."""
        lake.formation.create_lf_tag_expression(Name="mine", Expression=expression(module="sales"))
        before = lake.rows()

        lake.grant(ANALYST, resource, *permissions)
        lake.grant(ANALYST, resource, *permissions, option=True)
        (row,) = [each for each in lake.rows() if each not in before]
        lake.revoke(ANALYST, resource, *permissions)

        assert set(permissions) <= set(row["Permissions"])
        assert set(permissions) <= set(row["PermissionsWithGrantOption"])
        assert lake.rows() == before

    def test_what_is_not_there(self, lake: TaggedLake) -> None:
        """Grants on tags, values and expressions that there are not are refused."""
        for resource in (
            tag("nothing"),
            tag("module", "nothing"),
            policy("TABLE", module="nothing"),
            policy("TABLE", nothing="a"),
            NAMED,
            {"LFTagExpression": {"Name": "mine"}},
        ):
            with refused("EntityNotFoundException"):
                lake.grant(ANALYST, resource, "DESCRIBE")

    def test_batches_have_their_failures(self, lake: TaggedLake) -> None:
        """Entries on tags and by tags succeed and fail by themselves."""
        to = {"DataLakePrincipalIdentifier": ANALYST}
        entries = [
            {"Id": "1", "Principal": to, "Resource": tag("module", "sales"), "Permissions": ["DESCRIBE"]},
            {"Id": "2", "Principal": to, "Resource": policy("TABLE", module="nothing"), "Permissions": ["SELECT"]},
            {"Id": "3", "Principal": to, "Resource": policy("TABLE", module="sales"), "Permissions": ["SELECT"]},
        ]

        granted = lake.formation.batch_grant_permissions(Entries=entries)["Failures"]
        revoked = lake.formation.batch_revoke_permissions(Entries=entries)["Failures"]

        assert [each["RequestEntry"]["Id"] for each in granted] == ["2"]
        assert [each["RequestEntry"]["Id"] for each in revoked] == ["2"]

    @pytest.mark.refuses("lakeformation.revoke.something-held")
    def test_revoking_what_was_not_granted(self, lake: TaggedLake) -> None:
        """It is refused, of tags in words of their own where the grantee has something on the tag."""
        for resource in (tag("module", "sales"), policy("TABLE", module="sales")):
            with refused("InvalidInputException", "No permissions revoked. Grantee has no permissions"):
                lake.revoke(ANALYST, resource, "DESCRIBE")
        lake.grant(ANALYST, tag("module", "sales"), "DESCRIBE")
        for to, resource, permission in (
            (ANALYST, tag("module", "sales"), "ASSOCIATE"),
            (ANALYST, tag("module", "orders"), "DESCRIBE"),
            (ADMIN, tag("module"), "ALTER"),
        ):
            with refused("InvalidInputException", "Revoking Tag permissions on Tags that grantee does not have"):
                lake.revoke(to, resource, permission)

    def test_who_grants_by_tags(self, lake: TaggedLake) -> None:
        """With the grant option one grants by that very expression, and what one has by it on each thing by name."""
        lake.assign(DATABASE, module="sales")
        lake.grant(ANALYST, policy("TABLE", module=["sales", "orders"]), "SELECT", option=True)
        analyst, to = lake.as_role("lakeformation"), {"DataLakePrincipalIdentifier": OTHER}

        analyst.grant_permissions(
            Principal=to, Resource=policy("TABLE", module=["orders", "sales"]), Permissions=["SELECT"]
        )
        analyst.grant_permissions(Principal=to, Resource=TABLE, Permissions=["SELECT"])

        for resource, permission in (
            (policy("TABLE", module="sales"), "SELECT"),
            (policy("TABLE", module=["orders", "sales"]), "DESCRIBE"),
            (TABLE, "ALTER"),
            (DATABASE, "DESCRIBE"),
        ):
            with refused("AccessDeniedException"):
                analyst.grant_permissions(Principal=to, Resource=resource, Permissions=[permission])

    def test_granting_with_tags_takes_every_value(self, lake: TaggedLake) -> None:
        """GRANT_WITH_LF_TAG_EXPRESSION on each tag and value, or on the saved expression, lets one grant by them."""
        lake.formation.create_lf_tag_expression(Name="mine", Expression=expression(level="secret"))
        analyst, to = lake.as_role("lakeformation"), {"DataLakePrincipalIdentifier": OTHER}
        lake.grant(ANALYST, tag("module", "sales"), "GRANT_WITH_LF_TAG_EXPRESSION")

        analyst.grant_permissions(Principal=to, Resource=policy("TABLE", module="sales"), Permissions=["SELECT"])
        for resource in (
            policy("TABLE", module=["sales", "orders"]),
            policy("TABLE", module="sales", level="public"),
            NAMED,
        ):
            with refused("AccessDeniedException"):
                analyst.grant_permissions(Principal=to, Resource=resource, Permissions=["SELECT"])
        lake.grant(ANALYST, {"LFTagExpression": {"Name": "mine"}}, "GRANT_WITH_LF_TAG_EXPRESSION")
        analyst.grant_permissions(Principal=to, Resource=NAMED, Permissions=["SELECT"])


class TestListing:
    def test_how_grants_on_tags_list(self, lake: TaggedLake) -> None:
        """Values on which the same is held share a row; all values are a star; the tag as a whole stands by itself."""
        lake.grant(ANALYST, tag("module", "sales"), "ASSOCIATE", "DESCRIBE")
        lake.grant(ANALYST, tag("module", "orders"), "DESCRIBE", option=True)
        lake.grant(ANALYST, tag("level"), "ASSOCIATE")
        lake.grant(ANALYST, tag("level", "public"), "ALTER")

        rows = lake.rows(ResourceType="LF_TAG")

        assert [(each["Resource"]["LFTag"]["TagKey"], each["Resource"]["LFTag"]["TagValues"]) for each in rows] == [
            ("module", ["orders", "sales"]),
            ("module", ["sales"]),
            ("level", ["*"]),
        ]
        assert [each["Permissions"] for each in rows] == [["DESCRIBE"], ["ASSOCIATE"], ["ALTER", "ASSOCIATE"]]
        assert lake.rows(ResourceType="LF_TAG", Resource=tag("level")) == rows[2:]
        assert lake.rows(Resource=tag("level", "public")) == rows[2:]
        assert lake.rows(Resource=tag("module", "orders")) == rows[:1]

    def test_others_see_their_own_grants_on_tags(self, lake: TaggedLake) -> None:
        """Who is no administrator sees what it was granted on tags and by them, and not who else was."""
        for to in (ANALYST, OTHER):
            lake.grant(to, tag("module"), "DESCRIBE")
            lake.grant(to, policy("TABLE", module="sales"), "SELECT")

        rows = lake.as_role("lakeformation").list_permissions()["PrincipalResourcePermissions"]

        assert [next(iter(row["Resource"])) for row in rows] == ["LFTag", "LFTagPolicy"]
        assert {row["Principal"]["DataLakePrincipalIdentifier"] for row in rows} == {ANALYST}

    def test_types_of_what_is_granted_by_tags(self, lake: TaggedLake) -> None:
        """Each ResourceType has its own, and LF_TAG_POLICY both sorts of policies."""
        lake.formation.create_lf_tag_expression(Name="mine", Expression=expression(module="sales"))
        lake.grant(ANALYST, policy("DATABASE", module="sales"), "DESCRIBE")
        lake.grant(ANALYST, policy("TABLE", Level=["Secret", "public"], module="sales"), "SELECT")
        lake.grant(ANALYST, NAMED, "SELECT")
        lake.grant(ANALYST, {"LFTagExpression": {"Name": "mine"}}, "DESCRIBE")

        def resources(kind: str) -> list[dict[str, Any]]:
            return [row["Resource"] for row in lake.rows(ResourceType=kind)]

        (by_database,) = resources("LF_TAG_POLICY_DATABASE")
        by_table = resources("LF_TAG_POLICY_TABLE")
        said = {"CatalogId": CONSUMER, "ResourceType": "TABLE"}
        assert by_database["LFTagPolicy"]["Expression"] == expression(module="sales")
        assert by_table == [
            {"LFTagPolicy": {**said, "Expression": expression(level=["public", "secret"], module="sales")}},
            {"LFTagPolicy": {**said, "ExpressionName": "mine"}},
        ]
        assert resources("LF_TAG_POLICY") == [by_database, *by_table]
        assert resources("LF_NAMED_TAG_EXPRESSION") == [{"LFTagExpression": {"CatalogId": CONSUMER, "Name": "mine"}}]
        for row in lake.rows():
            # What is listed can be asked for as it is.
            if "LFTagPolicy" in row["Resource"]:
                assert row in lake.rows(Resource=row["Resource"])

    def test_what_one_has_by_tags_is_effective(self, shown: TaggedLake) -> None:
        """With a Principal the listing of a table has what the tags give at that moment."""
        shown.grant(ANALYST, policy("TABLE", level="public"), "SELECT")
        asked = {"Resource": TABLE, "Principal": {"DataLakePrincipalIdentifier": ANALYST}}
        whole = shown.rows(**asked)
        shown.assign(columns("agent"), level="secret")

        (some,) = shown.rows(**asked)

        assert [row["Permissions"] for row in whole] == [["SELECT"]]
        assert some["Resource"]["TableWithColumns"]["ColumnNames"] == ["queue", "seconds"]
        assert shown.rows(Resource=TABLE) == []


def test_a_grant_and_a_check_look_at_few_grants(lake: TaggedLake) -> None:
    """With thousands of policies of others stored, reading and granting look at those of who asks alone."""
    from lakeshare.sandbox.services.lakeformation import by_tags

    for number in range(300):
        lake.grant(
            f"arn:aws:iam::{CONSUMER}:saml-provider/idp:user/u{number}", policy("TABLE", module="sales"), "SELECT"
        )
    lake.assign(DATABASE, module="sales")
    seen = []
    real = by_tags.match

    def counted(*given: Any) -> Any:
        seen.append(given)
        return real(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_tags, "match", counted)
        lake.grant(ANALYST, policy("TABLE", module="sales"), "SELECT")
        granting = len(seen)
        with contextlib.suppress(ClientError):
            lake.as_role("glue").get_table(DatabaseName="lake", Name="calls")

    assert granting == 0
    assert 1 <= len(seen) <= 10
