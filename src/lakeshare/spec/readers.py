"""Who reads, and how the roles of those who read are made or completed."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias, get_args

from pydantic import Field, model_validator

from lakeshare.spec import fields
from lakeshare.spec.choice import ColumnRule, TableSelection
from lakeshare.spec.fields import ReadOnly, ToCome, malformed
from lakeshare.spec.part import NOT_YET, Part, Secret, Tags


class OutsideAccount(Part):
    """
    Another account whose principals may assume a role, as far as that account's own policies let them.

    Never without a condition: who else could make that account's principals act would be let in too.
    """

    external_id: Secret | None = Field(default=None, description="The ExternalId that they must show; best ${NAME}.")
    organization: fields.OrganisationId | None = Field(
        default=None, description="The organisation that they must be of, such as o-a1b2c3d4e5."
    )

    @model_validator(mode="after")
    def _is_guarded(self) -> OutsideAccount:
        if self.external_id is None and self.organization is None:
            raise malformed(
                "external_id or organization: without one of them the role would trust a whole account on no condition"
            )
        return self


class People(Part):
    """Who may assume a role that lakeshare makes for people."""

    roles: tuple[fields.ReaderRole, ...] = Field(
        default=(), description="Roles of the same account that may assume it, by name or ARN."
    )
    sso: tuple[fields.PermissionSet, ...] = Field(
        default=(), description="Permission sets of IAM Identity Center whose roles in the same account may assume it."
    )
    saml: fields.SamlProvider | None = Field(
        default=None,
        description="The SAML provider whose users may sign in as it, by name or ARN.",
    )
    accounts: ReadOnly[fields.AccountId, OutsideAccount] = Field(
        default_factory=fields.no_entries, description="Other accounts, each with an external_id or an organization."
    )

    @model_validator(mode="after")
    def _is_somebody(self) -> People:
        if not (self.roles or self.sso or self.saml or self.accounts):
            raise malformed("at least one of roles, sso, saml and accounts")
        return self


class ServiceNeeds(Part):
    """What a service needs beside the tables when it runs as a role."""

    log_group: fields.LogGroup | None = Field(
        default=None, description="The log group that it writes: /aws/lambda/* and /aws-glue/* when left out."
    )
    scripts: fields.S3Location | None = Field(default=None, description="Where a Glue job's scripts lie in S3.")


class RoleCreation(ServiceNeeds):
    """How lakeshare makes a reader's role: for a service, for people, or for both."""

    service: fields.ServicePrincipal | None = Field(
        default=None, description="The service that may assume the role, such as lambda.amazonaws.com."
    )
    people: People | None = Field(default=None, description="The people who may assume the role.")
    path: fields.RolePath = Field(default="/", description="The role's path.")
    permissions_boundary: fields.PolicyArn | None = Field(
        default=None, description="The ARN of a permissions boundary."
    )
    max_session_seconds: int = Field(
        default=3600, ge=3600, le=43_200, description="The longest session, 3600 to 43200."
    )
    tags: Tags

    @model_validator(mode="after")
    def _is_for_somebody(self) -> RoleCreation:
        if self.service is None and self.people is None:
            raise malformed("service or people: a role that nobody may assume is of no use")
        return self


class RoleCompletion(ServiceNeeds):
    """What lakeshare adds to a reader's role that exists; ``true`` is the policy and, to be proved, the proof trust."""

    service: fields.ServicePrincipal | None = Field(
        default=None, description="A service that is to be trusted as well, such as lambda.amazonaws.com."
    )

    @model_validator(mode="before")
    @classmethod
    def _true_is_enough(cls, written: Any) -> Any:
        if written is True:
            return {}
        if isinstance(written, bool):
            raise malformed("true, or a mapping with service")
        return written


Sort: TypeAlias = Literal["role", "sso", "user", "account", "quicksight", "saml", "identity_center"]
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)


