"""
Worlds in which a reader asks for a table, made at random, so that what `explain` says can be held against real queries.

::

    explain_worlds   what a world is, and how they are drawn
    explain_stage    makes one in the sandbox through AWS's own APIs, asks as the reader, has explain say what it thinks
    explain_harms    what may befall one; explain_tag_harms what may by LF-tags
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from hypothesis import strategies as st

from tests.functional.accounts import CONSUMER

READER = "reader"
EVERYBODY = f"{CONSUMER}:IAMPrincipals"
OPEN = "IAM_ALLOWED_PRINCIPALS"
DATABASE, TABLE, LINKS, LINK = "sales", "orders", "links", "orders_link"
COLUMNS = ("id", "amount", "customer")
PARTITION_KEY = "day"
RESULTS, FILES, WORKGROUP = "query-results", "producer-files", "queries"

Owner = Literal["table", "all tables", "columns", "direct", "direct and account", "tags", "own account"]
Right = Literal[
    "table", "columns", "all but", "all tables", "everybody", "super", "insert", "filter", "tags", "columns twice"
]
Location = Literal["linked", "role", "hybrid", "hybrid, opted in", "none"]
Default = Literal["none", "open", "granted"]
Style = Literal["exact", "wide", "conditions", "managed", "not"]
Key = Literal["none", "right", "no right", "by key policy", "for others", "aws", "service role"]
FilesKey = Literal["none", "right", "no right", "by key policy", "bucket default"]
By = Literal["reader", "everybody", "all tables"]


@dataclass(frozen=True, slots=True)
class World:
    """
    How a world is made, and what befalls it then.

    ``owner`` is what the table's owner grants, ``right`` what the reader is granted, ``location`` how the files'
    place is registered, ``style`` how the reader's policies are written. ``key``, ``owners_key`` and ``files_key`` say
    under whose key the reader's catalog, the owner's and the files are, and who may use it.
    """

    owner: Owner = "table"
    right: Right = "table"
    location: Location = "linked"
    default: Default = "none"
    style: Style = "exact"
    is_open_database: bool = True
    is_open_link: bool = False
    is_database_link: bool = False
    describe_by: By = "reader"
    has_boundary: bool = False
    is_user: bool = False
    is_partitioned: bool = False
    key: Key = "none"
    owners_key: Key = "none"
    files_key: FilesKey = "none"
    column: str | None = None
    harms: tuple[str, ...] = ()


def worlds(harms: Sequence[str]) -> st.SearchStrategy[World]:
    """Draw worlds: of two in five nothing befalls, the others get up to three of *harms*."""
    return st.builds(
        World,
        owner=st.sampled_from(("table", *get_args(Owner))),
        right=st.sampled_from(("table", "table", *get_args(Right))),
        location=st.sampled_from(("linked", "linked", "role", *get_args(Location))),
        default=st.sampled_from(get_args(Default)),
        style=st.sampled_from(get_args(Style)),
        is_open_database=st.booleans(),
        is_open_link=st.booleans(),
        is_database_link=st.sampled_from((False, False, False, True)),
        describe_by=st.sampled_from(get_args(By)),
        has_boundary=st.booleans(),
        is_user=st.sampled_from((False, False, False, True)),
        is_partitioned=st.sampled_from((False, False, True)),
        key=st.sampled_from(("none",) * 12 + get_args(Key)),
        owners_key=st.sampled_from(("none",) * 12 + get_args(Key)),
        files_key=st.sampled_from(("none",) * 8 + get_args(FilesKey)),
        column=st.sampled_from((None, None, "id", "customer", PARTITION_KEY, "nothing")),
        harms=st.sampled_from((0, 0, 1, 1, 1, 2, 3)).flatmap(
            lambda count: st.lists(st.sampled_from(harms), min_size=count, max_size=count, unique=True).map(tuple)
        ),
    ).map(_sensible)


def _sensible(world: World) -> World:
    """Give a reader who is granted all tables, or goes by tags, an owner who shares so: else little would be read."""
    if world.right == "all tables" and world.owner not in ("own account", "all tables"):
        return replace(world, owner="all tables")
    if world.right == "tags":
        return replace(world, owner="tags")
    return world
