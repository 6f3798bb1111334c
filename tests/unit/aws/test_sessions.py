"""Getting into accounts: assumed roles, identities, expiry, acting as somebody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lakeshare.aws.access import AccountAccess, Aws
from lakeshare.aws.session import role_arn
from lakeshare.errors import CallError, IdentityError
from tests.unit.aws.conftest import ACCOUNT, PRODUCER, REGION
from tests.unit.aws.endpoint import Answer, Asked, FakeEndpoint, Refusal, Xml, credentials, identity

SignedIn = Callable[..., tuple[Aws, FakeEndpoint]]

CONSUMER_ID = "222222222222"
CONSUMER = AccountAccess("consumer", CONSUMER_ID, REGION, role="lakeshare-operator", external_id="a-secret")
SESSION = f"arn:aws:sts::{CONSUMER_ID}:assumed-role/lakeshare-operator/lakeshare-20260101T000000-abcd"


def role_with_path(path: str) -> Xml:
    return Xml(
        f"<Role><RoleName>lakeshare-operator</RoleName><Path>{path}</Path><RoleId>A</RoleId>"
        f"<Arn>arn:aws:iam::{CONSUMER_ID}:role{path}lakeshare-operator</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>"
    )


class Play:
    """Hands out keys ASIA1, ASIA2 ... and answers for whoever holds one of them."""

    def __init__(self, role: Answer | None = None, **answers: Answer) -> None:
        self.answers: dict[str, Answer] = {"GetRole": role or role_with_path("/ops/"), **answers}
        self.keys = 0

    def __call__(self, asked: Asked) -> Answer:
        if asked.operation in self.answers:
            return self.answers[asked.operation]
        if asked.operation == "AssumeRole":
            self.keys += 1
            return credentials(f"ASIA{self.keys}")
        if asked.operation == "GetCallerIdentity":
            return identity(CONSUMER_ID, SESSION)
        return {"DatabaseList": []}


def asked_for(endpoint: FakeEndpoint, operation: str) -> list[Asked]:
    return [asked for asked in endpoint.asked if asked.operation == operation]


def test_role_is_assumed_with_external_id_and_the_runs_name(signed_in: SignedIn):
    """The role is assumed with the ExternalId, under a session name that carries the run, and its keys are used."""
    aws, endpoint = signed_in(Play(), CONSUMER)

    aws.call("consumer", REGION, "glue", "get_databases")

    (assumed,) = asked_for(endpoint, "AssumeRole")
    assert assumed.access_key == "AKIABASE"
    assert assumed.params["RoleArn"] == f"arn:aws:iam::{CONSUMER_ID}:role/lakeshare-operator"
    assert assumed.params["ExternalId"] == "a-secret"
    assert assumed.params["RoleSessionName"] == "lakeshare-20260101T000000-abcd"
    assert endpoint.asked[-1].access_key == "ASIA1"


@pytest.mark.parametrize(
    ("role", "region", "arn"),
    [
        ("operator", REGION, f"arn:aws:iam::{CONSUMER_ID}:role/operator"),
        ("ops/lake/operator", REGION, f"arn:aws:iam::{CONSUMER_ID}:role/ops/lake/operator"),
        ("/ops/operator", REGION, f"arn:aws:iam::{CONSUMER_ID}:role/ops/operator"),
        (f"arn:aws:iam::{CONSUMER_ID}:role/ops/operator", REGION, f"arn:aws:iam::{CONSUMER_ID}:role/ops/operator"),
        ("operator", "cn-north-1", f"arn:aws-cn:iam::{CONSUMER_ID}:role/operator"),
        ("operator", "us-gov-west-1", f"arn:aws-us-gov:iam::{CONSUMER_ID}:role/operator"),
    ],
)
def test_role_may_be_a_name_a_path_or_an_arn(signed_in: SignedIn, role: str, region: str, arn: str):
    """However a role is written, its ARN is in the account and in the partition of the Region."""
    aws, endpoint = signed_in(Play(), replace(CONSUMER, role=role, region=region))

    aws.call("consumer", region, "glue", "get_databases")

    assert asked_for(endpoint, "AssumeRole")[0].params["RoleArn"] == arn


def test_refused_role_says_what_to_check(signed_in: SignedIn):
    """When the role may not be assumed the error says so, and to look at trust and ExternalId."""
    aws, _ = signed_in(
        Play(AssumeRole=Refusal("AccessDenied", "not authorized to perform: sts:AssumeRole", 403)), CONSUMER
    )

    with pytest.raises(IdentityError, match=r"cannot assume .*role/lakeshare-operator") as caught:
        aws.identity("consumer")

    assert "trust policy" in str(caught.value.hint)
    assert "ExternalId" in str(caught.value.hint)
    assert "a-secret" not in f"{caught.value} {caught.value.hint}"


def test_wrong_account_is_named(signed_in: SignedIn):
    """Credentials of another account than the spec says are refused before anything else, naming both."""
    aws, endpoint = signed_in(Play(), replace(PRODUCER, account_id="333333333333"))

    with pytest.raises(IdentityError, match=f"333333333333.*{ACCOUNT}"):
        aws.call("producer", REGION, "glue", "get_databases")

    assert endpoint.operations() == ["sts:GetCallerIdentity"]


def test_principal_of_a_role_has_its_path(signed_in: SignedIn):
    """The principal behind a role session is the role's own ARN with its path, which the session's ARN leaves out."""
    aws, endpoint = signed_in(Play(), CONSUMER)

    me = aws.identity("consumer")
    again = aws.identity("consumer")

    assert me.arn == SESSION
    assert me.principal_arn == f"arn:aws:iam::{CONSUMER_ID}:role/ops/lakeshare-operator"
    assert me.note is None
    assert again is me
    assert endpoint.operations().count("sts:GetCallerIdentity") == 1


def test_principal_without_a_look_at_the_role_says_so(signed_in: SignedIn):
    """Where GetRole is refused the ARN without a path stands in, and a note tells."""
    aws, _ = signed_in(Play(role=Refusal("AccessDenied", "not authorized", 403)), CONSUMER)

    me = aws.identity("consumer")

    assert me.principal_arn == f"arn:aws:iam::{CONSUMER_ID}:role/lakeshare-operator"
    assert "iam:GetRole" in str(me.note)


def test_principal_of_a_user_is_the_user(signed_in: SignedIn):
    """A user is its own principal, and no role is looked up."""
    aws, endpoint = signed_in(Play())

    assert aws.identity("producer").principal_arn == f"arn:aws:iam::{ACCOUNT}:user/ops/alice"
    assert endpoint.operations() == ["sts:GetCallerIdentity"]


def test_expired_credentials_are_renewed_once(signed_in: SignedIn):
    """When AWS says that a token has expired the role is assumed again and the call repeated with the new keys."""

    class Expiring(Play):
        def __call__(self, asked: Asked) -> Answer:
            if asked.operation == "GetDatabases" and asked.access_key == "ASIA1":
                return Refusal("ExpiredTokenException", "The security token included in the request is expired")
            return super().__call__(asked)

    aws, endpoint = signed_in(Expiring(), CONSUMER)

    assert aws.call("consumer", REGION, "glue", "get_databases") == {"DatabaseList": []}
    assert [asked.access_key for asked in asked_for(endpoint, "GetDatabases")] == ["ASIA1", "ASIA2"]


def test_credentials_that_stay_expired_are_told(signed_in: SignedIn):
    """When fresh credentials are expired too, the error says so instead of trying for ever."""
    aws, endpoint = signed_in(Play(GetDatabases=Refusal("ExpiredTokenException", "expired")), CONSUMER)

    with pytest.raises(CallError, match="ExpiredToken") as caught:
        aws.call("consumer", REGION, "glue", "get_databases")

    assert len(asked_for(endpoint, "GetDatabases")) == 2
    assert "sign in" in str(caught.value.hint)


def test_many_threads_renew_once(signed_in: SignedIn):
    """Threads that find the same token expired share one renewal."""

    class Expiring(Play):
        def __call__(self, asked: Asked) -> Answer:
            if asked.operation == "GetDatabases" and asked.access_key == "ASIA1":
                return Refusal("ExpiredTokenException", "expired")
            return super().__call__(asked)

    aws, endpoint = signed_in(Expiring(), CONSUMER)

    aws.in_parallel(lambda _number: aws.call("consumer", REGION, "glue", "get_databases"), range(12))

    assert len(asked_for(endpoint, "AssumeRole")) == 2


def test_credentials_near_their_end_are_renewed_by_themselves(signed_in: SignedIn):
    """Keys that end within minutes are replaced before the next call, without a failure in between."""

    class EndingSoon(Play):
        def __call__(self, asked: Asked) -> Answer:
            answer = super().__call__(asked)
            if asked.operation == "AssumeRole" and self.keys == 1:
                return credentials("ASIA1", (datetime.now(UTC) + timedelta(minutes=5)).isoformat())
            return answer

    aws, endpoint = signed_in(EndingSoon(), CONSUMER)

    aws.call("consumer", REGION, "glue", "get_databases")

    assert [asked.access_key for asked in asked_for(endpoint, "GetDatabases")] == ["ASIA2"]


def test_acting_as_a_reader_uses_the_readers_keys(signed_in: SignedIn):
    """An actor assumes its role from the account's session and calls with its own keys, counted under its account."""
    aws, endpoint = signed_in(Play())
    reader = f"arn:aws:iam::{CONSUMER_ID}:role/reader"

    actor = aws.acting_as("producer", reader, external_id="proof", session_name="lakeshare-verify")
    actor.call(REGION, "glue", "get_databases")
    databases = list(actor.pages(REGION, "glue", "get_databases", "DatabaseList"))

    (assumed,) = asked_for(endpoint, "AssumeRole")
    assert assumed.access_key == "AKIABASE"
    assert assumed.params["RoleArn"] == reader
    assert assumed.params["ExternalId"] == "proof"
    assert databases == []
    assert {asked.access_key for asked in asked_for(endpoint, "GetDatabases")} == {"ASIA1"}
    assert aws.counts()[CONSUMER_ID] == {"glue:GetDatabases": 2}


def test_acting_as_who_does_not_trust_us_is_a_call_error(signed_in: SignedIn):
    """A role that may not be assumed is told when the actor is asked for, not at its first call."""
    aws, _ = signed_in(Play(AssumeRole=Refusal("AccessDenied", "not authorized", 403)))

    with pytest.raises(CallError, match="sts:AssumeRole"):
        aws.acting_as(
            "producer", f"arn:aws:iam::{CONSUMER_ID}:role/x", external_id=None, session_name="lakeshare-verify"
        )


def test_access_never_prints_its_secret():
    """The ExternalId does not show in the printed form."""
    assert "a-secret" not in repr(CONSUMER)


def test_an_unknown_profile_is_for_the_first_call_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A role's ARN needs no profile, so one in the environment that does not exist is told where it is used."""
    monkeypatch.setenv("AWS_PROFILE", "nope")
    access = AccountAccess("consumer", "222222222222", "cn-north-1", "operator", None, None, "lakeshare")

    assert role_arn(access, "operator") == "arn:aws-cn:iam::222222222222:role/operator"
