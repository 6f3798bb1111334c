"""The one way a call goes out: answers, errors, repeats, counts, pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lakeshare.aws.access import Aws
from lakeshare.errors import CallError, IdentityError, ThrottledError
from tests.fakes.clock import FakeClock
from tests.unit.aws.conftest import ACCOUNT, REGION
from tests.unit.aws.endpoint import Answer, Asked, Break, FakeEndpoint, Refusal, Xml

SignedIn = Callable[..., tuple[Aws, FakeEndpoint]]


def one_after_the_other(*answers: Answer) -> Callable[[Asked], Answer]:
    """Play the answers in order, the last one for ever."""
    left = list(answers)
    return lambda _asked: left.pop(0) if len(left) > 1 else left[0]


def get_database(aws: Aws) -> dict[str, Any]:
    return aws.call("producer", REGION, "glue", "get_database", Name="lake")


def test_answer_is_the_members_and_nothing_else(signed_in: SignedIn):
    """A call answers with what the operation answers, without botocore's own metadata."""
    aws, endpoint = signed_in(one_after_the_other({"Database": {"Name": "lake"}}))

    assert get_database(aws) == {"Database": {"Name": "lake"}}
    assert endpoint.asked[-1].params == {"Name": "lake"}
    assert endpoint.asked[-1].region == REGION


def test_refusal_carries_everything_that_is_known(signed_in: SignedIn):
    """A refused call names account, Region, operation, request, AWS's code and status, and what to do."""
    text = "Insufficient Lake Formation permission(s): Required Describe on lake"
    aws, _ = signed_in(one_after_the_other(Refusal("AccessDeniedException", text)))

    with pytest.raises(CallError) as caught:
        get_database(aws)

    error = caught.value
    assert error.message == f"glue:GetDatabase in producer ({ACCOUNT}, {REGION}): AccessDeniedException: {text}"
    assert (error.account, error.region, error.operation) == (ACCOUNT, REGION, "glue:GetDatabase")
    assert (error.aws_code, error.status, error.request_id) == ("AccessDeniedException", 400, "request-1")
    assert error.hint is not None


@pytest.mark.parametrize(
    "passing",
    [
        Refusal("ThrottlingException", "Rate exceeded"),
        Refusal("ConcurrentModificationException", "Permission update failed for Resource"),
        Refusal("InvalidInputException", "Invalid principal"),
        Refusal("InvalidInputException", "Rate exceeded (Service: AmazonIdentityManagement; Status Code: 400)"),
        Refusal("InternalServiceException", "oops", 500),
        Refusal("NobodyKnowsThis", "oops", 503),
        Break(),
    ],
    ids=str,
)
def test_what_passes_is_repeated(signed_in: SignedIn, passing: Answer):
    """A call that fails for a moment is repeated until it succeeds, and every attempt is counted."""
    aws, _ = signed_in(one_after_the_other(passing, passing, {"Database": {}}))

    assert get_database(aws) == {"Database": {}}
    assert aws.counts()[ACCOUNT]["glue:GetDatabase"] == 3


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal("EntityNotFoundException", "Database lake not found."),
        Refusal("InvalidInputException", "Resource is mandatory if Principal is set"),
        Refusal("AccessDeniedException", "User is not authorized to perform: glue:GetDatabase"),
        Refusal("LimitExceededException", "too many roles"),
    ],
    ids=str,
)
def test_what_does_not_pass_is_told_at_once(signed_in: SignedIn, clock: FakeClock, refusal: Refusal):
    """A call that repeating would not help is sent once, without a pause."""
    aws, _ = signed_in(one_after_the_other(refusal))

    with pytest.raises(CallError):
        get_database(aws)

    assert aws.counts()[ACCOUNT]["glue:GetDatabase"] == 1
    assert clock.sleeps == []


def test_endless_throttling_is_a_throttled_error(signed_in: SignedIn):
    """When AWS never stops asking for patience the error says so by its type."""
    aws, _ = signed_in(one_after_the_other(Refusal("ThrottlingException", "Rate exceeded")))

    with pytest.raises(ThrottledError) as caught:
        get_database(aws)

    assert caught.value.code == "throttled"


def test_new_role_is_given_two_minutes(signed_in: SignedIn, clock: FakeClock):
    """An invalid principal may be one that IAM has not made known yet: it is tried for up to two minutes."""
    aws, _ = signed_in(one_after_the_other(Refusal("InvalidInputException", "Invalid principal")))

    with pytest.raises(CallError, match="Invalid principal"):
        get_database(aws)

    assert 60 < clock.monotonic() <= 125


def test_already_exists_after_a_fault_of_aws_may_be_our_own_doing(signed_in: SignedIn):
    """What AWS answered with a fault of its own may be done all the same, as when it did not answer."""
    fault = Refusal("InternalServiceException", "try again", 500)
    aws, _ = signed_in(one_after_the_other(fault, Refusal("AlreadyExistsException", "Table exists")))

    with pytest.raises(CallError) as caught:
        aws.call("producer", REGION, "glue", "create_table", DatabaseName="lake", TableInput={"Name": "t"})

    assert caught.value.broke_before


def test_already_exists_after_a_broken_connection_may_be_our_own_doing(signed_in: SignedIn):
    """When an attempt broke and its repeat finds the thing there, the error says that we may have made it."""
    aws, _ = signed_in(one_after_the_other(Break(), Refusal("AlreadyExistsException", "Table exists")))

    with pytest.raises(CallError) as caught:
        aws.call("producer", REGION, "glue", "create_table", DatabaseName="lake", TableInput={"Name": "t"})

    assert caught.value.aws_code == "AlreadyExistsException"
    assert caught.value.broke_before
    assert "earlier attempt" in str(caught.value.hint)


