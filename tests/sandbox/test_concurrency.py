"""Many clients at once: no call of theirs fails on our side, and no grant is lost."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, as_role
from tests.sandbox.ruled import TABLE, Lake

CLIENTS = 64


@pytest.fixture
def lake(client: ClientMaker) -> Lake:
    """A table ``ruled.t`` that the administrator made, and as many roles as clients."""
    lake = Lake(client("lakeformation", CONSUMER, max_pool_connections=CLIENTS))
    lake.put(ADMIN)
    glue = client("glue", CONSUMER)
    glue.create_database(DatabaseInput={"Name": "ruled", "CreateTableDefaultPermissions": []})
    glue.create_table(DatabaseName="ruled", TableInput={"Name": "t"})
    for number in range(CLIENTS):
        as_role(client, "glue", f"reader-{number}")
    return lake


def reader(number: int) -> str:
    """Return the ARN of one of the roles."""
    return f"arn:aws:iam::{CONSUMER}:role/reader-{number}"


def test_sixty_four_clients_grant_revoke_list_and_make_tables(lake: Lake, client: ClientMaker) -> None:
    """Each makes a table and grants on it, grants and revokes on one that all share, and lists meanwhile."""
    glue = client("glue", CONSUMER, max_pool_connections=CLIENTS)
    database = {"Database": {"Name": "ruled"}}

    def work(number: int) -> None:
        own = {"Table": {"DatabaseName": "ruled", "Name": f"t{number}"}}
        lake.grant(reader(number), TABLE, "SELECT", "DESCRIBE", "ALTER")
        glue.create_table(DatabaseName="ruled", TableInput={"Name": f"t{number}"})
        lake.grant(reader(number), own, "INSERT", options=("INSERT",))
        lake.grant(reader(number), database, "CREATE_TABLE")
        lake.rows()
        lake.revoke(reader(number), TABLE, "ALTER")
        glue.get_tables(DatabaseName="ruled")
        lake.revoke(reader(number), database, "CREATE_TABLE")

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(work, range(CLIENTS)))

    held = defaultdict(set)
    for row in lake.rows():
        (thing,) = row["Resource"].values()
        for permission in row["Permissions"]:
            held[row["Principal"]["DataLakePrincipalIdentifier"]].add((thing.get("Name"), permission))
    for number in range(CLIENTS):
        assert held[reader(number)] == {("t", "SELECT"), ("t", "DESCRIBE"), (f"t{number}", "INSERT")}
    assert len(glue.get_tables(DatabaseName="ruled")["TableList"]) == CLIENTS + 1
