"""What the Data Catalog stores: databases, their tables, partitions and functions, per account and Region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from lakeshare.sandbox.arns import partition_in
from lakeshare.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Place:
    """One Data Catalog: an account has one in each Region, and each has its own Lake Formation rules."""

    account: str
    region: str

    @property
    def catalog_arn(self) -> str:
        """The ARN of the catalog itself."""
        return f"{self._arn_start}:catalog"

    def database_arn(self, database: str) -> str:
        """Return the ARN of *database*, link or not."""
        return f"{self._arn_start}:database/{database}"

    def table_arn(self, database: str, table: str) -> str:
        """Return the ARN of *table*, link or not; ``*`` is every table of the database."""
        return f"{self._arn_start}:table/{database}/{table}"

    @property
    def _arn_start(self) -> str:
        return f"arn:{partition_in(self.region)}:glue:{self.region}:{self.account}"


@dataclass(slots=True)
class Partition:
    """One partition as its PartitionInput described it; times in seconds since the epoch, sandbox time."""

    values: tuple[str, ...]
    definition: dict[str, Any]
    created_at: float
    statistics: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Function:
    """A user-defined function as its UserDefinedFunctionInput described it; its name in lower case."""

    name: str
    definition: dict[str, Any]
    created_at: float


@dataclass(slots=True)
class Table:
    """
    A table, a view or a table link, as its TableInput described it.

    ``creator`` is the principal that Lake Formation gives a creator's rights, ``created_by`` the identity that GetTable
    shows (a role session's own ARN). ``former`` holds the TableInputs that UpdateTable replaced, oldest first, and
    ``indexes`` the PartitionIndexes that the table was made with; ``forgotten`` are the numbers of the former
    versions that DeleteTableVersion took away or an update did not archive. ``statistics`` are by column in lower case.
    """

    name: str
    database: str
    definition: dict[str, Any]
    creator: str
    created_by: str
    created_at: float
    updated_at: float
    partitions: dict[tuple[str, ...], Partition] = field(default_factory=dict)
    former: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    indexes: list[dict[str, Any]] = field(default_factory=list)
    forgotten: set[int] = field(default_factory=set)
    statistics: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def target(self) -> dict[str, Any] | None:
        """The TargetTable of a link; None for everything that is not one."""
        return self.definition.get("TargetTable")

    @property
    def is_view(self) -> bool:
        """Whether it is a view, of whatever engine."""
        return self.definition.get("TableType") == "VIRTUAL_VIEW"

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Name and Glue type of each column, partition keys not among them."""
        described = self.definition.get("StorageDescriptor", {}).get("Columns", [])
        return tuple((column["Name"], column.get("Type", "string")) for column in described)

    @property
    def partition_keys(self) -> tuple[tuple[str, str], ...]:
        """Name and Glue type of each partition key, in order."""
        described = self.definition.get("PartitionKeys", [])
        return tuple((column["Name"], column.get("Type", "string")) for column in described)


@dataclass(slots=True)
class Database:
    """
    A database or a database link, as its DatabaseInput described it; a link holds no tables.

    ``makers`` counts the tables by who made them.
    """

    name: str
    definition: dict[str, Any]
    creator: str
    created_at: float
    tables: dict[str, Table] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    makers: Counter[str] = field(default_factory=Counter)
    functions: dict[str, Function] = field(default_factory=dict)

    @property
    def target(self) -> dict[str, Any] | None:
        """The TargetDatabase of a link; None for everything that is not one."""
        return self.definition.get("TargetDatabase")


@dataclass(slots=True)
class NestedCatalog:
    """A catalog within an account's, as its CatalogInput described it; databases in it are not in this sandbox."""

    name: str
    definition: dict[str, Any]
    creator: str
    created_at: float
    updated_at: float


class Catalogs:
    """Every Data Catalog of the sandbox. It stores and finds; who may is Lake Formation's question, asked elsewhere."""

    def __init__(self, world: World) -> None:
        self._clock = world.clock
        self._databases: dict[Place, dict[str, Database]] = {}
        self._nested: dict[Place, dict[str, NestedCatalog]] = {}

    def create_database(self, account: str, region: str, database_input: dict[str, Any], *, creator: str) -> Database:
        """Store what *database_input* describes, replacing a database of that name; names fold to lower case."""
        name = database_input["Name"].lower()
        definition = {**deepcopy(database_input), "Name": name}
        database = Database(name, definition, creator, self._clock.now())
        self._databases.setdefault(Place(account, region), {})[name] = database
        return database

    def create_table(
        self,
        account: str,
        region: str,
        database: str,
        table_input: dict[str, Any],
        *,
        creator: str,
        created_by: str | None = None,
    ) -> Table:
        """Store what *table_input* describes in *database*, which must exist (KeyError); names fold to lower case."""
        home = self._databases[Place(account, region)][database.lower()]
        name, now = table_input["Name"].lower(), self._clock.now()
        self._count_out(home, name)
        home.makers[creator] += 1
        definition = {**deepcopy(table_input), "Name": name}
        table = home.tables[name] = Table(name, home.name, definition, creator, created_by or creator, now, now)
        return table

    def create_nested(self, place: Place, name: str, catalog_input: dict[str, Any], *, creator: str) -> NestedCatalog:
        """Store the catalog *name* within the one of *place*, replacing one of that name; names fold to lower case."""
        now = self._clock.now()
        catalog = NestedCatalog(name.lower(), deepcopy(catalog_input), creator, now, now)
        self._nested.setdefault(place, {})[catalog.name] = catalog
        return catalog

    def nested(self, place: Place, name: str) -> NestedCatalog | None:
        """Return a catalog within the one of *place*, or None."""
        return self._nested.get(place, {}).get(name.lower())

    def all_nested(self, place: Place) -> list[NestedCatalog]:
        """Return the catalogs within the one of *place*, in the order of their names."""
        return [catalog for _, catalog in sorted(self._nested.get(place, {}).items())]

    def delete_nested(self, place: Place, name: str) -> None:
        """Forget a catalog within the one of *place*."""
        del self._nested[place][name.lower()]

    def databases(self, place: Place) -> Iterator[Database]:
        """Yield every database of *place*, in the order of their names as GetDatabases gives them."""
        found = self._databases.get(place, {})
        return (found[name] for name in sorted(found))

    def database(self, place: Place, name: str) -> Database | None:
        """Return a database or a database link, or None."""
        return self._databases.get(place, {}).get(name.lower())

    def table(self, place: Place, database: str, name: str) -> Table | None:
        """Return a table or a table link of a database that is none itself, or None."""
        home = self.database(place, database)
        return home.tables.get(name.lower()) if home else None

    def delete_database(self, place: Place, name: str) -> None:
        """Forget a database and its tables."""
        del self._databases[place][name.lower()]

    def delete_table(self, place: Place, database: str, name: str) -> None:
        """Forget a table and its partitions."""
        home = self._databases[place][database.lower()]
        self._count_out(home, name.lower())
        del home.tables[name.lower()]

    @staticmethod
    def _count_out(home: Database, name: str) -> None:
        if (gone := home.tables.get(name)) is not None:
            home.makers[gone.creator] -= 1
