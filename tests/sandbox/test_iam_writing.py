"""What IAM refuses to store: principals where none belong, trust in nobody, and too much of anything."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import Story, document, refused

OWNER, OTHER = "111111111111", "222222222222"
ALLOWED = {"Effect": "Allow", "Action": "glue:GetTable", "Resource": "*"}
TRUSTED = {"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "sts:AssumeRole"}
MALFORMED = "MalformedPolicyDocument"


@pytest.fixture
def iam(client: ClientMaker) -> Any:
    """The owner's IAM, with a role ``reader``, a user ``ana`` and a group ``team``."""
    made = client("iam", OWNER)
    made.create_role(RoleName="reader", AssumeRolePolicyDocument=document(TRUSTED))
    made.create_user(UserName="ana")
    made.create_group(GroupName="team")
    return made


def wide(characters: int) -> str:
    """Return a policy of about as many characters."""
    resources = [f"arn:aws:s3:::{number:050d}" for number in range(characters // 66)]
    return document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": resources})


@pytest.mark.refuses("iam.policy.no-principal")
@pytest.mark.allows("iam.policy.no-principal")
def test_an_identity_policy_names_no_principal(iam: Any) -> None:
    """Inline or managed, of a role, a user or a group; without one it is taken."""
    named, said = document({**ALLOWED, "Principal": {"AWS": OWNER}}), "Policy document should not specify a principal."

    for put, holder in (
        (iam.put_role_policy, {"RoleName": "reader"}),
        (iam.put_user_policy, {"UserName": "ana"}),
        (iam.put_group_policy, {"GroupName": "team"}),
        (iam.create_policy, {}),
    ):
        with refused(MALFORMED, said):
            put(**holder, PolicyName="p", PolicyDocument=named)
        put(**holder, PolicyName="p", PolicyDocument=document(ALLOWED))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ({**TRUSTED, "Resource": "*"}, "Has prohibited field Resource"),
        ({"Effect": "Allow", "Action": "sts:AssumeRole"}, "Missing required field Principal"),
        ({**TRUSTED, "Action": "s3:GetObject"}, "AssumeRole policy may only specify STS AssumeRole actions."),
    ],
)
@pytest.mark.refuses("iam.trust.form")
@pytest.mark.allows("iam.trust.form")
def test_a_trust_policy_is_about_assuming_the_role(iam: Any, statement: dict[str, Any], said: str) -> None:
    """It is refused when the role is made and when it is changed; what trusts somebody is taken."""
    with refused(MALFORMED, said):
        iam.create_role(RoleName="other", AssumeRolePolicyDocument=document(statement))
    with refused(MALFORMED, said):
        iam.update_assume_role_policy(RoleName="reader", PolicyDocument=document(statement))
    iam.update_assume_role_policy(RoleName="reader", PolicyDocument=document(TRUSTED))


@pytest.mark.parametrize(
    "named",
    [
        f"arn:aws:iam::{OTHER}:role/nobody",
        f"arn:aws:iam::{OTHER}:user/nobody",
        f"arn:aws:iam::{OTHER}:role/*",
        [OTHER, "whoever"],
    ],
)
@pytest.mark.refuses("iam.trust.principal-exists")
def test_trust_in_nobody_is_an_invalid_principal(iam: Any, named: Any) -> None:
    """A role or user that is not there, a pattern, or what is no principal at all."""
    with refused(MALFORMED, 'Invalid principal in policy: "AWS":"'):
        iam.create_role(RoleName="other", AssumeRolePolicyDocument=document({**TRUSTED, "Principal": {"AWS": named}}))
    with refused(MALFORMED, "Invalid principal in policy"):
        iam.update_assume_role_policy(
            RoleName="reader", PolicyDocument=document({**TRUSTED, "Principal": {"AWS": named}})
        )


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": [OTHER, f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{OWNER}:role/reader"]},
        {"AWS": f"arn:aws:sts::{OTHER}:assumed-role/any/session"},
        {"Service": "lakeformation.amazonaws.com"},
    ],
)
@pytest.mark.allows("iam.trust.principal-exists")
def test_trust_in_somebody_is_taken(iam: Any, principal: Any) -> None:
    """Everybody, accounts, roles that exist, sessions, and services: Lake Formation is one."""
    iam.create_role(RoleName="other", AssumeRolePolicyDocument=document({**TRUSTED, "Principal": principal}))


@pytest.mark.refuses("iam.trust.principal-exists")
@pytest.mark.allows("iam.trust.principal-exists")
def test_a_new_role_is_trusted_once_it_is_known(box: Sandbox, client: ClientMaker) -> None:
    """Until then a trust policy that names it is malformed."""
    Story(box, client).set_delays(iam_s=30)
    arn = client("iam", OTHER).create_role(RoleName="new", AssumeRolePolicyDocument=document(TRUSTED))["Role"]["Arn"]
    trust = document({**TRUSTED, "Principal": {"AWS": arn}})

    with refused(MALFORMED, "Invalid principal in policy"):
        client("iam", OWNER).create_role(RoleName="late", AssumeRolePolicyDocument=trust)
    box.world.clock.advance(31)
    client("iam", OWNER).create_role(RoleName="late", AssumeRolePolicyDocument=trust)


