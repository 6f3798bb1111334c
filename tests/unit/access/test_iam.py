"""IAM's evaluation in three values: what allows, what denies, and what cannot be judged from here."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lakeshare.access.iam import Context, Policies, decide, read_statements
from lakeshare.access.iam.conditions import holds
from lakeshare.access.iam.documents import Condition
from lakeshare.access.iam.patterns import fits_resource
from lakeshare.access.iam.resource_policies import concerning, grants, refusal
from lakeshare.resources.values import Unreadable

ROLE = "arn:aws:iam::222222222222:role/reader"
TABLE = "arn:aws:glue:eu-west-2:222222222222:table/links/users"
KNOWN = Context(
    {"aws:principalarn": (ROLE,), "aws:requestedregion": ("eu-west-2",), "aws:principaltag/team": ("lake",)},
    frozenset({"aws:username"}),
)


def statements(*rows: dict[str, Any], source: str = "a policy") -> Any:
    return read_statements({"Version": "2012-10-17", "Statement": list(rows)}, source)


def allow(action: Any = "glue:GetTable", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "glue:GetTable", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def said(*rows: dict[str, Any], **more: Any) -> bool | None:
    return decide(Policies(statements(*rows), **more), "glue:GetTable", TABLE, KNOWN).is_allowed


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("*", True),
        (TABLE, True),
        ("arn:aws:glue:eu-west-2:222222222222:table/links/*", True),
        ("arn:aws:glue:*:*:table/*", True),
        ("arn:aws:glue:eu-west-2:222222222222:table/links/user?", True),
        ("arn:aws:glue", True),
        ("arn:aws:glue:eu-west-1:*", False),
        ("arn:aws:glue:eu-west-2:222222222222:database/*", False),
        ("arn:aws:glue:eu-west-2:222222222222:table/LINKS/users", False),
        ("arn:aws:glue:eu-west-2:222222222222:table/links/${aws:PrincipalTag/team}", False),
        ("arn:aws:glue:eu-west-2:222222222222:table/links/${aws:userid}", None),
        ("arn:aws:s3:::${aws:userid}", False),
        ("arn:aws:glue:eu-west-2:222222222222:table/links/user${*}", False),
        # Whether a star reaches past a colon is written nowhere.
        ("arn:aws:*:222222222222:table/links/users", None),
    ],
)
def test_resources_are_matched_field_by_field(pattern: str, fits: bool | None) -> None:  # noqa: FBT001 - a row of a table
    """Wildcards, short ARNs and variables; what hangs on a variable that nobody can know is unknown."""
    assert fits_resource(pattern, TABLE, KNOWN.one) is fits


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("StringEquals", "aws:RequestedRegion", ("eu-west-2",), True),
        ("StringEquals", "AWS:requestedregion", ("EU-WEST-2",), False),
        ("StringEqualsIgnoreCase", "aws:RequestedRegion", ("EU-WEST-2",), True),
        ("StringNotEquals", "aws:RequestedRegion", ("eu-west-1", "eu-west-2"), False),
        ("StringLike", "aws:RequestedRegion", ("eu-*",), True),
        ("StringNotLike", "aws:RequestedRegion", ("us-*",), True),
        ("ArnLike", "aws:PrincipalArn", ("arn:aws:iam::*:role/rea*",), True),
        ("ArnNotEquals", "aws:PrincipalArn", (ROLE,), False),
        ("StringEquals", "aws:PrincipalTag/team", ("${aws:PrincipalTag/team}",), True),
        ("StringEquals", "aws:SourceIp", ("10.0.0.1",), None),
        ("IpAddress", "aws:SourceIp", ("10.0.0.0/8",), None),
        ("StringEquals", "aws:username", ("ann",), False),
        ("StringNotEquals", "aws:username", ("ann",), True),
        ("StringEqualsIfExists", "aws:username", ("ann",), True),
        ("Null", "aws:username", ("true",), True),
        ("Null", "aws:RequestedRegion", ("true",), False),
        ("ForAllValues:StringEquals", "aws:username", ("ann",), True),
        ("ForAnyValue:StringEquals", "aws:RequestedRegion", ("eu-west-2",), True),
        ("SomethingNew", "aws:RequestedRegion", ("eu-west-2",), None),
    ],
)
def test_conditions(operator: str, key: str, values: tuple[str, ...], expected: bool | None) -> None:  # noqa: FBT001
    """Each operator, keys in any case, keys that are not there, and what cannot be judged."""
    assert holds(Condition(operator, key, values), KNOWN) is expected


@pytest.mark.parametrize(
    ("operator", "values", "given", "expected"),
    [
        ("NumericLessThan", ("10",), "9", True),
        ("NumericGreaterThanEquals", ("10",), "9", False),
        ("DateLessThan", ("2026-01-01T00:00:00Z",), "2025-12-31T23:59:59Z", True),
        ("DateGreaterThan", ("1767225600",), "2025-12-31T23:59:59Z", False),
        ("Bool", ("True",), "true", True),
        ("IpAddress", ("10.0.0.0/8",), "10.1.2.3", True),
        ("NotIpAddress", ("10.0.0.0/8",), "10.1.2.3", False),
    ],
)
def test_conditions_on_numbers_times_and_addresses(
    operator: str,
    values: tuple[str, ...],
    given: str,
    expected: bool,  # noqa: FBT001 - a row of a table
) -> None:
    """Values are compared as what they are."""
    assert holds(Condition(operator, "key", values), Context({"key": (given,)})) is expected


def test_a_deny_wins_and_names_its_statement() -> None:
    """An explicit deny beats any allow, and the decision says which statement of which policy it is."""
    policies = Policies(statements(allow(), deny(Sid="Never"), source="the inline policy p"))

    decision = decide(policies, "glue:GetTable", TABLE, KNOWN)

    assert decision.is_allowed is False
    assert decision.reason == "statement Never of the inline policy p denies glue:GetTable"


def test_what_is_not_allowed_is_refused() -> None:
    """No statement, another action, another resource: nothing allows it."""
    assert said() is False
    assert said(allow("glue:GetTables")) is False
    assert said(allow("GLUE:gettable")) is True
    assert said(allow("glue:Get*", "arn:aws:glue:*:*:database/*")) is False
    assert said({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::*"}) is True
    assert said({"Effect": "Allow", "NotAction": "glue:*", "Resource": "*"}) is False


def test_a_doubtful_deny_leaves_it_open_and_a_sure_one_does_not() -> None:
    """A deny under a condition on the caller's address may apply; beside a sure deny that makes no difference."""
    elsewhere = {"Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}

    assert said(allow(), deny(**elsewhere)) is None
    assert said(deny(**elsewhere)) is False
    assert said(allow(), deny(**elsewhere), deny()) is False


def test_boundary_organisation_and_identity_must_each_allow() -> None:
    """Each of them can keep it back, and the decision says which did."""
    wide, narrow = statements(allow("*")), statements(allow("s3:*"))

    assert said(allow(), boundary=wide, organisation=(wide, wide)) is True
    assert said(allow(), boundary=narrow) is False
    assert said(allow(), organisation=(wide, narrow)) is False
    assert said(organisation=(wide,), boundary=wide) is False
    assert decide(Policies(statements(allow()), boundary=narrow), "glue:GetTable", TABLE, KNOWN).by == "boundary"


def test_what_was_not_read_leaves_it_open() -> None:
    """A policy that may not be read may allow or deny; only a deny that was read is sure."""
    assert said(allow(), unread=("iam:GetPolicy is refused",)) is None
    assert said(unread=("iam:GetPolicy is refused",)) is None
    assert said(allow(), deny(), unread=("iam:GetPolicy is refused",)) is False
    assert said(allow(), boundary=Unreadable("no")) is None
    assert said(allow(), organisation=Unreadable("no")) is None
    assert said(organisation=Unreadable("no")) is False


@pytest.mark.parametrize(
    ("principal", "in_person", "at_all"),
    [
        ({"AWS": ROLE}, True, True),
        ("*", True, True),
        ({"AWS": ["arn:aws:iam::222222222222:root"]}, False, True),
        ({"AWS": "222222222222"}, False, True),
        ({"AWS": "arn:aws:iam::111111111111:root"}, False, False),
        ({"Service": "athena.amazonaws.com"}, False, False),
    ],
)
def test_resource_policies_name_people_or_accounts(principal: Any, in_person: bool, at_all: bool) -> None:  # noqa: FBT001
    """A policy that names the account leaves it to the account; one that names somebody else says nothing."""
    policy = statements({**allow(), "Principal": principal})

    def lets(*, person: bool) -> bool | None:
        return grants(policy, ROLE, "glue:GetTable", TABLE, KNOWN, in_person=person)

    assert lets(person=True) is in_person
    assert lets(person=False) is at_all
    assert bool(concerning(policy, ROLE)) is at_all


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
def test_whose_session_is_meant_by_name_is_open(effect: str, element: str) -> None:
    """A policy that names one session of a role may mean the one that will ask; another role's it does not mean."""
    session = f"{ROLE.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/yesterday"
    named = {"Effect": effect, element: {"AWS": session}, "Action": "glue:*", "Resource": "*"}
    policy = read_statements({"Statement": named}, "the catalog's policy")
    other = f"{ROLE}-too"

    if effect == "Allow":
        said = [grants(policy, who, "glue:GetTable", TABLE, KNOWN, in_person=False) for who in (ROLE, other)]
        assert said == [None, element == "NotPrincipal"]
    else:
        mine, others = (refusal(policy, who, "glue:GetTable", TABLE, KNOWN) for who in (ROLE, other))
        assert mine is not None
        assert mine.is_allowed is None
        assert (others is not None and others.is_allowed is False) is (element == "NotPrincipal")


@pytest.mark.parametrize(
    ("until", "expected"),
    [("2026-11-26T00:00:00Z", False), ("2026-11-26T12:20:00Z", None), ("2026-11-27T00:00:00Z", True)],
)
@pytest.mark.parametrize("key", ["aws:CurrentTime", "aws:EpochTime"])
def test_what_the_clock_says_holds_unless_it_is_about_to_change(
    until: str,
    expected: bool | None,  # noqa: FBT001
    key: str,
) -> None:
    """A right that ended yesterday, one that ends within the hour, and one that ends tomorrow."""
    noon = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC).timestamp()

    assert holds(Condition("DateLessThan", key, (until,)), Context(now=noon)) is expected
    assert holds(Condition("DateLessThan", key, (until,)), Context()) is None


