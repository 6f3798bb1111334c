"""The file that `lakeshare init` writes."""

from __future__ import annotations

import pytest

from lakeshare.errors import SpecError
from lakeshare.spec import AccountChoice, ConnectSource, parse_spec, render_template


def test_the_template_loads_as_it_is() -> None:
    """Without any choice the file has no mistake and selects every table of Connect's lake."""
    spec = parse_spec(render_template(), {})

    (share,) = spec.shares.values()
    assert isinstance(share.source, ConnectSource)
    assert share.source.tables.patterns == ("*",)


def test_the_examples_in_its_comments_are_right() -> None:
    """Taking the comment sign away from what the template suggests gives a spec that loads."""
    text = render_template(producer=AccountChoice("111111111111", "us-east-1", role="operator"))
    suggestion = "        # columns: {contact_record"

    assert suggestion in text
    spec = parse_spec(
        text.replace(suggestion, suggestion.replace("# ", "")).replace("# prove_denial", "prove_denial"), {}
    )

    (share,) = spec.shares.values()
    assert share.prove_denial
    assert share.readers[0].columns["contact_record"].exclude is not None


def test_choices_end_up_in_the_spec() -> None:
    """Every choice is found again in what the file loads as."""
    text = render_template(
        name="mine",
        producer=AccountChoice("333333333333", "eu-west-1", role="ops/lakeshare"),
        consumer=AccountChoice("444444444444", "eu-west-1", profile="consumer admin"),
        instance="00000000-0000-0000-0000-000000000000",
        tables=["users", "agent_*", "group:bot", "live:fresh"],
        database="analytics",
        reader="arn:aws:iam::444444444444:role/reader",
        service="ec2.amazonaws.com",
    )

    spec = parse_spec(text, {})

    share = spec.shares["contact-centre"]
    assert isinstance(share.source, ConnectSource)
    assert (spec.name, spec.accounts["producer"].role) == ("mine", "ops/lakeshare")
    assert (spec.accounts["consumer"].id, spec.accounts["consumer"].profile) == ("444444444444", "consumer admin")
    assert share.source.instance == "00000000-0000-0000-0000-000000000000"
    assert share.source.tables.patterns == ("users", "agent_*", "group:bot", "live:fresh")
    assert (share.to.database, share.readers[0].role_name) == ("analytics", "reader")
    assert share.readers[0].create is not None
    assert share.readers[0].create.service == "ec2.amazonaws.com"


@pytest.mark.parametrize(
    "text", ["yes", "null", "12", "1e5", "a: b", "x # y", '"', "{table}", "- a", "é", "a\nname: b"]
)
def test_a_choice_stays_one_value(text: str) -> None:
    """Nothing that is answered can turn into YAML of its own: at worst it is one wrong value."""
    rendered = render_template(consumer=AccountChoice("222222222222", "us-east-1", profile=text), name=text)

    try:
        spec = parse_spec(rendered, {})
    except SpecError as error:
        told = [mistake.message for mistake in error.mistakes]
    else:
        told = []
        assert (spec.name, spec.accounts["consumer"].profile) == (text, text)

    assert all(message.startswith(("name is", "accounts.consumer.profile is")) for message in told)


def test_all_may_be_said_in_words() -> None:
    """`all` as the only choice of tables is the word, not a table of that name."""
    assert "tables: all " in render_template(tables=["all"])
