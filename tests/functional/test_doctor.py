"""What doctor says of accounts in a bad state, of those that only look like it, and of those that are well."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lakeshare import app
from lakeshare.access.doctor import Checked
from lakeshare.errors import BlockedError
from lakeshare.sandbox.services.service_quotas import AppliedQuotas
from tests.functional.accounts import BASE, CONSUMER, OPERATOR, PRODUCER, READER, SECRET, Accounts, apply_all
from tests.functional.own_tables import DATABASE, make_own_tables
from tests.functional.own_tables import share as own_share
from tests.functional.rights import Asked, actions, allow_least
from tests.functional.test_few_calls import counted, forget


def found(settings: app.Settings, check: str, account: str) -> list[Checked]:
    """Return what doctor says of *account* under the id *check*, parts included."""
    return [
        item for item in app.doctor(settings).checks if item.account == account and item.id.partition(".")[0] == check
    ]


def statuses(settings: app.Settings, check: str, account: str) -> list[str]:
    """Return how bad it is, the ok ones left out."""
    return [item.status for item in found(settings, check, account) if item.status != "ok"]


def mend(item: Checked) -> str:
    """Return what mends it."""
    return item.finding.fix or ""


def connect(accounts: Accounts) -> app.Settings:
    """Write a spec that shares Connect's lake."""
    return accounts.write({"contact-centre": accounts.share("contact_record", "users")})


def administer(accounts: Accounts, account: str, *principals: str, key: str = "DataLakeAdmins") -> None:
    """Make *principals* administrators of Lake Formation in *account*, whoever they are."""
    lake = accounts.client("lakeformation", account)
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    rows = [*settings[key], *({"DataLakePrincipalIdentifier": arn} for arn in principals)]
    lake.put_data_lake_settings(DataLakeSettings={**settings, key: rows})


def make_role(accounts: Accounts, account: str, name: str, **more: Any) -> str:
    """Make a role that Lambda assumes; returns its ARN."""
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},'
        ' "Action": "sts:AssumeRole"}]}'
    )
    more = {"AssumeRolePolicyDocument": trust, **more}
    arn: str = accounts.client("iam", account).create_role(RoleName=name, **more)["Role"]["Arn"]
    return arn


def test_a_dead_administrator_blocks(accounts: Accounts) -> None:
    """An entry whose role was deleted is named, with the command that takes it out; a living one is not."""
    gone, stays = (make_role(accounts, CONSUMER, name) for name in ("gone", "stays"))
    administer(accounts, CONSUMER, gone, stays)
    accounts.client("iam").delete_role(RoleName="gone")

    told = found(connect(accounts), "administrators", "consumer")

    (dead,) = [item for item in told if item.status != "ok"]
    assert (dead.status, dead.id) == ("blocker", "administrators.dead")
    assert gone in dead.finding.saw
    assert stays not in dead.finding.saw
    assert f"--remove-administrator {gone}" in mend(dead)


def test_the_wrong_account_blocks_and_hides_nothing_of_the_others(accounts: Accounts) -> None:
    """Both accounts are named where credentials lead elsewhere; the other account is looked at all the same."""
    settings = accounts.write(
        {"contact-centre": accounts.share("users")},
        consumer={"id": CONSUMER, "region": "ap-southeast-2"},
    )

    examined = app.doctor(settings)

    (wrong,) = [item for item in examined.checks if item.account == "consumer"]
    assert (wrong.id, wrong.status) == ("identity", "blocker")
    assert CONSUMER in wrong.finding.saw
    assert BASE in wrong.finding.saw
    (right,) = [item for item in examined.checks if (item.account, item.id) == ("producer", "identity")]
    assert (right.status, right.finding.saw) == ("ok", f"arn:aws:iam::{PRODUCER}:role/{OPERATOR} in account {PRODUCER}")
    assert len({item.id for item in examined.checks if item.account == "producer"}) > 3


