"""The sandbox that is judged, and the judges where they are installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakeshare.sandbox import Sandbox
from tests.functional.accounts import BASE, Accounts
from tests.oracles.programs import AwsCli, administrator
from tests.oracles.scene import two_accounts
from tests.oracles.shell import Shell
from tests.oracles.terraform import MIRROR, Terraform, terraform

# The first versions that know AWS_ENDPOINT_URL, by major version.
ENDPOINT_SINCE = {1: (1, 29, 0), 2: (2, 13, 0)}


@pytest.fixture(scope="session", autouse=True)
def _no_shell_settings() -> Iterator[None]:
    """Keep the shell's profile and endpoint away from the boto3 clients that set the stage."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="module")
def aws_executable(sandbox_server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the AWS CLI is, when it is there and new enough to know the sandbox and Connect's analytics half."""
    found = shutil.which("aws")
    if found is None:
        pytest.skip("the AWS CLI is not installed: no `aws` on PATH")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    numbers = tuple(int(part) for part in re.findall(r"aws-cli/(\d+)\.(\d+)\.(\d+)", version)[0])
    if numbers < ENDPOINT_SINCE.get(numbers[0], (0,)):
        pytest.skip(f"the AWS CLI is too old to be told of an endpoint by AWS_ENDPOINT_URL: {version.strip()}")
    home = tmp_path_factory.mktemp("probe")
    probe = AwsCli(found, sandbox_server.endpoint_url, home, administrator(BASE))
    if not probe.knows("connect", "list-analytics-data-associations"):
        pytest.skip(f"the AWS CLI is too old to know Connect's analytics operations: {version.strip()}")
    return found


@pytest.fixture
def accounts(sandbox_server: Sandbox, tmp_path: Path) -> Accounts:
    """Two accounts with operators, and a Connect instance in the producer's."""
    return two_accounts(sandbox_server, tmp_path)


@pytest.fixture
def shell(aws_executable: str, accounts: Accounts, tmp_path: Path) -> Shell:
    """A shell in which ``aws`` and ``jq`` are there."""
    assert aws_executable
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed: no `jq` on PATH")
    return Shell(accounts.box.endpoint_url, tmp_path)


@pytest.fixture
def terraform_in(accounts: Accounts, tmp_path: Path) -> Callable[..., Terraform]:
    """Initialise Terraform with some of our configurations, where Terraform and its provider are on the machine."""
    executable, mirror = shutil.which("terraform"), os.environ.get(MIRROR)
    if executable is None:
        pytest.skip("Terraform is not installed: no `terraform` on PATH")
    if not mirror:
        pytest.skip(f"{MIRROR} does not name a folder that holds Terraform's AWS provider")
    folder = tmp_path / "terraform"
    folder.mkdir()

    def initialise(*names: str, **variables: str) -> Terraform:
        return terraform(executable, mirror, accounts.box.endpoint_url, folder, *names, **variables)

    return initialise