class Reader(Part):
    """Somebody who reads, by exactly one of ``SORTS``, and what of the share that is."""

    role: fields.ReaderRole | None = Field(
        default=None, description="The name or ARN of a role in the consumer's account."
    )
    sso: fields.PermissionSet | None = Field(
        default=None, description="A permission set of IAM Identity Center: its one role in the consumer's account."
    )
    user: fields.ReaderUser | None = Field(default=None, description="An IAM user's name or ARN.")
    account: fields.AccountId | None = Field(
        default=None, description="A whole account, with the grant option, by its 12 digits in quotes."
    )
    quicksight: fields.QuickSightPrincipal | None = Field(
        default=None, description="A QuickSight user NAMESPACE/NAME, group/NAMESPACE/NAME, or an ARN."
    )
    saml: fields.SamlPrincipal | None = Field(
        default=None, description="A SAML user or group: PROVIDER:user/NAME, PROVIDER:group/NAME, or an ARN."
    )
    identity_center: fields.IdentityCenterPrincipal | None = Field(
        default=None, description="A user or group of IAM Identity Center: user/ID, group/ID, or an ARN."
    )
    create: RoleCreation | None = Field(default=None, description="Make the role; without this it must exist.")
    complete: RoleCompletion | None = Field(
        default=None, description="The role exists: add what reading takes to it, and take exactly that away again."
    )
    tables: TableSelection | None = Field(
        default=None, description="Which tables of the share; all of them when left out."
    )
    columns: ReadOnly[str, ColumnRule] = Field(
        default_factory=fields.no_entries, description="For a table, the columns that this reader sees."
    )
    prove_by: Literal["query", "evaluation"] = Field(
        default="query",
        description="query: a role made or completed here also trusts the operator's exact role, so that verify can "
        "query as it; evaluation: it does not.",
    )
    tags: Annotated[None, ToCome("readers by `tags:` are not built yet; `role:` is")] = NOT_YET
    rows: Annotated[None, ToCome("`rows:` filters are not built yet; `columns:` are")] = NOT_YET
    until: Annotated[None, ToCome("`until:` is not built yet; take the reader out of the file on that day")] = NOT_YET

    @model_validator(mode="after")
    def _is_one(self) -> Reader:
        given = [sort for sort in SORTS if getattr(self, sort) is not None]
        if not given:
            raise malformed(f"one of {', '.join(SORTS)}")
        if len(given) > 1:
            raise malformed(f"only one of {', '.join(SORTS)}", at=given[1])
        if self.create and self.complete:
            raise malformed("either create (the role is made) or complete (it exists)", at="complete")
        for making in ("create", "complete"):
            if getattr(self, making) and self.role is None:
                raise malformed(f"{making} beside role alone: nothing is made or changed of others", at=making)
        return self

    @property
    def sort(self) -> Sort:
        """What the reader is."""
        return next(sort for sort in SORTS if getattr(self, sort) is not None)

    @property
    def written(self) -> str:
        """The reader as the file names it."""
        return str(getattr(self, self.sort))

    @property
    def role_name(self) -> str:
        """A role's name without path and account; empty for other readers."""
        return (self.role or "").rpartition("/")[2]

    @property
    def name(self) -> str:
        """
        What reports call the reader: a role by its name, everybody else by sort and name.

        It does not depend on whether the file gives an ARN or less: ``saml/okta:group/analysts``.
        """
        return called(self.sort, self.written)


def called(sort: str, written: str) -> str:
    """Return the one name of a reader of a *sort*, however the file writes it."""
    short = written.split(":", 5)[-1] if written.startswith("arn:") else written
    short = short.removeprefix("saml-provider/")
    if sort in ("role", "user"):
        short = short.rpartition("/")[2]
    if sort == "quicksight" and not short.startswith(("user/", "group/")):
        short = f"user/{short}"
    return short if sort == "role" else f"{sort}/{short}"
