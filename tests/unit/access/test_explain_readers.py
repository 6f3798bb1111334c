from __future__ import annotations

import pytest

from lakeshare.access.explain.read.principal import parse_principal
from lakeshare.access.explain.read.readers import line_of, number_of
from lakeshare.spec import Reader, Share

ACCOUNT = "222222222222"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/lambda"
PERSON = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Data_Analyst_0123456789abcdef"
)
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
GROUP = f"arn:aws:quicksight:eu-west-1:{ACCOUNT}:group/default/sales"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta:group/analysts"
CENTRE = "arn:aws:identitystore:::user/01234567-89ab-cdef-0123-456789abcdef"

READERS: dict[str, dict[str, str]] = {
    ROLE: {"role": "lambda"},
    PERSON: {"sso": "Data_Analyst"},
    USER: {"user": "ann"},
    GROUP: {"quicksight": "group/default/sales"},
    SAML: {"saml": "okta:group/analysts"},
    CENTRE: {"identity_center": "user/01234567-89ab-cdef-0123-456789abcdef"},
}


def share(*readers: dict[str, str]) -> Share:
    return Share.model_validate(
        {
            "from": {"account": "producer", "catalog": {"database": "sales", "tables": "all"}},
            "to": {"account": "consumer", "database": "links"},
            "readers": tuple(Reader.model_validate(each) for each in readers),
        }
    )


@pytest.mark.parametrize("arn", READERS)
def test_everybody_is_the_reader_that_the_spec_names(arn: str):
    """A principal is recognised among readers of all sorts, however the file writes it."""
    number = number_of(share(*READERS.values()), parse_principal(arn))

    assert number == list(READERS).index(arn)


@pytest.mark.parametrize("arn", READERS)
def test_a_name_is_of_one_sort(arn: str):
    """A role is not the user of its name, and nobody is a reader of another sort."""
    others = [written for known, written in READERS.items() if known != arn]

    assert number_of(share(*others, {"role": "ann"}, {"user": "lambda"}), parse_principal(arn)) is None


def test_somebody_in_person_comes_before_the_whole_account():
    """Who is named is that reader, and everybody else of the account the account's."""
    readers = share({"account": ACCOUNT}, {"user": "ann"})

    assert number_of(readers, parse_principal(USER)) == 1
    assert number_of(readers, parse_principal(ROLE)) == 0


@pytest.mark.parametrize("arn", READERS)
def test_the_suggested_line_makes_a_reader_of_it(arn: str):
    """The line is what the spec takes, and means the principal."""
    sort, _, written = line_of(parse_principal(arn)).removeprefix("- ").partition(": ")

    assert {sort: written} == READERS[arn]
    assert number_of(share({sort: written}), parse_principal(arn)) == 0


def test_of_a_root_user_the_account_is_suggested():
    """Nobody grants to a root user: what can be a reader is its account."""
    assert line_of(parse_principal(f"arn:aws:iam::{ACCOUNT}:root")) == f'- account: "{ACCOUNT}"'
