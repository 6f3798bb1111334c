"""What somebody changes behind our back: drift names it, an apply mends it, and then there is no drift."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.functional.accounts import CONSUMER, DATABASE, PRODUCER, READER, Accounts
from tests.functional.command_line import Desk
from tests.functional.own_tables import share as own_share
from tests.functional.slips import PLACE, ROLE_ARN, SLIPS, Slip, as_operator, drop_link, revoke_select
from tests.functional.test_catalog_source import own_tables  # noqa: F401 - a fixture
from tests.functional.test_renames import renamed

OWN_DATABASE = "connect_analytics_producer"
COLUMNS = {"contact_record": {"only": ["contact_id", "channel", "initiation_method"]}}
READERS = [{"role": READER, "create": {"service": "lambda.amazonaws.com"}, "columns": COLUMNS}]
HALF_A_DAY = 12 * 3600 + 1


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two tables that are shared, one of them in part."""
    found = Desk(accounts, monkeypatch)
    found.share("users", "contact_record", readers=READERS)
    assert is_mended(found)
    return found


def is_mended(desk: Desk) -> bool:
    applied = desk("apply", "--auto-approve")
    assert applied.code == 0, applied.out + applied.err
    again = desk("drift")
    assert again.code == 0, again.out + again.err
    return True


def differences(desk: Desk, *arguments: str) -> dict[str, dict[str, Any]]:
    document = desk("drift", "--json", *arguments).document
    assert document["has_changes"] == bool(document["differences"])
    return {item["address"]: item for item in document["differences"]}


def on_one_line(text: str) -> str:
    """Undo the folding, which depends on how long the host's name is."""
    return " ".join(text.split())


def test_there_is_no_drift_after_an_apply(desk: Desk) -> None:
    """Right after an apply drift says so, exits with 0, and has counted what is ours."""
    ran, document = desk("drift"), desk("drift", "--json").document

    assert ran.code == 0
    assert ran.out.endswith("No drift: everything is as the spec and the ledger say.\n")
    assert (document["command"], document["status"], document["has_changes"]) == ("drift", "ok", False)
    assert document["differences"] == []
    assert document["in_place"] == len(desk("state", "list", "--json").document["entries"])


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_a_change_by_hand_is_named_and_mended(desk: Desk, slip: Slip) -> None:
    """Drift and the refresh of the ledger name what was changed, and after an apply there is no drift."""
    slip.change(desk)

    ran, found = desk("drift"), differences(desk)
    refreshed = desk("plan", "--refresh-only", "--detailed-exitcode", "--json")

    [told] = [item for address, item in found.items() if fnmatchcase(address, slip.address)]
    assert ran.code == 2
    assert (told["change"], told["is_ours"]) == (slip.expect, True)
    assert slip.because in told["reason"]
    assert refreshed.code == 2
    [told_again] = [item for item in refreshed.document["differences"] if fnmatchcase(item["address"], slip.address)]
    assert (told_again["change"], told_again["reason"]) == (told["change"], told["reason"])
    assert is_mended(desk)


def test_who_made_what_is_gone(desk: Desk) -> None:
    """A difference about a thing of ours names the run that made it, and who ran that, when and where."""
    drop_link(desk)
    [run] = desk("state", "history", "--json").document["runs"]
    entry = desk("state", "show", f"{PLACE}/link:{DATABASE}.users_link", "--json").document["entry"]

    ran, link = desk("drift"), differences(desk)[entry["address"]]

    assert (link["run_id"], link["by"], link["host"]) == (run["run_id"], run["user"], run["host"])
    assert link["made_at"] == entry["made_at"]
    assert f"    - link:{DATABASE}.users_link\n" in ran.out
    assert f"made {entry['made_at']} by {run['user']}@{run['host']}, run {run['run_id']}" in on_one_line(ran.out)


def test_who_changed_what_is_gone(desk: Desk) -> None:
    """When a later run changed a thing, the moment is that of its making and the run is the one that changed it."""
    SLIPS["a policy allows more"].change(desk)
    desk("apply", "--auto-approve")
    SLIPS["a policy is deleted"].change(desk)
    runs = [run["run_id"] for run in desk("state", "history", "--json").document["runs"]]

    ran, [policy] = desk("drift"), differences(desk).values()

    assert policy["run_id"] == runs[0]
    assert f"made {policy['made_at']}, last changed by {policy['by']}@{policy['host']}, run {runs[0]}" in on_one_line(
        ran.out
    )


