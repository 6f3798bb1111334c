"""
Athena's own view of the catalog: data catalogs, databases and tables, asked of Glue in the caller's name.

Data catalogs beside AwsDataCatalog are moto's to keep: they are listed here, and only those that stand for a Data
Catalog have something in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshare.sandbox.calls import Call, MotosError, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.services.athena.catalogs import OWN, account_of_catalog
from lakeshare.sandbox.services.athena.glue import ask_glue
from lakeshare.sandbox.services.athena.refusals import RULE_CATALOG, RULE_METADATA, invalid, invalid_token

_CATALOG = "AwsDataCatalog"


def get_data_catalog(call: Call) -> Mapping[str, Any]:
    """Answer GetDataCatalog."""
    if call.params["Name"] in _others(call):
        raise MotosError
    if call.params["Name"].lower() != OWN:
        raise _no_catalog(call.params["Name"])
    parameters = {"catalog-id": call.caller.account}
    return {"DataCatalog": {"Name": _CATALOG, "Type": "GLUE", "Parameters": parameters, "Status": "CREATE_COMPLETE"}}


def list_data_catalogs(call: Call) -> Mapping[str, Any]:
    """Answer ListDataCatalogs: AwsDataCatalog, which every account has, and those that were made."""
    made = [(_CATALOG, "GLUE"), *_others(call).items()]
    params = call.params
    shown, token = page(made, params.get("NextToken"), params.get("MaxResults"), most=50, refusal=invalid_token)
    listed = [{"CatalogName": name, "Type": kind, "Status": "CREATE_COMPLETE"} for name, kind in shown]
    return with_token({"DataCatalogsSummary": listed}, token)


def _others(call: Call) -> Mapping[str, str]:
    """Return the type of each data catalog that CreateDataCatalog made, by name."""
    return call.world.store(Moto).data_catalogs(call.caller.account, call.region)


def get_database(call: Call) -> Mapping[str, Any]:
    """Answer GetDatabase."""
    found = _ask(call, "GetDatabase", {"Name": call.params["DatabaseName"]})["Database"]
    return {"Database": _database(found)}


def list_databases(call: Call) -> Mapping[str, Any]:
    """Answer ListDatabases."""
    found = _ask(call, "GetDatabases", _paged(call, {}))
    return _listed(found, "DatabaseList", [_database(each) for each in found["DatabaseList"]])


def get_table_metadata(call: Call) -> Mapping[str, Any]:
    """Answer GetTableMetadata."""
    named = {"DatabaseName": call.params["DatabaseName"], "Name": call.params["TableName"]}
    return {"TableMetadata": _table(_ask(call, "GetTable", named)["Table"])}


def list_table_metadata(call: Call) -> Mapping[str, Any]:
    """Answer ListTableMetadata."""
    named = {"DatabaseName": call.params["DatabaseName"]}
    if expression := call.params.get("Expression"):
        named["Expression"] = expression
    found = _ask(call, "GetTables", _paged(call, named))
    return _listed(found, "TableMetadataList", [_table(each) for each in found["TableList"]])


def _ask(call: Call, operation: str, params: dict[str, Any]) -> Mapping[str, Any]:
    """Return Glue's answer; what Glue refuses is a MetadataException that quotes it."""
    owner = account_of_catalog(call.world, call.caller, call.region, call.params["CatalogName"])
    if owner is None:
        raise _no_catalog(call.params["CatalogName"])
    try:
        return ask_glue(call, operation, params if owner == call.caller.account else {**params, "CatalogId": owner})
    except ServiceError as error:
        message = f"{error.message} (Service: AmazonDataCatalog; Status Code: {error.status}; Error Code: {error.code})"
        raise RULE_METADATA.refuse("MetadataException", message) from error


def _no_catalog(name: str) -> ServiceError:
    return invalid(RULE_CATALOG, f"Data catalog {name} is not found.")


def _paged(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    return params | {name: call.params[name] for name in ("NextToken", "MaxResults") if name in call.params}


def _listed(found: Mapping[str, Any], member: str, shown: list[dict[str, Any]]) -> dict[str, Any]:
    return {member: shown} | ({"NextToken": found["NextToken"]} if found.get("NextToken") else {})


def _database(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("Name", "Description", "Parameters") if found.get(name)}


def _table(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Name": found["Name"],
        "CreateTime": found["CreateTime"],
        "TableType": found.get("TableType", ""),
        "Columns": [_column(each) for each in found.get("StorageDescriptor", {}).get("Columns", [])],
        "PartitionKeys": [_column(each) for each in found.get("PartitionKeys", [])],
        "Parameters": found.get("Parameters", {}),
    }


def _column(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("Name", "Type", "Comment") if found.get(name)}


OPERATIONS: Operations = {
    "GetDataCatalog": get_data_catalog,
    "ListDataCatalogs": list_data_catalogs,
    "GetDatabase": get_database,
    "ListDatabases": list_databases,
    "GetTableMetadata": get_table_metadata,
    "ListTableMetadata": list_table_metadata,
}
