"""The plugin for pytest: a user's own tests of Lake Formation code, run by a pytest of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.trouble import Trouble

# Pytest's default import mode and none of this project's settings: what a user without any would have.
USERS_TESTS = """
import boto3
import pytest
from botocore.exceptions import ClientError

LINK = {"Name": "orders", "TargetTable": {"CatalogId": "111111111111", "DatabaseName": "sales", "Name": "orders"}}


def test_a_link_takes_no_select(lakeshare_sandbox, monkeypatch):
    for name, value in lakeshare_sandbox.environment("222222222222", "eu-west-2").items():
        monkeypatch.setenv(name, value)
    own = boto3.session.Session()
    me = own.client("sts").get_caller_identity()["Arn"]
    own.client("lakeformation").put_data_lake_settings(
        DataLakeSettings={"DataLakeAdmins": [{"DataLakePrincipalIdentifier": me}]}
    )
    glue = lakeshare_sandbox.client("glue", account="222222222222", region="eu-west-2")
    glue.create_database(DatabaseInput={"Name": "local"})
    glue.create_table(DatabaseName="local", TableInput=LINK)
    with pytest.raises(ClientError, match="resource link"):
        lakeshare_sandbox.client("lakeformation", "222222222222", "eu-west-2").grant_permissions(
            Principal={"DataLakePrincipalIdentifier": me},
            Resource={"Table": {"DatabaseName": "local", "Name": "orders"}},
            Permissions=["SELECT"],
        )


def test_every_test_has_an_empty_world(lakeshare_sandbox):
    assert lakeshare_sandbox.client("glue", "222222222222", "eu-west-2").get_databases()["DatabaseList"] == []
    assert lakeshare_sandbox.clock.offset_seconds == 0
    assert list(lakeshare_sandbox.calls()) == ["222222222222"]


def test_the_world_can_be_filled_and_emptied(lakeshare_sandbox, lakeshare_sandbox_server):
    seeded = lakeshare_sandbox.seed("333333333333", "eu-west-2", tables=["users"], rows=0)
    instances = lakeshare_sandbox.client("connect", "333333333333", "eu-west-2").list_instances
    assert [each["Id"] for each in instances()["InstanceSummaryList"]] == [seeded["instance_id"]]
    lakeshare_sandbox_server.reset()
    assert instances()["InstanceSummaryList"] == []


def test_a_client_can_act_as_a_role(lakeshare_sandbox):
    trust = '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}]}'
    made = lakeshare_sandbox.client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=trust)
    sts = lakeshare_sandbox.client("sts", role=made["Role"]["Arn"])
    assert ":assumed-role/reader/" in sts.get_caller_identity()["Arn"]
    lakeshare_sandbox.clock.advance(1800)
    lakeshare_sandbox.clock.advance(1801)
    with pytest.raises(ClientError, match="expired"):
        sts.get_caller_identity()


def test_trouble_comes_when_asked_for(lakeshare_sandbox):
    before = lakeshare_sandbox.clock.now()
    assert lakeshare_sandbox.set_limits({"sts:*": {"rate": 0, "burst": 1}})["sts:*"]["burst"] == 1
    assert lakeshare_sandbox.set_latency(1) == {"ms": 1}
    assert lakeshare_sandbox.set_delays(iam_s=2)["iam_s"] == 2
    assert lakeshare_sandbox.set_switches({"glue.link-storage": "mask"})["glue.link-storage"] == "mask"
    assert lakeshare_sandbox.set_faults({"operation": "glue:GetTables", "error": "ThrottlingException"})
    sts = lakeshare_sandbox.client("sts")
    sts.get_caller_identity()
    with pytest.raises(ClientError, match="Rate exceeded"):
        sts.get_caller_identity()
    lakeshare_sandbox.forget_calls()
    assert lakeshare_sandbox.calls() == {}
    assert lakeshare_sandbox.clock.now() >= before


def test_a_mistake_says_what_was_expected(lakeshare_sandbox):
    with pytest.raises(Exception, match="expected ms to be a number"):
        lakeshare_sandbox.set_latency("long")
"""
COUNT = 6
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "sandbox.md"
EXAMPLES = re.findall("^```python\n(.*?)^```", DOCUMENTATION.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def users(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A user's project with tests of its own, in an environment that says nothing of AWS."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "LAKESHARE_SANDBOX_URL"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(test_lake=USERS_TESTS)
    return pytester


def test_in_the_process_of_the_tests(users: pytest.Pytester) -> None:
    """Without a word of configuration a server of their own answers the tests, the documentation's example too."""
    users.makepyfile(test_documented=next(block for block in EXAMPLES if "lakeshare_sandbox" in block))

    users.runpytest_subprocess().assert_outcomes(passed=COUNT + 1)


def test_against_a_running_server_of_an_option(users: pytest.Pytester, sandbox_server: Sandbox) -> None:
    """The same tests pass against the server that the option names, and it is that one that they talk to."""
    told = users.runpytest_subprocess("--lakeshare-sandbox-url", sandbox_server.endpoint_url, "-k", "not mistake")

    told.assert_outcomes(passed=COUNT - 1, deselected=1)
    assert sandbox_server.world.store(Trouble).counts.document() == {}, "the last test of theirs forgot the calls"
    assert sandbox_server.world.store(Trouble).latency_ms == 1


def test_against_a_running_server_of_a_variable(
    users: pytest.Pytester, sandbox_server: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LAKESHARE_SANDBOX_URL does what the option does."""
    monkeypatch.setenv("LAKESHARE_SANDBOX_URL", f"{sandbox_server.endpoint_url}/")
    age = sandbox_server.world.age

    users.runpytest_subprocess("-k", "empty_world").assert_outcomes(passed=1, deselected=COUNT - 1)

    assert sandbox_server.world.age == age + 1


def test_a_server_that_does_not_answer_is_told_by_name(users: pytest.Pytester) -> None:
    """A URL at which nobody listens fails the tests in one sentence."""
    told = users.runpytest_subprocess("--lakeshare-sandbox-url", "http://127.0.0.1:1", "-k", "empty_world")

    told.assert_outcomes(errors=1, deselected=COUNT - 1)
    told.stdout.fnmatch_lines(["no sandbox answers at http://127.0.0.1:1: *"])


def test_workers_do_not_share_a_server(users: pytest.Pytester, sandbox_server: Sandbox) -> None:
    """Several workers against one URL are stopped: each would empty the world of the others."""
    told = users.runpytest_subprocess(
        "-n", "2", "--lakeshare-sandbox-url", sandbox_server.endpoint_url, "-k", "empty_world or mistake"
    )

    told.assert_outcomes(errors=2)
    told.stdout.fnmatch_lines(["2 workers share the sandbox at *"])


def test_it_costs_nothing_until_it_is_used() -> None:
    """Importing the plugin, which every run of pytest does, imports nothing else that pytest has not imported."""
    shown = (
        "import sys, pytest; before = set(sys.modules); import lakeshare.sandbox.testing; "
        "print(*sorted(set(sys.modules) - before))"
    )
    told = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True).stdout

    own = ["lakeshare", "lakeshare._version", "lakeshare.sandbox", "lakeshare.sandbox.testing"]
    assert [name for name in told.split() if not name.startswith("__editable__")] == own
