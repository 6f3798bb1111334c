"""RAM's names for the types of what is shared."""

from __future__ import annotations

from typing import Final

GLUE_TYPES: Final = ("glue:Catalog", "glue:Database", "glue:Table")
LONG_LIVED: Final = frozenset(
    {
        "ec2:capacity-reservation",
        "ec2:coip-pool",
        "ec2:dedicated-host",
        "ec2:local-gateway-route-table",
        "ec2:prefix-list",
        "ec2:subnet",
        "ec2:traffic-mirror-target",
        "ec2:transit-gateway",
        "ec2:transit-gateway-multicast-domain",
        "license-manager:license-configuration",
        "outposts:outpost",
        "outposts:site",
        "rds:cluster",
        "route53resolver:resolver-rule",
    }
)
"""Types, as their ARNs have them, to shares of which one is invited for seven days."""


def type_of(arn: str) -> str:
    """Return the type of a resource: ``glue:Table`` for .../table/database/name."""
    _, _, service, _, _, rest = arn.split(":", 5)
    kind = rest.replace(":", "/").split("/")[0]
    return f"{service}:{kind.capitalize()}"