def test_repeats_carry_one_idempotency_token(signed_in: SignedIn):
    """Where an operation takes an idempotency token, all attempts of a call carry the same one."""
    aws, endpoint = signed_in(one_after_the_other(Break(), {"QueryExecutionId": "1"}))

    aws.call("producer", REGION, "athena", "start_query_execution", QueryString="SELECT 1")
    aws.call("producer", REGION, "athena", "start_query_execution", QueryString="SELECT 1")

    first, again, other = (asked.params["ClientRequestToken"] for asked in endpoint.asked[-3:])
    assert first == again
    assert other != first


def test_nobody_listening_is_told_soon(signed_in: SignedIn, clock: FakeClock):
    """An endpoint that nobody listens at is a mistake rather than an outage: it is told within seconds."""
    aws, _ = signed_in(one_after_the_other({}), endpoint_url="http://127.0.0.1:9")

    with pytest.raises(CallError) as caught:
        get_database(aws)

    assert caught.value.status == 0
    assert "endpoint" in str(caught.value.hint)
    assert clock.monotonic() <= 15


def test_wrong_parameters_are_told_at_once(signed_in: SignedIn):
    """A call that botocore itself refuses is never sent."""
    aws, endpoint = signed_in(one_after_the_other({}))

    with pytest.raises(CallError, match="Name"):
        aws.call("producer", REGION, "glue", "get_database")

    assert "glue:GetDatabase" not in endpoint.operations()


def test_no_credentials_is_an_identity_error(signed_in: SignedIn):
    """Without credentials the error says whose are missing and where to get some."""
    aws, _ = signed_in(one_after_the_other({}), credentials=None)

    with pytest.raises(IdentityError, match="no credentials for producer") as caught:
        get_database(aws)

    assert "profile" in str(caught.value.hint)


def test_every_call_says_which_run_it_belongs_to(signed_in: SignedIn):
    """The user agent carries lakeshare's version and the run's id, which CloudTrail records."""
    aws, endpoint = signed_in(one_after_the_other({"Database": {}}))

    get_database(aws)

    assert "lakeshare/" in endpoint.asked[-1].user_agent
    assert "lakeshare-run/20260101T000000-abcd" in endpoint.asked[-1].user_agent


def test_pages_are_followed_to_the_end_past_empty_ones(signed_in: SignedIn):
    """Pages are followed as long as one names a next, an empty one too, with the parameters of the first."""
    aws, endpoint = signed_in(
        one_after_the_other(
            {"PrincipalResourcePermissions": [{"Permissions": ["SELECT"]}], "NextToken": "2"},
            {"PrincipalResourcePermissions": [], "NextToken": "3"},
            {"PrincipalResourcePermissions": [{"Permissions": ["DESCRIBE"]}]},
        )
    )

    pages = aws.pages(
        "producer", REGION, "lakeformation", "list_permissions", "PrincipalResourcePermissions", MaxResults=1000
    )

    assert [page["Permissions"] for page in pages] == [["SELECT"], ["DESCRIBE"]]
    asked = [asked.params for asked in endpoint.asked if asked.operation == "ListPermissions"]
    assert asked == [
        {"MaxResults": 1000},
        {"MaxResults": 1000, "NextToken": "2"},
        {"MaxResults": 1000, "NextToken": "3"},
    ]


def test_iam_pages_are_followed_by_marker(signed_in: SignedIn):
    """IAM says IsTruncated and a Marker; a Marker that is not truncated is the end."""

    def role(name: str) -> str:
        return (
            f"<Roles><member><RoleName>{name}</RoleName><Path>/</Path><RoleId>A</RoleId>"
            f"<Arn>arn:aws:iam::{ACCOUNT}:role/{name}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></member></Roles>"
        )

    aws, _ = signed_in(
        one_after_the_other(
            Xml(f"{role('a')}<IsTruncated>true</IsTruncated><Marker>m</Marker>"),
            Xml(f"{role('b')}<IsTruncated>false</IsTruncated>"),
        )
    )

    assert [role["RoleName"] for role in aws.pages("producer", REGION, "iam", "list_roles", "Roles")] == ["a", "b"]


def test_same_page_twice_ends_in_an_error(signed_in: SignedIn):
    """When AWS names the same next page for ever the walk ends with an error instead of never."""
    aws, _ = signed_in(one_after_the_other({"DatabaseList": [], "NextToken": "2"}))

    with pytest.raises(CallError, match="same next page twice"):
        list(aws.pages("producer", REGION, "glue", "get_databases", "DatabaseList"))


def test_reads_in_parallel_keep_their_order(signed_in: SignedIn):
    """Many reads at once answer in the order asked, from one client, and none is lost."""
    aws, _ = signed_in(lambda asked: {"Database": {"Name": asked.params["Name"]}})
    names = [f"lake{number}" for number in range(40)]

    def read(name: str) -> str:
        answer = aws.call("producer", REGION, "glue", "get_database", Name=name)
        return str(answer["Database"]["Name"])

    assert aws.in_parallel(read, names) == names
    assert aws.counts() == {ACCOUNT: {"glue:GetDatabase": 40, "sts:GetCallerIdentity": 1}}
