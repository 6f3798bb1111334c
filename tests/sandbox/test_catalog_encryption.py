"""Data Catalogs that are encrypted with a key of KMS: who reads and writes them, directly and through Athena."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, REGION, document, keys_of_role, refused
from tests.sandbox.sales import link_to, sales_catalog, table_input
from tests.sandbox.test_registered_roles import BUCKET, OBJECTS, ONE_AND_ALL, Registry

ALL_OF_KMS = ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt")
BY_GLUE = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
DECRYPT = "is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:.* because no identity-based policy"


@dataclass(frozen=True, slots=True)
class Encrypted:
    """The consumer's catalog of sales, and the key that it is encrypted with."""

    client: ClientMaker
    key: str

    @property
    def key_id(self) -> str:
        """The key's id."""
        return self.key.rpartition("/")[2]

    def reader(self, *actions: str, account: str = CONSUMER) -> Any:
        """Return a Glue client that acts as a new role which may do everything in Glue, and *actions*."""
        return self.client("glue", keys_of_role(self.client, account, "caller", "glue:*", *actions))

    def encrypt(self, **at_rest: str) -> None:
        """Encrypt the consumer's catalog, or another way than it is."""
        self.client("glue", CONSUMER).put_data_catalog_encryption_settings(
            DataCatalogEncryptionSettings={"EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", **at_rest}}
        )

    def put_key_policy(self, *statements: dict[str, Any]) -> None:
        """Put the policy of the key, beside the administrator's own right to it."""
        administrator = {"AWS": f"arn:aws:iam::{CONSUMER}:user/administrator"}
        own = {"Effect": "Allow", "Principal": administrator, "Action": "kms:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [own, *statements]})
        self.client("kms", CONSUMER).put_key_policy(KeyId=self.key, PolicyName="default", Policy=policy)


@pytest.fixture
def encrypted(client: ClientMaker) -> Encrypted:
    """A catalog that is encrypted with a key whose policy leaves all to the account's IAM."""
    sales_catalog(client)
    key = client("kms", CONSUMER).create_key()["KeyMetadata"]["Arn"]
    made = Encrypted(client, key)
    made.encrypt(SseAwsKmsKeyId=key)
    return made


@pytest.mark.refuses("glue.catalog.key-to-read")
def test_without_the_key_nothing_is_read(encrypted: Encrypted) -> None:
    """All of Glue's rights do not read a table, a list or a partition whose key the caller may not use."""
    glue = encrypted.reader()

    with refused("GlueEncryptionException", DECRYPT):
        glue.get_table(DatabaseName="sales", Name="orders")
    with refused("GlueEncryptionException", DECRYPT):
        glue.get_databases()
    with refused("GlueEncryptionException", DECRYPT):
        glue.get_partitions(DatabaseName="sales", TableName="orders")


@pytest.mark.allows("glue.catalog.key-to-read")
def test_with_the_right_to_decrypt_it_is_read(encrypted: Encrypted) -> None:
    """kms:Decrypt by the caller's own policy is enough, where the key's policy leaves it to the account."""
    glue = encrypted.reader("kms:Decrypt")

    assert glue.get_table(DatabaseName="sales", Name="orders")["Table"]["Name"] == "orders"


@pytest.mark.refuses("glue.catalog.key-to-write")
def test_the_right_to_decrypt_does_not_write(encrypted: Encrypted) -> None:
    """A table is made by those alone who may encrypt, too."""
    glue = encrypted.reader("kms:Decrypt", "kms:Encrypt")

    with refused("GlueEncryptionException", "kms:GenerateDataKey"):
        glue.create_table(DatabaseName="sales", TableInput=table_input("more"))


@pytest.mark.allows("glue.catalog.key-to-write")
def test_with_all_rights_to_the_key_it_is_written(encrypted: Encrypted) -> None:
    """The three rights that AWS lists write a table."""
    glue = encrypted.reader(*ALL_OF_KMS)

    glue.create_table(DatabaseName="sales", TableInput=table_input("more"))

    assert glue.get_table(DatabaseName="sales", Name="more")["Table"]["Name"] == "more"


@pytest.mark.allows("glue.catalog.key-to-read", "glue.catalog.key-to-write")
def test_settings_and_policies_are_not_encrypted(encrypted: Encrypted) -> None:
    """Whoever has no right to the key still reads how the catalog is encrypted, and can change that."""
    glue = encrypted.reader()

    settings = glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]["EncryptionAtRest"]
    off = {"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"}}
    glue.put_data_catalog_encryption_settings(DataCatalogEncryptionSettings=off)

    assert settings["SseAwsKmsKeyId"] == encrypted.key
    assert glue.get_database(Name="sales")["Database"]["Name"] == "sales"


