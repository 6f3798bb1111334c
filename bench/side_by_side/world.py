"""A sandbox in a process of its own, and what stands in it before the job begins."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import boto3

from lakeshare.catalogue import tables

from .job import ADMINISTRATOR, CONSUMER, PRODUCER, REGION, RESULTS_BUCKET, WORKGROUP, Job

PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Conditions:
    """How the sandbox answers: each call *latency_ms* later, Lake Formation *rate* calls a second (None: no limit)."""

    latency_ms: float
    rate: float | None

    @property
    def name(self) -> str:
        """What the tables call it."""
        return "no limit" if self.rate is None else f"{self.rate:g} calls/s"


@dataclass(frozen=True, slots=True)
class Traffic:
    """
    What the sandbox saw of a program.

    ``seconds`` are those from the first call to the last answer, ``answer_seconds`` those of all answers added up,
    ``limited`` the calls of Lake Formation that were admitted: those that a limit counts.
    """

    calls: int
    throttled: int
    failed: int
    limited: int
    seconds: float
    answer_seconds: float


@dataclass(frozen=True, slots=True)
class World:
    """The sandbox at ``endpoint_url``."""

    endpoint_url: str

    def prepare(self, readers: int, count: int) -> Job:
        """
        Empty the sandbox, share *count* tables of Connect's lake with the consumer and accept; return the job.

        The consumer's administrator is one of Lake Formation's, and there is a workgroup whose results have a bucket.
        """
        names = tuple(tables())[:count]
        if len(names) < count:
            raise SystemExit(f"Connect's lake has {len(names)} tables, not {count}")
        self.control("POST", "/_sandbox/reset")
        asked = {"instance_account": PRODUCER, "region": REGION, "tables": list(names), "rows": 1}
        seeded = self.control("POST", "/_sandbox/seed", asked)
        settings = {"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMINISTRATOR}]}
        self.client("lakeformation").put_data_lake_settings(DataLakeSettings=settings)
        self._share(seeded["instance_id"], names)
        self._make_workgroup()
        self._warm_up()
        roles = tuple(f"side-by-side-reader-{number:02d}" for number in range(1, readers + 1))
        return Job(roles, names, seeded["instance_id"], seeded["lake_account"])

    def set_conditions(self, conditions: Conditions) -> None:
        """Let *conditions* hold from now on."""
        limits = {} if conditions.rate is None else {"lakeformation:*": {"rate": conditions.rate, "burst": 5}}
        self.control("PUT", "/_sandbox/limits", limits)
        self.control("PUT", "/_sandbox/latency", {"ms": conditions.latency_ms})

    def forget_traffic(self) -> None:
        """Count from nought again."""
        self.control("DELETE", "/_bench/calls")
        self.control("DELETE", "/_sandbox/calls")

    def traffic(self) -> Traffic:
        """Return what was seen since the last `forget_traffic`."""
        rows = self.control("GET", "/_bench/calls")
        counted = [
            (called, count)
            for calls in self.control("GET", "/_sandbox/calls").values()
            for called, count in calls.items()
        ]
        return Traffic(
            calls=len(rows),
            throttled=sum(count["throttled"] for _, count in counted),
            failed=sum(count["failed"] for _, count in counted),
            limited=sum(
                count["accepted"] + count["failed"] for called, count in counted if called.startswith("lakeformation:")
            ),
            seconds=max(row[1] for row in rows) - min(row[0] for row in rows) if rows else 0.0,
            answer_seconds=sum(answered - came for came, answered, *_ in rows),
        )

    def standing(self, job: Job) -> dict[str, Any]:
        """Return what of the job stands: its grants and links, and whether database and roles are there."""
        lake, glue = self.client("lakeformation"), self.client("glue")
        grants = {
            (row["Principal"]["DataLakePrincipalIdentifier"].rpartition("/")[2], permission, _thing(row["Resource"]))
            for catalog in (CONSUMER, job.lake_account)
            for row in _listed(lake, catalog)
            for permission in row["Permissions"]
            if row["Principal"]["DataLakePrincipalIdentifier"] != ADMINISTRATOR
        }
        databases = [row["Name"] for row in glue.get_databases()["DatabaseList"]]
        links = {
            (name, row["Name"], *sorted(row["TargetTable"].items()))
            for name in databases
            for page in glue.get_paginator("get_tables").paginate(DatabaseName=name)
            for row in page["TableList"]
        }
        roles = sorted(row["RoleName"] for row in self.client("iam").list_roles()["Roles"])
        return {"grants": grants, "databases": databases, "links": links, "roles": roles}

    def client(self, service: str, account: str = CONSUMER) -> Any:
        """Return a boto3 client of *account*'s administrator."""
        keys = {"aws_access_key_id": account, "aws_secret_access_key": "sandbox"}
        return boto3.client(service, region_name=REGION, endpoint_url=self.endpoint_url, **keys)

    def control(self, method: str, path: str, document: Any = None) -> Any:
        """Ask the sandbox itself."""
        body = None if document is None else json.dumps(document).encode()
        with urlopen(Request(self.endpoint_url + path, body, method=method)) as answer:  # noqa: S310 - on loopback
            return json.load(answer)

    def _share(self, instance: str, names: tuple[str, ...]) -> None:
        associated = {"InstanceId": instance, "DataSetIds": list(names), "TargetAccountId": CONSUMER}
        self.client("connect", PRODUCER).batch_associate_analytics_data_set(**associated)
        ram = self.client("ram")
        for row in ram.get_resource_share_invitations()["resourceShareInvitations"]:
            ram.accept_resource_share_invitation(resourceShareInvitationArn=row["resourceShareInvitationArn"])

    def _warm_up(self) -> None:
        """Call what would be called for the first time: then the sandbox reads a service's model, and AWS does not."""
        document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
        asked = {"policyDocument": json.dumps(document), "policyType": "IDENTITY_POLICY"}
        self.client("accessanalyzer").validate_policy(**asked)
        self.client("glue").get_data_catalog_encryption_settings()
        self.client("iam").simulate_principal_policy(PolicySourceArn=ADMINISTRATOR, ActionNames=["s3:GetObject"])

    def _make_workgroup(self) -> None:
        place = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
        self.client("s3").create_bucket(Bucket=RESULTS_BUCKET, **place)
        results = {"ResultConfiguration": {"OutputLocation": f"s3://{RESULTS_BUCKET}/"}}
        self.client("athena").create_work_group(Name=WORKGROUP, Configuration=results)


