"""The reader of a world: a role, or a user, its policies in one of several styles, and keys to act with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.functional.accounts import CONSUMER, REGION, Accounts
from tests.functional.explain_worlds import DATABASE, FILES, READER, RESULTS, WORKGROUP, World

ATHENA = ["athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"]
S3 = ["s3:GetBucketLocation", "s3:ListBucket", "s3:PutObject", "s3:GetObject"]
GLUE = ["glue:GetDatabase*", "glue:GetTable*", "glue:GetPartition*", "glue:BatchGetPartition"]
GROUP = "readers"


def document(*statements: Mapping[str, Any]) -> str:
    """Return a policy document; statements allow unless they say otherwise."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})


@dataclass(frozen=True, slots=True)
class Reader:
    """The principal that asks. *owner* is the account whose table it is."""

    accounts: Accounts
    world: World
    owner: str

    @property
    def kind(self) -> str:
        """``role`` or ``user``."""
        return "user" if self.world.is_user else "role"

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:iam::{CONSUMER}:{self.kind}/{READER}"

    @property
    def reads_files(self) -> bool:
        """Whether its own S3 rights must reach the files."""
        return self.world.location in ("none", "hybrid")

    def make(self) -> None:
        """Make it, with its boundary and policies; a user has the first of them from a group."""
        iam = self.accounts.client("iam")
        bound = {}
        if self.world.has_boundary:
            limits = document({"Action": ["athena:*", "glue:Get*", "s3:*", "lakeformation:*"], "Resource": "*"})
            bound["PermissionsBoundary"] = iam.create_policy(PolicyName="boundary", PolicyDocument=limits)["Policy"][
                "Arn"
            ]
        if self.world.is_user:
            iam.create_user(UserName=READER, **bound)
            iam.create_group(GroupName=GROUP)
            iam.add_user_to_group(GroupName=GROUP, UserName=READER)
        else:
            trust = document({"Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:root"}, "Action": "sts:AssumeRole"})
            iam.create_role(RoleName=READER, AssumeRolePolicyDocument=trust, **bound)
        for number, (name, statement) in enumerate(self._policies().items()):
            self._give(name, document(statement), by_group=self.world.is_user and number == 0)

    def _give(self, name: str, policy: str, *, by_group: bool) -> None:
        iam = self.accounts.client("iam")
        if self.world.style == "managed":
            arn = iam.create_policy(PolicyName=name, PolicyDocument=policy)["Policy"]["Arn"]
            getattr(iam, f"attach_{self.kind}_policy")(**self.named, PolicyArn=arn)
        elif by_group:
            iam.put_group_policy(GroupName=GROUP, PolicyName=name, PolicyDocument=policy)
        else:
            getattr(iam, f"put_{self.kind}_policy")(**self.named, PolicyName=name, PolicyDocument=policy)

    @property
    def named(self) -> dict[str, str]:
        """Its name as IAM's operations take it."""
        return {f"{self.kind.title()}Name": READER}

    def _policies(self) -> dict[str, dict[str, Any]]:
        if self.world.style == "wide":
            return {"everything": {"Action": ["athena:*", "glue:*", "s3:*", "lakeformation:Get*"], "Resource": "*"}}
        if self.world.style == "not":
            return {"everything-but": {"NotAction": "iam:*", "NotResource": "arn:aws:s3:::nothing/*"}}
        condition: dict[str, Any] = {}
        if self.world.style == "conditions":
            condition = {"Condition": {"StringEquals": {"aws:PrincipalAccount": CONSUMER}}}
        glue = f"arn:aws:glue:{REGION}"
        home = ("catalog", "database/default", "database/links", "table/links/*")
        abroad = ("catalog", f"database/{DATABASE}", f"table/{DATABASE}/*")
        files = [f"arn:aws:s3:::{FILES}", f"arn:aws:s3:::{FILES}/*"]
        policies: dict[str, dict[str, Any]] = {
            "athena": {"Action": ATHENA, "Resource": f"arn:aws:athena:{REGION}:{CONSUMER}:workgroup/{WORKGROUP}"},
            "results": {"Action": S3, "Resource": [f"arn:aws:s3:::{RESULTS}", f"arn:aws:s3:::{RESULTS}/out/*"]},
            "link": {"Action": GLUE, "Resource": [f"{glue}:{CONSUMER}:{path}" for path in home], **condition},
            "target": {"Action": GLUE, "Resource": [f"{glue}:{self.owner}:{path}" for path in abroad]},
            "credentials": {"Action": "lakeformation:GetDataAccess", "Resource": "*", **condition},
        }
        if self.reads_files:
            policies["files"] = {"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": files}
        return policies

    def give(self, name: str, **statement: Any) -> None:
        """Let it do more."""
        self._give(name, document(statement), by_group=False)

    def drop_policy(self, name: str) -> None:
        """Take one of its policies away."""
        iam = self.accounts.client("iam")
        if self.world.style == "managed":
            arn = f"arn:aws:iam::{CONSUMER}:policy/{name}"
            getattr(iam, f"detach_{self.kind}_policy")(**self.named, PolicyArn=arn)
        elif self.world.is_user and name == "athena":
            iam.delete_group_policy(GroupName=GROUP, PolicyName=name)
        else:
            getattr(iam, f"delete_{self.kind}_policy")(**self.named, PolicyName=name)

    def deny(self, **statement: Any) -> None:
        """Deny it something."""
        iam = self.accounts.client("iam")
        policy = document({"Effect": "Deny", **statement})
        getattr(iam, f"put_{self.kind}_policy")(**self.named, PolicyName="denied", PolicyDocument=policy)

    def bound(self, policy: str) -> None:
        """Give it another boundary."""
        iam = self.accounts.client("iam")
        arn = iam.create_policy(PolicyName="narrow", PolicyDocument=policy)["Policy"]["Arn"]
        getattr(iam, f"put_{self.kind}_permissions_boundary")(**self.named, PermissionsBoundary=arn)

    def delete(self) -> None:
        """Delete it, with everything that hangs on it."""
        iam = self.accounts.client("iam")
        for name in getattr(iam, f"list_{self.kind}_policies")(**self.named)["PolicyNames"]:
            getattr(iam, f"delete_{self.kind}_policy")(**self.named, PolicyName=name)
        for row in getattr(iam, f"list_attached_{self.kind}_policies")(**self.named)["AttachedPolicies"]:
            getattr(iam, f"detach_{self.kind}_policy")(**self.named, PolicyArn=row["PolicyArn"])
        if self.world.is_user:
            iam.remove_user_from_group(GroupName=GROUP, UserName=READER)
        getattr(iam, f"delete_{self.kind}")(**self.named)

    def keys(self) -> dict[str, str]:
        """Return keys to act with as the reader; ClientError where there are none to be had."""
        if self.world.is_user:
            made = self.accounts.client("iam").create_access_key(UserName=READER)["AccessKey"]
            return {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
        role = self.accounts.client("sts").assume_role(RoleArn=self.arn, RoleSessionName="question")["Credentials"]
        return {
            "aws_access_key_id": role["AccessKeyId"],
            "aws_secret_access_key": role["SecretAccessKey"],
            "aws_session_token": role["SessionToken"],
        }