@pytest.mark.refuses("iam.key.allows", "glue.catalog.key-to-read")
def test_a_key_whose_policy_lets_nobody_in_keeps_an_administrator_out(
    encrypted: Encrypted, client: ClientMaker
) -> None:
    """The key's policy rules over everybody, also over those who may do everything in their account."""
    another = {"AWS": f"arn:aws:iam::{CONSUMER}:role/another"}
    keeper = {"Effect": "Allow", "Principal": another, "Action": "kms:*", "Resource": "*"}
    policy = document(keeper)
    client("kms", CONSUMER).put_key_policy(KeyId=encrypted.key, PolicyName="default", Policy=policy)

    with refused("GlueEncryptionException", "because no resource-based policy allows the kms:Decrypt action"):
        client("glue", CONSUMER).get_table(DatabaseName="sales", Name="orders")


@pytest.mark.allows("glue.catalog.key-to-read", "iam.key.allows")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kms:ViaService", f"glue.{REGION}.amazonaws.com"),
        ("kms:CallerAccount", CONSUMER),
        ("kms:EncryptionContext:glue_catalog_id", CONSUMER),
    ],
)
def test_a_key_policy_may_ask_what_for(encrypted: Encrypted, key: str, value: str) -> None:
    """Glue's calls to KMS have the keys by which a policy lets a role use the key through Glue alone."""
    glue = encrypted.reader()
    reader = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:role/caller"}, "Resource": "*"}
    encrypted.put_key_policy({**reader, "Action": "kms:Decrypt", "Condition": {"StringEquals": {key: value}}})

    assert glue.get_database(Name="sales")["Database"]["Name"] == "sales"


@pytest.mark.refuses("kms.key.enabled", "glue.catalog.key-to-read")
@pytest.mark.parametrize("end", ["disabled", "pending deletion"])
def test_a_key_out_of_use_closes_the_catalog(encrypted: Encrypted, client: ClientMaker, end: str) -> None:
    """Nobody reads what a key encrypts that is disabled or is to be deleted."""
    kms = client("kms", CONSUMER)
    if end == "disabled":
        kms.disable_key(KeyId=encrypted.key_id)
    else:
        kms.schedule_key_deletion(KeyId=encrypted.key_id)

    with refused("GlueEncryptionException", f"is {end}"):
        client("glue", CONSUMER).get_table(DatabaseName="sales", Name="orders")


@pytest.mark.allows("kms.key.enabled")
def test_a_key_that_is_enabled_again_opens_it(encrypted: Encrypted, client: ClientMaker) -> None:
    """What was closed by a disabled key is open as soon as that is enabled."""
    kms = client("kms", CONSUMER)
    kms.disable_key(KeyId=encrypted.key_id)
    kms.enable_key(KeyId=encrypted.key_id)

    assert client("glue", CONSUMER).get_table(DatabaseName="sales", Name="orders")["Table"]


@pytest.mark.refuses("glue.catalog.key-to-read")
def test_a_key_that_is_not_there_opens_nothing(encrypted: Encrypted, client: ClientMaker) -> None:
    """Settings may name a key that KMS does not know; nobody reads then."""
    encrypted.encrypt(SseAwsKmsKeyId="alias/nowhere")

    with refused("GlueEncryptionException", "NotFoundException"):
        client("glue", CONSUMER).get_database(Name="sales")


