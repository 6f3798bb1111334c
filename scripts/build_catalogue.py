# ruff: noqa: INP001 - a script, no package
"""
Write the catalogue that ships with the package from the survey of the Connect documentation.

::

    python scripts/build_catalogue.py SURVEY.json [TARGET.json]

The survey keeps how each fact was found; the catalogue keeps what programs look up. A column becomes one short row,
``[name, type, flags, observed Glue type, doc, documented name]`` with trailing nulls cut, so that the file loads in
a few milliseconds at the start of every command.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from lakeshare.catalogue import FORMAT, KEY, NULLABLE, RETENTION_MONTHS, SOURCE_DATABASE

TARGET = Path(__file__).parents[1] / "src" / "lakeshare" / "catalogue" / "connect_tables.json"
KEPT = ("category", "description", "primary_key", "partition_key", "age_column", "join_keys", "source", "notes")


def main() -> None:
    """Read the survey named on the command line and write the catalogue."""
    parser = argparse.ArgumentParser(description="Write the catalogue that ships with the package.")
    parser.add_argument("survey", type=Path)
    parser.add_argument("target", type=Path, nargs="?", default=TARGET)
    asked = parser.parse_args()

    survey = json.loads(asked.survey.read_text(encoding="utf-8"))
    asked.target.write_text(layout(catalogue(survey)), encoding="utf-8")


def catalogue(survey: dict[str, Any]) -> dict[str, Any]:
    """Return the catalogue's document for *survey*; refuses a survey that contradicts the package's constants."""
    if survey["source_database"] != SOURCE_DATABASE or survey["retention"]["months"] != RETENTION_MONTHS:
        raise SystemExit("the survey names another source database or retention than lakeshare.catalogue does")
    return {
        "format": FORMAT,
        "surveyed_on": survey["generated_on"],
        "tables": {table["data_set_id"]: entry(table) for table in survey["tables"]},
    }


def entry(table: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of one table."""
    kept = {key: table[key] for key in KEPT if table.get(key)}
    return kept | {"columns": [row(column) for column in table["columns"]]}


def row(column: dict[str, Any]) -> list[str | int | None]:
    """Return one column as a row without trailing nulls."""
    flags = (KEY if column["key"] else 0) | (NULLABLE if column["nullable"] else 0)
    cells = [column["name"], column["type"], flags]
    cells += [column.get(key) for key in ("glue_type_observed", "doc", "documented_name")]
    while cells[-1] is None:
        cells.pop()
    return cells


def layout(document: dict[str, Any]) -> str:
    """Print *document* with one column a line, so that a change of the catalogue reads well as a diff."""
    lines = [f'{{"format": {document["format"]}, "surveyed_on": {json.dumps(document["surveyed_on"])}, "tables": {{']
    for number, (name, table) in enumerate(document["tables"].items()):
        columns = ",\n  ".join(json.dumps(column) for column in table["columns"])
        facts = json.dumps({key: value for key, value in table.items() if key != "columns"})[:-1]
        comma = "," if number + 1 < len(document["tables"]) else ""
        lines.append(f'{json.dumps(name)}: {facts}, "columns": [\n  {columns}]}}{comma}')
    return "\n".join(lines) + "\n}}\n"


if __name__ == "__main__":
    main()
