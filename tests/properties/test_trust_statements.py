"""Whatever a trust policy says: our statements come and go, and what others say is not touched."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lakeshare.resources.documents import statements_of, with_statement, without_statement
from lakeshare.resources.iam_trust import IamTrust, sid_of
from lakeshare.resources.iam_trust.model import found_in
from lakeshare.resources.trust import Trustee, digest_of, redacted
from lakeshare.resources.values import Place

PLACE = Place("consumer", "222222222222", "eu-west-2")
SECRET = "open-sesame-4711"
ITEMS = [
    IamTrust(
        PLACE,
        "analyst",
        sid_of("Proof", name),
        Trustee("principal", f"arn:aws:iam::222222222222:role/{name}", digest_of(SECRET)),
    )
    for name in ("one", "two")
] + [IamTrust(PLACE, "analyst", sid_of("Service", "one"), Trustee("service", "lambda.amazonaws.com"))]

NAMES = st.sampled_from(
    [
        "lambda.amazonaws.com",
        "ec2.amazonaws.com",
        "arn:aws:iam::222222222222:role/one",
        "arn:aws:iam::111111111111:root",
    ]
)
ACTIONS = st.sampled_from(["sts:AssumeRole", "sts:TagSession", "sts:AssumeRoleWithSAML"])
IDS = st.sampled_from([SECRET, "another-id", "*"])
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Principal": st.dictionaries(
            st.sampled_from(["AWS", "Service"]), NAMES | st.lists(NAMES, min_size=1), min_size=1
        ),
        "Action": ACTIONS | st.lists(ACTIONS, min_size=1, unique=True),
    },
    optional={
        "Sid": st.sampled_from(["Theirs", "Other", ""]),
        "Condition": st.dictionaries(
            st.sampled_from(["StringEquals", "StringLike"]),
            st.dictionaries(st.sampled_from(["sts:ExternalId", "aws:SourceArn"]), IDS | st.lists(IDS, min_size=1)),
        ),
    },
)
DOCUMENTS = st.builds(
    lambda statement: {"Version": "2012-10-17", "Statement": statement}, STATEMENTS | st.lists(STATEMENTS, max_size=5)
)
CHANGES = st.lists(st.tuples(st.sampled_from(ITEMS), st.booleans()), max_size=12)


def secret_of(item: IamTrust) -> str | None:
    """Return the ExternalId that *item* asks for."""
    return SECRET if item.trustee.external_id_digest else None


@given(DOCUMENTS, CHANGES)
def test_what_others_say_stays_word_for_word(document: dict[str, Any], changes: list[tuple[IamTrust, bool]]) -> None:
    """Statements of ours are put in and taken out in any order; all others stay, in their order, as they were."""
    theirs, now = statements_of(document), document
    standing: set[str] = set()

    for item, is_put in changes:
        now = (
            with_statement(now, item.sid, item.trustee.statement(secret_of(item)))
            if is_put
            else without_statement(now, item.sid)
        )
        standing = standing | {item.sid} if is_put else standing - {item.sid}

    ours = {item.sid for item in ITEMS}
    assert [one for one in statements_of(now) if one.get("Sid") not in ours] == theirs
    assert {one["Sid"] for one in statements_of(now) if one.get("Sid") in ours} == standing
    assert {key: value for key, value in now.items() if key != "Statement"} == {"Version": "2012-10-17"}


@given(DOCUMENTS, st.sampled_from(ITEMS))
def test_putting_twice_is_putting_once(document: dict[str, Any], item: IamTrust) -> None:
    """What is put is found as it was meant, and putting it again changes nothing."""
    once = with_statement(document, item.sid, item.trustee.statement(secret_of(item)))

    assert found_in(once, item) == (item.sid, item.trustee.text)
    assert with_statement(once, item.sid, item.trustee.statement(secret_of(item))) == once


@given(STATEMENTS)
def test_no_line_shows_an_external_id(statement: dict[str, Any]) -> None:
    """What is observed goes into plans: an ExternalId shows as its digest, under any operator."""
    asked = [value.get("sts:ExternalId") for value in statement.get("Condition", {}).values()]
    ids = {one for value in asked if value for one in ([value] if isinstance(value, str) else value)} - {"*"}
    beside = [value.get("aws:SourceArn") for value in statement.get("Condition", {}).values()]
    shown = {one for value in beside if value for one in ([value] if isinstance(value, str) else value)}

    assert not any(secret in redacted(statement) for secret in ids - shown)
