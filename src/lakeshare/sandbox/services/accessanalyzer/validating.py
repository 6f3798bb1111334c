"""ValidatePolicy: a policy's text in, findings out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.accessanalyzer.issues import Issue, Issues
from lakeshare.sandbox.services.accessanalyzer.spans import extents, location
from lakeshare.sandbox.services.accessanalyzer.statements import Policy, check_statements

_API: Final = "https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html"
RESOURCE_TYPE = rule(
    "access-analyzer.validate.resource-type",
    "A resource type is told of resource policies only.",
    tag="documented",
    source=f"{_API}; that it is refused, and the message, are inferred",
)
PAGE_TOKEN = rule(
    "access-analyzer.validate.token",
    "A nextToken is one that an earlier page gave.",
    tag="inferred",
    source="the message is ours",
)
_MOST: Final = 100
_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_TOP: Final = ("Version", "Id", "Statement")


def validate_policy(call: Call) -> Mapping[str, Any]:
    """Answer ValidatePolicy for identity and resource policies."""
    sort, resource = call.params["policyType"], call.params.get("validatePolicyResourceType")
    if resource and sort != "RESOURCE_POLICY":
        said = "Policy validation resource type can be specified only if the policy type is RESOURCE_POLICY."
        raise RESOURCE_TYPE.refuse("ValidationException", said, reason="fieldValidationFailed")
    if sort not in ("IDENTITY_POLICY", "RESOURCE_POLICY"):
        raise ServiceError("NotImplemented", f"The sandbox does not validate policies of type {sort}.", 501)
    text = call.params["policyDocument"]
    findings = _findings(text, sort, is_trust=resource == "AWS::IAM::AssumeRolePolicyDocument")
    shown, token = page(
        findings, call.params.get("nextToken"), call.params.get("maxResults"), most=_MOST, refusal=_bad_token
    )
    return with_token({"findings": shown}, token, "nextToken")


def _bad_token() -> ServiceError:
    return PAGE_TOKEN.refuse("ValidationException", "Invalid nextToken.", reason="fieldValidationFailed")


def _findings(text: str, sort: str, *, is_trust: bool) -> list[Mapping[str, Any]]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        place = (str(error.pos), str(error.lineno), str(error.colno - 1))
        return [_finding(Issue("JSON_SYNTAX_ERROR", (), place), text, {(): (error.pos, error.pos)})]
    where = extents(text)
    return [_finding(issue, text, where) for issue in _issues(Policy(content, sort, is_trust))]


def _issues(policy: Policy) -> Issues:
    content = policy.content
    if not isinstance(content, dict):
        yield Issue("DATA_TYPE_MISMATCH", (), ("Object",))
        return
    for name in content:
        if name not in _TOP:
            yield Issue("INVALID_POLICY_ELEMENT", (name,), (name,))
    if "Version" not in content:
        yield Issue("MISSING_VERSION", ())
    elif not isinstance(content["Version"], str):
        yield Issue("DATA_TYPE_MISMATCH", ("Version",), ("String",))
    elif content["Version"] not in _VERSIONS:
        yield Issue("INVALID_VERSION", ("Version",), (content["Version"],))
    if not content.get("Statement"):
        yield Issue("MISSING_STATEMENT", ())
    else:
        yield from check_statements(policy)


def _finding(issue: Issue, text: str, where: Mapping[tuple[str | int, ...], tuple[int, int]]) -> Mapping[str, Any]:
    return {
        "findingDetails": issue.details,
        "findingType": issue.type,
        "issueCode": issue.code,
        "learnMoreLink": issue.link,
        "locations": [location(text, where.get(issue.path, where[()]), issue.path)],
    }
