"""Policies are checked before they are sent: what blocks, what is told, what AWS itself says of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshare import app
from lakeshare.access.policies import findings_for
from lakeshare.app.workspace import opened
from lakeshare.catalogue.iam_names import IamNames
from lakeshare.errors import BlockedError
from lakeshare.planning.policy_checks import Document, Finding, judge
from tests.functional.accounts import BASE, CONSUMER, OPERATOR, PRODUCER, READER, SECRET, Accounts, apply_all
from tests.functional.command_line import Desk

STRANGER = "444444444444"
ROOT = f"arn:aws:iam::{STRANGER}:root"
GUARDED = {"StringEquals": {"sts:ExternalId": SECRET}}


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The command line in front of the accounts."""
    monkeypatch.setenv("EXTERNAL_ID", SECRET)
    return Desk(accounts, monkeypatch)


def trust_of(principal: Any, condition: Any = None) -> dict[str, Any]:
    """Return a trust policy of one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **({"Condition": condition} if condition else {})}]}


def make_reader(accounts: Accounts, trust: dict[str, Any]) -> app.Settings:
    """Make a role of the consumer's own, and a spec in which it reads."""
    iam = accounts.client("iam")
    iam.create_role(RoleName="analyst", AssumeRolePolicyDocument=json.dumps(trust))
    return accounts.write({"s": accounts.share("contact_record", readers=[{"role": "analyst"}])})


def found(settings: app.Settings) -> dict[str, Finding]:
    """Return the findings of a plan by id."""
    return {finding.id: finding for finding in app.plan(settings).plan.findings}


def validations(accounts: Accounts) -> dict[str, int]:
    """Count the calls of ValidatePolicy by account."""
    calls = accounts.asked("calls")
    return {
        account: sum(counts.get("access-analyzer:ValidatePolicy", {}).values()) for account, counts in calls.items()
    }


def test_a_reader_that_trusts_a_bare_root_of_another_account_blocks(accounts: Accounts) -> None:
    """Nothing is written while the reader's live trust is open to another account as a whole."""
    settings = make_reader(accounts, trust_of({"AWS": ROOT}))
    before = accounts.everything()

    with pytest.raises(BlockedError) as stopped:
        apply_all(settings)

    assert accounts.everything() == before
    assert f"account {STRANGER}" in str(stopped.value)
    (blocker,) = app.plan(settings).plan.blockers
    assert blocker.address == "consumer/global/role:analyst"
    assert "sts:ExternalId" in blocker.way_out


def test_an_external_id_is_enough(accounts: Accounts) -> None:
    """The same trust with an ExternalId is told as a note, without the secret, and the apply goes through."""
    settings = make_reader(accounts, trust_of({"AWS": ROOT}, GUARDED))

    planned = app.plan(settings).plan

    assert not planned.blockers
    notes = {finding.id: finding for finding in planned.findings}
    assert notes["trust.account-root"].severity == "note"
    assert SECRET not in repr(planned.findings)
    apply_all(settings)


def test_the_operators_own_trust_blocks_too(accounts: Accounts) -> None:
    """A bare root in the trust of the operator's role is in the way, be the role one that lakeshare did not make."""
    settings = accounts.write({"s": accounts.share("contact_record")})
    iam = accounts.client("iam", PRODUCER)
    trust = iam.get_role(RoleName=OPERATOR)["Role"]["AssumeRolePolicyDocument"]
    opened = {**trust, "Statement": [*trust["Statement"], *trust_of({"AWS": BASE})["Statement"]]}
    iam.update_assume_role_policy(RoleName=OPERATOR, PolicyDocument=json.dumps(opened))

    (blocker,) = app.plan(settings).plan.blockers

    assert blocker.address == f"producer/global/role:{OPERATOR}"
    assert "Statement[1]" in blocker.reason


