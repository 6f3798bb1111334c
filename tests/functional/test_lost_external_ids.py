"""Made-up ExternalIds that were lost: read back from live trust policies, kept again, and shown to nobody."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from lakeshare import app
from lakeshare.resources.iam_role import digest_of
from tests.functional.accounts import (
    BASE,
    CONSUMER,
    OPERATOR,
    PRODUCER,
    READER,
    REGION,
    Accounts,
    apply_all,
    destroy_all,
    steps,
)
from tests.functional.command_line import lakeshare

ROLE = f"consumer/global/role:{READER}"


@pytest.fixture
def open_operators(accounts: Accounts) -> Accounts:
    """Operators whose trust asks for no ExternalId, so that the spec need not name one."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{BASE}:user/administrator"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    for account in (PRODUCER, CONSUMER):
        accounts.client("iam", account).update_assume_role_policy(RoleName=OPERATOR, PolicyDocument=trust)
    return accounts


def write(accounts: Accounts, **changes: Any) -> app.Settings:
    """Write a spec without an ExternalId."""
    settings = accounts.write({"s": accounts.share("users", **changes)})
    path = settings.spec_path
    path.write_text("\n".join(line for line in path.read_text().splitlines() if "external_id" not in line) + "\n")
    return settings


def live_id(accounts: Accounts, role: str = READER) -> str:
    """Return the ExternalId of the one statement of *role*'s trust policy that asks for one."""
    document = accounts.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    (found,) = [
        one["Condition"]["StringEquals"]["sts:ExternalId"] for one in document["Statement"] if "Condition" in one
    ]
    return str(found)


def lose(accounts: Accounts, pattern: str) -> None:
    """Lose files of the .lakeshare folder."""
    for file in (accounts.folder / ".lakeshare").glob(pattern):
        file.unlink()


def ids_file(accounts: Accounts) -> Path:
    """Return the file of made-up ExternalIds."""
    return accounts.folder / ".lakeshare" / "connect-analytics.external-ids"


@pytest.mark.parametrize("lost", ["*.external-ids", "*"])
def test_a_lost_id_is_read_back_and_kept_again(open_operators: Accounts, lost: str) -> None:
    """With or without the ledger nothing is to do, proofs work at once, and an apply keeps the id, mode 0600."""
    settings = write(open_operators, prove_denial=True)
    apply_all(settings)
    secret, kept = live_id(open_operators), ids_file(open_operators).read_text()
    lose(open_operators, lost)

    planned, proofs = app.plan(settings).plan, app.verify(settings)
    nothing_written = not ids_file(open_operators).exists()
    apply_all(settings)

    assert (steps(planned), planned.blockers, proofs.failed) == ([], (), ())
    assert all(proof.method == "query" for proof in proofs.proofs)
    assert nothing_written
    assert ids_file(open_operators).read_text() == kept
    assert stat.S_IMODE(ids_file(open_operators).stat().st_mode) == 0o600
    assert live_id(open_operators) == secret


def test_it_is_shown_as_a_digest_alone(open_operators: Accounts) -> None:
    """Plan, plan file, JSON, ledger and logs tell of it, and none of them has it."""
    settings = write(open_operators)
    apply_all(settings)
    secret = live_id(open_operators)
    lose(open_operators, "*.external-ids")
    flags = ("-f", str(settings.spec_path), "--endpoint-url", str(settings.endpoint_url))
    log, plan_file = open_operators.folder / "log", open_operators.folder / "plan.json"

    ran = [
        lakeshare("plan", *flags),
        lakeshare("plan", "--json", "-o", str(plan_file), *flags),
        lakeshare("apply", "--auto-approve", "-vv", "--log-file", str(log), *flags),
        lakeshare("state", "show", ROLE, "--json", *flags),
    ]

    texts = [stream for each in ran for stream in (each.out, each.err)]
    files = [path for path in open_operators.folder.rglob("*") if path.is_file() and path != ids_file(open_operators)]
    assert {each.code for each in ran} == {0}
    assert digest_of(secret) in " ".join(ran[0].out.split())
    assert not any(secret in text for text in texts)
    assert plan_file in files
    assert not any(secret.encode() in path.read_bytes() for path in files)


