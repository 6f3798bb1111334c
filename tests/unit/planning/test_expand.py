"""What a spec asks for, resource by resource."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from lakeshare.planning.expand import expand
from lakeshare.planning.facts import Facts, StandingRole
from lakeshare.resources.iam_policy import INLINE_LIMIT_CHARACTERS, IamPolicy, size_of
from lakeshare.resources.iam_role import IamRole
from lakeshare.resources.lake_grant import LakeGrant
from lakeshare.resources.ram_invitation import RamInvitation
from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.values import KnownAfter, resolve
from lakeshare.spec import Spec
from tests.unit.planning.house import CONSUMER, INSTANCE, PRODUCER, READER, connect_share, facts_of, spec_of


def test_the_common_case_has_every_resource_behind_it(spec: Spec, facts: Facts) -> None:
    """Each table gets its association, acceptance, link and pair of grants; everything else is there once."""
    graph = expand(spec, facts)

    assert Counter(resource.kind for resource in graph.resources.values()) == {
        "connect_association": 2,
        "ram_invitation": 2,
        "lake_settings": 1,
        "glue_database": 1,
        "resource_link": 2,
        "iam_role": 1,
        "iam_policy": 1,
        "lake_grant": 6,
        "results_bucket": 1,
        "athena_workgroup": 1,
    }
    assert graph.blockers == ()


def test_every_address_is_depended_on_by_its_own_name(spec: Spec, facts: Facts) -> None:
    """No resource depends on an address that is not in the graph, and each stands under its own address."""
    graph = expand(spec, facts)

    for address, resource in graph.resources.items():
        assert resource.address == address
        assert set(resource.depends_on) <= set(graph.resources)


def test_reading_through_a_link_takes_two_grants(spec: Spec, facts: Facts) -> None:
    """A table gets DESCRIBE on the link in the consumer's catalog and SELECT on the target in the owner's."""
    grants = [item for item in expand(spec, facts).resources.values() if isinstance(item, LakeGrant) and item.table]

    describe, select = (grant for grant in grants if "contact_record" in str(grant.table))

    assert (describe.permission, describe.catalog, describe.database, describe.table) == (
        "DESCRIBE",
        CONSUMER,
        "connect_analytics_consumer",
        "contact_record_link",
    )
    assert (select.permission, select.database, select.table) == ("SELECT", "connect_datalake", "contact_record")
    assert isinstance(select.catalog, KnownAfter)


def test_the_owner_of_a_table_comes_from_its_own_association(spec: Spec, facts: Facts) -> None:
    """Each link waits for the association of its own table to tell who owns it."""
    links = [item for item in expand(spec, facts).resources.values() if isinstance(item, ResourceLink)]

    for link in links:
        assert isinstance(link.target_catalog, KnownAfter)
        assert link.target_catalog.address.endswith(f"/{link.target_table}/{CONSUMER}")
        assert link.target_catalog.address in link.depends_on


def test_default_is_described_only_where_lake_formation_rules_it(spec: Spec) -> None:
    """The reader gets DESCRIBE on ``default`` exactly where it exists and IAM does not decide alone."""
    plain = expand(spec, facts_of())
    ruled = expand(spec, facts_of(ruled_defaults=frozenset({"consumer"})))

    added = set(ruled.resources) - set(plain.resources)

    assert added == {f"consumer/eu-west-2/grant:role/{READER}/DESCRIBE/default"}


def test_the_order_of_shares_and_readers_makes_no_difference(facts: Facts) -> None:
    """The same shares and readers in another order give the same resources."""
    other = {"role": "analyst", "create": {"service": "glue.amazonaws.com"}, "tables": ["users"]}
    first = connect_share()
    second = connect_share(to={"account": "consumer", "database": "second"}, readers=[other, *first["readers"]])
    turned = {**second, "readers": list(reversed(second["readers"]))}

    one = expand(spec_of({"a": first, "b": second}), facts)
    two = expand(spec_of({"b": turned, "a": first}), facts)

    assert {a: _unordered(r) for a, r in one.resources.items()} == {a: _unordered(r) for a, r in two.resources.items()}


def _unordered(resource: object) -> object:
    if isinstance(resource, IamPolicy):
        return [(item.sid, sorted(map(str, item.resources))) for item in resource.statements]
    return resource


def test_the_live_list_wins_over_the_catalogue(facts: Facts) -> None:
    """`all` means what Connect lists, also what the catalogue does not know, and the difference is told."""
    live = facts_of(data_sets={("producer", INSTANCE): ("contact_record", "brand_new_table")})
    share = connect_share()
    share["from"]["connect"]["tables"] = "all"

    graph = expand(spec_of({"s": share}), live)

    tables = {item.target_table for item in graph.resources.values() if isinstance(item, ResourceLink)}
    assert tables == {"contact_record", "brand_new_table"}
    assert any("brand_new_table" in note for note in graph.notes)
    assert any("does not offer" in note and "users" in note for note in graph.notes)


def test_a_table_that_connect_does_not_offer_blocks_with_the_nearest_name(facts: Facts) -> None:
    """A table the catalogue knows but this instance does not offer is named, with what is closest."""
    share = connect_share()
    share["from"]["connect"]["tables"] = ["contact_flow_events", "users"]

    graph = expand(spec_of({"s": share}), facts)

    assert len(graph.blockers) == 1
    assert "contact_flow_events" in graph.blockers[0].reason


def test_a_reader_that_does_not_exist_blocks(facts: Facts) -> None:
    """A reader without `create:` must be there; the way out is told."""
    graph = expand(spec_of({"s": connect_share(readers=[{"role": "analyst"}])}), facts)

    assert [blocker.address for blocker in graph.blockers] == ["consumer/global/role:analyst"]
    assert "create:" in graph.blockers[0].way_out


def test_an_existing_reader_is_left_alone_but_for_its_grants() -> None:
    """A role that exists gets grants under its real ARN, path included, and no role or policy of ours."""
    arn = f"arn:aws:iam::{CONSUMER}:role/team/analyst"
    known = facts_of(reader_roles={("consumer", "analyst"): arn}, reader_policies={("consumer", "analyst"): ()})

    graph = expand(spec_of({"s": connect_share(readers=[{"role": "analyst"}])}), known)

    kinds = {item.kind for item in graph.resources.values()}
    assert kinds.isdisjoint({"iam_role", "iam_policy"})
    readers = [item for item in graph.resources.values() if isinstance(item, LakeGrant) and item.principal == arn]
    assert {item.permission for item in readers} == {"DESCRIBE", "SELECT"}
    assert any("analyst is left alone" in note and "lakeformation:GetDataAccess" in note for note in graph.notes)


def test_an_existing_reader_with_enough_rights_is_not_complained_about() -> None:
    """Nothing is told about a role whose policies allow everything."""
    arn = f"arn:aws:iam::{CONSUMER}:role/analyst"
    open_policy = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    known = facts_of(
        reader_roles={("consumer", "analyst"): arn}, reader_policies={("consumer", "analyst"): (open_policy,)}
    )

    graph = expand(spec_of({"s": connect_share(readers=[{"role": "analyst"}])}), known)

    assert not any("left alone" in note for note in graph.notes)


def test_columns_left_out_become_a_list_of_those_that_stay(facts: Facts) -> None:
    """Excluding a column grants all others by name, since Athena honours inclusion only."""
    reader = {**connect_share()["readers"][0], "columns": {"users": {"except": ["first_name"]}}}

    graph = expand(spec_of({"s": connect_share(readers=[reader])}), facts)

    grant = next(item for item in graph.resources.values() if isinstance(item, LakeGrant) and item.table == "users")
    assert grant.columns is not None
    assert "first_name" not in grant.columns
    assert "user_id" in grant.columns
    reading = next(item for item in graph.readings if item.table == "users")
    assert reading.hidden_columns == ("first_name",)


def test_a_reader_of_some_tables_must_be_refused_on_the_others(facts: Facts) -> None:
    """For each table of the share that a reader was not given, a refusal is to be proved."""
    reader = {**connect_share()["readers"][0], "tables": ["users"]}

    graph = expand(spec_of({"s": connect_share(readers=[reader])}), facts)

    assert {(item.table, item.is_allowed) for item in graph.readings} == {("users", True), ("contact_record", False)}


def test_proof_trust_is_added_unless_switched_off(facts: Facts) -> None:
    """A role that we make trusts the operator's exact role, with an ExternalId, unless `prove_by: evaluation`."""
    reader = connect_share()["readers"][0]

    def role(**changes: str) -> IamRole:
        graph = expand(spec_of({"s": connect_share(readers=[{**reader, **changes}])}), facts)
        return next(item for item in graph.resources.values() if isinstance(item, IamRole))

    trusting, plain = role(), role(prove_by="evaluation")

    assert trusting.operator is not None
    assert trusting.operator.principal == facts.operators["consumer"]
    assert plain.operator is None


