"""
What a user writes, as values: a ``Spec`` has accounts and shares, a share has a source, a destination and readers.

The models have the shape of the file, so that they are its JSON Schema too; properties give the few things that read
better another way (``Share.source``). Everything is frozen and strict: no text becomes a number, no number text.
What takes two fields to judge is judged in ``checks``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from lakeshare.spec import fields
from lakeshare.spec.choice import TableSelection
from lakeshare.spec.fields import ReadOnly, ToCome, malformed
from lakeshare.spec.part import NOT_YET, Part, Secret, Tags
from lakeshare.spec.readers import Reader

DEFAULT_LINKS: Final = "{table}"


Protect = Annotated[bool, Field(description="Nothing of this is ever deleted or revoked.")]


class Moved(Part):
    """What a part was called before, so that a new name is not a new part."""

    before: fields.Key = Field(alias="from", description="The name that it had.")


WasCalled = Annotated[
    Moved | None, Field(description="The name that this had before: what was made under it is kept as it is.")
]


def _a_number(value: object) -> object:
    # To Python, true equals 1, and so does 1.0.
    if isinstance(value, bool | float):
        raise malformed("1")
    return value


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


def partition_of(region: str) -> str:
    """Return the partition that a *region* is in."""
    return next((partition for prefix, partition in _PARTITIONS.items() if region.startswith(prefix)), "aws")


DEFAULT_LOCATION_ROLE: Final = "AmazonConnectAnalyticsConsumerLFRole"


class LocationRole(Part):
    """
    The role by which Lake Formation reaches places in S3 that are registered with it; made here.

    An account whose databases hold links alone needs none: the owner's role reads the data.
    """

    name: fields.RoleName = Field(default=DEFAULT_LOCATION_ROLE, description="The role's name.")
    locations: Annotated[tuple[fields.S3Location, ...], Field(min_length=1)] = Field(
        description="The places that it reaches, such as s3://bucket/prefix/."
    )
    access: Literal["read", "write"] = Field(
        default="read", description="read: objects are read; write: they are put and deleted as well."
    )
    kms_keys: tuple[fields.KeyArn, ...] = Field(default=(), description="The KMS keys of the objects.")
    path: fields.RolePath = Field(default="/", description="The role's path.")
    permissions_boundary: fields.PolicyArn | None = Field(
        default=None, description="The ARN of a permissions boundary."
    )


class LakeFormationSettings(Part):
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


class Account(Part):
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
    external_id: Secret | None = Field(
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
    location_role: LocationRole | None = Field(
        default=None, description="Make the role by which Lake Formation reaches registered places of this account."
    )
    tags: Tags
    protect: Protect = False
    moved: WasCalled = None

    @property
    def partition(self) -> str:
        """The partition in the account's ARNs: ``aws``, ``aws-cn``, ``aws-us-gov`` ..."""
        return partition_of(self.region)


class ConnectTables(Part):
    """Data sets of a Connect instance's own lake."""

    instance: fields.InstanceId = Field(description="The id of the Amazon Connect instance.")
    tables: TableSelection = Field(description="all, or a list of tables, patterns, group:NAME and live:NAME.")


class CatalogTables(Part):
    """Tables that the producer already has in a Glue database."""

    database: fields.GlueName = Field(description="The producer's Glue database.")
    tables: TableSelection = Field(description="all, or a list of tables and patterns.")
    iam_allowed_principals: Literal["revoke", "keep"] = Field(
        default="revoke",
        description="What becomes of ALL that IAM_ALLOWED_PRINCIPALS hold on these tables: revoke takes it away, so "
        "that Lake Formation decides who reads them; keep leaves it.",
    )


class Origin(Part):
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


class AthenaSettings(Part):
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
    results_key: fields.KeyArn | None = Field(
        default=None,
        description="The ARN of the KMS key for query results; S3's own key when left out.",
    )


class Destination(Part):
    """The database in the consumer's account that gets a resource link for each table."""

    account: str = Field(description="The consumer: a name from accounts.")
    database: fields.NewGlueName = Field(description="The Glue database for the links; made when it is not there.")
    links: fields.LinkTemplate = Field(
        default=DEFAULT_LINKS, description="How links are named; views need the plain {table}."
    )
    athena: AthenaSettings = Field(default_factory=AthenaSettings, description="Where the readers' queries run.")
    kms_keys: tuple[fields.KeyArn, ...] = Field(
        default=(), description="KMS keys that the readers must decrypt with, such as that of an encrypted catalog."
    )


class Share(Part):
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


class Rate(Part):
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


class Retries(Part):
    """
    How calls that AWS could not serve at the moment are repeated.

    The pause before attempt n + 1 is drawn between 0 and ``base_seconds`` doubled n - 1 times, ``cap_seconds`` at most.
    """

    base_seconds: float = Field(default=0.5, gt=0, le=30, description="The longest pause before the second attempt.")
    cap_seconds: float = Field(default=30, gt=0, le=30, description="The longest pause before any attempt.")
    attempts: int = Field(default=9, ge=1, le=100, description="Attempts of one call, the first one included.")
    budget: int = Field(default=1000, ge=0, le=1_000_000, description="Repeats that one run may spend altogether.")


class Limits(Part):
    """How fast calls go out, and how often they are repeated; what is not said is learnt from AWS's answers."""

    rates: Rates = Field(default_factory=fields.no_entries, description="For each account, by service:Operation.")
    accounts: ReadOnly[fields.Key, Rates] = Field(
        default_factory=fields.no_entries, description="For single accounts, which wins over rates."
    )
    retries: Retries = Field(default_factory=Retries, description="How calls are repeated.")
    workers: int = Field(default=16, ge=1, le=64, description="Steps that are carried out at once.")


class Spec(Part):
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
