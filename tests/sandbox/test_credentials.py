"""Credentials and unfiltered metadata for engines outside AWS, and what the vended keys can do in S3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, REGION, refused
from tests.sandbox.test_data_cells_filters import ANALYST, CALLS, COLUMNS, SERDE, TABLE, Lake

ARN = f"arn:aws:glue:{REGION}:{CONSUMER}:table/lake/calls"
ADMINS = [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:user/administrator"}]
WHOLE = {"AllowFullTableExternalDataAccess": True}
FILTERING = {
    "AllowExternalDataFiltering": True,
    "ExternalDataFilteringAllowList": [{"DataLakePrincipalIdentifier": CONSUMER}],
    "AuthorizedSessionTagValueList": ["engine"],
}
TAGS = [{"Key": "LakeFormationAuthorizedCaller", "Value": "engine"}]
NAMED = {"CatalogId": CONSUMER, "DatabaseName": "lake", "Name": "calls"}
COLUMNS_ONLY = ["COLUMN_PERMISSION"]
BOTH = ["COLUMN_PERMISSION", "CELL_FILTER_PERMISSION"]


class Vault:
    """A lake in a registered bucket, and an analyst whom nothing but Lake Formation lets at the data."""

    def __init__(self, box: Sandbox, client: ClientMaker) -> None:
        self.box, self.client = box, client
        self.iam, self.lake = client("iam", CONSUMER), Lake(client)
        self.lake.formation.register_resource(ResourceArn="arn:aws:s3:::calls/calls", UseServiceLinkedRole=True)
        trust = {"Effect": "Allow", "Principal": {"AWS": CONSUMER}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
        self.iam.create_role(RoleName="analyst", AssumeRolePolicyDocument=policy_of(trust))
        self.let("lakeformation:GetDataAccess", "glue:GetTable", "glue:GetPartition*")

    def let(self, *actions: str) -> None:
        """Put what IAM allows the analyst."""
        policy = policy_of({"Effect": "Allow", "Action": list(actions), "Resource": "*"})
        self.iam.put_role_policy(RoleName="analyst", PolicyName="calls", PolicyDocument=policy)

    def set(self, **settings: Any) -> None:
        """Put Lake Formation's settings."""
        self.lake.formation.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": ADMINS, **settings})

    def see(self, *permissions: str, **columns: Any) -> None:
        """Grant the analyst something on the table, or on columns of it."""
        resource = {"TableWithColumns": TABLE | columns} if columns else {"Table": TABLE}
        self.lake.grant(ANALYST, *(permissions or ("SELECT",)), **resource)

    def analyst(self, service: str = "lakeformation", tags: Any = (), **config: Any) -> Any:
        """Return a client of the analyst, whose session has these tags."""
        sts = self.client("sts", CONSUMER)
        keys = sts.assume_role(RoleArn=ANALYST, RoleSessionName="engine", Tags=list(tags))["Credentials"]
        return self.client(service, keys, **config)

    def ask(self, tags: Any = (), **asked: Any) -> dict[str, Any]:
        """Ask for the table's credentials, as the analyst."""
        answer: dict[str, Any] = self.analyst(tags=tags).get_temporary_glue_table_credentials(
            **{"TableArn": ARN, **asked}
        )
        return answer

    def s3(self, keys: dict[str, Any]) -> Any:
        """Return a client of S3 with vended keys."""
        return self.client("s3", keys, region="us-east-1")


