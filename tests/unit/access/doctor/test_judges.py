"""What doctor's checks say of what was seen: pure, so no AWS is needed to ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lakeshare.access.doctor import (
    administrators,
    by_hand,
    catalog_policy,
    encryption,
    identity,
    invitations,
    organisation,
    planned,
    regions,
    rights,
    sharing,
)
from lakeshare.access.doctor.administrators import Administrators
from lakeshare.access.doctor.catalog_key import Key
from lakeshare.access.doctor.figures import FIGURES, told_by_service
from lakeshare.access.doctor.looking import Unread
from lakeshare.access.doctor.organisation import Organisations
from lakeshare.access.doctor.registry import CHECKS
from lakeshare.access.doctor.roles import Role
from lakeshare.access.doctor.sharing import Sharing
from lakeshare.access.doctor.uses import Use, Uses
from lakeshare.access.doctor.uses import judge as judge_uses
from lakeshare.access.permitted import Refusal
from lakeshare.aws.accounts import Identity
from lakeshare.errors import CallError, IdentityError
from lakeshare.planning.plan import Plan
from lakeshare.resources.values import Blocker
from tests.unit.access.doctor.cases import OPERATORS, case_of, own_spec, told
from tests.unit.planning.house import CONSUMER, INSTANCE, PRODUCER, connect_share, spec_of

ME = OPERATORS["consumer"]
GONE = f"arn:aws:iam::{CONSUMER}:role/gone"
REFUSED = Unread("iam:GetRole", "refused")


@pytest.mark.parametrize(
    ("lives", "expected"),
    [
        ({ME: "alive"}, []),
        ({ME: "alive", GONE: "elsewhere"}, []),
        ({ME: "alive", GONE: "dead"}, [("warning", "dead")]),
        ({GONE: REFUSED}, [("warning", "unknown")]),
    ],
    ids=["well", "of another account", "dead, and nothing to change", "not readable"],
)
def test_administrators(lives: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Only who is known to be gone is called dead; who cannot be looked up is told as such."""
    seen = Administrators(tuple(lives), (), lives)

    assert told(administrators.judge(case_of(), seen)) == expected


def test_a_dead_administrator_blocks_where_no_plan_says_otherwise() -> None:
    """Without a plan nobody knows whether the settings change, so it blocks."""
    seen = Administrators((GONE,), (ME,), {GONE: "dead", ME: "alive"})

    found = list(administrators.judge(case_of(plan=None), seen))

    assert told(found) == [("blocker", "dead")]
    assert GONE in str(found[0].fix)
    assert "read-only" in found[-1].saw


def test_a_full_list_of_administrators_blocks_who_is_not_on_it() -> None:
    """Thirty entries are as many as it takes; who is one of them already is not concerned."""
    others = tuple(f"arn:aws:iam::{CONSUMER}:role/r{number}" for number in range(30))
    full = Administrators(others, (), dict.fromkeys(others, "alive"))
    mine = Administrators((*others[1:], ME), (), dict.fromkeys((*others[1:], ME), "alive"))

    assert told(administrators.judge(case_of(), full)) == [("blocker", "full")]
    assert told(administrators.judge(case_of(), mine)) == []


def test_identities_name_what_keeps_us_out() -> None:
    """Each way in that may be missing is named; a path that could not be read is a warning."""
    spec = spec_of(consumer={"id": CONSUMER, "region": "eu-west-2", "role": "team/op"})
    refused = IdentityError("consumer: cannot assume it", operation="sts:AssumeRole")
    wrong = IdentityError("consumer: the spec says 2, but 9", hint="correct the id", operation="sts:GetCallerIdentity")
    there = Identity("consumer", CONSUMER, "a", ME, note="iam:GetRole on op failed")

    found = [identity.judge(spec, "consumer", each) for each in (refused, wrong, there)]

    assert [item.status for item in found] == ["blocker", "blocker", "warning"]
    assert "--role-name op`" in str(found[0].fix)
    assert found[1].fix == "correct the id"


def test_an_endpoint_that_nobody_answers_at_is_no_matter_of_trust() -> None:
    """Where AWS was not asked the endpoint is what to look at, not the role."""
    spec = spec_of(consumer={"id": CONSUMER, "region": "eu-west-2", "role": "team/op"})
    unreached = IdentityError("cannot assume it", hint="reach it", operation="sts:AssumeRole", was_answered=False)

    assert identity.judge(spec, "consumer", unreached).fix == "reach it"


