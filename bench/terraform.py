"""
The same job through Terraform, a loop of AWS CLI calls, plain boto3 and lakeshare, against one sandbox in one run.

    LAKESHARE_TERRAFORM_MIRROR=FOLDER python bench/terraform.py
    python bench/terraform.py --tools boto3,lakeshare --readers 1,5 --tables 32 --rates none,5 --latency 20

The job: a database of links in the consumer, a link to each table, roles for the readers, each with an inline policy,
and the grants: DESCRIBE on the database and on each link, SELECT on each target. Before it begins the tables are shared
and the share is accepted, the caller is an administrator of the lake, and there is a workgroup with a bucket for
results. Every tool acts as the same user. Each run of a tool is apply, a plan with nothing to do, destroy; before it
the sandbox is emptied and set up again, after each of them it is looked at whether everything stands, or is gone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from side_by_side.programs import measured
from side_by_side.results import HEAD, Row, document, line, verdicts
from side_by_side.tools import STAGES, TOOLS
from side_by_side.world import Conditions, World, serving

MEGABYTE = 1024 * 1024
STARTS_LOOKED_AT = 3


def main() -> None:
    asked = arguments()
    rows: list[Row] = []
    starts: dict[str, float] = {}
    with serving() as world:
        print(*HEAD, sep="\n")
        for readers in asked.readers:
            for rate in asked.rates:
                for name in tools_of(asked, readers):
                    for _ in range(asked.repeat):
                        for row in run(world, name, readers, asked.tables, Conditions(asked.latency, rate), starts):
                            rows.append(row)
                            print(line(row), flush=True)
    print()
    for verdict in verdicts(rows):
        print(verdict)
    if asked.json:
        asked.json.write_text(json.dumps(document(rows), indent=1) + "\n", encoding="utf-8")


def run(
    world: World, name: str, readers: int, tables: int, conditions: Conditions, starts: dict[str, float]
) -> Iterator[Row]:
    """Let a tool do the job and undo it, and yield what each stage took; *starts* keeps what starting a tool takes."""
    with TemporaryDirectory(prefix="side-by-side-") as folder:
        job = world.prepare(readers, tables)
        before = world.standing(job)
        ready = TOOLS[name](world, job, Path(folder))
        if name not in starts:
            starts[name] = median(
                measured(ready.start, ready.environ, Path(folder)).wall_seconds for _ in range(STARTS_LOOKED_AT)
            )
        for stage in STAGES:
            world.set_conditions(conditions)
            world.forget_traffic()
            cost = measured(ready.commands[stage], ready.environ, Path(folder))
            traffic = world.traffic()
            world.set_conditions(Conditions(0, None))
            check(name, stage, world.standing(job), before, job.grants)
            yield Row(
                tool=name,
                stage=stage,
                readers=readers,
                tables=tables,
                grants=job.grants,
                conditions=conditions.name,
                wall_seconds=cost.wall_seconds,
                calls_seconds=traffic.seconds,
                answer_seconds=traffic.answer_seconds,
                start_seconds=starts[name] * ready.starts[stage],
                cpu_seconds=cost.cpu_seconds,
                peak_mb=cost.peak_bytes / MEGABYTE,
                calls=traffic.calls,
                throttled=traffic.throttled,
                failed=traffic.failed,
                bound_seconds=traffic.limited / conditions.rate if conditions.rate else 0.0,
            )


def check(name: str, stage: str, standing: dict[str, Any], before: dict[str, Any], grants: int) -> None:
    """Raise SystemExit unless the job is done, or undone after a destroy."""
    if stage == "destroy":
        if standing != before:
            raise SystemExit(f"{name} left something behind: {standing}")
    elif len(standing["grants"] - before["grants"]) != grants:
        made = len(standing["grants"] - before["grants"])
        raise SystemExit(f"after {stage} of {name} there are {made} grants, not {grants}")


def tools_of(asked: argparse.Namespace, readers: int) -> Sequence[str]:
    """Return the tools that are to run at this size: a loop of the AWS CLI takes minutes for each reader."""
    return [name for name in asked.tools if name != "aws-cli" or readers <= asked.aws_cli_readers]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=numbers, default=[1, 5], help="how many readers, each size a run: 1,5")
    parser.add_argument("--many", action="store_true", help="20 readers too")
    parser.add_argument("--tables", type=int, default=32, help="how many tables, up to 48: 32")
    parser.add_argument("--tools", type=names, default=list(TOOLS), help=f"which tools: {','.join(TOOLS)}")
    parser.add_argument(
        "--rates",
        type=rates,
        default=[None, 5.0],
        help="Lake Formation's calls a second (bursts of 5), each a run: none,5",
    )
    parser.add_argument("--latency", type=float, default=20.0, help="milliseconds on each call: 20")
    parser.add_argument("--repeat", type=int, default=1, help="how often each tool runs: 1")
    parser.add_argument(
        "--aws-cli-readers", type=int, default=1, help="the most readers with which the AWS CLI's loop runs: 1"
    )
    parser.add_argument("--json", type=Path, help="a file for everything, as JSON")
    asked = parser.parse_args()
    if asked.many:
        asked.readers.append(20)
    return asked


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def rates(text: str) -> list[float | None]:
    return [None if part == "none" else float(part) for part in text.split(",")]


def names(text: str) -> list[str]:
    wanted = text.split(",")
    if unknown := [name for name in wanted if name not in TOOLS]:
        raise argparse.ArgumentTypeError(f"there is no tool {unknown[0]}; there are {', '.join(TOOLS)}")
    return wanted


if __name__ == "__main__":
    began = time.perf_counter()
    main()
    print(f"\n{time.perf_counter() - began:.0f} s in all", file=sys.stderr)
