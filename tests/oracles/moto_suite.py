"""moto's own tests: fetched at the version that we build on, and run against the sandbox. None of them is kept here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.oracles import moto_recorder

FOLDERS = ("lakeformation", "glue", "ram", "connect", "athena", "sts", "iam", "organizations")
"""The services that are ours, or that ours lean on."""

TAGGING = ("connect", "glue")
"""Services of ours whose tags the Resource Groups Tagging API shows."""

_FETCH_DEADLINE_S = 120
_RUN_DEADLINE_S = 780


class UnreachableError(Exception):
    """The package registry has not given moto's source."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a test came to: passed, skipped or failed, the end of what it said, and the rules that refused meanwhile."""

    outcome: str
    rules: frozenset[str]
    message: str


def fetch(cache: Path) -> Path:
    """
    Return a folder that holds moto's tests, fetched into *cache* if they are not there.

    Raises UnreachableError when pip cannot get them.
    """
    pinned = version("moto")
    unpacked = cache / f"moto-{pinned}"
    if not (unpacked / "tests").is_dir():
        with tarfile.open(_archive(cache, pinned)) as archive:
            wanted = [each for each in archive.getmembers() if each.name.startswith(f"moto-{pinned}/tests/")]
            archive.extractall(cache, wanted, filter="data")
    return unpacked


def _archive(cache: Path, pinned: str) -> Path:
    archive = cache / f"moto-{pinned}.tar.gz"
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--no-binary", "moto", "--dest", str(cache), f"moto=={pinned}"]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=_FETCH_DEADLINE_S)
        except subprocess.CalledProcessError as error:
            raise UnreachableError(error.stderr.strip().rpartition("\n")[2]) from error
        except subprocess.TimeoutExpired as error:
            raise UnreachableError("pip took too long") from error
    return archive


def run(source: Path, scratch: Path) -> Mapping[str, Result]:
    """Run the tests of *source* with a sandbox for each process; the results by ``tests/.../test_x.py::test_y``."""
    results = scratch / "results"
    results.mkdir()
    (scratch / "pytest.ini").write_text("[pytest]\n")
    tagging = [f"tests/test_resourcegroupstaggingapi/test_resourcegroupstagging_{name}.py" for name in TAGGING]
    command = [sys.executable, "-m", "pytest", "-p", "moto_recorder", "-p", "no:lakeshare", "-p", "no:cacheprovider"]
    command += ["-c", str(scratch / "pytest.ini"), "--rootdir", str(source), "--quiet", "--timeout", "60"]
    command += ["--numprocesses", "2", "--dist", "loadfile", *(f"tests/test_{name}" for name in FOLDERS), *tagging]
    ended = subprocess.run(
        command,
        cwd=source,
        env=_environment(results, scratch),
        capture_output=True,
        text=True,
        timeout=_RUN_DEADLINE_S,
        check=False,
    )
    assert ended.returncode in {0, 1}, f"moto's tests did not run\n{ended.stdout[-4000:]}\n{ended.stderr[-4000:]}"
    noted = {test: note for file in results.iterdir() for test, note in json.loads(file.read_text()).items()}
    return {
        test: Result(note["outcome"], frozenset(note["rules"]), note["message"]) for test, note in sorted(noted.items())
    }


def _environment(results: Path, scratch: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return kept | {
        "HOME": str(scratch),
        "PYTHONPATH": str(Path(__file__).parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TEST_SERVER_MODE": "true",
        "AWS_ACCESS_KEY_ID": "foobar_key",
        "AWS_SECRET_ACCESS_KEY": "foobar_secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        moto_recorder.RESULTS: str(results),
    }
