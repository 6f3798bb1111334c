"""LF-tags and saved expressions: how they are made and changed, and who may."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.services.lakeformation import lf_tags, tag_expressions
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, as_role, refused
from tests.sandbox.tags import ANALYST, TaggedLake, expression, pairs, set_switch, tag
from tests.sandbox.tags import lake as lake  # noqa: PLC0414 - a fixture

OTHER = f"arn:aws:iam::{CONSUMER}:role/other"


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
