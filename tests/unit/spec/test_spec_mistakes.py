"""What does not fit together in a spec, and slips that must not hide each other or echo."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import Any

import pytest
import yaml

from lakeshare.catalogue import tables
from lakeshare.errors import SpecError
from lakeshare.spec import parse_spec

ENVIRON = {"EXTERNAL_ID": "open-sesame", "PRODUCER_ID": "111111111111"}

# Two accounts and one share of each kind, to be bent out of shape.
BASE = """\
version: 1
name: base
accounts:
  a: {id: "111111111111", region: us-east-1, role: operator}
  b: {id: "222222222222", region: us-east-1}
shares:
  lake:
    from:
      account: a
      connect: {instance: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0, tables: [users, "contact_*"]}
    to: {account: b, database: one}
    readers:
      - role: analyst
        tables: [users]
        columns: {users: [user_id]}
  own:
    from: {account: a, catalog: {database: mine, tables: [orders, "sale_*"]}}
    to: {account: b, database: two}
    readers:
      - role: analyst
        columns: {orders: {except: [card]}}
"""


def told(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse_spec(text, ENVIRON, shown_as="f")
    return [str(mistake)[2:] for mistake in caught.value.mistakes]


def test_the_base_is_right() -> None:
    """What the tests below bend is a spec without mistakes."""
    assert parse_spec(BASE, {}).name == "base"


CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "mistakes.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_each_mistake_is_told_in_full(case: dict[str, Any]) -> None:
    """The place, what is wrong, what was expected and the nearest name are told; nothing else is."""
    assert case["replace"] in BASE

    assert told(BASE.replace(case["replace"], case["by"], 1)) == case["told"]


def test_a_huge_number_is_cut_short() -> None:
    """A number that Python itself would not read is refused in a line that fits a screen."""
    text = BASE.replace("database: one}", f"database: one, athena: {{expire_results_days: {'9' * 5000}}}}}")

    (mistake,) = told(text)

    assert mistake.startswith("11:67: shares.lake.to.athena.expire_results_days is 999")
    assert mistake.endswith("...; expected a whole number")
    assert len(mistake) < 200


def test_one_side_of_the_shares_has_one_name_for_an_account() -> None:
    """Two names for one account and Region would each want the same bucket; on two sides they are fine."""
    again = BASE.replace("shares:", '  c: {id: "222222222222", region: us-east-1}\nshares:')
    other_side = BASE.replace("shares:", '  c: {id: "111111111111", region: us-east-1}\nshares:')

    assert told(again.replace("account: b, database: two", "account: c, database: two")) == [
        "19:19: c is account 222222222222 in us-east-1, which other shares call b; expected one name for it"
    ]
    assert parse_spec(other_side.replace("account: b, database: one", "account: c, database: one"), {}).shares


def test_a_slip_in_a_pattern_is_told_with_the_nearest_that_fits() -> None:
    """Of a pattern that fits no table the beginning is compared with those of the tables."""
    assert told(BASE.replace('"contact_*"', '"contcat_*"')) == [
        '10:81: "contcat_*" fits none of the 48 tables of Connect\'s lake; did you mean "contact_*"?'
    ]


def test_what_is_listed_twice_is_told() -> None:
    """A table of a share, and a column of a rule, that stand in their lists twice."""
    tables = BASE.replace('[users, "contact_*"]', '[users, "contact_*", users]')
    columns = BASE.replace("{users: [user_id]}", "{users: [user_id, user_id]}")

    assert told(tables) == ['10:94: "users" is listed twice; first in line 10']
    assert told(columns) == ['15:36: "user_id" is listed twice; first in line 15']


def test_a_boundary_is_of_the_consumer_or_of_aws() -> None:
    """IAM takes no permissions boundary of another account."""
    create = (
        "role: analyst\n        create: {service: lambda.amazonaws.com,"
        " permissions_boundary: 'arn:aws:iam::%s:policy/b'}"
    )

    def bounded(account: str) -> str:
        return BASE.replace(
            "      - role: analyst\n        tables", f"      - {create % account}\n        tables"
        ).replace("      - role: analyst\n        columns: {orders", "      - role: other\n        columns: {orders")

    assert parse_spec(bounded("222222222222"), {}).shares
    assert parse_spec(bounded("aws"), {}).shares
    assert told(bounded("111111111111")) == [
        "14:71: the boundary is in account 111111111111; expected one in the consumer's, 222222222222"
    ]


TO_COME = {
    "lake": ("catalog: {database: mine", "lake: {x: {}}, y: {database: mine", "17:24: `lake:` sources are not"),
    "tags": ("role: analyst\n        tables", "tags: {a: [b]}\n        tables", "13:9: readers by `tags:` are not"),
    "rows": ("        tables: [users]", "        rows: {users: x}", "14:9: `rows:` filters are not built yet"),
    "until": ("        tables: [users]", "        until: 2027-03-31", "14:9: `until:` is not built yet"),
}  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "expected"), TO_COME.values(), ids=TO_COME)
def test_what_is_to_come_is_recognised(right: str, wrong: str, expected: str) -> None:
    """A field of the contract that is not built is refused as that, and not called unknown."""
    mistakes = told(BASE.replace(right, wrong, 1))

    assert mistakes[0].startswith(expected)
    assert not any("missing" in mistake for mistake in mistakes)
    assert not any(f'"{key}"' in mistake and "unknown" in mistake for mistake in mistakes for key in TO_COME)


def test_shares_may_fill_one_database_but_not_with_one_link() -> None:
    """Two shares that make links of the same name in one database are told with the links, once per share."""
    second = BASE[BASE.index("  lake:") : BASE.index("  own:")].replace("  lake:", "  again:")
    other = second.replace("  again:", "  other:").replace("database: one", "database: one, links: 'x_{table}'")

    mistakes = told(BASE + second + other)

    expected = (
        "26:32: shares.again and shares.lake both make the link contact_record and 5 more in one; "
        "expected another database or another links: for one of them"
    )
    assert mistakes == [expected]


def test_a_broken_template_collides_with_nothing() -> None:
    """Where it is not known how links are named, no collision is made up."""
    second = BASE[BASE.index("  lake:") : BASE.index("  own:")].replace("  lake:", "  again:")

    mistakes = told(BASE + second.replace("database: one", "database: one, links: 'x'"))

    assert len(mistakes) == 1
    assert mistakes[0].startswith('26:44: shares.again.to.links is "x"')


def test_a_role_is_made_in_one_way() -> None:
    """Shares that make the same role must say the same of it, however it is written."""
    making = "role: analyst\n        create: {service: ec2.amazonaws.com, path: /x/}\n"
    same = BASE.replace("role: analyst\n", making)
    parse_spec(same, {})

    mistakes = told(same[::-1].replace("/x/"[::-1], "/y/"[::-1], 1)[::-1])

    assert mistakes == [
        (
            '22:17: "analyst" is made in another way in shares.lake; '
            "expected the same create, complete and prove_by in both"
        )
    ]


@pytest.mark.parametrize(
    "service", ["ssm", "ecs", "rds", "eks", "s3", "codedeploy", "build.apprunner", "redshift-data", "brandnew"]
)
def test_services_that_are_no_slip_are_accepted(service: str) -> None:
    """A service that we do not know passes unless it is all but one that we know."""
    making = f"role: analyst\n        create: {{service: {service}.amazonaws.com}}\n"

    assert parse_spec(BASE.replace("role: analyst\n", making), {}).shares["lake"].readers[0].create is not None


@pytest.mark.parametrize(("slip", "meant"), [("lamda", "lambda"), ("ec22", "ec2"), ("sagemkaer", "sagemaker")])
def test_a_slip_in_a_service_is_told(slip: str, meant: str) -> None:
    """IAM would refuse the service only when the role is made."""
    making = f"role: analyst\n        create: {{service: {slip}.amazonaws.com.cn}}\n"

    mistakes = told(BASE.replace("role: analyst\n", making, 1).split("  own:")[0])

    assert mistakes == [
        f'14:27: there is no service "{slip}.amazonaws.com.cn"; did you mean "{meant}.amazonaws.com.cn"?'
    ]


def test_a_rule_may_not_hide_a_whole_table() -> None:
    """Hiding every column of a table is told, since the reader could not read it at all."""
    names = [column.name for column in tables()["users"].columns]
    mistakes = told(BASE.replace("[user_id]", f"{{except: [{', '.join(names)}]}}"))

    assert mistakes == ["15:19: the rule hides every column of users; take the table out of the reader's"]


def test_a_link_name_must_fit_into_glue() -> None:
    """A template that makes names longer than Glue takes is told at the template."""
    (mistake,) = told(BASE.replace("database: one}", f"database: one, links: '{'x' * 250}{{table}}'}}"))

    assert mistake == ("11:44: shares.lake.to.links makes names of 287 characters; Glue takes 255")


def test_a_newer_table_is_taken_at_its_word() -> None:
    """live:NAME is accepted for data sets that the catalogue does not know, and readers may name them."""
    text = BASE.replace("[users, ", "[users, live:brand_new, ").replace("tables: [users]", "tables: [users, brand_new]")
    text = text.replace("columns: {users: [user_id]}", "columns: {brand_new: [anything]}")

    assert parse_spec(text, {}).shares["lake"].readers[0].columns["brand_new"].include == ("anything",)


def test_one_account_may_have_two_names() -> None:
    """An account id under two names is no mistake, and Connect's lake may stay in its account."""
    text = BASE.replace("222222222222", "111111111111").split("  own:")[0]

    assert parse_spec(text, {}).accounts["b"].id == "111111111111"


def test_no_slip_hides_another() -> None:
    """A file with a slip in nearly every line is told of them all."""
    examples = Path(__file__).parent / "examples"
    expected = (examples / "all_wrong.txt").read_text().splitlines()

    assert told((examples / "all_wrong.yaml").read_text()) == expected


MISPLACED = "Wrong Horse/Battery"
VALUES = [match.span() for match in re.finditer(r"(?<=[ [])[a-z0-9_/*-]+(?=[\n,}\]])", BASE)]


@pytest.mark.parametrize("span", VALUES, ids=[BASE[slice(*span)] for span in VALUES])
def test_what_the_environment_holds_is_never_told(span: tuple[int, int]) -> None:
    """A variable in the wrong place is told by its name; its value may be a secret."""
    text = f"{BASE[: span[0]]}${{PLACE}}{BASE[span[1] :]}"
    shown: list[str] = []

    try:
        parse_spec(text, {"PLACE": MISPLACED})
    except SpecError as error:
        shown = [str(error), *map(str, error.mistakes), *traceback.format_exception(error)]

    assert not any(MISPLACED.split()[1] in text for text in shown)
    assert any("${PLACE}" in text for text in shown)
