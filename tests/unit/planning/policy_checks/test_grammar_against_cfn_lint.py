"""
Our grammar beside cfn-lint's, which AWS keeps: its schemas of IAM policies judge the same documents with its own code.

Where cfn-lint lets pass what IAM refuses `LAXER` says so; it never refuses what our grammar takes.
"""

from __future__ import annotations

from typing import Any

import pytest
from cfnlint.helpers import load_resource
from cfnlint.jsonschema import StandardValidator
from cfnlint.schema.resolver import RefResolver
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeshare.planning.policy_checks import Document
from lakeshare.planning.policy_checks.documents import Sort
from lakeshare.planning.policy_checks.grammar import check_grammar
from tests.unit.planning.policy_checks.table import CASES, OTHER_ROLE, OURS, TABLE_ARN, Case

LAXER = {
    "grammar.action-form": "it takes any text for an action in its schema",
    "grammar.condition-operator": "it takes NullIfExists",
    "grammar.empty": "it takes empty lists of resources and principals",
    "grammar.principal-form": "it takes any name of a sort of principal, and any text for a service",
    "grammar.resource-form": "it takes ARNs with fewer than six parts",
    "grammar.statement": "it takes an empty list",
    "grammar.trust-action": "it looks at no action",
    "grammar.version-old": "IAM takes it too: a warning of ours",
}
"""Checks of which cfn-lint does not see all cases, and why."""


def _validator(name: str) -> Any:
    base, schema = (load_resource("cfnlint.data.schemas.other.iam", f"{file}.json") for file in ("policy", name))
    resolver = RefResolver.from_schema(schema, store={"policy": base, name: schema})
    return StandardValidator(schema=schema).evolve(resolver=resolver, schema=schema)


VALIDATORS = {"identity": _validator("policy_identity"), "trust": _validator("policy_trust")}


def refused(document: Document) -> list[str]:
    """Return why cfn-lint refuses the document."""
    return [error.message for error in VALIDATORS[document.sort].iter_errors(document.content)]


def ours(document: Document) -> set[str]:
    """Return the ids of what our grammar finds."""
    return {remark.id for remark in check_grammar(document)}


GRAMMAR = [case for case in CASES if case.id.startswith("grammar.") and case.sort in VALIDATORS]


@pytest.mark.parametrize("case", GRAMMAR, ids=lambda case: case.id)
def test_cfn_lint_agrees_with_the_table(case: Case) -> None:
    """What our tables have for an error of grammar cfn-lint refuses, and it takes every near miss, as we do."""
    has, has_not = case.documents()

    assert refused(has) or case.id in LAXER
    assert not refused(has_not)
    assert not ours(has_not)


def test_what_cfn_lint_does_not_see_is_still_so() -> None:
    """An entry that cfn-lint has come to see goes from the list."""
    assert {case.id for case in GRAMMAR if not refused(case.documents()[0])} == set(LAXER)


some_text = st.sampled_from(["Allow", "Deny", "*", "glue:GetTable", "sts:AssumeRole", TABLE_ARN, OURS, OTHER_ROLE, "x"])
anything = st.one_of(
    some_text,
    st.lists(some_text, max_size=2),
    st.none(),
    st.booleans(),
    st.integers(0, 9),
    st.dictionaries(st.sampled_from(["AWS", "Service", "StringEquals", "aws:SourceAccount"]), some_text, max_size=2),
    st.dictionaries(
        st.sampled_from(["StringEquals", "StringLikeIfExists", "StringEqual", "Null"]),
        st.dictionaries(st.sampled_from(["aws:SourceAccount"]), st.one_of(some_text, st.lists(some_text)), max_size=1),
        max_size=2,
    ),
)
NAMES = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "X",
)
plain: dict[str, dict[str, Any]] = {
    "identity": {"Effect": "Allow", "Action": "glue:GetTable", "Resource": TABLE_ARN},
    "trust": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": OTHER_ROLE}},
}
changes = st.dictionaries(st.sampled_from(NAMES), anything, max_size=3)
without = st.sets(st.sampled_from(NAMES), max_size=1)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["identity", "trust"]), st.lists(st.tuples(changes, without), min_size=1, max_size=2))
def test_neither_sees_what_the_other_does_not(sort: Sort, edits: list[tuple[dict[str, Any], set[str]]]) -> None:
    """Of documents with random slips cfn-lint refuses none that we take, and we none that it takes, the list aside."""
    statements = [
        {name: value for name, value in {**plain[sort], **more}.items() if name not in less} for more, less in edits
    ]
    document = Document(sort, OURS, {"Version": "2012-10-17", "Statement": statements})

    found = ours(document)

    if why := refused(document):
        assert found, why
    assert not found - set(LAXER) or why, (found, document.content)
