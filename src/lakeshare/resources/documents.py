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


def statements_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of a policy, of which AWS takes one alone without a list."""
    statements = document.get("Statement", [])
    return list(statements) if isinstance(statements, list) else [statements]


def with_statement(document: Mapping[str, Any], sid: str, statement: Mapping[str, Any]) -> dict[str, Any]:
    """Return the policy with *statement* under *sid*, in its place if there was one; the rest as it was."""
    fresh = {"Sid": sid, **statement}
    statements = statements_of(document)
    if any(one.get("Sid") == sid for one in statements):
        return {**document, "Statement": [fresh if one.get("Sid") == sid else one for one in statements]}
    return {**document, "Statement": [*statements, fresh]}


def without_statement(document: Mapping[str, Any], sid: str) -> dict[str, Any]:
    """Return the policy without the statement under *sid*; as it was when there is none."""
    if all(one.get("Sid") != sid for one in statements_of(document)):
        return dict(document)
    return {**document, "Statement": [one for one in statements_of(document) if one.get("Sid") != sid]}
