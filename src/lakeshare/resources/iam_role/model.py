"""An IAM role that lakeshare makes, with who may assume it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lakeshare.resources.documents import statements_of
from lakeshare.resources.trust import Trustee, digest_of, redacted, trustee_of
from lakeshare.resources.values import Place, not_compared

__all__ = ["PROOF_SID", "IamRole", "OperatorTrust", "digest_of", "parse_trust", "trust_document"]

PROOF_SID = "LakeshareProof"
"""Under which the operator's trust stands in the policy of a role that we make."""


@dataclass(frozen=True, slots=True)
class OperatorTrust:
    """That the operator's exact *principal* may act as the role, showing the ExternalId of which this is the digest."""

    principal: str
    external_id_digest: str

    @property
    def trustee(self) -> Trustee:
        """The same as one of those who may assume a role."""
        return Trustee("principal", self.principal, self.external_id_digest)


@dataclass(frozen=True, slots=True)
class IamRole:
    """
    A role of a reader, of a proof, or of Lake Formation for places in S3.

    ``service`` is the service that runs as it (None: no service may). ``operator`` is the trust that lets ``verify``
    query as the role. ``trustees`` are the others who may assume it, in order. ``foreign_trust`` holds, as canonical
    JSON, trust statements that are none of these: a live role that has some is different from what we would make.
    ``kept``: why we left it in place although nobody wants it any more; looked at again as long as the ledger says so.
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
    trustees: tuple[Trustee, ...] = ()
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


def trust_document(role: IamRole, secrets: Mapping[str, str]) -> dict[str, Any]:
    """Return the trust policy of *role*; *secrets* are the ExternalIds behind the digests. Raises KeyError without."""
    statements: list[dict[str, Any]] = []
    if role.service:
        statements.append({"Sid": "Service", **Trustee("service", role.service).statement(None)})
    if role.operator:
        external_id = secrets[role.operator.external_id_digest]
        statements.append({"Sid": PROOF_SID, **role.operator.trustee.statement(external_id)})
    for number, trustee in enumerate(role.trustees, start=1):
        secret = None if trustee.external_id_digest is None else secrets[trustee.external_id_digest]
        statements.append({"Sid": f"Trusted{number}", **trustee.statement(secret)})
    return {"Version": "2012-10-17", "Statement": statements}


def parse_trust(
    document: Mapping[str, Any],
) -> tuple[str | None, OperatorTrust | None, tuple[Trustee, ...], tuple[str, ...]]:
    """Take a live trust policy apart: the service, the operator's trust, other trustees, and whatever else there is."""
    service: str | None = None
    operator: OperatorTrust | None = None
    trustees: list[Trustee] = []
    foreign: list[str] = []
    for statement in statements_of(document):
        found = trustee_of(statement)
        if found is None:
            foreign.append(redacted(statement))
        elif found == Trustee("service", found.name) and service is None:
            service = found.name
        elif _is_operators(found, statement) and operator is None:
            operator = OperatorTrust(found.name, str(found.external_id_digest))
        else:
            trustees.append(found)
    return service, operator, tuple(sorted(trustees, key=str)), tuple(sorted(foreign))


def _is_operators(trustee: Trustee, statement: Mapping[str, Any]) -> bool:
    """Tell the operator's trust from that in another account, which may ask for an ExternalId too."""
    asks_alone = trustee == Trustee(trustee.sort, trustee.name, trustee.external_id_digest)
    is_somebody = trustee.sort == "principal" or statement.get("Sid") == PROOF_SID
    return asks_alone and trustee.external_id_digest is not None and is_somebody