def policy_of(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def is_refused(call: Any, **params: Any) -> bool:
    """Whether S3 refuses a call."""
    try:
        call(Bucket="calls", **params)
    except ClientError as error:
        return bool(error.response["Error"]["Code"] == "AccessDenied")
    return False


@pytest.fixture
def vault(box: Sandbox, client: ClientMaker) -> Vault:
    return Vault(box, client)


# --- what the keys can do --------------------------------------------------------------------------------------------


@pytest.mark.allows(
    "lakeformation.engine.let", "lakeformation.credentials.table", "lakeformation.credentials.registered"
)
def test_vended_keys_read_the_table_and_nothing_else(vault: Vault) -> None:
    """They get and list below the table's location; no other place, and no writing."""
    vault.client("s3", CONSUMER, region="us-east-1").put_object(Bucket="calls", Key="callsign/b.csv", Body=b"b")
    vault.set(**WHOLE)
    vault.see()

    keys = vault.ask(AuditContext={"AdditionalAuditContext": "query 7"}, QuerySessionContext={"QueryId": "7"})
    s3 = vault.s3(keys)

    assert keys["VendedS3Path"] == ["s3://calls/calls/"]
    assert s3.get_object(Bucket="calls", Key="calls/a.csv")["Body"].read() == CALLS.encode()
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="calls", Prefix="calls/")["Contents"]] == ["calls/a.csv"]
    assert is_refused(s3.get_object, Key="callsign/b.csv")
    assert is_refused(s3.list_objects_v2)
    assert is_refused(s3.list_objects_v2, Prefix="callsign/")
    assert is_refused(s3.put_object, Key="calls/c.csv", Body=b"c")
    assert is_refused(s3.delete_object, Key="calls/a.csv")
    with refused("AccessDeniedException"):
        vault.client("glue", keys).get_table(DatabaseName="lake", Name="calls")


@pytest.mark.refuses("front.token.expired")
def test_vended_keys_expire(vault: Vault) -> None:
    """After the seconds that were asked for, in sandbox time."""
    vault.set(**WHOLE)
    vault.see()
    s3 = vault.s3(vault.ask(DurationSeconds=900))

    vault.box.clock.advance(899)
    assert s3.get_object(Bucket="calls", Key="calls/a.csv")["ContentLength"]
    vault.box.clock.advance(2)

    with refused("ExpiredToken"):
        s3.get_object(Bucket="calls", Key="calls/a.csv")


@pytest.mark.parametrize("seconds", [899, 43201])
@pytest.mark.refuses("front.parameters.modelled")
def test_keys_last_a_quarter_of_an_hour_to_half_a_day(vault: Vault, seconds: int) -> None:
    """What the service model says of DurationSeconds."""
    ask = vault.analyst(parameter_validation=False).get_temporary_glue_table_credentials

    with refused("InvalidInputException", "durationSeconds"):
        ask(TableArn=ARN, DurationSeconds=seconds)


def test_permissions_that_write_vend_keys_that_write(vault: Vault) -> None:
    """INSERT and DELETE were asked for and are held."""
    vault.set(**WHOLE)
    vault.see("SELECT", "INSERT", "DELETE")

    s3 = vault.s3(vault.ask(Permissions=["SELECT", "INSERT", "DELETE"]))

    s3.put_object(Bucket="calls", Key="calls/c.csv", Body=b"c")
    s3.delete_object(Bucket="calls", Key="calls/c.csv")
    assert is_refused(s3.put_object, Key="elsewhere.csv", Body=b"c")


def test_keys_can_be_for_a_path_within_the_table(vault: Vault) -> None:
    """S3Path narrows them further."""
    vault.set(**WHOLE)
    vault.see()

    keys = vault.ask(S3Path="s3://calls/calls/2026/")

    assert keys["VendedS3Path"] == ["s3://calls/calls/2026/"]
    assert is_refused(vault.s3(keys).get_object, Key="calls/a.csv")


# --- who gets them ---------------------------------------------------------------------------------------------------


@pytest.mark.refuses("lakeformation.access.permitted")
@pytest.mark.parametrize(("held", "asked"), [("DESCRIBE", []), ("DESCRIBE", ["DESCRIBE"]), ("SELECT", ["INSERT"])])
def test_the_permission_that_is_asked_for_is_held(vault: Vault, held: str, asked: list[str]) -> None:
    """SELECT where nothing is said; seeing the table opens no data."""
    vault.set(**WHOLE)
    vault.see(held)

    with refused("AccessDeniedException", "Insufficient Lake Formation permission"):
        vault.ask(**({"Permissions": asked} if asked else {}))