def test_prove_denial_makes_a_role_that_is_granted_nothing(facts: Facts) -> None:
    """The denied role may ask IAM for everything and holds no grant."""
    graph = expand(spec_of({"s": connect_share(prove_denial=True)}), facts)

    denied = next(
        item for item in graph.resources.values() if isinstance(item, IamRole) and item.name.endswith("-denied")
    )
    assert denied.service is None
    assert not any(isinstance(item, LakeGrant) and item.principal == denied.arn for item in graph.resources.values())
    assert [item.is_allowed for item in graph.readings if item.principal == denied.arn] == [False, False]


def test_the_reader_policy_names_every_table_while_it_fits(spec: Spec, facts: Facts) -> None:
    """Two tables are named one by one, on link and target, and only GetDataAccess, results and logs have wildcards."""
    policy = next(item for item in expand(spec, facts).resources.values() if isinstance(item, IamPolicy))
    known = resolve(policy, lambda _unknown: "333333333333")

    arns = {str(arn) for statement in known.statements for arn in statement.resources}

    assert "arn:aws:glue:eu-west-2:333333333333:table/connect_datalake/contact_record" in arns
    assert f"arn:aws:glue:eu-west-2:{CONSUMER}:table/connect_analytics_consumer/users_link" in arns
    wild = {arn for arn in arns if "*" in arn}
    assert wild == {
        "*",
        f"arn:aws:s3:::lakeshare-{CONSUMER}-eu-west-2-connect-analytics/results/*",
        f"arn:aws:logs:eu-west-2:{CONSUMER}:log-group:/aws/lambda/*",
    }


