"""Lake Formation refuses two writes at once about one principal and one object; none are ever sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.history import get_global_history_recorder

from tests.functional.accounts import Accounts, apply_all

WRITES = {"GrantPermissions", "RevokePermissions", "BatchGrantPermissions", "BatchRevokePermissions"}
ROLES = ("one", "two", "three")


@dataclass
class Traffic:
    """Listens to botocore: which writes fly, about whom and what, and which of them met."""

    flying: dict[int, frozenset[str]] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    writes: int = 0
    _lock: Any = field(default_factory=threading.Lock)

    def emit(self, event_type: str, payload: Any, source: str) -> None:
        me = threading.get_ident()
        with self._lock:
            if event_type == "API_CALL" and payload["operation"] in WRITES:
                self.start(me, payload["params"])
            elif event_type == "PARSED_RESPONSE":
                self.flying.pop(me, None)

    def start(self, thread: int, params: Any) -> None:
        keys = frozenset(key(entry) for entry in params.get("Entries", [params]))
        self.writes += 1
        for others in self.flying.values():
            self.met |= keys & others
        self.flying[thread] = keys


def key(entry: Any) -> str:
    """Return whom and what *entry* is about, whatever its columns."""
    [thing] = entry["Resource"].values()
    spot = (thing.get("CatalogId"), thing.get("DatabaseName"), thing["Name"])
    return f"{entry['Principal']['DataLakePrincipalIdentifier']} {spot}"


@pytest.fixture
def traffic() -> Iterator[Traffic]:
    found = Traffic()
    recorder = get_global_history_recorder()
    recorder.add_handler(found)
    recorder.enable()
    yield found
    recorder.disable()
    recorder._handlers.remove(found)


def readers(columns: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": role, "create": {"service": "lambda.amazonaws.com"}, "columns": columns} for role in ROLES]


def test_no_two_writes_about_one_thing_fly_together(accounts: Accounts, traffic: Traffic) -> None:
    """Granting, changing columns there and back and taking away sends no two writes that could meet."""
    accounts.control("latency", {"ms": 20})
    tables = ("users", "contact_record")
    some = {"users": {"except": ["agent_username"]}, "contact_record": ["contact_id", "channel"]}
    others = {"users": ["user_id", "agent_username"], "contact_record": ["contact_id", "instance_id"]}

    for columns in (some, others, {}, some):
        apply_all(accounts.write({"contact-centre": accounts.share(*tables, readers=readers(columns))}))

    assert traffic.writes >= 6
    assert traffic.met == set()


def test_writes_that_meet_would_be_seen() -> None:
    """The listener notices two writes about one principal and one table, with whatever columns."""
    table = {"CatalogId": "1", "DatabaseName": "d", "Name": "t"}
    principal = {"DataLakePrincipalIdentifier": "p"}
    traffic = Traffic()

    traffic.start(1, {"Entries": [{"Principal": principal, "Resource": {"Table": table}}]})
    columns = {"TableWithColumns": {**table, "ColumnNames": ["c"]}}
    traffic.start(2, {"Principal": principal, "Resource": columns})

    assert traffic.met == {"p ('1', 'd', 't')"}
