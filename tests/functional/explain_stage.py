"""One world in the sandbox: made through AWS's own APIs, asked as the reader would, and explained."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from lakeshare import app
from lakeshare.access.explain import Question
from tests.functional.accounts import CONSUMER, PRODUCER, REGION, Accounts
from tests.functional.explain_keys import Keys
from tests.functional.explain_reader import Reader, document
from tests.functional.explain_worlds import (
    COLUMNS,
    DATABASE,
    EVERYBODY,
    FILES,
    LINK,
    LINKS,
    OPEN,
    PARTITION_KEY,
    RESULTS,
    TABLE,
    WORKGROUP,
    World,
)

OPENED = [{"Principal": {"DataLakePrincipalIdentifier": OPEN}, "Permissions": ["ALL"]}]


@dataclass
class Stage:
    """One world in the sandbox."""

    accounts: Accounts
    world: World

    @property
    def owner(self) -> str:
        """The account whose table it is."""
        return CONSUMER if self.world.owner == "own account" else PRODUCER

    @property
    def table(self) -> str:
        """The name that the query uses."""
        if self.world.is_database_link or self.owner == CONSUMER:
            return TABLE
        return LINK

    @property
    def database(self) -> str:
        """The database that the query uses."""
        return DATABASE if self.owner == CONSUMER else LINKS

    def client(self, service: str, account: str = CONSUMER) -> Any:
        """Return a client of an account's administrator."""
        return self.accounts.client(service, account)

    @property
    def target(self) -> dict[str, str]:
        """The table as a grant names it."""
        return {"CatalogId": self.owner, "DatabaseName": DATABASE, "Name": TABLE}

    @cached_property
    def reader(self) -> Reader:
        """Whoever asks."""
        return Reader(self.accounts, self.world, self.owner)

    @cached_property
    def keys(self) -> Keys:
        """What encrypts."""
        return Keys(self.accounts, self.reader)

    def make(self) -> None:
        """Make the world."""
        self._make_accounts()
        self._make_table()
        self.reader.make()
        self._make_grants_of_owner()
        self._accept()
        self._make_links()
        self._make_rights()
        self._encrypt()

    def _encrypt(self) -> None:
        self.keys.encrypt_catalog(CONSUMER, self.world.key)
        if self.owner != CONSUMER:
            self.keys.encrypt_catalog(PRODUCER, self.world.owners_key)
        self.keys.encrypt_files(self.owner, self.world.files_key)

    def _make_accounts(self) -> None:
        for account in (PRODUCER, CONSUMER):
            admin = f"arn:aws:iam::{account}:user/administrator"
            operator = f"arn:aws:iam::{account}:role/lakeshare-operator"
            self.client("lakeformation", account).put_data_lake_settings(
                DataLakeSettings={
                    "DataLakeAdmins": [{"DataLakePrincipalIdentifier": each} for each in (admin, operator)],
                    "Parameters": {"CROSS_ACCOUNT_VERSION": "4"},
                    "CreateDatabaseDefaultPermissions": [],
                    "CreateTableDefaultPermissions": [],
                }
            )

    def _make_table(self) -> None:
        where = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
        s3, glue = self.client("s3", self.owner), self.client("glue", self.owner)
        s3.create_bucket(Bucket=FILES, **where)
        s3.put_object(Bucket=FILES, Key="orders/part-0.csv", Body=b"1,10,ann\n2,20,bob\n")
        self.client("s3").create_bucket(Bucket=RESULTS, **where)
        glue.create_database(DatabaseInput={"Name": DATABASE, "CreateTableDefaultPermissions": []})
        table = _csv_table(TABLE, f"s3://{FILES}/orders/")
        if self.world.is_partitioned:
            keys = [{"Name": PARTITION_KEY, "Type": "string"}]
            glue.create_table(DatabaseName=DATABASE, TableInput={**table, "PartitionKeys": keys})
            first = {"Values": ["1"], "StorageDescriptor": table["StorageDescriptor"]}
            glue.create_partition(DatabaseName=DATABASE, TableName=TABLE, PartitionInput=first)
        else:
            glue.create_table(DatabaseName=DATABASE, TableInput=table)
        self.client("athena").create_work_group(
            Name=WORKGROUP,
            Configuration={"ResultConfiguration": {"OutputLocation": f"s3://{RESULTS}/out/"}},
        )
        self._register()

    def _register(self) -> None:
        location = self.world.location
        if location == "none":
            return
        role = self.register_role()
        with_role: dict[str, Any] = {"UseServiceLinkedRole": True} if location == "linked" else {"RoleArn": role}
        hybrid = {"HybridAccessEnabled": True} if location.startswith("hybrid") else {}
        self.client("lakeformation", self.owner).register_resource(
            ResourceArn=f"arn:aws:s3:::{FILES}/orders", **with_role, **hybrid
        )

    def register_role(self) -> str:
        """Make the role that reads the registered location."""
        iam = self.client("iam", self.owner)
        trust = document({"Principal": {"Service": "lakeformation.amazonaws.com"}, "Action": "sts:AssumeRole"})
        arn: str = iam.create_role(RoleName="registered", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        allowed = document({"Action": "s3:*", "Resource": [f"arn:aws:s3:::{FILES}", f"arn:aws:s3:::{FILES}/*"]})
        iam.put_role_policy(RoleName="registered", PolicyName="read", PolicyDocument=allowed)
        return arn

    def _make_grants_of_owner(self) -> None:
        if self.reader.reads_files and self.owner != CONSUMER:
            files = [f"arn:aws:s3:::{FILES}", f"arn:aws:s3:::{FILES}/*"]
            statement = {"Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:root"}, "Action": "s3:*", "Resource": files}
            self.client("s3", PRODUCER).put_bucket_policy(Bucket=FILES, Policy=document(statement))
        if self.owner == CONSUMER:
            return
        table = {"Table": self.target}
        also = {"super": ["ALL"], "insert": ["INSERT"]}.get(self.world.right, [])
        match self.world.owner:
            case "table":
                self.grant(table, CONSUMER, "SELECT", "DESCRIBE", *also, account=PRODUCER, option=True)
            case "all tables":
                every = {"Table": {"CatalogId": PRODUCER, "DatabaseName": DATABASE, "TableWildcard": {}}}
                self.grant(every, CONSUMER, "SELECT", "DESCRIBE", *also, account=PRODUCER, option=True)
            case "columns":
                some = {"TableWithColumns": {**self.target, "ColumnNames": ["id", "amount"]}}
                self.grant(some, CONSUMER, "SELECT", account=PRODUCER, option=True)
            case "direct":
                self.grant(table, self.reader.arn, "SELECT", "DESCRIBE", account=PRODUCER)
            case "direct and account":
                self.grant(table, CONSUMER, "DESCRIBE", account=PRODUCER, option=True)
                self.grant(table, self.reader.arn, "SELECT", account=PRODUCER)
            case "tags":
                self._share_by_tags()

    def _share_by_tags(self) -> None:
        lake = self.client("lakeformation", PRODUCER)
        lake.create_lf_tag(TagKey="domain", TagValues=["sales", "other"])
        tags = [{"TagKey": "domain", "TagValues": ["sales"]}]
        lake.add_lf_tags_to_resource(Resource={"Database": {"Name": DATABASE}}, LFTags=tags)
        self.grant(
            {"LFTag": {"TagKey": "domain", "TagValues": ["sales"]}}, CONSUMER, "DESCRIBE", account=PRODUCER, option=True
        )
        policy = {"LFTagPolicy": {"ResourceType": "TABLE", "Expression": tags}}
        self.grant(policy, CONSUMER, "SELECT", "DESCRIBE", account=PRODUCER, option=True)

    def _accept(self) -> None:
        ram = self.client("ram")
        for invitation in ram.get_resource_share_invitations()["resourceShareInvitations"]:
            if invitation["status"] == "PENDING" and not {"not accepted", "rejected", "expired"} & set(
                self.world.harms
            ):
                ram.accept_resource_share_invitation(
                    resourceShareInvitationArn=invitation["resourceShareInvitationArn"]
                )

    def _make_links(self) -> None:
        glue = self.client("glue")
        if self.world.default != "none":
            glue.create_database(DatabaseInput={"Name": "default"})
            self._let_see({"Database": {"Name": "default"}}, is_open=self.world.default == "open")
        if self.owner == CONSUMER:
            self._let_see({"Database": {"Name": DATABASE}}, is_open=self.world.is_open_database)
            return
        if self.world.is_database_link:
            # A link is left to IAM by what its surroundings give to new things, and by no grant.
            self._default_for_databases(OPENED if self.world.is_open_database else [])
            link = {"Name": LINKS, "TargetDatabase": {"CatalogId": PRODUCER, "DatabaseName": DATABASE}}
            glue.create_database(DatabaseInput=link)
            if not self.world.is_open_database:
                self._let_see({"Database": {"Name": LINKS}}, is_open=False)
            return
        for_tables = OPENED if self.world.is_open_link else []
        glue.create_database(DatabaseInput={"Name": LINKS, "CreateTableDefaultPermissions": for_tables})
        glue.create_table(DatabaseName=LINKS, TableInput={"Name": LINK, "TargetTable": self.target})
        self._let_see({"Database": {"Name": LINKS}}, is_open=self.world.is_open_database)
        if not self.world.is_open_link:
            self._let_see({"Table": {"DatabaseName": LINKS, "Name": LINK}}, is_open=False)

    def _default_for_databases(self, permissions: list[dict[str, Any]]) -> None:
        lake = self.client("lakeformation")
        settings = lake.get_data_lake_settings()["DataLakeSettings"]
        lake.put_data_lake_settings(DataLakeSettings={**settings, "CreateDatabaseDefaultPermissions": permissions})

    def _let_see(self, resource: dict[str, Any], *, is_open: bool) -> None:
        if is_open:
            self.grant(resource, OPEN, "ALL")
            return
        if self.world.describe_by == "all tables" and "Table" in resource:
            every = {"Table": {"DatabaseName": resource["Table"]["DatabaseName"], "TableWildcard": {}}}
            self.grant(every, self.reader.arn, "DESCRIBE")
            return
        self.grant(resource, EVERYBODY if self.world.describe_by == "everybody" else self.reader.arn, "DESCRIBE")

    def _make_rights(self) -> None:
        if not self.world.owner.startswith("direct"):
            # What the owner does not share with the option to pass it on cannot be passed on.
            with suppress(ClientError):
                self._grant_right()
        if self.world.location == "hybrid, opted in":
            with suppress(ClientError):
                self.client("lakeformation").create_lake_formation_opt_in(
                    Principal={"DataLakePrincipalIdentifier": self.reader.arn}, Resource={"Table": self.target}
                )

    def _grant_right(self) -> None:
        target, me = self.target, self.reader.arn
        every = {"CatalogId": self.owner, "DatabaseName": DATABASE, "TableWildcard": {}}
        tags = {"ResourceType": "TABLE", "Expression": [{"TagKey": "domain", "TagValues": ["sales"]}]}

        def some(**columns: Any) -> dict[str, Any]:
            return {"TableWithColumns": {**target, **columns}}

        if self.world.right == "filter":
            self._grant_filter()
            return
        rights: dict[str, list[tuple[dict[str, Any], str, str]]] = {
            "table": [({"Table": target}, me, "SELECT")],
            "columns": [(some(ColumnNames=["id", "amount"]), me, "SELECT")],
            "columns twice": [
                (some(ColumnNames=["id"]), me, "SELECT"),
                (some(ColumnNames=["customer"]), EVERYBODY, "SELECT"),
            ],
            "all but": [(some(ColumnWildcard={"ExcludedColumnNames": ["customer"]}), me, "SELECT")],
            "all tables": [({"Table": every}, me, "SELECT")],
            "everybody": [({"Table": target}, EVERYBODY, "SELECT")],
            "super": [({"Table": target}, me, "ALL")],
            "insert": [({"Table": target}, me, "INSERT")],
            "tags": [({"LFTagPolicy": {"CatalogId": self.owner, **tags}}, me, "SELECT")],
        }
        for resource, whom, permission in rights[self.world.right]:
            self.grant(resource, whom, permission)

    def _grant_filter(self) -> None:
        cells = {"TableCatalogId": self.owner, "DatabaseName": DATABASE, "TableName": TABLE, "Name": "some"}
        self.client("lakeformation", self.owner).create_data_cells_filter(
            TableData={**cells, "ColumnNames": ["id"], "RowFilter": {"FilterExpression": "customer = 'bob'"}}
        )
        if self.owner != CONSUMER:
            self.grant({"DataCellsFilter": cells}, CONSUMER, "SELECT", account=PRODUCER, option=True)
        self.grant({"DataCellsFilter": cells}, self.reader.arn, "SELECT")

    def grant(
        self, resource: dict[str, Any], to: str, *permissions: str, account: str = CONSUMER, option: bool = False
    ) -> None:
        """Grant, as an administrator of *account*."""
        self.client("lakeformation", account).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": to},
            Resource=resource,
            Permissions=list(permissions),
            PermissionsWithGrantOption=list(permissions) if option else [],
        )

    def revoke(self, resource: dict[str, Any], whom: str, *permissions: str, account: str = CONSUMER) -> None:
        """Revoke, as an administrator of *account*."""
        self.client("lakeformation", account).revoke_permissions(
            Principal={"DataLakePrincipalIdentifier": whom}, Resource=resource, Permissions=list(permissions)
        )

    @cached_property
    def settings(self) -> app.Settings:
        """The spec as explain gets it."""
        shares = {
            "shop": {
                "from": {"account": "producer", "catalog": {"database": DATABASE, "tables": "all"}},
                "to": {
                    "account": "consumer",
                    "database": LINKS,
                    "links": "{table}" if self.table == TABLE else "{table}_link",
                    "athena": {"workgroup": WORKGROUP},
                },
                "readers": [{self.reader.kind: "reader"}],
            }
        }
        return self.accounts.write(shares)

    def explain(self) -> app.Explained:
        """Return what explain says."""
        return app.explain(self.settings, Question(self.reader.arn, f"{self.database}.{self.table}", self.world.column))

    def query(self) -> str | None:
        """Ask as the reader; return why that failed, or None when it was answered."""
        try:
            return self._asked(self.accounts.client("athena", CONSUMER, **self.reader.keys()))
        except ClientError as error:
            return str(error)

    def _asked(self, athena: Any) -> str | None:
        column = self.world.column or "*"
        sql = f'SELECT {column} FROM "{self.database}"."{self.table}" LIMIT 1'  # noqa: S608 - names of this file
        query = athena.start_query_execution(QueryString=sql, WorkGroup=WORKGROUP)["QueryExecutionId"]
        while True:
            status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.005)
        if status["State"] != "SUCCEEDED":
            return str(status.get("StateChangeReason", status["State"]))
        athena.get_query_results(QueryExecutionId=query)
        return None


def _csv_table(name: str, location: str) -> dict[str, Any]:
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "csv"},
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": "string"} for column in COLUMNS],
            "Location": location,
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"field.delim": ","},
            },
        },
    }
