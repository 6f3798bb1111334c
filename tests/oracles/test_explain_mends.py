"""The commands that explain gives where a policy denies, run word for word: they take out that statement alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lakeshare import app
from lakeshare.access.explain import Question
from lakeshare.access.explain.verdict import Check
from tests.functional.accounts import BASE, CONSUMER, READER, REGION, Accounts, apply_all
from tests.oracles.shell import Shell

pytestmark = pytest.mark.oracle

ARN = f"arn:aws:iam::{CONSUMER}:role/{READER}"
DENY: Mapping[str, Any] = {"Sid": "No", "Effect": "Deny", "Action": "glue:GetTable", "Resource": "*"}
OTHER: Mapping[str, Any] = {"Sid": "Yes", "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}


@pytest.fixture(autouse=True)
def _keys_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lakeshare itself come with keys of its own, which the shell does not see."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", BASE)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")


def policy(*statements: Mapping[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def inline(accounts: Accounts, *beside: Mapping[str, Any]) -> None:
    """Deny it in an inline policy of the reader's."""
    accounts.client("iam").put_role_policy(RoleName=READER, PolicyName="no", PolicyDocument=policy(*beside, DENY))


def managed(accounts: Accounts, *beside: Mapping[str, Any]) -> None:
    """Deny it in a managed policy that the reader has."""
    iam = accounts.client("iam")
    made = iam.create_policy(PolicyName="no", PolicyDocument=policy(*beside, DENY))["Policy"]
    iam.attach_role_policy(RoleName=READER, PolicyArn=made["Arn"])


def catalog(accounts: Accounts, *beside: Mapping[str, Any]) -> None:
    """Deny it in the catalog's own policy."""
    arns = [f"arn:aws:glue:{REGION}:{CONSUMER}:{path}" for path in ("catalog", "database/*", "table/*/*")]
    others = [{**one, "Action": "glue:GetTags", "Principal": {"AWS": ARN}, "Resource": arns} for one in beside]
    denied = {**DENY, "Principal": {"AWS": ARN}, "Resource": arns}
    accounts.client("glue").put_resource_policy(PolicyInJson=policy(*others, denied))


WHERE: dict[str, Callable[..., None]] = {"inline": inline, "managed": managed, "catalog": catalog}


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("is_alone", [True, False])
def test_what_denies_is_taken_out(accounts: Accounts, shell: Shell, where: str, is_alone: bool) -> None:  # noqa: FBT001
    """The policy goes where nothing else is in it, but for a managed one; else the statement alone."""
    settings = accounts.write({"cc": accounts.share("users")})
    apply_all(settings)
    WHERE[where](accounts, *([] if is_alone else [OTHER]))

    denied = decisive(settings)
    assert denied is not None
    if where == "managed" and is_alone:
        assert "take the statement No of the managed policy" in str(denied.fix)
        return
    ended = shell.line(str(denied.fix), account=str(denied.fix_in))

    assert ended.code == 0, (denied.fix, ended.complained)
    assert decisive(settings) is None
    if where == "inline" and not is_alone:
        left = accounts.client("iam").get_role_policy(RoleName=READER, PolicyName="no")["PolicyDocument"]
        assert left["Statement"] == [dict(OTHER)]


def decisive(settings: app.Settings) -> Check | None:
    """Return the check that decides whether the reader reads the table; None where nothing is in the way."""
    return app.explain(settings, Question(ARN, "users")).explanation.decisive
