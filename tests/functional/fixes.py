"""Runs the commands that explain gives as a fix, word for word, as the AWS CLI would send them."""

from __future__ import annotations

import json
import shlex
from typing import Any

from tests.functional.accounts import Accounts


def run_fix(accounts: Accounts, command: str, account: str) -> None:
    """Run an ``aws`` *command*, or several joined by ``&&``, as an administrator of *account* and of its lake."""
    be_administrator(accounts, account)
    for part in command.split(" && "):
        program, service, operation, *words = shlex.split(part)
        assert program == "aws", command
        region, params = _parameters(words)
        client = accounts.client(service.removesuffix("api"), account)
        assert region in (None, client.meta.region_name), command
        model = client.meta.service_model.operation_model(_pascal(operation))
        shapes = model.input_shape.members
        spelt = {name.lower(): name for name in shapes}
        sent = {spelt[name]: _value(shapes[spelt[name]].type_name, given) for name, given in params.items()}
        getattr(client, operation.replace("-", "_"))(**sent)


def be_administrator(accounts: Accounts, account: str) -> None:
    """Make the account's administrator one of its lake too, beside those that it has."""
    lake = accounts.client("lakeformation", account)
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    me = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:user/administrator"}
    if me not in settings["DataLakeAdmins"]:
        admins = [*settings["DataLakeAdmins"], me]
        lake.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": admins})


def _parameters(words: list[str]) -> tuple[str | None, dict[str, list[str]]]:
    params: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            params[word.removeprefix("--").replace("-", "")] = values = []
        else:
            values.append(word)
    region = params.pop("region", [None])[0]
    return region, params


def _value(kind: str, given: list[str]) -> Any:
    if kind == "list":
        return json.loads(given[0]) if given[0].startswith("[") else given
    if kind in ("structure", "map"):
        # The CLI's short way of writing one: Name=value.
        return json.loads(given[0]) if given[0].startswith("{") else dict([given[0].split("=")])
    return given[0]


def _pascal(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("-"))