class TestAcrossAccounts:
    """Another account's catalog is read with a right to its key that both accounts give."""

    @pytest.fixture
    def shared(self, encrypted: Encrypted, client: ClientMaker) -> Encrypted:
        """The catalog lets the producer's account in by its policy."""
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{PRODUCER}:root"},
            "Action": "glue:*",
            "Resource": [f"arn:aws:glue:{REGION}:{CONSUMER}:{path}" for path in ("catalog", "database/*", "table/*/*")],
        }
        client("glue", CONSUMER).put_resource_policy(PolicyInJson=document(statement), EnableHybrid="TRUE")
        return encrypted

    def _let_in(self, shared: Encrypted) -> None:
        principal = {"AWS": f"arn:aws:iam::{PRODUCER}:root"}
        shared.put_key_policy({"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*"})

    @pytest.mark.allows("glue.catalog.key-to-read")
    def test_both_sides_open_it(self, shared: Encrypted) -> None:
        """The key's policy lets the other account in, whose IAM gives the right to the reader."""
        self._let_in(shared)

        glue = shared.reader("kms:Decrypt", account=PRODUCER)

        assert glue.get_table(CatalogId=CONSUMER, DatabaseName="sales", Name="orders")["Table"]

    @pytest.mark.refuses("glue.catalog.key-to-read", "iam.identity.allows")
    def test_the_key_s_policy_alone_does_not(self, shared: Encrypted) -> None:
        """Without a right of its own the reader is refused."""
        self._let_in(shared)

        with refused("GlueEncryptionException", DECRYPT):
            shared.reader(account=PRODUCER).get_table(CatalogId=CONSUMER, DatabaseName="sales", Name="orders")

    @pytest.mark.refuses("glue.catalog.key-to-read")
    def test_the_reader_s_own_right_alone_does_not(self, shared: Encrypted) -> None:
        """A key whose policy speaks of its own account only is closed to every other."""
        glue = shared.reader("kms:*", account=PRODUCER)

        with refused("GlueEncryptionException", "because no resource-based policy allows the kms:Decrypt action"):
            glue.get_table(CatalogId=CONSUMER, DatabaseName="sales", Name="orders")

    @pytest.mark.refuses("glue.catalog.key-to-read")
    def test_aws_s_own_key_opens_its_account_s_catalog_alone(self, shared: Encrypted) -> None:
        """Under the key that AWS keeps everybody of the account reads without a right to it, and nobody of another."""
        shared.encrypt()

        here, abroad = shared.reader(), shared.reader("kms:*", account=PRODUCER)

        assert here.get_table(DatabaseName="sales", Name="orders")["Table"]
        with refused("GlueEncryptionException", "because no resource-based policy"):
            abroad.get_table(CatalogId=CONSUMER, DatabaseName="sales", Name="orders")

    def test_a_link_does_not_show_a_target_whose_key_is_closed(self, shared: Encrypted, client: ClientMaker) -> None:
        """A link into an encrypted catalog shows, and its target's columns do not."""
        producer = client("glue", PRODUCER)
        producer.create_database(DatabaseInput={"Name": "links"})
        producer.create_table(DatabaseName="links", TableInput={"Name": "l", "TargetTable": link_to("orders")})

        link = shared.reader(account=PRODUCER).get_table(DatabaseName="links", Name="l")["Table"]

        assert "StorageDescriptor" not in link or not link["StorageDescriptor"].get("Columns")