def test_the_reader_policy_fits_whatever_the_number_of_tables(facts: Facts) -> None:
    """With a thousand tables the policy still fits IAM's limit for a role, by naming whole databases."""
    names = tuple(f"a_rather_long_table_name_number_{number}" for number in range(1000))
    many = facts_of(data_sets={("producer", INSTANCE): names})
    share = connect_share()
    share["from"]["connect"]["tables"] = "all"

    graph = expand(spec_of({"s": share}), many)

    policy = next(item for item in graph.resources.values() if isinstance(item, IamPolicy))
    assert size_of(resolve(policy, lambda _unknown: "333333333333").document()) <= 10_240


def _catalog_spec(**changes: object) -> Spec:
    source = {"account": "producer", "catalog": {"database": "connect_analytics_producer", "tables": "all"}}
    return spec_of({"own": connect_share(**{"from": source, **changes})})


def test_own_tables_are_granted_to_the_account_with_the_grant_option() -> None:
    """The producer grants DESCRIBE and SELECT on each table to the consumer's whole account."""
    known = facts_of(tables={("producer", "connect_analytics_producer"): {"contacts": ("id", "queue")}})

    graph = expand(_catalog_spec(), known)

    to_account = [
        (item.permission, item.table, item.grantable)
        for item in graph.resources.values()
        if isinstance(item, LakeGrant) and item.principal == CONSUMER
    ]
    assert sorted(to_account, key=str) == [
        ("DESCRIBE", "contacts", True),
        ("SELECT", "contacts", True),
    ]
    invitation = next(item for item in graph.resources.values() if isinstance(item, RamInvitation))
    assert len(invitation.share_arns) == 2
    link = next(item for item in graph.resources.values() if isinstance(item, ResourceLink))
    assert link.target_catalog == PRODUCER


OWN = ("producer", "connect_analytics_producer")
OPENED = "producer/eu-west-2/iam-allowed-principals:connect_analytics_producer"


def _opened(*tables: str, there: tuple[str, ...] = ("contacts", "queues"), version: int = 3, **more: object) -> Facts:
    """Return facts of a producer with two tables, some of which are open to IAM."""
    return facts_of(
        tables={OWN: dict.fromkeys(there, ("id",))},
        open_tables={OWN: frozenset(tables)},
        cross_account_versions={"producer": version},
        **more,
    )


