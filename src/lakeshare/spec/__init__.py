"""
What a user writes: one file that says which tables go from which account to which readers.

``load_spec`` reads it and tells every mistake at once; a ``Spec`` is right in itself, whatever AWS may say of it.
Nothing here asks AWS, a clock or the environment: the variables that ``${NAME}`` refers to are handed in.
"""

from lakeshare.spec.choice import ColumnRule, TableSelection
from lakeshare.spec.digest import spec_digest
from lakeshare.spec.lines import SpecLines, spec_lines
from lakeshare.spec.load import load_spec, parse_spec
from lakeshare.spec.model import (
    Account,
    AthenaSettings,
    CatalogSource,
    ConnectSource,
    Destination,
    Limits,
    LocationRole,
    Rate,
    Retries,
    Share,
    Spec,
)
from lakeshare.spec.readers import OutsideAccount, People, Reader, RoleCompletion, RoleCreation, ServiceNeeds
from lakeshare.spec.schema import json_schema
from lakeshare.spec.selection import Selected, select
from lakeshare.spec.template import AccountChoice, render_template

__all__ = [
    "Account",
    "AccountChoice",
    "AthenaSettings",
    "CatalogSource",
    "ColumnRule",
    "ConnectSource",
    "Destination",
    "Limits",
    "LocationRole",
    "OutsideAccount",
    "People",
    "Rate",
    "Reader",
    "Retries",
    "RoleCompletion",
    "RoleCreation",
    "Selected",
    "ServiceNeeds",
    "Share",
    "Spec",
    "SpecLines",
    "TableSelection",
    "json_schema",
    "load_spec",
    "parse_spec",
    "render_template",
    "select",
    "spec_digest",
    "spec_lines",
]