@pytest.mark.refuses("iam.identity.allows")
def test_it_takes_iams_get_data_access(vault: Vault) -> None:
    """The action has no other name in IAM."""
    vault.set(**WHOLE)
    vault.see()
    vault.let("glue:*")

    with refused("AccessDeniedException", "lakeformation:GetDataAccess"):
        vault.ask()


@pytest.mark.refuses("lakeformation.engine.let")
@pytest.mark.parametrize(
    ("settings", "tags"),
    [
        ({}, TAGS),
        (FILTERING, []),
        (FILTERING, [{"Key": "LakeFormationAuthorizedCaller", "Value": "somebody"}]),
        ({**FILTERING, "AllowExternalDataFiltering": False}, TAGS),
        ({**FILTERING, "ExternalDataFilteringAllowList": [{"DataLakePrincipalIdentifier": PRODUCER}]}, TAGS),
    ],
)
def test_engines_are_let_by_the_settings(vault: Vault, settings: dict[str, Any], tags: list[dict[str, str]]) -> None:
    """Nothing is let by default; filtering takes the setting, the account in its list, and the session's tag."""
    vault.set(**settings)
    vault.see()

    with refused("AccessDeniedException", "Access is not allowed"):
        vault.ask(tags, SupportedPermissionTypes=BOTH)


@pytest.mark.allows("lakeformation.engine.let", "lakeformation.engine.filters")
@pytest.mark.refuses("lakeformation.engine.filters")
def test_an_engine_that_filters_says_so(vault: Vault) -> None:
    """Columns are left out by engines with COLUMN_PERMISSION; rows by those with CELL_FILTER_PERMISSION."""
    vault.set(**FILTERING)
    vault.see(ColumnNames=["queue"])

    with refused("PermissionTypeMismatchException", "mismatch"):
        vault.ask(TAGS)
    assert vault.ask(TAGS, SupportedPermissionTypes=COLUMNS_ONLY)["AccessKeyId"].startswith("ASIA")


@pytest.mark.refuses("lakeformation.engine.filters")
def test_row_filters_take_an_engine_that_filters_cells(vault: Vault) -> None:
    """An engine that leaves out columns only is no match for them."""
    vault.set(**FILTERING)
    vault.lake.make("sales", "queue = 'sales'")
    vault.lake.let_see("sales")

    with refused("PermissionTypeMismatchException"):
        vault.ask(TAGS, SupportedPermissionTypes=COLUMNS_ONLY)
    assert vault.ask(TAGS, SupportedPermissionTypes=BOTH)["SessionToken"]


@pytest.mark.refuses("lakeformation.engine.let")
def test_whole_tables_are_for_those_who_may_read_the_whole(vault: Vault) -> None:
    """Without tags a caller of some columns gets nothing, whatever its engine says that it filters."""
    vault.set(**WHOLE)
    vault.see(ColumnNames=["queue"])

    with refused("AccessDeniedException", "Access is not allowed"):
        vault.ask(SupportedPermissionTypes=BOTH)


@pytest.mark.refuses("lakeformation.credentials.table")
@pytest.mark.parametrize(
    "asked",
    [
        {"TableArn": "arn:aws:s3:::calls"},
        {"TableArn": ARN.replace(REGION, "eu-west-1")},
        {"Permissions": ["CREATE_TABLE"]},
        {"S3Path": "s3://calls/callsign/"},
    ],
)
def test_what_is_asked_for_is_a_table_s(vault: Vault, asked: dict[str, Any]) -> None:
    """A table's ARN of this Region, permissions that tables have, a path within the table."""
    vault.set(**WHOLE)
    vault.see()

    with refused("InvalidInputException"):
        vault.ask(**asked)