@pytest.mark.refuses("iam.trust.size", "iam.policy.managed-size", "iam.policy.inline-size")
@pytest.mark.allows("iam.trust.size", "iam.policy.managed-size", "iam.policy.inline-size")
def test_policies_have_a_size(iam: Any) -> None:
    """A trust policy, a managed one, and all inline ones of a role together; white space does not count."""
    ids = [f"{number:0100d}" for number in range(25)]
    long_trust = document({**TRUSTED, "Condition": {"StringEquals": {"sts:ExternalId": ids}}})

    with refused("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"):
        iam.create_role(RoleName="other", AssumeRolePolicyDocument=long_trust)
    with refused("LimitExceeded", "Cannot exceed quota for PolicySize: 6144"):
        iam.create_policy(PolicyName="m", PolicyDocument=wide(6500))
    iam.create_policy(PolicyName="m", PolicyDocument=json.dumps(json.loads(wide(5500)), indent=16))
    iam.put_role_policy(RoleName="reader", PolicyName="one", PolicyDocument=wide(6000))
    with refused("LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role reader"):
        iam.put_role_policy(RoleName="reader", PolicyName="two", PolicyDocument=wide(6000))
    iam.put_role_policy(RoleName="reader", PolicyName="one", PolicyDocument=wide(9000))


@pytest.mark.refuses("iam.policy.attached")
@pytest.mark.allows("iam.policy.attached")
def test_ten_managed_policies_are_attached_at_most(iam: Any) -> None:
    """The eleventh is over the quota; one that is attached already is not."""
    policies = [
        iam.create_policy(PolicyName=f"p{number}", PolicyDocument=document(ALLOWED))["Policy"]["Arn"]
        for number in range(11)
    ]
    for arn in policies[:10]:
        iam.attach_role_policy(RoleName="reader", PolicyArn=arn)

    with refused("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10"):
        iam.attach_role_policy(RoleName="reader", PolicyArn=policies[10])
    iam.attach_role_policy(RoleName="reader", PolicyArn=policies[0])


@pytest.mark.refuses("iam.boundary.exists", "iam.identity.allows")
@pytest.mark.allows("iam.boundary.exists", "iam.identity.allows")
def test_a_user_is_bounded_as_a_role_is(iam: Any, client: ClientMaker) -> None:
    """By a managed policy that is there; CreateUser takes one too."""
    bound = iam.create_policy(PolicyName="b", PolicyDocument=document({**ALLOWED, "Action": "s3:*"}))["Policy"]["Arn"]
    iam.create_user(UserName="bob", PermissionsBoundary=bound)
    everything = document({**ALLOWED, "Action": "*"})
    iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=everything)
    glue = client("glue", iam.create_access_key(UserName="bob")["AccessKey"])

    said = "because no permissions boundary allows the glue:GetDatabases action"
    with refused("AccessDeniedException", said):
        glue.get_databases()
    iam.delete_user_permissions_boundary(UserName="bob")
    glue.get_databases()
    iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=bound)
    with refused("AccessDeniedException", said):
        glue.get_databases()
    with refused("NoSuchEntity"):
        iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=f"{bound}-none")
    with refused("NoSuchEntity"):
        iam.delete_user_permissions_boundary(UserName="nobody")


@pytest.mark.refuses("iam.role.protected")
@pytest.mark.allows("iam.role.protected")
def test_roles_that_aws_keeps_are_not_changed(iam: Any) -> None:
    """A permission set's role is read like any other, and neither changed nor deleted."""
    name = "AWSReservedSSO_Analyst_0123456789abcdef"
    path = "/aws-reserved/sso.amazonaws.com/eu-west-2/"
    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document(TRUSTED))
    iam.create_role(RoleName="plain", Path="/aws/", AssumeRolePolicyDocument=document(TRUSTED))
    changes: list[tuple[Any, dict[str, Any]]] = [
        (iam.put_role_policy, {"PolicyName": "more", "PolicyDocument": document(ALLOWED)}),
        (iam.update_assume_role_policy, {"PolicyDocument": document(TRUSTED)}),
        (iam.tag_role, {"Tags": [{"Key": "team", "Value": "x"}]}),
        (iam.update_role, {"MaxSessionDuration": 7200}),
        (iam.delete_role_policy, {"PolicyName": "more"}),
        (iam.delete_role, {}),
    ]

    assert iam.get_role(RoleName=name)["Role"]["Path"] == path
    for change, given in changes:
        with refused("UnmodifiableEntity", "only modifiable by AWS"):
            change(RoleName=name, **given)
        change(RoleName="plain", **given)


def test_the_administrator_of_every_account_is_a_user_of_its_iam(iam: Any, client: ClientMaker) -> None:
    """GetUser tells of it by name, and of whoever asks; of others it tells what there is."""
    there = f"arn:aws:iam::{OWNER}:user/administrator"

    assert iam.get_user(UserName="administrator")["User"]["Arn"] == there
    assert iam.get_user()["User"]["Arn"] == there
    assert iam.get_user(UserName="ana")["User"]["Arn"] == f"arn:aws:iam::{OWNER}:user/ana"
    with refused("NoSuchEntity"):
        client("iam", OTHER).get_user(UserName="ana")


def test_getuser_shows_the_boundary(client: ClientMaker) -> None:
    """What bounds a user shows until it is taken away, however it was set; lists of users leave it out."""
    iam = client("iam")
    allowed = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
    arn = iam.create_policy(PolicyName="limits", PolicyDocument=allowed)["Policy"]["Arn"]
    iam.create_user(UserName="ann", PermissionsBoundary=arn)

    bounded = iam.get_user(UserName="ann")["User"]
    listed = iam.list_users()["Users"]
    iam.delete_user_permissions_boundary(UserName="ann")
    free = iam.get_user(UserName="ann")["User"]

    assert bounded["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    assert "PermissionsBoundary" not in free
    assert [user for user in listed if "PermissionsBoundary" in user] == []
    assert "ann" in [user["UserName"] for user in listed]
