"""No action is printed that is never called, and none is called that is not printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import pytest

from lakeshare import app
from lakeshare.engine.events import Event, Started
from lakeshare.sandbox.services.connect.lake import Instances
from tests.functional.accounts import CONSUMER, DATABASE, PRODUCER, READER, REGION, Accounts, apply_all, destroy_all
from tests.functional.command_line import Desk
from tests.functional.own_tables import DATABASE as PRODUCER_DATABASE
from tests.functional.own_tables import make_own_tables, open_to_iam, table_input
from tests.functional.own_tables import share as own_share
from tests.functional.rights import NUMBERS, OF_THE_KEY, Asked, actions, allow, allow_everything, allow_least
from tests.functional.slips import (
    as_operator,
    bare_bucket,
    bucket_of,
    lengthen_sessions,
    loosen_workgroup,
    open_database,
    trust_others,
    untag_database,
)

HALF_A_DAY = 12 * 3600 + 1


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The accounts, as people who change things by hand know them."""
    return Desk(accounts, monkeypatch)


def put_a_boundary(desk: Desk) -> None:
    """Bound the reader's role."""
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    desk.accounts.client("iam").put_role_permissions_boundary(RoleName=READER, PermissionsBoundary=arn)


def untag_everything(desk: Desk) -> None:
    """Take our tags off role and workgroup."""
    desk.accounts.client("iam").untag_role(RoleName=READER, TagKeys=["lakeshare:spec"])
    arn = f"arn:aws:athena:ap-southeast-2:{CONSUMER}:workgroup/lakeshare-connect-analytics"
    desk.accounts.client("athena").untag_resource(ResourceARN=arn, TagKeys=["lakeshare:spec"])


def relink_as_somebody_else(desk: Desk) -> None:
    """Have another administrator point a link elsewhere: the new one is its own."""
    as_operator(desk, "glue").delete_table(DatabaseName=DATABASE, Name="users_link")
    become_administrator(desk.accounts, CONSUMER)
    desk.accounts.client("lakeformation").grant_permissions(
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:user/administrator"},
        Resource={"Database": {"Name": DATABASE}},
        Permissions=["CREATE_TABLE"],
    )
    target = {"CatalogId": desk.accounts.lake_account, "DatabaseName": "connect_datalake", "Name": "contact_record"}
    link = {"Name": "users_link", "TargetTable": target}
    desk.accounts.client("glue").create_table(DatabaseName=DATABASE, TableInput=link)


def drop_policy(desk: Desk) -> None:
    """Take our policy off the reader's role."""
    desk.accounts.client("iam").delete_role_policy(RoleName=READER, PolicyName="lakeshare-connect-analytics")


def encrypt_catalog(accounts: Accounts, account: str) -> None:
    """Encrypt the catalog of *account* with a key that is there for everybody."""
    use = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [use]})
    key = accounts.client("kms", account).create_key(Policy=policy)["KeyMetadata"]["Arn"]
    at_rest = {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": key}
    accounts.client("glue", account).put_data_catalog_encryption_settings(
        DataCatalogEncryptionSettings={"EncryptionAtRest": at_rest}
    )


BY_HAND: tuple[Callable[[Desk], Any], ...] = (
    bare_bucket,
    drop_policy,
    lengthen_sessions,
    loosen_workgroup,
    open_database,
    put_a_boundary,
    trust_others,
    untag_database,
    untag_everything,
    relink_as_somebody_else,
)


def during(settings: app.Settings, step: str, meddle: Callable[[], Any]) -> app.Settings:
    """Return settings with which *meddle* is called once, right before the first step that fits the glob *step*."""
    left = [meddle]

    def listen(event: Event) -> None:
        if left and isinstance(event, Started) and fnmatchcase(event.addresses[0], step):
            left.pop()()

    return replace(settings, listener=listen)


def disassociate(accounts: Accounts, table: str = "users") -> None:
    """Take a data set off its share, in the producer."""
    accounts.client("connect", PRODUCER).disassociate_analytics_data_set(
        InstanceId=accounts.instance, DataSetId=table, TargetAccountId=CONSUMER
    )


def revoke(accounts: Accounts, account: str, principal: str, resource: dict[str, Any], permission: str) -> None:
    """Revoke a permission, as another administrator of *account*."""
    become_administrator(accounts, account)
    accounts.client("lakeformation", account).revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": principal}, Resource=resource, Permissions=[permission]
    )