@contextmanager
def serving() -> Iterator[World]:
    """Run a sandbox for as long as the context lasts."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(Path(__file__).with_name("served.py")), str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as program:
        world = World(f"http://127.0.0.1:{port}")
        try:
            _wait_until_ready(world, program)
            yield world
        finally:
            program.terminate()


def _wait_until_ready(world: World, program: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while program.poll() is None and time.monotonic() < deadline:
        try:
            world.control("GET", "/_sandbox/health")
        except (URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the sandbox did not start")


def _listed(lake: Any, catalog: str) -> Iterator[dict[str, Any]]:
    """Yield all grants in *catalog*: botocore knows no pages of this list."""
    token: dict[str, str] = {}
    while True:
        page = lake.list_permissions(CatalogId=catalog, MaxResults=1000, **token)
        yield from page["PrincipalResourcePermissions"]
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def _thing(resource: dict[str, Any]) -> str:
    if "Database" in resource:
        return f"{resource['Database']['CatalogId']} {resource['Database']['Name']}"
    table = resource.get("Table") or resource.get("TableWithColumns")
    if table is None:
        return ", ".join(resource)
    columns = f" {sorted(table['ColumnNames'])}" if table.get("ColumnNames") else ""
    return f"{table['CatalogId']} {table['DatabaseName']}.{table['Name']}{columns}"