def test_who_made_what_is_gone_from_a_renamed_account(desk: Desk) -> None:
    """While the ledger still goes by an account's old name, what is missing there still has its maker."""
    drop_link(desk)
    before = differences(desk)[f"{PLACE}/link:{DATABASE}.users_link"]
    renamed(desk.accounts, {"consumer": "analytics"})

    after = differences(desk)[f"analytics/ap-southeast-2/link:{DATABASE}.users_link"]

    assert (after["run_id"], after["made_at"], after["by"]) == (before["run_id"], before["made_at"], before["by"])
    assert after["run_id"]


def test_what_rests_on_what_is_gone_cannot_be_compared(desk: Desk) -> None:
    """Who owns the lake is told by the association: while that is missing, nobody says that the link was changed."""
    SLIPS["a table is shared no more"].change(desk)

    found = differences(desk)

    link = found[f"{PLACE}/link:{DATABASE}.users_link"]
    assert (link["change"], link["is_ours"]) == ("unseen", True)
    assert [item["change"] for item in found.values()].count("missing") == 1
    assert {item["change"] for item in found.values()} == {"missing", "unseen"}


def test_what_the_spec_wants_no_more_is_drift(desk: Desk) -> None:
    """A table taken out of the spec leaves things of ours that are unwanted, until an apply takes them away."""
    desk.share("contact_record", readers=READERS)

    found = differences(desk)

    assert found[f"{PLACE}/link:{DATABASE}.users_link"]["change"] == "unwanted"
    assert {item["change"] for item in found.values()} <= {"unwanted", "changed"}
    assert is_mended(desk)


def test_what_the_spec_wants_no_more_and_is_gone_is_forgotten(desk: Desk) -> None:
    """A link that went before the spec let go of it is gone, which an apply writes into the ledger."""
    drop_link(desk)
    desk.share("contact_record", readers=READERS)

    found = differences(desk)

    assert found[f"{PLACE}/link:{DATABASE}.users_link"]["change"] == "gone"
    assert is_mended(desk)


def test_what_the_spec_wants_and_nobody_made_is_drift(desk: Desk) -> None:
    """A table added to the spec is missing, and as nobody made it there is nobody to name."""
    desk.share("users", "contact_record", "agent_event", readers=READERS)

    missing = differences(desk)[f"{PLACE}/link:{DATABASE}.agent_event_link"]
    refreshed = desk("plan", "--refresh-only", "--json").document

    assert (missing["is_ours"], missing["made_at"], missing["run_id"], missing["by"]) == (False, None, None, None)
    assert refreshed["differences"] == []


def test_a_table_in_the_place_of_a_link_is_in_the_way(desk: Desk) -> None:
    """A real table under a link's name is told with a way out; once it is dropped an apply mends the rest."""
    glue = as_operator(desk, "glue")
    glue.delete_table(DatabaseName=DATABASE, Name="users_link")
    columns = [{"Name": "a", "Type": "string"}]
    glue.create_table(
        DatabaseName=DATABASE, TableInput={"Name": "users_link", "StorageDescriptor": {"Columns": columns}}
    )

    ran = desk("drift")
    told = differences(desk)[f"{PLACE}/link:{DATABASE}.users_link"]
    glue.delete_table(DatabaseName=DATABASE, Name="users_link")

    assert ran.code == 2
    assert (told["change"], told["is_ours"]) == ("blocked", True)
    assert told["way_out"]
    assert "In the way" in ran.out
    assert is_mended(desk)


