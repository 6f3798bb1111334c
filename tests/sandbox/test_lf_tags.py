"""LF-tags: how they are made and changed, who may, and what carries them."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.services.lakeformation import lf_tags, tag_expressions, tagging
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, as_role, refused
from tests.sandbox.tags import ANALYST, DATABASE, TABLE, TaggedLake, columns, expression, set_switch, tag

OTHER = f"arn:aws:iam::{CONSUMER}:role/other"


@pytest.fixture
def lake(client: ClientMaker) -> TaggedLake:
    lake = TaggedLake(client)
    lake.as_role("glue")
    return lake


def pairs(**values: str) -> list[dict[str, Any]]:
    """Return tags with one value each as answers have them."""
    return [{"CatalogId": CONSUMER, "TagKey": key, "TagValues": [value]} for key, value in values.items()]


class TestMaking:
    @pytest.mark.allows(
        "lakeformation.tag.exists",
        "lakeformation.tag.letters",
        "lakeformation.tag.limits",
        "lakeformation.tag.may-change",
        "lakeformation.tag.may-see",
        "lakeformation.tag.value-in-use",
        "lakeformation.tag.values",
    )
    def test_a_tag_is_made_changed_and_deleted(self, lake: TaggedLake) -> None:
        """Keys and values fold to lower case; an update adds and deletes values; a deleted tag is gone."""
        lake.formation.create_lf_tag(TagKey="Module", TagValues=["Sales", "orders", "SALES"])
        made = lake.formation.get_lf_tag(TagKey="MODULE")
        lake.formation.update_lf_tag(TagKey="module", TagValuesToAdd=["New"], TagValuesToDelete=["orders"])
        changed = lake.formation.list_lf_tags()["LFTags"]
        lake.formation.delete_lf_tag(TagKey="module")

        assert (made["CatalogId"], made["TagKey"], made["TagValues"]) == (CONSUMER, "module", ["sales", "orders"])
        assert changed == [{"CatalogId": CONSUMER, "TagKey": "module", "TagValues": ["sales", "new"]}]
        assert lake.formation.list_lf_tags()["LFTags"] == []

    @pytest.mark.refuses("lakeformation.tag.once")
    @pytest.mark.allows("lakeformation.tag.once")
    def test_a_tag_is_made_once(self, lake: TaggedLake) -> None:
        """The same key in another case is the same tag."""
        lake.make_tags(module=["sales"])

        with refused("InvalidInputException"):
            lake.make_tags(MODULE=["orders"])

    @pytest.mark.refuses("lakeformation.tag.exists")
    def test_a_tag_that_is_not_there(self, lake: TaggedLake) -> None:
        """It cannot be read, changed, deleted or searched by."""
        calls: list[tuple[str, dict[str, Any]]] = [
            ("get_lf_tag", {"TagKey": "nothing"}),
            ("update_lf_tag", {"TagKey": "nothing", "TagValuesToAdd": ["a"]}),
            ("delete_lf_tag", {"TagKey": "nothing"}),
            ("search_tables_by_lf_tags", {"Expression": expression(nothing="a")}),
        ]
        for operation, asked in calls:
            with refused("EntityNotFoundException"):
                getattr(lake.formation, operation)(**asked)

    @pytest.mark.refuses("lakeformation.tag.values")
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"TagValuesToDelete": ["unknown"]},
            {"TagValuesToDelete": ["sales"]},
            {"TagValuesToAdd": ["new"], "TagValuesToDelete": ["new"]},
        ],
    )
    def test_an_update_says_what_to_change(self, lake: TaggedLake, changes: dict[str, Any]) -> None:
        """Nothing, a value that is not there, the last one, and the same both ways are refused."""
        lake.make_tags(module=["sales"])

        with refused("InvalidInputException"):
            lake.formation.update_lf_tag(TagKey="module", **changes)

    @pytest.mark.refuses("lakeformation.tag.letters")
    @pytest.mark.parametrize("word", ["a*b", "*", "semi;colon", "a<b"])
    def test_letters_that_a_tag_cannot_have(self, lake: TaggedLake, word: str) -> None:
        """Signs that are not in the model's pattern are refused, and a star, which would mean every value."""
        with refused("InvalidInputException"):
            lake.formation.create_lf_tag(TagKey="module", TagValues=[word])

    @pytest.mark.refuses("lakeformation.tag.limits")
    def test_how_many_tags_and_values_there_can_be(self, lake: TaggedLake, monkeypatch: pytest.MonkeyPatch) -> None:
        """One tag more than a catalog can have is refused, and one value more than a tag can."""
        monkeypatch.setattr(lf_tags, "MOST_TAGS", 1)
        monkeypatch.setattr(lf_tags, "MOST_VALUES", 2)
        lake.make_tags(module=["sales", "orders"])

        with refused("ResourceNumberLimitExceededException"):
            lake.make_tags(level=["public"])
        with refused("InvalidInputException"):
            lake.formation.update_lf_tag(TagKey="module", TagValuesToAdd=["third"])

    @pytest.mark.refuses("lakeformation.tag.length")
    def test_how_long_a_tag_is_by_the_notes(self, lake: TaggedLake, box: Sandbox) -> None:
        """Where the switch follows the notes, 51 characters are too many."""
        set_switch(box, "lakeformation.tag-length", "fifty")

        with refused("InvalidInputException"):
            lake.make_tags(**{"k" * 51: ["v"]})

    @pytest.mark.allows("lakeformation.tag.length")
    def test_how_long_a_tag_is_by_the_model(self, lake: TaggedLake) -> None:
        """128 characters are not too many, 129 are; more than 50 values in a call are."""
        lake.make_tags(**{"k" * 128: ["v"]})

        with refused("InvalidInputException"):
            lake.make_tags(**{"k" * 129: ["v"]})
        with refused("InvalidInputException"):
            lake.make_tags(module=[f"v{number}" for number in range(51)])

    def test_tags_come_in_pages(self, lake: TaggedLake) -> None:
        """Each page has as many as were asked for, and the pages together are all of them."""
        lake.make_tags(a=["1"], b=["1"], c=["1"])

        first = lake.formation.list_lf_tags(MaxResults=2)
        second = lake.formation.list_lf_tags(MaxResults=2, NextToken=first["NextToken"])

        assert [each["TagKey"] for page in (first, second) for each in page["LFTags"]] == ["a", "b", "c"]
        assert "NextToken" not in second


