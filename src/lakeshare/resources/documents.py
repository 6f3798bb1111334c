"""IAM's policy documents, however AWS hands them out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote


def policy_document(handed_out: Any) -> Mapping[str, Any]:
    """
    Return the policy document that IAM answered with.

    On the wire it is URL-encoded JSON (documented: RFC 3986); botocore decodes most of them, not all.
    """
    parsed: Mapping[str, Any] = json.loads(unquote(handed_out)) if isinstance(handed_out, str) else handed_out
    return parsed
