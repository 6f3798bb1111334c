"""`protect: true` and `--max-deletes`, on a lake that is there."""

from __future__ import annotations

import pytest

from lakeshare import app
from lakeshare.errors import BlockedError
from lakeshare.state.ledger import Ledger
from tests.functional.accounts import CONSUMER, DATABASE, PRODUCER, Accounts, apply_all, destroy_all, steps
from tests.functional.command_line import Desk


def refused(settings: app.Settings, *, max_deletes: int | None = None) -> list[str]:
    """Apply, which must be refused; return what is in the way."""
    with pytest.raises(BlockedError) as caught:
        app.apply(settings, app.Options(max_deletes=max_deletes))
    return list(caught.value.blockers)


def test_a_share_that_was_protected_outlives_its_lines_in_the_spec(accounts: Accounts) -> None:
    """Taken out of the spec, `protect` and all, it is kept; its neighbour goes; lifted and applied, it goes too."""
    mine, other = accounts.share("users", protect=True), accounts.share("contact_record")
    apply_all(accounts.write({"mine": mine, "other": other}))

    in_the_way = refused(accounts.write({"other": other}))
    apply_all(accounts.write({"mine": mine}))
    with pytest.raises(BlockedError):
        app.destroy(accounts.write({"mine": mine}), confirm=lambda _plan: True)
    with pytest.raises(BlockedError):
        app.destroy(accounts.write({"mine": accounts.share("users")}), confirm=lambda _plan: True)
    apply_all(accounts.write({"mine": accounts.share("users")}))
    destroy_all(accounts.write({"mine": accounts.share("users")}))

    assert any("link:" in text and "shares.mine said `protect: true`" in text for text in in_the_way)
    assert not any("contact_record" in text for text in in_the_way)
    assert accounts.everything()[PRODUCER]["associations"] == []


def test_what_is_protected_can_be_mended(accounts: Accounts) -> None:
    """An association that somebody took away is made again, although what hangs on it is compared anew."""
    settings = accounts.write({"s": accounts.share("users", "contact_record", protect=True)})
    apply_all(settings)
    accounts.client("connect", PRODUCER).batch_disassociate_analytics_data_set(
        InstanceId=accounts.instance, DataSetIds=["users"], TargetAccountId=CONSUMER
    )

    apply_all(settings, max_deletes=0)

    assert steps(app.plan(settings).plan) == []


def test_what_turns_out_to_take_away_is_refused_in_the_end(accounts: Accounts) -> None:
    """A plan that cannot see does not know; the step that does asks, and leaves the columns granted."""
    rule = {"role": "analyst", "create": {"service": "lambda.amazonaws.com"}}
    wide = accounts.share("users", readers=[{**rule, "columns": {"users": ["user_id", "first_name"]}}])
    narrow = accounts.share("users", readers=[{**rule, "columns": {"users": ["user_id"]}}])
    apply_all(accounts.write({"s": wide}))
    lake = accounts.client("lakeformation")
    document = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings={**document, "DataLakeAdmins": []})
    before = accounts.grants(catalog=accounts.lake_account)

    limited = app.apply(accounts.write({"s": narrow}), app.Options(max_deletes=0))
    lake.put_data_lake_settings(DataLakeSettings={**document, "DataLakeAdmins": []})
    protected = app.apply(accounts.write({"s": {**narrow, "protect": True}}))

    assert [str(failure.error) for failure in limited.failures] == [
        f"{limited.failures[0].address}: one of 1 that would be deleted, replaced or revoked, more than --max-deletes 0"
    ]
    assert len(protected.failures) == 1
    assert "shares.s forbids to revoke a part of it (columns too many: first_name)" in str(protected.failures[0].error)
    assert accounts.grants(catalog=accounts.lake_account) == before


def test_columns_that_go_count_as_revoked(accounts: Accounts) -> None:
    """A reader who loses a column loses something: refused by both guards, before anything is written."""
    rule = {"role": "analyst", "create": {"service": "lambda.amazonaws.com"}}
    wide = accounts.share("users", readers=[{**rule, "columns": {"users": ["user_id", "first_name"]}}])
    narrow = accounts.share("users", readers=[{**rule, "columns": {"users": ["user_id"]}}])
    apply_all(accounts.write({"s": wide}))
    before = accounts.grants(catalog=accounts.lake_account)

    protected = refused(accounts.write({"s": {**narrow, "protect": True}}))
    limited = refused(accounts.write({"s": narrow}), max_deletes=0)

    assert accounts.grants(catalog=accounts.lake_account) == before
    assert ["revoke a part of it (columns too many: first_name)" in text for text in protected] == [True]
    assert ["one of 1 that would be deleted" in text for text in limited] == [True]
    apply_all(accounts.write({"s": narrow}), max_deletes=1)


def test_a_ledger_of_before_protects_as_far_as_can_be_told(accounts: Accounts) -> None:
    """What was made by an older version is protected by whatever protected share its account has."""
    apply_all(accounts.write({"s": accounts.share("users", "contact_record")}))
    with Ledger.open(accounts.folder / ".lakeshare" / "connect-analytics.db") as ledger:
        ledger.guard(dict.fromkeys(ledger.guards()))

    in_the_way = refused(accounts.write({"s": accounts.share("users", protect=True)}))

    assert any(f"{DATABASE}.contact_record_link" in text for text in in_the_way)


def test_a_targeted_apply_lifts_no_protection_elsewhere(accounts: Accounts) -> None:
    """Protection ends for what an apply has looked at, not for what its target left out."""
    apply_all(accounts.write({"s": accounts.share("users", "contact_record", protect=True)}))

    apply_all(accounts.write({"s": accounts.share("users", "contact_record")}), targets=("*/global/*",))
    in_the_way = refused(accounts.write({"s": accounts.share("users")}))

    assert any(f"{DATABASE}.contact_record_link" in text for text in in_the_way)


def test_the_limit_on_the_command_line(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plan shows what is over it, apply and destroy refuse before the first write, a plan file too, a target less."""
    desk = Desk(accounts, monkeypatch)
    desk.share("users", "contact_record")
    assert desk("apply", "--auto-approve").code == 0
    desk.share("users")
    before, file = accounts.everything(), str(accounts.folder / "plan.json")

    planned = desk("plan", "--max-deletes", "2", "-o", file)
    ended = [
        desk("apply", "--auto-approve", "--max-deletes", "2", "--json"),
        desk("apply", file, "--auto-approve", "--max-deletes", "2", "--json"),
        desk("destroy", "--auto-approve", "--max-deletes", "2", "--json"),
    ]
    listed = desk("destroy", "--auto-approve", "--max-deletes", "2", "-v")
    narrowed = desk("plan", "--max-deletes", "2", "--target", "*/grant:*/DESCRIBE/*contact_record_link")

    assert (planned.code, narrowed.code) == (1, 0)
    assert "an apply refuses it as long as something is in the way" in " ".join(planned.err.split())
    assert "more than --max-deletes 2" in " ".join(planned.out.split())
    assert [ran.code for ran in ended] == [1, 1, 1]
    assert [ran.document["error"]["code"] for ran in ended] == ["blocked"] * 3
    assert any("contact_record_link" in text for text in ended[0].document["blockers"])
    assert ended[0].document["blockers"] == ended[1].document["blockers"]
    assert {text.partition(": ")[0] for text in ended[2].document["blockers"]} <= set(listed.err.split())
    assert accounts.everything() == before
    assert desk("apply", file, "--auto-approve", "--max-deletes", "40").code == 0
