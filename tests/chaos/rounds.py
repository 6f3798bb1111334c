"""One round of trouble each: what is done to a world, and what must hold afterwards."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from lakeshare import app
from lakeshare.app.ledgers import ledger_at
from lakeshare.errors import BlockedError, LakeshareError
from lakeshare.sandbox import Sandbox
from lakeshare.state.ledger import Ledger
from tests.chaos.inventory import difference, inventory
from tests.chaos.killing import random_point, run_and_kill
from tests.chaos.passage import Passage
from tests.chaos.plants import plant, settle_in
from tests.chaos.specs import random_shares, write_spec
from tests.functional.accounts import BASE, REGION, SECRET, Accounts

NAME = "connect-analytics"
LEDGERS = "team-ledgers"


@dataclass
class Round:
    """A world with a past, what was done to it, and what was found wrong."""

    seed: int
    accounts: Accounts
    choose: Random
    planted: list[str] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    state: str | None = None

    def flags(self) -> tuple[str, ...]:
        """Return the global flags that lead to the spec and the ledger."""
        where = ("--state", self.state) if self.state else ()
        return "-f", str(self.accounts.folder / "lakeshare.yaml"), "--json", *where

    def written(self, shares: dict[str, Any]) -> app.Settings:
        """Write the spec with *shares*."""
        return replace(write_spec(self.accounts, shares), state=self.state)

    def ledger(self) -> Ledger:
        """Open the ledger to look into it."""
        at = self.accounts.box.endpoint_url
        return ledger_at(self.state, self.accounts.folder, NAME, create=False, run_id="chaos", endpoint_url=at)


def begin(box: Sandbox, seed: int, state: str | None = None) -> Round:
    """Make a world as *seed* has it; *state* is where the ledger lies, in S3 in a bucket of another account."""
    os.environ.update(AWS_ACCESS_KEY_ID=BASE, AWS_SECRET_ACCESS_KEY="x", EXTERNAL_ID=SECRET)
    this = Round(seed, Accounts(box, Path(tempfile.mkdtemp(prefix="chaos-"))), Random(seed))  # noqa: S311 - to be repeated
    settle_in(this.accounts)
    if state:
        this.state = f"s3://{LEDGERS}/round-{seed}"
        where = {"LocationConstraint": REGION}
        this.accounts.client("s3", BASE).create_bucket(Bucket=LEDGERS, CreateBucketConfiguration=where)
    this.planted = plant(this.accounts, this.choose)
    # What others granted a moment ago no list may show yet, and who grants the same then cannot know of it.
    this.accounts.control("clock", {"advance_seconds": 10})
    this.before = inventory(this.accounts)
    return this


def killed_round(box: Sandbox, passage: Passage, seed: int, state: str | None = None) -> Round:
    """Kill one to four runs in a row, with specs that may change in between, and then converge."""
    this = begin(box, seed, state)
    choose, accounts = this.choose, this.accounts
    if choose.random() < 0.2:
        accounts.control("delays", {"iam_s": 0.5, "ram_s": 0.5, "lf_list_s": 1})
    shares = random_shares(accounts, choose)
    settings = this.written(shares)
    if choose.random() < 0.6:
        _must_apply(this, settings)
    for _ in range(choose.choice((1, 1, 1, 2, 3, 4))):
        if choose.random() < 0.75:
            settings = this.written(random_shares(accounts, choose))
        command = choose.choice(("apply", "apply", "destroy"))
        point = random_point(choose)
        ended = run_and_kill(passage, [command, "--auto-approve", *this.flags()], point)
        this.done.append(f"{command}, killed {point}: {ended.code} {ended.at}")
        if ended.code == -9:
            this.points.append(f"{point.sort} {point.moment} {ended.at}")
        elif ended.code != 0:
            this.wrong.append(f"{command} ended with {ended.code}: {ended.text[-600:]}")
    if choose.random() < 0.3:
        settings = this.written(random_shares(accounts, choose))
    converge(this, settings)
    return this


def _must_apply(this: Round, settings: app.Settings) -> None:
    try:
        applied = app.apply(settings)
    except LakeshareError as error:
        this.wrong.append(f"apply: {_told(error)}")
        return
    this.wrong += [f"apply: {item.address}: {item.error}" for item in applied.failures]
    this.wrong += [f"apply: {item.address} skipped because of {item.because}" for item in applied.skipped]
    this.wrong += [f"apply: {_told(applied.trouble)}"] if applied.trouble else []


def _told(error: LakeshareError) -> str:
    blockers = f" {error.blockers}" if isinstance(error, BlockedError) else ""
    return f"{type(error).__name__}: {error}{blockers}"


def converge(this: Round, settings: app.Settings) -> None:
    """Apply, plan and destroy, and note what does not end as if nothing had happened."""
    _must_apply(this, settings)
    try:
        again = app.plan(settings).plan
        this.wrong += [f"planned again: {step.action} {step.address}: {step.reason}" for step in again.steps]
        this.wrong += [f"blocked: {item.address}: {item.reason}" for item in again.blockers]
        with this.ledger() as ledger:
            this.wrong += [f"intent left after apply: {address}" for address in ledger.intents()]
        gone = app.destroy(settings, confirm=lambda _plan: True)
        this.wrong += [f"destroy: {item.address}: {item.error}" for item in gone.failures]
        this.wrong += [f"destroy: kept {item.address}: {item.note or item.because}" for item in gone.skipped]
        this.wrong += [f"destroy: {_told(gone.trouble)}"] if gone.trouble else []
    except LakeshareError as error:
        this.wrong.append(_told(error))
    this.wrong += difference(this.before, inventory(this.accounts))
    with this.ledger() as ledger:
        this.wrong += [f"entry left: {address}" for address in ledger.entries()]
        this.wrong += [f"intent left: {address}" for address in ledger.intents()]


TRANSIENT = ("kill_before", "kill_after", "ThrottlingException", "ConcurrentModificationException")
OPERATIONS = (
    *("connect:BatchAssociateAnalyticsDataSet", "connect:BatchDisassociateAnalyticsDataSet"),
    *("connect:ListAnalyticsDataAssociations", "connect:ListAnalyticsDataLakeDataSets"),
    *("ram:AcceptResourceShareInvitation", "ram:GetResourceShares", "ram:GetResourceShareInvitations"),
    *("lakeformation:PutDataLakeSettings", "lakeformation:GetDataLakeSettings", "lakeformation:ListPermissions"),
    *("lakeformation:BatchGrantPermissions", "lakeformation:BatchRevokePermissions"),
    *("lakeformation:GrantPermissions", "lakeformation:RevokePermissions"),
    *("glue:CreateDatabase", "glue:DeleteDatabase", "glue:GetDatabase", "glue:GetTables", "glue:GetTable"),
    *("glue:CreateTable", "glue:DeleteTable", "glue:TagResource", "glue:UntagResource"),
    *("iam:CreateRole", "iam:DeleteRole", "iam:GetRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy"),
    *("iam:GetRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:TagRole", "iam:UntagRole"),
    *("s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketEncryption", "s3:PutPublicAccessBlock", "s3:HeadBucket"),
    *("s3:PutBucketLifecycleConfiguration", "s3:PutBucketTagging", "s3:ListObjectsV2", "s3:GetBucketTagging"),
    *("athena:CreateWorkGroup", "athena:DeleteWorkGroup", "athena:GetWorkGroup", "athena:UpdateWorkGroup"),
    *("sts:AssumeRole", "sts:GetCallerIdentity", "glue:*", "lakeformation:*", "iam:*", "*", "*"),
)


def random_faults(choose: Random) -> list[dict[str, Any]]:
    """Return one to five faults, some that pass and some that do not, at any of the calls."""
    faults = []
    for _ in range(choose.randint(1, 5)):
        operation = choose.choice(OPERATIONS)
        denied = "AccessDenied" if operation.startswith(("iam", "s3", "sts")) else "AccessDeniedException"
        error = choose.choice((*TRANSIENT, "InternalServiceException", denied))
        most = 60 if operation == "*" else 15 if operation.endswith("*") else 3
        faults.append({"operation": operation, "nth": choose.randint(1, most), "error": error})
    return faults


def faulty_round(this: Round, seed: int) -> Round:
    """Apply, change or destroy under faults in a world that is clean, and then converge."""
    choose = this.choose = Random(seed)  # noqa: S311 - to be repeated
    this.seed, this.done, this.wrong, this.points = seed, [], [], []
    accounts = this.accounts
    accounts.folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    shares = random_shares(accounts, choose)
    settings = this.written(shares)
    command = choose.choice(("apply", "apply", "apply", "change", "destroy"))
    if command != "apply":
        _must_apply(this, settings)
        if command == "change":
            settings = this.written(random_shares(accounts, choose))
    faults = random_faults(choose)
    accounts.control("faults", faults)
    if choose.random() < 0.2:
        accounts.control("delays", {"iam_s": 0.5, "ram_s": 0.5, "lf_list_s": choose.choice((0.5, 2))})
    outcome = _under_faults(settings, is_destroy=command == "destroy")
    pending = accounts.asked("faults")
    accounts.control("faults", [])
    this.points += [f"{item['error']} {item['operation']}" for item in faults if item not in pending]
    listed = ", ".join("{error} {operation}/{nth}".format(**item) for item in faults)
    this.done.append(f"{command} under {listed}: {outcome}")
    if outcome and all(item["error"] in (*TRANSIENT, "InternalServiceException") for item in faults):
        this.wrong.append(f"what passes was not survived: {outcome}")
    if choose.random() < 0.2:
        settings = this.written(random_shares(accounts, choose))
    converge(this, settings)
    accounts.control("delays", {})
    return this


def _under_faults(settings: app.Settings, *, is_destroy: bool) -> str:
    try:
        applied = app.destroy(settings, confirm=lambda _plan: True) if is_destroy else app.apply(settings)
    except LakeshareError as error:
        return _told(error)
    ended = [_told(applied.trouble)] if applied.trouble else []
    return "; ".join([*(f"{item.address}: {item.error}" for item in applied.failures), *ended])
