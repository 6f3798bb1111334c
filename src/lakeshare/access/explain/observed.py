"""
Everything that was looked at to answer one question, as frozen values. Pure.

Where something could not be looked at there is an ``Unreadable`` with the reason, and where something is not there an
``Absent``; never None for either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from lakeshare.access.iam import Context, Policies, Statement
from lakeshare.resources.values import Absent, Unreadable

AWS_OWN_KEY: Final = "alias/aws/glue"
"""The key that AWS keeps for Glue in each account (documented: encrypt-glue-data-catalog.html)."""

PrincipalKind: TypeAlias = Literal["role", "user", "root", "saml", "quicksight", "identity_center", "other"]


@dataclass(frozen=True, slots=True)
class Question:
    """Whether *principal* (an ARN) may read *table* (as it was asked for), or one *column* of it."""

    principal: str
    table: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """
    Who asks, and what IAM says of it: ``policies`` and what is known of its calls.

    ``is_there`` is whether IAM has it, as far as IAM was asked: of a principal that IAM does not keep it is Unreadable.
    """

    arn: str
    kind: PrincipalKind
    account_id: str
    is_there: bool | Unreadable = True
    policies: Policies = field(default_factory=Policies)
    context: Context = field(default_factory=Context)
    trust: tuple[Statement, ...] | Unreadable = ()
    """A role's trust policy."""
    organisation_id: str | None = None
    """The organisation that the account is in; None where there is none, or it cannot be told."""

    @property
    def name(self) -> str:
        """The name without its path."""
        return self.arn.rpartition("/")[2]

    @property
    def is_of_iam(self) -> bool:
        """Whether IAM keeps it, and its policies decide by themselves."""
        return self.kind in ("role", "user")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a table is: the catalog is an account's id. *table* is None for the database itself."""

    catalog: str
    region: str
    database: str
    table: str | None = None
    partition: str = "aws"

    def __str__(self) -> str:
        return f"{self.database}.{self.table}" if self.table else self.database

    @property
    def database_spot(self) -> Spot:
        """The database that it is in."""
        return Spot(self.catalog, self.region, self.database, None, self.partition)

    def arns(self) -> tuple[str, ...]:
        """Return the ARNs that Glue asks IAM about: the catalog, the database, and the table where there is one."""
        paths = ["catalog", f"database/{self.database}"]
        if self.table:
            paths.append(f"table/{self.database}/{self.table}")
        return tuple(f"arn:{self.partition}:glue:{self.region}:{self.catalog}:{path}" for path in paths)


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A database or a table as Glue shows it to the operator.

    ``target`` is set on a link. ``columns`` include the ``partition_keys``, and are empty where a link could not be
    followed.
    ``is_registered`` is Lake Formation's word that the location is registered, which only GetTable tells rightly.
    """

    spot: Spot
    target: Spot | None = None
    columns: tuple[str, ...] = ()
    location: str = ""
    is_registered: bool | None = None
    created_by: str = ""
    is_view: bool = False
    partition_keys: frozenset[str] = frozenset()
    projected_to: str | None = None
    """Where partitions lie that are not kept but worked out, as a pattern with ``${key}`` in it."""


@dataclass(frozen=True, slots=True)
class InSpec:
    """What the spec says, as the end of a sentence, and whether an apply is what is missing."""

    text: str
    is_by_apply: bool = False


EntrySeen: TypeAlias = Entry | Absent | Unreadable


@dataclass(frozen=True, slots=True)
class Grant:
    """
    One row of ListPermissions; names are in lower case.

    ``table`` is ``*`` for all tables of the database, None for the database itself. ``columns`` None: all of them but
    those ``excluded``. ``filter_name`` is set for a data cells filter; ``expression`` for LF-tags, where ``tagged``
    says what they are on.
    """

    principal: str
    permissions: frozenset[str]
    grantable: frozenset[str] = frozenset()
    database: str = ""
    table: str | None = None
    columns: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()
    filter_name: str | None = None
    expression: tuple[tuple[str, frozenset[str]], ...] | None = None
    tagged: Literal["", "DATABASE", "TABLE"] = ""
    saved_as: str | None = None
    """The name of a saved expression, whose own ``expression`` is None as long as it was not read."""
    by: str = ""
    """The account of whoever granted it, where the row tells."""


Grants: TypeAlias = tuple[Grant, ...] | Unreadable


OptIns: TypeAlias = frozenset[tuple[str, str, str | None]]
"""
(catalog, database, table or ``*``) of everything on which somebody is opted in to Lake Formation; None for the table is
the database itself.
"""


@dataclass(frozen=True, slots=True)
class Tags:
    """The LF-tags that a table carries, inherited ones too: on its database, on itself, and by column."""

    database: Mapping[str, frozenset[str]] = field(default_factory=dict)
    table: Mapping[str, frozenset[str]] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CellsFilter:
    """A data cells filter: the columns that it shows (None: all but ``excluded``), and its row expression, if any."""

    name: str
    columns: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()
    rows: str = ""


@dataclass(frozen=True, slots=True)
class Lake:
    """One account's catalog as one account's operator sees it."""

    administrators: tuple[str, ...] | Unreadable = ()
    readers_of_all: tuple[str, ...] = ()
    grants: Grants = ()
    sees_all: bool = True
    """Whether the operator is shown every grant: what a list leaves out proves something only then."""
    tags: Mapping[str, Tags | Unreadable] = field(default_factory=dict)
    """By ``database`` or ``database.table``; only of what a grant by LF-tags may be about."""
    filters: Mapping[str, CellsFilter] | Unreadable = field(default_factory=dict)
    shows_all_filters: bool = True
    """Whether a filter that does not show is not there: of another account's table only shared ones show."""
    policy: tuple[Statement, ...] | Unreadable = ()
    """The Data Catalog's own policy."""
    key: str | Unreadable | None = None
    """The KMS key that the catalog is encrypted with."""
    key_role: str | None = None
    """The role as which Glue uses that key; None where the caller itself must be able to."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation to a share of the owner's."""

    arn: str
    share: str
    status: str