def test_a_missing_external_id_blocks(accounts: Accounts) -> None:
    """Where the role may not be assumed without one, the spec's line that is missing is named; no secret is shown."""
    operator = {"id": CONSUMER, "region": "ap-southeast-2", "role": OPERATOR}
    share = {"contact-centre": accounts.share("users")}

    (missing,) = found(accounts.write(share, consumer=operator), "identity", "consumer")
    (wrong,) = found(
        accounts.write(share, consumer={**operator, "external_id": "not-that-one"}), "identity", "consumer"
    )

    assert (missing.status, wrong.status) == ("blocker", "blocker")
    assert "accounts.consumer.external_id" in mend(missing)
    assert "sha256:" in mend(wrong)
    assert "not-that-one" not in str(wrong)
    assert SECRET not in str((missing, wrong))


def test_a_healthy_world_is_all_ok(accounts: Accounts) -> None:
    """Before and after an apply nothing blocks."""
    settings = connect(accounts)

    before = app.doctor(settings)
    apply_all(settings)
    after = app.doctor(settings)

    assert {item.status for item in (*before.checks, *after.checks)} == {"ok"}


def trust(*principals: str, condition: dict[str, Any] | None = None) -> str:
    """Return a trust policy in *principals*."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
    )


ELSEWHERE = "arn:aws:iam::444444444444:root"
ORGANISATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}
EXTERNAL_ID = {"StringEquals": {"sts:ExternalId": SECRET}}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (trust(ELSEWHERE), "blocker"),
        (trust("*"), "warning"),
        (trust(ELSEWHERE, condition={"StringEqualsIfExists": {"sts:ExternalId": SECRET}}), "blocker"),
        (trust(f"arn:aws:iam::{BASE}:user/administrator"), "warning"),
        (trust(ELSEWHERE, condition=EXTERNAL_ID), None),
        (trust(ELSEWHERE, condition=ORGANISATION), None),
        (trust(f"arn:aws:iam::{CONSUMER}:root"), None),
    ],
    ids=["bare root", "everybody", "id only if given", "no id", "root and id", "root and organisation", "own root"],
)
def test_trust_of_a_readers_role(accounts: Accounts, document: str, expected: str | None) -> None:
    """The whole of another account without a condition blocks; a foreign principal without an ExternalId is told."""
    make_role(accounts, CONSUMER, "analyst", AssumeRolePolicyDocument=document)
    settings = accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})

    told = statuses(settings, "trust", "consumer")

    assert told == ([expected] if expected else [])


def test_a_bare_root_in_the_operators_trust_blocks(accounts: Accounts) -> None:
    """The operator's own role is looked at as readers' are; no ExternalId of its trust is shown."""
    document = json.loads(trust(f"arn:aws:iam::{BASE}:user/administrator", condition=EXTERNAL_ID))
    document["Statement"].append(json.loads(trust(ELSEWHERE))["Statement"][0])
    iam = accounts.client("iam", PRODUCER)
    iam.update_assume_role_policy(RoleName=OPERATOR, PolicyDocument=json.dumps(document))
    settings = connect(accounts)

    (bare,) = [item for item in found(settings, "trust", "producer") if item.status != "ok"]

    assert (bare.id, bare.status) == ("trust.cross-account-root", "blocker")
    assert OPERATOR in bare.finding.saw
    assert "444444444444" in bare.finding.saw
    assert SECRET not in str(bare)
    assert statuses(settings, "trust", "consumer") == []


def associated(accounts: Accounts, *tables: str) -> None:
    """Associate *tables* as somebody else would."""
    accounts.client("connect", PRODUCER).batch_associate_analytics_data_set(
        InstanceId=accounts.instance, DataSetIds=list(tables), TargetAccountId=CONSUMER
    )


def test_an_invitation_that_waits_is_told_with_its_end(accounts: Accounts) -> None:
    """Until when it can be accepted, and by what; one to a share of another spec's is not told."""
    settings = connect(accounts)
    apply_all(settings, targets=("producer/*",))

    (waiting,) = [item for item in found(settings, "invitations", "consumer") if item.status != "ok"]

    assert (waiting.id, waiting.status) == ("invitations.pending", "warning")
    assert "UTC" in waiting.finding.saw
    assert "contact_record, users" in waiting.finding.saw
    assert "accept-resource-share-invitation" in mend(waiting)
    other = accounts.write({"s": accounts.share("agent_event")})
    assert statuses(other, "invitations", "consumer") == []


