"""A slip in any field of the documented examples is one mistake, at its exact place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lakeshare.errors import SpecError
from lakeshare.spec import parse_spec

EXAMPLES = {path.stem: path.read_text() for path in (Path(__file__).parent / "examples").glob("*.yaml")}
ENVIRON = {"LAKESHARE_EXTERNAL_ID": "open-sesame", "EXTERNAL_ID": "open-sesame", "PRODUCER_ID": "111111111111"}

# Keys that are the user's own: a slip in one shows only where another part names it.
OWN_NAMES = {"producer", "consumer", "contacts"}


def told(text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(SpecError) as caught:
        parse_spec(text, ENVIRON)
    return [(mistake.line, mistake.column, mistake.message) for mistake in caught.value.mistakes]


def place(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def swapped(name: str) -> str:
    """Return *name* with its third and second letter swapped, or the second doubled where that changes nothing."""
    slip = name[0] + name[2] + name[1] + name[3:] if len(name) > 2 else name + name[-1]
    return slip if slip != name else name[0] + name[1] + name[1:]


def fields(example: str) -> list[tuple[str, int, str]]:
    """Return every field that *example* has, with its index in the text."""
    without_comments = re.sub(r"#.*", lambda comment: " " * len(comment[0]), EXAMPLES[example])
    keys = re.finditer(r"""(?<![\w"$-])[a-z_]+(?=:[ \n])""", without_comments)
    return [(example, key.start(), key[0]) for key in keys if key[0] not in OWN_NAMES]


FIELDS = [*fields("common"), *fields("own_tables")]


def test_the_examples_have_the_fields_that_are_tried() -> None:
    """The search for fields finds them, so that the test below is not empty."""
    assert len(FIELDS) == 48
    assert {"version", "instance", "tables", "links", "create", "except", "profile", "external_id"} <= {
        name for _, _, name in FIELDS
    }


@pytest.mark.parametrize(("example", "index", "name"), FIELDS)
def test_a_slip_in_the_name_of_a_field_is_the_only_mistake(example: str, index: int, name: str) -> None:
    """The unknown field is told at its key with the field that was meant, and nothing else is."""
    text = EXAMPLES[example][:index] + swapped(name) + EXAMPLES[example][index + len(name) :]

    ((line, column, message),) = told(text)

    assert (line, column) == place(text, index)
    assert message.startswith(f'unknown field "{swapped(name)}"')
    assert message.endswith(f'; did you mean "{name}"?')


TABLES = '[contact_record, "agent_*", group:forecasting]'
VALUES = [
    ("common", "version: 1", "version: 2", "2", "version is 2; expected 1"),
    ("common", "version: 1", "version: true", "true", "version is true; expected 1"),
    ("common", "version: 1", 'version: "1"', '"1"', 'version is "1"; expected 1'),
    ("common", "version: 1", "version: 1.0", "1.0", "version is 1.0; expected 1"),
    ("common", "name: connect-analytics", "name: Connect Analytics", "Connect A", "1 to 40 lower-case letters, digits"),
    ("common", '"111111111111"', '"11111111111"', '"1111', 'id is "11111111111"; expected a 12-digit account id'),
    ("common", '"111111111111"', "111111111111", "1111", 'id is a number to YAML; quote it: "111111111111"'),
    ("common", '"111111111111"', "011111111111", "0111", 'id is a number to YAML; quote it: "011111111111"'),
    ("common", '"111111111111"', "[]", "id:", "accounts.producer.id is empty; expected text"),
    ("common", '"111111111111"', "{a: b}", "id:", "accounts.producer.id is a mapping; expected text"),
    ("common", "ap-southeast-2", "ap-southest-2", "ap-southest", 'did you mean "ap-southeast-2"?'),
    ("common", "role: lakeshare-operator", "role: lake share", "lake sh", "expected a role's name, its path and name"),
    ("common", "role: lakeshare-operator", "role: ", "role:", "accounts.producer.role is empty; expected text"),
    ("common", "${LAKESHARE_EXTERNAL_ID}", "${LAKESHARE_EXTERNALID}", "${", "is not set in the environment; did you"),
    ("common", "${LAKESHARE_EXTERNAL_ID}", "${LAKESHARE-ID", "${", None),
    ("common", "${LAKESHARE_EXTERNAL_ID}", '"${LAKESHARE-ID}"', '"${', "is no reference to the environment"),
    ("common", "${LAKESHARE_EXTERNAL_ID}", "x", "x}", "external_id does not fit; expected 2 to 1,224 letters"),
    ("common", "${LAKESHARE_EXTERNAL_ID}", "12345", "12345", "accounts.producer.external_id must be text; quote it"),
    ("common", "account: producer", "account: producr", "producr", 'no account "producr"; did you mean "producer"?'),
    ("common", "account: producer", "account: zzz", "zzz", 'no account "zzz"; accounts has producer, consumer'),
    ("common", "account: consumer", "account: consumr", "consumr", 'no account "consumr"; did you mean "consumer"?'),
    ("common", "0f1e2d3c-", "0f1e2d3c", "0f1e2d3c", "expected the instance's id, such as"),
    ("common", "contact_record,", "contcat_record,", "contcat", 'no table "contcat_record"; did you mean "contact_rec'),
    ("common", "contact_record,", "zzz,", "zzz", "see `lakeshare tables` (a newer one is written live:zzz)"),
    ("common", "contact_record,", "Contact_Record,", "Contact_R", "a table's name in lower case"),
    ("common", "contact_record,", "all,", "all,", "all stands alone: tables: all"),
    ("common", "contact_record,", "5,", "5,", 'tables[0] is a number to YAML; quote it: "5"'),
    ("common", "contact_record,", "[users],", "[users]", "tables[0] is a list; expected text"),
    ("common", '"agent_*"', '"agnet_*"', '"agnet', '"agnet_*" fits none of the 48 tables of Connect\'s lake'),
    ("common", "group:forecasting", "group:forcasting", "group:f", 'did you mean "group:forecasting"?'),
    ("common", "group:forecasting", "grup:forecasting", "grup:f", 'or group:NAME; did you mean "group:forecasting"?'),
    ("common", "group:forecasting", "group:zzz", "group:z", "the groups are agent, contact, contact_analytics"),
    ("common", TABLES, "contact_record", "contact_r", "expected all, or a list"),
    ("common", TABLES, "[]", "tables:", "is empty; expected at least one entry"),
    ("common", TABLES, "{a: b}", "tables:", "is a mapping; expected a list"),
    ("common", "database: connect_a", "database: Connect_a", "Connect_a", "lower-case letters, digits and underscores"),
    ("common", "database: connect_a", "database: connect-a", "connect-a", "lower-case letters, digits and underscores"),
    ("common", '"{table}_link" ', '"{tabel}_link" ', '"{tabel}', "underscores around one {table}"),
    ("common", '"{table}_link" ', '"_link" ', '"_link"', "underscores around one {table}"),
    ("common", '"{table}_link" ', '"{table}{table}" ', '"{table}', "underscores around one {table}"),
    ("common", '"{table}_link" ', '"{table}_{share}" ', '"{table}', "underscores around one {table}"),
    ("common", '"{table}_link" ', "{table: x} ", "links:", "to.links is a mapping; expected text"),
    ("common", "role: connect-analytics-l", "role: connect analytics l", "connect an", "expected a role's name, or"),
    ("common", "lambda.amazonaws.com", "lamda.amazonaws.com", "lamda", 'did you mean "lambda.amazonaws.com"?'),
    ("common", "lambda.amazonaws.com", "lambda.amazonaws.co", "lambda.amazonaws.co", 'did you mean "lambda.amazonaws'),
    ("common", "lambda.amazonaws.com", "lambda", "lambda}", 'did you mean "lambda.amazonaws.com"?'),
    ("common", "create: {service: lambda.amazonaws.com}", "create: yes", "yes", "create is yes; expected a mapping"),
    ("common", "create: {service: lambda.amazonaws.com}", "create: {}", "create:", "expected service or people"),
    ("own_tables", "profile: producer-admin", "profile: 7", "7", "profile is a number to YAML; quote it"),
    ("own_tables", "connect_analytics_producer", "Connect_Producer", "Connect_P", "catalog.database is"),
    ("own_tables", "tables: all", "tables: al", "al}", 'tables is "al"; expected all, or a list'),
    ("own_tables", "tables: all", "tables: [group:agent]", "group:", "group: is for connect: sources"),
    ("own_tables", "tables: all", "tables: [live:x]", "live:", "live: is for connect: sources"),
    ("own_tables", "[customer_number]", "[Customer_Number]", "Customer", "a column's name in lower case"),
    ("own_tables", "[customer_number]", "customer_number", "customer_n", 'is "customer_number"; expected a list'),
    ("own_tables", "[customer_number]", "[]", "except:", "contacts.except is empty; expected at least one entry"),
    ("own_tables", "{except: [customer_number]}", "[]", "contacts:", "contacts is empty; expected at least one entry"),
    ("own_tables", "{except: [customer_number]}", "[5]", "5]", 'contacts[0] is a number to YAML; quote it: "5"'),
    ("own_tables", "{except: [customer_number]}", "{}", "contacts:", "expected either only or except"),
    ("own_tables", "[customer_number]", "[a], only: [b]", "contacts:", "expected either only or except"),
]  # fmt: skip


@pytest.mark.parametrize(("example", "right", "wrong", "at", "message"), VALUES)
def test_a_slip_in_a_value_is_the_only_mistake(
    example: str, right: str, wrong: str, at: str, message: str | None
) -> None:
    """The value is told where it stands, or at its key when it is empty or spreads, with what was expected."""
    text = EXAMPLES[example].replace(right, wrong, 1)
    changed = EXAMPLES[example].index(right)
    start = text.rfind(at, 0, changed + 2) if at.endswith(":") else -1
    index = start if start >= 0 else text.index(at, changed)

    ((line, column, told_message),) = told(text)

    if message is None:
        assert told_message.startswith("not valid YAML")
    else:
        assert (line, column) == place(text, index)
        assert message in told_message
