"""Readers as AWS knows them: who a reader of the spec is, and what of it has to be made or added first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lakeshare.planning.facts import Facts, StandingRole
from lakeshare.planning.graph import GraphUnderWork
from lakeshare.planning.service_needs import service_needs
from lakeshare.resources.iam_policy import Statement
from lakeshare.resources.iam_role import IamRole, OperatorTrust, digest_of
from lakeshare.resources.iam_role.model import trust_document
from lakeshare.resources.iam_trust import DEFAULT_LIMIT_CHARACTERS, IamTrust, room_taken, sid_of
from lakeshare.resources.tags import Tags, as_tags
from lakeshare.resources.trust import Trustee
from lakeshare.resources.values import Blocker, Place
from lakeshare.spec import OutsideAccount, People, Reader, RoleCompletion, RoleCreation, Spec


@dataclass(frozen=True, slots=True)
class Principal:
    """
    A reader as grants name it. ``address`` is the role that has to be there first ("" for nothing).

    ``digest`` is that of the ExternalId with which the operator may act as it. ``role``, and its ``path``, are set
    where policies matter; ``is_given_policy`` where it gets one of ours, with the statements ``beside``, next to
    others' of ``taken`` characters.
    """

    name: str
    sort: str
    arn: str
    address: str = ""
    digest: str | None = None
    role: str = ""
    path: str = "/"
    is_given_policy: bool = False
    beside: tuple[Statement, ...] = ()
    taken: int = 0


class Principals:
    """Works out the readers of one share; what is to be made or added for them goes into the graph."""

    def __init__(
        self, spec: Spec, facts: Facts, graph: GraphUnderWork, consumer: Place, home: Place, tags: Tags
    ) -> None:
        self._spec, self._facts, self._graph = spec, facts, graph
        self._consumer, self._home, self._tags = consumer, home, tags
        self._alias = consumer.alias

    def of(self, reader: Reader) -> Principal | None:
        """Return who *reader* is; None, with a blocker, when there is no such role or user."""
        match reader.sort:
            case "role" if reader.create:
                return self._made(reader, reader.create)
            case "role":
                return self._existing(reader)
            case "sso":
                return self._of_permission_set(reader)
            case "user":
                arn = self._facts.reader_users.get((self._alias, reader.written.rpartition("/")[2]))
                if arn:
                    return Principal(reader.name, "user", arn)
                self._missing(reader, _NO_USER)
                return None
            case _:
                return Principal(reader.name, reader.sort, self._arn_of(reader))

    def _arn_of(self, reader: Reader) -> str:
        """Return the ARN of somebody who is no IAM principal; whether there is such a one is not asked."""
        written = reader.written
        if written.startswith("arn:"):
            return written
        if reader.sort == "saml":
            return self._consumer.iam_arn(f"saml-provider/{written}")
        if reader.sort == "quicksight":
            return self._consumer.arn("quicksight", reader.name.removeprefix("quicksight/"))
        return f"arn:{self._consumer.partition}:identitystore:::{written}"

    def _digest(self, reader: Reader) -> str | None:
        return self._facts.external_id_digests.get(self._alias) if reader.prove_by == "query" else None

    def _existing(self, reader: Reader) -> Principal | None:
        arn = self._facts.reader_roles.get((self._alias, reader.role_name))
        if arn is None:
            self._missing(reader, _NO_ROLE)
            return None
        digest = self._digest(reader)
        if reader.complete is None:
            return Principal(reader.name, "role", arn, digest=digest, role=reader.role_name)
        if _KEPT_BY_AWS.match(arn):
            way_out = "leave `complete` out; what such a role may do is told AWS: a permission set, or the service"
            self._block(reader, f"AWS keeps the role {reader.role_name} and lets nobody change it", way_out)
            return None
        standing = self._facts.standing_roles.get((self._alias, reader.role_name), StandingRole())
        self._complete(reader, reader.complete, standing, digest, _path_of(arn))
        beside = service_needs(self._consumer, reader.complete.service, reader.complete)
        return Principal(
            reader.name,
            "role",
            arn,
            digest=digest,
            role=reader.role_name,
            path=_path_of(arn),
            is_given_policy=True,
            beside=beside,
            taken=standing.inline,
        )

    def _of_permission_set(self, reader: Reader) -> Principal | None:
        arn = self._role_of_set(reader, reader.written)
        return Principal(reader.name, "sso", arn, role=arn.rpartition("/")[2]) if arn else None

    def _role_of_set(self, reader: Reader, name: str) -> str | None:
        """Return the one role that Identity Center keeps for a permission set; block on none, and on several."""
        arns = self._facts.sso_roles.get((self._alias, name), ())
        if len(arns) == 1:
            return arns[0]
        account = self._consumer.account_id
        if arns:
            listed = ", ".join(arn.rpartition("/")[2] for arn in arns)
            reason = f"account {account} has {len(arns)} roles of the permission set {name}: {listed}"
            self._block(reader, reason, "name the one that is meant as a role")
        else:
            self._block(reader, f"account {account} has no role of the permission set {name}", _ASSIGN)
        return None

    def _missing(self, reader: Reader, sentences: tuple[str, str]) -> None:
        reason, way_out = sentences
        self._block(reader, reason.format(reader=reader, account=self._consumer.account_id), way_out)

    def _block(self, reader: Reader, reason: str, way_out: str) -> None:
        label = f"role:{reader.role_name}" if reader.sort == "role" else reader.name
        self._graph.block(Blocker(f"{self._alias}/global/{label}", "iam_role", reason, way_out))

    def _made(self, reader: Reader, create: RoleCreation) -> Principal:
        digest = self._digest(reader)
        lengths = self._lengths(create.people)
        role = IamRole(
            self._home,
            reader.role_name,
            create.path,
            create.service,
            OperatorTrust(self._facts.operators[self._alias], digest) if digest else None,
            create.permissions_boundary,
            create.max_session_seconds,
            as_tags({**dict(self._tags), **create.tags}),
            trustees=tuple(sorted(self._people(reader, create.people), key=str)) if create.people else (),
        )
        document = trust_document(role, lengths)
        self._check_trust(role.address, role.kind, room_taken(document), 0)
        beside = service_needs(self._consumer, create.service, create)
        return Principal(
            reader.name,
            "role",
            role.arn,
            self._graph.add(role),
            digest,
            role.name,
            create.path,
            is_given_policy=True,
            beside=beside,
        )

    def _lengths(self, people: People | None) -> Mapping[str, str]:
        """Return, by digest, something as long as each ExternalId, to count characters by."""
        given = [] if people is None else [one.external_id for one in people.accounts.values() if one.external_id]
        lengths = {digest_of(secret.get_secret_value()): len(secret.get_secret_value()) for secret in given}
        operators = self._facts.external_id_digests.get(self._alias)
        if operators is not None:
            lengths[operators] = self._facts.external_id_lengths.get(self._alias, _ID_LENGTH)
        return {digest: "x" * length for digest, length in lengths.items()}

    def _people(self, reader: Reader, people: People) -> Iterator[Trustee]:
        for name in people.roles:
            arn = self._facts.reader_roles.get((self._alias, name.rpartition("/")[2]))
            if arn:
                yield Trustee("principal", arn)
            else:
                self._block(reader, f"{name}, which is to assume it, does not exist", "make that role first")
        for name in people.sso:
            if arn := self._role_of_set(reader, name):
                yield Trustee("principal", arn)
        if people.saml:
            is_arn = people.saml.startswith("arn:")
            yield Trustee("saml", people.saml if is_arn else self._home.iam_arn(f"saml-provider/{people.saml}"))
        for account, outside in people.accounts.items():
            yield self._outside(account, outside)

    def _outside(self, account: str, outside: OutsideAccount) -> Trustee:
        secret = outside.external_id.get_secret_value() if outside.external_id else None
        root = f"arn:{self._home.partition}:iam::{account}:root"
        return Trustee("account", root, digest_of(secret) if secret else None, outside.organization)

    def _complete(
        self, reader: Reader, wanted: RoleCompletion, standing: StandingRole, digest: str | None, path: str
    ) -> None:
        """Add to somebody's trust policy what it does not say yet, statement by statement."""
        trustees = []
        if digest:
            operator = OperatorTrust(self._facts.operators[self._alias], digest)
            trustees.append(IamTrust(self._home, reader.role_name, sid_of("Proof", self._spec.name), operator.trustee))
        if wanted.service:
            sid = sid_of("Service", self._spec.name)
            trustees.append(IamTrust(self._home, reader.role_name, sid, Trustee("service", wanted.service)))
        ids = self._lengths(None)
        added = 0
        for item in (replace(one, role_path=path) for one in trustees):
            self._graph.add(item)
            if item.trustee.text not in standing.lets_in:
                secret = ids.get(item.trustee.external_id_digest or "")
                added += room_taken({"Sid": item.sid, **item.trustee.statement(secret)}) + len(",")
        if trustees:
            self._check_trust(trustees[0].address, trustees[0].kind, added, standing.trust)

    def _check_trust(self, address: str, kind: str, own: int, others: int) -> None:
        limit = self._facts.trust_limits.get(self._alias, DEFAULT_LIMIT_CHARACTERS)
        if own + others <= limit:
            return
        beside = f" and what it says already {others:,}" if others else ""
        reason = f"what the trust policy is to say has {own:,} characters{beside}, which is more than its {limit:,}"
        way_out = (
            "let fewer in, write `prove_by: evaluation`, or have the quota of trust policies raised (4,096 at most)"
        )
        self._graph.block(Blocker(address, kind, reason, way_out))


def _path_of(arn: str) -> str:
    """Return the path in a role's ARN: ``/`` or ``/some/where/``."""
    return "/" + arn.partition(":role/")[2].rpartition("/")[0] + "/" if arn.count("/") > 1 else "/"


_ID_LENGTH = 32
"""How long the ExternalIds are that lakeshare makes up."""
_KEPT_BY_AWS = re.compile(r"arn:[^:]+:iam::\d{12}:role/aws-(?:reserved|service-role)/")
"""The paths of roles that AWS alone changes (documented)."""
_NO_ROLE = (
    "the reader {reader.role_name} does not exist in account {account}",
    "make the role first, or add `create: {service: lambda.amazonaws.com}` to have it made",
)
_NO_USER = ("the user {reader.written} does not exist in account {account}", "make the user first, or name a role")
_ASSIGN = "assign the permission set to the account in IAM Identity Center, which makes the role; nobody else can"