def test_an_expired_invitation_is_told(accounts: Accounts) -> None:
    """Where an apply makes the share anew it is a warning; where that takes a person's word it blocks."""
    associated(accounts, "users", "agent_event")
    settings = accounts.write({"s": accounts.share("users")})
    accounts.box.clock.advance(12 * 3600 + 1)

    (theirs,) = [item for item in found(settings, "invitations", "consumer") if item.status != "ok"]
    accounts.client("connect", PRODUCER).disassociate_analytics_data_set(
        InstanceId=accounts.instance, DataSetId="agent_event", TargetAccountId=CONSUMER
    )
    (word,) = [item for item in found(settings, "invitations", "consumer") if item.status != "ok"]

    assert (theirs.id, theirs.status) == ("invitations.expired", "blocker")
    assert "agent_event" in theirs.finding.saw
    assert "--recover-share" in mend(word)


def test_an_expired_invitation_to_what_is_ours_is_a_warning(accounts: Accounts) -> None:
    """The next apply makes such a share anew by itself, and nothing blocks it."""
    settings = connect(accounts)
    apply_all(settings, targets=("producer/*",))
    accounts.box.clock.advance(12 * 3600 + 1)

    told = [item for item in app.doctor(settings).checks if item.status != "ok"]

    assert [(item.id, item.status) for item in told] == [("invitations.expired", "warning")]


def test_a_rejected_invitation_blocks(accounts: Accounts) -> None:
    """With the call that takes the data set off the share."""
    associated(accounts, "users")
    ram = accounts.client("ram")
    (invitation,) = ram.get_resource_share_invitations()["resourceShareInvitations"]
    ram.reject_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])

    (told,) = [
        item for item in app.doctor(accounts.write({"s": accounts.share("users")})).checks if item.status != "ok"
    ]

    assert (told.id, told.status) == ("invitations.rejected", "blocker")
    assert "disassociate-analytics-data-set" in mend(told)


def encrypt(accounts: Accounts, account: str, mode: str = "SSE-KMS", **more: Any) -> str:
    """Encrypt the catalog of *account* with a new key; returns the key's ARN."""
    key: str = accounts.client("kms", account).create_key(**more)["KeyMetadata"]["Arn"]
    at_rest = {"CatalogEncryptionMode": mode, "SseAwsKmsKeyId": key}
    if mode != "SSE-KMS":
        at_rest["CatalogEncryptionServiceRole"] = f"arn:aws:iam::{account}:role/catalog"
    accounts.client("glue", account).put_data_catalog_encryption_settings(
        DataCatalogEncryptionSettings={"EncryptionAtRest": at_rest}
    )
    return key


def key_policy(*principals: str, effect: str = "Allow") -> str:
    """Return a key policy for *principals*, beside one for an administrator."""
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:user/administrator"}, "Action": "kms:*"},
        {"Effect": effect, "Principal": {"AWS": list(principals)}, "Action": ["kms:Decrypt", "kms:Encrypt"]},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": [one | {"Resource": "*"} for one in statements]})


