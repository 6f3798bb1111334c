"""What a service that runs as a reader's role needs beside the tables: the least that its own documents name."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.iam_policy import Arn, Statement
from lakeshare.resources.values import Place
from lakeshare.spec import ServiceNeeds

WRITES_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
"""What AWSLambdaBasicExecutionRole allows, and of AWSGlueServiceRole what is about logs (documented)."""

LOG_GROUPS = {"lambda": "/aws/lambda/*", "glue": "/aws-glue/*"}
"""Where a service writes its logs when the spec names no group (documented): each function, or job, has its own."""


def service_needs(place: Place, service: str | None, needs: ServiceNeeds) -> tuple[Statement, ...]:
    """Return the statements for *service* (None: no service runs as the role)."""
    return tuple(_statements(place, service, needs))


def _statements(place: Place, service: str | None, needs: ServiceNeeds) -> Iterator[Statement]:
    group = needs.log_group or LOG_GROUPS.get((service or "").partition(".")[0])
    if group:
        # An ARN of a stream begins with its group's, so a pattern that ends in a star takes in both.
        paths = (group,) if group.endswith("*") else (group, f"{group}:*")
        logs = tuple(place.arn("logs", f"log-group:{path}") for path in paths)
        yield Statement("Logs", WRITES_LOGS, tuple(map(Arn.parse, logs)))
    if needs.scripts:
        bucket, _, prefix = needs.scripts.removeprefix("s3://").partition("/")
        objects = Arn("s3", "", "", f"{bucket}/{prefix}*", place.partition)
        yield Statement("Scripts", ("s3:GetObject",), (objects,))