@pytest.mark.refuses("lakeformation.credentials.registered")
def test_nothing_is_vended_for_what_is_not_registered(vault: Vault) -> None:
    """The role of the registration is whose credentials they are."""
    vault.set(**WHOLE)
    vault.see()
    vault.lake.formation.deregister_resource(ResourceArn="arn:aws:s3:::calls/calls")

    with refused("InvalidInputException", "register the S3 path"):
        vault.ask()


@pytest.mark.refuses("lakeformation.engine.let")
def test_who_is_not_opted_in_reads_with_its_own_rights(vault: Vault) -> None:
    """In a location of hybrid access Lake Formation vends for those whom it rules."""
    vault.set(**WHOLE)
    vault.see()
    vault.lake.formation.deregister_resource(ResourceArn="arn:aws:s3:::calls/calls")
    vault.lake.formation.register_resource(
        ResourceArn="arn:aws:s3:::calls/calls", RoleArn=ANALYST, HybridAccessEnabled=True
    )
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": CONSUMER, "Service": "lakeformation.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    vault.iam.update_assume_role_policy(RoleName="analyst", PolicyDocument=policy_of(trust))

    with refused("AccessDeniedException", "Access is not allowed"):
        vault.ask()
    vault.lake.formation.create_lake_formation_opt_in(
        Principal={"DataLakePrincipalIdentifier": ANALYST}, Resource={"Table": TABLE}
    )
    assert vault.ask()["AccessKeyId"]


@pytest.mark.refuses("lakeformation.access.share-accepted")
def test_another_account_s_table_takes_a_share(vault: Vault) -> None:
    """Whether it is there is nobody's business before that."""
    with refused("AccessDeniedException", "no resource-based policy allows"):
        vault.ask(TableArn=ARN.replace(CONSUMER, PRODUCER))


# --- partitions and locations ----------------------------------------------------------------------------------------


def partition(vault: Vault, value: str, location: str) -> None:
    """Give the table ``lake.days`` a partition."""
    storage = {"Columns": COLUMNS, "Location": location, "SerdeInfo": SERDE}
    vault.client("glue", CONSUMER).create_partition(
        DatabaseName="lake", TableName="days", PartitionInput={"Values": [value], "StorageDescriptor": storage}
    )


@pytest.fixture
def days(vault: Vault) -> Vault:
    """A table ``lake.days`` by day below the same place, which the analyst may read the whole of."""
    vault.set(**WHOLE)
    storage = {"Columns": COLUMNS, "Location": "s3://calls/calls/days/", "SerdeInfo": SERDE}
    keys = [{"Name": "day", "Type": "string"}]
    vault.client("glue", CONSUMER).create_table(
        DatabaseName="lake", TableInput={"Name": "days", "StorageDescriptor": storage, "PartitionKeys": keys}
    )
    partition(vault, "1", "s3://calls/calls/days/1/")
    partition(vault, "2", "s3://calls/elsewhere/2/")
    vault.lake.grant(ANALYST, "SELECT", Table={"DatabaseName": "lake", "Name": "days"})
    for key in ("calls/days/1/a.csv", "calls/days/9/a.csv"):
        vault.client("s3", CONSUMER, region="us-east-1").put_object(Bucket="calls", Key=key, Body=b"a")
    return vault


@pytest.mark.allows("lakeformation.credentials.partition")
@pytest.mark.refuses("lakeformation.credentials.partition")
def test_a_partition_s_keys_are_for_the_partition(days: Vault) -> None:
    """They reach its folder and not its neighbour's; one that is not there, or not below the table, has none."""
    ask, arn = days.analyst().get_temporary_glue_partition_credentials, ARN.replace("/calls", "/days")

    s3 = days.s3(ask(TableArn=arn, Partition={"Values": ["1"]}))

    assert s3.get_object(Bucket="calls", Key="calls/days/1/a.csv")["ContentLength"] == 1
    assert is_refused(s3.get_object, Key="calls/days/9/a.csv")
    with refused("EntityNotFoundException"):
        ask(TableArn=arn, Partition={"Values": ["7"]})
    with refused("AccessDeniedException", "not within"):
        ask(TableArn=arn, Partition={"Values": ["2"]})


