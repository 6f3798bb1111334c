"""The fingerprint of a spec."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeshare.spec import parse_spec, spec_digest

COMMON = (Path(__file__).parent / "examples" / "common.yaml").read_text()


def digest(text: str, secret: str = "open-sesame") -> str:
    return spec_digest(parse_spec(text, {"LAKESHARE_EXTERNAL_ID": secret}))


def test_a_digest_is_the_same_tomorrow() -> None:
    """The digest of the documented example is fixed: plan files of an older version must still fit."""
    assert digest(COMMON) == "2a139dcf77bcb7f7ea08837b0270d7b221a53ee3d5df27e8cfb7d2de7f505b74"


@pytest.mark.parametrize(
    ("right", "other"),
    [
        ("# default", "# a word about"),
        ("name: connect-analytics\n", 'name: "connect-analytics"\n'),
        ("account: consumer\n      database: connect_analytics_consumer", None),
        ("create: {service", "create: {path: /, service"),
        ("version: 1\n", "version: 1\nlimits: {rates: {glue:*: {calls_per_second: 5}}, workers: 4}\n"),
    ],
)
def test_layout_is_no_part_of_it(right: str, other: str | None) -> None:
    """Comments, quotes, the order of keys, defaults that are spelled out and limits of speed change nothing."""
    other = other or "database: connect_analytics_consumer\n      account: consumer"

    assert right in COMMON
    assert digest(COMMON.replace(right, other)) == digest(COMMON)


@pytest.mark.parametrize(
    ("right", "other"),
    [
        ("contact_record", "users"),
        ("222222222222", "333333333333"),
        ("_link", "_view"),
        ("lakeshare-operator", "operator"),
        ("lambda.amazonaws.com", "ec2.amazonaws.com"),
    ],
)
def test_every_meaning_is(right: str, other: str) -> None:
    """What a plan would act on changes the digest."""
    assert digest(COMMON.replace(right, other)) != digest(COMMON)


def test_secrets_are_no_part_of_it() -> None:
    """A rotated ExternalId keeps the digest, which so gives nothing away."""
    assert digest(COMMON, "one-secret") == digest(COMMON, "another-secret")
