"""Reading a spec that is right, and files that are no spec at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeshare.errors import SpecError
from lakeshare.spec import CatalogSource, ConnectSource, Retries, RoleCompletion, Spec, load_spec, parse_spec

EXAMPLES = Path(__file__).parent / "examples"
ENVIRON = {"LAKESHARE_EXTERNAL_ID": "open-sesame", "EXTERNAL_ID": "open-sesame", "PRODUCER_ID": "111111111111"}


def load(name: str) -> Spec:
    return load_spec(EXAMPLES / name, ENVIRON)


def told(content: str | bytes) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse_spec(content, ENVIRON, shown_as="f")
    return [str(mistake) for mistake in caught.value.mistakes]


def test_the_common_case_is_read_as_written() -> None:
    """Source, destination and reader of the common case come out as values, with defaults for the rest."""
    spec = load("common.yaml")

    share = spec.shares["contact-centre"]
    assert isinstance(share.source, ConnectSource)
    assert (share.name, share.source.account, share.to.account) == ("contact-centre", "producer", "consumer")
    assert share.source.instance == "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    assert share.source.tables.patterns == ("contact_record", "agent_*", "group:forecasting")
    assert (share.to.database, share.to.links) == ("connect_analytics_consumer", "{table}_link")
    assert (share.to.athena.bytes_scanned_cutoff_mb, share.to.athena.expire_results_days) == (1024, 7)
    (reader,) = share.readers
    assert reader.create is not None
    assert (reader.create.service, reader.create.path) == ("lambda.amazonaws.com", "/")
    assert (reader.tables, dict(reader.columns), reader.prove_by) == (None, {}, "query")
    assert (share.prove_denial, share.protect) == (False, False)


def test_tables_that_the_producer_has_are_a_catalog_source() -> None:
    """`all` is a pattern that fits everything, and a rule with except says what is hidden."""
    share = load("own_tables.yaml").shares["own-tables"]

    assert isinstance(share.source, CatalogSource)
    assert (share.source.account, share.source.database) == ("producer", "connect_analytics_producer")
    assert share.source.tables.patterns == ("*",)
    rule = share.readers[0].columns["contacts"]
    assert (rule.include, rule.exclude) == (None, ("customer_number",))


def test_every_field_is_read() -> None:
    """Anchors, aliases, merge keys, references and every field of the format end up where they belong."""
    spec = load("complete.yaml")

    producer = spec.accounts["producer"]
    assert (producer.id, producer.region, producer.partition) == ("111111111111", "us-gov-west-1", "aws-us-gov")
    assert (producer.session_name, producer.protect, dict(producer.tags)) == ("nightly", True, {"cost-centre": "4711"})
    share = spec.shares["contact-centre"]
    assert (share.prove_denial, share.protect, dict(share.tags)) == (True, True, {"team": "analytics"})
    assert (share.to.athena.workgroup, share.to.athena.results_bucket) == ("analysts", "analysts-results")
    dashboards, analyst, jobs, people, existing, function, *others = share.readers
    assert dashboards.create is not None
    assert (dashboards.create.path, dashboards.create.max_session_seconds) == ("/analytics/", 7200)
    assert dashboards.columns["contact_record"].include == ("instance_id", "contact_id", "initiation_timestamp")
    assert (dashboards.prove_by, analyst.role_name) == ("evaluation", "analyst")
    assert jobs.create is not None
    assert (jobs.create.scripts, dict(jobs.create.tags)) == ("s3://job-scripts/nightly/", {"team": "jobs"})
    assert people.create is not None
    assert people.create.people is not None
    assert list(people.create.people.accounts) == ["444444444444", "555555555555"]
    assert existing.complete == RoleCompletion()
    assert function.complete == RoleCompletion(service="lambda.amazonaws.com", log_group="/aws/lambda/existing")
    assert [reader.name for reader in others] == [
        "sso/Analyst",
        "user/jane",
        "account/222222222222",
        "quicksight/user/default/jane",
        "quicksight/group/default/analysts",
        "saml/okta:group/analysts",
        "identity_center/group/01234567-89ab-cdef-0123-456789abcdef",
    ]
    role = spec.accounts["consumer"].location_role
    assert role is not None
    assert (role.name, role.access) == ("AmazonConnectAnalyticsConsumerLFRole", "write")
    assert spec.shares["archive"].readers[0].account == "444444444444"


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_the_partition_follows_from_the_region(region: str, partition: str) -> None:
    """Regions of every partition are accepted and say which partition that is."""
    text = (EXAMPLES / "own_tables.yaml").read_text().replace("ap-southeast-2", region)

    assert parse_spec(text, {}).accounts["producer"].partition == partition


def test_what_a_merge_brings_gives_way_to_what_is_written() -> None:
    """A field beside << wins over the merged one, in either order, and the first of several merged mappings wins."""
    anchors = "x-a: &a {prove_denial: true}\nx-b: &b {prove_denial: false, protect: true}\n"
    text = anchors + (EXAMPLES / "own_tables.yaml").read_text()
    text = text.replace("    from:", "    protect: false\n    <<: [*a, *b]\n    from:")

    share = parse_spec(text, {}).shares["own-tables"]

    assert (share.prove_denial, share.protect) == (True, False)


def test_a_reference_may_be_part_of_a_value() -> None:
    """${NAME} is filled in wherever a value has it, quoted or not, in flow and block style."""
    text = (EXAMPLES / "own_tables.yaml").read_text()
    text = text.replace("database: connect_analytics_consumer", "database: analytics_${STAGE}_${TEAM}")

    spec = parse_spec(text, {"STAGE": "prod", "TEAM": "cc"})

    assert spec.shares["own-tables"].to.database == "analytics_prod_cc"


def test_a_value_from_the_environment_is_never_read_as_yaml() -> None:
    """What the environment holds is text: it cannot add fields, numbers or further references."""
    text = (EXAMPLES / "common.yaml").read_text()

    spec = parse_spec(text, {"LAKESHARE_EXTERNAL_ID": "1234"})

    secret = spec.accounts["producer"].external_id
    assert secret is not None
    assert secret.get_secret_value() == "1234"


def test_nobody_can_change_a_spec() -> None:
    """A spec is frozen down to its mappings."""
    spec = load("common.yaml")

    with pytest.raises(TypeError):
        spec.accounts["other"] = spec.accounts["producer"]  # type: ignore[index]
    with pytest.raises(ValueError, match="frozen"):
        spec.name = "other"


def test_equal_files_make_equal_specs() -> None:
    """Layout and comments are no part of a spec."""
    text = (EXAMPLES / "common.yaml").read_text()

    assert parse_spec(text, ENVIRON) == parse_spec("# more\n\n" + text, ENVIRON)
    assert parse_spec(text, ENVIRON) != parse_spec(text.replace("contact_record", "users"), ENVIRON)


def test_limits_are_read() -> None:
    """Rates by operation, some for single accounts, the ways of repeating, and how much is done at once."""
    limits = load("complete.yaml").limits

    assert {name: (rate.per_second, rate.burst) for name, rate in limits.rates.items()} == {
        "lakeformation:*": (8, 4),
        "lakeformation:BatchGrantPermissions": (40.5, None),
    }
    assert limits.accounts["archive"]["glue:CreateTable"].calls_per_second == 2.5
    assert limits.retries == Retries(base_seconds=0.25, cap_seconds=20, attempts=6, budget=200)
    assert limits.workers == 8


def test_limits_may_be_left_out() -> None:
    """Without limits nothing is set but how calls are repeated, which has documented defaults."""
    limits = load("common.yaml").limits

    assert (dict(limits.rates), dict(limits.accounts), limits.workers) == ({}, {}, 16)
    assert limits.retries == Retries(base_seconds=0.5, cap_seconds=30, attempts=9, budget=1000)


@pytest.mark.parametrize("name", ["common.yaml", "complete.yaml"])
def test_an_external_id_never_shows(name: str) -> None:
    """Neither a spec's repr nor its dump has the secret."""
    spec = load(name)

    assert "open-sesame" not in repr(spec)
    assert "open-sesame" not in spec.model_dump_json()


