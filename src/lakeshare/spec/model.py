"""
What a user writes, as values: a ``Spec`` has accounts and shares, a share has a source, a destination and readers.

The models have the shape of the file, so that they are its JSON Schema too; properties give the few things that read
better another way (``Share.source``). Everything is frozen and strict: no text becomes a number, no number text.
What takes two fields to judge is judged in ``checks``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    RootModel,
    SecretStr,
    model_validator,
)

from lakeshare.spec import fields
from lakeshare.spec.fields import ReadOnly, ToCome, malformed

ALL: Final = "all"
EVERY_NAME: Final = "*"
DEFAULT_LINKS: Final = "{table}"


# The value of a field that is to come: nowhere to be seen but in the file's schema.
NOT_YET: Any = Field(default=None, repr=False, exclude=True)


class _Part(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(
        defer_build=True, frozen=True, strict=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True
    )


Tags = Annotated[
    ReadOnly[fields.TagKey, fields.TagValue],
    Field(default_factory=fields.no_entries, description="Tags for everything made here that can carry them."),
]
Protect = Annotated[bool, Field(description="Nothing of this is ever deleted or revoked.")]


class Moved(_Part):
    """What a part was called before, so that a new name is not a new part."""

    before: fields.Key = Field(alias="from", description="The name that it had.")


WasCalled = Annotated[
    Moved | None, Field(description="The name that this had before: what was made under it is kept as it is.")
]


def _secret_fits(value: SecretStr) -> SecretStr:
    fields.EXTERNAL_ID.check(value.get_secret_value())
    return value


def _a_number(value: object) -> object:
    # To Python, true equals 1, and so does 1.0.
    if isinstance(value, bool | float):
        raise malformed("1")
    return value


class LakeFormationSettings(_Part):
    """What Lake Formation's settings of an account are to be, beside its administrators."""

    cross_account_version: int | None = Field(
        default=None,
        ge=1,
        le=5,
        description="The least version by which the account shares with others, 1 to 5: raised, and never lowered.",
    )
    default_permissions: Literal["none"] | None = Field(
        default=None,
        description="none: databases and tables that anybody makes are not opened to IAM_ALLOWED_PRINCIPALS.",
    )


class Account(_Part):
    """
    An AWS account in one Region, and how lakeshare signs in to it.

    With ``role`` it assumes that role, from the session of the account ``via`` where one is named. With ``profile`` it
    uses a profile of the AWS configuration, with neither the credentials that are there already.
    """

    id: fields.AccountId = Field(description="The account's 12 digits, in quotes.")
    region: fields.Region = Field(description="The Region of the lake.")
    role: fields.OperatorRole | None = Field(
        default=None, description="The role to assume there: name, path/name or ARN."
    )
    profile: fields.Profile | None = Field(
        default=None, description="In place of role: a profile of the AWS configuration."
    )
    via: fields.Key | None = Field(
        default=None, description="Another account of this file: the role is assumed from there (a role chain)."
    )
    external_id: Annotated[SecretStr, AfterValidator(_secret_fits)] | None = Field(
        default=None,
        description="The ExternalId that the role's trust asks for, and that of roles made for readers; best ${NAME}.",
    )
    external_id_parameter: fields.ParameterName | None = Field(
        default=None,
        description="In place of external_id: the SSM parameter that keeps it, where the role is assumed from; made "
        "when it is missing.",
    )
    session_name: fields.SessionName | None = Field(default=None, description="The session name that CloudTrail shows.")
    admin: Literal["lasting", "borrowed"] = Field(
        default="lasting",
        description="How long lakeshare stays a Lake Formation administrator: lasting; or borrowed, for the time of a "
        "run, and between runs one that may only look.",
    )
    lake_formation: LakeFormationSettings | None = Field(
        default=None,
        description="Settings of Lake Formation in this account; what is not named is left as it is.",
    )
    tags: Tags
    protect: Protect = False
    moved: WasCalled = None

    @property
    def partition(self) -> str:
        """The partition in the account's ARNs: ``aws``, ``aws-cn``, ``aws-us-gov`` ..."""
        for prefix, partition in _PARTITIONS.items():
            if self.region.startswith(prefix):
                return partition
        return "aws"


# Regions of every other partition begin with its own letters (botocore's partitions.json, read 2026).
_PARTITIONS: Final = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}


class TableSelection(RootModel[tuple[fields.Pattern, ...]]):
    """Which tables: ``all``, or a list of names, patterns, ``group:NAME`` and ``live:NAME``."""

    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)
    root: Annotated[tuple[fields.Pattern, ...], Field(min_length=1)]

    @property
    def patterns(self) -> tuple[str, ...]:
        """The entries as written; ``all`` is one pattern that matches everything."""
        return self.root

    @model_validator(mode="before")
    @classmethod
    def _all_is_a_pattern(cls, written: Any) -> Any:
        if isinstance(written, str) and written == ALL:
            return (EVERY_NAME,)
        if isinstance(written, str):
            raise malformed("all, or a list such as [contact_record]")
        return written