def test_rights_tell_sure_from_unsure() -> None:
    """What hangs on a condition is a warning; without a refusal all is ok."""
    sure = Refusal("consumer", "glue:GetTable", "*", "no policy allows it")
    unsure = Refusal("consumer", "ram:X", "*", "conditions decide", is_sure=False)

    assert told(rights.judge(case_of(), rights.Rights(3, (sure, unsure)))) == [("blocker", None), ("warning", "unsure")]
    assert told(rights.judge(case_of(), rights.Rights(3, ()))) == []
    assert told(rights.judge(case_of(), rights.Rights(3, (), is_asked=False))) == [("warning", None)]


def test_the_plans_blockers_are_told_once_and_where_they_belong() -> None:
    """Those of the account; not those that a check of their own tells."""
    blockers = (
        Blocker("consumer/eu-west-2/link:x", "resource_link", "in the way", "take it out"),
        Blocker("consumer/eu-west-2/invitation:x", "ram_invitation", "expired", "wait"),
        Blocker("producer/eu-west-2/table:x", "table", "not there", "spell it"),
    )
    case = case_of(plan=Plan(blockers=blockers))

    found = list(planned.judge(case, tuple(item for item in blockers if planned.belongs(case, item))))

    assert [item.address for item in found] == ["consumer/eu-west-2/link:x"]


def test_why_there_is_no_plan() -> None:
    """A call that failed blocks in its own account; an account that cannot be entered leaves the others a warning."""
    failed = CallError("glue said no", account=CONSUMER)

    assert told(planned.judge(case_of(plan=None, no_plan=failed), ())) == [("blocker", None)]
    assert told(planned.judge(case_of("producer", plan=None, no_plan=failed), ())) == []
    assert told(planned.judge(case_of(plan=None), ())) == [("warning", None)]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Sharing(4, True, frozenset(), ()), []),
        (Sharing(1, True, frozenset(), ()), [("warning", "version")]),
        (Sharing(3, True, frozenset({("sales", "orders")}), ()), [("warning", "open-tables")]),
        (Sharing(3, True, frozenset({("sales", "*")}), ()), [("warning", "open-tables")]),
        (Sharing(3, True, frozenset({("sales", "refunds"), ("sales", None)}), ()), []),
        (Sharing(4, True, frozenset({("sales", "orders")}), ()), [("warning", "open-tables")]),
        (Sharing(4, False, frozenset(), ()), [("warning", "open-tables")]),
        (Unread("lakeformation:ListPermissions", "refused"), [("warning", "unread")]),
        (None, []),
    ],
    ids=["well", "version 1", "open", "all open", "others open", "open at 4", "hidden", "not readable", "Connect's"],
)
def test_sharing(seen: Sharing | Unread | None, expected: list[tuple[str, str]]) -> None:
    """The version and what is open to IAM, as far as the spec shares it."""
    assert told(sharing.judge(case_of("producer", own_spec()), seen)) == expected


@pytest.mark.parametrize(
    ("used", "added", "expected"),
    [(0, 0, []), (8_191, 0, []), (8_192, 0, ["warning"]), (10_240, 0, ["warning"]), (10_000, 241, ["blocker"])],
)
def test_quotas_are_told_from_four_fifths_on(used: int, added: int, expected: list[str]) -> None:
    """Above the quota it blocks, at it it does not."""
    found = list(judge_uses(case_of(), Uses((Use("inline-policies", used, added, "analyst"),))))

    assert [item.status for item in found if item.status != "ok"] == expected
    assert all("analyst" in (item.saw + str(item.detail)) for item in found)


def test_what_aws_says_of_a_quota_wins_and_says_so() -> None:
    """The same use is near our figure and far from a raised one."""
    uses = (Use("trust-policy", 2_000, of="analyst"),)

    assert told(judge_uses(case_of(), Uses(uses))) == [("warning", "trust-policy")]
    assert told(judge_uses(case_of(), Uses(uses, {"trust-policy": 4_096}))) == []


def test_what_could_not_be_counted_is_named() -> None:
    """By the action that was refused."""
    (found,) = judge_uses(case_of(), Uses((), {}, {"roles": Unread("iam:GetAccountSummary", "refused")}))

    assert (found.status, found.part) == ("warning", "roles")
    assert "iam:GetAccountSummary" in found.saw


