"""Buckets for query results."""

from lakeshare.resources.kind import Kind
from lakeshare.resources.results_bucket.diff import diff
from lakeshare.resources.results_bucket.model import ResultsBucket
from lakeshare.resources.results_bucket.read import read_buckets
from lakeshare.resources.results_bucket.write import write_buckets

KIND = Kind(
    name="results_bucket",
    label="bucket",
    title="results buckets",
    model=ResultsBucket,
    read=read_buckets,
    diff=diff,
    write=write_buckets,
)