class ConnectTables(_Part):
    """Data sets of a Connect instance's own lake."""

    instance: fields.InstanceId = Field(description="The id of the Amazon Connect instance.")
    tables: TableSelection = Field(description="all, or a list of tables, patterns, group:NAME and live:NAME.")


class CatalogTables(_Part):
    """Tables that the producer already has in a Glue database."""

    database: fields.GlueName = Field(description="The producer's Glue database.")
    tables: TableSelection = Field(description="all, or a list of tables and patterns.")
    iam_allowed_principals: Literal["revoke", "keep"] = Field(
        default="revoke",
        description="What becomes of ALL that IAM_ALLOWED_PRINCIPALS hold on these tables: revoke takes it away, so "
        "that Lake Formation decides who reads them; keep leaves it.",
    )


class Origin(_Part):
    """Where a share's tables come from; exactly one kind of source."""

    account: str = Field(description="The producer: a name from accounts.")
    connect: ConnectTables | None = Field(default=None, description="Connect's own lake.")
    catalog: CatalogTables | None = Field(default=None, description="Tables that the producer already has.")
    lake: Annotated[None, ToCome("`lake:` sources are not built yet; `connect:` and `catalog:` are")] = NOT_YET

    @model_validator(mode="after")
    def _one_source(self) -> Origin:
        if self.connect and self.catalog:
            raise malformed("either connect or catalog", at="catalog")
        if not self.connect and not self.catalog:
            raise malformed("connect or catalog beside account")
        return self


@dataclass(frozen=True, slots=True)
class ConnectSource:
    """Data sets of the Connect *instance* (its id) in *account* (a name from the spec)."""

    account: str
    instance: str
    tables: TableSelection


@dataclass(frozen=True, slots=True)
class CatalogSource:
    """
    Tables of the Glue *database* in *account* (a name from the spec).

    With *keeps_iam_allowed_principals* those that are open to IAM alone stay so.
    """

    account: str
    database: str
    tables: TableSelection
    keeps_iam_allowed_principals: bool = False


class AthenaSettings(_Part):
    """Where the readers' queries run. What is not named, lakeshare makes."""

    workgroup: fields.WorkgroupName | None = Field(
        default=None, description="The workgroup's name; made when left out."
    )
    results_bucket: fields.BucketName | None = Field(
        default=None, description="The bucket for results; made when left out."
    )
    bytes_scanned_cutoff_mb: int = Field(
        default=1024, ge=10, le=1_000_000_000, description="A query that reads more megabytes than this is stopped."
    )
    expire_results_days: int = Field(
        default=7, ge=1, le=3650, description="Days after which query results are deleted."
    )


class Destination(_Part):
    """The database in the consumer's account that gets a resource link for each table."""

    account: str = Field(description="The consumer: a name from accounts.")
    database: fields.NewGlueName = Field(description="The Glue database for the links; made when it is not there.")
    links: fields.LinkTemplate = Field(
        default=DEFAULT_LINKS, description="How links are named; views need the plain {table}."
    )
    athena: AthenaSettings = Field(default_factory=AthenaSettings, description="Where the readers' queries run.")


class RoleCreation(_Part):
    """How lakeshare makes a reader's role."""

    service: fields.ServicePrincipal = Field(description="Who may assume the role, such as lambda.amazonaws.com.")
    path: fields.RolePath = Field(default="/", description="The role's path.")
    permissions_boundary: fields.PolicyArn | None = Field(
        default=None, description="The ARN of a permissions boundary."
    )
    max_session_seconds: int = Field(
        default=3600, ge=3600, le=43_200, description="The longest session, 3600 to 43200."
    )


class ColumnRule(_Part):
    """Which columns of a table a reader sees: a list of them, ``{only: [...]}`` or ``{except: [...]}``."""

    include: tuple[fields.ColumnName, ...] | None = Field(
        default=None, alias="only", min_length=1, description="The columns that the reader sees."
    )
    exclude: tuple[fields.ColumnName, ...] | None = Field(
        default=None, alias="except", min_length=1, description="The columns that the reader does not see."
    )

    @model_validator(mode="before")
    @classmethod
    def _a_list_is_only(cls, written: Any) -> Any:
        return {"only": written} if isinstance(written, tuple) else written

    @model_validator(mode="after")
    def _one_of_two(self) -> ColumnRule:
        if (self.include is None) == (self.exclude is None):
            raise malformed("either only or except")
        return self