def test_every_figure_says_how_we_know_it() -> None:
    """Documented, observed, from memory, or a guess."""
    ways = ("documented", "observed", "from memory", "guess")

    assert [part for part, figure in FIGURES.items() if not figure.source.startswith(ways)] == []


def test_service_quotas_are_matched_by_code_else_by_one_name() -> None:
    """Two quotas whose names both fit tell nothing."""
    named = [{"QuotaCode": "L-1", "QuotaName": "Max tables per database", "Value": 7.0}]
    coded = [{"QuotaCode": "L-F165AF61", "QuotaName": "whatever", "Value": 9.0}]

    assert told_by_service(FIGURES["tables"], named) == 7
    assert told_by_service(FIGURES["tables"], named * 2) is None
    assert told_by_service(FIGURES["lf-tags"], coded) == 9
    assert told_by_service(FIGURES["inline-policies"], named) is None


def share(status: str) -> invitations.Share:
    """Return a share whose invitation is so."""
    return invitations.Share("arn:share", ("users",), status, datetime(2026, 11, 1, 8, tzinfo=UTC), "arn:invitation")


def test_invitations() -> None:
    """A pending one with its end; an expired one blocks only where the plan says that it takes a person."""
    blocker = Blocker("arn:share", "ram_invitation", "the share expired", "say the word")

    def of(status: str, *blockers: Blocker) -> Any:
        seen = invitations.Invitations((share(status),), ())
        return list(invitations.judge(case_of(plan=Plan(blockers=blockers)), seen))

    assert told(of("PENDING")) == [("warning", "pending")]
    assert "2026-11-01 20:00 UTC" in of("PENDING")[0].saw
    assert told(of("EXPIRED")) == [("warning", "expired")]
    assert told(of("EXPIRED", blocker)) == [("blocker", "expired")]
    assert told(of("REJECTED")) == [("blocker", "rejected")]
    assert told(of("ACCEPTED")) == []


def test_failed_associations_and_unread_invitations() -> None:
    """With RAM's own reason; what could not be read is no silence."""
    failed = invitations.Invitations((), (("arn:share", "the caller was not authorized"),))
    unread = invitations.Invitations(Unread("ram:GetResourceShareInvitations", "refused"), ())

    assert told(invitations.judge(case_of(), failed)) == [("blocker", "failed")]
    assert told(invitations.judge(case_of(), unread)) == [("warning", "unread")]


KEY = f"arn:aws:kms:eu-west-2:{CONSUMER}:key/1"
DELEGATING = {
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:root"}, "Action": "kms:*"}]
}


SERVER = f"arn:aws:iam::{CONSUMER}:role/team/catalog"
LACKING = ("warning", "readers")


def trust(service: str) -> dict[str, Any]:
    """Return a trust policy in a service, its one statement without a list."""
    return {"Statement": {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}}


def served(**changes: Any) -> Key:
    """Return a key that a service role uses for all, in good order; changed as told."""
    given = {"server": Role("catalog", SERVER, trust("glue.amazonaws.com")), "policy": DELEGATING, **changes}
    return Key(KEY, "SSE-KMS-WITH-SERVICE-ROLE", "Enabled", service_role=SERVER, **given)


def statements_of_key(effect: str, arn: str, **more: Any) -> dict[str, Any]:
    """Return a key policy that leaves all to IAM, and says something of *arn*."""
    statement = {"Effect": effect, "Principal": {"AWS": arn}, "Action": "kms:Decrypt", **more}
    return {"Statement": [*DELEGATING["Statement"], statement]}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (None, []),
        (Key(KEY, "SSE-KMS", "Disabled"), [("blocker", "key")]),
        (Key(KEY, "SSE-KMS-WITH-SERVICE-ROLE", "Disabled"), [("blocker", "key")]),
        (Key(KEY, "SSE-KMS", None), [("blocker", "key")]),
        (Key(KEY, "SSE-KMS", Unread("kms:DescribeKey", "refused")), [("warning", "key")]),
        (served(), []),
        (served(server=None), [("blocker", "service-role")]),
        (served(server=REFUSED), [("warning", "service-role")]),
        (served(server=Role("catalog", SERVER, trust("lambda.amazonaws.com"))), [("blocker", "service-role")]),
        (served(policy=statements_of_key("Deny", SERVER)), [("blocker", "service-role")]),
        (served(refused=(Refusal("consumer", "kms:Encrypt", KEY, "none"),)), [("blocker", "service-role")]),
        (served(policy=REFUSED), [("warning", "key-policy")]),
        (Key(KEY, "SSE-KMS", "Enabled", policy=statements_of_key("Deny", ME)), [("blocker", "operator"), LACKING]),
        (
            Key(KEY, "SSE-KMS", "Enabled", policy=statements_of_key("Deny", "*", Condition={"Bool": {"x": "true"}})),
            [("warning", "operator"), ("warning", "readers")],
        ),
        (Key(KEY, "SSE-KMS", "Enabled", is_managed_by_aws=True), []),
        (Key(KEY, "SSE-KMS", "Enabled", policy=DELEGATING), [("warning", "readers")]),
        (Unread("glue:GetDataCatalogEncryptionSettings", "refused"), [("warning", None)]),
    ],
)
def test_encryption(key: Any, expected: list[tuple[str, str | None]]) -> None:
    """A key that cannot be used blocks, one that cannot be seen is told; a service role's is that role's concern."""
    assert told(encryption.judge(case_of(), key)) == expected


