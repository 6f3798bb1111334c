"""ValidatePolicy: what is found, where, and what is not; each issue with a near miss."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshare.sandbox.services.accessanalyzer.issues import ISSUES
from tests.sandbox.conftest import ACCOUNT, ClientMaker

ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
TABLE = f"arn:aws:glue:eu-west-2:{ACCOUNT}:table/lake/calls"
TRUST = {"policyType": "RESOURCE_POLICY", "validatePolicyResourceType": "AWS::IAM::AssumeRolePolicyDocument"}
IDENTITY = {"policyType": "IDENTITY_POLICY"}
PASSED = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}


def policy(*statements: Any, **more: Any) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements), **more}
    return {name: value for name, value in document.items() if value is not None}


def allow(**elements: Any) -> dict[str, Any]:
    """A statement that reads one table, changed by *elements*; None leaves one out."""
    statement = {"Effect": "Allow", "Action": "glue:GetTable", "Resource": TABLE, **elements}
    return {name: value for name, value in statement.items() if value is not None}


def trust(principal: Any, **elements: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **elements}
    return {name: value for name, value in statement.items() if value is not None}


SERVICE = {"Service": "lakeformation.amazonaws.com"}
IN_IDENTITY_POLICIES: list[tuple[str, Any, Any]] = [
    ("DATA_TYPE_MISMATCH", policy(allow(Action=7)), policy(allow())),
    ("DATA_TYPE_MISMATCH", policy("text"), policy(allow())),
    ("DATA_TYPE_MISMATCH", policy(allow(), Version=2012), policy(allow())),
    ("INVALID_ACTION", policy(allow(Action="glue:GetTabel")), policy(allow(Action="GLUE:gettable"))),
    ("INVALID_ACTION", policy(allow(Action="glue:Gte*")), policy(allow(Action="glue:Get*"))),
    (
        "INVALID_ACTION",
        policy(allow(Action="lakeformation:GetDatAccess", Resource="*")),
        policy(allow(Action="lakeformation:GetDataAccess", Resource="*")),
    ),
    (
        "INVALID_ARN_ACCOUNT",
        policy(allow(Resource="arn:aws:glue:eu-west-2:1234:catalog")),
        policy(allow(Resource="arn:aws:glue:eu-west-2:*:catalog")),
    ),
    ("INVALID_ARN_PREFIX", policy(allow(Resource="lake/calls")), policy(allow(Resource="*"))),
    (
        "INVALID_CONDITION_KEY_FORMAT",
        policy(allow(Condition={"StringEquals": {"PrincipalOrgID": "o-1"}})),
        policy(allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
    ),
    (
        "INVALID_CONDITION_OPERATOR",
        policy(allow(Condition={"StringEqual": {"aws:PrincipalOrgID": "o-1"}})),
        policy(allow(Condition={"ForAnyValue:StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}})),
    ),
    ("INVALID_EFFECT", policy(allow(Effect="Permit")), policy(allow(Effect="Deny"))),
    ("INVALID_POLICY_ELEMENT", policy(allow(Resources="*")), policy(allow())),
    ("INVALID_POLICY_ELEMENT", policy(allow(), Comment="x"), policy(allow(), Id="x")),
    ("INVALID_SERVICE_IN_ACTION", policy(allow(Action="gleu:GetTable")), policy(allow())),
    ("INVALID_VERSION", policy(allow(), Version="2012-10-71"), policy(allow(), Version="2008-10-17")),
    ("MISSING_ACTION", policy(allow(Action=None)), policy(allow(Action=None, NotAction="s3:*"))),
    ("MISSING_ARN_FIELD", policy(allow(Resource="arn:aws:glue:x")), policy(allow(Resource="arn:aws:glue:*"))),
    ("MISSING_EFFECT", policy(allow(Effect=None)), policy(allow())),
    ("MISSING_RESOURCE", policy(allow(Resource=None)), policy(allow(Resource=None, NotResource=TABLE))),
    ("MISSING_STATEMENT", policy(), policy(Statement=allow())),
    (
        "NULL_WITH_IF_EXISTS",
        policy(allow(Condition={"NullIfExists": {"aws:TokenIssueTime": "true"}})),
        policy(allow(Condition={"Null": {"aws:TokenIssueTime": "true"}})),
    ),
    ("UNIQUE_SIDS_REQUIRED", policy(*[allow(Sid="A")] * 2), policy(allow(Sid="A"), allow(Sid="B"))),
    ("UNSUPPORTED_ELEMENT_COMBINATION", policy(allow(NotAction="s3:*")), policy(allow())),
    ("UNSUPPORTED_PRINCIPAL", policy(allow(Principal="*")), policy(allow())),
    ("UNSUPPORTED_SID", policy(allow(Sid="read tables")), policy(allow(Sid="ReadTables"))),
    (
        "PASS_ROLE_WITH_NOT_RESOURCE",
        policy(allow(Action="iam:PassRole", Resource=None, NotResource=ROLE)),
        policy(allow(Action="iam:PassRole", Resource=None, NotResource=ROLE, Effect="Deny")),
    ),
    (
        "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        policy(allow(Action="iam:PassRole", Resource="*")),
        policy(allow(Action="iam:PassRole", Resource="*", Condition=PASSED)),
    ),
    (
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
        policy(allow(Action="iam:*", Resource="*")),
        policy(allow(Action="iam:*", Resource=ROLE)),
    ),
    ("MISSING_VERSION", policy(allow(), Version=None), policy(allow())),
    (
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        policy(allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "a-*"}})),
        policy(allow(Condition={"StringLike": {"aws:PrincipalTag/team": "a-*"}})),
    ),
    ("EMPTY_ARRAY_ACTION", policy(allow(Action=[])), policy(allow())),
    ("EMPTY_ARRAY_RESOURCE", policy(allow(Resource=[])), policy(allow())),
    ("EMPTY_OBJECT_CONDITION", policy(allow(Condition={})), policy(allow())),
    ("EMPTY_SID_VALUE", policy(allow(Sid="")), policy(allow(Sid="A"))),
    (
        "NULL_WITH_QUALIFIER",
        policy(allow(Condition={"ForAnyValue:Null": {"aws:TagKeys": "true"}})),
        policy(allow(Condition={"Null": {"aws:TagKeys": "true"}})),
    ),
]
IN_TRUST_POLICIES: list[tuple[str, Any, Any]] = [
    ("INVALID_POLICY_ELEMENT", policy(trust(SERVICE, Resource="*")), policy(trust(SERVICE))),
    ("INVALID_PRINCIPAL_FORMAT", policy(trust(ROLE)), policy(trust({"AWS": ROLE}))),
    ("INVALID_PRINCIPAL_KEY", policy(trust({"Services": "x"})), policy(trust(SERVICE))),
    ("MISSING_PRINCIPAL", policy(trust(None)), policy(trust(SERVICE))),
    ("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", policy(trust({"AWS": ROLE + "*"})), policy(trust({"AWS": "*"}))),
    (
        "ALLOW_WITH_NOT_PRINCIPAL",
        policy(trust(None, NotPrincipal={"AWS": ROLE})),
        policy(trust(None, NotPrincipal={"AWS": ROLE}, Effect="Deny")),
    ),
    ("EMPTY_ARRAY_PRINCIPAL", policy(trust({"AWS": []})), policy(trust({"AWS": [ROLE]}))),
    ("EMPTY_OBJECT_PRINCIPAL", policy(trust({})), policy(trust(SERVICE))),
]
CASES = [
    *((code, IDENTITY, has, has_not) for code, has, has_not in IN_IDENTITY_POLICIES),
    *((code, TRUST, has, has_not) for code, has, has_not in IN_TRUST_POLICIES),
]


def found(client: ClientMaker, document: Any, **kind: Any) -> list[dict[str, Any]]:
    text = document if isinstance(document, str) else json.dumps(document)
    answer: list[dict[str, Any]] = client("accessanalyzer").validate_policy(policyDocument=text, **kind)["findings"]
    return answer


@pytest.mark.parametrize(("code", "kind", "has", "has_not"), CASES, ids=[case[0] for case in CASES])
def test_an_issue_is_found_and_its_near_miss_is_not(
    client: ClientMaker, code: str, kind: dict[str, str], has: Any, has_not: Any
) -> None:
    """Each issue of the list shows, with the type and the anchor that AWS documents."""
    shown = {finding["issueCode"]: finding for finding in found(client, has, **kind)}

    assert shown[code]["findingType"] == ISSUES[code][0]
    assert shown[code]["learnMoreLink"].endswith(code.lower().replace("_", "-"))
    assert code not in {finding["issueCode"] for finding in found(client, has_not, **kind)}


def test_every_issue_has_a_case() -> None:
    """Nothing is on the list that no test has seen; JSON_SYNTAX_ERROR has a test of its own."""
    assert {code for code, *_ in CASES} == set(ISSUES) - {"JSON_SYNTAX_ERROR"}


def test_what_is_no_json_is_told_with_its_place(client: ClientMaker) -> None:
    """The place of the slip is told in words and as a span, lines counted from 1 and columns from 0."""
    (finding,) = found(client, '{\n  "Version" "2012-10-17"}', **IDENTITY)

    assert finding["findingDetails"] == "Fix the JSON syntax error at index 14 line 2 column 12."
    assert finding["locations"][0]["span"]["start"] == {"line": 2, "column": 12, "offset": 14}


def test_a_finding_tells_where_it_stands(client: ClientMaker) -> None:
    """The path leads through names and numbers, and the span cuts the offending value out of the text."""
    text = json.dumps(policy(allow(), allow(Action=["glue:GetTable", "glue:GetTabel"])), indent=2)

    (finding,) = found(client, text, **IDENTITY)

    (place,) = finding["locations"]
    assert place["path"] == [{"value": "Statement"}, {"index": 1}, {"value": "Action"}, {"index": 1}]
    assert text[place["span"]["start"]["offset"] : place["span"]["end"]["offset"]] == '"glue:GetTabel"'
    assert finding["findingDetails"] == "The action glue:GetTabel does not exist. Did you mean glue:GetTable?"


def test_findings_come_in_pages(client: ClientMaker) -> None:
    """A page holds what maxResults says, and the token leads on to the rest."""
    text = json.dumps(policy(allow(Action=[f"glue:No{number}" for number in range(5)])))
    analyzer = client("accessanalyzer")

    pages = list(
        analyzer.get_paginator("validate_policy").paginate(
            policyDocument=text, policyType="IDENTITY_POLICY", PaginationConfig={"PageSize": 2}
        )
    )

    assert [len(page["findings"]) for page in pages] == [2, 2, 1]


@pytest.mark.refuses("access-analyzer.validate.token")
def test_a_token_of_nobodys_is_refused(client: ClientMaker) -> None:
    """A nextToken that no page gave is refused."""
    with pytest.raises(ClientError, match="ValidationException"):
        client("accessanalyzer").validate_policy(
            policyDocument=json.dumps(policy(allow())), policyType="IDENTITY_POLICY", nextToken="x"
        )


@pytest.mark.allows("access-analyzer.validate.token")
def test_a_token_that_a_page_gave_is_taken(client: ClientMaker) -> None:
    """The token of the first page brings the second."""
    asked = {"policyDocument": json.dumps(policy(allow(Action=["glue:No1", "glue:No2"]))), **IDENTITY}
    first = client("accessanalyzer").validate_policy(**asked, maxResults=1)

    second = client("accessanalyzer").validate_policy(**asked, maxResults=1, nextToken=first["nextToken"])

    assert len(second["findings"]) == 1
    assert "nextToken" not in second


@pytest.mark.refuses("access-analyzer.validate.resource-type")
def test_an_identity_policy_has_no_resource_type(client: ClientMaker) -> None:
    """A resource type beside an identity policy is refused."""
    with pytest.raises(ClientError, match="ValidationException"):
        found(client, policy(allow()), **{**TRUST, "policyType": "IDENTITY_POLICY"})


@pytest.mark.allows("access-analyzer.validate.resource-type")
def test_a_trust_policy_without_resources_is_clean(client: ClientMaker) -> None:
    """As a trust policy it needs no Resource; as a resource policy of no type it does."""
    document = policy(trust(SERVICE))

    assert found(client, document, **TRUST) == []
    assert [one["issueCode"] for one in found(client, document, policyType="RESOURCE_POLICY")] == ["MISSING_RESOURCE"]


def test_iam_is_asked(client: ClientMaker) -> None:
    """Who is not allowed access-analyzer:ValidatePolicy is refused, by that name."""
    iam = client("iam")
    me = f"arn:aws:iam::{ACCOUNT}:user/administrator"
    arn = iam.create_role(RoleName="checker", AssumeRolePolicyDocument=json.dumps(policy(trust({"AWS": me}))))
    keys = client("sts").assume_role(RoleArn=arn["Role"]["Arn"], RoleSessionName="session")["Credentials"]
    ask = {"policyDocument": json.dumps(policy(allow())), **IDENTITY}

    with pytest.raises(ClientError, match="access-analyzer:ValidatePolicy"):
        client("accessanalyzer", keys).validate_policy(**ask)
    right = policy(allow(Action="access-analyzer:ValidatePolicy", Resource="*"))
    iam.put_role_policy(RoleName="checker", PolicyName="p", PolicyDocument=json.dumps(right))
    assert client("accessanalyzer", keys).validate_policy(**ask)["findings"] == []
