"""The four ways to do the job. Each begins in a folder of its own and leaves what it remembers there."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from .job import (
    CONSUMER,
    DATABASE,
    POLICY,
    PRODUCER,
    REGION,
    RIGHTS,
    SOURCE_DATABASE,
    TRUST,
    WORKGROUP,
    Job,
)
from .world import World

MIRROR = "LAKESHARE_TERRAFORM_MIRROR"
STAGES = ("apply", "plan", "destroy")
HERE = Path(__file__).parent
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYENV_ROOT", "PYENV_VERSION")


@dataclass(frozen=True, slots=True)
class Ready:
    """
    A tool that is set up: the command of each stage, and one that starts the tool to do nothing.

    ``starts`` tells how often a stage starts the tool.
    """

    commands: Mapping[str, list[str]]
    environ: Mapping[str, str]
    start: list[str]
    starts: Mapping[str, int]


Tool = Callable[[World, Job, Path], Ready]


def environment(world: World, folder: Path, **more: str) -> dict[str, str]:
    """Return an environment in which the sandbox is all of AWS and the caller the consumer's administrator."""
    config = folder / "aws.config"
    config.write_text(
        "".join(
            f"[profile {name}]\naws_access_key_id = {account}\naws_secret_access_key = sandbox\nregion = {REGION}\n"
            for name, account in (("producer", PRODUCER), ("consumer", CONSUMER))
        ),
        encoding="utf-8",
    )
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {
        "HOME": str(folder),
        "AWS_ENDPOINT_URL": world.endpoint_url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "AWS_RETRY_MODE": "standard",
        "AWS_MAX_ATTEMPTS": "10",
        **more,
    }


def as_consumer(world: World, folder: Path) -> dict[str, str]:
    """Return `environment` with the keys of the consumer's administrator in it."""
    return environment(world, folder, AWS_ACCESS_KEY_ID=CONSUMER, AWS_SECRET_ACCESS_KEY="sandbox")  # noqa: S106


def terraform(world: World, job: Job, folder: Path) -> Ready:
    """Terraform's AWS provider, ten at a time as it comes; it is initialised here, which nobody measures."""
    executable, mirror = found("terraform"), os.environ.get(MIRROR)
    if not mirror:
        raise SystemExit(f"{MIRROR} does not name a folder that holds Terraform's AWS provider")
    shutil.copy(HERE / "links.tf", folder)
    variables = {
        "endpoint": world.endpoint_url,
        "region": REGION,
        "consumer": CONSUMER,
        "lake_account": job.lake_account,
        "source_database": SOURCE_DATABASE,
        "database": DATABASE,
        "policy": POLICY,
        "trust": json.dumps(TRUST),
        "rights": json.dumps(RIGHTS),
        "tables": job.tables,
        "readers": job.readers,
    }
    (folder / "terraform.tfvars.json").write_text(json.dumps(variables), encoding="utf-8")
    settings = folder / "terraform.rc"
    settings.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n')
    # The provider has settings of its own for retries; those of the environment are for the loops.
    environ = {
        name: value
        for name, value in as_consumer(world, folder).items()
        if name not in ("AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS")
    } | {"TF_CLI_CONFIG_FILE": str(settings), "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    subprocess.run([executable, "init", "-input=false"], env=environ, cwd=folder, check=True, capture_output=True)
    quiet = ["-no-color", "-input=false"]
    return Ready(
        {
            "apply": [executable, "apply", "-auto-approve", *quiet],
            "plan": [executable, "plan", "-detailed-exitcode", *quiet],
            "destroy": [executable, "destroy", "-auto-approve", *quiet],
        },
        environ,
        [executable, "providers", "schema", "-json"],
        dict.fromkeys(STAGES, 1),
    )


def aws_cli(world: World, job: Job, folder: Path) -> Ready:
    """A shell script with a line for each call, as runbooks have them."""
    executable = found("aws")
    for stage in STAGES:
        lines = [
            shlex.join(
                [
                    executable,
                    call.service,
                    call.operation.replace("_", "-"),
                    "--cli-input-json",
                    json.dumps(call.params),
                ]
            )
            for call in job.calls(stage)
        ]
        (folder / f"{stage}.sh").write_text("\n".join(["set -e", *lines, ""]), encoding="utf-8")
    return Ready(
        {stage: ["sh", f"{stage}.sh"] for stage in STAGES},
        as_consumer(world, folder),
        [executable, "--version"],
        {stage: len(job.calls(stage)) for stage in STAGES},
    )


def plain_boto3(world: World, job: Job, folder: Path) -> Ready:
    """A Python script that makes the calls one after the other."""
    for stage in STAGES:
        calls = [list(asdict(call).values()) for call in job.calls(stage)]
        (folder / f"{stage}.json").write_text(json.dumps(calls), encoding="utf-8")
    (folder / "nothing.json").write_text("[]", encoding="utf-8")
    command = [sys.executable, str(HERE / "loop.py")]
    return Ready(
        {stage: [*command, f"{stage}.json", world.endpoint_url] for stage in STAGES},
        as_consumer(world, folder),
        [*command, "nothing.json", world.endpoint_url],
        dict.fromkeys(STAGES, 1),
    )


def lakeshare(world: World, job: Job, folder: Path) -> Ready:
    """Our own command line, on a spec that leaves nothing but the job to do."""
    account = {"region": REGION}
    document = {
        "version": 1,
        "name": "side-by-side",
        "accounts": {
            "producer": {"id": PRODUCER, "profile": "producer", **account},
            "consumer": {"id": CONSUMER, "profile": "consumer", **account},
        },
        "shares": {
            "everything": {
                "from": {"account": "producer", "connect": {"instance": job.instance, "tables": list(job.tables)}},
                "to": {
                    "account": "consumer",
                    "database": DATABASE,
                    "links": "{table}_link",
                    "athena": {"workgroup": WORKGROUP},
                },
                "readers": [
                    {"role": role, "create": {"service": "lambda.amazonaws.com"}, "prove_by": "evaluation"}
                    for role in job.readers
                ],
            }
        },
    }
    # JSON is YAML too.
    (folder / "lakeshare.yaml").write_text(json.dumps(document), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("lakeshare")), "--json"]
    return Ready(
        {
            "apply": [*command, "apply", "--auto-approve"],
            "plan": [*command, "plan", "--detailed-exitcode"],
            "destroy": [*command, "destroy", "--auto-approve"],
        },
        environment(world, folder),
        [*command, "validate"],
        dict.fromkeys(STAGES, 1),
    )


def found(name: str) -> str:
    """Return where the program *name* is. Raises SystemExit when it is not installed."""
    there = shutil.which(name)
    if there is None:
        raise SystemExit(f"{name} is not installed: there is no `{name}` on PATH")
    return there


TOOLS: Mapping[str, Tool] = {
    "terraform": terraform,
    "aws-cli": aws_cli,
    "boto3": plain_boto3,
    "lakeshare": lakeshare,
}
