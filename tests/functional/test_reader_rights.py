"""The printed policies are enough for readers of every sort, and of what they print for them nothing goes unused."""

from __future__ import annotations

import json
from typing import Any

from lakeshare import app
from tests.functional.accounts import CONSUMER, DATABASE, OPERATOR, REGION, Accounts, apply_all, destroy_all
from tests.functional.rights import Asked, actions, allow_everything, allow_least

FOR_READERS = {
    "iam:GetAccountSummary",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:GetUser",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:ListRoles",
    "iam:UpdateAssumeRolePolicy",
}
"""What looking up readers and completing roles takes."""


def with_everybody(accounts: Accounts) -> app.Settings:
    """Write a spec with readers of every sort, and make those that must exist."""
    iam = accounts.client("iam")
    statement = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": statement})
    sso = "/aws-reserved/sso.amazonaws.com/eu-west-2/"
    for name, path in (("alone", "/"), ("completed", "/team/"), ("AWSReservedSSO_Analyst_0123456789abcdef", sso)):
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust)
    policy = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    for name in ("alone", "completed"):
        iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        iam.put_role_policy(
            RoleName=name,
            PolicyName="theirs",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": policy}),
        )
    iam.create_user(UserName="jane")
    people: dict[str, Any] = {"roles": ["alone"], "sso": ["Analyst"], "saml": "okta"}
    readers: list[dict[str, Any]] = [
        {"role": "made", "create": {"service": "lambda.amazonaws.com", "people": people, "path": "/made/"}},
        {"role": "completed", "complete": {"service": "lambda.amazonaws.com"}},
        {"role": "alone"},
        {"sso": "Analyst"},
        {"user": "jane"},
        {"quicksight": "default/jane"},
        {"saml": "okta:group/analysts"},
        {"identity_center": "group/01234567-89ab-cdef-0123-456789abcdef"},
        {"account": CONSUMER},
    ]
    key = f"arn:aws:kms:{REGION}:{CONSUMER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    to = {"account": "consumer", "database": DATABASE, "athena": {"results_key": key}}
    consumer = {"id": CONSUMER, "region": REGION, "role": OPERATOR, "external_id": "${EXTERNAL_ID}"}
    return accounts.write(
        {"s": accounts.share("users", readers=readers, to=to)},
        consumer={**consumer, "location_role": {"locations": ["s3://lake/x/"]}},
    )


def test_the_printed_policies_are_enough_for_every_sort_of_reader(accounts: Accounts) -> None:
    """Plan, apply, plan again, verify and destroy with exactly what is printed; and all of it for readers is called."""
    settings = with_everybody(accounts)
    before = accounts.everything()
    allow_least(accounts, settings, "apply")
    asked = Asked(accounts)

    apply_all(settings)
    again = app.plan(settings).plan
    asked.collect()
    printed = set(actions(app.policy(settings, "consumer", "apply")))
    allow_least(accounts, settings, "verify")
    proofs = app.verify(settings)
    allow_least(accounts, settings, "destroy")
    destroy_all(settings)
    allow_everything(accounts)

    assert not again.has_changes
    assert proofs.failed == ()
    assert printed >= FOR_READERS
    assert asked.actions["consumer"] >= FOR_READERS
    assert accounts.everything() == before
