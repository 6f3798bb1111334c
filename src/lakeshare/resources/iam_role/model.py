"""An IAM role that lakeshare makes, with who may assume it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lakeshare.resources.values import Place, not_compared


@dataclass(frozen=True, slots=True)
class OperatorTrust:
    """That the operator's exact *principal* may act as the role, showing the ExternalId of which this is the digest."""

    principal: str
    external_id_digest: str


@dataclass(frozen=True, slots=True)
class IamRole:
    """
    A role of a reader, or of a proof.

    ``service`` is the service that runs as it (None: no service may). ``operator`` is the trust that lets ``verify``
    query as the role. ``foreign_trust`` holds, as canonical JSON, trust statements that are neither: a live role that
    has some is different from what we would make. ``kept``: why we left it in place although nobody wants it any more;
    looked at again as long as the ledger says so.
    """

    place: Place
    name: str
    path: str = "/"
    service: str | None = None
    operator: OperatorTrust | None = None
    permissions_boundary: str | None = None
    max_session_seconds: int = 3600
    tags: tuple[tuple[str, str], ...] = not_compared(())
    depends_on: tuple[str, ...] = not_compared(())
    foreign_trust: tuple[str, ...] = ()
    kept: str | None = not_compared(None)

    kind: ClassVar[str] = "iam_role"

    @property
    def address(self) -> str:
        """``consumer/global/role:connect-analytics-lambda-execution-role``: IAM knows no Regions."""
        return f"{self.place.alias}/global/role:{self.name}"

    @property
    def arn(self) -> str:
        """The role's ARN, path included."""
        return self.place.iam_arn(f"role{self.path}{self.name}")


def digest_of(secret: str) -> str:
    """Return what plans and ledgers hold in place of an ExternalId."""
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()[:16]


def trust_document(role: IamRole, external_id: str | None) -> dict[str, Any]:
    """Return the trust policy of *role*; *external_id* is the secret behind its digest."""
    statements: list[dict[str, Any]] = []
    if role.service:
        statements.append(
            {
                "Sid": "Service",
                "Effect": "Allow",
                "Principal": {"Service": role.service},
                "Action": "sts:AssumeRole",
            }
        )
    if role.operator:
        assert external_id is not None
        statements.append(
            {
                "Sid": "LakeshareProof",
                "Effect": "Allow",
                "Principal": {"AWS": role.operator.principal},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}


def parse_trust(
    document: Mapping[str, Any],
) -> tuple[str | None, OperatorTrust | None, tuple[str, ...]]:
    """Take a live trust policy apart into the service, the operator's trust, and whatever else there is."""
    service: str | None = None
    operator: OperatorTrust | None = None
    foreign: list[str] = []
    statements = document.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        bare = {key: value for key, value in statement.items() if key != "Sid"}
        found_service, found_operator = _service_of(bare), _operator_of(bare)
        if found_service and service is None:
            service = found_service
        elif found_operator and operator is None:
            operator = found_operator
        else:
            foreign.append(_redacted(bare))
    return service, operator, tuple(sorted(foreign))


def _service_of(statement: Mapping[str, Any]) -> str | None:
    principal = statement.get("Principal")
    name = principal.get("Service") if isinstance(principal, Mapping) and set(principal) == {"Service"} else None
    plain = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return name if isinstance(name, str) and statement == plain else None


def _operator_of(statement: Mapping[str, Any]) -> OperatorTrust | None:
    principal = statement.get("Principal")
    arn = principal.get("AWS") if isinstance(principal, Mapping) and set(principal) == {"AWS"} else None
    condition = statement.get("Condition") or {}
    external_id = (condition.get("StringEquals") or {}).get("sts:ExternalId")
    if not isinstance(arn, str) or not isinstance(external_id, str):
        return None
    shape = {
        "Effect": "Allow",
        "Principal": {"AWS": arn},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    return OperatorTrust(arn, digest_of(external_id)) if statement == shape else None


def _redacted(statement: Mapping[str, Any]) -> str:
    """Print a statement without its ExternalIds: what is observed goes into plans."""
    text = json.dumps(statement, sort_keys=True)
    external_ids = (statement.get("Condition") or {}).get("StringEquals", {}).get("sts:ExternalId", [])
    for secret in [external_ids] if isinstance(external_ids, str) else external_ids:
        text = text.replace(json.dumps(secret), json.dumps(digest_of(secret)))
    return text