class TestServiceRole:
    """Glue may use the key as a role of its own: then callers need no right to it."""

    def _name_role(self, encrypted: Encrypted, *actions: str, trust: dict[str, Any] = BY_GLUE) -> None:
        iam = encrypted.client("iam", CONSUMER)
        arn = iam.create_role(RoleName="catalog-key", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        if actions:
            allowed = document({"Effect": "Allow", "Action": list(actions), "Resource": "*"})
            iam.put_role_policy(RoleName="catalog-key", PolicyName="key", PolicyDocument=allowed)
        encrypted.encrypt(
            CatalogEncryptionMode="SSE-KMS-WITH-SERVICE-ROLE",
            CatalogEncryptionServiceRole=arn,
            SseAwsKmsKeyId=encrypted.key,
        )

    @pytest.mark.allows("glue.catalog.key-of-service-role", "glue.catalog.key-to-read", "glue.catalog.key-to-write")
    def test_the_role_s_rights_are_enough(self, encrypted: Encrypted) -> None:
        """A caller without any right to the key reads and writes."""
        self._name_role(encrypted, *ALL_OF_KMS)
        glue = encrypted.reader()

        glue.create_table(DatabaseName="sales", TableInput=table_input("more"))

        assert glue.get_table(DatabaseName="sales", Name="more")["Table"]

    @pytest.mark.refuses("glue.catalog.key-of-service-role")
    def test_the_caller_s_rights_are_not(self, encrypted: Encrypted) -> None:
        """Where the role may not use the key nobody reads, whatever their own rights."""
        self._name_role(encrypted)

        with refused("GlueEncryptionException", "catalog-key/glue is not authorized to perform: kms:Decrypt"):
            encrypted.reader("kms:*").get_database(Name="sales")

    @pytest.mark.refuses("glue.catalog.key-of-service-role")
    def test_glue_must_be_trusted(self, encrypted: Encrypted) -> None:
        """A role that another service may assume is of no use to Glue."""
        other = {**BY_GLUE, "Principal": {"Service": "lambda.amazonaws.com"}}
        self._name_role(encrypted, *ALL_OF_KMS, trust=other)

        with refused("GlueEncryptionException", "unable to assume the role"):
            encrypted.reader().get_database(Name="sales")


class TestGranting:
    """Lake Formation grants nothing in a catalog whose key the grantor may not use."""

    def _grant(self, encrypted: Encrypted, *actions: str) -> None:
        keys = keys_of_role(encrypted.client, CONSUMER, "grantor", "lakeformation:*", "glue:*", *actions)
        grantor = f"arn:aws:iam::{CONSUMER}:role/grantor"
        encrypted.client("lakeformation", CONSUMER).put_data_lake_settings(
            DataLakeSettings={"DataLakeAdmins": [{"DataLakePrincipalIdentifier": grantor}]}
        )
        encrypted.client("lakeformation", keys).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": grantor},
            Resource={"Table": {"DatabaseName": "sales", "Name": "orders"}},
            Permissions=["DROP"],
        )

    @pytest.mark.refuses("lakeformation.grant.catalog-key")
    def test_without_the_key(self, encrypted: Encrypted) -> None:
        """The refusal is the one that Lake Formation's troubleshooting page explains."""
        with refused("AccessDeniedException", "Insufficient encryption key permissions for Glue API"):
            self._grant(encrypted)

    @pytest.mark.allows("lakeformation.grant.catalog-key")
    def test_with_the_key(self, encrypted: Encrypted, box: Sandbox) -> None:
        """With kms:Decrypt the same grant is made."""
        self._grant(encrypted, "kms:Decrypt")

        grants = encrypted.client("lakeformation", CONSUMER).list_permissions()["PrincipalResourcePermissions"]
        assert any(row["Permissions"] == ["DROP"] for row in grants)


class TestThroughAthena:
    """Athena reads the catalog in its caller's name, and with the caller's right to the key."""

    @pytest.fixture
    def registry(self, box: Sandbox, client: ClientMaker) -> Registry:
        """A table that its reader may read, in a catalog that is encrypted after the grants."""
        registry = Registry(box, client)
        registry.create_role(OBJECTS, BUCKET)
        registry.register()
        key = client("kms", CONSUMER).create_key()["KeyMetadata"]["Arn"]
        Encrypted(client, key).encrypt(SseAwsKmsKeyId=key)
        return registry

    @pytest.mark.refuses("glue.catalog.key-to-read")
    def test_a_query_without_the_key_fails(self, registry: Registry) -> None:
        """Every other right does not make up for it."""
        asked = registry.ask()

        assert asked.state == "FAILED"
        assert "is not authorized to perform: kms:Decrypt" in asked.reason

    @pytest.mark.allows("glue.catalog.key-to-read")
    def test_a_query_with_the_key_is_answered(self, registry: Registry) -> None:
        """kms:Decrypt is what it takes to read."""
        registry.let_reader({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"})

        assert registry.ask().rows == ONE_AND_ALL

    @pytest.mark.refuses("glue.catalog.key-to-write")
    def test_a_table_is_not_made_without_more(self, registry: Registry) -> None:
        """CREATE TABLE AS SELECT writes to the catalog, and fails before it reads a file."""
        glue = {"Effect": "Allow", "Action": ["glue:CreateTable", "s3:PutObject"], "Resource": "*"}
        registry.let_reader({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}, glue)
        registry.lake.grant("arn:aws:iam::222222222222:role/reader", "CREATE_TABLE", Database={"Name": "lake"})

        asked = registry.ask("CREATE TABLE mine AS SELECT * FROM calls")

        assert "is not authorized to perform: kms:GenerateDataKey" in asked.reason
