"""S3 addressed through the host (``bucket.s3.amazonaws.com``, ``bucket.localhost:5000``), brought to the path."""

from __future__ import annotations

import re

from multidict import CIMultiDict

from lakeshare.sandbox.wire.http import Request

_VIRTUAL_HOST = re.compile(
    r"(?P<bucket>(?!s3[.:-])[a-z0-9][a-z0-9.-]+?)\."
    r"(?P<host>(?:s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com|(?:s3(?:[.-][a-z0-9-]+)*\.)?localhost(?:\.localdomain)?)(?::\d+)?)"
)


def path_style(request: Request) -> Request:
    """Return *request* with its bucket in the path, wherever it stood."""
    found = _VIRTUAL_HOST.fullmatch(request.headers.get("Host", ""))
    if found is None:
        return request
    headers = CIMultiDict(request.headers)
    headers["Host"] = found["host"]
    return Request(request.method, f"/{found['bucket']}{request.target}", headers, request.body)