def test_what_only_a_policy_puts_in_the_way_is_no_drift(accounts: Accounts) -> None:
    """Trust in too many people is no difference from the spec."""
    settings = make_reader(accounts, trust_of({"Service": "lambda.amazonaws.com"}))
    apply_all(settings)
    accounts.client("iam").update_assume_role_policy(
        RoleName="analyst", PolicyDocument=json.dumps(trust_of({"AWS": ROOT}))
    )

    assert not app.drift(settings).has_changes
    assert app.plan(settings).plan.blockers


def test_a_trust_that_the_plan_mends_does_not_block_the_mending(accounts: Accounts) -> None:
    """A stranger's root in the trust of a role of ours is taken out by the next apply, which it must not stop."""
    settings = accounts.write({"s": accounts.share("contact_record")})
    apply_all(settings)
    iam = accounts.client("iam")
    trust = iam.get_role(RoleName=READER)["Role"]["AssumeRolePolicyDocument"]
    opened = {**trust, "Statement": [*trust["Statement"], *trust_of({"AWS": ROOT})["Statement"]]}
    iam.update_assume_role_policy(RoleName=READER, PolicyDocument=json.dumps(opened))

    planned = app.plan(settings).plan

    assert [step.address for step in planned.steps] == [f"consumer/global/role:{READER}"]
    assert not planned.blockers


def test_all_but_bare_roots_is_told_and_lets_the_apply_go_on(accounts: Accounts) -> None:
    """A reader that everybody may be, and that may do everything, is told of with its statements; nothing stops."""
    settings = make_reader(accounts, trust_of("*"))
    accounts.client("iam").put_role_policy(
        RoleName="analyst",
        PolicyName="wide",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {"Effect": "Allow", "Action": ["iam:PassRole", "glue:GetTabel", "s3:*"], "Resource": "*"},
            }
        ),
    )

    told = found(settings)

    assert {"trust.anyone", "grant.pass-any-role", "grant.whole-service", "name.action"} <= set(told)
    assert told["name.action"].address == "consumer/global/policy:analyst/wide"
    assert told["name.action"].statement is not None
    apply_all(settings)


def test_what_lakeshare_makes_has_no_warning(accounts: Accounts) -> None:
    """Neither our own checks nor Access Analyzer find more to say of a new reader's policies than notes."""
    settings = accounts.write({"s": accounts.share("contact_record", "users")})

    planned = app.plan(settings).plan

    assert {finding.severity for finding in planned.findings} <= {"note"}
    assert not [finding for finding in planned.findings if finding.id.startswith(("analyzer.", "unchecked."))]


def test_only_what_is_about_to_be_sent_is_validated(accounts: Accounts) -> None:
    """Access Analyzer is asked of each new document, and of nothing once all is in place."""
    settings = accounts.write({"s": accounts.share("contact_record")})
    app.plan(settings)
    asked = validations(accounts)
    apply_all(settings)
    before = validations(accounts)

    app.plan(settings)

    assert asked == {CONSUMER: 2} | dict.fromkeys(asked.keys() - {CONSUMER}, 0)
    assert validations(accounts) == before


@pytest.mark.parametrize("error", ["AccessDeniedException", "InternalServerException", "kill_before"])
def test_without_access_analyzer_a_note_says_so(accounts: Accounts, error: str) -> None:
    """Refused, broken or out of reach: the plan is made, and says that the service's own word is missing."""
    settings = accounts.write({"s": accounts.share("contact_record")})
    fault = {"operation": "access-analyzer:ValidatePolicy", "nth": 1, "error": error}
    accounts.control("faults", [fault])

    told = found(settings)

    assert told["unchecked.analyzer"].severity == "note"
    assert told["unchecked.analyzer"].address == "consumer/global"
    assert validations(accounts)[CONSUMER] == 2  # the trust and the policy, neither a second time


