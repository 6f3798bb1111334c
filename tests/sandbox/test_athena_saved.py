"""What Athena keeps in workgroups: named queries and prepared statements."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, refused

NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def athena(client: ClientMaker) -> Any:
    """The consumer's Athena, with a workgroup ``team``."""
    athena = client("athena", CONSUMER)
    athena.create_work_group(Name="team")
    return athena


@pytest.mark.refuses("athena.named-query.exists")
@pytest.mark.allows("athena.named-query.exists")
def test_named_queries_are_kept_by_workgroup(athena: Any, client: ClientMaker) -> None:
    """A named query is found by its id, listed by its workgroup, changed and deleted, by its own account alone."""
    given = {"Name": "all", "Database": "lake", "QueryString": "SELECT 1", "Description": "everything"}
    id_ = athena.create_named_query(**given, WorkGroup="team")["NamedQueryId"]

    assert athena.get_named_query(NamedQueryId=id_)["NamedQuery"] == {
        **given,
        "NamedQueryId": id_,
        "WorkGroup": "team",
    }
    assert athena.list_named_queries(WorkGroup="team")["NamedQueryIds"] == [id_]
    assert athena.list_named_queries()["NamedQueryIds"] == []
    with refused("InvalidRequestException", "was not found"):
        client("athena", PRODUCER).get_named_query(NamedQueryId=id_)
    with refused("InvalidRequestException", "WorkGroup nothing is not found"):
        athena.create_named_query(**given, WorkGroup="nothing")

    athena.update_named_query(NamedQueryId=id_, Name="one", QueryString="SELECT 2")
    batch = athena.batch_get_named_query(NamedQueryIds=[id_, NOBODY])

    assert [each["QueryString"] for each in batch["NamedQueries"]] == ["SELECT 2"]
    assert [each["NamedQueryId"] for each in batch["UnprocessedNamedQueryIds"]] == [NOBODY]
    athena.delete_named_query(NamedQueryId=id_)
    with refused("InvalidRequestException", "was not found"):
        athena.delete_named_query(NamedQueryId=id_)


@pytest.mark.refuses("athena.prepared-statement.exists")
@pytest.mark.allows("athena.prepared-statement.exists")
def test_prepared_statements_are_kept_by_workgroup(athena: Any) -> None:
    """A prepared statement is made once in a workgroup, and read, listed, changed and deleted there."""
    named = {"StatementName": "count_all", "WorkGroup": "team"}
    athena.create_prepared_statement(**named, QueryStatement="SELECT ?")
    with refused("InvalidRequestException", "already exists"):
        athena.create_prepared_statement(**named, QueryStatement="SELECT ?")
    athena.update_prepared_statement(**named, QueryStatement="SELECT ? + 1", Description="more")

    found = athena.get_prepared_statement(**named)["PreparedStatement"]
    (listed,) = athena.list_prepared_statements(WorkGroup="team")["PreparedStatements"]

    assert (found["QueryStatement"], found["Description"], found["WorkGroupName"]) == ("SELECT ? + 1", "more", "team")
    assert listed == {"StatementName": "count_all", "LastModifiedTime": found["LastModifiedTime"]}
    with refused("ResourceNotFoundException"):
        athena.get_prepared_statement(StatementName="count_all", WorkGroup="primary")
    athena.delete_prepared_statement(**named)
    with refused("ResourceNotFoundException"):
        athena.delete_prepared_statement(**named)
    with refused("ResourceNotFoundException"):
        athena.update_prepared_statement(**named, QueryStatement="SELECT 1")
