"""
The Glue type of a catalogue column.

The documents write types in words of their own (``number``, ``array(struct)``); the catalog speaks Hive's. Where a
third party has seen the real Glue type it wins. Where the documents say only that there is a struct, its members are
taken from Connect's agent event stream and contact event documents, which describe the same objects [inferred].
"""

from __future__ import annotations

from lakeshare.catalogue import Column, Table
from lakeshare.sandbox import glue_types

_WORDS = {"number": "bigint", "long": "bigint", "integer": "int"}

_CHANNELS = "channel:string,available_slots:int,maximum_slots:int"
_UNTOLD_MEMBERS = {
    "proficiencies": "array<struct<name:string,value:string,level:double>>",
    "routing_profile_concurrency": f"array<struct<{_CHANNELS}>>",
    "routing_profile_inbound_queues": "array<struct<arn:string,name:string,channels:array<string>>>",
    "_contacts": (
        "array<struct<contact_id:string,initial_contact_id:string,channel:string,initiation_method:string,state:string,"
        "state_start_timestamp:timestamp,connected_to_agent_timestamp:timestamp,queue_timestamp:timestamp,"
        "queue:struct<arn:string,name:string>>>"
    ),
    "quality_metrics_agent_audio": "struct<quality_score:double,potential_quality_issues:array<string>>",
    "quality_metrics_customer_audio": "struct<quality_score:double,potential_quality_issues:array<string>>",
    "routing_criteria": (
        "array<struct<activation_timestamp:timestamp,index:int,"
        "steps:array<struct<status:string,expiry_duration_ms:bigint,expression:string>>>>"
    ),
    "custom_fields": "array<struct<field_id:string,string_value:string,double_value:double,boolean_value:boolean>>",
    "custom_related_item_fields": (
        "array<struct<field_id:string,string_value:string,double_value:double,boolean_value:boolean>>"
    ),
}
"""By the end of the column's name: Glue types of structs whose members the table pages do not tell."""


def glue_type(column: Column) -> str:
    """Return the Glue type of *column*, ``map<string,string>`` say."""
    if column.glue_type_observed:
        return column.glue_type_observed
    documented = column.type.replace("(", "<").replace(")", ">").replace(" ", "").lower()
    if documented in ("struct", "array<struct>"):
        return next(
            (members for ending, members in _UNTOLD_MEMBERS.items() if column.name.endswith(ending)),
            documented.replace("struct", "struct<name:string,value:string>"),
        )
    return _WORDS.get(documented, documented)


def engine_columns(table: Table) -> dict[str, str]:
    """Return the columns of *table* with the types that DuckDB writes them as, in table order."""
    return {column.name: glue_types.parse(glue_type(column)).engine() for column in table.columns}