def test_an_allow_on_an_open_condition_is_named() -> None:
    """Which statement of which policy, and the key that nobody outside the call knows."""
    condition = {"StringEquals": {"aws:SourceVpc": "vpc-1", "aws:PrincipalTag/team": "lake"}}
    policies = Policies(statements(allow(Sid="FromOffice", Condition=condition), source="the inline policy p"))

    said = decide(policies, "glue:GetTable", TABLE, KNOWN)

    assert said.is_allowed is None
    assert "statement FromOffice of the inline policy p" in said.reason
    assert said.reason.endswith(": aws:SourceVpc")


def test_of_a_key_that_is_not_there_no_value_matches() -> None:
    """Whatever is asked of any of its values does not hold, be it negative; what is asked of all of them does."""
    absent = Context(absent=frozenset({"aws:calledvia"}))

    def asked(operator: str) -> bool | None:
        return holds(Condition(operator, "aws:CalledVia", ("athena.amazonaws.com",)), absent)

    assert asked("ForAnyValue:StringNotEquals") is False
    assert asked("ForAnyValue:StringEquals") is False
    assert asked("ForAllValues:StringEquals") is True
    assert asked("StringNotEquals") is True


def test_sessions_revoked_long_ago_are_over() -> None:
    """A session of a role began half a day ago at most; a user's keys have no such moment that is known."""
    now = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC).timestamp()
    revoked = Condition("DateLessThan", "aws:TokenIssueTime", ("2026-11-25T12:00:00Z",))
    lately = Condition("DateLessThan", "aws:TokenIssueTime", ("2026-11-26T06:00:00Z",))
    role = Context(now=now, session_seconds=12 * 3600.0)

    assert (holds(revoked, role), holds(lately, role), holds(revoked, Context(now=now))) == (False, None, None)


@pytest.mark.parametrize(("named", "expected"), [((ROLE, ROLE[:25] + ":root"), None), ((ROLE[:25] + ":root",), None)])
def test_whom_a_deny_leaves_out_is_open_where_it_is_not_sure(named: tuple[str, ...], expected: bool | None) -> None:  # noqa: FBT001
    """By its account alone, or with a boundary, by which AWS denies it all the same."""
    denied = {"Effect": "Deny", "NotPrincipal": {"AWS": list(named)}, "Action": "glue:*", "Resource": "*"}
    policy = read_statements({"Statement": denied}, "the catalog's policy")

    bounded = refusal(policy, ROLE, "glue:GetTable", TABLE, KNOWN, is_bounded=True)
    free = refusal(policy, ROLE, "glue:GetTable", TABLE, KNOWN)

    assert bounded is not None
    assert bounded.is_allowed is expected
    assert (free is None) is (ROLE in named)