def test_a_boundary_that_does_not_exist_is_found(accounts: Accounts) -> None:
    """A managed policy that AWS does not have is named before the role that is to have it is made."""
    missing = "arn:aws:iam::aws:policy/service-role/AWSLakeFormationDataAccess"
    create = {"service": "lambda.amazonaws.com", "permissions_boundary": missing}
    settings = accounts.write({"s": accounts.share("contact_record", readers=[{"role": READER, "create": create}])})

    finding = found(settings)["name.managed-policy"]

    assert missing in finding.message
    assert finding.address == f"consumer/global/role:{READER}"
    create["permissions_boundary"] = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    right = accounts.write({"s": accounts.share("contact_record", readers=[{"role": READER, "create": create}])})
    assert "name.managed-policy" not in found(right)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Principal": {"AWS": "*"}}, "grammar.principal-in-identity-policy"),
        ({"Effect": "Permit"}, "grammar.effect"),
        ({"Action": "GetTable"}, "grammar.action-form"),
        ({"Resource": "my-bucket"}, "grammar.resource-form"),
    ],
)
def test_what_iam_refuses_is_found_before_it_is_sent(
    accounts: Accounts, statement: dict[str, Any], expected: str
) -> None:
    """PutRolePolicy refuses what has an error of grammar, and takes the same policy without it."""
    right = {"Effect": "Allow", "Action": "glue:GetTable", "Resource": "*"}
    iam = accounts.client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust_of({"Service": "ec2.amazonaws.com"})))

    def put(content: dict[str, Any]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": [content]})
        iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document)

    def ids(content: dict[str, Any]) -> set[str]:
        document = Document("identity", CONSUMER, {"Version": "2012-10-17", "Statement": [content]})
        return {finding.id for finding in judge(document, "a", IamNames())}

    assert expected in ids({**right, **statement})
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        put({**right, **statement})
    assert expected not in ids(right)
    put(right)


def test_findings_are_shown_and_in_json(desk: Desk) -> None:
    """The plan names the id, the place and the mend, once for what is alike; JSON has every member of each finding."""
    make_reader(desk.accounts, trust_of({"AWS": f"arn:aws:iam::{STRANGER}:user/administrator"}))

    text = desk("plan")
    document = desk("plan", "--json").document

    assert "trust.cross-account" in text.out
    assert "mend: add a condition on sts:ExternalId" in text.out
    finding = next(one for one in document["findings"] if one["id"] == "trust.cross-account")
    assert finding["address"] == "consumer/global/role:analyst"
    assert finding["where"] == "Statement[0].Principal.AWS"
    assert finding["severity"] == "warning"
    assert finding["blocks"] is False
    assert finding["statement"]["Principal"] == {"AWS": f"arn:aws:iam::{STRANGER}:user/administrator"}
    assert finding["mend"]
    assert finding["source"].startswith("https://")


def test_a_thorough_look_takes_in_the_operators_own_policies(accounts: Accounts) -> None:
    """What a doctor asks for: the operator's inline policies are judged too, and what may not be read is a note."""
    settings = accounts.write({"s": accounts.share("contact_record")})
    wide = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}
    iam = accounts.client("iam", PRODUCER)
    iam.put_role_policy(RoleName=OPERATOR, PolicyName="wide", PolicyDocument=json.dumps(wide))
    refused = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "iam:List*", "Resource": "*"}}
    accounts.client("iam").put_role_policy(RoleName=OPERATOR, PolicyName="no-lists", PolicyDocument=json.dumps(refused))

    def look(*, is_thorough: bool) -> set[tuple[str, str]]:
        with opened(settings, "plan", writes=False) as space:
            told = findings_for(space.run, space.spec, {}, {}, (), is_thorough=is_thorough)
        return {(finding.id, finding.address) for finding in told}

    assert look(is_thorough=False) == set()
    assert look(is_thorough=True) == {
        ("grant.whole-service", f"producer/global/policy:{OPERATOR}/wide"),
        ("unchecked.policy", f"consumer/global/role:{OPERATOR}"),
    }


def complete_reader(accounts: Accounts, reader: dict[str, Any]) -> app.Settings:
    """Write a spec in which the consumer's own role reads, completed or not."""
    return accounts.write({"s": accounts.share("contact_record", readers=[{"role": "analyst", **reader}])})