@pytest.mark.parametrize(("breaks", "mends"), [("disable", "enable-key"), ("delete", "cancel-key-deletion")])
def test_a_key_that_cannot_be_used_blocks(accounts: Accounts, breaks: str, mends: str) -> None:
    """A catalog whose key is disabled, or about to be deleted, with the command that brings it back."""
    key = encrypt(accounts, CONSUMER)
    kms = accounts.client("kms")
    _ = kms.disable_key(KeyId=key) if breaks == "disable" else kms.schedule_key_deletion(KeyId=key)

    (told,) = [item for item in found(connect(accounts), "encryption", "consumer") if item.status != "ok"]

    assert (told.id, told.status) == ("encryption.key", "blocker")
    assert key in told.finding.saw
    assert mends in mend(told)


def test_a_key_that_forbids_blocks(accounts: Accounts) -> None:
    """A key policy that leaves the operator and the readers out; no IAM policy helps against that."""
    reader = make_role(accounts, CONSUMER, "analyst")
    encrypt(accounts, CONSUMER, Policy=key_policy("arn:aws:iam::444444444444:root"))
    settings = accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})

    told = {item.id: item for item in found(settings, "encryption", "consumer") if item.status == "blocker"}

    assert set(told) == {"encryption.operator", "encryption.readers"}
    assert OPERATOR in mend(told["encryption.operator"])
    assert reader in told["encryption.readers"].finding.saw


def test_keys_that_all_may_use_are_well(accounts: Accounts) -> None:
    """A key policy that names them, or a service role that decrypts for everybody, is nothing to tell."""
    reader = make_role(accounts, CONSUMER, "analyst")
    settings = accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})

    encrypt(accounts, CONSUMER, Policy=key_policy(reader, f"arn:aws:iam::{CONSUMER}:role/{OPERATOR}"))
    named = statuses(settings, "encryption", "consumer")
    encrypt(accounts, CONSUMER, mode="SSE-KMS-WITH-SERVICE-ROLE", Policy=key_policy("arn:aws:iam::444444444444:root"))
    by_service_role = statuses(settings, "encryption", "consumer")

    assert (named, by_service_role) == ([], [])


def inline(accounts: Accounts, role: str, characters: int) -> None:
    """Give *role* inline policies of so many characters in all, white space not counted."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::" + "x" * 50]}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    bare = len(json.dumps(document, separators=(",", ":")))
    statement["Resource"] = ["arn:aws:s3:::" + "x" * (50 + characters - bare)]
    accounts.client("iam").put_role_policy(RoleName=role, PolicyName="theirs", PolicyDocument=json.dumps(document))


@pytest.mark.parametrize(("characters", "expected"), [(10_000, ["warning"]), (8_192, ["warning"]), (8_000, [])])
def test_full_inline_policies_are_told(accounts: Accounts, characters: int, expected: list[str]) -> None:
    """From four fifths of 10,240 characters on, of a role that lakeshare leaves alone."""
    make_role(accounts, CONSUMER, "analyst")
    inline(accounts, "analyst", characters)
    settings = accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})

    told = [item for item in found(settings, "room", "consumer") if item.status != "ok"]

    assert [item.status for item in told] == expected
    assert {item.id for item in told} <= {"room.inline-policies"}
    assert all(f"{characters:,} of 10,240" in item.finding.saw for item in told)


def test_a_policy_that_does_not_fit_any_more_blocks(accounts: Accounts) -> None:
    """Where lakeshare's own policy goes onto a role that others have filled meanwhile."""
    settings = full_role(accounts)

    (told,) = [item for item in app.doctor(settings).checks if item.status == "blocker"]

    assert told.id == "room.inline-policies"
    assert "delete-role-policy" in mend(told)


def test_a_full_trust_policy_is_told(accounts: Accounts) -> None:
    """From four fifths of what IAM itself says that it may have."""
    condition = {"StringEquals": {"sts:ExternalId": ["x" * 900, "y" * 900]}}
    document = trust(f"arn:aws:iam::{BASE}:user/administrator", condition=condition)
    make_role(accounts, CONSUMER, "analyst", AssumeRolePolicyDocument=document)
    settings = accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})

    (told,) = [item for item in found(settings, "quotas", "consumer") if item.status != "ok"]

    assert (told.id, told.status) == ("quotas.trust-policy", "warning")
    assert "of 2,048" in told.finding.saw


