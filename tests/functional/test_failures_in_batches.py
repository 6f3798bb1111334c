"""A batch that AWS answers with 200 and failures inside: what went well is done, and what did not is told by itself."""

from __future__ import annotations

from lakeshare import app
from lakeshare.errors import CallError
from tests.functional.accounts import CONSUMER, READER, Accounts

TABLES = ("agent_event", "contact_record", "users")


def test_what_failed_in_a_batch_is_told_and_the_rest_is_done(accounts: Accounts) -> None:
    """The owner drops a table while the plan is looked at: its grants fail, those beside them in the batch do not."""
    settings = accounts.write({"s": accounts.share(*TABLES)})
    owner = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{accounts.lake_account}:user/administrator"}

    def drop_a_table(_plan: object) -> bool:
        lake = accounts.client("lakeformation", accounts.lake_account)
        lake.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": [owner]})
        table = {"Table": {"DatabaseName": "connect_datalake", "Name": "contact_record"}}
        lake.grant_permissions(Principal=owner, Resource=table, Permissions=["DROP"])
        glue = accounts.client("glue", accounts.lake_account)
        glue.delete_table(DatabaseName="connect_datalake", Name="contact_record")
        return True

    settings.spec_path.write_text(
        settings.spec_path.read_text() + "limits: {retries: {budget: 0}}\n"
    )  # it is gone for good

    applied = app.apply(settings, confirm=drop_a_table)

    [failed] = applied.failures
    assert failed.address.endswith("/SELECT/connect:connect_datalake.contact_record")
    assert isinstance(failed.error, CallError)
    assert failed.error.operation == "lakeformation:GrantPermissions"
    assert failed.error.request_id
    reader = f"arn:aws:iam::{CONSUMER}:role/{READER}"
    held = {
        (permission, what)
        for who, permission, what in accounts.grants(CONSUMER, accounts.lake_account)
        if who == reader
    }
    assert held == {("SELECT", "connect_datalake.agent_event"), ("SELECT", "connect_datalake.users")}
    sent = {name: sum(count.values()) for name, count in accounts.asked("calls")[CONSUMER].items()}
    assert sent["lakeformation:BatchGrantPermissions"] <= 3  # a failure in one does not take it apart
    assert sent["lakeformation:GrantPermissions"] == 1  # what failed, asked for once more by itself
