"""Who may be named with --trusted."""

from __future__ import annotations

import pytest

from lakeshare.errors import UsageError
from lakeshare.planning.trusted import trusted_as

ARN = "arn:aws:iam::999999999999:"


@pytest.mark.parametrize(
    "written", ["role/ci", "user/build/ada", "role/a$(touch${IFS}x)`y`'\"/ci", "role/!/#/ci+1=2@x"]
)
def test_a_role_or_user_is_taken_whatever_its_path(written: str) -> None:
    """Paths may hold every visible character but wildcards."""
    trustee = trusted_as(ARN + written, "aws", None)

    assert (trustee.sort, trustee.name) == ("principal", ARN + written)


def test_twelve_digits_are_an_account() -> None:
    """Its root stands for everybody in it, in the partition of the role."""
    assert trusted_as("999999999999", "aws-us-gov", None).name == "arn:aws-us-gov:iam::999999999999:root"


REFUSED = {
    "*": "a wildcard",
    f"{ARN}role/*": "a wildcard",
    f"{ARN}role/c?/x": "a wildcard",
    "arn:aws:sts::999999999999:assumed-role/ci/x": "one session of a role",
    f"{ARN}root": "12 digits",
    f"{ARN}group/x": "a group",
    "lambda.amazonaws.com": "neither a role nor a user",
    "ci": "neither a role nor a user",
    "12345": "neither a role nor a user",
    "٠١٢٣٤٥٦٧٨٩٠١": "neither a role nor a user",
    f"{ARN}role/": "neither a role nor a user",
    f"{ARN}role/ci\n": "neither a role nor a user",
    "arn:aws-us-gov:iam::999999999999:role/ci": "of the partition aws-us-gov",
}


@pytest.mark.parametrize("written", REFUSED)
def test_everything_else_is_refused(written: str) -> None:
    """What cannot enter, or is more than one, is told why, with what was expected."""
    with pytest.raises(UsageError, match=REFUSED[written]) as refused:
        trusted_as(written, "aws", None)

    assert "expected the ARN of an IAM role or user" in (refused.value.hint or "")


@pytest.mark.parametrize("organization", ["", "*", "o-*", "o-short", "r-abc1234567", "$(id)"])
def test_an_organisation_is_named_by_its_id(organization: str) -> None:
    """Anything else would let nobody in, or is no id."""
    with pytest.raises(UsageError, match="not the id of an organisation"):
        trusted_as(f"{ARN}role/ci", "aws", organization)
