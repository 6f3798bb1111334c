"""The least an IAM policy must allow so that a reader can query its links through Athena."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
RESULT_BUCKET = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")


@dataclass(frozen=True, slots=True)
class TablePair:
    """A link and its target, as far as IAM is concerned. The owner's account may still be unknown."""

    link_database: str
    link: str
    owner: str | KnownAfter
    target_database: str
    target: str


@dataclass(frozen=True, slots=True)
class QueryPlace:
    """Where a reader queries and where its results go."""

    workgroup: str
    bucket: str
    prefix: str


def reader_policy(
    place: Place,
    role: str,
    name: str,
    pairs: Iterable[TablePair],
    spots: Iterable[QueryPlace],
    *,
    needs: tuple[str, ...],
) -> IamPolicy:
    """
    Return the policy of *role*.

    Each link and each target is named. Where that would pass IAM's limit, the databases with most tables are named as
    ``database/*`` instead, targets after links: Lake Formation still decides which of their tables can be read.
    """
    tables = _tables(place, list(pairs))
    folded: set[tuple[str, str]] = set()
    while True:
        policy = IamPolicy(
            place,
            role,
            name,
            _statements(place, tables, folded, list(spots)),
            depends_on=needs,
        )
        if size_of(_sized(policy).document()) <= INLINE_LIMIT_CHARACTERS or len(folded) == len(tables):
            return policy
        folded.add(
            max((key for key in tables if key not in folded), key=lambda key: (key[0] == "link", len(tables[key])))
        )


def _sized(policy: IamPolicy) -> IamPolicy:
    """Stand twelve digits in for unknown accounts, so that the size is right before they are known."""
    sized: IamPolicy = resolve(policy, lambda _unknown: "0" * 12)
    return sized


def _tables(place: Place, pairs: list[TablePair]) -> dict[tuple[str, str], dict[str, str | KnownAfter]]:
    """Return ``{("link" | "target", database): {table: owner}}``."""
    tables: dict[tuple[str, str], dict[str, str | KnownAfter]] = {}
    for pair in pairs:
        tables.setdefault(("link", pair.link_database), {})[pair.link] = place.account_id
        tables.setdefault(("target", pair.target_database), {})[pair.target] = pair.owner
    return tables


def _statements(
    place: Place,
    tables: dict[tuple[str, str], dict[str, str | KnownAfter]],
    folded: set[tuple[str, str]],
    spots: list[QueryPlace],
) -> tuple[Statement, ...]:
    catalog_arns = [_glue(place, place.account_id, "catalog"), _glue(place, place.account_id, "database/default")]
    for key, owners in tables.items():
        database = key[1]
        for owner in dict.fromkeys(owners.values()):
            catalog_arns += [_glue(place, owner, "catalog"), _glue(place, owner, f"database/{database}")]
            if key in folded:
                catalog_arns.append(_glue(place, owner, f"table/{database}/*"))
        if key not in folded:
            catalog_arns += [_glue(place, owner, f"table/{database}/{table}") for table, owner in owners.items()]
    return (
        Statement("Catalog", GLUE_READS, tuple(dict.fromkeys(catalog_arns))),
        # GetDataAccess knows no resources (documented); what it gives out is what Lake Formation granted.
        Statement("LakeFormationCredentials", ("lakeformation:GetDataAccess",), (ANYTHING,)),
        Statement(
            "Queries",
            ATHENA_QUERIES,
            tuple(_regional(place, "athena", f"workgroup/{spot.workgroup}") for spot in spots),
        ),
        Statement("ResultsBucket", RESULT_BUCKET, tuple(_s3(place, spot.bucket) for spot in spots)),
        Statement("Results", RESULT_OBJECTS, tuple(_s3(place, f"{spot.bucket}/{spot.prefix}*") for spot in spots)),
    )


def _glue(place: Place, owner: str | KnownAfter, path: str) -> Arn:
    return Arn("glue", place.region, owner, path, place.partition)


def _regional(place: Place, service: str, path: str) -> Arn:
    return Arn(service, place.region, place.account_id, path, place.partition)


def _s3(place: Place, path: str) -> Arn:
    return Arn("s3", "", "", path, place.partition)
