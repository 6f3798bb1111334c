"""The bench compares like with like: each tool makes the same things, finds nothing to do then, and takes them away."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bench.side_by_side.job import CONSUMER, DATABASE
from bench.side_by_side.programs import measured
from bench.side_by_side.tools import MIRROR, TOOLS
from bench.side_by_side.world import World
from lakeshare.sandbox import Sandbox

pytestmark = pytest.mark.oracle

NEEDS = {"terraform": "terraform", "aws-cli": "aws"}


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_does_the_same_job(name: str, sandbox_server: Sandbox, tmp_path: Path) -> None:
    """One reader of two tables gets five grants on a database and two links, whoever makes them, and no more."""
    _skip_unless_installed(name)
    world = World(sandbox_server.endpoint_url)
    job = world.prepare(readers=1, count=2)
    before = world.standing(job)
    tool = TOOLS[name](world, job, tmp_path)
    reader, tables = job.readers[0], sorted(job.tables)

    measured(tool.commands["apply"], tool.environ, tmp_path)
    standing = world.standing(job)
    measured(tool.commands["plan"], tool.environ, tmp_path)
    measured(tool.commands["destroy"], tool.environ, tmp_path)

    assert standing["grants"] - before["grants"] == {
        (reader, "DESCRIBE", f"{CONSUMER} {DATABASE}"),
        *((reader, "DESCRIBE", f"{CONSUMER} {DATABASE}.{table}_link") for table in tables),
        *((reader, "SELECT", f"{job.lake_account} connect_datalake.{table}") for table in tables),
    }
    assert {link[:2] for link in standing["links"]} == {(DATABASE, f"{table}_link") for table in tables}
    assert {dict(link[2:])["Name"] for link in standing["links"]} == set(tables)
    assert standing["roles"] == [*before["roles"], reader]
    assert world.standing(job) == before


def _skip_unless_installed(name: str) -> None:
    if name in NEEDS and shutil.which(NEEDS[name]) is None:
        pytest.skip(f"{name} is not installed: no `{NEEDS[name]}` on PATH")
    if name == "terraform" and not os.environ.get(MIRROR):
        pytest.skip(f"{MIRROR} does not name a folder that holds Terraform's AWS provider")