@pytest.mark.parametrize("version", [1, 3, 4, 5])
def test_an_open_table_is_closed_before_it_is_granted(version: int) -> None:
    """Whatever the version: what IAM_ALLOWED_PRINCIPALS hold goes, and the grants to the account wait for that."""
    graph = expand(_catalog_spec(), _opened("contacts", version=version))
    grants = {
        item.table: item.depends_on
        for item in graph.resources.values()
        if isinstance(item, LakeGrant) and item.principal == CONSUMER
    }

    assert graph.blockers == ()
    assert f"{OPENED}.contacts" in graph.resources
    assert f"{OPENED}.contacts" in grants["contacts"]
    assert f"{OPENED}.queues" not in graph.resources


def test_what_was_closed_stays_closed() -> None:
    """What the ledger says we closed is wanted closed still, although nobody finds it open."""
    graph = expand(_catalog_spec(), _opened(closed_tables={OWN: frozenset({"contacts"})}))

    assert f"{OPENED}.contacts" in graph.resources


def test_one_wildcard_is_closed_when_all_of_it_is_shared() -> None:
    """Where some of the tables stay at home the plan stops, and names them."""
    some = connect_share(**{"from": {"account": "producer", "catalog": {"database": OWN[1], "tables": ["contacts"]}}})

    everything = expand(_catalog_spec(), _opened("*"))
    part = expand(spec_of({"own": some}), _opened("*"))

    assert everything.blockers == ()
    assert f"{OPENED}.*" in everything.resources
    assert [blocker.address for blocker in part.blockers] == [f"{OPENED}.*"]
    assert "not shared: queues" in part.blockers[0].reason


def test_kept_open_tables_are_told_and_below_version_four_block() -> None:
    """With `keep` an open table is a note from version 4 on, and a blocker below, unless the spec raises it to 4."""
    catalog = {"database": OWN[1], "tables": "all", "iam_allowed_principals": "keep"}
    shares = {"own": connect_share(**{"from": {"account": "producer", "catalog": catalog}})}
    raised = {"id": PRODUCER, "region": "eu-west-2", "lake_formation": {"cross_account_version": 4}}

    old = expand(spec_of(shares), _opened("contacts", version=3))
    new = expand(spec_of(shares), _opened("contacts", version=4))
    becoming = expand(spec_of(shares, producer=raised), _opened("contacts", version=3))

    assert any("IAMAllowedPrincipals" in blocker.reason for blocker in old.blockers)
    assert not new.blockers
    assert any("IAMAllowedPrincipals" in note for note in new.notes)
    assert not becoming.blockers
    assert not any(":connect_analytics_producer.contacts" in address for address in new.resources if OPENED in address)


def test_two_shares_of_one_database_agree_about_open_tables() -> None:
    """One that keeps and one that takes away cannot both be had."""
    both = {
        name: connect_share(
            **{
                "from": {
                    "account": "producer",
                    "catalog": {"database": OWN[1], "tables": [table], "iam_allowed_principals": mind},
                }
            }
        )
        for name, table, mind in (("one", "contacts", "keep"), ("two", "queues", "revoke"))
    }

    graph = expand(spec_of(both), _opened("contacts"))

    assert any("share one keeps" in blocker.reason for blocker in graph.blockers)


def test_tables_that_cannot_be_listed_yet_leave_the_plan_incomplete() -> None:
    """Where Lake Formation hides the producer's tables, the share is planned once the operator is an administrator."""
    hidden = facts_of(unlisted=frozenset({("producer", "connect_analytics_producer")}))

    graph = expand(_catalog_spec(), hidden)

    assert not graph.is_complete
    assert "producer/eu-west-2/settings:administrator/role/lakeshare-operator" in graph.resources


def _roles_of_an_account_named_twice(names: list[str], facts: Facts) -> set[str]:
    regions = {"here": "eu-west-2", "there": "eu-west-1"}
    accounts = {name: {"id": CONSUMER, "region": regions[name]} for name in names}
    shares = {
        name: {
            "from": {"account": f"lake-{name}", "catalog": {"database": "sales", "tables": "all"}},
            "to": {"account": name, "database": "sales_links"},
            "readers": [{"role": f"analyst-{name}", "create": {"service": "lambda.amazonaws.com"}}],
        }
        for name in names
    }
    lakes = {f"lake-{name}": {"id": PRODUCER, "region": regions[name]} for name in names}
    graph = expand(spec_of(shares, **accounts, **lakes), facts)
    return {address for address, item in graph.resources.items() if item.kind == "iam_role"}


