"""
What ValidatePolicy finds: a part of AWS's list, in AWS's words.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html has codes, types and
messages. Codes that are not here are not found by the sandbox; that it finds nothing proves nothing about AWS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

FindingType: TypeAlias = Literal["ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION"]
Path: TypeAlias = tuple[str | int, ...]
"""Where in the document: names of elements and numbers in lists."""

_PAGE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"
_IN_ANCHORS: Final[Mapping[FindingType, str]] = {
    "ERROR": "error",
    "SECURITY_WARNING": "security-warning",
    "WARNING": "general-warning",
    "SUGGESTION": "suggestion",
}
_TOO_WIDE: Final = "can be overly permissive because it allows iam:PassRole permissions on"

ISSUES: Final[Mapping[str, tuple[FindingType, str]]] = {
    "DATA_TYPE_MISMATCH": ("ERROR", "The text does not match the expected JSON data type {}."),
    "INVALID_ACTION": ("ERROR", "The action {} does not exist."),
    "INVALID_ARN_ACCOUNT": ("ERROR", "The resource ARN account ID {} is not valid. Provide a 12-digit account ID."),
    "INVALID_ARN_PREFIX": ("ERROR", "Add the required prefix (arn) to the resource ARN."),
    "INVALID_CONDITION_KEY_FORMAT": (
        "ERROR", "The condition key format is not valid. Use the format service:keyname.",
    ),
    "INVALID_CONDITION_OPERATOR": (
        "ERROR", "The condition operator {} is not valid. Use a valid condition operator.",
    ),
    "INVALID_EFFECT": ("ERROR", "The effect {} is not valid. Use Allow or Deny."),
    "INVALID_POLICY_ELEMENT": ("ERROR", "The policy element {} is not valid."),
    "INVALID_PRINCIPAL_FORMAT": (
        "ERROR",
        "The Principal element contents are not valid. Specify a key-value pair in the Principal element.",
    ),
    "INVALID_PRINCIPAL_KEY": ("ERROR", "The principal key {} is not valid."),
    "INVALID_SERVICE_IN_ACTION": ("ERROR", "The service {} specified in the action does not exist."),
    "INVALID_VERSION": (
        "ERROR", "The version {} is not valid. Use one of the following versions: 2012-10-17, 2008-10-17",
    ),
    "JSON_SYNTAX_ERROR": ("ERROR", "Fix the JSON syntax error at index {} line {} column {}."),
    "MISSING_ACTION": ("ERROR", "Add an Action or NotAction element to the policy statement."),
    "MISSING_ARN_FIELD": (
        "ERROR",
        (
            "Resource ARNs must include at least 6 fields in the following structure: "
            "arn:partition:service:region:account:resource"
        ),
    ),
    "MISSING_EFFECT": ("ERROR", "Add an Effect element to the policy statement with a value of Allow or Deny."),
    "MISSING_PRINCIPAL": ("ERROR", "Add a Principal element to the policy statement."),
    "MISSING_RESOURCE": ("ERROR", "Add a Resource or NotResource element to the policy statement."),
    "MISSING_STATEMENT": ("ERROR", "Add a statement to the policy"),
    "NULL_WITH_IF_EXISTS": (
        "ERROR",
        "The Null condition operator cannot be used with the IfExists suffix. Update the operator or the suffix.",
    ),
    "UNIQUE_SIDS_REQUIRED": (
        "ERROR", "Duplicate statement IDs are not supported for this policy type. Update the Sid value.",
    ),
    "UNSUPPORTED_ELEMENT_COMBINATION": (
        "ERROR",
        "The policy elements {} and {} can not be used in the same statement. Remove one of these elements.",
    ),
    "UNSUPPORTED_PRINCIPAL": (
        "ERROR", "The policy type {} does not support the Principal element. Remove the Principal element.",
    ),
    "UNSUPPORTED_SID": (
        "ERROR",
        "Update the characters in the Sid element to use one of the following character types: [a-z, A-Z, 0-9]",
    ),
    "UNSUPPORTED_WILDCARD_IN_PRINCIPAL": (
        "ERROR",
        (
            "Wildcards (*, ?) are not supported with the principal key {}. Replace the wildcard with a valid principal "
            "value."
        ),
    ),
    "ALLOW_WITH_NOT_PRINCIPAL": (
        "SECURITY_WARNING",
        "Using Allow with NotPrincipal can be overly permissive. We recommend that you use Principal instead.",
    ),
    "PASS_ROLE_WITH_NOT_RESOURCE": (
        "SECURITY_WARNING",
        (
            "Using the iam:PassRole action with NotResource can be overly permissive because it can allow iam:PassRole "
            "permissions on multiple resources. We recommend that you specify resource ARNs instead."
        ),
    ),
    "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE": (
        "SECURITY_WARNING",
        (
            f"Using wildcards (*) in the action and the resource {_TOO_WIDE} all resources. We recommend that you "
            "specify resource ARNs or add the iam:PassedToService condition key to your statement."
        ),
    ),
    "PASS_ROLE_WITH_STAR_IN_RESOURCE": (
        "SECURITY_WARNING",
        (
            f"Using the iam:PassRole action with wildcards (*) in the resource {_TOO_WIDE} multiple resources. We "
            "recommend that you specify resource ARNs or add the iam:PassedToService condition key to your statement."
        ),
    ),
    "MISSING_VERSION": (
        "WARNING",
        "We recommend that you specify the Version element to help you with debugging permission issues.",
    ),
    "WILDCARD_WITHOUT_LIKE_OPERATOR": (
        "WARNING",
        (
            "Your condition value includes a * or ? character. If you meant to use a wildcard (*, ?), update the "
            "condition operator to include Like."
        ),
    ),
    "EMPTY_ARRAY_ACTION": (
        "SUGGESTION", "This statement includes no actions and does not affect the policy. Specify actions.",
    ),
    "EMPTY_ARRAY_PRINCIPAL": (
        "SUGGESTION", "This statement includes no principals and does not affect the policy. Specify principals.",
    ),
    "EMPTY_ARRAY_RESOURCE": (
        "SUGGESTION", "This statement includes no resources and does not affect the policy. Specify resources.",
    ),
    "EMPTY_OBJECT_CONDITION": (
        "SUGGESTION", "This condition block is empty and it does not affect the policy. Specify conditions.",
    ),
    "EMPTY_OBJECT_PRINCIPAL": (
        "SUGGESTION", "This statement includes no principals and does not affect the policy. Specify principals.",
    ),
    "EMPTY_SID_VALUE": ("SUGGESTION", "Add a value to the empty string in the Sid element."),
    "NULL_WITH_QUALIFIER": (
        "SUGGESTION",
        (
            "Avoid using the Null condition operator with the ForAllValues or ForAnyValue qualifiers because they "
            "always return a true or false respectively."
        ),
    ),
}  # fmt: skip
"""By issue code, the finding's type and details, with a place for each name that it tells."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue with what it is about; ``more`` is said after AWS's sentence, as a suggestion of another name."""

    code: str
    path: Path
    told: tuple[str, ...] = ()
    more: str = ""

    @property
    def type(self) -> FindingType:
        """The impact of the finding."""
        return ISSUES[self.code][0]

    @property
    def details(self) -> str:
        """What AWS says of it."""
        return ISSUES[self.code][1].format(*self.told) + self.more

    @property
    def link(self) -> str:
        """Where AWS explains it."""
        name = self.code.lower().replace("_", "-")
        return f"{_PAGE}#access-analyzer-reference-policy-checks-{_IN_ANCHORS[self.type]}-{name}"


Issues: TypeAlias = Iterator[Issue]