def test_what_service_quotas_says_counts(accounts: Accounts) -> None:
    """A quota that AWS tells of the account wins over our own table, with the plan's databases added."""
    settings = connect(accounts)
    raised = accounts.box.world.store(AppliedQuotas)
    raised.apply(CONSUMER, "glue", "Max databases per account", 1)
    at_its_end = [item.id for item in found(settings, "quotas", "consumer") if item.status == "warning"]
    raised.apply(CONSUMER, "glue", "Max databases per account", 0)
    (beyond,) = [item for item in found(settings, "quotas", "consumer") if item.status == "blocker"]

    assert at_its_end == ["quotas.databases"]
    assert beyond.id == "quotas.databases"
    assert "request-service-quota-increase" in mend(beyond)


def own(accounts: Accounts, version: str, *, keeps: bool = False) -> app.Settings:
    """Write a spec that shares tables of the producer's own, which shares at *version*; its operator administers."""
    make_own_tables(accounts)
    lake = accounts.client("lakeformation", PRODUCER)
    there = lake.get_data_lake_settings()["DataLakeSettings"]
    arns = [f"arn:aws:iam::{PRODUCER}:{name}" for name in (f"role/{OPERATOR}", "user/administrator")]
    rows = [{"DataLakePrincipalIdentifier": arn} for arn in arns]
    parameters = {**there.get("Parameters", {}), "CROSS_ACCOUNT_VERSION": version}
    lake.put_data_lake_settings(DataLakeSettings={**there, "DataLakeAdmins": rows, "Parameters": parameters})
    share = own_share(accounts)
    if keeps:
        share["from"]["catalog"]["iam_allowed_principals"] = "keep"
    return accounts.write({"own": share})


