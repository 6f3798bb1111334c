"""What goes wrong outside our hands, and that a plan, an apply or a destroy says so and gets past it."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from botocore.credentials import Credentials

from lakeshare import app
from lakeshare.aws.access import AccountAccess, Aws
from lakeshare.aws.quotas import Quotas
from lakeshare.engine.execute import Failed
from lakeshare.engine.pace import Pace
from lakeshare.resources.connect_association import ConnectAssociation
from lakeshare.resources.connect_association.write import write_associations
from lakeshare.resources.kind import Run
from lakeshare.resources.ram_invitation.read import share_status
from lakeshare.resources.results_bucket.model import ResultsBucket
from lakeshare.resources.results_bucket.read import read_buckets
from lakeshare.resources.values import Place, Step
from lakeshare.state.ledger import open_ledger
from tests.functional.accounts import (
    BASE,
    CONSUMER,
    DATABASE,
    PRODUCER,
    READER,
    REGION,
    Accounts,
    apply_all,
    destroy_all,
    steps,
)
from tests.functional.own_tables import share as own_share
from tests.functional.test_catalog_source import own_tables  # noqa: F401 - a fixture
from tests.unit.aws.endpoint import Answer, Asked, FakeEndpoint, Refusal, identity

HALF_A_DAY = 12 * 3600 + 1
CREATE = {"service": "lambda.amazonaws.com"}
SHARE_ARN = f"arn:aws:ram:{REGION}:444444444444:resource-share/x"
PLACE = Place("producer", PRODUCER, REGION)


def ledger_addresses(accounts: Accounts) -> list[str]:
    with open_ledger(None, accounts.folder, "connect-analytics", create=False) as ledger:
        return list(ledger.entries())


def bucket_of(accounts: Accounts) -> str:
    names: list[str] = accounts.everything()[CONSUMER]["buckets"]
    assert len(names) == 1
    return names[0]


# S3


def test_results_that_s3_refuses_to_delete_are_kept(accounts: Accounts) -> None:
    """A bucket policy that denies deletes ends the emptying with its reason, and the bucket stays in the ledger."""
    settings = accounts.write({"s": accounts.share("users")})
    apply_all(settings)
    bucket, s3 = bucket_of(accounts), accounts.client("s3")
    s3.put_object(Bucket=bucket, Key="results/a.csv", Body=b"1")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))

    applied = app.destroy(settings, confirm=lambda _plan: True)

    notes = [outcome.note for outcome in applied.outcomes if "/bucket:" in outcome.address]
    assert "S3 refuses to delete 1 results, results/a.csv among them" in str(notes[0])
    assert f"consumer/{REGION}/bucket:{bucket}" in ledger_addresses(accounts)
    assert accounts.everything()[CONSUMER]["buckets"] == [bucket]


def test_a_bucket_of_another_account_blocks_the_plan(accounts: Accounts) -> None:
    """A name that another account took first is a blocker with a way out, and no raw refusal of S3's."""
    take_bucket(accounts)
    to = {"account": "consumer", "database": DATABASE, "athena": {"results_bucket": "taken"}}
    settings = accounts.write({"s": accounts.share("users", to=to)})

    blockers = app.plan(settings).plan.blockers

    assert [blocker.address for blocker in blockers] == [f"consumer/{REGION}/bucket:taken"]
    assert "another account's" in blockers[0].reason
    assert "to.athena.results_bucket" in blockers[0].way_out


def test_a_taken_bucket_can_be_looked_at_again(accounts: Accounts) -> None:
    """Reading a bucket of another account answers that it is foreign: a lost race for the name is told, not raised."""
    take_bucket(accounts)
    keys = {"access_key": CONSUMER, "secret_key": "x"}

    with signed_in(accounts.box.endpoint_url, AccountAccess("consumer", CONSUMER, REGION), keys) as aws:
        bucket = ResultsBucket(Place("consumer", CONSUMER, REGION), "taken", "results/", 7)
        found = read_buckets(Run(aws), [bucket])[bucket.address]

    assert isinstance(found, ResultsBucket)
    assert found.is_foreign


def take_bucket(accounts: Accounts) -> None:
    accounts.client("s3", BASE).create_bucket(Bucket="taken", CreateBucketConfiguration={"LocationConstraint": REGION})


# Connect


def test_what_hung_on_a_deleted_instance_is_forgotten(accounts: Accounts) -> None:
    """When the Connect instance is gone, destroy takes everything else away and forgets the associations."""
    settings = accounts.write({"s": accounts.share("users")})
    apply_all(settings)
    accounts.control("faults", [instance_gone()])

    destroy_all(settings)

    assert ledger_addresses(accounts) == []
    assert accounts.everything()[PRODUCER]["associations"] == [("users", CONSUMER)]