def become_administrator(accounts: Accounts, account: str) -> None:
    """Make the account's administrator one of Lake Formation too."""
    lake = accounts.client("lakeformation", account)
    me = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:user/administrator"}
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    if me not in settings["DataLakeAdmins"]:
        lake.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": [*settings["DataLakeAdmins"], me]})


def raise_version(accounts: Accounts) -> None:
    """Have the producer share as from version 4 on: several things on one share, each with a permission of RAM's."""
    become_administrator(accounts, PRODUCER)
    lake = accounts.client("lakeformation", PRODUCER)
    there = lake.get_data_lake_settings()["DataLakeSettings"]
    parameters = {**there.get("Parameters", {}), "CROSS_ACCOUNT_VERSION": "4"}
    lake.put_data_lake_settings(DataLakeSettings={**there, "Parameters": parameters})


def withdraw(accounts: Accounts) -> None:
    """Have Connect offer a data set no more."""
    [instance] = accounts.box.world.store(Instances).of(PRODUCER, REGION)
    del instance.data_sets["users"]


def check(asked: Asked, settings: app.Settings, purpose: str, *aliases: str) -> None:
    """Fail when what was called and what is printed differ, in one of the accounts *aliases*."""
    asked.collect()
    for alias in aliases:
        printed = set(actions(app.policy(settings, alias, purpose)))
        assert asked.actions[alias] - printed == set(), f"called in {alias} and not printed"
        assert printed - asked.actions[alias] == set(), f"printed for {alias} and never called"
        assert asked.refused[alias] == set()


def test_every_printed_action_for_connects_lake_is_called(accounts: Accounts, desk: Desk) -> None:
    """From nothing, after changes by hand, and after a share that expired: all that is printed, and nothing else."""
    settings = accounts.write({"contact-centre": accounts.share("contact_record", "users", prove_denial=True)})
    become_administrator(accounts, CONSUMER)  # so that there is one to look up before the settings are changed
    encrypt_catalog(accounts, CONSUMER)
    asked = Asked(accounts)
    become_administrator(accounts, CONSUMER)
    allow_least(accounts, settings, "apply")

    # A data set that Connect refuses in a batch is asked for once more, singly.
    app.apply(during(settings, "*/association:*", lambda: withdraw(accounts)), app.Options(targets=("producer/*",)))
    # A share that nobody accepted in time; as it is emptied, somebody else takes a data set off it.
    accounts.seed(["contact_record", "users"])
    apply_all(settings, targets=("producer/*",))
    accounts.box.clock.advance(HALF_A_DAY)
    apply_all(during(settings, "*/association:*", lambda: disassociate(accounts)))
    for by_hand in BY_HAND:
        asked.collect()
        allow_everything(accounts)
        by_hand(desk)
        allow_least(accounts, settings, "apply")
        asked.forget()
        apply_all(settings)

    check(asked, settings, "apply", "producer", "consumer")


def test_every_action_printed_for_a_destroy_of_connects_lake_is_called(accounts: Accounts, desk: Desk) -> None:
    """Also where nobody accepted yet, somebody else was quicker, or put another link in the place of ours."""
    settings = accounts.write({"contact-centre": accounts.share("contact_record", "users", prove_denial=True)})
    asked = Asked(accounts)
    allow_everything(accounts)
    apply_all(settings)
    allow_least(accounts, settings, "destroy")
    asked.forget()

    # The share is gone before we come, so an invitation is looked for.
    for table in ("contact_record", "users"):
        disassociate(accounts, table)
    destroy_all(settings)
    asked.collect()

    allow_everything(accounts)
    apply_all(settings)
    relink_as_somebody_else(desk)
    desk.accounts.client("s3").put_object(Bucket=bucket_of(desk), Key="results/a.csv", Body=b"1")
    theirs = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    accounts.client("iam").attach_role_policy(RoleName=READER, PolicyArn=theirs)
    reader = f"arn:aws:iam::{CONSUMER}:role/{READER}"
    link = {"Table": {"DatabaseName": DATABASE, "Name": "contact_record_link"}}
    allow_least(accounts, settings, "destroy")
    asked.forget()

    grants = during(settings, "consumer/*/grant:*", lambda: revoke(accounts, CONSUMER, reader, link, "DESCRIBE"))
    app.destroy(grants, app.Options(targets=("*/grant:role/*",)), confirm=lambda _plan: True)
    app.destroy(during(settings, "*/association:*", lambda: disassociate(accounts)), confirm=lambda _plan: True)
    accounts.client("iam").detach_role_policy(RoleName=READER, PolicyArn=theirs)
    destroy_all(settings)

    check(asked, settings, "destroy", "producer", "consumer")


