"""Statements kept in a workgroup: named queries and prepared statements. The latter run by name: EXECUTE."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import sqlglot
from sqlglot.errors import SqlglotError

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.athena.failures import MalformedQueryError
from lakeshare.sandbox.services.athena.refusals import invalid, invalid_token
from lakeshare.sandbox.services.athena.workgroups import PRIMARY, WorkGroups
from lakeshare.sandbox.world import World

RULE_NAMED = rule(
    "athena.named-query.exists",
    "A named query is found by the id that making it gave, by its own account.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/APIReference/API_GetNamedQuery.html; the message is ours",
)
RULE_PREPARED = rule(
    "athena.prepared-statement.exists",
    "A prepared statement is in its workgroup before it is used, and is made there only once.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/APIReference/API_GetPreparedStatement.html; the messages are "
    "ours",
)
_OF_NAMED: Final[tuple[str, ...]] = ("Name", "Description", "Database", "QueryString")

_EXECUTE: Final = re.compile(
    r"\s*EXECUTE\s+(?P<name>[\w@:]+|\"[^\"]+\")(?:\s+USING\s+(?P<using>.+?))?\s*;?\s*", re.IGNORECASE | re.DOTALL
)


class Saved:
    """Named queries by account, Region and id; prepared statements by account, Region, workgroup and name."""

    def __init__(self, _world: World) -> None:
        self.queries: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        self.prepared: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = {}


def create_named_query(call: Call) -> Mapping[str, Any]:
    """Answer CreateNamedQuery."""
    group = _group(call)
    here = _queries(call)
    id_ = str(uuid.uuid4())
    given = {member: call.params[member] for member in _OF_NAMED if member in call.params}
    here[id_] = {**given, "NamedQueryId": id_, "WorkGroup": group}
    return {"NamedQueryId": id_}


def get_named_query(call: Call) -> Mapping[str, Any]:
    """Answer GetNamedQuery."""
    return {"NamedQuery": _named(call, call.params["NamedQueryId"])}


def batch_get_named_query(call: Call) -> Mapping[str, Any]:
    """Answer BatchGetNamedQuery, with those that are not there in the answer."""
    here, wanted = _queries(call), call.params["NamedQueryIds"]
    missing = [
        {"NamedQueryId": id_, "ErrorCode": "INVALID_INPUT", "ErrorMessage": f"NamedQuery {id_} was not found"}
        for id_ in wanted
        if id_ not in here
    ]
    return {"NamedQueries": [here[id_] for id_ in wanted if id_ in here], "UnprocessedNamedQueryIds": missing}


def list_named_queries(call: Call) -> Mapping[str, Any]:
    """Answer ListNamedQueries, of one workgroup."""
    group, params = _group(call), call.params
    found = [id_ for id_, each in _queries(call).items() if each["WorkGroup"] == group]
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults"), most=50, refusal=invalid_token)
    return with_token({"NamedQueryIds": shown}, token)


def update_named_query(call: Call) -> Mapping[str, Any]:
    """Answer UpdateNamedQuery."""
    found = _named(call, call.params["NamedQueryId"])
    found.update({member: call.params[member] for member in _OF_NAMED if member in call.params})
    return {}


def delete_named_query(call: Call) -> Mapping[str, Any]:
    """Answer DeleteNamedQuery."""
    del _queries(call)[_named(call, call.params["NamedQueryId"])["NamedQueryId"]]
    return {}


def create_prepared_statement(call: Call) -> Mapping[str, Any]:
    """Answer CreatePreparedStatement."""
    here, name = _prepared(call), call.params["StatementName"]
    if name in here:
        raise invalid(RULE_PREPARED, f"PreparedStatement {name} already exists in WorkGroup {call.params['WorkGroup']}")
    _keep(call, here)
    return {}


def get_prepared_statement(call: Call) -> Mapping[str, Any]:
    """Answer GetPreparedStatement."""
    here, name = _prepared(call), call.params["StatementName"]
    if name not in here:
        raise _no_statement(name)
    return {"PreparedStatement": here[name]}


def list_prepared_statements(call: Call) -> Mapping[str, Any]:
    """Answer ListPreparedStatements, of one workgroup."""
    here, params = _prepared(call), call.params
    summaries = [
        {"StatementName": name, "LastModifiedTime": each["LastModifiedTime"]} for name, each in sorted(here.items())
    ]
    shown, token = page(summaries, params.get("NextToken"), params.get("MaxResults"), most=50, refusal=invalid_token)
    return with_token({"PreparedStatements": shown}, token)


def update_prepared_statement(call: Call) -> Mapping[str, Any]:
    """Answer UpdatePreparedStatement."""
    here, name = _prepared(call), call.params["StatementName"]
    if name not in here:
        raise _no_statement(name)
    _keep(call, here)
    return {}


def delete_prepared_statement(call: Call) -> Mapping[str, Any]:
    """Answer DeletePreparedStatement."""
    here, name = _prepared(call), call.params["StatementName"]
    if name not in here:
        raise _no_statement(name)
    del here[name]
    return {}


def executed(call: Call, text: str, parameters: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """
    Return what *text* runs, and with which parameters, if it is EXECUTE of a prepared statement; else itself.

    Refuses a statement that the workgroup does not have.
    """
    found = _EXECUTE.fullmatch(text)
    if found is None:
        return text, parameters
    name = found["name"].strip('"')
    if (prepared := _prepared(call).get(name)) is None:
        raise invalid(RULE_PREPARED, f"PreparedStatement {name} was not found in workGroup {_group(call)}")
    try:
        given = sqlglot.parse_one(f"SELECT {found['using']}", read="athena").expressions if found["using"] else []
    except SqlglotError:
        raise MalformedQueryError(f"line 1:1: mismatched input '{found['using']}'") from None
    return prepared["QueryStatement"], tuple(each.sql("athena") for each in given) or parameters


def _group(call: Call) -> str:
    """Return the name of the workgroup that the call is about, which must be there."""
    name: str = call.params.get("WorkGroup", PRIMARY)
    return call.world.store(WorkGroups).named(call, name).name


def _queries(call: Call) -> dict[str, dict[str, Any]]:
    return call.world.store(Saved).queries.setdefault((call.caller.account, call.region), {})


def _named(call: Call, id_: str) -> dict[str, Any]:
    found = _queries(call).get(id_)
    if found is None:
        raise invalid(RULE_NAMED, f"NamedQuery {id_} was not found")
    return found


def _prepared(call: Call) -> dict[str, dict[str, Any]]:
    place = call.caller.account, call.region, _group(call)
    return call.world.store(Saved).prepared.setdefault(place, {})


def _keep(call: Call, here: dict[str, dict[str, Any]]) -> None:
    name = call.params["StatementName"]
    here[name] = {
        "StatementName": name,
        "QueryStatement": call.params["QueryStatement"],
        "WorkGroupName": call.params["WorkGroup"],
        "Description": call.params.get("Description"),
        "LastModifiedTime": datetime.fromtimestamp(call.world.clock.now(), UTC),
    }


def _no_statement(name: str) -> ServiceError:
    message = f"PreparedStatement {name} was not found"
    return RULE_PREPARED.refuse("ResourceNotFoundException", message, ResourceName=name)


OPERATIONS: Operations = {
    "CreateNamedQuery": create_named_query,
    "GetNamedQuery": get_named_query,
    "BatchGetNamedQuery": batch_get_named_query,
    "ListNamedQueries": list_named_queries,
    "UpdateNamedQuery": update_named_query,
    "DeleteNamedQuery": delete_named_query,
    "CreatePreparedStatement": create_prepared_statement,
    "GetPreparedStatement": get_prepared_statement,
    "ListPreparedStatements": list_prepared_statements,
    "UpdatePreparedStatement": update_prepared_statement,
    "DeletePreparedStatement": delete_prepared_statement,
}
