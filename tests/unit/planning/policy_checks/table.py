"""For each check a policy that has it and a near miss that has not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeshare.planning.policy_checks import Document
from lakeshare.planning.policy_checks.documents import Sort

OURS, THEIRS = "111111111111", "222222222222"
OTHER_ROOT = f"arn:aws:iam::{THEIRS}:root"
OTHER_ROLE = f"arn:aws:iam::{THEIRS}:role/pipeline"
SECRET = {"StringEquals": {"sts:ExternalId": "a-long-secret"}}
ORGANISATION = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
TABLE_ARN = f"arn:aws:glue:eu-west-2:{OURS}:table/lake/calls"


@dataclass(frozen=True, slots=True)
class Case:
    """Two documents of one sort that differ in what the check is about."""

    id: str
    sort: Sort
    has: Any
    has_not: Any

    def documents(self) -> tuple[Document, Document]:
        """Return the one that has it, and the near miss."""
        return Document(self.sort, OURS, self.has), Document(self.sort, OURS, self.has_not)


def policy(*statements: Any, **more: Any) -> dict[str, Any]:
    """Return a policy of *statements*; *more* are elements beside them, None for one to leave out."""
    document = {"Version": "2012-10-17", "Statement": list(statements), **more}
    return {name: value for name, value in document.items() if value is not None}


def allow(**elements: Any) -> dict[str, Any]:
    """Return a statement that reads one table, changed by *elements*; None leaves one out."""
    statement = {"Effect": "Allow", "Action": "glue:GetTable", "Resource": TABLE_ARN, **elements}
    return {name: value for name, value in statement.items() if value is not None}


def trust(principal: Any, condition: Mapping[str, Any] | None = None, **elements: Any) -> dict[str, Any]:
    """Return a statement by which *principal* may assume the role."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}
    return {name: value for name, value in {**statement, **elements}.items() if value is not None}