@pytest.mark.allows("lakeformation.credentials.location")
def test_a_location_s_keys_go_by_the_rights_on_its_table(vault: Vault) -> None:
    """READ where nothing is said; READWRITE for who may write."""
    vault.set(**WHOLE)
    vault.see("SELECT", "INSERT", "DELETE")
    ask = vault.analyst().get_temporary_data_location_credentials

    read = ask(DataLocations=["s3://calls/calls/"])
    write = ask(DataLocations=["s3://calls/calls/"], CredentialsScope="READWRITE")

    assert (read["CredentialsScope"], read["AccessibleDataLocations"]) == ("READ", ["s3://calls/calls/"])
    assert vault.s3(read["Credentials"]).get_object(Bucket="calls", Key="calls/a.csv")["ContentLength"]
    assert is_refused(vault.s3(read["Credentials"]).put_object, Key="calls/c.csv", Body=b"c")
    vault.s3(write["Credentials"]).put_object(Bucket="calls", Key="calls/c.csv", Body=b"c")


@pytest.mark.refuses("lakeformation.credentials.location", "lakeformation.credentials.registered")
def test_locations_that_nobody_vends_for(vault: Vault) -> None:
    """More than one, one that no table lies at, one that is not registered, and one of a table without SELECT."""
    vault.set(**WHOLE)
    vault.lake.formation.register_resource(ResourceArn="arn:aws:s3:::empty", UseServiceLinkedRole=True)
    ask = vault.analyst().get_temporary_data_location_credentials

    with refused("InvalidInputException", "Exactly one"):
        ask(DataLocations=["s3://calls/calls/", "s3://calls/other/"])
    with refused("EntityNotFoundException"):
        ask(DataLocations=["s3://empty/"])
    with refused("InvalidInputException", "register the S3 path"):
        ask(DataLocations=["s3://unknown/"])
    with refused("AccessDeniedException", "Required Select on calls"):
        ask(DataLocations=["s3://calls/calls/"])


@pytest.mark.refuses("lakeformation.engine.let")
def test_a_location_takes_the_setting_for_whole_tables(vault: Vault) -> None:
    """The one for filtering engines is no help."""
    vault.set(**FILTERING)
    vault.see()

    with refused("AccessDeniedException", "Access is not allowed"):
        vault.analyst(tags=TAGS).get_temporary_data_location_credentials(DataLocations=["s3://calls/calls/"])


# --- unfiltered metadata ---------------------------------------------------------------------------------------------


@pytest.mark.allows("lakeformation.engine.let", "lakeformation.engine.filters")
def test_unfiltered_metadata_has_all_columns_and_says_which_are_the_caller_s(vault: Vault) -> None:
    """The whole table, beside the columns that GetTable would have left."""
    vault.set(**FILTERING)
    vault.see(ColumnNames=["queue", "seconds"])

    found = vault.analyst("glue", TAGS).get_unfiltered_table_metadata(**NAMED, SupportedPermissionTypes=COLUMNS_ONLY)

    assert [each["Name"] for each in found["Table"]["StorageDescriptor"]["Columns"]] == ["queue", "agent", "seconds"]
    assert found["AuthorizedColumns"] == ["queue", "seconds"]
    assert found["IsRegisteredWithLakeFormation"] is True
    assert found["CellFilters"] == []
    assert "RowFilter" not in found
    assert found["ResourceArn"] == ARN


