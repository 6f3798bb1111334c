"""RAM's names for the types of what is shared."""

from __future__ import annotations

from typing import Final

GLUE_TYPES: Final = ("glue:Catalog", "glue:Database", "glue:Table")


def type_of(arn: str) -> str:
    """Return the type of a resource: ``glue:Table`` for .../table/database/name."""
    _, _, service, _, _, rest = arn.split(":", 5)
    kind = rest.replace(":", "/").split("/")[0]
    return f"{service}:{kind.capitalize()}"
