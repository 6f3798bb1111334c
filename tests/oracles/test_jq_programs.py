"""What jq itself makes of policies by the programs that doctor prints."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from lakeshare.access.doctor.statement_edits import TAKEN_OUT, apart, program

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed: no `jq` on PATH"),
]


def allowing(principal: Any, **more: Any) -> dict[str, Any]:
    """Return a statement of a trust policy."""
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}


ONE, TWO, LAMBDA = {"Federated": "one"}, {"Federated": "two"}, {"Service": "lambda.amazonaws.com"}
BOUND = {"Condition": {"StringEquals": {"sts:ExternalId": "a-secret"}}}
MINE = ("AWS", "1")


def test_one_that_was_run_already_changes_nothing() -> None:
    """What moved into the place of the statement stays."""
    policy = {"Statement": [allowing(ONE), allowing(TWO), allowing(LAMBDA)]}
    programs = [program(policy, {number: TAKEN_OUT}) for number in (0, 1)]

    assert principals_of(policy, *programs, *programs) == [LAMBDA]


def test_the_place_decides_between_statements_that_differ_in_their_secrets() -> None:
    """As long as there are as many as there were."""
    policy = {"Statement": [allowing(ONE, **BOUND), allowing(ONE, Condition={}), allowing(TWO)]}
    first = program(policy, {0: TAKEN_OUT})

    assert changed(policy, first) == policy["Statement"][1:]
    assert changed(policy, first, first) == policy["Statement"][1:]


def test_a_statement_without_a_list_is_changed_like_others() -> None:
    """And what is added stands beside it."""
    policy = {"Statement": allowing(ONE)}

    assert principals_of(policy, program(policy, {}, allowing(TWO))) == [ONE, TWO]
    assert principals_of(policy, program(policy, {0: ".Principal = {}"}, allowing(TWO))) == [{}, TWO]


def test_who_is_set_apart_leaves_the_sid_behind() -> None:
    """The others keep their statement as it was."""
    statement = allowing({"AWS": ["1", "2"]}, Sid="All")
    policy = {"Statement": [statement]}

    rest, mine = changed(policy, program(policy, {0: apart(statement, [MINE], ".Condition = {}")}))

    assert rest == statement | {"Principal": {"AWS": ["2"]}}
    assert mine == allowing({"AWS": ["1"]}, Condition={})


def changed(policy: dict[str, Any], *programs: str) -> list[Any]:
    """Return the statements of *policy* after *programs*, one after the other."""
    text = json.dumps(policy)
    for each in programs:
        text = subprocess.run(["jq", each], input=text, capture_output=True, text=True, check=True, timeout=60).stdout
    statements: list[Any] = json.loads(text)["Statement"]
    return statements


def principals_of(policy: dict[str, Any], *programs: str) -> list[Any]:
    """Return whom they speak of then."""
    return [one["Principal"] for one in changed(policy, *programs)]
