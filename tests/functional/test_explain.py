"""explain over live state: the verdict, the check that decides, and fixes that mend; queries have the last word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare import app
from lakeshare.errors import QueryError
from tests.functional.accounts import CONSUMER, DATABASE, READER, SECOND_CONSUMER, Accounts, apply_all
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
    assert not [check for check in document["checks"] if "may not call" in check["detail"]]
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


def test_a_column_that_the_spec_hides_is_told_so(desk: Desk) -> None:
    """Where a rule of the spec leaves a column out, the mend is in the spec, and the other columns are readable."""
    reader = {
        "role": READER,
        "create": {"service": "lambda.amazonaws.com"},
        "columns": {"users": {"except": ["first_name"]}},
    }
    desk.share("contact_record", "users", readers=[reader])
    apply_all(settings_of(desk.accounts))

    hidden, shown = explained(desk, column="first_name"), explained(desk, column="user_id")
    missing = explained(desk, column="shoe_size")

    assert (hidden["verdict"], hidden["decided_by"]) == ("deny", "grant.column")
    assert "shares.contact-centre.readers[0].columns.users" in decisive(hidden)["fix"]
    assert not reads(desk.accounts, "SELECT first_name FROM users_link LIMIT 1")
    assert shown["verdict"] == "allow"
    assert (missing["verdict"], missing["decided_by"]) == ("deny", "column")


def test_somebody_whom_nobody_granted_anything_is_refused(desk: Desk) -> None:
    """A role that the spec does not have is denied, and told which line would make it a reader."""
    trust = {"Effect": "Allow", "Principal": {"AWS": CONSUMER}, "Action": "sts:AssumeRole"}
    iam = desk.accounts.client("iam")
    iam.create_role(RoleName="stranger", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))

    document = explained(desk, principal=f"arn:aws:iam::{CONSUMER}:role/stranger")

    assert document["verdict"] == "deny"
    failed = {check["id"] for check in document["checks"] if check["status"] == "fail"}
    assert {"athena.iam", "iam.link", "iam.target", "link.describe", "grant.data", "credentials"} <= failed
    assert document["in_spec"] is not None
    assert "- role: stranger" in document["in_spec"]


def test_a_session_is_explained_as_its_role(desk: Desk) -> None:
    """The ARN that a query's error names, of an assumed role, means the role."""
    session = f"arn:aws:sts::{CONSUMER}:assumed-role/{READER}/some-session"

    document = explained(desk, principal=session)

    assert document["principal"] == ARN
    assert document["verdict"] == "allow"


def test_a_principal_that_iam_does_not_keep_is_unknown_unless_a_grant_is_missing(desk: Desk) -> None:
    """A QuickSight user's own way in cannot be known; that it holds no grant can."""
    user = f"arn:aws:quicksight:ap-southeast-2:{CONSUMER}:user/default/ann"
    without = explained(desk, principal=user)
    be_administrator(desk.accounts, CONSUMER)
    for resource, permission in ((LINK, "DESCRIBE"), (target(desk.accounts), "SELECT")):
        desk.accounts.client("lakeformation").grant_permissions(
            Principal={"DataLakePrincipalIdentifier": user}, Resource=resource, Permissions=[permission]
        )

    with_grants = explained(desk, principal=user)

    assert (without["verdict"], without["decided_by"]) == ("deny", "link.describe")
    assert (with_grants["verdict"], with_grants["decided_by"]) == ("unknown", "principal")


