"""Lake Formation grants, one permission each."""

from lakeshare.resources.kind import Kind
from lakeshare.resources.lake_grant.diff import diff
from lakeshare.resources.lake_grant.held import Held, Key, key_of
from lakeshare.resources.lake_grant.model import (
    ALL_TABLES,
    IAM_ALLOWED_PRINCIPALS,
    LakeGrant,
    Parts,
    our_part,
    unfinished,
)
from lakeshare.resources.lake_grant.read import probe_grants, read_grants, walk_grants, walk_once
from lakeshare.resources.lake_grant.rights import asked_about, rights_for
from lakeshare.resources.lake_grant.write import conflicts, lane, write_grants

__all__ = [
    "ALL_TABLES",
    "IAM_ALLOWED_PRINCIPALS",
    "KIND",
    "Held",
    "Key",
    "LakeGrant",
    "Parts",
    "key_of",
    "walk_grants",
    "walk_once",
]

KIND = Kind(
    name="lake_grant",
    label="grant",
    title="grants",
    model=LakeGrant,
    read=read_grants,
    diff=diff,
    write=write_grants,
    rights=rights_for,
    asked_about=asked_about,
    lane=lane,
    conflicts=conflicts,
    is_hidden_without_admin=True,
    is_shown_late=True,
    probe=probe_grants,
    unfinished=unfinished,
    holder=lambda grant: grant.principal,
    our_part=our_part,
    verbs=("grant", "revoke"),
    sight=lambda grant: (grant.place, grant.catalog),
)
