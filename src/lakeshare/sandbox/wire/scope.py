"""Who signed a request, and for which service and Region: the credential scope of its signature."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lakeshare.sandbox.wire.http import Request

# SigV4's scope is key/date/region/service/aws4_request; SigV4a signs for many Regions and names none.
_CREDENTIAL = re.compile(r"(?P<key>[^/=\s]+)/\d{8}/(?:(?P<region>[^/,\s]*)/)?(?P<service>[^/,\s]+)/aws4_request")
_SIGV2 = re.compile(r"AWS (?P<key>[^:\s]+):")


@dataclass(frozen=True, slots=True)
class Scope:
    """``service`` is the signing name, which is also the prefix of IAM actions (``monitoring``, not ``cloudwatch``)."""

    access_key: str
    region: str
    service: str


ANONYMOUS = Scope("", "us-east-1", "s3")
"""An unsigned request: most often S3's, and moto finds the few others by their path."""

# AssumeRoleWithSAML and AssumeRoleWithWebIdentity are for those who have no keys to sign with yet.
_UNSIGNED_STS = "AssumeRoleWith"


def read_scope(request: Request) -> Scope:
    """Read the scope from the Authorization header, or from a presigned URL's query string."""
    signature = request.headers.get("Authorization", "")
    found = _CREDENTIAL.search(signature or request.query.get("X-Amz-Credential", ""))
    if found:
        return Scope(found["key"], found["region"] or "us-east-1", found["service"].lower())
    if old := _SIGV2.match(signature):
        return Scope(old["key"], "us-east-1", "s3")
    if key := request.query.get("AWSAccessKeyId"):
        return Scope(key, "us-east-1", "s3")
    if request.form.get("Action", "").startswith(_UNSIGNED_STS):
        return Scope("", "us-east-1", "sts")
    return ANONYMOUS