class TestWhoMay:
    @pytest.mark.refuses("lakeformation.tag.may-create", "lakeformation.tag.may-see")
    @pytest.mark.allows("lakeformation.tag.may-create")
    def test_who_makes_tags(self, lake: TaggedLake) -> None:
        """It takes CREATE_LF_TAG on the catalog, and its maker may do everything with the tag."""
        maker = lake.as_role("lakeformation")
        with refused("AccessDeniedException"):
            maker.create_lf_tag(TagKey="module", TagValues=["sales"])

        lake.grant(ANALYST, {"Catalog": {}}, "CREATE_LF_TAG")
        maker.create_lf_tag(TagKey="module", TagValues=["sales", "orders"])
        maker.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": ADMIN}, Resource=tag("module", "sales"), Permissions=["ASSOCIATE"]
        )
        maker.update_lf_tag(TagKey="module", TagValuesToAdd=["new"])
        with refused("AccessDeniedException"):
            lake.as_role("lakeformation", "other").get_lf_tag(TagKey="module")
        maker.delete_lf_tag(TagKey="module")

    def test_nobody_makes_tags_in_another_account(self, lake: TaggedLake) -> None:
        """A CatalogId that is another's is refused."""
        with refused("AccessDeniedException"):
            lake.formation.create_lf_tag(CatalogId="333333333333", TagKey="module", TagValues=["sales"])

    @pytest.mark.refuses("lakeformation.tag.may-change")
    @pytest.mark.parametrize("permission", ["ALTER", "DROP"])
    def test_who_changes_tags(self, lake: TaggedLake, permission: str) -> None:
        """ALTER lets one update and DROP lets one delete, and each no more."""
        lake.make_tags(module=["sales"])
        other = lake.as_role("lakeformation", "other")
        lake.grant(OTHER, tag("module"), permission)
        calls = {
            "ALTER": lambda: other.update_lf_tag(TagKey="module", TagValuesToAdd=["new"]),
            "DROP": lambda: other.delete_lf_tag(TagKey="module"),
        }

        with refused("AccessDeniedException"):
            calls["DROP" if permission == "ALTER" else "ALTER"]()
        assert other.get_lf_tag(TagKey="module")["TagValues"] == ["sales"]
        calls[permission]()

    def test_one_sees_the_values_that_one_was_granted(self, lake: TaggedLake) -> None:
        """Any permission on a value shows that value; a read-only administrator sees all; ASSOCIATE on all, all."""
        lake.make_tags(module=["sales", "orders"], level=["public"])
        other = lake.as_role("lakeformation", "other")
        assert other.list_lf_tags()["LFTags"] == []

        lake.grant(OTHER, tag("module", "orders"), "ASSOCIATE")
        some = other.list_lf_tags()["LFTags"]
        lake.grant(OTHER, tag("level"), "DESCRIBE")
        admins = {"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}
        viewers = {"ReadOnlyAdmins": [{"DataLakePrincipalIdentifier": ANALYST}]}
        lake.formation.put_data_lake_settings(DataLakeSettings=admins | viewers)

        assert some == pairs(module="orders")
        assert other.list_lf_tags()["LFTags"] == pairs(module="orders", level="public")
        assert len(lake.as_role("lakeformation").list_lf_tags()["LFTags"]) == 2

    def test_values_are_granted_on_one_by_one(self, lake: TaggedLake) -> None:
        """Who holds ASSOCIATE on a value with the grant option grants that one, not another and not all."""
        lake.make_tags(module=["sales", "orders"])
        other = lake.as_role("lakeformation", "other")
        lake.grant(OTHER, tag("module", "sales"), "ASSOCIATE", option=True)
        to = {"DataLakePrincipalIdentifier": ANALYST}

        other.grant_permissions(Principal=to, Resource=tag("module", "sales"), Permissions=["ASSOCIATE"])

        for resource in (tag("module", "orders"), tag("module")):
            with refused("AccessDeniedException"):
                other.grant_permissions(Principal=to, Resource=resource, Permissions=["ASSOCIATE"])


class TestAssigning:
    @pytest.mark.allows(
        "lakeformation.tagging.associate",
        "lakeformation.tagging.carried",
        "lakeformation.tagging.most-tags",
        "lakeformation.tagging.one-value",
        "lakeformation.tagging.resource",
        "lakeformation.tagging.right-on-resource",
        "lakeformation.tagging.same-account",
        "lakeformation.tagging.tag-exists",
    )
    def test_what_a_thing_carries(self, lake: TaggedLake) -> None:
        """A table shows its database's tags and a column its table's, unless it has a value of its own."""
        lake.make_tags(module=["sales", "orders"], level=["public", "secret"])
        lake.assign(DATABASE, module="sales", level="public")
        lake.assign(TABLE, module="orders")
        lake.assign(columns("agent"), level="secret")

        shown = lake.formation.get_resource_lf_tags(Resource=TABLE)
        own = lake.formation.get_resource_lf_tags(Resource=TABLE, ShowAssignedLFTags=True)
        one = lake.formation.get_resource_lf_tags(Resource=columns("agent"), ShowAssignedLFTags=True)

        assert shown["LFTagOnDatabase"] == pairs(module="sales", level="public")
        assert shown["LFTagsOnTable"] == pairs(module="orders", level="public")
        assert {each["Name"]: each["LFTags"] for each in shown["LFTagsOnColumns"]} == {
            "queue": pairs(module="orders", level="public"),
            "agent": pairs(module="orders", level="secret"),
            "seconds": pairs(module="orders", level="public"),
        }
        assert own["LFTagsOnTable"] == pairs(module="orders")
        assert own["LFTagsOnColumns"] == [{"Name": "agent", "LFTags": pairs(level="secret")}]
        assert one["LFTagsOnColumns"] == own["LFTagsOnColumns"]

    def test_a_removed_tag_is_inherited_again(self, lake: TaggedLake) -> None:
        """Assigning again replaces the value; removing the own one brings back that of the database."""
        lake.make_tags(module=["sales", "orders"])
        lake.assign(DATABASE, module="sales")
        lake.assign(TABLE, module="sales")
        lake.assign(TABLE, module="orders")

        removed = lake.formation.remove_lf_tags_from_resource(Resource=TABLE, LFTags=expression(module="orders"))

        assert removed["Failures"] == []
        assert lake.formation.get_resource_lf_tags(Resource=TABLE)["LFTagsOnTable"] == pairs(module="sales")
        assert "LFTagsOnTable" not in lake.formation.get_resource_lf_tags(Resource=TABLE, ShowAssignedLFTags=True)

    @pytest.mark.refuses(
        "lakeformation.tagging.associate",
        "lakeformation.tagging.carried",
        "lakeformation.tagging.same-account",
        "lakeformation.tagging.tag-exists",
    )
    def test_each_tag_fails_by_itself(self, lake: TaggedLake) -> None:
        """Those that can be assigned are, and the others come back with why, under HTTP 200."""
        lake.make_tags(module=["sales"], level=["public"])
        lake.as_role("glue", "other")
        lake.grant(OTHER, TABLE, "ALL", option=True)
        lake.grant(OTHER, tag("module"), "ASSOCIATE")
        other = lake.as_role("lakeformation", "other")
        abroad = {"CatalogId": "333333333333", "TagKey": "abroad", "TagValues": ["a"]}
        given = [*expression(module="sales", level="public", nothing="a"), abroad]

        added = other.add_lf_tags_to_resource(Resource=TABLE, LFTags=given)
        removed = lake.formation.remove_lf_tags_from_resource(Resource=TABLE, LFTags=expression(level="public"))

        assert {each["LFTag"]["TagKey"]: each["Error"]["ErrorCode"] for each in added["Failures"]} == {
            "level": "AccessDeniedException",
            "nothing": "EntityNotFoundException",
            "abroad": "InvalidInputException",
        }
        assert added["Failures"][1]["LFTag"]["CatalogId"] == CONSUMER
        assert added["Failures"][1]["Error"]["ErrorMessage"] == "Tag or tag value does not exist."
        assert [each["Error"]["ErrorCode"] for each in removed["Failures"]] == ["EntityNotFoundException"]
        assert lake.formation.get_resource_lf_tags(Resource=TABLE)["LFTagsOnTable"] == pairs(module="sales")

    @pytest.mark.refuses("lakeformation.tagging.one-value")
    def test_a_key_comes_once_with_one_value(self, lake: TaggedLake) -> None:
        """Two values, a star, and the same key twice are refused."""
        lake.make_tags(module=["sales", "orders"])

        for given in (
            expression(module=["sales", "orders"]),
            expression(module="*"),
            expression(module="sales") + expression(MODULE="orders"),
        ):
            with refused("InvalidInputException"):
                lake.formation.add_lf_tags_to_resource(Resource=DATABASE, LFTags=given)

    @pytest.mark.refuses("lakeformation.tagging.resource")
    def test_what_can_carry_tags(self, lake: TaggedLake) -> None:
        """All tables, a wildcard of columns, unknown columns and a catalog cannot."""
        lake.make_tags(module=["sales"])
        named = {"DatabaseName": "lake", "Name": "calls"}

        resources: list[dict[str, Any]] = [
            {"Table": {"DatabaseName": "lake", "TableWildcard": {}}},
            {"TableWithColumns": {**named, "ColumnWildcard": {}}},
            columns("nothing"),
            {"Catalog": {}},
        ]
        for resource in resources:
            with refused("InvalidInputException"):
                lake.formation.add_lf_tags_to_resource(Resource=resource, LFTags=expression(module="sales"))
        with refused("EntityNotFoundException"):
            lake.assign({"Database": {"Name": "nothing"}}, module="sales")

    @pytest.mark.refuses("lakeformation.tagging.right-on-resource")
    def test_tagging_takes_the_right_on_the_thing(self, lake: TaggedLake) -> None:
        """ASSOCIATE alone is not enough; every permission with the grant option is, and having made the thing is."""
        lake.make_tags(module=["sales"])
        other = lake.as_role("lakeformation", "other")
        lake.grant(OTHER, tag("module"), "ASSOCIATE")
        sales = expression(module="sales")

        lake.grant(OTHER, DATABASE, "DESCRIBE", "CREATE_TABLE", "ALTER", option=True)
        with refused("AccessDeniedException"):
            other.add_lf_tags_to_resource(Resource=DATABASE, LFTags=sales)
        lake.grant(OTHER, DATABASE, "DROP", option=True)
        assert other.add_lf_tags_to_resource(Resource=DATABASE, LFTags=sales)["Failures"] == []
        with refused("AccessDeniedException"):
            other.add_lf_tags_to_resource(Resource=TABLE, LFTags=sales)
        lake.as_role("glue", "other").create_table(DatabaseName="lake", TableInput={"Name": "own"})
        own = {"Table": {"DatabaseName": "lake", "Name": "own"}}
        assert other.add_lf_tags_to_resource(Resource=own, LFTags=sales)["Failures"] == []

    def test_an_administrator_associates_what_it_made_or_was_granted(self, lake: TaggedLake, box: Sandbox) -> None:
        """Another's tag takes a grant of ASSOCIATE to itself, unless the switch says it has that by being one."""
        lake.as_role("lakeformation", "other")
        lake.grant(OTHER, {"Catalog": {}}, "CREATE_LF_TAG")
        lake.as_role("lakeformation", "other").create_lf_tag(TagKey="theirs", TagValues=["a"])

        def failures() -> list[Any]:
            asked = lake.formation.add_lf_tags_to_resource(Resource=DATABASE, LFTags=expression(theirs="a"))
            found: list[Any] = asked["Failures"]
            return found

        assert [each["Error"]["ErrorCode"] for each in failures()] == ["AccessDeniedException"]
        set_switch(box, "lakeformation.administrators-associate", "implicit")
        assert failures() == []
        set_switch(box, "lakeformation.administrators-associate", "granted")
        lake.grant(ADMIN, tag("theirs"), "ASSOCIATE")
        assert failures() == []

    @pytest.mark.refuses("lakeformation.tagging.most-tags")
    def test_how_many_tags_a_thing_carries(self, lake: TaggedLake, monkeypatch: pytest.MonkeyPatch) -> None:
        """One more than the most fails; another value of one that is there does not."""
        monkeypatch.setattr(tagging, "MOST_ON_ONE", 1)
        lake.make_tags(module=["sales", "orders"], level=["public"])
        lake.assign(TABLE, module="sales")
        lake.assign(TABLE, module="orders")

        added = lake.formation.add_lf_tags_to_resource(Resource=TABLE, LFTags=expression(level="public"))

        assert [each["Error"]["ErrorCode"] for each in added["Failures"]] == ["InvalidInputException"]

    @pytest.mark.refuses("lakeformation.tag.value-in-use")
    def test_a_value_that_is_assigned_stays(self, lake: TaggedLake) -> None:
        """Deleting it is refused until nothing carries it."""
        lake.make_tags(module=["sales", "orders"])
        lake.assign(columns("agent"), module="sales")

        with refused("InvalidInputException", "Update not allowed"):
            lake.formation.update_lf_tag(TagKey="module", TagValuesToDelete=["sales"])
        lake.formation.remove_lf_tags_from_resource(Resource=columns("agent"), LFTags=expression(module="sales"))
        lake.formation.update_lf_tag(TagKey="module", TagValuesToDelete=["sales"])

    def test_a_value_that_is_assigned_goes_by_the_guide(self, lake: TaggedLake, box: Sandbox) -> None:
        """Where the switch follows the developer guide nothing carries the value any more, and nobody holds it."""
        set_switch(box, "lakeformation.tag-value-in-use", "delete")
        lake.make_tags(module=["sales", "orders"])
        lake.assign(TABLE, module="sales")
        lake.grant(ANALYST, tag("module", "sales", "orders"), "DESCRIBE")

        lake.formation.update_lf_tag(TagKey="module", TagValuesToDelete=["sales"])

        assert "LFTagsOnTable" not in lake.formation.get_resource_lf_tags(Resource=TABLE)
        assert lake.as_role("lakeformation").list_lf_tags()["LFTags"] == pairs(module="orders")

    def test_a_deleted_tag_is_on_nothing(self, lake: TaggedLake) -> None:
        """What carried it is not looked at before; made again, the tag begins clean, and so do the grants on it."""
        lake.make_tags(module=["sales"])
        lake.assign(DATABASE, module="sales")
        lake.assign(columns("agent"), module="sales")
        lake.grant(ANALYST, tag("module"), "DESCRIBE")

        lake.formation.delete_lf_tag(TagKey="module")
        lake.make_tags(module=["sales"])

        assert "LFTagOnDatabase" not in lake.formation.get_resource_lf_tags(Resource=DATABASE)
        assert "LFTagsOnColumns" not in lake.formation.get_resource_lf_tags(Resource=TABLE)
        assert lake.as_role("lakeformation").list_lf_tags()["LFTags"] == []

    def test_what_is_made_again_carries_nothing(self, lake: TaggedLake) -> None:
        """A deleted table and database leave no tags, and neither does a column that an update leaves out."""
        lake.make_tags(module=["sales"])
        lake.assign(columns("agent", "queue"), module="sales")
        given = {"Name": "calls", "StorageDescriptor": {"Columns": [{"Name": "queue", "Type": "string"}]}}
        lake.glue.update_table(DatabaseName="lake", TableInput=given)
        left = lake.formation.get_resource_lf_tags(Resource=TABLE)["LFTagsOnColumns"]
        lake.assign(TABLE, module="sales")
        lake.glue.delete_table(DatabaseName="lake", Name="calls")
        lake.make_table("calls")
        again = lake.formation.get_resource_lf_tags(Resource=TABLE)
        lake.assign(DATABASE, module="sales")
        lake.assign(TABLE, module="sales")
        lake.glue.delete_database(Name="lake")
        lake.make_database("lake")
        lake.make_table("calls")

        assert [each["Name"] for each in left] == ["queue"]
        assert "LFTagsOnTable" not in again
        shown = lake.formation.get_resource_lf_tags(Resource=TABLE)
        assert {"LFTagOnDatabase", "LFTagsOnTable", "LFTagsOnColumns"}.isdisjoint(shown)

    @pytest.mark.allows("lakeformation.tagging.links")
    def test_a_link_carries_its_own_tags(self, lake: TaggedLake) -> None:
        """A table link inherits the tags of the database that it is in, and not those of its target."""
        lake.make_tags(module=["sales", "orders"], level=["public"])
        lake.make_database("links")
        target = {"CatalogId": CONSUMER, "DatabaseName": "lake", "Name": "calls"}
        lake.glue.create_table(DatabaseName="links", TableInput={"Name": "link", "TargetTable": target})
        link = {"Table": {"DatabaseName": "links", "Name": "link"}}
        lake.assign(DATABASE, module="sales")
        lake.assign({"Database": {"Name": "links"}}, module="orders")
        lake.assign(link, level="public")

        assert lake.formation.get_resource_lf_tags(Resource=link)["LFTagsOnTable"] == pairs(
            module="orders", level="public"
        )

    @pytest.mark.refuses("lakeformation.tagging.links")
    def test_a_link_carries_none_where_the_switch_says_so(self, lake: TaggedLake, box: Sandbox) -> None:
        """Then tagging the link itself is refused."""
        set_switch(box, "lakeformation.tags-on-links", "refuse")
        lake.make_tags(module=["sales"])
        target = {"CatalogId": CONSUMER, "DatabaseName": "lake"}
        lake.glue.create_database(DatabaseInput={"Name": "link", "TargetDatabase": target})

        with refused("InvalidInputException"):
            lake.assign({"Database": {"Name": "link"}}, module="sales")

    def test_tags_show_to_those_who_may_see_them(self, lake: TaggedLake) -> None:
        """It takes a permission on the thing, and one on the value for each tag that shows."""
        lake.make_tags(module=["sales"], level=["public"])
        lake.assign(DATABASE, module="sales", level="public")
        analyst = lake.as_role("lakeformation")
        with refused("AccessDeniedException"):
            analyst.get_resource_lf_tags(Resource=DATABASE)

        lake.grant(ANALYST, DATABASE, "DESCRIBE")
        lake.grant(ANALYST, tag("module", "sales"), "ASSOCIATE")

        assert analyst.get_resource_lf_tags(Resource=DATABASE)["LFTagOnDatabase"] == pairs(module="sales")


class TestSearching:
    def test_what_carries_the_tags_is_found(self, lake: TaggedLake) -> None:
        """Databases by their tags, tables by their own or by those of a column, in pages, with all their tags."""
        lake.make_tags(module=["sales", "orders"], level=["public", "secret"])
        lake.make_table("other")
        lake.assign(DATABASE, module="sales")
        lake.assign(columns("agent"), level="secret")

        databases = lake.formation.search_databases_by_lf_tags(Expression=expression(module=["orders", "sales"]))
        first = lake.formation.search_tables_by_lf_tags(Expression=expression(module="*"), MaxResults=1)
        second = lake.formation.search_tables_by_lf_tags(
            Expression=expression(module="*"), MaxResults=1, NextToken=first["NextToken"]
        )
        by_column = lake.formation.search_tables_by_lf_tags(Expression=expression(module="sales", level="secret"))

        assert databases["DatabaseList"] == [
            {"Database": {"CatalogId": CONSUMER, "Name": "lake"}, "LFTags": pairs(module="sales")}
        ]
        names = [each["Table"]["Name"] for page in (first, second) for each in page["TableList"]]
        assert names == ["calls", "other"]
        (found,) = by_column["TableList"]
        assert found["Table"] == {"CatalogId": CONSUMER, "DatabaseName": "lake", "Name": "calls"}
        assert found["LFTagOnDatabase"] == pairs(module="sales")
        assert {"Name": "agent", "LFTags": pairs(module="sales", level="secret")} in found["LFTagsOnColumns"]

    def test_only_what_the_caller_may_see_is_found(self, lake: TaggedLake) -> None:
        """It takes a permission on the tag to ask, and one on each thing to find it."""
        lake.make_tags(module=["sales"])
        lake.make_table("other")
        lake.assign(DATABASE, module="sales")
        analyst = lake.as_role("lakeformation")
        with refused("AccessDeniedException"):
            analyst.search_tables_by_lf_tags(Expression=expression(module="sales"))

        lake.grant(ANALYST, tag("module"), "DESCRIBE")
        lake.grant(ANALYST, {"Table": {"DatabaseName": "lake", "Name": "other"}}, "SELECT")
        found = analyst.search_tables_by_lf_tags(Expression=expression(module="sales"))["TableList"]

        assert [each["Table"]["Name"] for each in found] == ["other"]
        assert analyst.search_databases_by_lf_tags(Expression=expression(module="sales"))["DatabaseList"] == []


class TestExpressions:
    @pytest.mark.allows(
        "lakeformation.tag.expression",
        "lakeformation.tag-expression.exists",
        "lakeformation.tag-expression.may",
        "lakeformation.tag-expression.may-grant-with-tags",
        "lakeformation.tag-expression.once",
    )
    def test_an_expression_is_saved_changed_and_deleted(self, lake: TaggedLake) -> None:
        """It comes back with its tags in lower case; an update replaces them; a deleted one is gone."""
        lake.make_tags(module=["sales", "orders"], level=["public"])
        lake.formation.create_lf_tag_expression(
            Name="Mine", Description="what", Expression=expression(Module=["Sales", "orders"], level="public")
        )
        made = lake.formation.get_lf_tag_expression(Name="Mine")
        lake.formation.update_lf_tag_expression(Name="Mine", Expression=expression(module="sales"))
        listed = lake.formation.list_lf_tag_expressions()["LFTagExpressions"]
        lake.formation.delete_lf_tag_expression(Name="Mine")

        assert (made["Name"], made["Description"], made["CatalogId"]) == ("Mine", "what", CONSUMER)
        assert made["Expression"] == expression(level="public", module=["orders", "sales"])
        assert listed == [{"Name": "Mine", "CatalogId": CONSUMER, "Expression": expression(module="sales")}]
        assert lake.formation.list_lf_tag_expressions()["LFTagExpressions"] == []

    @pytest.mark.refuses("lakeformation.tag-expression.exists", "lakeformation.tag-expression.once")
    def test_a_name_is_taken_once(self, lake: TaggedLake, monkeypatch: pytest.MonkeyPatch) -> None:
        """A name that is taken is refused, one that is not there is not found, and there is an end to them."""
        lake.make_tags(module=["sales"])
        lake.formation.create_lf_tag_expression(Name="mine", Expression=expression(module="sales"))

        with refused("InvalidInputException"):
            lake.formation.create_lf_tag_expression(Name="mine", Expression=expression(module="sales"))
        with refused("EntityNotFoundException"):
            lake.formation.get_lf_tag_expression(Name="nothing")
        monkeypatch.setattr(tag_expressions, "MOST_EXPRESSIONS", 1)
        with refused("ResourceNumberLimitExceededException"):
            lake.formation.create_lf_tag_expression(Name="another", Expression=expression(module="sales"))

    @pytest.mark.refuses("lakeformation.tag.expression")
    def test_an_expression_says_something(self, lake: TaggedLake) -> None:
        """Without a tag, or with the same key twice, it is refused; with a tag that is not there, not found."""
        lake.make_tags(module=["sales"])

        for given in ([], expression(module="sales") + expression(MODULE="sales")):
            with refused("InvalidInputException"):
                lake.formation.create_lf_tag_expression(Name="mine", Expression=given)
        with refused("EntityNotFoundException"):
            lake.formation.create_lf_tag_expression(Name="mine", Expression=expression(module="unknown"))

    @pytest.mark.refuses(
        "lakeformation.tag-expression.may-create",
        "lakeformation.tag-expression.may-grant-with-tags",
        "lakeformation.tag-expression.may",
    )
    @pytest.mark.allows("lakeformation.tag-expression.may-create")
    def test_who_saves_and_sees_expressions(self, lake: TaggedLake) -> None:
        """It takes CREATE_LF_TAG_EXPRESSION and the right to grant with its tags; others need a grant on it."""
        lake.make_tags(module=["sales", "orders"])
        maker, other = lake.as_role("lakeformation"), lake.as_role("lakeformation", "other")
        sales = expression(module="sales")

        with refused("AccessDeniedException"):
            maker.create_lf_tag_expression(Name="mine", Expression=sales)
        lake.grant(ANALYST, {"Catalog": {}}, "CREATE_LF_TAG_EXPRESSION")
        lake.grant(ANALYST, tag("module", "orders"), "GRANT_WITH_LF_TAG_EXPRESSION")
        with refused("AccessDeniedException"):
            maker.create_lf_tag_expression(Name="mine", Expression=sales)
        lake.grant(ANALYST, tag("module", "sales"), "GRANT_WITH_LF_TAG_EXPRESSION")
        maker.create_lf_tag_expression(Name="mine", Expression=sales)
        with refused("AccessDeniedException"):
            other.get_lf_tag_expression(Name="mine")
        assert other.list_lf_tag_expressions()["LFTagExpressions"] == []
        lake.grant(OTHER, {"LFTagExpression": {"Name": "mine"}}, "DESCRIBE")
        assert other.get_lf_tag_expression(Name="mine")["Expression"] == sales
        with refused("AccessDeniedException"):
            other.delete_lf_tag_expression(Name="mine")
        maker.delete_lf_tag_expression(Name="mine")


def test_no_opt_in_by_tags(lake: TaggedLake) -> None:
    """Principals are opted in on databases and tables by name."""
    lake.make_tags(module=["sales"])
    analyst = {"DataLakePrincipalIdentifier": ANALYST}
    by_tags = {"LFTagPolicy": {"ResourceType": "TABLE", "Expression": expression(module="sales")}}

    for resource in (tag("module"), by_tags):
        with refused("InvalidInputException"):
            lake.formation.create_lake_formation_opt_in(Principal=analyst, Resource=resource)


def test_another_account_sees_no_tags(lake: TaggedLake, client: ClientMaker) -> None:
    """Tags that were not granted to an account are not there for it, administrator or not."""
    lake.make_tags(module=["sales"])
    stranger = client("lakeformation", "333333333333")

    assert stranger.list_lf_tags(CatalogId=CONSUMER)["LFTags"] == []
    assert stranger.list_lf_tags(ResourceShareType="ALL")["LFTags"] == []
    with refused("AccessDeniedException"):
        as_role(client, "lakeformation", "reader", "333333333333").get_lf_tag(CatalogId=CONSUMER, TagKey="module")