def test_the_order_of_accounts_does_not_move_roles() -> None:
    """An account that the spec names twice has its roles where they were made, whatever the order of the names."""
    names = ("here", "there", "lake-here", "lake-there")
    facts = facts_of(
        operators=dict.fromkeys(names, f"arn:aws:iam::{CONSUMER}:role/operator"),
        external_id_digests=dict.fromkeys(names, "sha256:0011223344556677"),
    )
    made_there = replace(facts, homes={CONSUMER: "there"})
    orders = (["here", "there"], ["there", "here"])

    fresh = [_roles_of_an_account_named_twice(order, facts) for order in orders]
    later = [_roles_of_an_account_named_twice(order, made_there) for order in orders]

    assert fresh == [{"here/global/role:analyst-here", "here/global/role:analyst-there"}] * 2
    assert later == [{"there/global/role:analyst-here", "there/global/role:analyst-there"}] * 2


def test_a_role_that_is_left_alone_is_told_what_completes_it() -> None:
    """What an existing role's policies lack is told with the field that adds it, or with whose business it is."""
    readers = [{"role": "alone"}, {"sso": "Analyst"}]
    sso = f"arn:aws:iam::{CONSUMER}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Analyst_0123456789abcdef"
    facts = facts_of(
        reader_roles={("consumer", "alone"): f"arn:aws:iam::{CONSUMER}:role/alone"},
        sso_roles={("consumer", "Analyst"): (sso,)},
        reader_policies={("consumer", "alone"): (), ("consumer", sso.rpartition("/")[2]): ()},
    )

    graph = expand(spec_of({"s": connect_share(readers=readers)}), facts)

    alone, analyst = graph.notes
    assert "`complete: true` adds them" in alone
    assert "its permission set can have them" in analyst


def test_grantees_of_every_sort_have_addresses_of_their_own() -> None:
    """A QuickSight user, an IAM user and one of Identity Center that look alike are three addresses."""
    person = "01234567-89ab-cdef-0123-456789abcdef"
    readers = [
        {"quicksight": f"default/{person}"},
        {"identity_center": f"user/{person}"},
        {"user": f"arn:aws:iam::{CONSUMER}:user/default/{person}"},
        {"saml": f"okta:user/{person}"},
    ]
    facts = facts_of(reader_users={("consumer", person): f"arn:aws:iam::{CONSUMER}:user/default/{person}"})

    graph = expand(spec_of({"s": connect_share(readers=readers)}), facts)
    selects = [item for item in graph.resources.values() if isinstance(item, LakeGrant) and item.permission == "SELECT"]

    assert len({item.principal for item in selects}) == len(readers)
    assert {item.grantee for item in selects} == {
        f"quicksight:user/default/{person}",
        f"identitystore:user/{person}",
        f"user/default/{person}",
        f"saml-provider/okta:user/{person}",
    }


def test_an_inline_policy_folds_before_it_blocks() -> None:
    """Where others' inline policies leave little room tables become their database; where they leave none it blocks."""
    readers = [{"role": "full", "complete": True}]
    base = facts_of(reader_roles={("consumer", "full"): f"arn:aws:iam::{CONSUMER}:role/team/full"})
    spec = spec_of({"s": connect_share(readers=readers)})

    def policy_beside(taken: int) -> tuple[IamPolicy, int]:
        graph = expand(spec, replace(base, standing_roles={("consumer", "full"): StandingRole(inline=taken)}))
        (policy,) = [item for item in graph.resources.values() if isinstance(item, IamPolicy)]
        return policy, len(graph.blockers)

    roomy = policy_beside(0)
    size = size_of(resolve(roomy[0], lambda _unknown: "0" * 12).document())
    narrow, full = policy_beside(INLINE_LIMIT_CHARACTERS - size + 1), policy_beside(10_000)

    wild = {str(arn) for statement in narrow[0].statements for arn in statement.resources if str(arn).endswith("/*")}
    assert (roomy[1], narrow[1], full[1]) == (0, 0, 1)
    assert any(arn.endswith(":table/connect_analytics_consumer/*") for arn in wild)
    assert roomy[0].role_arn == f"arn:aws:iam::{CONSUMER}:role/team/full"
