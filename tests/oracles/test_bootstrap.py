"""What bootstrap prints, run by the tools that it is printed for: the role they make is the operator's."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lakeshare import app
from tests.functional.accounts import BASE, CONSUMER, PRODUCER, REGION, SECRET, Accounts, apply_all, destroy_all
from tests.functional.command_line import Desk
from tests.oracles.programs import administrator, environment
from tests.oracles.terraform import Terraform

pytestmark = pytest.mark.oracle

ROLE = "made-by-hand/lakeshare"
PROVIDER = 'provider "aws" {\n  access_key = "%s"\n  secret_key = "x"\n  region     = "%s"\n}\n'
NUMBERS = {"producer": PRODUCER, "consumer": CONSUMER}


@pytest.fixture
def printed(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """Print what an account needs for a tool, as whoever will run lakeshare."""
    for name, value in (accounts.environ | administrator(BASE)).items():
        monkeypatch.setenv(name, value)
    write(accounts)
    desk = Desk(accounts, monkeypatch)

    def printing(alias: str, form: str) -> str:
        said = desk("bootstrap", "--account", alias, "--as", form)
        assert said.code == 0, said.err
        return said.out

    return printing


def write(accounts: Accounts) -> app.Settings:
    """Write a spec whose accounts are entered by roles that do not exist yet."""

    def account(number: str) -> dict[str, str]:
        return {"id": number, "region": REGION, "role": ROLE, "external_id": "${EXTERNAL_ID}"}

    share = accounts.share("users", prove_denial=True)
    return accounts.write({"contact-centre": share}, producer=account(PRODUCER), consumer=account(CONSUMER))


def check_story(accounts: Accounts) -> None:
    """Apply, verify and destroy as the operators that were made."""
    settings = write(accounts)
    apply_all(settings)
    assert {proof.status for proof in app.verify(settings).proofs} == {"pass"}
    destroy_all(settings)


def test_the_script_makes_an_operator(
    aws_executable: str, accounts: Accounts, printed: Callable[[str, str], str], tmp_path: Path
) -> None:
    """Run as printed, and run once more; in another account it makes nothing, and without the ExternalId neither."""
    script = tmp_path / "bootstrap.sh"

    def run(alias: str, account: str, **given: str) -> subprocess.CompletedProcess[str]:
        script.write_text(printed(alias, "awscli"))
        environ = environment(accounts.box.endpoint_url, tmp_path, administrator(account) | given)
        return subprocess.run(["/bin/sh", str(script)], env=environ, capture_output=True, text=True, check=False)

    assert aws_executable
    secret = {"LAKESHARE_EXTERNAL_ID": SECRET}
    elsewhere, forgotten = run("consumer", PRODUCER, **secret), run("consumer", CONSUMER)
    ran = [run(alias, number, **secret) for alias, number in NUMBERS.items()]
    again = run("consumer", CONSUMER, **secret)

    assert elsewhere.returncode == 1
    assert "nothing was done" in elsewhere.stderr
    assert forgotten.returncode != 0
    assert "LAKESHARE_EXTERNAL_ID" in forgotten.stderr
    assert [one.returncode for one in (*ran, again)] == [0, 0, 0], [one.stderr for one in (*ran, again)]
    assert "exists" in again.stderr
    check_story(accounts)


def test_the_configuration_makes_an_operator(
    accounts: Accounts,
    printed: Callable[[str, str], str],
    terraform_in: Callable[..., Terraform],
    tmp_path: Path,
) -> None:
    """Terraform makes the role, plans nothing afterwards, and refuses another account."""
    folder = tmp_path / "terraform"

    def configured(alias: str, account: str) -> Terraform:
        tool = terraform_in()
        (folder / "providers.tf").write_text(PROVIDER % (account, REGION))
        (folder / "bootstrap.tf").write_text(printed(alias, "terraform"))
        return tool.given(external_id=SECRET)

    refusal = configured("consumer", PRODUCER).refused("apply")
    for alias, number in NUMBERS.items():
        tool = configured(alias, number)
        tool.apply()
        tool.assert_unchanged()
        (folder / "terraform.tfstate").unlink()

    assert "credentials of another account" in " ".join(refusal.split())
    check_story(accounts)


def test_the_stack_makes_an_operator(accounts: Accounts, printed: Callable[[str, str], str]) -> None:
    """A stack of the template has the role, with the ExternalId that was given to it."""
    for alias, number in NUMBERS.items():
        accounts.client("cloudformation", number).create_stack(
            StackName="lakeshare",
            TemplateBody=printed(alias, "cloudformation"),
            Parameters=[{"ParameterKey": "ExternalId", "ParameterValue": SECRET}],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )

    check_story(accounts)
