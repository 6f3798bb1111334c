"""What can be granted on a resource link: little, and what the sources that say otherwise would have it mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.links import target_of_table
from lakeshare.sandbox.services.lakeformation import effective, matrix
from lakeshare.sandbox.services.lakeformation.resources import Named
from lakeshare.sandbox.switches import switch
from lakeshare.sandbox.world import World

RULE_LINK = rule(
    "lakeformation.grant.link-permissions",
    "A resource link takes DESCRIBE and DROP and nothing else; SELECT is granted on its target.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/granting-link-permissions.html; the message as "
    "reported by users of aws_lakeformation_permissions",
)
SUPER = switch(
    "lakeformation.super-on-link",
    "Whether ALL (Super) can be granted on a resource link.",
    positions={
        "refuse": "it is refused, as lf-permissions-reference.html has it",
        "take": "it is DESCRIBE and DROP together, as an older text of the console had it",
    },
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html; an older text of the "
    "console",
    concerns=RULE_LINK,
)
SELECT = switch(
    "lakeformation.select-on-link",
    "What becomes of SELECT that is granted on a table link.",
    positions={
        "refuse": "it is refused, as AWS's documents say",
        "pass-on": "it becomes DESCRIBE on the link and SELECT on its target, as a public write-up says",
    },
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/granting-link-permissions.html; a public write-up",
    concerns=RULE_LINK,
)


def takes(world: World, kind: matrix.Kind) -> frozenset[str]:
    """Return what a *kind* of link takes."""
    also = {"ALL"} if SUPER.stands_at(world) == "take" else set()
    return matrix.GRANTABLE[kind] | also


def refused() -> ServiceError:
    """Return the refusal of any other permission."""
    return RULE_LINK.refuse("InvalidInputException", "Permissions cannot be granted on a resource link")


def passed_on(call: Call, what: Named, entry: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return the grants on a link and on its target that one of SELECT on the link stands for; none by default."""
    table = effective.table_at(call.world, what.place, what.key)
    if table is None or table.target is None or what.is_columns or SELECT.stands_at(call.world) == "refuse":
        return ()
    permissions, options = entry.get("Permissions", []), entry.get("PermissionsWithGrantOption", [])
    if "SELECT" not in permissions:
        return ()
    there, database, name = target_of_table(what.place, table)
    target = {"Table": {"CatalogId": there.account, "DatabaseName": database, "Name": name}}
    on_link = {
        "Permissions": [*(each for each in permissions if each != "SELECT"), "DESCRIBE"],
        "PermissionsWithGrantOption": [each for each in options if each != "SELECT"],
    }
    on_target = {
        "Permissions": ["SELECT"],
        "PermissionsWithGrantOption": [each for each in options if each == "SELECT"],
    }
    return {**entry, **on_link}, {**entry, **on_target, "Resource": target}
