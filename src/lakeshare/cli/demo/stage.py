"""What the demo stands on: a sandbox, a seeded Connect instance, an operator role in each account, a spec."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from lakeshare.catalogue import tables
from lakeshare.cli.demo.isolation import BASE_ACCOUNT

REGION: Final = "ap-southeast-2"
PRODUCER: Final = "111111111111"
CONSUMER: Final = "222222222222"
OPERATOR: Final = "lakeshare-operator"
READER: Final = "connect-analytics-lambda-execution-role"
EXTERNAL_ID_VARIABLE: Final = "LAKESHARE_EXTERNAL_ID"
EXTERNAL_ID: Final = "demo-7f3c9a"

ASKED_ABOUT: Final = ("contact_record", "contact_statistic_record")
"""The tables of the sample query; whatever is left out, these are in."""

SPEC: Final = """\
version: 1
name: connect-analytics

accounts:
  producer: {{id: "{producer}", region: {region}, role: {operator}, external_id: "${{{variable}}}"}}
  consumer: {{id: "{consumer}", region: {region}, role: {operator}, external_id: "${{{variable}}}"}}

shares:
  contact-centre:
    from:
      account: producer
      connect: {{instance: {instance}, tables: {tables}}}
    to:
      account: consumer
      database: connect_analytics_consumer
      links: "{{table}}_link"
    readers:
      - role: {reader}
        create: {{service: lambda.amazonaws.com}}
    prove_denial: true
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that is there before lakeshare is. ``environ`` holds the one secret of the spec."""

    endpoint_url: str
    folder: Path
    spec: Path
    instance: str
    tables: tuple[str, ...]
    environ: dict[str, str]


@contextmanager
def set_up(*, tables_wanted: int, rows: int) -> Iterator[Stage]:
    """Give a stage for as long as the context lasts: a sandbox on a port of its own, and a folder."""
    from lakeshare.sandbox.server import Sandbox

    names = chosen(tables_wanted)
    with Sandbox() as box, TemporaryDirectory(prefix="lakeshare-demo-") as folder:
        seeded = box.seed(instance_account=PRODUCER, region=REGION, tables=list(names), rows=rows)
        for account in (PRODUCER, CONSUMER):
            _make_operator(box.endpoint_url, account)
        spec = Path(folder, "lakeshare.yaml")
        spec.write_text(spec_text(seeded["instance_id"], names), encoding="utf-8")
        environ = {EXTERNAL_ID_VARIABLE: EXTERNAL_ID}
        yield Stage(box.endpoint_url, Path(folder), spec, seeded["instance_id"], names, environ)


def chosen(count: int) -> tuple[str, ...]:
    """Return *count* tables of the catalogue, those that the sample query needs first."""
    rest = [name for name in tables() if name not in ASKED_ABOUT]
    return (*ASKED_ABOUT, *rest)[:count]


def spec_text(instance: str, names: tuple[str, ...]) -> str:
    """Return the demo's spec."""
    return SPEC.format(
        producer=PRODUCER,
        consumer=CONSUMER,
        region=REGION,
        operator=OPERATOR,
        variable=EXTERNAL_ID_VARIABLE,
        instance=instance,
        tables="all" if len(names) == len(tables()) else f"[{', '.join(names)}]",
        reader=READER,
    )


def _make_operator(endpoint_url: str, account: str) -> None:
    """Make the role that lakeshare acts as in *account*, as that account's administrator would, once."""
    import boto3

    iam = boto3.client(
        "iam",
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=account,
        aws_secret_access_key="sandbox",  # noqa: S106 - the sandbox checks no signatures
    )
    iam.create_role(RoleName=OPERATOR, AssumeRolePolicyDocument=json.dumps(_trust()))
    iam.attach_role_policy(RoleName=OPERATOR, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def _trust() -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{BASE_ACCOUNT}:user/administrator"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