def test_iam_that_refuses_the_key_blocks_the_operator() -> None:
    """Where the key's policy leaves it to IAM."""
    refused = (Refusal("consumer", "kms:Encrypt", KEY, "no policy allows it"),)
    key = Key(KEY, "SSE-KMS", "Enabled", policy=DELEGATING, refused=refused)

    assert ("blocker", "operator") in told(encryption.judge(case_of(), key))


def test_organisations() -> None:
    """None of it is in the way; what could not be asked is a warning."""
    case = case_of(spec=own_spec())
    refused = Unread("organizations:DescribeOrganization", "refused")

    for seen in (
        Organisations(None, {"producer": None}, False),
        Organisations("o-1", {"producer": "o-1"}, True),
        Organisations("o-1", {"producer": "o-1"}, False),
        Organisations("o-1", {"producer": "o-1"}, refused),
        Organisations("o-1", {"producer": "o-2"}, True),
    ):
        assert told(organisation.judge(case, seen)) == []
    assert told(organisation.judge(case, Organisations("o-1", {"producer": refused}, True))) == [("warning", "unread")]


def test_regions() -> None:
    """A Region without a lake, or without the feature behind a data set, is a warning."""
    share = connect_share()
    share["from"]["connect"]["tables"] = ["agent_event"]
    there = spec_of({"s": share})
    accounts = {name: {"id": number, "region": "eu-north-1"} for name, number in _numbers().items()}
    elsewhere = spec_of({"s": share}, **accounts)

    assert told(regions.judge(case_of("producer", there), frozenset({"agent_event"}))) == []
    assert told(regions.judge(case_of("producer", elsewhere), frozenset({"agent_event"}))) == [("warning", None)]


def test_features_that_a_region_lacks_are_named() -> None:
    """GovCloud has no cases."""
    accounts = {name: {"id": number, "region": "us-gov-west-1"} for name, number in _numbers().items()}
    case = case_of("producer", spec_of(**accounts))

    (found,) = regions.judge(case, frozenset({"case_events", "users"}))

    assert found.status == "warning"
    assert "case_events" in found.saw
    assert "users" not in found.saw


def test_what_only_a_person_can_do() -> None:
    """An instance that offers nothing, or that is not there."""
    case = case_of("producer")

    assert told(by_hand.judge(case, {INSTANCE: 40})) == []
    assert told(by_hand.judge(case, {INSTANCE: 0})) == [("blocker", None)]
    assert told(by_hand.judge(case, {INSTANCE: None})) == [("blocker", None)]
    assert told(by_hand.judge(case, {INSTANCE: REFUSED})) == [("warning", None)]


def test_no_catalog_policy_needs_nothing() -> None:
    """And one that cannot be read is told."""
    case = case_of("producer", own_spec())

    assert told(catalog_policy.judge(case, None)) == []
    assert told(catalog_policy.judge(case, Unread("glue:GetResourcePolicy", "refused"))) == [("warning", None)]
    assert list(catalog_policy.judge(case_of("producer"), None)) == []


def test_ids_are_one_each_and_all_say_what_they_read() -> None:
    """No two checks share an id; what is read is an action of IAM's."""
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(":" in action for check in CHECKS for action in check.reads)


def _numbers() -> dict[str, str]:
    return {"producer": PRODUCER, "consumer": CONSUMER}
