"""What lets people use a KMS key: changes of its own policy, as commands. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lakeshare.access.doctor.catalog_key import Key
from lakeshare.access.doctor.edits import change_key_policy
from lakeshare.access.doctor.key_policies import allows, denying
from lakeshare.access.doctor.statement_edits import program, without
from lakeshare.resources.documents import statements_of
from lakeshare.resources.values import Place


def let_use(place: Place, key: Key, principals: Sequence[str], actions: Sequence[str]) -> str:
    """
    Return what lets *principals* do *actions* with *key*, by its own policy.

    Takes them out of the statements that deny it, and adds one for those whom none allows it.
    """
    policy = key.policy if isinstance(key.policy, Mapping) else {}
    statements, denied = statements_of(policy), denying(policy, principals, actions)
    edits = {number: without(statements[number], meant) for number, meant in denied.items()}
    lacking = [one for one in principals if any(allows(policy, one, action) == "not allowed" for action in actions)]
    added = [allowing(lacking, actions)] if lacking else []
    command = change_key_policy(place, key.name, program(policy, edits, *added))
    return f"if what is denied is not meant so, take it out: {command}" if edits else f"allow it: {command}"


def name_in_policy(place: Place, key: Key, principals: Sequence[str], actions: Sequence[str]) -> str:
    """Return what allows *principals* themselves to do *actions*, whatever IAM says of it."""
    return change_key_policy(place, key.name, program({}, {}, allowing(principals, actions)))


def allowing(principals: Sequence[str], actions: Sequence[str]) -> dict[str, Any]:
    """Return the statement of a key policy that does so."""
    return {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": list(actions), "Resource": "*"}