def test_a_completed_role_gives_it_back_too(open_operators: Accounts) -> None:
    """The statement of ours in somebody else's role is enough to find the id."""
    iam = open_operators.client("iam")
    theirs = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": theirs})
    iam.create_role(RoleName="reporting", AssumeRolePolicyDocument=document)
    settings = write(open_operators, readers=[{"role": "reporting", "complete": True}])
    apply_all(settings)
    lose(open_operators, "*")

    planned, proofs = app.plan(settings).plan, app.verify(settings)

    assert (steps(planned), planned.blockers, proofs.failed) == ([], (), ())
    assert any("reporting" in note and "read back" in note for note in planned.notes)


def test_an_id_that_somebody_else_wrote_is_not_taken(open_operators: Accounts) -> None:
    """The ledger knows the digest: another id in the trust policy is drift, and is written over."""
    settings = write(open_operators)
    apply_all(settings)
    iam = open_operators.client("iam")
    document = iam.get_role(RoleName=READER)["Role"]["AssumeRolePolicyDocument"]
    document["Statement"][-1]["Condition"]["StringEquals"]["sts:ExternalId"] = "known-to-a-stranger"
    iam.update_assume_role_policy(RoleName=READER, PolicyDocument=json.dumps(document))
    lose(open_operators, "*.external-ids")

    planned = app.plan(settings).plan
    apply_all(settings)
    proofs = app.verify(settings)

    assert steps(planned) == [("update", ROLE)]
    assert live_id(open_operators) != "known-to-a-stranger"
    assert proofs.failed == ()


def test_a_role_that_lets_others_in_gives_nothing(open_operators: Accounts) -> None:
    """Without the ledger only a role that is as we would make it counts: here a stranger may assume it as well."""
    settings = write(open_operators)
    apply_all(settings)
    iam = open_operators.client("iam")
    document = iam.get_role(RoleName=READER)["Role"]["AssumeRolePolicyDocument"]
    stranger = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:root"}, "Action": "sts:AssumeRole"}
    document["Statement"].append(stranger)
    iam.update_assume_role_policy(RoleName=READER, PolicyDocument=json.dumps(document))
    lose(open_operators, "*")

    blockers = app.plan(settings).plan.blockers

    assert [item.address for item in blockers] == [ROLE]
    assert "others may assume it too" in blockers[0].reason


def test_after_reading_back_all_can_be_adopted(open_operators: Accounts) -> None:
    """With the folder gone, adopting takes everything over whole, and destroy leaves nothing of ours."""
    before = open_operators.everything()
    settings = write(open_operators)
    apply_all(settings)
    lose(open_operators, "*")

    taken = app.adopt(settings, ["*"])
    destroy_all(settings)

    assert taken.left == ()
    assert all(item.is_whole for item in taken.taken)
    assert open_operators.everything() == before


def test_a_lost_parameter_is_filled_again(open_operators: Accounts) -> None:
    """Where an SSM parameter keeps the id, that gets it back, and no file does."""
    name = "/lakeshare/consumer"
    consumer = {"id": CONSUMER, "region": REGION, "role": OPERATOR, "external_id_parameter": name}
    settings = open_operators.write({"s": open_operators.share("users")}, consumer=consumer)
    apply_all(settings)
    ssm, secret = open_operators.client("ssm", BASE), live_id(open_operators)
    ssm.delete_parameter(Name=name)

    planned = app.plan(settings).plan
    apply_all(settings)

    assert steps(planned) == []
    assert ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] == secret
    assert live_id(open_operators) == secret
    assert not ids_file(open_operators).exists()
