"""What bootstrap prints, run by the tools that it is printed for: the role they make is the operator's."""

from __future__ import annotations

import json
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
FOR_LAMBDA = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
NUMBERS = {"producer": PRODUCER, "consumer": CONSUMER}


@pytest.fixture
def printed(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Print what an account needs for a tool, as whoever will run lakeshare."""
    for name, value in (accounts.environ | administrator(BASE)).items():
        monkeypatch.setenv(name, value)
    write(accounts)
    desk = Desk(accounts, monkeypatch)

    def printing(alias: str, form: str, *flags: str) -> str:
        said = desk("bootstrap", "--account", alias, "--as", form, *flags)
        assert said.code == 0, said.err
        return said.out

    return printing


def write(accounts: Accounts, role: str = ROLE) -> app.Settings:
    """Write a spec whose accounts are entered by roles that do not exist yet."""

    def account(number: str) -> dict[str, str]:
        return {"id": number, "region": REGION, "role": role, "external_id": "${EXTERNAL_ID}"}

    share = accounts.share("users", prove_denial=True)
    return accounts.write({"contact-centre": share}, producer=account(PRODUCER), consumer=account(CONSUMER))


def check_story(accounts: Accounts) -> None:
    """Apply, verify and destroy as the operators that were made."""
    settings = write(accounts)
    apply_all(settings)
    assert {proof.status for proof in app.verify(settings).proofs} == {"pass"}
    destroy_all(settings)


def test_the_script_makes_an_operator(
    aws_executable: str, accounts: Accounts, printed: Callable[..., str], tmp_path: Path
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


@pytest.fixture
def ran(aws_executable: str, accounts: Accounts, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a script as an administrator of the consumer, in a folder where one can see what it leaves."""
    assert aws_executable

    def running(script: str, external_id: str = SECRET) -> subprocess.CompletedProcess[str]:
        given = administrator(CONSUMER) | {"LAKESHARE_EXTERNAL_ID": external_id}
        environ = environment(accounts.box.endpoint_url, tmp_path, given)
        (tmp_path / "bootstrap.sh").write_text(script)
        return subprocess.run(
            ["/bin/sh", "bootstrap.sh"], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )

    return running


HOSTILE = "a$(touch$IFS'one')`touch$IFS'two'`'\"\\$HOME;touch$IFS'three'%{if}"
"""A path as IAM takes it: every visible character."""


def test_a_path_is_a_path_and_no_command(
    accounts: Accounts,
    printed: Callable[..., str],
    ran: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
) -> None:
    """Nothing that a role's path or whoever is trusted has in it is run or put elsewhere; IAM gets it to the letter."""
    write(accounts, f"{HOSTILE}/lakeshare")
    base = accounts.client("iam", BASE)
    ci = base.create_role(RoleName="ci", Path=f"/{HOSTILE}${{IFS}}/", AssumeRolePolicyDocument=FOR_LAMBDA)["Role"][
        "Arn"
    ]

    made = ran(printed("consumer", "awscli", "--trusted", ci))

    assert made.returncode == 0, made.stderr
    assert not [name for name in ("one", "two", "three") if (tmp_path / name).exists()]
    role = accounts.client("iam").get_role(RoleName="lakeshare")["Role"]
    assert role["Path"] == f"/{HOSTILE}/"
    [statement] = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"AWS": ci}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": SECRET}}


@pytest.mark.parametrize("given", ["$(touch one)", 'x"}, "Resource": "*', "two\nlines"])
def test_an_external_id_has_the_letters_of_one(
    accounts: Accounts, printed: Callable[..., str], ran: Callable[..., subprocess.CompletedProcess[str]], given: str
) -> None:
    """Anything else could say more in the trust policy than who enters: it is refused, and nothing is made."""
    refused = ran(printed("consumer", "awscli"), given)

    assert refused.returncode == 1
    assert "characters that no ExternalId has" in refused.stderr
    assert [row["RoleName"] for row in accounts.client("iam").list_roles()["Roles"]].count("lakeshare") == 0


def test_the_script_leaves_a_role_at_another_path(
    accounts: Accounts, printed: Callable[..., str], ran: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """A name is taken whatever the path: both paths are named, and the role is given no policy."""
    iam = accounts.client("iam")
    iam.create_role(RoleName="lakeshare", Path="/other-team/", AssumeRolePolicyDocument=FOR_LAMBDA)

    refused = ran(printed("consumer", "awscli"))

    assert refused.returncode == 1
    assert "at the path /other-team/, and the spec has it at /made-by-hand/" in refused.stderr
    assert iam.list_role_policies(RoleName="lakeshare")["PolicyNames"] == []


def test_the_configuration_makes_an_operator(
    accounts: Accounts,
    printed: Callable[..., str],
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


def test_the_stack_makes_an_operator(accounts: Accounts, printed: Callable[..., str]) -> None:
    """A stack of the template has the role, with the ExternalId that was given to it."""
    for alias, number in NUMBERS.items():
        accounts.client("cloudformation", number).create_stack(
            StackName="lakeshare",
            TemplateBody=printed(alias, "cloudformation"),
            Parameters=[{"ParameterKey": "ExternalId", "ParameterValue": SECRET}],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )

    check_story(accounts)
