"""LF-tags on things: who assigns them, who inherits them, and how what carries them is found."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.services.lakeformation import tagging
from tests.sandbox.lakes import ADMIN, CONSUMER, refused
from tests.sandbox.tags import ANALYST, DATABASE, TABLE, TaggedLake, columns, expression, pairs, set_switch, tag
from tests.sandbox.tags import lake as lake  # noqa: PLC0414 - a fixture

OTHER = f"arn:aws:iam::{CONSUMER}:role/other"


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
