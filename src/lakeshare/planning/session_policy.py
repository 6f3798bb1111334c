"""
Policies that narrow a session to what a command needs, whatever its role may do.

A session can do what both its role's policies and its session policy allow (documented). So nothing that a plan or a
verify is told, and nobody who gets hold of its keys, can write; and an apply can do what sharing a lake takes and no
more. On which resources is what the role's own policies say, which have room for it: a session policy has 2,048
characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from typing import Any, Final

from lakeshare.planning.reader_policy import ATHENA_QUERIES, GLUE_READS, RESULT_BUCKET, RESULT_OBJECTS
from lakeshare.resources.rights import Right

LIMIT_CHARACTERS: Final = 2048
"""The most that a session policy may have (documented: AssumeRole, Policy)."""

READER_ACTIONS: Final = tuple(
    sorted(
        {*ATHENA_QUERIES, *GLUE_READS, *RESULT_BUCKET, *RESULT_OBJECTS}
        | {"kms:Decrypt", "kms:GenerateDataKey", "lakeformation:GetDataAccess"}
    )
)
"""What a query through Athena takes of whoever asks it; a session as a reader may do this and nothing else."""

CATALOG_KEY_READS: Final = ("kms:Decrypt",)
CATALOG_KEY_WRITES: Final = ("kms:Encrypt", "kms:GenerateDataKey")
"""
What Glue uses the key of an encrypted Data Catalog for in its caller's name: to read, and beside that to write
(documented: https://docs.aws.amazon.com/glue/latest/dg/set-up-encryption.html). Whether a catalog is encrypted is not
known before somebody is signed in, so every session may; whether its role may, the role's own policies and the key say.
"""

_VERB: Final = re.compile(r"[A-Z][a-z]+(?=[A-Z])")


def session_policies(rights: Iterable[Right], more: Iterable[str] = ()) -> tuple[str, ...]:
    """
    Return policies that allow the actions of *rights* and *more*, the narrowest first; all of them fit.

    AWS packs a session policy and may find it too large still; then the next is to be tried.
    """
    actions = sorted({right.action for right in rights} | set(more))
    written = [action for action in actions if action.startswith("iam:")]
    others = [action for action in actions if not action.startswith("iam:")]
    tried = (actions, [*written, *_by_verb(others)], _by_verb(actions))
    texts = (_text(choice) for choice in tried)
    return tuple(dict.fromkeys(text for text in texts if len(text) <= LIMIT_CHARACTERS))


def reader_session() -> str:
    """Return the policy of a session as a reader."""
    return _text(READER_ACTIONS)


def _by_verb(actions: Iterable[str]) -> list[str]:
    """Return *actions* by what they begin with: ``glue:Get*`` for all of Glue's that get something."""
    return sorted({_begins(action) for action in actions})


def _begins(action: str) -> str:
    service, _, name = action.partition(":")
    found = _VERB.match(name)
    return f"{service}:{found[0]}*" if found else action


def _text(actions: Collection[str]) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
