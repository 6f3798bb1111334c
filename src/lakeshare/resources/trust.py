"""
Who may assume a role: the statements of a trust policy, as values and as AWS writes them.

An ExternalId shows here as its digest alone. The one place that gets it out of a live policy is `live_external_ids`,
for a run that has lost it; what that returns goes into the run's secrets and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lakeshare.resources.documents import statements_of

_EXTERNAL_ID = "sts:ExternalId"

SIGN_IN: Mapping[str, str] = {
    "aws": "https://signin.aws.amazon.com/saml",
    "aws-us-gov": "https://signin.amazonaws-us-gov.com/saml",
    "aws-cn": "https://signin.amazonaws.cn/saml",
}
"""By partition, the audience of SAML assertions for AWS (documented: IAM, configuring a SAML provider)."""


@dataclass(frozen=True, slots=True)
class Trustee:
    """
    One who may assume a role, and on which conditions.

    ``name`` is a service's principal, or the ARN of a role or user, of an account's root, or of a SAML provider.
    ``source_arn`` keeps a service to what it does for one account (the confused deputy).
    """

    sort: Literal["service", "principal", "account", "saml"]
    name: str
    external_id_digest: str | None = None
    organization: str | None = None
    source_arn: str | None = None

    @property
    def text(self) -> str:
        """The statement as one line that can be compared with `redacted`."""
        return redacted(self.statement(self.external_id_digest), digests_are_shown=True)

    def statement(self, external_id: str | None) -> dict[str, Any]:
        """Return the statement; *external_id* is the secret behind the digest."""
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Principal": {_KINDS[self.sort]: self.name},
            "Action": "sts:AssumeRoleWithSAML" if self.sort == "saml" else "sts:AssumeRole",
        }
        equals: dict[str, str] = {}
        if self.sort == "saml":
            equals["SAML:aud"] = SIGN_IN.get(self.name.split(":")[1], SIGN_IN["aws"])
        if external_id is not None:
            equals[_EXTERNAL_ID] = external_id
        if self.organization:
            equals["aws:PrincipalOrgID"] = self.organization
        if self.source_arn:
            equals["aws:SourceAccount"] = self.source_arn.split(":")[4]
        conditions: dict[str, Any] = {"StringEquals": equals} if equals else {}
        if self.source_arn:
            conditions["ArnEquals"] = {"aws:SourceArn": self.source_arn}
        return statement | ({"Condition": conditions} if conditions else {})


_KINDS: Mapping[str, str] = {"service": "Service", "principal": "AWS", "account": "AWS", "saml": "Federated"}


def digest_of(secret: str) -> str:
    """Return what plans and ledgers hold in place of an ExternalId."""
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()[:16]


def digests_in(line: str) -> list[str]:
    """Return the digests of ExternalIds that stand in *line*, a statement or a digest alone."""
    return [word for word in line.split('"') if word.startswith("sha256:")]


def redacted(statement: Mapping[str, Any], *, digests_are_shown: bool = False) -> str:
    """
    Return *statement* as one line, without its Sid, in which order and lists of one make no difference.

    ExternalIds show as digests: what is observed goes into plans. With *digests_are_shown* they are digests already.
    """
    bare = {key: _plain(value) for key, value in statement.items() if key != "Sid"}
    if not digests_are_shown:
        for asked in _conditions_on_ids(bare):
            for key in asked:
                if key.lower() == _EXTERNAL_ID.lower():
                    asked[key] = _digested(asked[key])
    return json.dumps(bare, sort_keys=True)


def live_external_ids(document: Mapping[str, Any], principal: str) -> list[str]:
    """Return the ExternalIds (secrets) by which exactly *principal* may assume the role, and nobody else."""
    found = []
    for statement in statements_of(document):
        given = [value for asked in _conditions_on_ids(_plain(statement)) for value in asked.values()]
        ids = [value for value in given if isinstance(value, str)]
        if len(ids) == 1 and redacted(statement) == Trustee("principal", principal, digest_of(ids[0])).text:
            found.append(ids[0])
    return found


def trustee_of(statement: Mapping[str, Any]) -> Trustee | None:
    """Return the trustee whose statement this is, to the letter; None when it says anything else."""
    principal = _plain(statement.get("Principal"))
    if not isinstance(principal, Mapping) or len(principal) != 1:
        return None
    kind, name = next(iter(principal.items()))
    if not isinstance(name, str):
        return None
    given = json.loads(redacted(statement)).get("Condition") or {}
    equals = given.get("StringEquals") or {}
    sort = _sort(kind, name)
    if sort is None:
        return None
    found = Trustee(
        sort,
        name,
        equals.get(_EXTERNAL_ID),
        equals.get("aws:PrincipalOrgID"),
        (given.get("ArnEquals") or {}).get("aws:SourceArn"),
    )
    is_sound = all(isinstance(value, str | None) for value in (found.external_id_digest, found.organization))
    is_sound = is_sound and (found.source_arn is None or str(found.source_arn).count(":") >= 5)
    return found if is_sound and found.text == redacted(statement) else None


def _sort(kind: str, name: str) -> Literal["service", "principal", "account", "saml"] | None:
    match kind:
        case "Service":
            return "service"
        case "Federated" if ":saml-provider/" in name:
            return "saml"
        case "AWS":
            return "account" if name.endswith(":root") else "principal"
        case _:
            return None


def _conditions_on_ids(statement: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parts of a statement's conditions, whatever their operator, that ask for an ExternalId."""
    conditions = statement.get("Condition")
    for asked in conditions.values() if isinstance(conditions, dict) else ():
        if isinstance(asked, dict) and any(key.lower() == _EXTERNAL_ID.lower() for key in asked):
            yield asked


def _digested(value: Any) -> Any:
    return [digest_of(str(one)) for one in value] if isinstance(value, list) else digest_of(str(value))


def _plain(value: Any) -> Any:
    """Return a copy of *value* in which a list of one is that one, and lists are sorted."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return _plain(value[0]) if len(value) == 1 else sorted(map(_plain, value), key=str)
    return value