def test_windows_files_are_read() -> None:
    """A byte order mark and CRLF line ends change nothing."""
    text = (EXAMPLES / "common.yaml").read_text()

    spec = parse_spec(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), ENVIRON)

    assert spec == parse_spec(text, ENVIRON)


def test_a_missing_file_is_told_by_the_name_that_was_given(tmp_path: Path) -> None:
    """The mistake carries the path as the user wrote it."""
    with pytest.raises(SpecError) as caught:
        load_spec(tmp_path / "no.yaml", {}, shown_as="./no.yaml")

    (mistake,) = caught.value.mistakes
    assert str(mistake) == "./no.yaml:1:1: the file cannot be read: No such file or directory"


def test_a_folder_is_no_spec(tmp_path: Path) -> None:
    """What cannot be opened is a mistake like any other, under the path itself."""
    with pytest.raises(SpecError) as caught:
        load_spec(tmp_path, {})

    assert str(caught.value.mistakes[0]) == f"{tmp_path}:1:1: the file cannot be read: Is a directory"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "f:1:1: the file is empty; `lakeshare init` writes one to begin with"),
        ("# nothing\n\n", "f:1:1: the file is empty; `lakeshare init` writes one to begin with"),
        ("\n- a\n", "f:2:1: the file is no mapping; expected version:, name:, accounts: and shares:"),
        ("text", "f:1:1: the file is no mapping; expected version:, name:, accounts: and shares:"),
        (b"version: 1\nname: caf\xe9\n", "f:2:10: the file is not UTF-8"),
        (b"\xff\xfev\x00", "f:1:1: the file is not UTF-8"),
        ("version: 1\nname: a\x07b", "f:2:8: not valid YAML: the character U+0007"),
        ("version: 1\nname: \ue000", "f:2:7: the character U+E000 has no place in a spec"),
        ("version: 1\naccounts:\n\tproducer: {}", "f:3:1: not valid YAML: a tab where only spaces may stand"),
        (
            "name: 'a\nversion: 1",
            "f:2:11: not valid YAML: while scanning a quoted scalar in line 1, found unexpected end of",
        ),
        ("version: 1\nname: a: b", "f:2:8: not valid YAML: mapping values are not allowed here"),
        (
            "version: 1\n---\nversion: 1",
            "f:2:1: not valid YAML: expected a single document in the stream in line 1, but found another",
        ),
        ("accounts: *nobody", "f:1:11: not valid YAML: found undefined alias 'nobody'"),
        ("shares: &a {x: *a}", "f:1:9: an alias stands inside what it stands for"),
        ("shares: " + "[" * 60, "f:1:48: nested more than 40 levels deep"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_place(content: str | bytes, expected: str) -> None:
    """One mistake, where the reading ended."""
    (mistake,) = told(content)

    assert mistake.startswith(expected)


def test_a_short_file_cannot_grow_into_a_huge_one() -> None:
    """Aliases of aliases of aliases end at a limit instead of filling the memory."""
    lines = ["x-0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    (mistake,) = told("\n".join(lines))

    assert "aliases make more than 100000 values" in mistake


def test_mistakes_come_in_the_order_of_the_file() -> None:
    """Whatever stage finds them, mistakes are sorted by line and column, and counted."""
    text = (EXAMPLES / "own_tables.yaml").read_text()
    text = text.replace("own-tables:", "own tables:").replace("account: consumer", "account: customer")
    text = text.replace("version: 1", "verison: 2")

    with pytest.raises(SpecError) as caught:
        parse_spec(text, {}, shown_as="f")

    places = [(mistake.line, mistake.column) for mistake in caught.value.mistakes]
    assert places == sorted(places)
    assert str(caught.value) == f"{len(places)} mistakes in f"
    assert len(places) == 4