def trust_now(accounts: Accounts) -> dict[str, Any]:
    """Return the live trust of that role."""
    document: dict[str, Any] = accounts.client("iam").get_role(RoleName="analyst")["Role"]["AssumeRolePolicyDocument"]
    return document


def open_ours(accounts: Accounts, *beside: dict[str, Any]) -> None:
    """Have somebody open our statement in that role to a stranger's root, and put others *beside* it."""
    document = trust_now(accounts)
    opened = [
        trust_of({"AWS": ROOT})["Statement"][0] | {"Sid": one["Sid"]} if "Proof" in one.get("Sid", "") else one
        for one in document["Statement"]
    ]
    accounts.client("iam").update_assume_role_policy(
        RoleName="analyst", PolicyDocument=json.dumps({**document, "Statement": [*opened, *beside]})
    )


@pytest.fixture
def completed(accounts: Accounts) -> Accounts:
    """A role of the consumer's own, with a statement of theirs, which lakeshare has completed."""
    make_reader(accounts, trust_of({"Service": "ec2.amazonaws.com"}))
    apply_all(complete_reader(accounts, {"complete": True}))
    return accounts


def test_a_statement_of_ours_in_their_role_that_the_plan_mends_does_not_block(completed: Accounts) -> None:
    """A stranger's root under our Sid is written over by the next apply."""
    before = trust_now(completed)
    open_ours(completed)
    settings = complete_reader(completed, {"complete": True})

    planned = app.plan(settings).plan
    apply_all(settings)

    assert [(step.action, step.kind) for step in planned.steps] == [("update", "iam_trust")]
    assert not planned.blockers
    assert trust_now(completed) == before


def test_a_statement_of_ours_that_the_plan_takes_out_does_not_block(completed: Accounts) -> None:
    """The same where the reader is not to be completed any more."""
    open_ours(completed)
    settings = complete_reader(completed, {})

    planned = app.plan(settings).plan
    apply_all(settings)

    assert ("delete", "iam_trust") in [(step.action, step.kind) for step in planned.steps]
    assert not planned.blockers
    assert [one["Principal"] for one in trust_now(completed)["Statement"]] == [{"Service": "ec2.amazonaws.com"}]


def test_a_strangers_statement_beside_ours_blocks_all_the_same(completed: Accounts) -> None:
    """The plan mends its own statement alone, and the finding has the number that the other has."""
    open_ours(completed, *trust_of({"AWS": ROOT})["Statement"])

    planned = app.plan(complete_reader(completed, {"complete": True})).plan

    (blocker,) = planned.blockers
    assert blocker.address == "consumer/global/role:analyst"
    assert "Statement[2].Principal.AWS" in blocker.reason


def test_what_iam_would_not_let_go_is_judged(completed: Accounts) -> None:
    """Our statement stays where it is the last one, so that it is open is in the way of taking it out."""
    open_ours(completed)
    ours = [one for one in trust_now(completed)["Statement"] if "Proof" in one.get("Sid", "")]
    completed.client("iam").update_assume_role_policy(
        RoleName="analyst", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": ours})
    )

    assert [one.address for one in app.plan(complete_reader(completed, {})).plan.blockers] == [
        "consumer/global/role:analyst"
    ]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalAccount": STRANGER}},
        {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{STRANGER}:*"}},
    ],
)
def test_everybody_of_one_account_is_let_in_by_iam_and_blocks(accounts: Accounts, condition: dict[str, Any]) -> None:
    """What IAM lets in without a secret, be it written as everybody on a condition, is a bare root."""
    settings = make_reader(accounts, trust_of({"AWS": "*"}, condition))
    sts = accounts.client("sts", STRANGER)

    assert sts.assume_role(RoleArn=f"arn:aws:iam::{CONSUMER}:role/analyst", RoleSessionName="stranger")["Credentials"]
    (blocker,) = app.plan(settings).plan.blockers
    assert f"account {STRANGER}" in blocker.reason
