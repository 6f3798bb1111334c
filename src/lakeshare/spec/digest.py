"""The fingerprint of a spec: what a plan file says it was made from."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from lakeshare.spec.model import Spec


def spec_digest(spec: Spec) -> str:
    """
    Return the SHA-256 of *spec* in hexadecimal.

    It depends on what the file means, not on its layout, comments, anchors or order of keys; secrets are left out, so
    that a rotated ExternalId keeps a plan valid and a digest gives nothing away, and so are limits, which change how
    fast a plan is carried out and nothing that is in it.
    """
    left_out: Any = {"accounts": {"__all__": {"external_id"}}, "limits": True}
    meaning = spec.model_dump(mode="json", by_alias=True, exclude=left_out)
    for part in (*meaning["accounts"].values(), *meaning["shares"].values()):
        if part["moved"] is None:
            del part["moved"]  # so that the digest of a file is what it was before there were moves
    canonical = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(canonical.encode("ascii")).hexdigest()
