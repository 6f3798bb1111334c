"""Buckets for query results."""

from lakeshare.resources.kind import Kind
from lakeshare.resources.results_bucket.diff import diff
from lakeshare.resources.results_bucket.model import ResultsBucket
from lakeshare.resources.results_bucket.read import read_buckets
from lakeshare.resources.results_bucket.rights import rights_for
from lakeshare.resources.results_bucket.write import write_buckets
from lakeshare.resources.tags import with_tags_of_both

KIND = Kind(
    name="results_bucket",
    label="bucket",
    title="results buckets",
    model=ResultsBucket,
    read=read_buckets,
    diff=diff,
    write=write_buckets,
    rights=rights_for,
    unfinished=with_tags_of_both,
)
