"""Whom a Deny of a producer's means, and what is printed for it and for tables that are open."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.access.doctor import administrators, catalog_policy, encryption, sharing, trust
from lakeshare.access.doctor.administrators import Administrators
from lakeshare.access.doctor.catalog_key import Key
from lakeshare.access.doctor.roles import Role
from lakeshare.access.doctor.sharing import Sharing
from lakeshare.spec import Spec
from tests.unit.access.doctor.cases import OPERATORS, case_of, own_spec, told
from tests.unit.planning.house import CONSUMER, PRODUCER

RAM = {
    "Effect": "Allow",
    "Principal": {"Service": "ram.amazonaws.com"},
    "Action": "glue:ShareResource",
    "Resource": "*",
}
BLOCKS, WARNS, NOTHING = [("blocker", "deny")], [("warning", "deny")], list[tuple[str, str]]()


def arn(name: str, account: str = CONSUMER, service: str = "iam") -> str:
    """Return the ARN of somebody in an account."""
    return f"arn:aws:{service}::{account}:{name}"


def with_operators() -> Spec:
    """Return the spec of own tables with roles for operators."""
    spec = own_spec()
    named = {name: account.model_copy(update={"role": "lakeshare-operator"}) for name, account in spec.accounts.items()}
    return spec.model_copy(update={"accounts": named})


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ({"Principal": "*"}, BLOCKS),
        ({"Principal": {"AWS": arn("root")}}, BLOCKS),
        ({"Principal": {"AWS": CONSUMER}}, BLOCKS),
        ({"Principal": {"AWS": arn("role/analyst")}}, BLOCKS),
        ({"Principal": {"AWS": arn("role/of/unknown/path/lakeshare-operator")}}, BLOCKS),
        ({"Principal": {"AWS": arn("assumed-role/lakeshare-operator/me", service="sts")}}, BLOCKS),
        ({"Principal": {"AWS": arn("role/stranger")}}, NOTHING),
        ({"Principal": {"AWS": arn("user/analyst")}}, NOTHING),
        ({"Principal": {"AWS": arn("role/analyst", PRODUCER)}}, NOTHING),
        ({"Principal": {"AWS": arn("role/analyst")}, "Condition": {"Bool": {"x": "true"}}}, WARNS),
        ({"NotPrincipal": {"AWS": arn("role/other")}}, BLOCKS),
        ({"NotPrincipal": {"AWS": [arn("role/analyst"), arn("role/lakeshare-operator")]}}, NOTHING),
    ],
)
def test_a_deny_matters_where_it_means_somebody_of_the_job(who: dict[str, Any], expected: list[Any]) -> None:
    """Everybody, the consumer's account, a reader, or the operator there; of roles the path may be unknown."""
    deny = {"Effect": "Deny", "Action": "glue:*", "Resource": "*", **who}

    found = list(catalog_policy.judge(case_of("producer", with_operators()), {"Statement": [RAM, deny]}))

    assert told(found) == expected


def test_a_deny_of_who_may_be_the_operator_is_a_warning() -> None:
    """Where the spec does not say which role or user it is there."""
    deny = {"Effect": "Deny", "Action": "glue:*", "Resource": "*", "Principal": {"AWS": arn("role/stranger")}}

    found = list(catalog_policy.judge(case_of("producer", own_spec()), {"Statement": [RAM, deny]}))

    assert told(found) == WARNS
    assert "who may be the operator there" in found[0].saw


@pytest.mark.parametrize(
    ("open_things", "revoked"),
    [
        ({("sales", "*")}, ['"TableWildcard": {}']),
        ({("sales", "orders")}, ['"Name": "orders"']),
        ({("sales", "orders"), ("sales", "*"), ("sales", "refunds")}, ['"TableWildcard": {}', '"Name": "orders"']),
    ],
)
def test_each_grant_that_opens_a_shared_table_is_revoked(open_things: Any, revoked: list[str]) -> None:
    """One on all tables as what it is; of tables that are not shared none."""
    seen = Sharing(4, True, frozenset(open_things), ())

    (found,) = [item for item in sharing.judge(case_of("producer", own_spec()), seen) if item.status != "ok"]

    calls = str(found.fix).rpartition("By hand: ")[2].split(" && ")
    assert len(calls) == len(revoked)
    assert all(part in call for part, call in zip(revoked, calls, strict=True))


def test_a_full_list_names_the_whole_command() -> None:
    """The settings read, changed and put back; whom to take out is for a person to say."""
    others = tuple(arn(f"role/r{number}") for number in range(30))

    found = list(administrators.judge(case_of(), Administrators(others, (), dict.fromkeys(others, "alive"))))

    assert "--data-lake-settings file://settings.json" in str(found[0].fix)
    assert "env.ADMINISTRATOR" in str(found[0].fix)


def test_no_external_id_is_printed_with_a_trust_that_is_to_change() -> None:
    """Neither of the statement that is meant nor of one beside it."""
    root = {"Effect": "Allow", "Principal": {"AWS": arn("root", "4" * 12)}, "Action": "sts:AssumeRole"}
    loose, strict = (
        root | {"Condition": {operator: {"sts:ExternalId": f"word-of-{operator}"}}}
        for operator in ("StringEqualsIfExists", "StringEquals")
    )
    policy = {"Statement": [loose, strict]}

    (found,) = trust.judge(case_of(), {"analyst": Role("analyst", arn("role/analyst"), policy)})

    assert found.status == "blocker"
    assert "word-of" not in str(found)
    assert "$number == 0" in str(found.fix)


def test_the_only_statement_of_a_trust_is_not_taken_out() -> None:
    """IAM takes no policy without one: it is made to let nobody in."""
    federated = {
        "Effect": "Allow",
        "Principal": {"Federated": arn("saml-provider/x")},
        "Action": "sts:AssumeRoleWithSAML",
    }

    (found,) = trust.judge(case_of(), {"a": Role("a", arn("role/a"), {"Statement": federated})})

    assert found.part == "federated"
    assert '.Effect = "Deny"' in str(found.fix)


def test_what_denies_the_key_goes_and_what_lacks_comes_in_one_command() -> None:
    """A Deny of a stranger's stays; who is allowed by IAM's leave needs no statement more."""
    key = f"arn:aws:kms:eu-west-2:{CONSUMER}:key/1"
    me, stranger = OPERATORS["consumer"], arn("role/stranger")
    deny = {"Effect": "Deny", "Principal": {"AWS": [me, stranger]}, "Action": "kms:Decrypt", "Resource": "*"}
    root = {"Effect": "Allow", "Principal": {"AWS": arn("root")}, "Action": "kms:*", "Resource": "*"}

    def fix(*statements: Any) -> str:
        seen = Key(key, "SSE-KMS", "Enabled", policy={"Statement": list(statements)})
        return str(next(item.fix for item in encryption.judge(case_of(), seen) if item.part == "operator"))

    assert f'then .Principal = {{"AWS": ["{stranger}"]}} else' in fix(deny, root)
    assert ". + [" not in fix(deny, root)
    assert f'. + [{{"Effect": "Allow", "Principal": {{"AWS": ["{me}"]}}' in fix(deny)
