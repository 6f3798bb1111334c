"""The script that writes the catalogue."""

import json
import subprocess
import sys
from pathlib import Path

from lakeshare.catalogue import Column, _column

SCRIPT = Path(__file__).parents[3] / "scripts" / "build_catalogue.py"


def survey(**changes: object) -> dict[str, object]:
    table: dict[str, object] = {
        "data_set_id": "users",
        "category": "configuration",
        "description": "Agents.",
        "primary_key": ["user_id"],
        "partition_key": None,
        "age_column": None,
        "join_keys": {},
        "source": "https://docs.example/users",
        "columns": [
            {"name": "user_id", "type": "string", "key": True, "nullable": False},
            {"name": "email", "type": "string", "key": False, "nullable": True, "doc": "Address", "evidence": "long"},
        ],
    }
    return {
        "generated_on": "2026-11-23",
        "source_database": "connect_datalake",
        "retention": {"months": 25},
        "tables": [table],
    } | changes


def build(tmp_path: Path, document: object) -> tuple[subprocess.CompletedProcess[str], Path]:
    source, target = tmp_path / "survey.json", tmp_path / "catalogue.json"
    source.write_text(json.dumps(document))
    run = subprocess.run([sys.executable, SCRIPT, source, target], capture_output=True, text=True, check=False)
    return run, target


def test_a_row_written_by_the_script_is_the_column_that_the_package_reads(tmp_path: Path) -> None:
    """Writer and reader agree on the cells of a row, cut nulls included."""
    run, target = build(tmp_path, survey())

    assert run.returncode == 0, run.stderr
    key, email = json.loads(target.read_text())["tables"]["users"]["columns"]
    assert _column(*key) == Column(
        "user_id", "string", None, nullable=False, is_key=True, doc=None, documented_name=None
    )
    assert _column(*email) == Column(
        "email", "string", None, nullable=True, is_key=False, doc="Address", documented_name=None
    )


def test_a_survey_that_contradicts_the_package_is_refused(tmp_path: Path) -> None:
    """A retention that changed is noticed when the catalogue is built, not by a user."""
    run, target = build(tmp_path, survey(retention={"months": 26}))

    assert run.returncode == 1
    assert "retention" in run.stderr
    assert not target.exists()
