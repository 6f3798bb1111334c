"""Hive's way of describing a table, turned into what Glue stores of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from lakeshare.sandbox.services.athena.failures import MalformedQueryError, Position, failure

_TEXT_IN = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
PARQUET = (
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
)
TEXT = (_TEXT_IN, _TEXT_OUT, LAZY_SIMPLE)
JSON = (_TEXT_IN, _TEXT_OUT, "org.apache.hive.hcatalog.data.JsonSerDe")
_FORMATS: Mapping[str, tuple[str, str, str]] = {
    "PARQUET": PARQUET,
    "TEXTFILE": TEXT,
    "ORC": (
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
}
"""By what STORED AS says: the input format, the output format and the SerDe (Hive's own, StorageFormatDescriptor)."""


def table_input(text: str, name: str) -> dict[str, Any]:
    """Return the TableInput that a CREATE EXTERNAL TABLE describes; raises MalformedQueryError."""
    try:
        tree = parse_one(text, read="athena")
    except SqlglotError as error:
        raise MalformedQueryError(f"FAILED: ParseException {str(error).splitlines()[0]}") from None
    schema = tree.this if isinstance(tree, exp.Create) else None
    if not isinstance(schema, exp.Schema):
        raise MalformedQueryError(f"FAILED: ParseException {Position(1, 1)} missing column list")
    properties = tree.args.get("properties")
    given = list(properties.expressions) if properties else []
    location = next((each.name for each in given if isinstance(each, exp.LocationProperty)), "")
    if not location:
        message = "No location was specified for table. An S3 location must be specified"
        raise failure("FAILED", f"SemanticException {message}")
    described: dict[str, Any] = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": _storage(given, [_column(each) for each in schema.expressions], location),
        "PartitionKeys": list(_partition_keys(given)),
        "Parameters": {"EXTERNAL": "TRUE", **dict(_parameters(given))},
    }
    comment = next((each.name for each in given if isinstance(each, exp.SchemaCommentProperty)), None)
    return described | ({"Description": comment} if comment else {})


def _column(definition: exp.Expr) -> dict[str, str]:
    described = {"Name": definition.name.lower(), "Type": _type(definition.args["kind"])}
    for constraint in definition.find_all(exp.CommentColumnConstraint):
        described["Comment"] = constraint.this.name
    return described


def _type(kind: exp.Expr) -> str:
    """Spell a type as Glue stores it: in lower case and without blanks."""
    return re.sub(r"\s*([<>:,()])\s*", r"\1", str(kind.sql(dialect="hive")).lower())


def _partition_keys(given: list[exp.Expr]) -> Iterator[dict[str, str]]:
    for each in given:
        if isinstance(each, exp.PartitionedByProperty):
            yield from (_column(column) for column in each.this.expressions)


def _parameters(given: list[exp.Expr]) -> Iterator[tuple[str, str]]:
    for each in given:
        if type(each) is exp.Property:
            yield each.this.name, each.args["value"].name


def _storage(given: list[exp.Expr], columns: list[dict[str, str]], location: str) -> dict[str, Any]:
    formats, serde, settings = TEXT, None, {}
    for each in given:
        match each:
            case exp.FileFormatProperty():
                formats = _format(each)
            case exp.RowFormatSerdeProperty():
                serde = each.this.name
                pairs = each.args.get("serde_properties")
                settings = {one.this.name: one.args["value"].name for one in (pairs.expressions if pairs else ())}
            case exp.RowFormatDelimitedProperty():
                settings = dict(_delimiters(each))
            case _:
                pass
    library = {"SerializationLibrary": serde or formats[2], "Parameters": settings}
    return {
        "Columns": columns,
        "Location": location,
        "InputFormat": formats[0],
        "OutputFormat": formats[1],
        "SerdeInfo": library,
    }


def _format(given: exp.FileFormatProperty) -> tuple[str, str, str]:
    if isinstance(given.this, exp.InputOutputFormat):
        return given.this.args["input_format"].name, given.this.args["output_format"].name, LAZY_SIMPLE
    name = given.this.name.upper()
    if name not in _FORMATS:
        raise failure("NOT_SUPPORTED", f"The sandbox makes no tables stored as {name}")
    return _FORMATS[name]


def _delimiters(given: exp.RowFormatDelimitedProperty) -> Iterator[tuple[str, str]]:
    for argument, setting in (("fields", "field.delim"), ("escaped", "escape.delim"), ("lines", "line.delim")):
        if (value := given.args.get(argument)) is not None:
            yield setting, value.name
            if argument == "fields":
                yield "serialization.format", value.name


def pairs(text: str) -> dict[str, str]:
    """Read ``'name' = 'value', ...`` as in DBPROPERTIES."""
    return dict(re.findall(r"'([^']*)'\s*=\s*'([^']*)'", text))


def partition(text: str) -> dict[str, str]:
    """Read ``key = 'value', ...`` as in PARTITION; keys in lower case, the values as text."""
    found = re.findall(r"([`\w$-]+)\s*=\s*(?:'([^']*)'|([\w.+-]+))", text)
    return {key.strip("`").lower(): quoted or bare for key, quoted, bare in found}


def columns(text: str) -> Iterator[tuple[str, str]]:
    """Read ``name type [COMMENT '...'], ...`` as in ADD COLUMNS: names in lower case, types as Glue has them."""
    depth, start, parts = 0, 0, []
    for place, char in enumerate(f"{text},"):
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    for part in parts:
        name, _, of = re.sub(r"\s+COMMENT\s+'[^']*'\s*$", "", part.strip(), flags=re.IGNORECASE).partition(" ")
        yield name.strip("`").lower(), re.sub(r"\s+", "", of).lower()
