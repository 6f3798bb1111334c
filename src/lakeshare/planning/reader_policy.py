"""The least an IAM policy must allow so that a reader can query its links through Athena."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from lakeshare.resources.iam_policy import ANYTHING, INLINE_LIMIT_CHARACTERS, Arn, IamPolicy, Statement, size_of
from lakeshare.resources.values import KnownAfter, Place, resolve

GLUE_READS = (
    "glue:BatchGetPartition",
    "glue:GetDatabase",
    "glue:GetDatabases",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
)
ATHENA_QUERIES = (
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetWorkGroup",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)
RESULT_OBJECTS = (
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
)
RESULTS_KEY = ("kms:Decrypt", "kms:GenerateDataKey")
"""What SSE-KMS takes of whoever writes objects, in parts too, and reads them (documented: S3, SSE-KMS permissions)."""
RESULT_BUCKET = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")


_Database: TypeAlias = tuple[str, str, str]
"""("link" or "target", Region, database)"""

_Tables: TypeAlias = dict[_Database, dict[str, str | KnownAfter]]
"""By database, the owner of each table."""


@dataclass(frozen=True, slots=True)
class TablePair:
    """A link and its target, as far as IAM is concerned. The owner's account may still be unknown."""

    region: str
    link_database: str
    link: str
    owner: str | KnownAfter
    target_database: str
    target: str


@dataclass(frozen=True, slots=True)
class QueryPlace:
    """Where a reader queries and where its results go."""

    region: str
    workgroup: str
    bucket: str
    prefix: str
    results_key: str | None = None
    kms_keys: tuple[str, ...] = ()


def reader_policy(
    place: Place,
    role: str,
    name: str,
    pairs: Iterable[TablePair],
    spots: Iterable[QueryPlace],
    *,
    needs: tuple[str, ...],
    beside: tuple[Statement, ...] = (),
    limit: int = INLINE_LIMIT_CHARACTERS,
    path: str = "/",
) -> IamPolicy:
    """
    Return the policy of *role*, whose path is *path*, with the statements *beside* that it is to have as well.

    Each link and each target is named. Where that would pass *limit*, the databases with most tables are named as
    ``database/*`` instead, targets after links: Lake Formation still decides which of their tables can be read.
    """
    statements = _within_limit(place, tuple(pairs), tuple(spots), beside, limit)
    return IamPolicy(place, role, name, statements, depends_on=needs, role_path=path)


@lru_cache(maxsize=64)
def _within_limit(
    place: Place,
    pairs: tuple[TablePair, ...],
    spots: tuple[QueryPlace, ...],
    beside: tuple[Statement, ...],
    limit: int,
) -> tuple[Statement, ...]:
    """Return the statements. The last ones are kept: of a thousand roles most read the same tables."""
    tables = _tables(place, pairs)
    folded: set[_Database] = set()
    while True:
        statements = (*_statements(place, tables, folded, spots), *beside)
        if policy_size(place, statements) <= limit or len(folded) == len(tables):
            return statements
        folded.add(
            max((key for key in tables if key not in folded), key=lambda key: (key[0] == "link", len(tables[key])))
        )


def policy_size(place: Place, statements: tuple[Statement, ...]) -> int:
    """Count characters with twelve digits in place of unknown accounts, so that it is right before they are known."""
    sized: IamPolicy = resolve(IamPolicy(place, "", "", statements), lambda _unknown: "0" * 12)
    return size_of(sized.document())


def _tables(place: Place, pairs: Iterable[TablePair]) -> _Tables:
    tables: _Tables = {}
    for pair in pairs:
        tables.setdefault(("link", pair.region, pair.link_database), {})[pair.link] = place.account_id
        tables.setdefault(("target", pair.region, pair.target_database), {})[pair.target] = pair.owner
    return tables


def _statements(
    place: Place, tables: _Tables, folded: set[_Database], spots: Sequence[QueryPlace]
) -> tuple[Statement, ...]:
    def regional(service: str, region: str, account: str | KnownAfter, path: str) -> Arn:
        return Arn(service, region, account, path, place.partition)

    def s3(path: str) -> Arn:
        return Arn("s3", "", "", path, place.partition)

    catalog = [
        regional("glue", region, place.account_id, path)
        for region in dict.fromkeys(spot.region for spot in spots)
        for path in ("catalog", "database/default")
    ]
    for key, owners in tables.items():
        _side, region, database = key
        for owner in dict.fromkeys(owners.values()):
            paths = ["catalog", f"database/{database}"] + ([f"table/{database}/*"] if key in folded else [])
            catalog += [regional("glue", region, owner, path) for path in paths]
        if key not in folded:
            catalog += [regional("glue", region, owner, f"table/{database}/{table}") for table, owner in owners.items()]
    workgroups = [regional("athena", spot.region, place.account_id, f"workgroup/{spot.workgroup}") for spot in spots]
    return (
        Statement("Catalog", GLUE_READS, tuple(dict.fromkeys(catalog))),
        # GetDataAccess knows no resources (documented); what it gives out is what Lake Formation granted.
        Statement("LakeFormationCredentials", ("lakeformation:GetDataAccess",), (ANYTHING,)),
        Statement("Queries", ATHENA_QUERIES, tuple(workgroups)),
        Statement("ResultsBucket", RESULT_BUCKET, tuple(s3(spot.bucket) for spot in spots)),
        Statement("Results", RESULT_OBJECTS, tuple(s3(f"{spot.bucket}/{spot.prefix}*") for spot in spots)),
        *_keys(spots),
    )


def _keys(spots: Sequence[QueryPlace]) -> Iterator[Statement]:
    """Allow what writing and reading encrypted results takes, and decrypting with the keys that the spec names."""
    results = dict.fromkeys(spot.results_key for spot in spots if spot.results_key)
    others = dict.fromkeys(key for spot in spots for key in spot.kms_keys if key not in results)
    if results:
        yield Statement("ResultsKey", RESULTS_KEY, tuple(map(Arn.parse, results)))
    if others:
        yield Statement("Keys", ("kms:Decrypt",), tuple(map(Arn.parse, others)))
