"""
The data of a table, from S3 to files on the local disk that the engine can read.

An object is fetched once for each version of it: files are kept by bucket, key and ETag for as long as the world lasts.
Fetching happens on the sandbox's own thread, since S3 is not to be touched from elsewhere.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.moto_bridge import Moto, ObjectEntry
from lakeshare.sandbox.services.athena import json_lines, projection
from lakeshare.sandbox.services.athena.failures import failure
from lakeshare.sandbox.services.athena.pruning import Keeps
from lakeshare.sandbox.services.athena.rights import check_location
from lakeshare.sandbox.services.athena.sources import Columns, FileSource, Layout, StoredFile, layout
from lakeshare.sandbox.services.athena.statements import TableName
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.lakeformation.access import OpenTable
from lakeshare.sandbox.world import World

Match: TypeAlias = Callable[[str], tuple[str, ...] | None]
"""Tells the partition's values from an object's URL, or that it is in none."""
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
        for entry in self._visible(bucket, prefix):
            yield self._stored(bucket, entry, partition)

    def matching(self, location: str, match: Match) -> Iterator[StoredFile]:
        """Yield the objects below *location* in whose URLs *match* sees a partition, with its values."""
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        for entry in self._visible(bucket, prefix):
            values = match(f"s3://{bucket}/{entry.key}")
            if values is not None:
                yield self._stored(bucket, entry, values)

    def normal_json(self, file: StoredFile, columns: Columns, layout: Layout) -> StoredFile:
        """Return *file* as JSON lines that the engine reads as the table's SerDe would; raises QueryFailure."""
        body = file.path.read_bytes()
        text = gzip.decompress(body) if file.path.suffix == ".gz" else body
        if not json_lines.needs_reading(text, layout):
            return file
        digest = hashlib.sha256(f"{file.path.name} {columns} {layout}".encode()).hexdigest()
        path = self.folder / f"{digest}.json"
        if path not in self._fetched:
            path.write_bytes(json_lines.normal(text, columns, layout))
            self._fetched.add(path)
        return replace(file, path=path)

    def _visible(self, bucket: str, prefix: str) -> Iterator[ObjectEntry]:
        for entry in self._moto.list_objects(bucket, prefix):
            if entry.size and not re.search(r"(^|/)[_.]", entry.key.removeprefix(prefix)):
                yield entry

    @property
    def folder(self) -> Path:
        """Where the copies are; made on first use, and removed with the store."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="lakeshare-athena-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def _stored(self, bucket: str, entry: ObjectEntry, partition: tuple[str | None, ...]) -> StoredFile:
        url = f"s3://{bucket}/{entry.key}"
        return StoredFile(self._local(bucket, entry), entry.size, partition, url, entry.modified)

    def _local(self, bucket: str, entry: ObjectEntry) -> Path:
        name = hashlib.sha256(f"{bucket}/{entry.key}@{entry.etag}".encode()).hexdigest()
        suffix = "".join(suffix for suffix in Path(entry.key).suffixes[-1:] if suffix == ".gz")
        path = self.folder / f"{name}{suffix}"
        if path not in self._fetched:
            path.write_bytes(self._moto.get_object(bucket, entry.key))
            self._fetched.add(path)
        return path


def fetch(world: World, caller: Caller, table: OpenTable, name: TableName, keeps: Keeps | None = None) -> FileSource:
    """
    Return *table* with its data on disk, under the name that the query gives it; raises QueryFailure.

    Of a partitioned table only the partitions that *keeps* says are needed are looked at at all.
    """
    assert name.database is not None
    if not table.location:
        raise failure("NOT_SUPPORTED", f"{name.table} is not a table with data in S3", name.at)
    how = layout(table.storage, table.parameters)
    files = tuple(_files(world, caller, table, keeps))
    if how.format == "json":
        files = tuple(world.store(Files).normal_json(file, table.all_columns, how) for file in files)
    return FileSource(
        database=f"{name.database}@{name.catalog}" if name.catalog else name.database,
        table=name.table,
        columns=table.columns + table.partition_keys,
        stored=table.all_columns,
        partition_keys=table.partition_keys,
        files=files,
        layout=how,
        cells=table.cells,
    )


def _files(world: World, caller: Caller, table: OpenTable, keeps: Keeps | None) -> Iterator[StoredFile]:
    """Yield the objects of *table*: of its partitions, known or projected, or of all that is at its location."""
    store = world.store(Files)
    if projection.is_projected(table):
        location = projection.static_location(table)
        match = projection.matcher(table, world.clock.now())
        if not location.startswith(f"{table.location.rstrip('/')}/"):
            check_location(world, caller, table, location)
        yield from store.matching(location, _only(match, keeps))
    elif table.partition_keys:
        yield from _partitioned(world, caller, table, keeps)
    else:
        yield from store.under(table.location)


def _only(match: Match, keeps: Keeps | None) -> Match:
    """Return a *match* that sees none but the partitions that are kept."""
    if keeps is None:
        return match

    def kept(url: str) -> tuple[str, ...] | None:
        values = match(url)
        return values if values is not None and keeps(values) else None

    return kept


def _partitioned(world: World, caller: Caller, table: OpenTable, keeps: Keeps | None) -> Iterator[StoredFile]:
    """Yield the files of the partitions that the catalog knows; data in no partition of it is not read."""
    within = f"{table.location.rstrip('/')}/"
    described = world.store(Catalogs).table(Place(table.owner, table.region), table.database, table.name)
    assert described is not None
    for partition in described.partitions.values():
        values = tuple(None if value == _HIVE_DEFAULT else unquote(value) for value in partition.values)
        if keeps is not None and not keeps(values):
            continue
        storage = partition.definition.get("StorageDescriptor", {})
        names = (key for key, _ in table.partition_keys)
        folders = "/".join(f"{key}={value}" for key, value in zip(names, partition.values, strict=False))
        location = storage.get("Location") or f"{table.location.rstrip('/')}/{folders}/"
        if not f"{location.rstrip('/')}/".startswith(within):
            check_location(world, caller, table, location)
        yield from world.store(Files).under(location, values)
