"""The scripts with which people share a lake by the AWS CLI: what AWS refuses in them, and what they make of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.functional.accounts import BASE, CONSUMER, OPERATOR, PRODUCER, SECRET, Accounts
from tests.oracles.scene import OPERATOR_ROLE, TABLES
from tests.oracles.shell import DATABASE, ROLE, Shell, link, make_reader, make_role, session, share_lake

pytestmark = pytest.mark.oracle

# How the major versions 2 and 1 of the AWS CLI exit when the service refuses.
REFUSED = (254, 255)
ADMINISTRATOR = f"arn:aws:iam::{CONSUMER}:user/administrator"


def links(accounts: Accounts) -> dict[str, str]:
    """Return the table that each link leads to."""
    tables = accounts.client("glue").get_tables(DatabaseName=DATABASE)["TableList"]
    return {table["Name"]: table["TargetTable"]["Name"] for table in tables}


def held(accounts: Accounts, principal: str = ROLE) -> set[tuple[str, str]]:
    """Return (permission, thing) of everything that a principal was granted, here and on the lake."""
    rows = accounts.grants() | accounts.grants(catalog=accounts.lake_account)
    return {(permission, thing) for who, permission, thing in rows if who == principal}


def test_associate_and_accept(shell: Shell, accounts: Accounts, tmp_path: Path) -> None:
    """A batch that fails in part exits with 0 and has to be counted; what waits is accepted once."""

    def associate(*data_sets: str) -> Any:
        asked = {"InstanceId": accounts.instance, "DataSetIds": data_sets, "TargetAccountId": CONSUMER}
        (tmp_path / "input.json").write_text(json.dumps(asked))
        return shell("associate", "input.json", account=PRODUCER)

    partly = associate("contact_record", "no_such_data_set")
    wholly = associate("users")
    accepted, again = shell("accept"), shell("accept")

    assert (partly.code, partly.said) == (3, ["created 1, errors 1"])
    assert partly.complained.split() != []
    assert (wholly.code, wholly.said) == (0, ["created 1, errors 0"])
    assert (accepted.code, set(accepted.said)) == (0, {"ACCEPTED"})
    assert (again.code, again.said, again.complained) == (0, [], "")
    resources = accounts.client("ram").list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]
    shared = {row["arn"].rpartition("/")[2] for row in resources if row["type"] == "glue:Table"}
    assert shared == set(TABLES)


def test_links_in_a_loop(shell: Shell, accounts: Accounts) -> None:
    """Links are recreated as often as one likes, which drops the grants on them; who may not is told nothing else."""
    share_lake(accounts, *TABLES)
    stranger = session(accounts, make_role(accounts, "stranger"))
    grant = {"Table": {"DatabaseName": DATABASE, "Name": "users_link"}}

    first = shell("links", DATABASE, accounts.lake_account, *TABLES)
    accounts.client("lakeformation").grant_permissions(
        Principal={"DataLakePrincipalIdentifier": ROLE}, Resource=grant, Permissions=["DESCRIBE"]
    )
    before = held(accounts)
    refused = shell.run("links", DATABASE, accounts.lake_account, *TABLES, keys=stranger)
    made = links(accounts)
    again = shell("links", DATABASE, accounts.lake_account, "users")

    assert (first.code, first.said, first.complained) == (0, [], "")
    assert (refused.code, refused.said) == (0, [f"no link to {table}" for table in TABLES])
    assert (again.code, again.said) == (0, [])
    assert made == links(accounts) == {f"{table}_link": table for table in TABLES}
    assert before == {("DESCRIBE", f"{DATABASE}.users_link")}
    assert held(accounts) == set()


def test_grant_and_query(shell: Shell, accounts: Accounts) -> None:
    """SELECT on a link is refused; the right pair passes, may be repeated, and is what Athena goes by."""
    share_lake(accounts, *TABLES)
    link(accounts, *TABLES)
    region = {"LocationConstraint": "ap-southeast-2"}
    accounts.client("s3").create_bucket(Bucket="answers", CreateBucketConfiguration=region)
    question = "SELECT count(*) AS n FROM links.users_link"

    wrong = shell("grant_on_link", ROLE, DATABASE, *TABLES)
    nothing = held(accounts)
    unread = shell.run("query", DATABASE, "s3://answers/", question, keys=session(accounts, ROLE))
    right = [shell("grant", ROLE, DATABASE, accounts.lake_account, "users") for _ in range(2)]
    read = shell.run("query", DATABASE, "s3://answers/", question, keys=session(accounts, ROLE))

    assert [line.rpartition(" ")[0] for line in wrong.said] == [f"{table} failed with" for table in TABLES]
    assert all(int(line.rpartition(" ")[2]) in REFUSED for line in wrong.said)
    assert wrong.complained.count("(InvalidInputException) when calling the GrantPermissions operation") == len(TABLES)
    assert nothing == set()
    assert unread.code in REFUSED
    assert "Lake Formation" in unread.complained
    assert "(InvalidRequestException) when calling the GetQueryResults operation" in unread.complained
    assert [(ended.code, ended.complained) for ended in right] == [(0, "")] * 2
    assert held(accounts) == {
        ("DESCRIBE", DATABASE),
        ("DESCRIBE", f"{DATABASE}.users_link"),
        ("SELECT", "connect_datalake.users"),
    }
    assert read.code == 0
    header, count, *table = read.said
    assert (header, int(count) > 0) == ("n", True)
    assert [row for row in table if row.startswith("|") and "GetQueryResults" not in row] == ["| n |", f"| {count} |"]


def test_settings_are_merged(shell: Shell, accounts: Accounts) -> None:
    """Who merges keeps the rest of the document; a principal that does not exist is refused, and nothing changes."""
    make_reader(accounts)
    settings = accounts.client("lakeformation").get_data_lake_settings

    merged = shell("administrator", OPERATOR_ROLE)
    after = settings()["DataLakeSettings"]
    dead = shell("administrator", f"arn:aws:iam::{CONSUMER}:role/nobody")

    assert (merged.code, merged.said) == (0, [f"{ADMINISTRATOR} {OPERATOR_ROLE}"])
    assert after["Parameters"]["CROSS_ACCOUNT_VERSION"] == "4"
    assert dead.code in REFUSED
    assert dead.said == []
    assert "(InvalidInputException)" in dead.complained
    assert "Invalid principal" in dead.complained
    assert settings()["DataLakeSettings"] == after


def test_roles_are_assumed(shell: Shell, accounts: Accounts, tmp_path: Path) -> None:
    """Exported keys and a chain of profiles both need the external id; without it nobody is anybody."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": OPERATOR_ROLE}}
    trust["Condition"] = {"StringEquals": {"sts:ExternalId": SECRET}}
    accounts.client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    profiles = {"AWS_CONFIG_FILE": str(tmp_path / "config")}

    ended = shell("assume", OPERATOR_ROLE, ROLE, SECRET, account=BASE, **profiles)
    denied = shell("assume", OPERATOR_ROLE, ROLE, "another", account=BASE, **profiles)

    by_keys, by_profile, stranger = ended.said
    assert by_keys == f"arn:aws:sts::{CONSUMER}:assumed-role/{OPERATOR}/by-keys"
    assert by_profile.startswith(f"arn:aws:sts::{CONSUMER}:assumed-role/reader/")
    assert stranger.startswith("stranger failed with ")
    assert "is not authorized to perform: sts:AssumeRole on resource" in ended.complained
    assert (denied.code, denied.said) == (1, [])
    assert "(AccessDenied) when calling the AssumeRole operation" in denied.complained


