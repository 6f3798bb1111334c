"""The shell scripts that people share a lake with, run as they are in an environment of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.functional.accounts import CONSUMER, PRODUCER, Accounts
from tests.oracles.programs import DEADLINE_S, administrator, environment

SCRIPTS = Path(__file__).with_name("scripts")
DATABASE, ROLE = "links", f"arn:aws:iam::{CONSUMER}:role/reader"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a script ended: its exit code, the words that it said line by line, and what stood on stderr."""

    code: int
    said: list[str]
    complained: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Somebody's shell in a folder, with the keys in its environment: by default the consumer's administrator's."""

    endpoint_url: str
    folder: Path

    def __call__(self, script: str, *arguments: str, account: str = CONSUMER, **more: str) -> Ended:
        """Run one of our scripts as an account's administrator, with *more* in its environment."""
        return self.run(script, *arguments, keys=administrator(account) | more)

    def run(self, script: str, *arguments: str, keys: Mapping[str, str]) -> Ended:
        """Run one of our scripts with these keys."""
        return self._run(str(SCRIPTS / f"{script}.sh"), *arguments, keys=keys)

    def line(self, command: str, *, account: str, **more: str) -> Ended:
        """Run what somebody pasted, as an account's administrator."""
        return self._run("-c", f"set -o pipefail; {command}", keys=administrator(account) | more)

    def _run(self, *words: str, keys: Mapping[str, str]) -> Ended:
        ended = subprocess.run(
            ["/bin/bash", *words],
            env=environment(self.endpoint_url, self.folder, keys),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        said = [" ".join(line.split()) for line in ended.stdout.splitlines()]
        return Ended(ended.returncode, said, ended.stderr)


def share_lake(accounts: Accounts, *tables: str) -> None:
    """Share tables with the consumer, accept them, and make a database for links and a role to read them."""
    accounts.client("connect", PRODUCER).batch_associate_analytics_data_set(
        InstanceId=accounts.instance, DataSetIds=list(tables), TargetAccountId=CONSUMER
    )
    ram = accounts.client("ram")
    for invitation in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
    make_reader(accounts)
    accounts.client("glue").create_database(DatabaseInput={"Name": DATABASE, "CreateTableDefaultPermissions": []})


def make_reader(accounts: Accounts) -> None:
    """Make the consumer's administrator one of Lake Formation's, and a role that it may grant something."""
    administrators = [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:user/administrator"}]
    accounts.client("lakeformation").put_data_lake_settings(
        DataLakeSettings={"DataLakeAdmins": administrators, "Parameters": {"CROSS_ACCOUNT_VERSION": "4"}}
    )
    make_role(accounts, "reader")


def make_role(accounts: Accounts, name: str) -> str:
    """Make a role of the consumer's that its own account may assume and that IAM lets do everything."""
    iam = accounts.client("iam")
    trust = (
        f'{{"Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "{CONSUMER}"}}, "Action": "sts:AssumeRole"}}]}}'
    )
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return arn


def link(accounts: Accounts, *tables: str) -> None:
    """Make a link to each table in the database of links."""
    for table in tables:
        target = {"CatalogId": accounts.lake_account, "DatabaseName": "connect_datalake", "Name": table}
        accounts.client("glue").create_table(
            DatabaseName=DATABASE, TableInput={"Name": f"{table}_link", "TargetTable": target}
        )


def session(accounts: Accounts, role_arn: str) -> dict[str, str]:
    """Return a session of a role as a shell's environment."""
    keys = accounts.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="shell")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
