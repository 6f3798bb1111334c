"""
The data of a table, from S3 to files on the local disk that the engine can read.

An object is fetched once for each version of it: files are kept by bucket, key and ETag for as long as the world lasts.
Fetching happens on the sandbox's own thread, since S3 is not to be touched from elsewhere.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.moto_bridge import Moto, ObjectEntry
from lakeshare.sandbox.services.athena.failures import failure
from lakeshare.sandbox.services.athena.rights import check_location
from lakeshare.sandbox.services.athena.sources import FileSource, StoredFile, layout
from lakeshare.sandbox.services.athena.statements import TableName
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.lakeformation.access import OpenTable
from lakeshare.sandbox.world import World

_HIVE_DEFAULT = "__HIVE_DEFAULT_PARTITION__"


class Files:
    """A store: the local copies of the objects that queries have read."""

    def __init__(self, world: World) -> None:
        self._moto = world.store(Moto)
        self._folder: Path | None = None
        self._fetched: set[Path] = set()

    def under(self, location: str, partition: tuple[str | None, ...] = ()) -> Iterator[StoredFile]:
        """Yield the objects at or below *location*, hidden and empty ones left out, as Hive does."""
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        prefix = prefix.rstrip("/") + "/" if prefix else ""
        for entry in self._moto.list_objects(bucket, prefix):
            below = entry.key.removeprefix(prefix)
            if entry.size and not re.search(r"(^|/)[_.]", below):
                yield StoredFile(self._local(bucket, entry), entry.size, partition)

    @property
    def folder(self) -> Path:
        """Where the copies are; made on first use, and removed with the store."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="lakeshare-athena-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def _local(self, bucket: str, entry: ObjectEntry) -> Path:
        name = hashlib.sha256(f"{bucket}/{entry.key}@{entry.etag}".encode()).hexdigest()
        suffix = "".join(suffix for suffix in Path(entry.key).suffixes[-1:] if suffix == ".gz")
        path = self.folder / f"{name}{suffix}"
        if path not in self._fetched:
            path.write_bytes(self._moto.get_object(bucket, entry.key))
            self._fetched.add(path)
        return path


def fetch(world: World, caller: Caller, table: OpenTable, name: TableName) -> FileSource:
    """Return *table* with its data on disk, under the name that the query gives it; QueryFailure."""
    assert name.database is not None
    if not table.location:
        raise failure("NOT_SUPPORTED", f"{name.table} is not a table with data in S3", name.at)
    files = tuple(
        _partitioned(world, caller, table) if table.partition_keys else world.store(Files).under(table.location)
    )
    return FileSource(
        database=name.database,
        table=name.table,
        columns=table.columns + table.partition_keys,
        stored=table.all_columns,
        partition_keys=table.partition_keys,
        files=files,
        layout=layout(table.storage, table.parameters),
        cells=table.cells,
    )


def _partitioned(world: World, caller: Caller, table: OpenTable) -> Iterator[StoredFile]:
    """Yield the files of the partitions that the catalog knows; data in no partition of it is not read."""
    within = f"{table.location.rstrip('/')}/"
    described = world.store(Catalogs).table(Place(table.owner, table.region), table.database, table.name)
    assert described is not None
    for partition in described.partitions.values():
        storage = partition.definition.get("StorageDescriptor", {})
        names = (key for key, _ in table.partition_keys)
        folders = "/".join(f"{key}={value}" for key, value in zip(names, partition.values, strict=False))
        location = storage.get("Location") or f"{table.location.rstrip('/')}/{folders}/"
        values = tuple(None if value == _HIVE_DEFAULT else unquote(value) for value in partition.values)
        if not f"{location.rstrip('/')}/".startswith(within):
            check_location(world, caller, table, location)
        yield from world.store(Files).under(location, values)