def test_an_expired_invitation_is_named(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """When nobody accepted in time, the share is what fails, and the mend is to recover it."""
    desk = Desk(accounts, monkeypatch)
    desk.share("users")
    connect = accounts.client("connect", "111111111111")
    connect.associate_analytics_data_set(InstanceId=accounts.instance, DataSetId="users", TargetAccountId=CONSUMER)
    be_administrator(accounts, CONSUMER)
    glue = accounts.client("glue")
    glue.create_database(DatabaseInput={"Name": DATABASE})
    link = {"CatalogId": accounts.lake_account, "DatabaseName": "connect_datalake", "Name": "users"}
    glue.create_table(DatabaseName=DATABASE, TableInput={"Name": "users_link", "TargetTable": link})

    pending = explained(desk)
    accounts.control("clock", {"advance_seconds": 43_201})
    expired = explained(desk)

    def share_of(document: dict[str, Any]) -> dict[str, Any]:
        return next(check for check in document["checks"] if check["id"] == "share")

    assert share_of(pending)["status"] == share_of(expired)["status"] == "fail"
    assert share_of(pending)["fix"].startswith("aws ram accept-resource-share-invitation")
    assert "expired" in share_of(expired)["detail"]
    assert "--recover-share" in share_of(expired)["fix"]


def test_what_the_operator_may_not_read_is_unknown_and_named(desk: Desk) -> None:
    """Without iam:GetRolePolicy the reader's own policies are unknown, and the missing action is what to mend."""
    denied = {"Effect": "Deny", "Action": "iam:GetRolePolicy", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    desk.accounts.client("iam").put_role_policy(RoleName="lakeshare-operator", PolicyName="less", PolicyDocument=policy)

    document = explained(desk)
    take(desk.accounts, target(desk.accounts), "SELECT")
    without_grant = explained(desk)

    assert (document["verdict"], document["decided_by"]) == ("unknown", "athena.iam")
    assert "iam:GetRolePolicy" in decisive(document)["detail"]
    assert decisive(document)["fix"] == "let the operator call iam:GetRolePolicy, and ask again"
    assert without_grant["verdict"] == "deny"


def test_who_does_not_administer_the_lake_does_not_take_silence_for_a_no(desk: Desk) -> None:
    """An operator that is no administrator is shown a part of the grants: what does not show is unknown."""
    lake = desk.accounts.client("lakeformation")
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": []})

    document = explained(desk)

    assert document["verdict"] == "unknown"
    assert reads(desk.accounts)


def test_the_page_says_first_what_is_wrong_and_how_to_mend_it(desk: Desk) -> None:
    """For a person: who, the verdict, why, what a query would answer and the command; then the checks."""
    take(desk.accounts, LINK, "DESCRIBE")

    ran = desk("explain", "--principal", ARN, "--table", "users")

    lines = ran.out.splitlines()
    assert ran.code == 0
    assert lines[:2] == [
        ARN,
        f"cannot read users  ({DATABASE}.users_link, a link to connect_datalake.users of {desk.accounts.lake_account})",
    ]
    assert "Required Describe on users_link" in " ".join(ran.out.split())
    assert f"To mend it (in account {CONSUMER}):" in ran.out
    assert ran.out.index("aws lakeformation grant-permissions") < ran.out.index("What a query meets")
    assert lines[-1].startswith("Verdict: deny; of ")


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (("--principal", ARN), 64, "give --principal and --table, or the text of an error"),
        (("--principal", "arn:reader", "--table", "users"), 64, "arn:reader is no ARN"),
        (("--principal", "arn:aws:iam::555555555555:role/x", "--table", "users"), 64, "leads into no such account"),
        (("some text", "--table", "users"), 64, "explained by itself"),
    ],
)
def test_wrong_usage_says_what_was_expected(desk: Desk, flags: tuple[str, ...], code: int, words: str) -> None:
    """What cannot be answered is refused as usage, with a hint."""
    ran = desk("explain", *flags)

    assert ran.code == code
    assert words in " ".join(ran.err.split())


