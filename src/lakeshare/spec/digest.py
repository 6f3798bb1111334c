"""The fingerprint of a spec: what a plan file says it was made from."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, Final

from lakeshare.spec.model import Spec
from lakeshare.spec.readers import SORTS


def spec_digest(spec: Spec) -> str:
    """
    Return the SHA-256 of *spec* in hexadecimal.

    It depends on what the file means, not on its layout, comments, anchors or order of keys; secrets are left out, so
    that a rotated ExternalId keeps a plan valid and a digest gives nothing away, and so are limits, which change how
    fast a plan is carried out and nothing that is in it.
    """
    left_out: Any = {"accounts": {"__all__": {"external_id"}}, "limits": True}
    meaning = spec.model_dump(mode="json", by_alias=True, exclude=left_out)
    canonical = json.dumps(_as_ever(meaning), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(canonical.encode("ascii")).hexdigest()


_NEW: Final = (
    {"complete", "external_id_parameter", "lake_formation", "location_role", "log_group", "moved", "people"}
    | {"results_key", "scripts", "via"}
    | set(SORTS) - {"role"}
)
_LATER: Final = {**dict.fromkeys(_NEW), "iam_allowed_principals": "revoke"}
"""
Fields that came after the first plan files, and what they are when left out: so they leave the digest of a file what it
was before them.
"""


def _as_ever(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _as_ever(value) for key, value in part.items() if not _is_of_later(part, key, value)}
    return [_as_ever(item) for item in part] if isinstance(part, list) else part


def _is_of_later(part: dict[str, Any], key: str, value: Any) -> bool:
    if key == "kms_keys" or (key == "tags" and "max_session_seconds" in part):
        return not value
    return key in _LATER and bool(value == _LATER[key])