def open_to_iam(accounts: Accounts, table: str) -> None:
    """Let IAM alone decide about a table of the producer's."""
    accounts.client("lakeformation", PRODUCER).grant_permissions(
        Principal={"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
        Resource={"Table": {"DatabaseName": DATABASE, "Name": table}},
        Permissions=["ALL"],
    )


def test_own_tables_in_good_order_are_all_ok(accounts: Accounts) -> None:
    """Version 4, an administrator, tables that Lake Formation rules: nothing to tell, before and after an apply."""
    settings = own(accounts, "4")

    before = app.doctor(settings)
    apply_all(settings)
    after = app.doctor(settings)

    assert [item for item in (*before.checks, *after.checks) if item.status != "ok"] == []


def test_version_1_is_told_where_it_matters(accounts: Accounts) -> None:
    """Of a producer that shares its own tables, with the command; Connect's lake is shared by AWS's version."""
    settings = own(accounts, "1")

    (told,) = [item for item in found(settings, "sharing", "producer") if item.status != "ok"]

    assert (told.id, told.status) == ("sharing.version", "warning")
    assert "CROSS_ACCOUNT_VERSION" in mend(told)
    assert found(connect(accounts), "sharing", "consumer") == []


@pytest.mark.parametrize(
    ("version", "mind", "expected"), [("3", "keep", "blocker"), ("3", "close", "warning"), ("4", "keep", "warning")]
)
def test_shared_tables_open_to_iam_are_told(
    accounts: Accounts,
    version: str,
    mind: str,
    expected: str,
) -> None:
    """Kept open below version 4 they cannot be shared; an apply closes them otherwise. Others are not named."""
    settings = own(accounts, version, keeps=mind == "keep")
    open_to_iam(accounts, "contacts")

    told = [item for item in app.doctor(settings).checks if item.status != "ok"]

    assert [(item.id, item.status) for item in told] == [("sharing.open-tables", expected)]
    assert f"{DATABASE}.contacts" in told[0].finding.saw
    assert "queues" not in told[0].finding.saw
    assert "iam_allowed_principals: keep" in mend(told[0])


def put_catalog_policy(accounts: Accounts, *statements: dict[str, Any]) -> None:
    """Put a resource policy onto the producer's catalog."""
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    accounts.client("glue", PRODUCER).put_resource_policy(PolicyInJson=document, EnableHybrid="TRUE")


def of_ram(*paths: str) -> dict[str, Any]:
    """Let RAM share what *paths* name of the producer's catalog."""
    arns = [f"arn:aws:glue:ap-southeast-2:{PRODUCER}:{path}" for path in paths]
    ram = {"Service": "ram.amazonaws.com"}
    return {"Effect": "Allow", "Principal": ram, "Action": "glue:ShareResource", "Resource": arns}


ALL_OF_IT = ("catalog", "database/*", "table/*/*")
READS_SOMETHING = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:root"},
    "Action": "glue:GetTable",
    "Resource": f"arn:aws:glue:ap-southeast-2:{PRODUCER}:*",
}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([READS_SOMETHING], ["catalog-policy.ram"]),
        ([of_ram("catalog", "database/*")], ["catalog-policy.ram"]),
        ([READS_SOMETHING, of_ram(*ALL_OF_IT)], []),
        ([of_ram(*ALL_OF_IT), READS_SOMETHING | {"Effect": "Deny"}], ["catalog-policy.deny"]),
        (
            [of_ram(*ALL_OF_IT), READS_SOMETHING | {"Effect": "Deny", "Principal": {"AWS": ELSEWHERE}}],
            [],
        ),
    ],
    ids=["without RAM", "without tables", "with RAM", "denied", "others denied"],
)
def test_the_catalogs_resource_policy(
    accounts: Accounts, statements: list[dict[str, Any]], expected: list[str]
) -> None:
    """One without a statement for RAM, or that denies the consumer, blocks; with the statement that is missing."""
    settings = own(accounts, "4")
    put_catalog_policy(accounts, *statements)

    told = [item for item in found(settings, "catalog-policy", "producer") if item.status != "ok"]

    assert [item.id for item in told] == expected
    assert {item.status for item in told} <= {"blocker"}
    assert all("--enable-hybrid TRUE" in mend(item) for item in told)


def dead_administrator(accounts: Accounts) -> app.Settings:
    """An administrator of the consumer's whose role was deleted."""
    administer(accounts, CONSUMER, make_role(accounts, CONSUMER, "gone"))
    accounts.client("iam").delete_role(RoleName="gone")
    return connect(accounts)


def bare_root(accounts: Accounts) -> app.Settings:
    """A reader's role that trusts all of another account."""
    make_role(accounts, CONSUMER, "analyst", AssumeRolePolicyDocument=trust(ELSEWHERE))
    return accounts.write({"s": accounts.share("users", readers=[{"role": "analyst"}])})


def policy_without_ram(accounts: Accounts) -> app.Settings:
    """A producer whose catalog has a resource policy of somebody's."""
    settings = own(accounts, "4")
    put_catalog_policy(accounts, READS_SOMETHING)
    return settings


def full_role(accounts: Accounts) -> app.Settings:
    """A reader's role of lakeshare's that others filled while its own policy was away."""
    settings = connect(accounts)
    apply_all(settings)
    accounts.client("iam").delete_role_policy(RoleName=READER, PolicyName="lakeshare-connect-analytics")
    inline(accounts, READER, 10_000)
    return settings


READING = ("AssumeRole", "Describe", "Get", "Head", "List", "Simulate", "Validate")
"""What the names of calls that write nothing begin with."""