@pytest.mark.refuses("lakeformation.engine.filters")
def test_unfiltered_metadata_tells_the_filters_of_rows(vault: Vault) -> None:
    """Each column with the rows in which it can be read, and the rows that can be read at all."""
    vault.set(**FILTERING)
    vault.lake.make("sales", "queue = 'sales'", ColumnNames=["queue", "agent"])
    vault.lake.make("long", "seconds > 15", ColumnNames=["queue"])
    vault.lake.let_see("sales", "long")
    ask = vault.analyst("glue", TAGS).get_unfiltered_table_metadata

    with refused("PermissionTypeMismatchException"):
        ask(**NAMED, SupportedPermissionTypes=COLUMNS_ONLY)
    found = ask(**NAMED, SupportedPermissionTypes=BOTH)

    either = "(queue = 'sales') OR (seconds > 15)"
    assert found["AuthorizedColumns"] == ["queue", "agent"]
    assert found["CellFilters"] == [
        {"ColumnName": "queue", "RowFilterExpression": either},
        {"ColumnName": "agent", "RowFilterExpression": "queue = 'sales'"},
    ]
    assert found["RowFilter"] == either


@pytest.mark.refuses("lakeformation.engine.let")
def test_unfiltered_metadata_is_not_for_everybody(vault: Vault) -> None:
    """Without the settings it is refused, also to who may read all; with those for whole tables it is not."""
    vault.see()
    ask = vault.analyst("glue").get_unfiltered_table_metadata

    with refused("AccessDeniedException", "Access is not allowed"):
        ask(**NAMED, SupportedPermissionTypes=BOTH)
    vault.set(**WHOLE)
    assert ask(**NAMED, SupportedPermissionTypes=BOTH)["AuthorizedColumns"] == ["queue", "agent", "seconds"]


@pytest.mark.refuses("iam.identity.allows")
def test_unfiltered_metadata_is_glue_get_table_to_iam(vault: Vault) -> None:
    """The action is that of GetTable."""
    vault.set(**WHOLE)
    vault.see()
    vault.let("glue:GetUnfilteredTableMetadata")

    with refused("AccessDeniedException", "glue:GetTable on resource"):
        vault.analyst("glue").get_unfiltered_table_metadata(**NAMED, SupportedPermissionTypes=BOTH)


def test_unfiltered_metadata_of_a_link_is_its_target_s(vault: Vault) -> None:
    """As with GetTable, under the link's own name."""
    vault.set(**WHOLE)
    vault.see()
    target = {"CatalogId": CONSUMER, **TABLE}
    vault.client("glue", CONSUMER).create_table(DatabaseName="lake", TableInput={"Name": "link", "TargetTable": target})
    vault.lake.grant(ANALYST, "DESCRIBE", Table={"DatabaseName": "lake", "Name": "link"})

    found = vault.analyst("glue").get_unfiltered_table_metadata(
        **NAMED | {"Name": "link"}, SupportedPermissionTypes=BOTH
    )

    assert (found["Table"]["Name"], found["Table"]["TargetTable"]["Name"]) == ("link", "calls")
    assert found["AuthorizedColumns"] == ["queue", "agent", "seconds"]


@pytest.mark.refuses("glue.partition.exists")
def test_unfiltered_partitions(days: Vault) -> None:
    """One by its values or many by an expression, each with what may be read of it and whether it is registered."""
    glue = days.analyst("glue")
    named = {"CatalogId": CONSUMER, "DatabaseName": "lake", "TableName": "days", "SupportedPermissionTypes": BOTH}

    one = glue.get_unfiltered_partition_metadata(**named, PartitionValues=["1"])
    every = glue.get_unfiltered_partitions_metadata(**named)["UnfilteredPartitions"]
    some = glue.get_unfiltered_partitions_metadata(**named, Expression="day = '2'")["UnfilteredPartitions"]

    assert one["AuthorizedColumns"] == ["queue", "agent", "seconds", "day"]
    assert [(each["Partition"]["Values"], each["IsRegisteredWithLakeFormation"]) for each in every] == [
        (["1"], True),
        (["2"], False),
    ]
    assert [each["Partition"]["Values"] for each in some] == [["2"]]
    with refused("EntityNotFoundException"):
        glue.get_unfiltered_partition_metadata(**named, PartitionValues=["7"])