class Reader(_Part):
    """A role in the consumer's account, and what of the share it reads."""

    role: fields.ReaderRole = Field(description="The role's name or ARN.")
    create: RoleCreation | None = Field(default=None, description="Make the role; without this it must exist.")
    tables: TableSelection | None = Field(
        default=None, description="Which tables of the share; all of them when left out."
    )
    columns: ReadOnly[str, ColumnRule] = Field(
        default_factory=fields.no_entries, description="For a table, the columns that this reader sees."
    )
    prove_by: Literal["query", "evaluation"] = Field(
        default="query",
        description="query: a role made here also trusts the operator's exact role, so that verify can query as it; "
        "evaluation: it does not.",
    )
    account: Annotated[None, ToCome("readers by `account:` are not built yet; `role:` is")] = NOT_YET
    quicksight: Annotated[None, ToCome("readers by `quicksight:` are not built yet; `role:` is")] = NOT_YET
    saml: Annotated[None, ToCome("readers by `saml:` are not built yet; `role:` is")] = NOT_YET
    identity_center: Annotated[None, ToCome("readers by `identity_center:` are not built yet; `role:` is")] = NOT_YET
    tags: Annotated[None, ToCome("readers by `tags:` are not built yet; `role:` is")] = NOT_YET
    rows: Annotated[None, ToCome("`rows:` filters are not built yet; `columns:` are")] = NOT_YET
    until: Annotated[None, ToCome("`until:` is not built yet; take the reader out of the file on that day")] = NOT_YET

    @property
    def role_name(self) -> str:
        """The role's name without path and account."""
        return self.role.rpartition("/")[2]


class Share(_Part):
    """Tables that go from one account to the readers of another."""

    origin: Origin = Field(alias="from", description="The source: an account and connect or catalog.")
    to: Destination = Field(description="The consumer's account and database.")
    readers: tuple[Reader, ...] = Field(description="Who reads, and what of it.")
    prove_denial: bool = Field(
        default=False, description="Make a role that is granted nothing, so that verify can show a refusal."
    )
    protect: Protect = False
    tags: Tags
    moved: WasCalled = None
    _name: str = PrivateAttr("")

    @property
    def name(self) -> str:
        """The key under ``shares``."""
        return self._name

    @property
    def source(self) -> ConnectSource | CatalogSource:
        """The source together with the account that it is in."""
        if self.origin.connect is not None:
            return ConnectSource(self.origin.account, self.origin.connect.instance, self.origin.connect.tables)
        assert self.origin.catalog is not None, "an origin has one of the two"
        catalog = self.origin.catalog
        keeps = catalog.iam_allowed_principals == "keep"
        return CatalogSource(self.origin.account, catalog.database, catalog.tables, keeps)


class Rate(_Part):
    """
    How fast calls go out at most, in an account and Region.

    Given for calls, or for the entries of batches where AWS counts those.
    """

    calls_per_second: float | None = Field(default=None, gt=0, le=10_000, description="Calls a second, sustained.")
    entries_per_second: float | None = Field(
        default=None, gt=0, le=10_000, description="In place of that: entries of batches a second, sustained."
    )
    burst: float | None = Field(
        default=None,
        ge=1,
        le=10_000,
        description="Calls (or entries) at once after a rest; default one second's worth.",
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Rate:
        if (self.calls_per_second is None) == (self.entries_per_second is None):
            raise malformed("either calls_per_second or entries_per_second")
        return self

    @property
    def per_second(self) -> float:
        """The figure that is given, whatever it counts."""
        given = self.calls_per_second or self.entries_per_second
        assert given is not None, "a rate has one of the two"
        return given


Rates = ReadOnly[fields.OperationName, Rate]


class Retries(_Part):
    """
    How calls that AWS could not serve at the moment are repeated.

    The pause before attempt n + 1 is drawn between 0 and ``base_seconds`` doubled n - 1 times, ``cap_seconds`` at most.
    """

    base_seconds: float = Field(default=0.5, gt=0, le=30, description="The longest pause before the second attempt.")
    cap_seconds: float = Field(default=30, gt=0, le=30, description="The longest pause before any attempt.")
    attempts: int = Field(default=9, ge=1, le=100, description="Attempts of one call, the first one included.")
    budget: int = Field(default=1000, ge=0, le=1_000_000, description="Repeats that one run may spend altogether.")


class Limits(_Part):
    """How fast calls go out, and how often they are repeated; what is not said is learnt from AWS's answers."""

    rates: Rates = Field(default_factory=fields.no_entries, description="For each account, by service:Operation.")
    accounts: ReadOnly[fields.Key, Rates] = Field(
        default_factory=fields.no_entries, description="For single accounts, which wins over rates."
    )
    retries: Retries = Field(default_factory=Retries, description="How calls are repeated.")
    workers: int = Field(default=16, ge=1, le=64, description="Steps that are carried out at once.")


class Spec(_Part):
    """Everything in the file."""

    version: Annotated[Literal[1], BeforeValidator(_a_number)] = Field(description="The version of this format.")
    name: fields.SpecName = Field(description="What this is called in tags, names and the ledger.")
    accounts: ReadOnly[fields.Key, Account] = Field(description="The AWS accounts, by names of your own.")
    shares: ReadOnly[fields.Key, Share] = Field(description="What is shared, by names of your own.")
    limits: Limits = Field(
        default_factory=Limits, description="How fast calls go out, and how often they are repeated."
    )

    @model_validator(mode="after")
    def _shares_know_their_names(self) -> Spec:
        for name, share in self.shares.items():
            share._name = name  # noqa: SLF001 - a private attribute is how a frozen model learns its key
        return self