@pytest.mark.parametrize("state", [dead_administrator, bare_root, policy_without_ram, full_role])
def test_a_plan_finds_what_blocks_by_itself(accounts: Accounts, state: Callable[[Accounts], app.Settings]) -> None:
    """What doctor calls a blocker stops the apply before its first write; each tells it once."""
    settings = state(accounts)
    forget(accounts)

    blockers = app.plan(settings).plan.blockers
    told = [item for item in app.doctor(settings).checks if item.status == "blocker"]
    with pytest.raises(BlockedError):
        app.apply(settings)

    assert (len(blockers), len(told)) == (1, 1)
    names = {name.partition(":")[2] for account in (PRODUCER, CONSUMER) for name in counted(accounts)[account]}
    assert not [name for name in names if not name.startswith(READING)]


def test_what_is_in_order_already_is_not_asked_about(accounts: Accounts) -> None:
    """With a dead administrator that nothing of the plan meets, an empty plan stays empty, and doctor warns."""
    settings = connect(accounts)
    apply_all(settings)
    administer(accounts, CONSUMER, make_role(accounts, CONSUMER, "gone"))
    accounts.client("iam").delete_role(RoleName="gone")

    planned = app.plan(settings).plan

    assert (planned.has_changes, planned.blockers) == (False, ())
    assert statuses(settings, "administrators", "consumer") == ["warning"]
    assert not {"glue:GetDataCatalogEncryptionSettings", "iam:GetAccountSummary"} & set(planned.calls[CONSUMER])


def test_a_doctor_writes_nothing(accounts: Accounts) -> None:
    """Neither in the accounts nor beside the spec, not even an ExternalId that it had to make up."""
    operator = {"id": CONSUMER, "region": "ap-southeast-2", "role": OPERATOR}
    settings = accounts.write({"s": accounts.share("users")}, consumer=operator)
    before, files = accounts.everything(), sorted(accounts.folder.rglob("*"))

    app.doctor(settings)

    assert accounts.everything() == before
    assert sorted(accounts.folder.rglob("*")) == files


def test_what_may_not_be_read_is_a_warning_that_names_the_action(accounts: Accounts) -> None:
    """With exactly the policy of an apply nothing blocks, and reads beyond it are named; with doctor's all is ok."""
    settings = connect(accounts)
    allow_least(accounts, settings, "apply")

    with_apply = app.doctor(settings)
    allow_least(accounts, settings, "doctor", "apply")
    with_doctors = app.doctor(settings)

    told = [item for item in with_apply.checks if item.status != "ok"]
    assert {item.status for item in told} == {"warning"}
    text = " ".join(item.finding.saw for item in told)
    assert all(name in text for name in ("glue:GetDataCatalogEncryptionSettings", "iam:GetAccountSummary"))
    assert all("--for doctor" in mend(item) for item in told)
    assert [item for item in with_doctors.checks if item.status != "ok"] == []


def test_what_doctor_calls_is_what_its_policy_prints(accounts: Accounts) -> None:
    """Every action that IAM was asked about is in the policy for doctor, and none of them writes."""
    settings = own(accounts, "4")
    apply_all(settings)
    encrypt(accounts, PRODUCER)
    asked = Asked(accounts)

    app.doctor(settings)

    asked.collect()
    for alias in ("producer", "consumer"):
        printed = actions(app.policy(settings, alias, "doctor"))
        assert asked.actions[alias] <= set(printed)
        assert all(name.partition(":")[2].startswith(("Describe", "Get", "List", "Simulate")) for name in printed)


def test_a_consumer_that_cannot_decrypt_is_told(accounts: Accounts) -> None:
    """A producer's encrypted catalog whose key is for its own account alone; one that names the consumer is well."""
    settings = own(accounts, "4")
    encrypt(accounts, PRODUCER)
    alone = [(item.id, item.status) for item in app.doctor(settings).checks if item.status != "ok"]
    both = key_policy(f"arn:aws:iam::{CONSUMER}:root", f"arn:aws:iam::{PRODUCER}:root")
    encrypt(accounts, PRODUCER, Policy=both)

    assert alone == [("encryption.consumers", "warning")]
    assert statuses(settings, "encryption", "producer") == []
