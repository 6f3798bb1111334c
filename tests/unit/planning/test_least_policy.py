"""Rights as a policy document."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeshare.planning.least_policy import MANAGED_LIMIT_CHARACTERS, allowed, least_policy
from lakeshare.resources.iam_policy.model import size_of
from lakeshare.resources.rights import Right

TABLE = "arn:aws:glue:eu-west-2:111111111111:table/{}/{}"

ARNS = st.sampled_from([TABLE.format("sales", name) for name in "abc"] + [TABLE.format("sales", "*"), "*"])
RIGHTS = st.lists(
    st.builds(
        Right, st.just("look"), st.sampled_from(["glue:GetTable", "glue:GetTables", "s3:ListBucket"]), st.tuples(ARNS)
    )
)


@given(RIGHTS)
def test_each_action_stands_in_one_statement_with_all_that_it_needs(wanted: list[Right]) -> None:
    """Whatever is wanted is allowed, by one statement an action, and nothing else is."""
    statements = allowed(wanted)

    actions = [action for one in statements for action in one.actions]
    assert sorted(actions) == sorted({right.action for right in wanted})
    for right in wanted:
        [one] = [one for one in statements if right.action in one.actions]
        assert all(_is_in(arn, one.resources) for arn in right.resources)


def _is_in(arn: str, resources: tuple[str, ...]) -> bool:
    every = TABLE.format("sales", "*")
    return arn in resources or "*" in resources or (every in resources and arn.startswith(every[:-1]))


def test_tables_are_named_until_the_document_would_be_too_long() -> None:
    """The database with most tables is the first whose tables are named by a wildcard."""
    few = [Right("look", "glue:GetTable", (TABLE.format("few", f"table_{number}"),)) for number in range(3)]
    many = [Right("look", "glue:GetTable", (TABLE.format("many", f"table_{number}"),)) for number in range(200)]

    document = least_policy([*few, *many])

    [statement] = document["Statement"]
    assert statement["Resource"] == [*(right.resources[0] for right in few), TABLE.format("many", "*")]
    assert size_of(document) <= MANAGED_LIMIT_CHARACTERS


def test_roles_of_one_name_are_named_in_all_accounts_where_there_is_no_room() -> None:
    """A hub with many accounts behind it; what it may do with a role of its own stays as it is named."""
    role = "arn:aws:iam::{}:role/lakeshare-operator"
    own = Right("look", "iam:GetRole", (role.format(111111111111),))
    behind = [Right("look", "sts:AssumeRole", (role.format(200000000000 + number),)) for number in range(300)]
    other = Right("look", "sts:AssumeRole", ("arn:aws:iam::333333333333:role/other",))

    document = least_policy([own, *behind, other])

    named = {statement["Action"][0]: statement["Resource"] for statement in document["Statement"]}
    assert named == {
        "iam:GetRole": [role.format(111111111111)],
        "sts:AssumeRole": [role.format("*"), "arn:aws:iam::333333333333:role/other"],
    }
    assert least_policy([own, *behind[:2]])["Statement"][1]["Resource"] == [each.resources[0] for each in behind[:2]]


def readers(count: int, path: str) -> list[Right]:
    """Return the rights to make *count* roles under *path*."""
    arn = "arn:aws:iam::222222222222:role{}connect-analytics-reader-role-number-{}"
    return [Right("make", "iam:CreateRole", (arn.format(path, number),)) for number in range(count)]


def test_roles_under_one_path_are_named_by_it_where_there_is_no_room() -> None:
    """The last resort, for actions on roles alone; few roles are named one by one."""
    tables = [Right("look", "glue:GetTable", (TABLE.format("sales", f"table_{number}"),)) for number in range(30)]

    document = least_policy([*tables, *readers(120, "/connect/readers/")])

    named = {statement["Action"][0]: statement["Resource"] for statement in document["Statement"]}
    assert named == {
        "glue:GetTable": [TABLE.format("sales", "*")],
        "iam:CreateRole": ["arn:aws:iam::222222222222:role/connect/readers/*"],
    }
    assert len(least_policy(readers(3, "/connect/readers/"))["Statement"][0]["Resource"]) == 3


def test_tables_are_named_together_before_roles_are() -> None:
    """While naming less of what others decide about is enough, roles stay named one by one."""
    tables = [Right("look", "glue:GetTable", (TABLE.format("sales", f"table_{number}"),)) for number in range(80)]

    document = least_policy([*tables, *readers(20, "/readers/")])

    named = {statement["Action"][0]: len(statement["Resource"]) for statement in document["Statement"]}
    assert named == {"glue:GetTable": 1, "iam:CreateRole": 20}


@pytest.mark.parametrize("path", ["/", "/*/", "/a*/b/"])
def test_all_roles_of_an_account_are_never_named_together(path: str) -> None:
    """Roles without a path, or with one that is not known, stay named one by one, however long that is."""
    document = least_policy(readers(120, path))

    assert len(document["Statement"][0]["Resource"]) == 120
    assert size_of(document) > MANAGED_LIMIT_CHARACTERS


def test_only_looking_is_allowed_on_names_that_begin_alike() -> None:
    """What reads roles that have no path yet may name them by how they begin; what writes them never does."""
    bare = "arn:aws:iam::222222222222:role/connect-reader-{}"
    looks = [Right("look", "iam:GetRolePolicy", (bare.format(number),)) for number in range(200)]
    writes = [Right("make", "iam:PutRolePolicy", (bare.format(number),)) for number in range(200)]

    [look] = least_policy(looks)["Statement"]
    [both] = least_policy([*looks, *writes])["Statement"]

    assert look["Resource"] == [bare.format("*")]
    assert len(both["Resource"]) == 200


def test_no_action_has_a_wildcard() -> None:
    """An action stands as it is called, and a document is JSON as IAM reads it."""
    document = least_policy([Right("make", "lakeformation:PutDataLakeSettings", ("*",))])

    assert json.loads(json.dumps(document)) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Lakeformation",
                "Effect": "Allow",
                "Action": ["lakeformation:PutDataLakeSettings"],
                "Resource": ["*"],
            }
        ],
    }
