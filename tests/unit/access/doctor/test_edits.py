"""The programs that doctor prints: what they change, and that they name no secret."""

from __future__ import annotations

import json
from typing import Any

from lakeshare.access.doctor.edits import literal
from lakeshare.access.doctor.statement_edits import TAKEN_OUT, parted, program, without


def allowing(principal: Any, **more: Any) -> dict[str, Any]:
    """Return a statement of a trust policy."""
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}


BOUND = {"Condition": {"StringEquals": {"sts:ExternalId": "a-secret"}}}
MINE = ("AWS", "1")
LAMBDA = {"Service": ["lambda.amazonaws.com"]}


def test_the_principals_of_a_statement_are_parted_by_sort() -> None:
    """What is written as one is a list then; everybody is an AWS principal."""
    statement = allowing({"AWS": ["1", "2"], "Service": "lambda.amazonaws.com"})

    assert parted(statement, [MINE]) == ({"AWS": ["1"]}, {"AWS": ["2"], **LAMBDA})
    assert parted(statement, [("Service", "1")])[0] == {}
    assert parted(allowing("*"), [("AWS", "*")]) == ({"AWS": ["*"]}, {})


def test_a_statement_goes_as_a_whole_only_where_nobody_else_is_in_it() -> None:
    """And one of all but some has nobody to leave."""
    assert without(allowing({"AWS": "1"}), [MINE]) == TAKEN_OUT
    assert without(allowing({"AWS": ["1", "2"]}), [MINE]) == '.Principal = {"AWS": ["2"]}'
    assert without({"Effect": "Deny", "NotPrincipal": {"AWS": "2"}}, [MINE]) == TAKEN_OUT


def test_what_is_written_into_a_command_ends_no_quotes() -> None:
    """Neither the shell's nor those of the text around it, and it reads as what it was."""
    odd = {"a": "it's `so`"}

    assert not set("'`") & set(literal(odd))
    assert json.loads(literal(odd)) == odd


def test_a_program_names_no_secret() -> None:
    """Of a condition it says that there is one."""
    written = program({"Statement": [allowing({"AWS": "1"}, **BOUND)]}, {0: TAKEN_OUT})

    assert "a-secret" not in written
    assert 'has("Condition") == true' in written
