"""Runs cut short by faults, broken connections and SIGKILL: the next run finishes, and nothing is orphaned."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lakeshare import app
from lakeshare.engine.events import Event, Finished
from lakeshare.engine.stop import StopSignal
from lakeshare.state.ledger import open_ledger
from tests.functional.accounts import Accounts, apply_all, destroy_all, steps

OPERATIONS = [
    "connect:BatchAssociateAnalyticsDataSet",
    "ram:AcceptResourceShareInvitation",
    "lakeformation:PutDataLakeSettings",
    "lakeformation:BatchGrantPermissions",
    "glue:CreateDatabase",
    "glue:CreateTable",
    "iam:CreateRole",
    "iam:PutRolePolicy",
    "s3:CreateBucket",
    "athena:CreateWorkGroup",
]


@pytest.mark.endurance
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("error", ["kill_before", "kill_after", "ThrottlingException"])
def test_a_fault_on_any_write_is_survived(accounts: Accounts, operation: str, error: str) -> None:
    """A throttle, or a connection broken before or after AWS acted, changes neither the end nor what is ours."""
    settings = accounts.write({"s": accounts.share("users")})
    before, grants = accounts.everything(), accounts.grants()
    accounts.control("faults", [{"operation": operation, "nth": 1, "error": error}])

    apply_all(settings)
    again = app.plan(settings).plan
    destroy_all(settings)

    assert steps(again) == []
    assert {item.reason for item in again.no_ops} == {"as it should be"}
    assert accounts.everything() == before
    assert accounts.grants() == grants


@pytest.mark.parametrize("operation", ["glue:CreateTable", "iam:PutRolePolicy", "lakeformation:BatchGrantPermissions"])
def test_a_refusal_stops_only_what_rests_on_it(accounts: Accounts, operation: str) -> None:
    """One refused call fails its step, skips its dependents with the cause named once, and the next run finishes."""
    settings = accounts.write({"s": accounts.share("users")})
    refused = [{"operation": operation, "nth": n, "error": "AccessDeniedException"} for n in range(1, 4)]
    accounts.control("faults", refused)

    applied = app.apply(settings)
    failed = {outcome.address for outcome in applied.failures}
    with open_ledger(None, accounts.folder, "connect-analytics", create=False) as ledger:
        assert ledger.history(1)[0].status == "failed"
    accounts.control("faults", [])
    apply_all(settings)

    assert failed
    assert all(outcome.because in failed for outcome in applied.skipped)
    assert not app.plan(settings).plan.has_changes


def test_ctrl_c_lists_what_is_left_and_the_next_run_finishes(accounts: Accounts) -> None:
    """After a stop, what flew is finished and recorded, the rest is skipped, and running again goes on from there."""
    stop = StopSignal()

    def listener(event: Event) -> None:
        if isinstance(event, Finished):
            stop.request()

    settings = accounts.write({"s": accounts.share("users", "contact_record")})

    applied = app.apply(replace(settings, stop=stop, listener=listener, workers=1))
    finished = apply_all(settings)

    assert any(outcome.because == "interrupted" for outcome in applied.skipped)
    assert finished.outcomes
    assert not app.plan(settings).plan.has_changes


SCRIPT = """
import json, sys
from pathlib import Path
from lakeshare import app
settings = app.Settings(Path(sys.argv[1]), endpoint_url=sys.argv[2], environ={"EXTERNAL_ID": "a-secret-external-id"})
print("ready", flush=True)
if sys.argv[3] == "apply":
    app.apply(settings)
else:
    app.destroy(settings, confirm=lambda plan: True)
"""


@pytest.mark.endurance
@pytest.mark.parametrize("after_seconds", [0.45, 0.7, 0.95, 1.2, 1.5])
@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_sigkill_at_any_moment_converges(accounts: Accounts, command: str, after_seconds: float) -> None:
    """A run killed at some moment leaves a true ledger: the next apply and destroy end as if nothing had happened."""
    accounts.control("latency", {"ms": 10})
    settings = accounts.write({"s": accounts.share("users", "contact_record")})
    before, grants = accounts.everything(), accounts.grants()
    if command == "destroy":
        apply_all(settings)

    _run_and_kill(accounts, settings.spec_path, command, after_seconds)
    apply_all(settings)
    again = app.plan(settings).plan
    destroy_all(settings)

    assert steps(again) == []
    assert accounts.everything() == before
    assert accounts.grants() == grants
    with open_ledger(None, accounts.folder, "connect-analytics", create=False) as ledger:
        assert ledger.entries() == {}
        assert ledger.intents() == {}


def _run_and_kill(accounts: Accounts, spec: Path, command: str, after_seconds: float) -> None:
    arguments = [sys.executable, "-c", SCRIPT, str(spec), accounts.box.endpoint_url, command]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(os.environ))
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(after_seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
