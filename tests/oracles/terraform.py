"""Terraform on our configurations, with the provider out of a folder instead of a registry."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.functional.accounts import CONSUMER, PRODUCER, REGION
from tests.oracles.programs import environment, run

MIRROR = "LAKESHARE_TERRAFORM_MIRROR"
CONFIGURATIONS = Path(__file__).with_name("configurations")


@dataclass(frozen=True, slots=True)
class Terraform:
    """Terraform in a folder that holds one configuration and its state."""

    executable: str
    folder: Path
    environ: Mapping[str, str]

    def apply(self) -> None:
        """Make what the configuration says."""
        self._run("apply", "-auto-approve")

    def given(self, **variables: str) -> Terraform:
        """Return the same with other values of the configuration's variables."""
        return replace(self, environ={**self.environ, **_named(variables)})

    def assert_unchanged(self) -> None:
        """Fail the test with Terraform's plan unless it finds everything as the configuration has it."""
        self._run("plan", "-detailed-exitcode")

    def changes(self) -> dict[str, str]:
        """Return what Terraform plans though the configuration was applied, by address; there must be something."""
        told = self._run("plan", "-detailed-exitcode", expect=2)
        return dict(re.findall(r"^  # (\S+) (?:must|will) be (.+)$", told, re.MULTILINE))

    def destroy(self) -> None:
        """Take away what the configuration made."""
        self._run("destroy", "-auto-approve")

    def refused(self, command: str) -> str:
        """Run ``apply`` or ``destroy``, of which AWS has to refuse something, and return what Terraform says."""
        return self._run(command, "-auto-approve", expect=1)

    def _run(self, *arguments: str, expect: int = 0) -> str:
        command = [self.executable, *arguments, "-no-color", "-input=false"]
        ended = run(command, self.environ, self.folder, expect=expect)
        return ended.stdout + ended.stderr


def _named(variables: Mapping[str, str]) -> dict[str, str]:
    return {f"TF_VAR_{name}": value for name, value in variables.items()}


def terraform(
    executable: str, mirror: str, endpoint_url: str, folder: Path, *names: str, **variables: str
) -> Terraform:
    """Return Terraform, initialised in *folder* with the configurations *names*; *variables* are theirs."""
    for part in ("providers", *names):
        shutil.copy(CONFIGURATIONS / f"{part}.tf", folder)
    settings = folder / "terraform.rc"
    settings.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n')
    given = {"endpoint": endpoint_url, "region": REGION, "producer": PRODUCER, "consumer": CONSUMER, **variables}
    environ = environment(endpoint_url, folder, _named(given)) | {
        "TF_CLI_CONFIG_FILE": str(settings),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        # Go's collector takes a third of the provider's time otherwise, most of it while it starts.
        "GOGC": "400",
    }
    made = Terraform(executable, folder, environ)
    made._run("init")
    return made