def test_slips_in_names_are_named(desk: Desk) -> None:
    """A role that is not there and a table that is not: what the spec calls the nearest one, and the question again."""
    role = explained(desk, principal=ARN[:-1])
    link = explained(desk, table="users_lnk")
    full = explained(desk, table=f"{DATABASE}.user")

    assert (role["decided_by"], link["decided_by"], full["decided_by"]) == ("principal", "link.exists", "link.exists")
    assert decisive(role)["detail"].endswith(f"; did you mean {READER}?")
    assert decisive(role)["fix"] == f"lakeshare explain --principal {ARN} --table users"
    assert decisive(link)["fix"] == f"lakeshare explain --principal {ARN} --table users_link"
    assert decisive(full)["fix"] == f"lakeshare explain --principal {ARN} --table {DATABASE}.users_link"
    assert "apply" not in link["in_spec"]


def test_a_new_reader_is_no_reason_to_apply(desk: Desk) -> None:
    """Whatever a role is called: one that neither IAM nor the spec has is not made by an apply."""
    document = explained(desk, principal=f"arn:aws:iam::{CONSUMER}:role/apply-to-be-one")

    assert (document["verdict"], document["decided_by"]) == ("deny", "principal")
    assert decisive(document)["fix"] == "aws iam list-roles"


def test_what_an_apply_will_make_is_told(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first apply, of a reader and a table that the spec has by these very names."""
    desk = Desk(accounts, monkeypatch)
    desk.share("users")

    before = [explained(desk, table=name) for name in ("users", "users_link", f"{DATABASE}.users_link")]

    assert [document["in_spec"].endswith("`lakeshare apply` makes it so") for document in before] == [True] * 3
    assert not [check for document in before for check in document["checks"] if "did you mean" in check["detail"]]


def test_a_reader_may_be_named_as_the_spec_names_it(desk: Desk) -> None:
    """Its ARN is found out; a name that the spec does not have is looked for in the one account that there is."""
    known, unknown = explained(desk, principal=READER), explained(desk, principal="somebody")

    assert (known["principal"], known["verdict"]) == (ARN, "allow")
    assert unknown["principal"] == f"arn:aws:iam::{CONSUMER}:role/somebody"
    assert (unknown["verdict"], unknown["decided_by"]) == ("deny", "principal")


def test_a_name_that_may_be_two_principals_is_refused(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same role name in two accounts: both ARNs are named."""
    accounts.make_operator(SECOND_CONSUMER)
    to = {"account": "second", "database": DATABASE}
    shares = {"one": accounts.share("users"), "two": accounts.share("users", to=to)}
    accounts.write(shares, second=accounts.second_consumer())
    monkeypatch.setenv("EXTERNAL_ID", accounts.environ["EXTERNAL_ID"])

    ran = Desk(accounts, monkeypatch)("explain", "--principal", READER, "--table", "users")

    assert ran.code == 64
    assert ARN in ran.err
    assert ARN.replace(CONSUMER, SECOND_CONSUMER) in ran.err


def test_nobody_is_given_anything(desk: Desk) -> None:
    """Of a role that is not there no fix acts on it, but for what makes it or finds it."""
    document = explained(desk, principal=f"arn:aws:iam::{CONSUMER}:role/gone")

    fixes = [check["fix"] for check in document["checks"] if check.get("fix")]

    assert document["decided_by"] == "principal"
    assert not [fix for fix in fixes if "gone" in fix]


def test_a_workgroup_without_a_place_for_results_gets_one(desk: Desk) -> None:
    """The fix names a bucket, and that this is not there is what is said next, and mended."""
    athena = desk.accounts.client("athena")
    name = next(row["Name"] for row in athena.list_work_groups()["WorkGroups"] if row["Name"].startswith("lakeshare-"))
    updates = {"ResultConfigurationUpdates": {"RemoveOutputLocation": True}}
    athena.update_work_group(WorkGroup=name, ConfigurationUpdates=updates)

    said = []
    for _step in range(2):
        check = decisive(explained(desk))
        run_fix(desk.accounts, check["fix"], check["fix_in"])
        said.append((check["id"], check["detail"]))

    assert said[0] == ("athena.workgroup", "it has nowhere to write results")
    assert said[1] == ("athena.results", "the bucket is not there")
    assert decisive(explained(desk))["detail"].startswith("no identity-based policy allows")
