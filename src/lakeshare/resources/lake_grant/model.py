"""One permission of one principal on one thing in a Lake Formation catalog."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import PlainSerializer

from lakeshare.resources.values import Addressed, KnownAfter, Place, not_compared

Permission: TypeAlias = Literal["SELECT", "DESCRIBE", "CREATE_TABLE"]

Columns: TypeAlias = Annotated[frozenset[str], PlainSerializer(sorted, return_type=list[str])]
"""Written in order: a set's own order changes from run to run, and a plan file must not."""

NO_COLUMNS: frozenset[str] = frozenset()

IAM_ALLOWED_PRINCIPALS = "IAM_ALLOWED_PRINCIPALS"
ALL_TABLES = "*"


@dataclass(frozen=True, slots=True)
class LakeGrant(Addressed):
    """
    A single-permission grant, the unit in which Lake Formation's rows are compared.

    ``catalog`` is the account that owns the object; ``owner`` is what the address calls a foreign one, since its id may
    be unknown when planning (empty for the own catalog). ``table`` is None for a grant on the database itself.
    ``columns`` restricts SELECT, by inclusion: Athena honours nothing else (documented). None is the whole table.
    ``beside`` are columns that are granted by a list of their own although the whole table is granted too; of what is
    desired it is empty. ``hidden`` are the columns that a rule leaves out, as far as they are known when planning.
    ``wider`` says, of what is observed, which other rows make a column rule restrict less than it says.
    ``share_arns`` are the RAM shares that a grant to another account travels on. ``unlisted_since`` is in the ledger
    only: when AWS's lists were last seen not to show what we had just granted, in ISO 8601.
    """

    place: Place
    principal: str
    permission: Permission
    catalog: str | KnownAfter
    owner: str
    database: str
    table: str | None = None
    columns: Columns | None = None
    grantable: bool = False
    depends_on: tuple[str, ...] = not_compared(())
    share_arns: tuple[str, ...] | None = not_compared(None)
    beside: Columns = field(default=NO_COLUMNS, compare=False)
    hidden: Columns = field(default=NO_COLUMNS, compare=False)
    wider: tuple[str, ...] = not_compared(())
    unlisted_since: str | None = not_compared(None)

    kind: ClassVar[str] = "lake_grant"

    def _spelt_out(self) -> str:
        """``consumer/eu-west-2/grant:role/analyst/SELECT/connect:connect_datalake.contact_record``."""
        return f"{self.place}/grant:{self.grantee}/{self.permission}/{self.thing}"

    @property
    def grantee(self) -> str:
        """Who holds it, short and all the same told apart: ``role/analyst``, ``quicksight:group/default/analysts``."""
        if not self.principal.startswith("arn:"):
            return self.principal
        _arn, _partition, service, _region, _account, name = self.principal.split(":", 5)
        return name if service == "iam" else f"{service}:{name}"

    @property
    def thing(self) -> str:
        """What it is a grant on, in words short enough for a line of a plan."""
        name = f"{self.database}.{self.table}" if self.table else self.database
        return f"{self.owner}:{name}" if self.owner else name

    @property
    def is_to_account(self) -> bool:
        """Whether the grantee is a whole account rather than somebody in this one."""
        return self.principal.isdecimal()

    def takes_from(self, held: LakeGrant) -> bool:
        """Tell whether columns go when *held* becomes this grant."""
        return not self.parts.is_whole and bool(held.parts - self.parts)

    @property
    def parts(self) -> Parts:
        """The rows that it stands for: the whole, single columns, or both."""
        return Parts(is_whole=True, columns=self.beside) if self.columns is None else Parts(columns=self.columns)

    def with_parts(self, parts: Parts) -> LakeGrant:
        """Return the grant that stands for *parts*."""
        if parts.is_whole:
            return replace(self, columns=None, beside=parts.columns)
        return replace(self, columns=parts.columns, beside=frozenset())

    def resource_of(self, columns: frozenset[str] | None) -> dict[str, Any]:
        """Return the Resource structure of an API call about this grant, for *columns* of the table."""
        if self.table is None:
            return {"Database": {"CatalogId": self.catalog, "Name": self.database}}
        table = {"CatalogId": self.catalog, "DatabaseName": self.database, "Name": self.table}
        if columns is None:
            return {"Table": table}
        return {"TableWithColumns": {**table, "ColumnNames": sorted(columns)}}


def our_part(mine: LakeGrant, observed: LakeGrant) -> LakeGrant:
    """Return what of *observed*, which adds up everybody's grants, is *mine*: my columns, and my grant option."""
    return replace(observed.with_parts(mine.parts), grantable=mine.grantable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """
    What one principal has of one permission on one object: the whole of it, single columns of it, or both.

    The parts are granted and revoked one by one, and belong to whoever granted them: those of the ledger to us, the
    rest of what is seen to others.
    """

    is_whole: bool = False
    columns: frozenset[str] = NO_COLUMNS

    def __bool__(self) -> bool:
        return self.is_whole or bool(self.columns)

    def __and__(self, other: Parts) -> Parts:
        return Parts(is_whole=self.is_whole and other.is_whole, columns=self.columns & other.columns)

    def __or__(self, other: Parts) -> Parts:
        return Parts(is_whole=self.is_whole or other.is_whole, columns=self.columns | other.columns)

    def __sub__(self, other: Parts) -> Parts:
        return Parts(is_whole=self.is_whole and not other.is_whole, columns=self.columns - other.columns)

    def each(self) -> list[frozenset[str] | None]:
        """Return what to name in a call for each part: None for the whole, the columns for a list of them."""
        whole: list[frozenset[str] | None] = [None] if self.is_whole else []
        return [*whole, self.columns] if self.columns else whole


def unfinished(made: LakeGrant, intended: LakeGrant) -> LakeGrant:
    """
    Return what may be ours while an update that *made* was to become *intended* has no known outcome.

    An update grants what was seen missing and then revokes what goes, so it may have left both standing.
    """
    return replace(
        intended.with_parts(made.parts | intended.parts),
        grantable=made.grantable or intended.grantable,
        share_arns=intended.share_arns or made.share_arns,
    )