def test_a_wanted_instance_that_is_gone_is_told(accounts: Accounts) -> None:
    """A plan on a Connect instance that is gone names the instance in a blocker for each of its data sets."""
    settings = accounts.write({"s": accounts.share("users", "contact_record")})
    accounts.control("faults", [instance_gone()])

    blockers = app.plan(settings).plan.blockers

    assert len(blockers) == 2
    assert all(f"Connect has no instance {accounts.instance}" in blocker.reason for blocker in blockers)


def instance_gone() -> dict[str, Any]:
    return {"operation": "connect:ListAnalyticsDataAssociations", "nth": 1, "error": "ResourceNotFoundException"}


@pytest.mark.parametrize("deleted", [[], ["users"]])
def test_nothing_joins_an_expired_share_that_could_not_be_emptied(deleted: list[str]) -> None:
    """While a data set stays on the dead share, none is associated, and each one says what became of it."""

    def play(asked: Asked) -> Answer:
        if asked.operation == "GetCallerIdentity":
            return identity(PRODUCER, f"arn:aws:iam::{PRODUCER}:user/ops")
        if "DataSetIds" in asked.params:
            return {"Deleted": deleted, "Errors": [{"ErrorCode": "x", "ErrorMessage": "y"}]}
        return Refusal("AccessDeniedException", "denied", 403)

    wanted = [ConnectAssociation(PLACE, "i", name, CONSUMER) for name in ("users", "contact_record")]
    batch = [Step(item.address, item.kind, "replace", "", item, item) for item in wanted]

    with FakeEndpoint(play) as endpoint, signed_in(endpoint.url, AccountAccess("producer", PRODUCER, REGION)) as aws:
        results = write_associations(Run(aws), batch)

    errors = {address: result.error for address, result in results.items() if isinstance(result, Failed)}
    assert list(errors) == [item.address for item in wanted]
    assert "denied" in str(errors[wanted[1].address])
    assert ("could not be emptied" in str(errors[wanted[0].address])) == bool(deleted)


# RAM


def test_a_share_on_a_later_page_is_seen() -> None:
    """An empty first page of shares with a token does not hide that the share is active."""

    def play(asked: Asked) -> Answer:
        if asked.operation == "GetCallerIdentity":
            return identity(PRODUCER, f"arn:aws:iam::{PRODUCER}:user/ops")
        if "nextToken" not in asked.params:
            return {"resourceShares": [], "nextToken": "more"}
        return {"resourceShares": [{"resourceShareArn": SHARE_ARN, "status": "ACTIVE"}]}

    with FakeEndpoint(play) as endpoint, signed_in(endpoint.url, AccountAccess("producer", PRODUCER, REGION)) as aws:
        status = share_status(Run(aws), PLACE, SHARE_ARN)

    assert status.state == "active"


def test_the_way_out_of_a_rejected_share_of_connect_works(accounts: Accounts) -> None:
    """The plan names the command that takes the data set off the rejected share; after it an apply goes through."""
    settings = accounts.write({"s": accounts.share("users")})
    apply_all(settings, targets=("producer/*",))
    reject(accounts)

    blockers = app.plan(settings).plan.blockers
    app.destroy(settings, app.Options(targets_in(blockers[0].way_out)), confirm=lambda _plan: True)
    apply_all(settings)

    assert len(blockers) == 1
    assert "is rejected" in blockers[0].reason
    assert "--recover-share" not in blockers[0].way_out
    assert not app.plan(settings).plan.has_changes


@pytest.mark.parametrize("ended", ["expired", "rejected"])
def test_the_way_out_of_a_dead_share_of_a_grant_works(own_tables: Accounts, ended: str) -> None:  # noqa: F811
    """For a share that a grant made, revoking the grants that the plan names makes room for a new one."""
    accounts = own_tables
    settings = accounts.write({"own": own_share(accounts)})
    apply_all(settings, targets=("producer/*",))
    app.apply(settings, app.Options(targets=("producer/*",)))
    if ended == "rejected":
        reject(accounts)
    accounts.box.clock.advance(HALF_A_DAY)

    blockers = app.plan(settings).plan.blockers
    for blocker in blockers:
        app.destroy(settings, app.Options(targets_in(blocker.way_out)), confirm=lambda _plan: True)
    apply_all(settings)

    assert len(blockers) == 2
    assert all(f"is {ended}" in blocker.reason and "revoked" in blocker.way_out for blocker in blockers)
    assert not app.plan(settings).plan.has_changes


def reject(accounts: Accounts) -> None:
    ram = accounts.client("ram")
    for invitation in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        ram.reject_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])


def targets_in(way_out: str) -> tuple[str, ...]:
    """Read the targets of the command that a way out shows."""
    found = tuple(part.split("'")[0] for part in way_out.split("--target '")[1:])
    assert found
    return found


