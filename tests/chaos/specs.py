"""Specs as *choose* has them: sources, tables, readers, columns, consumers."""

from __future__ import annotations

from random import Random
from typing import Any

from lakeshare import app
from tests.chaos.plants import ANALYST, TABLES
from tests.functional.accounts import READER, Accounts
from tests.functional.own_tables import DATABASE as OWN_DATABASE

COLUMNS = {
    "users": ("user_id", "first_name", "last_name", "instance_id"),
    "contact_record": ("contact_id", "channel", "instance_id"),
    "agent_event": ("event_id", "instance_id"),
    "contacts": ("contact_id", "customer_number"),
}
MADE = {
    READER: {"role": READER, "create": {"service": "lambda.amazonaws.com"}},
    "second": {"role": "second", "create": {"service": "glue.amazonaws.com"}, "prove_by": "evaluation"},
}


def random_shares(accounts: Accounts, choose: Random) -> dict[str, Any]:
    """Return the shares of a random spec."""
    # One account's bucket and workgroup serve all its shares, so these agree on tags.
    tags = {choose.choice(("team", "stage")): choose.choice(("a", "b"))} if choose.random() < 0.3 else {}
    shares = {"centre": _connect(accounts, choose)}
    if choose.random() < 0.4:
        shares["own"] = _own(accounts, choose)
    if choose.random() < 0.3:
        second = _connect(accounts, choose)
        shares["second"] = {**second, "to": {**second["to"], "account": "other"}}
    return {name: {**share, "tags": tags} if tags else share for name, share in shares.items()}


def write_spec(accounts: Accounts, shares: dict[str, Any], **changes: Any) -> app.Settings:
    """Write the spec with *shares*; the accounts are always all three."""
    return accounts.write(shares, other=accounts.second_consumer(), **changes)


def _connect(accounts: Accounts, choose: Random) -> dict[str, Any]:
    tables = choose.sample(TABLES, choose.randint(1, 3))
    return accounts.share(*tables, readers=_readers(tables, choose), **_more(choose))


def _own(accounts: Accounts, choose: Random) -> dict[str, Any]:
    source = {"account": "producer", "catalog": {"database": OWN_DATABASE, "tables": "all"}}
    to = {"account": "consumer", "database": "own_tables"}
    return accounts.share(**{"from": source, "to": to, "readers": _readers(["contacts"], choose), **_more(choose)})


def _more(choose: Random) -> dict[str, Any]:
    return {"prove_denial": True} if choose.random() < 0.3 else {}


def _readers(tables: list[str], choose: Random) -> list[dict[str, Any]]:
    names = choose.sample([READER, "second", ANALYST], choose.randint(1, 2))
    return [{**MADE.get(name, {"role": name}), **_rule(tables, choose)} for name in names]


def _rule(tables: list[str], choose: Random) -> dict[str, Any]:
    if choose.random() < 0.5:
        return {}
    table = choose.choice(tables)
    columns = choose.sample(COLUMNS[table], choose.randint(1, len(COLUMNS[table]) - 1))
    return {"columns": {table: columns}}