def test_an_invitation_that_expired_is_drift(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A share that nobody accepted in time shows at its associations, and an apply makes it anew."""
    desk = Desk(accounts, monkeypatch)
    desk.share("users")
    desk("apply", "--auto-approve", "--target", "producer/*")
    accounts.box.clock.advance(HALF_A_DAY)

    found = differences(desk)

    [association] = [item for item in found.values() if item["kind"] == "connect_association"]
    assert (association["change"], association["is_ours"]) == ("changed", True)
    assert "expired before anybody accepted it" in association["reason"]
    assert is_mended(desk)


def test_what_others_do_is_no_drift(desk: Desk) -> None:
    """Other people's grants, tables, tags, policies and administrators beside ours are nobody's difference."""
    accounts = desk.accounts
    lake, iam = as_operator(desk, "lakeformation"), accounts.client("iam")
    trust = {"Version": "2012-10-17", "Statement": []}
    iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=json.dumps(trust))
    table = {"CatalogId": CONSUMER, "DatabaseName": DATABASE, "Name": "users_link"}
    theirs = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/theirs"}
    lake.grant_permissions(Principal=theirs, Resource={"Table": table}, Permissions=["DESCRIBE"])
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": [*settings["DataLakeAdmins"], theirs]})
    iam.attach_role_policy(RoleName=READER, PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    iam.tag_role(RoleName=READER, Tags=[{"Key": "cost-centre", "Value": "7"}])

    ran = desk("drift")

    assert ran.code == 0, ran.out


def test_drift_looks_at_targets_only(desk: Desk) -> None:
    """--target narrows drift to what it names."""
    drop_link(desk)
    revoke_select(desk)

    grants = differences(desk, "--target", "*/grant:*/SELECT/*")
    clean = desk("drift", "--target", "*/bucket:*")
    slip = desk("drift", "--target", f"{PLACE}/lnk:*")

    assert set(grants) == {f"{PLACE}/grant:role/{READER}/SELECT/connect:connect_datalake.users"}
    assert clean.code == 0
    assert slip.code == 64
    assert f"did you mean '{PLACE}/link:*'?" in " ".join(slip.err.split())


def test_drift_that_cannot_look_is_a_failure(desk: Desk) -> None:
    """Drift that could not look exits with 1, which is neither clean nor drift."""
    sts = {"operation": "sts:AssumeRole", "nth": 1, "error": "AccessDenied"}
    desk.accounts.control("faults", [sts])

    ran = desk("drift", "--json")

    assert ran.code == 1
    assert ran.document["status"] == "failed"


def test_a_grant_to_an_account_that_lost_its_grant_option(
    own_tables: Accounts,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a table of the producer's own, the consumer's right to pass on what it holds is compared, and mended."""
    desk = Desk(own_tables, monkeypatch)
    desk.share(**{"from": own_share(own_tables)["from"]})
    assert is_mended(desk)
    lake = as_operator(desk, "lakeformation", PRODUCER)
    table = {"CatalogId": PRODUCER, "DatabaseName": OWN_DATABASE, "Name": "contacts"}
    grant = {
        "Principal": {"DataLakePrincipalIdentifier": CONSUMER},
        "Resource": {"Table": table},
        "Permissions": ["SELECT"],
        "PermissionsWithGrantOption": ["SELECT"],
    }
    lake.revoke_permissions(**grant)
    lake.grant_permissions(**{**grant, "PermissionsWithGrantOption": []})

    found = differences(desk)

    told = found[f"producer/ap-southeast-2/grant:{CONSUMER}/SELECT/{OWN_DATABASE}.contacts"]
    assert (told["change"], told["is_ours"], told["reason"]) == ("changed", True, "it is held without the grant option")
    assert is_mended(desk)


def test_a_column_rule_that_others_have_undone_is_in_the_way(desk: Desk) -> None:
    """The whole table granted by hand to a reader of three columns is told; revoking that is for a person to decide."""
    table = {"CatalogId": desk.accounts.lake_account, "DatabaseName": "connect_datalake", "Name": "contact_record"}
    as_operator(desk, "lakeformation").grant_permissions(
        Principal={"DataLakePrincipalIdentifier": ROLE_ARN}, Resource={"Table": table}, Permissions=["SELECT"]
    )

    ran = desk("drift")
    told = differences(desk)[f"{PLACE}/grant:role/{READER}/SELECT/connect:connect_datalake.contact_record"]

    assert ran.code == 2
    assert told["change"] == "blocked"
    assert "the spec's column rule would restrict nothing" in told["reason"]