@dataclass(frozen=True, slots=True)
class Shares:
    """
    What RAM shows the consumer of one owner: active shares with what is in them, others, and invitations.

    ``resources`` are ARNs or patterns of them, by the share's ARN. ``associations`` tell, where the owner's side may be
    read, how the consumer's account stands to each share, with RAM's message.
    """

    resources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    invitations: tuple[Invitation, ...] = ()
    associations: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket and its policy; ``owner`` is an account's id, or None when it is none of those that we are in."""

    name: str
    owner: str | None
    policy: tuple[Statement, ...] | Unreadable = ()


@dataclass(frozen=True, slots=True)
class Workgroup:
    """
    Where queries run. ``output`` is ``s3://bucket/prefix``; ``key`` the KMS key of the results, if any; ``owner`` the
    account whose the bucket must be, if that is said.
    """

    name: str
    is_enabled: bool = True
    output: str = ""
    key: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """A location registered with Lake Formation, and the role that reads it; ``role`` is None for AWS's own."""

    arn: str
    role_arn: str
    is_hybrid: bool
    role: Asker | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """
    A KMS key, its policy, and its state as KMS calls it: ``Enabled``, ``Disabled``, ``PendingDeletion``.

    ``grants`` are KMS's own, which let somebody use it beside the policy: who may do what (``kms:Decrypt``).
    """

    arn: str
    policy: tuple[Statement, ...] | Unreadable
    state: str = "Enabled"
    grants: frozenset[tuple[str, str]] | Unreadable = frozenset()


@dataclass(frozen=True, slots=True)
class Encryption:
    """
    The keys that a table's files are encrypted with: ``keys``, of those that were looked at.

    ``unseen`` says why none of them could be; then the bucket's ``default`` for new objects is all there is to go by.
    """

    keys: tuple[str, ...] = ()
    unseen: str = ""
    default: str | Unreadable | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """
    All that was looked at.

    ``home`` is the catalog of the principal's account, ``shared`` the owner's catalog as seen from there, ``owners``
    the same as seen by its owner, where the spec leads into the owner's account. ``entry`` is what the query names,
    ``found`` the table that it comes to, as its owner sees it where we may ask there, ``from_home`` as the principal's
    account sees it.
    """

    question: Question
    region: str
    asker: Asker
    place: str
    workgroup: Workgroup | Absent | Unreadable
    results: Bucket | Absent | Unreadable
    default: EntrySeen
    database: EntrySeen
    entry: EntrySeen
    home: Lake
    target: Spot | None = None
    found: EntrySeen = field(default_factory=Absent)
    from_home: EntrySeen = field(default_factory=Absent)
    target_database: EntrySeen = field(default_factory=Absent)
    """The database that a link leads into, where somebody we are can see it."""
    shared: Lake | None = None
    owners: Lake | None = None
    owners_place: str | None = None
    is_connects: bool = False
    """Whether the owner is AWS's own account that keeps Connect's lake."""
    shares: Shares | Unreadable = field(default_factory=Shares)
    opt_ins: OptIns | Unreadable = frozenset()
    """What the principal is opted in to."""
    group_opt_ins: OptIns = frozenset()
    """The same of the group of all IAM principals of its account."""
    registration: Registration | Absent | Unreadable = field(default_factory=Absent)
    location: Bucket | Unreadable = field(default_factory=lambda: Unreadable("it was not looked for"))
    partitions: tuple[str, ...] | Unreadable = ()
    """Where the first of the table's partitions lie, in S3."""
    encryption: Encryption = field(default_factory=Encryption)
    keys: Mapping[tuple[str, str], Key] = field(default_factory=dict)
    """By the account that names a key, and the name: an alias is another key in another account."""
    key_roles: Mapping[str, Asker] = field(default_factory=dict)
    """The roles as which Glue uses catalogs' keys, by ARN; of other accounts' there is nothing."""
    in_spec: InSpec | None = None
    """What the spec says of the principal and the table; None when it says nothing."""
    meant: Question | None = None
    """The question with the spec's own names in place of slips in it; None when there are none."""
    hidden_by: str | None = None
    """Where in the spec a rule leaves the column out for this principal, if one does."""
    candidates: tuple[str, ...] = ()
    """``database.table`` of every place in which the table was looked for."""

    @property
    def is_abroad(self) -> bool:
        """Whether the table is another account's."""
        return self.target is not None and self.target.catalog != self.home_account

    @property
    def home_account(self) -> str:
        """The account in whose catalog the query names the table."""
        return self.entry.spot.catalog if isinstance(self.entry, Entry) else self.asker.account_id
