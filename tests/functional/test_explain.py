"""explain over live state: the verdict, the check that decides, and fixes that mend; queries have the last word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare import app
from lakeshare.errors import QueryError
from tests.functional.accounts import CONSUMER, DATABASE, READER, Accounts, apply_all
from tests.functional.command_line import Desk
from tests.functional.fixes import be_administrator, run_fix

ARN = f"arn:aws:iam::{CONSUMER}:role/{READER}"


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A spec that shares users and contact_record, applied, and the command line in front of it."""
    found = Desk(accounts, monkeypatch)
    found.share("contact_record", "users")
    apply_all(settings_of(accounts))
    return found


def settings_of(accounts: Accounts) -> app.Settings:
    path = accounts.folder / "lakeshare.yaml"
    return app.Settings(path, endpoint_url=accounts.box.endpoint_url, environ=accounts.environ)


def explained(desk: Desk, table: str = "users", principal: str = ARN, **more: str) -> dict[str, Any]:
    flags = [word for name, value in more.items() for word in (f"--{name}", value)]
    ran = desk("explain", "--json", "--principal", principal, "--table", table, *flags)
    assert ran.code == 0, ran.err
    return ran.document


def decisive(document: dict[str, Any]) -> dict[str, Any]:
    return next(check for check in document["checks"] if check["id"] == document["decided_by"])


def reads(accounts: Accounts, sql: str = "SELECT * FROM users_link LIMIT 1") -> bool:
    try:
        app.query(settings_of(accounts), READER, sql)
    except QueryError:
        return False
    return True


def take(accounts: Accounts, resource: dict[str, Any], *permissions: str, principal: str = ARN) -> None:
    """Revoke, as an administrator of the consumer's lake."""
    be_administrator(accounts, CONSUMER)
    accounts.client("lakeformation").revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": principal}, Resource=resource, Permissions=list(permissions)
    )


def target(accounts: Accounts, table: str = "users") -> dict[str, Any]:
    return {"Table": {"CatalogId": accounts.lake_account, "DatabaseName": "connect_datalake", "Name": table}}


LINK = {"Table": {"DatabaseName": DATABASE, "Name": "users_link"}}


@pytest.mark.parametrize("table", ["users", "users_link", f"{DATABASE}.users_link", "connect_datalake.users"])
def test_a_reader_of_the_spec_reads(desk: Desk, table: str) -> None:
    """After an apply the verdict is allow, by whatever name the table is asked for, and a query agrees."""
    document = explained(desk, table)

    assert document["verdict"] == "allow", document["reason"]
    assert document["decided_by"] is None
    assert {check["status"] for check in document["checks"]} <= {"pass", "unknown"}
    assert document["link"] == f"{DATABASE}.users_link"
    assert reads(desk.accounts)


def test_a_missing_select_is_found_and_its_fix_mends(desk: Desk) -> None:
    """Without SELECT on the target the grant is what fails; the command given as fix makes the query work again."""
    take(desk.accounts, target(desk.accounts), "SELECT")

    document = explained(desk)
    read_before = reads(desk.accounts)
    run_fix(desk.accounts, decisive(document)["fix"], decisive(document)["fix_in"])

    assert (document["verdict"], document["decided_by"]) == ("deny", "grant.data")
    assert not read_before
    assert reads(desk.accounts)
    assert explained(desk)["verdict"] == "allow"


def test_a_missing_describe_on_the_link_is_found_and_its_fix_mends(desk: Desk) -> None:
    """Without DESCRIBE on the link that is what fails, and granting it mends."""
    take(desk.accounts, LINK, "DESCRIBE")

    document = explained(desk)
    read_before = reads(desk.accounts)
    run_fix(desk.accounts, decisive(document)["fix"], decisive(document)["fix_in"])

    assert (document["verdict"], document["decided_by"]) == ("deny", "link.describe")
    assert not read_before
    assert reads(desk.accounts)


def test_a_missing_get_data_access_is_found_and_its_fix_mends(desk: Desk) -> None:
    """Without lakeformation:GetDataAccess in IAM no credentials are given out; the policy given as fix mends."""
    iam = desk.accounts.client("iam")
    [name] = iam.list_role_policies(RoleName=READER)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=READER, PolicyName=name)["PolicyDocument"]
    left = [each for each in policy["Statement"] if each["Sid"] != "LakeFormationCredentials"]
    iam.put_role_policy(RoleName=READER, PolicyName=name, PolicyDocument=json.dumps({**policy, "Statement": left}))

    document = explained(desk)
    read_before = reads(desk.accounts)
    run_fix(desk.accounts, decisive(document)["fix"], decisive(document)["fix_in"])

    assert (document["verdict"], document["decided_by"]) == ("deny", "credentials")
    assert "lakeformation:GetDataAccess" in decisive(document)["answer"]
    assert not read_before
    assert reads(desk.accounts)