# IAM


def test_a_role_moves_to_another_path(accounts: Accounts) -> None:
    """A role of ours whose path changes is made anew with its policy, in one apply."""
    share = accounts.share("users")
    apply_all(accounts.write({"s": share}))
    share["readers"] = [{"role": READER, "create": {**CREATE, "path": "/team/"}}]
    settings = accounts.write({"s": share})

    apply_all(settings)

    iam = accounts.client("iam")
    assert iam.get_role(RoleName=READER)["Role"]["Path"] == "/team/"
    assert iam.list_role_policies(RoleName=READER)["PolicyNames"] == ["lakeshare-connect-analytics"]
    assert steps(app.plan(settings).plan) == []


def test_others_policies_keep_a_role_where_it_is(accounts: Accounts) -> None:
    """An inline policy of somebody else's is not taken off a role that should move; the failure says what to do."""
    share = accounts.share("users")
    apply_all(accounts.write({"s": share}))
    iam = accounts.client("iam")
    allow = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    theirs = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_role_policy(RoleName=READER, PolicyName="theirs", PolicyDocument=theirs)
    share["readers"] = [{"role": READER, "create": {**CREATE, "path": "/team/"}}]

    applied = app.apply(accounts.write({"s": share}))

    failed = {outcome.address: outcome.error for outcome in applied.failures}
    error = failed[f"consumer/global/role:{READER}"]
    assert error is not None
    assert "somebody attached policies" in str(error.hint)
    assert "theirs" in iam.list_role_policies(RoleName=READER)["PolicyNames"]


def test_another_external_id_in_the_proof_trust_is_told_as_that(accounts: Accounts) -> None:
    """When the spec's ExternalId and the one in a role's trust are all that differs, the plan says so, and ways out."""
    let_anybody_operate(accounts)
    consumer = {"id": CONSUMER, "region": REGION, "role": "operator-without-secret", "external_id": "${OF_TODAY}"}
    accounts.environ["OF_TODAY"] = "the-id-of-one-day"
    settings = accounts.write({"s": accounts.share("users")}, consumer=consumer)
    apply_all(settings)
    shutil.rmtree(accounts.folder / ".lakeshare")
    accounts.environ["OF_TODAY"] = "the-id-of-another"

    blockers = {item.address: item for item in app.plan(settings).plan.blockers}

    told = blockers[f"consumer/global/role:{READER}"]
    assert "asks for another ExternalId than is known here" in told.reason
    assert "external_id" in told.way_out


def let_anybody_operate(accounts: Accounts) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{BASE}:user/administrator"},
        "Action": "sts:AssumeRole",
    }
    iam = accounts.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName="operator-without-secret", AssumeRolePolicyDocument=trust)
    iam.attach_role_policy(RoleName="operator-without-secret", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


# Reading only


def test_looking_leaves_the_ledger_as_it_was(accounts: Accounts) -> None:
    """Neither plan, verify nor query writes to the ledger's file or adds to its history."""
    settings = accounts.write({"s": accounts.share("users")})
    apply_all(settings)
    path = accounts.folder / ".lakeshare/connect-analytics.db"
    before = path.read_bytes()

    app.plan(settings)
    app.verify(settings)
    app.query(settings, READER, "SELECT 1 FROM users_link LIMIT 1")

    assert path.read_bytes() == before
    with open_ledger(None, accounts.folder, "connect-analytics", create=False) as ledger:
        assert [run.command for run in ledger.history()] == ["apply"]


def test_a_denial_on_a_link_that_is_not_there_is_not_proved(accounts: Accounts) -> None:
    """Before anything is made, an evaluated denial shows nothing: it says that the link is missing."""
    readers = [{"role": READER, "create": CREATE, "prove_by": "evaluation", "tables": ["users"]}]
    settings = accounts.write({"s": accounts.share("users", "contact_record", readers=readers)})

    proofs = {proof.table: proof for proof in app.verify(settings).proofs}

    assert (proofs["contact_record"].expect, proofs["contact_record"].status) == ("deny", "not-proved")
    assert "contact_record_link is not there" in str(proofs["contact_record"].error)


def signed_in(endpoint_url: str, access: AccountAccess, keys: dict[str, str] | None = None) -> Aws:
    """Return the account *access*, called at *endpoint_url* with static keys."""

    def static(_access: AccountAccess) -> Credentials:
        return Credentials(**(keys or {"access_key": "AKIABASE", "secret_key": "x"}))

    return Aws(
        {access.alias: access},
        run_id="20260101T000000-abcd",
        pace=Pace(Quotas().rate),
        endpoint_url=endpoint_url,
        credentials=static,
    )