def test_every_printed_action_for_own_tables_is_called(accounts: Accounts) -> None:
    """
    Shared as new, added to a share, at a version that takes one more right of RAM's, and refused in a batch; closed to
    IAM, where somebody else was quicker, too.
    """
    make_own_tables(accounts)
    open_to_iam(accounts, "contacts")
    settings = accounts.write({"own": own_share(accounts)})
    raise_version(accounts)
    encrypt_catalog(accounts, PRODUCER)
    allow_least(accounts, settings, "apply")
    # Of another account's key IAM at home has to say yes as well.
    key = {"Effect": "Allow", "Action": sorted(OF_THE_KEY), "Resource": f"arn:aws:kms:*:{PRODUCER}:key/*"}
    allow(accounts, CONSUMER, app.policy(settings, "consumer"), {"Version": "2012-10-17", "Statement": [key]})
    asked = Asked(accounts)

    def drop_a_table() -> None:
        accounts.client("glue", PRODUCER).delete_table(DatabaseName=PRODUCER_DATABASE, Name="queues")

    contacts = {"Table": {"DatabaseName": PRODUCER_DATABASE, "Name": "contacts"}}
    closing = app.Options(targets=("*/iam-allowed-principals:*",))
    close = partial(revoke, accounts, PRODUCER, "IAM_ALLOWED_PRINCIPALS", contacts, "ALL")
    apply_all(settings, targets=("*/settings:*",))
    app.apply(during(settings, "*/iam-allowed-principals:*", close), closing)
    app.apply(during(settings, "producer/*/grant:*", drop_a_table))
    accounts.client("glue", PRODUCER).create_table(DatabaseName=PRODUCER_DATABASE, TableInput=table_input("queues"))
    apply_all(settings)

    check(asked, settings, "apply", "producer")


def test_every_action_printed_for_a_destroy_of_own_tables_is_called(accounts: Accounts) -> None:
    """Off a share, and the share itself; also where somebody else was quicker, and where a table is gone by then."""
    make_own_tables(accounts)
    open_to_iam(accounts, "contacts", "queues")
    settings = accounts.write({"own": own_share(accounts)})
    raise_version(accounts)
    apply_all(settings)
    table = {"Table": {"CatalogId": PRODUCER, "DatabaseName": PRODUCER_DATABASE, "Name": "queues"}}
    allow_least(accounts, settings, "destroy")
    asked = Asked(accounts)

    quick = during(settings, "producer/*/grant:*", lambda: revoke(accounts, PRODUCER, CONSUMER, table, "SELECT"))
    app.destroy(quick, app.Options(targets=("*.queues", "*.queues_link")), confirm=lambda _plan: True)
    glue = accounts.client("glue", PRODUCER)
    drop = partial(glue.delete_table, DatabaseName=PRODUCER_DATABASE, Name="contacts")
    destroy_all(during(settings, "*/iam-allowed-principals:*", drop))

    check(asked, settings, "destroy", "producer")


def test_every_action_printed_for_a_verify_is_called(accounts: Accounts) -> None:
    """While an invitation waits, and when all is in place; nothing that writes is among them."""
    settings = accounts.write({"contact-centre": accounts.share("contact_record", prove_denial=True)})
    become_administrator(accounts, CONSUMER)
    allow_everything(accounts)
    apply_all(settings, targets=("producer/*",))
    allow_least(accounts, settings, "verify")
    asked = Asked(accounts)
    app.verify(settings)
    asked.collect()
    allow_everything(accounts)
    apply_all(settings)
    allow_least(accounts, settings, "verify")
    asked.forget()

    assert not app.verify(settings).failed

    check(asked, settings, "verify", "producer", "consumer")
    reading = ("Get", "List")
    printed = [name for alias in NUMBERS for name in actions(app.policy(settings, alias, "verify"))]
    assert all(name.partition(":")[2].startswith(reading) for name in printed)
