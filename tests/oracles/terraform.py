"""Terraform on one of our configurations, with the provider out of a folder instead of a registry."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
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

    def assert_unchanged(self) -> None:
        """Fail the test with Terraform's plan unless it finds everything as the configuration has it."""
        self._run("plan", "-detailed-exitcode")

    def destroy(self) -> None:
        """Take away what the configuration made."""
        self._run("destroy", "-auto-approve")

    def _run(self, *arguments: str) -> None:
        run([self.executable, *arguments, "-no-color", "-input=false"], self.environ, self.folder)


def terraform(executable: str, mirror: str, endpoint_url: str, folder: Path, name: str, **variables: str) -> Terraform:
    """Return Terraform, initialised in *folder* with the configuration *name*; *variables* are that configuration's."""
    for part in ("providers", name):
        shutil.copy(CONFIGURATIONS / f"{part}.tf", folder)
    settings = folder / "terraform.rc"
    settings.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n')
    given = {"endpoint": endpoint_url, "region": REGION, "producer": PRODUCER, "consumer": CONSUMER, **variables}
    environ = environment(endpoint_url, folder, {f"TF_VAR_{key}": value for key, value in given.items()}) | {
        "TF_CLI_CONFIG_FILE": str(settings),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
    }
    made = Terraform(executable, folder, environ)
    made._run("init")
    return made