def _aws(who: Any, condition: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return policy(trust({"AWS": who}, condition))


def _long(characters: int, **more: Any) -> dict[str, Any]:
    """Return a policy of exactly so many characters, by the length of its Id."""
    from lakeshare.planning.policy_checks.documents import characters as count

    base = policy(allow(**more) if not more.get("Principal") else trust(more["Principal"]), Id="")
    return {**base, "Id": "x" * (characters - count(base))}


_SERVICE = {"Service": "lambda.amazonaws.com"}
_SAML = {"Federated": f"arn:aws:iam::{OURS}:saml-provider/idp"}

IDENTITY = (
    Case("grammar.type", "identity", policy(allow(Action=7)), policy(allow(Action="glue:GetTable"))),
    Case("grammar.type", "identity", "text", policy(allow())),
    Case("grammar.type", "identity", policy("text"), policy(allow())),
    Case("grammar.empty", "identity", policy(allow(Resource=[])), policy(allow(Resource=[TABLE_ARN]))),
    Case("grammar.empty", "trust", policy(trust({"AWS": []})), policy(trust({"AWS": [OTHER_ROLE]}))),
    Case("grammar.type", "identity", policy(allow(Condition="x")), policy(allow(Condition={}))),
    Case(
        "grammar.type",
        "identity",
        policy(allow(Condition={"StringEquals": {"aws:PrincipalOrgID": {}}})),
        policy(allow(Condition={"Bool": {"aws:SecureTransport": True}})),
    ),
    Case("grammar.version", "identity", policy(allow(), Version="2012-10-71"), policy(allow())),
    Case("grammar.version-old", "identity", policy(allow(), Version=None), policy(allow())),
    Case("grammar.version-old", "identity", policy(allow(), Version="2008-10-17"), policy(allow())),
    Case("grammar.statement", "identity", policy(), policy(allow())),
    Case("grammar.statement", "identity", policy(Statement=None), policy(Statement=allow())),
    Case("grammar.element", "identity", policy(allow(Resources="*")), policy(allow())),
    Case("grammar.element", "identity", policy(allow(), Comment="x"), policy(allow(), Id="x")),
    Case("grammar.element", "identity", policy(allow(effect="Allow")), policy(allow())),
    Case("grammar.effect", "identity", policy(allow(Effect="allow")), policy(allow(Effect="Deny"))),
    Case("grammar.effect", "identity", policy(allow(Effect=None)), policy(allow())),
    Case("grammar.action", "identity", policy(allow(Action=None)), policy(allow())),
    Case("grammar.action", "identity", policy(allow(NotAction="s3:*")), policy(allow(Action=None, NotAction="s3:*"))),
    Case("grammar.action-form", "identity", policy(allow(Action="GetTable")), policy(allow(Action="*"))),
    Case("grammar.resource", "identity", policy(allow(Resource=None)), policy(allow())),
    Case("grammar.resource", "identity", policy(allow(NotResource="*")), policy(allow())),
    Case("grammar.resource", "trust", policy(trust(_SERVICE, Resource="*")), policy(trust(_SERVICE))),
    Case("grammar.resource-form", "identity", policy(allow(Resource="my-bucket")), policy(allow(Resource="*"))),
    Case(
        "grammar.resource-form",
        "identity",
        policy(allow(Action="s3:GetObject", Resource="arn:aws:s3:bucket/x")),
        policy(allow(Action="s3:GetObject", Resource="arn:aws:s3:::bucket/${aws:username}")),
    ),
    Case("grammar.principal-in-identity-policy", "identity", policy(allow(Principal="*")), policy(allow())),
    Case("grammar.principal-in-identity-policy", "session", policy(allow(NotPrincipal="*")), policy(allow())),
    Case(
        "grammar.sid",
        "identity",
        policy(allow(Sid="Read tables")),
        policy(allow(Sid="ReadTables")),
    ),
    Case("grammar.sid", "trust", policy(*[trust(_SERVICE, Sid="A")] * 2), policy(trust(_SERVICE, Sid="A b"))),
    Case(
        "grammar.condition-operator",
        "identity",
        policy(allow(Condition={"StringEqual": {"aws:PrincipalOrgID": "o-1"}})),
        policy(allow(Condition={"ForAnyValue:StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}})),
    ),
    Case(
        "grammar.condition-operator",
        "identity",
        policy(allow(Condition={"NullIfExists": {"aws:TokenIssueTime": "true"}})),
        policy(allow(Condition={"Null": {"aws:TokenIssueTime": "true"}})),
    ),
    Case("size.managed", "managed", _long(6145), _long(6144)),
    Case("size.session", "session", _long(2049), _long(2048)),
    Case("size.trust", "trust", _long(4097, Principal=_SERVICE), _long(4096, Principal=_SERVICE)),
    Case("size.trust-default", "trust", _long(2049, Principal=_SERVICE), _long(2048, Principal=_SERVICE)),
    Case("name.service", "identity", policy(allow(Action="gleu:GetTable")), policy(allow(Action="glue:GetTable"))),
    Case("name.action", "identity", policy(allow(Action="glue:GetTabel")), policy(allow(Action="GLUE:gettable"))),
    Case("name.action", "identity", policy(allow(Action="glue:Gte*")), policy(allow(Action="glue:Get*"))),
    Case(
        "name.condition-key",
        "identity",
        policy(allow(Condition={"StringEquals": {"aws:PrincipalOrgsID": "o-1"}})),
        policy(allow(Condition={"StringEquals": {"AWS:principalorgid": "o-1", "aws:ResourceTag/Team": "x"}})),
    ),
    Case(
        "name.condition-key",
        "identity",
        policy(allow(Condition={"StringEquals": {"glue:LakeFormationPermision": "Enabled"}})),
        policy(allow(Condition={"StringEquals": {"glue:LakeFormationPermissions": "Enabled"}})),
    ),
    Case(
        "grant.everything",
        "identity",
        policy(allow(Action="*", Resource="*")),
        policy(allow(Action="*", Resource="*", Effect="Deny")),
    ),
    Case("grant.whole-service", "identity", policy(allow(Action="iam:*")), policy(allow(Action="iam:Get*"))),
    Case("grant.whole-service", "identity", policy(allow(Action="*")), policy(allow(Action="glue:GetTable"))),
    Case(
        "grant.any-resource",
        "identity",
        policy(allow(Action="s3:PutObject", Resource="*")),
        policy(allow(Action=["lakeformation:GetDataAccess", "glue:GetTable"], Resource="*")),
    ),
    Case(
        "grant.any-resource",
        "identity",
        policy(allow(Action="kms:Dec*", Resource="*")),
        policy(allow(Action="kms:Dec*", Resource="*", Condition={"StringEquals": {"kms:ViaService": "s3"}})),
    ),
    Case(
        "grant.pass-any-role",
        "identity",
        policy(allow(Action="iam:PassRole", Resource="*")),
        policy(
            allow(
                Action="iam:PassRole",
                Resource="*",
                Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
            )
        ),
    ),
    Case(
        "grant.pass-any-role",
        "identity",
        policy(allow(Action="iam:Pass*", Resource=f"arn:aws:iam::{OURS}:role/*")),
        policy(allow(Action="iam:Pass*", Resource=f"arn:aws:iam::{OURS}:role/reader")),
    ),
    Case(
        "grant.not-action",
        "identity",
        policy(allow(Action=None, NotAction="iam:*")),
        policy(allow(Action=None, NotAction="iam:*", Effect="Deny")),
    ),
    Case(
        "grant.not-resource",
        "identity",
        policy(allow(Resource=None, NotResource=TABLE_ARN)),
        policy(allow(Resource=None, NotResource=TABLE_ARN, Effect="Deny")),
    ),
)

TRUST = (
    Case("grammar.principal", "trust", policy(trust(None)), policy(trust(_SERVICE))),
    Case("grammar.principal-form", "trust", policy(trust({"Services": "x"})), policy(trust(_SERVICE))),
    Case("grammar.principal-form", "trust", policy(trust(OTHER_ROLE)), policy(trust({"AWS": OTHER_ROLE}))),
    Case("grammar.principal-form", "trust", _aws("pipeline"), _aws(THEIRS)),
    Case(
        "grammar.principal-form",
        "trust",
        policy(trust({"Service": "lakeformation"})),
        policy(trust({"Service": "lakeformation.amazonaws.com"})),
    ),
    Case(
        "grammar.trust-action",
        "trust",
        policy(trust(_SERVICE, Action="s3:GetObject")),
        policy(trust(_SERVICE, Action=["sts:AssumeRole", "sts:TagSession"])),
    ),
    # The one that blocks, and what is enough to make it another.
    Case("trust.cross-account-root", "trust", _aws(OTHER_ROOT), _aws(OTHER_ROOT, SECRET)),
    Case("trust.cross-account-root", "trust", _aws(THEIRS), _aws(OURS)),
    Case("trust.cross-account-root", "trust", _aws([OTHER_ROLE, OTHER_ROOT]), _aws(OTHER_ROOT, ORGANISATION)),
    Case("trust.cross-account-root", "trust", _aws(f"arn:aws-us-gov:iam::{THEIRS}:root"), _aws(OTHER_ROLE)),
    Case(
        "trust.cross-account-root",
        "trust",
        _aws(OTHER_ROOT, {"StringEqualsIfExists": {"sts:ExternalId": "x"}}),
        _aws(OTHER_ROOT, {"StringLike": {"STS:EXTERNALID": "partner-*"}}),
    ),
    Case(
        "trust.cross-account-root",
        "trust",
        _aws(OTHER_ROOT, {"StringLike": {"sts:ExternalId": "*"}}),
        _aws(OTHER_ROOT, {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}}),
    ),
    Case(
        "trust.cross-account-root",
        "trust",
        _aws(OTHER_ROOT, {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        _aws(OTHER_ROOT, {"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}}),
    ),
    Case(
        "trust.cross-account-root",
        "trust",
        _aws(OTHER_ROOT, {"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        _aws(OTHER_ROOT, {"ArnLike": {"aws:PrincipalArn": OTHER_ROLE}}),
    ),
    Case(
        "trust.cross-account-root",
        "trust",
        policy(trust({"AWS": OTHER_ROOT}, Action=["sts:*"])),
        policy(trust({"AWS": OTHER_ROOT}, Action="sts:TagSession")),
    ),
    Case(
        "trust.cross-account-root",
        "trust",
        policy(
            trust({"AWS": OTHER_ROOT}),
            trust("*", {"StringNotEquals": {"sts:ExternalId": "x"}, "Bool": {"a:b": "true"}}, Effect="Deny"),
        ),
        policy(trust({"AWS": OTHER_ROOT}), trust("*", {"StringNotEquals": {"sts:ExternalId": "x"}}, Effect="Deny")),
    ),
    Case("trust.anyone", "trust", policy(trust("*")), policy(trust("*", ORGANISATION))),
    Case("trust.anyone", "trust", _aws("*"), _aws("*", {"StringEquals": {"aws:PrincipalArn": OTHER_ROLE}})),
    Case("trust.cross-account", "trust", _aws(OTHER_ROLE), _aws(OTHER_ROLE, SECRET)),
    Case("trust.cross-account", "trust", _aws(OTHER_ROLE), _aws(OTHER_ROLE.replace(THEIRS, OURS))),
    Case("trust.account-root", "trust", _aws(OURS), _aws(f"arn:aws:iam::{OURS}:role/pipeline")),
    Case("trust.account-root", "trust", _aws(OTHER_ROOT, SECRET), _aws(OTHER_ROLE, SECRET)),
    Case(
        "trust.not-principal",
        "trust",
        policy(trust(None, NotPrincipal={"AWS": OTHER_ROLE})),
        policy(trust(None, NotPrincipal={"AWS": OTHER_ROLE}, Effect="Deny")),
    ),
    Case(
        "trust.service",
        "trust",
        policy(trust(_SERVICE)),
        policy(trust(_SERVICE, {"StringEquals": {"aws:SourceAccount": OURS}})),
    ),
    Case(
        "trust.service",
        "trust",
        policy(trust({"Service": ["ec2.amazonaws.com", "states.amazonaws.com"]})),
        policy(trust({"Service": ["ec2.amazonaws.com", "lakeformation.amazonaws.com"]})),
    ),
    Case(
        "trust.federated",
        "trust",
        policy(trust(_SAML, Action="sts:AssumeRoleWithSAML")),
        policy(
            trust(
                _SAML,
                {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
                Action="sts:AssumeRoleWithSAML",
            )
        ),
    ),
)

CASES = (*IDENTITY, *TRUST)
