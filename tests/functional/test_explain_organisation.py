"""explain in an organisation: service control policies decide where they can be read, and are unknown where not."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from lakeshare import app
from lakeshare.access.explain import Explanation, Question
from tests.functional.accounts import OPERATOR, PRODUCER, REGION, Accounts


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Family:
    """An organisation that the producer manages, and a member account with a table, a reader and a workgroup."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.api = accounts.client("organizations", PRODUCER)
        self.api.create_organization(FeatureSet="ALL")
        made = self.api.create_account(AccountName="member", Email="member@example.com")
        self.member: str = made["CreateAccountStatus"]["AccountId"]
        self.reader = f"arn:aws:iam::{self.member}:role/reader"
        operator = accounts.make_operator(self.member)
        lake = self.client("lakeformation")
        settings = lake.get_data_lake_settings()["DataLakeSettings"]
        lake.put_data_lake_settings(
            DataLakeSettings={**settings, "DataLakeAdmins": [{"DataLakePrincipalIdentifier": operator}]}
        )
        self._make_reader()
        self._make_table()

    def client(self, service: str) -> Any:
        return self.accounts.client(service, self.member)

    def _make_reader(self) -> None:
        trust = {"Effect": "Allow", "Principal": {"AWS": self.member}, "Action": "sts:AssumeRole"}
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        iam = self.client("iam")
        iam.create_role(RoleName="reader", AssumeRolePolicyDocument=_document(trust))
        iam.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=_document(everything))

    def _make_table(self) -> None:
        s3 = self.client("s3")
        s3.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="files", Key="t/a.csv", Body=b"1\n")
        storage = {
            "Columns": [{"Name": "id", "Type": "string"}],
            "Location": "s3://files/t/",
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
        }
        glue = self.client("glue")
        glue.create_database(DatabaseInput={"Name": "own"})
        glue.create_table(
            DatabaseName="own",
            TableInput={"Name": "t", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage},
        )
        self.client("athena").create_work_group(
            Name="queries", Configuration={"ResultConfiguration": {"OutputLocation": "s3://files/out/"}}
        )

    def bound(self, effect: str, action: str) -> None:
        content = json.dumps(
            {"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": action, "Resource": "*"}}
        )
        made = self.api.create_policy(Name="no", Description="-", Type="SERVICE_CONTROL_POLICY", Content=content)
        self.api.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=self.member)

    def explain(self, *, knows_management: bool) -> Explanation:
        def account(number: str) -> dict[str, str]:
            return {"id": number, "region": REGION, "role": OPERATOR, "external_id": "${EXTERNAL_ID}"}

        other = PRODUCER if knows_management else "222222222222"
        share = {
            "from": {"account": "other", "catalog": {"database": "d", "tables": "all"}},
            "to": {"account": "member", "database": "links", "athena": {"workgroup": "queries"}},
            "readers": [{"role": "reader"}],
        }
        spec = {
            "version": 1,
            "name": "family",
            "accounts": {"other": account(other), "member": account(self.member)},
            "shares": {"s": share},
        }
        path = self.accounts.folder / "lakeshare.yaml"
        path.write_text(yaml.safe_dump(spec))
        settings = app.Settings(path, endpoint_url=self.accounts.box.endpoint_url, environ=self.accounts.environ)
        return app.explain(settings, Question(self.reader, "own.t")).explanation

    def query(self) -> str:
        """Return how a query of the reader ends; what refuses it otherwise."""
        keys = self.client("sts").assume_role(RoleArn=self.reader, RoleSessionName="test")["Credentials"]
        athena = self.accounts.client(
            "athena",
            self.member,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
        started = athena.start_query_execution(QueryString="SELECT id FROM own.t", WorkGroup="queries")
        while True:
            answer = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])
            state: str = answer["QueryExecution"]["Status"]["State"]
            if state not in ("QUEUED", "RUNNING"):
                return state


@pytest.fixture
def family(bare: Accounts) -> Family:
    return Family(bare)


def test_policies_of_the_organisation_that_allow_everything_are_read(family: Family) -> None:
    """With AWS's own policy at every level, read in the management account, nothing is in the way."""
    explanation = family.explain(knows_management=True)

    assert explanation.verdict == "allow", explanation.reason
    assert family.query() == "SUCCEEDED"


def test_a_deny_of_the_organisation_is_what_fails(family: Family) -> None:
    """A service control policy that denies S3 is named, though the reader's own policies allow everything."""
    family.bound("Deny", "s3:GetObject")

    explanation = family.explain(knows_management=True)

    assert explanation.verdict == "deny"
    assert "the service control policy no on" in explanation.reason
    assert family.query() == "FAILED"


def test_policies_that_cannot_be_read_are_unknown(family: Family) -> None:
    """A member is not shown the policies that bound it: then nobody can say from here, and the reason is told."""
    explanation = family.explain(knows_management=False)

    assert explanation.verdict == "unknown"
    assert "service control policies of organisation" in explanation.reason