def test_batches_and_pages(shell: Shell, accounts: Accounts) -> None:
    """20 grants go into a call and 21 do not; one that fails is told by the answer; lists come page by page."""
    share_lake(accounts, *TABLES)
    link(accounts, *TABLES)
    roles = [make_role(accounts, f"role-{number}") for number in range(20)]

    full = shell("batch", DATABASE, *roles)
    partly = shell("batch", DATABASE, roles[0], f"arn:aws:iam::{CONSUMER}:role/nobody")
    over = shell("batch", DATABASE, *roles, ROLE)
    paged = shell("pages", DATABASE)

    assert (full.code, full.said, full.complained) == (0, [], "")
    assert (partly.code, partly.said) == (0, ["2 InvalidInputException"])
    assert over.code in REFUSED
    assert "(InvalidInputException) when calling the BatchGrantPermissions operation" in over.complained
    assert held(accounts) == set()
    assert [held(accounts, role) for role in roles[:2]] == [{("DESCRIBE", DATABASE)}] * 2
    *grants, first, second, no_pages = paged.said
    assert paged.code == 0
    assert sum(int(line.removeprefix("grants ")) for line in grants) >= 20
    assert all(int(line.removeprefix("grants ")) <= 7 for line in grants)
    assert {first, second} == {f"{table}_link" for table in TABLES}
    assert no_pages.startswith("list-permissions has no pages")


def test_clean_up(shell: Shell, accounts: Accounts) -> None:
    """A share is taken down step by step; a second time each step says that there is nothing left."""
    share_lake(accounts, "users")
    link(accounts, "users")
    shell("grant", ROLE, DATABASE, accounts.lake_account, "users")
    asked = (ROLE, DATABASE, accounts.lake_account, accounts.instance, CONSUMER, "users")

    first = shell("clean_up", *asked, AWS_PRODUCER_KEY=PRODUCER)
    second = shell("clean_up", *asked, AWS_PRODUCER_KEY=PRODUCER)

    assert first.said == ["select done", "describe done", "link done", "share done", "database done"]
    steps = dict(line.split() for line in second.said)
    assert list(steps) == ["select", "describe", "link", "share", "database"]
    assert "done" not in steps.values()
    assert steps["link"] == steps["database"] == "EntityNotFoundException"
    everything = accounts.everything()
    assert everything[PRODUCER]["associations"] == []
    assert DATABASE not in everything[CONSUMER]["databases"]
    assert held(accounts) == set()
