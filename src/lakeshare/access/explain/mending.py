"""The commands that mend what a check found wrong, as the AWS CLI takes them. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from lakeshare.access.explain.observed import Asker, Question, Spot
from lakeshare.access.iam import Statement


def aws(service: str, operation: str, region: str | None = None, **params: str | Mapping[str, Any]) -> str:
    """Return an AWS CLI command; mappings are written as JSON, and everything is quoted for a shell."""
    words = ["aws", service, operation, *(["--region", region] if region else [])]
    for name, value in params.items():
        text = value if isinstance(value, str) else json.dumps(value)
        words += [f"--{name.replace('_', '-')}", text]
    return " ".join(shlex.quote(word) for word in words)


def ask(question: Question) -> str:
    """Return the command that asks *question*."""
    column = ["--column", question.column] if question.column else []
    return shlex.join(["lakeshare", "explain", "--principal", question.principal, "--table", question.table, *column])


def grant(principal: str, spot: Spot, *permissions: str, columns: Iterable[str] = (), grantable: bool = False) -> str:
    """Return the command that grants *permissions* on a database, a table, or some columns of it."""
    return _permissions("grant-permissions", principal, spot, permissions, tuple(columns), grantable=grantable)


def _permissions(
    operation: str,
    principal: str,
    spot: Spot,
    permissions: tuple[str, ...],
    columns: tuple[str, ...],
    *,
    grantable: bool,
) -> str:
    words = [
        *("aws", "lakeformation", operation, "--region", spot.region),
        *("--principal", json.dumps({"DataLakePrincipalIdentifier": principal})),
        *("--resource", json.dumps(_resource(spot, columns))),
        *("--permissions", *permissions),
        *(["--permissions-with-grant-option", *permissions] if grantable else []),
    ]
    return " ".join(shlex.quote(word) for word in words)


def _resource(spot: Spot, columns: tuple[str, ...]) -> dict[str, Any]:
    if spot.table is None:
        return {"Database": {"CatalogId": spot.catalog, "Name": spot.database}}
    table = {"CatalogId": spot.catalog, "DatabaseName": spot.database, "Name": spot.table}
    return {"TableWithColumns": {**table, "ColumnNames": list(columns)}} if columns else {"Table": table}


def allow(asker: Asker, name: str, actions: Iterable[str], resources: Iterable[str]) -> str:
    """Return the command that gives a role or user one more inline policy, which allows *actions* on *resources*."""
    statement = {"Effect": "Allow", "Action": sorted(set(actions)), "Resource": sorted(set(resources))}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    who = {f"{asker.kind}_name": asker.name}
    return aws("iam", f"put-{asker.kind}-policy", **who, policy_name=name, policy_document=document)


def take_out(statement: Statement) -> str | None:
    """Return the command that takes *statement* out of its policy; None where there is none."""
    kept = statement.kept
    if kept is None or statement.count == 1:
        return kept.drop if kept else None
    program = f'.Statement |= (if type == "array" then . else [.] end) | del(.Statement[{statement.number - 1}])'
    return f"{kept.get} | jq {shlex.quote(program)} > policy.json && {kept.put}"


def link(spot: Spot, target: Spot) -> str:
    """Return the command that makes the resource link *spot* to *target*."""
    elsewhere = {} if target.region == spot.region else {"Region": target.region}
    where = {"CatalogId": target.catalog, "DatabaseName": target.database, "Name": target.table, **elsewhere}
    table = {"Name": str(spot.table), "TargetTable": where}
    return aws(
        "glue",
        "create-table",
        spot.region,
        catalog_id=spot.catalog,
        database_name=spot.database,
        table_input=table,
    )


def database_link(spot: Spot, target: Spot) -> str:
    """Return the command that makes the database of *spot* a link to that of *target*."""
    elsewhere = {} if target.region == spot.region else {"Region": target.region}
    where = {"CatalogId": target.catalog, "DatabaseName": target.database, **elsewhere}
    database = {"Name": spot.database, "TargetDatabase": where}
    return aws("glue", "create-database", spot.region, catalog_id=spot.catalog, database_input=database)


def bucket(name: str, region: str) -> str:
    """Return the command that makes a bucket."""
    # us-east-1 is the one Region that S3 refuses to be told about (documented).
    home = {} if region == "us-east-1" else {"create_bucket_configuration": f"LocationConstraint={region}"}
    return aws("s3api", "create-bucket", region, bucket=name, **home)


def results_place(workgroup: str, account: str, region: str) -> str:
    """
    Return the command that gives *workgroup* a place for results.

    The bucket is called as the one that Athena's console makes; where it is not there, that is said next.
    """
    name = f"aws-athena-query-results-{account}-{region}"
    updates = {"ResultConfigurationUpdates": {"OutputLocation": f"s3://{name}/{workgroup}/"}}
    return aws("athena", "update-work-group", region, work_group=workgroup, configuration_updates=updates)


def accept(invitation: str, region: str) -> str:
    """Return the command that accepts an invitation."""
    return aws("ram", "accept-resource-share-invitation", region, resource_share_invitation_arn=invitation)


def opt_in(principal: str, spot: Spot) -> str:
    """Return the command by which, in hybrid access mode, Lake Formation's grants on *spot* count for *principal*."""
    return aws(
        "lakeformation",
        "create-lake-formation-opt-in",
        spot.region,
        principal={"DataLakePrincipalIdentifier": principal},
        resource=_resource(spot, ()),
    )
